"""A watched place of transcripts, here, on an SFTP server or in a store: taken when whole, never from outside, never twice."""

import importlib.util
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from triage_mailbox.accounts import ObjectStore, Secret, SftpPlace, TranscriptFolder, open_source
from triage_mailbox.ledger import LedgerState
from triage_mailbox.messages import SourceKind
from triage_mailbox.testing import MemoryLedger

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Customer>The lift is broken\n"
OTHER = VTT.replace(b"lift", b"door")
LONG_AGO = 100_000.0


@pytest.fixture
def ledger():
    return MemoryLedger()


class Here:
    """A folder of this machine."""

    def __init__(self, root):
        self.root = root

    def options(self):
        return {"path": str(self.root)}

    def put(self, name, content=VTT, age=LONG_AGO):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (time.time() - age, time.time() - age))
        return path

    def remove(self, name):
        (self.root / name).unlink()

    def names(self):
        return {path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file()}

    def untouched(self):
        return True


class Sftp(Here):
    """The same folder behind an SFTP server."""

    def __init__(self, root, server):
        super().__init__(root)
        self.server = server

    def options(self, **changes):
        place = {
            "host": "127.0.0.1",
            "port": self.server.port,
            "user": "calls",
            "password": Secret.of("a-test-password"),
            "known_hosts": str(self.server.known_hosts),
        }
        return {"path": "/", "place": SftpPlace(**{**place, **changes})}

    def untouched(self):
        return self.server.writes == []


class Store(Here):
    """fsspec's store in memory: no links, no owners, other facts about a file than a disk has."""

    def __init__(self):
        import fsspec

        self.files = fsspec.filesystem("memory")
        self.files.store.clear()

    def options(self):
        return {"path": "/drop", "place": ObjectStore(protocol="memory")}

    def put(self, name, content=VTT, age=LONG_AGO):
        self.files.pipe_file(f"/drop/{name}", content)

    def remove(self, name):
        self.files.rm(f"/drop/{name}")

    def names(self):
        return {name.removeprefix("/drop/") for name in self.files.find("/drop")}


class S3(Store):
    """A bucket of a server that speaks S3, through s3fs."""

    def __init__(self, endpoint):
        import s3fs

        self.endpoint = endpoint
        self.files = s3fs.S3FileSystem(
            key="a-test-key",
            secret="a-test-secret",
            endpoint_url=endpoint,
            skip_instance_cache=True,
            use_listings_cache=False,
        )
        if self.files.exists("drop"):
            self.files.rm("drop", recursive=True)
        self.files.mkdir("drop")

    def options(self):
        place = ObjectStore(protocol="s3", key="a-test-key", secret=Secret.of("a-test-secret"), endpoint=self.endpoint)
        return {"path": "drop", "place": place}

    def put(self, name, content=VTT, age=LONG_AGO):
        self.files.pipe_file(f"drop/{name}", content)

    def remove(self, name):
        self.files.rm(f"drop/{name}")

    def names(self):
        return {name.removeprefix("drop/") for name in self.files.find("drop")}


def _needs(module):
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is missing: install the extra that brings it")


@pytest.fixture
def sftp(tmp_path):
    _needs("paramiko")
    _needs("fsspec")
    from tests.mailbox.sftp_server import SftpServer

    (tmp_path / "drop").mkdir()
    with SftpServer(tmp_path / "drop", tmp_path) as server:
        yield Sftp(tmp_path / "drop", server)


@pytest.fixture(scope="module")
def s3_endpoint():
    _needs("s3fs")
    _needs("moto")
    from tests.mailbox.s3_server import s3_server

    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture(params=["here", "sftp", "store", "s3"])
def place(request, tmp_path):
    if request.param == "here":
        (tmp_path / "drop").mkdir()
        return Here(tmp_path / "drop")
    if request.param == "sftp":
        return request.getfixturevalue("sftp")
    if request.param == "s3":
        return S3(request.getfixturevalue("s3_endpoint"))
    _needs("fsspec")
    return Store()


@pytest.fixture
def here(tmp_path):
    (tmp_path / "here").mkdir()
    return Here(tmp_path / "here")


def poller(place, ledger):
    """One source of the place for each set of settings, as a running service would keep it."""
    sources = {}

    def once(settle_seconds=0.0, **options):
        account = TranscriptFolder(name="phones", settle_seconds=settle_seconds, **{**place.options(), **options})
        key = repr((settle_seconds, sorted(options)))
        source = sources.setdefault(key, open_source(account))
        (report,) = source.poll(ledger, NOW).folders
        return report

    return once


@pytest.fixture
def poll(place, ledger):
    return poller(place, ledger)


def names(ledger):
    return [message.name for message in ledger.messages]


# what holds for every place


