"""Maildir and mbox: read-only, a changed flag is no new message, one bad folder stops no other."""

import mailbox
import os
import time
from datetime import UTC, datetime

import pytest

from triage_mailbox.accounts import MaildirAccount, MboxAccount, open_source
from triage_mailbox.errors import SettingError
from triage_mailbox.ledger import LedgerState
from triage_mailbox.messages import FolderRole
from triage_mailbox.testing import MemoryLedger, build_mail

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def ledger():
    return MemoryLedger()


@pytest.fixture
def maildir(tmp_path):
    for part in ("new", "cur", "tmp"):
        (tmp_path / "Inbox" / part).mkdir(parents=True)
    return tmp_path / "Inbox"


def put(maildir, name, content=None, part="new"):
    path = maildir / part / name
    path.write_bytes(build_mail() if content is None else content)
    return path


def account(*paths, **options):
    return MaildirAccount(name="help", folders=tuple((str(path), FolderRole.INBOX) for path in paths), **options)


def poll(settings, ledger):
    return open_source(settings).poll(ledger, NOW).folders


def tree(folder):
    return sorted((path.relative_to(folder).as_posix(), path.stat().st_size) for path in folder.rglob("*"))


def test_mail_in_new_and_cur_is_taken_and_nothing_is_moved(maildir, ledger):
    put(maildir, "1772442000.M1P1.host", b"Subject: a\n\na\n")
    put(maildir, "1772442001.M1P1.host:2,S", b"Subject: b\n\nb\n", "cur")
    before = tree(maildir)
    (report,) = poll(account(maildir), ledger)
    assert (report.folder, report.discovered, report.stored, report.uidvalidity) == ("Inbox", 2, 2, 1)
    assert tree(maildir) == before
    assert {message.content for message in ledger.messages} == {b"Subject: a\n\na\n", b"Subject: b\n\nb\n"}
    assert {message.uid for message in ledger.messages} == {"1772442000.M1P1.host", "1772442001.M1P1.host"}
    assert min(message.received for message in ledger.messages) == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_flag_that_changes_makes_no_new_message(maildir, ledger):
    path = put(maildir, "1772442000.M1P1.host")
    poll(account(maildir), ledger)
    path.rename(maildir / "cur" / "1772442000.M1P1.host:2,RS")
    (report,) = poll(account(maildir), ledger)
    assert (report.discovered, report.stored, report.gone) == (0, 0, 0)
    assert len(ledger.messages) == 1


def test_a_name_without_a_time_takes_the_files(maildir, ledger):
    path = put(maildir, "odd-name")
    os.utime(path, (1_772_442_000, 1_772_442_000))
    poll(account(maildir), ledger)
    assert ledger.messages[0].received == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_what_was_deleted_before_it_was_read_is_gone(maildir, ledger):
    put(maildir, "1.a.host")
    ledger.discover("help", "Inbox", 1, ["2.b.host"], NOW)
    (report,) = poll(account(maildir), ledger)
    assert (report.stored, report.gone) == (1, 1)
    assert ledger.known("help", "Inbox", 1)["2.b.host"] is LedgerState.GONE


def test_an_empty_file_is_not_a_message_and_stops_no_other(maildir, ledger):
    put(maildir, "1.a.host", b"")
    put(maildir, "2.b.host")
    (report,) = poll(account(maildir), ledger)
    assert (report.stored, report.failed) == (1, 1)
    assert ledger.known("help", "Inbox", 1)["1.a.host"] is LedgerState.DISCOVERED


def test_a_message_too_large_is_cut_and_says_so(maildir, ledger):
    put(maildir, "1.a.host", build_mail("x" * 50_000))
    poll(account(maildir, max_bytes=10_000, keep_bytes=2_000), ledger)
    (message,) = ledger.messages
    assert len(message.content) == 2_000
    assert message.truncated_from > 50_000


def test_a_missing_folder_stops_no_other(maildir, tmp_path, ledger):
    put(maildir, "1.a.host")
    missing, found = poll(account(tmp_path / "Nowhere", maildir), ledger)
    assert "no Maildir" in missing.problem
    assert found.stored == 1


def test_two_folders_of_one_name_are_refused(tmp_path):
    with pytest.raises(SettingError, match="named twice"):
        account(tmp_path / "a" / "Inbox", tmp_path / "b" / "Inbox")


@pytest.fixture
def mbox(tmp_path):
    path = tmp_path / "old.mbox"
    box = mailbox.mbox(path)
    for number in range(3):
        message = mailbox.mboxMessage(build_mail(f"Letter {number}", message_id=f"<{number}@x.example>"))
        message.set_from("ada@x.example", time.gmtime(1_772_442_000 + number))
        box.add(message)
    box.close()
    os.utime(path, (1_772_500_000, 1_772_500_000))
    return path


def old(path, **options):
    return MboxAccount(name="old", folders=((str(path), FolderRole.SENT),), **options)


def test_an_mbox_is_read_and_not_changed(mbox, ledger):
    before = mbox.read_bytes()
    (report,) = poll(old(mbox), ledger)
    assert (report.stored, report.problem) == (3, None)
    assert mbox.read_bytes() == before
    assert mbox.stat().st_mtime == 1_772_500_000
    assert [b"Letter 1" in message.content for message in ledger.messages] == [False, True, False]
    assert ledger.messages[0].content.startswith(b"Subject: Lift")
    assert ledger.messages[0].received == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert {message.role for message in ledger.messages} == {FolderRole.SENT}


def test_removing_a_message_or_changing_its_status_makes_no_new_one(mbox, ledger):
    poll(old(mbox), ledger)
    box = mailbox.mbox(mbox)
    box.remove(0)
    read = box[1]
    read.set_flags("RO")
    box[1] = read
    box.close()
    os.utime(mbox, (1_772_500_001, 1_772_500_001))
    (report,) = poll(old(mbox), ledger)
    assert (report.stored, report.discovered, report.gone) == (0, 0, 1)


def test_equal_messages_are_both_kept(tmp_path, ledger):
    path = tmp_path / "twice.mbox"
    path.write_bytes((b"From a@x.example Mon Mar  2 09:00:00 2026\n" + build_mail() + b"\n") * 2)
    os.utime(path, (1_772_500_000, 1_772_500_000))
    (report,) = poll(old(path), ledger)
    assert report.stored == 2


def test_the_last_message_of_an_mbox_being_written_waits(mbox, ledger):
    os.utime(mbox)
    (report,) = poll(old(mbox, settle_seconds=60), ledger)
    assert report.stored == 2
    os.utime(mbox, (1_772_500_000, 1_772_500_000))
    assert poll(old(mbox, settle_seconds=60), ledger)[0].stored == 1


def test_an_mbox_being_written_makes_nothing_gone(mbox, ledger):
    poll(old(mbox), ledger)
    os.utime(mbox)
    (report,) = poll(old(mbox, settle_seconds=60), ledger)
    assert (report.gone, report.stored) == (0, 0)
    assert ledger.counts("old", "old.mbox").on_server == 3


@pytest.mark.parametrize("content", [b"no mbox at all\n" * 10, b"\0\0\0\0\0\0"])
def test_a_file_that_is_no_mbox_is_a_problem_in_the_report(tmp_path, ledger, content):
    path = tmp_path / "odd.mbox"
    path.write_bytes(content)
    (report,) = poll(old(path), ledger)
    assert "no mbox file" in report.problem
