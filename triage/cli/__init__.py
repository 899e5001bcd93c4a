"""The commands, thin: each reads its arguments, builds the service and calls one thing."""

import logging
import sys
from importlib.metadata import version
from typing import Annotated

import structlog
import typer

from triage.cli.audit import audit_app
from triage.cli.files import import_rows, rehearse, replay, score
from triage.cli.keeping import own_records, retention_app
from triage.cli.models import models_app, train
from triage.cli.quarantine import quarantine_app
from triage.cli.service import demo, doctor, invite, run, serve, taking_in
from triage.cli.tokens import token_app
from triage.cli.users import user_app

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they could hold a message's words
    help="Triage of customer contacts for human review. It never acts on a customer.",
)
for command in (score, replay, rehearse, run, serve, doctor, invite, demo, train):
    app.command()(command)
app.command("import")(import_rows)
app.command("own-records")(own_records)
app.command("taking-in", hidden=True)(taking_in)
app.add_typer(models_app, name="models")
app.add_typer(audit_app, name="audit")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(token_app, name="token")
app.add_typer(user_app, name="user")
app.add_typer(retention_app, name="retention")


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"triage {version('triage')}")
        raise typer.Exit


@app.callback()
def _start(
    verbose: Annotated[bool, typer.Option("--verbose", help="Log each step (ids only, never words).")] = False,
    release: Annotated[
        bool, typer.Option("--version", help="Say the version.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    level = logging.INFO if verbose else logging.WARNING
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.add_log_level,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # the stream of the moment: it may be replaced
    )