def test_a_transcript_and_its_facts_are_taken(place, ledger, poll):
    place.put("march/call-1.vtt")
    place.put("march/call-1.call.json", json.dumps({"call_id": "C-1"}).encode())
    report = poll()
    assert (report.discovered, report.stored, report.problem) == (1, 1, None)
    (message,) = ledger.messages
    assert (message.name, message.kind) == ("march/call-1.vtt", SourceKind.TRANSCRIPT)
    assert message.uid.startswith("march/call-1.vtt@")
    assert message.content == VTT
    assert json.loads(message.sidecar) == {"call_id": "C-1"}
    assert message.received.tzinfo is not None


def test_a_second_round_takes_nothing_and_nothing_is_changed_at_the_source(place, ledger, poll):
    place.put("call-1.vtt")
    before = place.names()
    poll()
    assert poll().stored == 0
    assert len(ledger.messages) == 1
    assert place.names() == before
    assert place.untouched()


def test_a_service_started_again_takes_nothing_twice(place, ledger):
    place.put("call-1.vtt")
    poller(place, ledger)()
    assert poller(place, ledger)().stored == 0
    assert len(ledger.messages) == 1


def test_another_file_under_the_same_name_is_a_new_version_and_the_earlier_bytes_stay(place, ledger, poll):
    place.put("call-1.vtt")
    poll()
    place.put("call-1.vtt", OTHER + b"and more\n", age=LONG_AGO - 60)
    assert poll().stored == 1
    assert names(ledger) == ["call-1.vtt", "call-1.vtt"]
    assert [message.content for message in ledger.messages] == [VTT, OTHER + b"and more\n"]
    assert len({message.uid for message in ledger.messages}) == 2
    assert poll().stored == 0
    assert ledger.counts("phones", "calls").on_server == 1


def test_with_a_done_suffix_a_file_is_taken_when_it_is_said_to_be_done(place, ledger, poll):
    place.put("call-1.vtt", age=0)
    place.put("call-2.vtt", age=0)
    place.put("call-2.vtt.done", b"", age=0)
    assert poll(settle_seconds=3600, done_suffix=".done").stored == 1
    assert names(ledger) == ["call-2.vtt"]


def test_a_file_that_looks_half_written_waits(place, ledger, poll):
    place.put("call-1.json", b'{"Transcript": [', age=0)
    assert poll(settle_seconds=30).stored == 0
    assert ledger.messages == []


def test_hidden_files_and_other_kinds_are_passed_over(place, ledger, poll):
    for name in (".hidden.vtt", ".folder/call.vtt", "sound.wav", "call.vtt.part", "call-9.call.json"):
        place.put(name)
    report = poll()
    assert (report.discovered, report.stored, report.failed) == (0, 0, 0)
    assert ledger.messages == []


def test_a_file_too_large_is_cut_and_says_so(place, ledger, poll):
    place.put("call-1.vtt", VTT + b"x" * 5_000)
    poll(max_bytes=1_000)
    (message,) = ledger.messages
    assert (len(message.content), message.truncated_from) == (1_000, len(VTT) + 5_000)


def test_a_file_that_vanished_unread_is_gone(place, ledger, poll):
    place.put("call-1.vtt", b"WEBVTT\n\n")
    place.put("call-2.vtt")
    poll(settle_seconds=30) if isinstance(place, Store) else poll(settle_seconds=30_000)
    place.remove("call-1.vtt")
    report = poll(settle_seconds=30) if isinstance(place, Store) else poll(settle_seconds=30_000)
    known = {uid.split("@")[0]: state for uid, state in ledger.known("phones", "calls", 1).items()}
    if isinstance(place, Store):  # nothing there has come to rest yet, so nothing is in the ledger to be gone
        assert known == {}
    else:
        assert report.gone == 1
        assert known["call-1.vtt"] is LedgerState.GONE


def test_what_cannot_be_reached_is_a_problem_in_the_report(place, ledger):
    report = poller(place, ledger)(path="/nowhere/at/all")
    assert report.problem and "nowhere" in report.problem
    assert report.stored == 0


# a folder of this machine


def test_a_file_just_changed_waits(here, ledger):
    poll = poller(here, ledger)
    path = here.put("call-1.vtt", age=0)
    here.put("call-1.call.json", b"{}")
    assert poll(settle_seconds=30).stored == 0
    os.utime(path, (time.time() - 31, time.time() - 31))
    assert poll(settle_seconds=30).stored == 1


@pytest.mark.parametrize("content", [b"", b'{"Transcript": [', VTT[:-25]])
def test_a_file_that_looks_half_written_waits_longer_and_is_then_kept(here, ledger, content):
    poll = poller(here, ledger)
    path = here.put("call-1.vtt", content, age=40)
    here.put("call-1.call.json", b"{}")
    assert poll(settle_seconds=30).stored == 0
    os.utime(path, (time.time() - 301, time.time() - 301))
    assert poll(settle_seconds=30).stored == 1
    assert ledger.messages[0].content == content


