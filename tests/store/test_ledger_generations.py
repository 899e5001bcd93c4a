"""A folder that gets another UIDVALIDITY is a new generation: what is known by its bytes tells nobody anything new."""

from datetime import timedelta

import pytest

from triage.store import SqlLedger, Store
from triage_mailbox.messages import RawMessage
from triage_mailbox.testing.ledger import NOW


@pytest.fixture
def store(tmp_path):
    return Store(f"sqlite:///{tmp_path / 't.sqlite'}").migrate()


def message(number, uidvalidity, *, account="help", folder="INBOX"):
    content = b"Subject: letter %d\r\n\r\nHello\r\n" % number
    return RawMessage.of(
        content, account=account, folder=folder, uidvalidity=uidvalidity, uid=str(number), received=NOW
    )


def take(store, *messages):
    """What the pipeline does at its end: the contact is there, and the message is marked with it."""
    with store.begin() as unit:
        for one in messages:
            unit.connection.exec_driver_sql(
                "INSERT INTO contact (id, at, received, direction, channel, fingerprint, body)"
                " VALUES (?, '2026-03-02', '2026-03-02', 'in', 'email', ?, '{}')",
                (f"c{one.uid}", f"f{one.uid}"),
            )
            unit.contacts.mark_read(one, f"c{one.uid}")


def unread(store):
    with store.read() as unit:
        return unit.contacts.count_unread()


def test_only_what_is_truly_new_is_read_after_a_rebuild(store):
    ledger = SqlLedger(store)
    old = [message(number, 7) for number in range(1, 1_001)]
    ledger.discover("help", "INBOX", 7, [one.uid for one in old], NOW)
    ledger.store_all(old, NOW)
    take(store, *old)
    assert unread(store) == 0
    later = NOW + timedelta(hours=1)
    again = [message(number, 8) for number in range(1, 1_002)]
    ledger.discover("help", "INBOX", 8, [one.uid for one in again], later)
    assert ledger.store_all(again, later) == 1_001
    assert unread(store) == 1
    (folder,) = ledger.folders()
    assert (folder.uidvalidity, folder.counts.on_server, folder.counts.stored) == (8, 1_001, 1_001)


def test_a_generation_with_a_lower_number_is_matched_too(store):
    ledger = SqlLedger(store)
    ledger.store(message(1, 9), NOW)
    take(store, message(1, 9))
    ledger.store(message(1, 8), NOW)
    assert unread(store) == 0


def test_what_was_stored_but_not_read_before_a_rebuild_is_read_after_it(store):
    ledger = SqlLedger(store)
    ledger.store(message(1, 7), NOW)
    ledger.store(message(1, 8), NOW)
    assert unread(store) == 2


@pytest.mark.parametrize("where", [{"folder": "Other"}, {"account": "rents"}])
def test_the_same_bytes_in_another_folder_or_account_are_read(store, where):
    ledger = SqlLedger(store)
    ledger.store(message(1, 7), NOW)
    take(store, message(1, 7))
    ledger.store(message(1, 8, **where), NOW)
    assert unread(store) == 1


def test_all_of_a_batch_is_stored_or_none(store):
    ledger = SqlLedger(store)
    with store.begin() as unit:
        unit.connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON ledger WHEN NEW.uid = '2' BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    with pytest.raises(Exception, match="disk full"):
        ledger.store_all([message(1, 7), message(2, 7), message(3, 7)], NOW)
    with store.begin() as unit:
        assert unit.connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM raw), (SELECT count(*) FROM ledger)"
        ).one() == (
            0,
            0,
        )
        unit.connection.exec_driver_sql("DROP TRIGGER full")
    assert ledger.store_all([message(1, 7), message(2, 7), message(3, 7)], NOW) == 3
