"""Where transcripts lie is one of three places, and each setting reaches the source that polls it."""

import pytest

from triage.bootstrap import open_sources
from triage.config import read_settings
from triage.domain.errors import SettingsError
from triage.testing import NOW
from triage_mailbox.testing import MemoryLedger

SFTP = '[calls.sftp]\nhost = "127.0.0.1"\nport = 1\nuser = "u"\nknown_hosts = "hosts"\npassword_file = "pw"\nfolder = "/drop"\n'


def settings(folder, text):
    path = folder / "triage.toml"
    path.write_text(f'[[calls]]\nname = "calls"\n{text}')
    return read_settings(path)


def test_paths_of_a_place_are_relative_to_the_settings_file(tmp_path):
    (calls,) = settings(tmp_path, SFTP).calls
    assert calls.sftp.known_hosts == tmp_path / "hosts"
    assert calls.sftp.password_file == tmp_path / "pw"
    (calls,) = settings(tmp_path, 'path = "in"\ndone_suffix = ".done"\n').calls
    assert (calls.path, calls.done_suffix) == (tmp_path / "in", ".done")


@pytest.mark.parametrize("text", ["", f'path = "x"\n{SFTP}', 'path = "x"\n[calls.store]\nfolder = "b"\n'])
def test_calls_lie_in_one_place_and_one_only(tmp_path, text):
    with pytest.raises(SettingsError, match="one of path, sftp and store"):
        settings(tmp_path, text)


def test_a_server_that_is_not_there_is_told_in_the_round_and_no_password_is_read_aloud(tmp_path):
    (tmp_path / "hosts").write_text("")
    (tmp_path / "pw").write_text("zebra-secret\n")
    (source,) = open_sources(settings(tmp_path, SFTP))
    (problem,) = source.poll(MemoryLedger(), NOW).problems
    assert "127.0.0.1" in problem
    assert "zebra-secret" not in problem


def test_a_store_in_memory_is_polled_like_a_folder(tmp_path):
    fsspec = pytest.importorskip("fsspec")
    fsspec.filesystem("memory").pipe_file(
        "/calls/one.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Customer>The lift is broken\n"
    )
    text = 'settle_seconds = 0\n[calls.store]\nprotocol = "memory"\nfolder = "/calls"\n'
    (source,) = open_sources(settings(tmp_path, text))
    assert source.poll(MemoryLedger(), NOW).stored == 1


def test_a_store_whose_package_is_missing_names_the_extra(tmp_path):
    (source,) = open_sources(settings(tmp_path, '[calls.store]\nprotocol = "nosuchstore"\nfolder = "/calls"\n'))
    (problem,) = source.poll(MemoryLedger(), NOW).problems
    assert "nosuchstore" in problem