def test_a_transcript_waits_for_its_facts_but_a_vcon_has_its_own(here, ledger):
    poll = poller(here, ledger)
    here.put("call-1.vtt", age=40)
    vcon = (Path(__file__).parent / "transcript_samples/vcon_texts.json").read_bytes()
    here.put("call-2.vcon.json", vcon, age=40)
    poll(settle_seconds=30)
    assert names(ledger) == ["call-2.vcon.json"]
    here.put("call-1.call.json", b"{}")
    assert poll(settle_seconds=30).stored == 1
    assert ledger.messages[1].sidecar == b"{}"


def test_a_file_dated_in_the_future_is_taken_once_it_rests(here, ledger):
    poll = poller(here, ledger)
    here.put("call-1.vtt", age=-86_400)
    here.put("call-1.call.json", b"{}")
    assert poll(settle_seconds=0.2).stored == 0
    time.sleep(0.25)
    assert poll(settle_seconds=0.2).stored == 1


def test_links_and_pipes_are_passed_over(here, ledger, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.vtt").write_bytes(VTT)
    (here.root / "link.vtt").symlink_to(outside / "secret.vtt")
    (here.root / "folder").symlink_to(outside)
    os.mkfifo(here.root / "pipe.vtt")
    report = poller(here, ledger)()
    assert (report.discovered, report.stored, report.failed) == (0, 0, 0)
    assert ledger.messages == []


def test_facts_are_never_read_through_a_link(here, ledger, tmp_path):
    (tmp_path / "secret").write_bytes(b'{"from": "outside"}')
    here.put("call-1.vtt")
    (here.root / "call-1.call.json").symlink_to(tmp_path / "secret")
    poller(here, ledger)()
    assert [message.sidecar for message in ledger.messages] == [None]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_a_file_of_another_user_is_left_alone_and_told(here, ledger):
    path = here.put("call-1.vtt")
    here.put("call-2.vtt")
    os.chown(path, 12_345, 12_345)
    report = poller(here, ledger)()
    assert names(ledger) == ["call-2.vtt"]
    assert "another user" in report.problem and "call-1.vtt" in report.problem
    os.chown(here.root, 12_345, 12_345)
    assert poller(here, ledger)().stored == 1


def test_a_done_file_that_does_not_come_is_told(here, ledger):
    here.put("call-1.vtt")
    account = TranscriptFolder(name="phones", path=str(here.root), done_suffix=".done")
    (report,) = open_source(account).poll(ledger, datetime.now(UTC)).folders
    assert "call-1.vtt" in report.problem and ".done" in report.problem


def test_one_unreadable_file_stops_no_other(here, ledger):
    here.put("a" * 200 + ".vtt")
    here.put("b.vtt")
    (here.root / "c.vtt").mkdir()
    assert poller(here, ledger)().stored == 2


def test_a_folder_that_cannot_be_read_stops_no_other_and_makes_nothing_gone(here, ledger, monkeypatch):
    poll = poller(here, ledger)
    here.put("a/call-1.vtt")
    poll()
    here.put("b/call-2.vtt")
    scandir = os.scandir

    def refuse(path):  # root, as whom these tests may run, is refused nothing by the system itself
        if str(path).endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = poll()
    assert "cannot be read: a." in report.problem
    assert (report.stored, report.gone) == (1, 0)


# an SFTP server


def test_an_sftp_server_with_another_key_gets_no_password(sftp, ledger, tmp_path):
    from paramiko import RSAKey

    wrong = tmp_path / "wrong"
    wrong.write_text(f"[127.0.0.1]:{sftp.server.port} ssh-rsa {RSAKey.generate(2048).get_base64()}\n")
    sftp.put("call-1.vtt")
    report = poller(sftp, ledger)(**sftp.options(known_hosts=str(wrong)))
    assert "cannot be reached or refused" in report.problem
    assert ledger.messages == []
    assert sftp.server.asked == []


def test_an_unknown_sftp_server_and_a_wrong_password_are_refused_in_a_sentence(sftp, ledger, tmp_path):
    (tmp_path / "none").write_text("")
    for change in ({"known_hosts": str(tmp_path / "none")}, {"password": Secret.of("wrong-secret")}):
        report = poller(sftp, ledger)(**sftp.options(**change))
        assert "127.0.0.1" in report.problem
        assert "wrong-secret" not in report.problem
    assert ledger.messages == []


def test_links_on_an_sftp_server_are_not_followed(sftp, ledger, tmp_path):
    (tmp_path / "outside.vtt").write_bytes(VTT)
    (sftp.root / "link.vtt").symlink_to(tmp_path / "outside.vtt")
    (sftp.root / "folder").symlink_to(tmp_path)
    sftp.put("call-1.vtt")
    assert poller(sftp, ledger)().stored == 1
    assert names(ledger) == ["call-1.vtt"]


def test_a_server_that_is_gone_is_told_and_taken_up_again(sftp, ledger):
    poll = poller(sftp, ledger)
    sftp.put("call-1.vtt")
    poll()
    sftp.server.__exit__()
    report = poll()
    assert report.problem and report.gone == 0
    assert list(ledger.known("phones", "calls", 1).values()) == [LedgerState.STORED]
