"""One round from the command line: its exit status says whether every source was read, and a sentence which was not."""

import pytest
from typer.testing import CliRunner

from triage.cli import app
from triage.intake import FolderReport, PollReport
from triage.jobs.rounds import not_reached

MAILDIR = '[[maildir]]\nname = "{name}@hall.example"\nfolders = [{{ name = "{folder}" }}]\n'
DEAD = '[[imap]]\nname = "dead@hall.example"\nhost = "127.0.0.1"\nport = 1\nuser = "u"\npassword_env = "DEAD"\nfolders = [{ name = "INBOX" }]\n'


@pytest.fixture
def once(tmp_path, monkeypatch):
    """Runs one round over these sources and gives its exit status and what it said, in one line."""
    monkeypatch.setenv("DEAD", "secret-canary")
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Inbox" / part).mkdir(parents=True)

    def run(*sources):
        settings = tmp_path / "triage.toml"
        settings.write_text("\n".join(['database = "sqlite:///t.sqlite"', *sources]), "utf-8")
        done = CliRunner().invoke(app, ["run", "--once", "-c", str(settings)])
        assert "Traceback" not in done.output and "canary" not in done.output
        return done.exit_code, " ".join(done.output.split())

    return run


def test_a_round_that_reads_every_source_ends_well(once):
    status, words = once(MAILDIR.format(name="a", folder="Inbox"))
    assert status == 0 and "could not be read" not in words


def test_a_round_without_sources_ends_well(once):
    assert once()[0] == 0


def test_a_mailbox_that_cannot_be_reached_ends_the_round_with_status_1_and_what_to_do(once):
    status, words = once(DEAD)
    assert status == 1
    assert "1 of 1 sources could not be read. dead@hall.example:" in words
    assert "No source was read in whole." in words and "triage doctor" in words


def test_one_failing_source_of_two_is_named_and_so_is_the_one_that_was_read(once):
    status, words = once(MAILDIR.format(name="a", folder="Inbox"), MAILDIR.format(name="b", folder="None"))
    assert status == 1
    assert "1 of 2 sources could not be read. b@hall.example:" in words
    assert "Read in whole: a@hall.example." in words


def test_a_server_that_says_the_same_of_each_folder_is_quoted_once_and_one_bad_folder_by_name():
    dead = [FolderReport(folder=name, problem="It does not answer.") for name in ("INBOX", "Sent")]
    assert not_reached([PollReport(account="a", folders=tuple(dead))]).count("It does not answer.") == 1
    half = PollReport(account="a", folders=(FolderReport(folder="INBOX"), dead[1]))
    assert "a: Sent: It does not answer." in not_reached([half])
