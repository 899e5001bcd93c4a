"""Logs go to the error stream of the moment, carry ids and never words, and a closed stream of before stops nothing."""

import structlog
from typer.testing import CliRunner

from triage.cli import app


def test_logging_outlives_the_stream_that_the_command_line_started_with(capsys):
    assert CliRunner().invoke(app, ["policy-that-does-not-exist"]).exit_code == 2
    CliRunner().invoke(app, ["score", "--input", "/nowhere", "--output", "/nowhere"])
    structlog.get_logger().error("batch not read at once", contacts=3)
    assert "batch not read at once" in capsys.readouterr().err
