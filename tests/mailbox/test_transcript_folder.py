"""A watched folder of transcripts: taken when whole, never from outside, never twice."""

import json
import os
import time
from datetime import UTC, datetime

import pytest

from triage_mailbox.accounts import TranscriptFolder, open_source
from triage_mailbox.ledger import LedgerState
from triage_mailbox.messages import SourceKind
from triage_mailbox.testing import MemoryLedger

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Customer>The lift is broken\n"


@pytest.fixture
def ledger():
    return MemoryLedger()


@pytest.fixture
def poll(tmp_path, ledger):
    sources = {}

    def once(settle_seconds=0.0, **options):
        account = TranscriptFolder(name="phones", path=str(tmp_path), settle_seconds=settle_seconds, **options)
        source = sources.setdefault(account, open_source(account))
        (report,) = source.poll(ledger, NOW).folders
        return report

    return once


def put(folder, name, content=VTT, age=0.0):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def test_a_transcript_and_its_facts_are_taken(tmp_path, ledger, poll):
    path = put(tmp_path, "march/call-1.vtt")
    put(tmp_path, "march/call-1.call.json", json.dumps({"call_id": "C-1"}).encode())
    report = poll()
    assert (report.discovered, report.stored, report.problem) == (1, 1, None)
    (message,) = ledger.messages
    assert (message.uid, message.name, message.kind) == ("march/call-1.vtt", "march/call-1.vtt", SourceKind.TRANSCRIPT)
    assert message.content == VTT
    assert json.loads(message.sidecar) == {"call_id": "C-1"}
    assert abs(message.received.timestamp() - path.stat().st_mtime) < 0.001


def test_a_second_round_takes_nothing(tmp_path, ledger, poll):
    put(tmp_path, "call-1.vtt")
    poll()
    assert poll().stored == 0
    assert len(ledger.messages) == 1


def test_a_file_just_changed_waits(tmp_path, ledger, poll):
    path = put(tmp_path, "call-1.vtt")
    put(tmp_path, "call-1.call.json", b"{}")
    assert poll(settle_seconds=30).stored == 0
    assert ledger.known("phones", "calls", 1) == {"call-1.vtt": LedgerState.DISCOVERED}
    os.utime(path, (time.time() - 31, time.time() - 31))
    assert poll(settle_seconds=30).stored == 1


@pytest.mark.parametrize("content", [b"", b'{"Transcript": [', VTT[:-25]])
def test_a_file_that_looks_half_written_waits_longer_and_is_then_kept(tmp_path, ledger, poll, content):
    path = put(tmp_path, "call-1.vtt", content, age=40)
    put(tmp_path, "call-1.call.json", b"{}")
    assert poll(settle_seconds=30).stored == 0
    os.utime(path, (time.time() - 301, time.time() - 301))
    assert poll(settle_seconds=30).stored == 1
    assert ledger.messages[0].content == content


def test_a_transcript_waits_for_its_facts(tmp_path, ledger, poll):
    put(tmp_path, "call-1.vtt", age=40)
    assert poll(settle_seconds=30).stored == 0
    put(tmp_path, "call-1.call.json", b"{}")
    assert poll(settle_seconds=30).stored == 1
    assert ledger.messages[0].sidecar == b"{}"


def test_a_file_dated_in_the_future_is_taken_once_it_rests(tmp_path, poll):
    put(tmp_path, "call-1.vtt", age=-86_400)
    put(tmp_path, "call-1.call.json", b"{}")
    assert poll(settle_seconds=0.2).stored == 0
    time.sleep(0.25)
    assert poll(settle_seconds=0.2).stored == 1


def test_links_hidden_files_and_other_kinds_are_passed_over(tmp_path, ledger, poll):
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    put(outside, "secret.vtt")
    (tmp_path / "link.vtt").symlink_to(outside / "secret.vtt")
    (tmp_path / "folder").symlink_to(outside)
    put(tmp_path, ".hidden.vtt")
    put(tmp_path, "sound.wav")
    put(tmp_path, "call.vtt.part")
    os.mkfifo(tmp_path / "pipe.vtt")
    report = poll()
    assert (report.discovered, report.stored, report.failed) == (0, 0, 0)
    assert ledger.messages == []


def test_facts_are_never_read_through_a_link(tmp_path, ledger, poll):
    outside = tmp_path.parent / f"{tmp_path.name}-secret"
    outside.write_bytes(b'{"from": "outside"}')
    put(tmp_path, "call-1.vtt")
    (tmp_path / "call-1.call.json").symlink_to(outside)
    poll()
    assert all(message.sidecar is None for message in ledger.messages)


def test_a_file_too_large_is_cut_and_says_so(tmp_path, ledger, poll):
    put(tmp_path, "call-1.vtt", VTT + b"x" * 5_000)
    poll(max_bytes=1_000)
    (message,) = ledger.messages
    assert (len(message.content), message.truncated_from) == (1_000, len(VTT) + 5_000)


def test_a_file_that_vanished_unread_is_gone(tmp_path, ledger, poll):
    path = put(tmp_path, "call-1.vtt")
    poll(settle_seconds=30)
    path.unlink()
    assert poll(settle_seconds=30).gone == 1
    assert ledger.known("phones", "calls", 1) == {"call-1.vtt": LedgerState.GONE}


def test_one_unreadable_file_stops_no_other(tmp_path, ledger, poll):
    put(tmp_path, "a" * 200 + ".vtt")
    put(tmp_path, "b.vtt")
    (tmp_path / "c.vtt").mkdir()
    report = poll()
    assert report.stored == 2


def test_a_folder_that_cannot_be_read_stops_no_other_and_makes_nothing_gone(tmp_path, ledger, poll, monkeypatch):
    put(tmp_path, "a/call-1.vtt")
    poll()
    put(tmp_path, "b/call-2.vtt")
    scandir = os.scandir

    def refuse(path):  # root, as whom these tests may run, is refused nothing by the system itself
        if str(path).endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = poll()
    assert "cannot be read: a." in report.problem
    assert (report.stored, report.gone) == (1, 0)


def test_a_missing_folder_is_a_problem_in_the_report(tmp_path, ledger):
    account = TranscriptFolder(name="phones", path=str(tmp_path / "nowhere"))
    (report,) = open_source(account).poll(ledger, NOW).folders
    assert "nowhere" in report.problem
