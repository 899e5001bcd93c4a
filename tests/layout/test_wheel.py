"""The built wheel works with no source beside it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.components import require

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    require("wheel")
    folder = tmp_path_factory.mktemp("wheel")
    run(
        UV, "build", "--wheel", "--quiet", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder, ROOT
    )
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment with the locked dependencies and the wheel; the checkout is nowhere on its path."""
    folder = tmp_path_factory.mktemp("installed")
    run(UV, "venv", "--quiet", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    run(UV, "pip", "sync", "--quiet", "--require-hashes", "--python", python, ROOT / "locks" / "core.txt")
    run(UV, "pip", "install", "--quiet", "--no-deps", "--python", python, wheel)
    return folder


def run(*command, cwd=None):
    environment = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd or "/", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.wheel
def test_the_wheel_holds_four_packages_and_nothing_of_the_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if not name.startswith("triage-")} == {
        "triage",
        "triage_mailbox",
        "triage_models",
        "triage_training",
    }
    assert any(name.endswith("model.npz") for name in names)
    assert any(name.endswith("migrations/env.py") for name in names)


@pytest.mark.wheel
def test_the_wheel_scores_reads_a_history_and_keeps_it(installed, tmp_path):
    contacts, history = tmp_path / "contacts.jsonl", tmp_path / "history.jsonl"
    contacts.write_text('{"id": "a", "channel": "sms", "text": "I will kill you, I know where you park."}\n')
    history.write_text(
        '{"kind": "contact", "id": "a", "at": "2026-05-05T10:00", "direction": "in", "channel": "sms", "route": "x", "text": "I will kill you, I know where you park."}\n'
    )
    triage = installed / "bin" / "triage"
    run(triage, "score", "--input", contacts, "--output", tmp_path / "out.jsonl", cwd=tmp_path)
    run(
        triage,
        "replay",
        "--input",
        history,
        "--flags",
        tmp_path / "flags.jsonl",
        "--links",
        tmp_path / "links.jsonl",
        cwd=tmp_path,
    )
    assert '"flagged": ["A1"' in (tmp_path / "out.jsonl").read_text()
    assert '"code": "A1"' in (tmp_path / "flags.jsonl").read_text()


@pytest.mark.wheel
def test_the_installed_packages_leave_the_standard_librarys_mailbox_alone(installed, tmp_path):
    code = "import mailbox, triage_mailbox, triage.web.app; from importlib.resources import files; print(mailbox.Maildir.__module__, files('triage.web').joinpath('templates').is_dir())"
    assert run(installed / "bin" / "python", "-I", "-c", code, cwd=tmp_path).split() == ["mailbox", "True"]
