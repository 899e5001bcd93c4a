"""Taking in beside the pages in a process of its own: what pages ask of it, its end and its new start, and the end of both."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from tests.service.hall import SETTINGS, make_folder, put_mail
from triage.bootstrap import ground
from triage.config import read_settings
from triage.domain.errors import ConflictError, InputError, NotFoundError
from triage.domain.ruling import Ruling, RulingKind
from triage.jobs import beside
from triage.jobs.beside import ReaderBeside, TakingIn, command
from triage.reports.intake import intake_page

NOW = datetime(2026, 5, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("beside")
    make_folder(folder)
    (folder / "models").mkdir()
    entry = {"act": "promoted", "name": "heads", "version": "9", "seal": None, "by": "Ana", "at": "2026-05-05"}
    (folder / "models" / "champion.json").write_text(json.dumps({"history": [entry]}))  # refused: rules load faster
    (folder / "triage.toml").write_text(f'models = "models"\n{SETTINGS}')
    return folder


def until(is_so, seconds=90.0):
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it did not come about in time"
        time.sleep(0.05)


def taken(store):
    with store.read() as unit:
        return unit.contacts.counts()["in"]


def is_there(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def going(place):
    """The pages' side, with the real process beside it."""
    found = ground(read_settings(place / "triage.toml"))
    intake = TakingIn(found.settings, found.clock, command("taking-in"))
    assert "being started" in intake.problem
    with pytest.raises(ConflictError, match="not up"):
        intake.undo("r-1", "Ana")
    with intake.running():
        until(lambda: intake.problem is None)
        yield intake, found.store
    assert not is_there(intake.pid)
    found.store.close()


def test_mail_is_taken_in_by_the_other_process_and_its_sources_are_known_here(going, place):
    intake, store = going
    put_mail(place, 1)
    until(lambda: taken(store) == 1)
    until(lambda: intake.sources()[0].stored == 1)
    [source] = intake.sources()
    assert (source.account, source.kind, source.folders) == ("repairs@hall.example", "Maildir", ("Inbox",))
    assert source.rounds >= 1 and source.problems == ()
    page = intake_page(store, datetime.now(UTC), intake)
    assert page.problem is None and [row.stored for row in page.folders] == [1]


def test_what_pages_ask_is_done_there_and_refused_with_the_same_words(going):
    intake, store = going
    assert intake.retry(None, "Ana") == (0, 0, 0)
    with pytest.raises(InputError, match="no message 77"):
        intake.retry([77], "Ana")
    with pytest.raises(NotFoundError, match="no such ruling"):
        intake.undo("r-1", "Ana")
    with pytest.raises(NotFoundError, match="no such contact"):
        intake.rule(Ruling(id="r-1", kind=RulingKind.FROM, at=NOW, by="Ana", contacts=("c-9",), person="T-1"))
    with store.read() as unit:
        [entry] = [entry for entry in unit.audit.entries() if entry.action == "quarantine.retried"]
    assert entry.actor == "Ana"


def test_the_model_over_there_is_asked_and_taken_up_anew_from_here(going, place):
    intake, store = going
    reader, pointer = ReaderBeside(intake), place / "models" / "champion.json"
    assert "only the safety and hazard rules read contacts" in reader.problem
    with store.read() as unit:
        [placed] = unit.contacts.all()
    assert reader.without(placed.contact, "A1") is None  # rules cannot say
    before = reader.problem
    pointer.write_text(pointer.read_text().replace('"9"', '"10"'))
    reader.reload()
    assert before != reader.problem and "10" in reader.problem


def test_a_killed_process_is_told_of_and_started_again_and_mail_goes_on(going, place):
    intake, store = going
    before = intake.pid
    os.kill(before, signal.SIGKILL)
    until(lambda: intake.problem is not None)
    until(lambda: "SIGKILL" in (intake.problem or ""))
    assert "SIGKILL" in intake_page(store, datetime.now(UTC), intake).problem
    assert intake.problems()[0] == intake.problem
    put_mail(place, 2)
    until(lambda: intake.problem is None and taken(store) == 2)
    assert intake.pid != before
    assert intake.starts == 2


def test_a_process_that_hangs_is_ended_and_started_again(going):
    intake, _ = going
    until(lambda: intake.problem is None)
    before, intake.hangs_after = intake.pid, 3
    os.kill(before, signal.SIGSTOP)
    until(lambda: "it hung" in (intake.problem or ""))
    intake.hangs_after = beside.HANGS_AFTER
    assert not is_there(before)
    until(lambda: intake.problem is None)
    assert intake.pid != before


def test_a_model_that_is_put_in_use_elsewhere_is_taken_up(going, place):
    intake, _ = going
    reader, pointer = ReaderBeside(intake), place / "models" / "champion.json"
    pointer.write_text(pointer.read_text().replace('"10"', '"11"'))
    until(lambda: "11" in (reader.problem or ""))


def test_pauses_between_starts_grow_and_what_was_asked_meanwhile_is_refused(place, monkeypatch):
    pauses = []
    monkeypatch.setattr(beside, "LONGEST_PAUSE", 0.02)
    found = ground(read_settings(place / "triage.toml"))
    intake = TakingIn(found.settings, found.clock, [sys.executable, "-c", "import sys; sys.exit(3)"])
    with intake.running():
        until(lambda: intake.starts > 3)
        pauses.append(intake.problem)
        with pytest.raises(ConflictError, match="not up"):
            intake.retry(None, "Ana")
    assert "exit status 3" in pauses[0]
    assert [beside.pause_before(ends) for ends in (1, 2, 3)] == [0.02, 0.02, 0.02]
    found.store.close()


PAGES = """
import sys, time
from pathlib import Path
from triage.bootstrap import ground
from triage.config import read_settings
from triage.jobs.beside import TakingIn, command
found = ground(read_settings(Path(sys.argv[1])))
intake = TakingIn(found.settings, found.clock, command("taking-in"))
with intake.running():
    while intake.problem is not None:
        time.sleep(0.05)
    print(intake.pid, flush=True)
    time.sleep(600)
"""


def test_where_the_pages_are_killed_nothing_is_left_behind(place):
    pages = subprocess.Popen([sys.executable, "-c", PAGES, place / "triage.toml"], stdout=subprocess.PIPE, text=True)
    other = int(pages.stdout.readline())
    assert is_there(other)
    pages.kill()
    pages.wait()
    until(lambda: not is_there(other), 30)
