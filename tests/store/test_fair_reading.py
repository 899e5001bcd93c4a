"""A flood from one sender is read in turn with everybody else's mail; without one, and in a backlog, time alone orders."""

from datetime import timedelta

import pytest

from triage.store import SqlLedger, Store
from triage.store.contacts import MOST_OF_ONE
from triage_mailbox.messages import FolderRole, RawMessage
from triage_mailbox.testing.ledger import NOW

DAY_AGO = NOW - timedelta(days=1)


@pytest.fixture
def store(tmp_path):
    return Store(f"sqlite:///{tmp_path / 't.sqlite'}").migrate()


def message(uid, sender, minutes, role=FolderRole.INBOX, account="help"):
    return RawMessage.of(
        b"From: Some Body\r\n <%s>\r\nSubject: %d\r\n\r\nHello\r\n" % (sender.encode(), uid),
        account=account,
        folder="INBOX",
        uidvalidity=1,
        uid=str(uid),
        received=NOW - timedelta(minutes=minutes),
        role=role,
    )


def flood(count, **rest):
    return [message(n, "Bomb@post.example", 600 - n / 10, **rest) for n in range(count)]


def unread(store, limit=2_000, since=DAY_AGO):
    with store.read() as unit:
        return [int(one.uid) for one in unit.contacts.unread(limit, since)]


def test_the_mail_of_five_others_is_read_in_the_first_chunk_beside_two_thousand_of_one_sender(store):
    others = [message(5_000 + n, f"tenant{n}@post.example", 5 - n) for n in range(5)]
    SqlLedger(store).store_all([*flood(2_000), *others], NOW)
    first = unread(store)
    assert first == [*range(MOST_OF_ONE), 5_000, 5_001, 5_002, 5_003, 5_004]


def test_the_next_chunk_takes_up_the_flood_where_the_first_left_it_oldest_first(store):
    SqlLedger(store).store_all(flood(2_001), NOW)
    with store.begin() as unit:
        for one in unit.contacts.unread(2_000, DAY_AGO):
            unit.connection.exec_driver_sql(
                "INSERT INTO contact (id, at, received, direction, channel, fingerprint, body)"
                " VALUES (?, '2026-03-02', '2026-03-02', 'in', 'email', ?, '{}')",
                (f"c{one.uid}", f"f{one.uid}"),
            )
            unit.contacts.mark_read(one, f"c{one.uid}")
    assert unread(store) == list(range(MOST_OF_ONE, 2_001))  # no more than a chunk waits now: time alone orders
    assert unread(store, limit=1_000) == list(range(MOST_OF_ONE, 2 * MOST_OF_ONE))


def test_a_backlog_of_older_mail_keeps_the_order_in_which_it_came(store):
    SqlLedger(store).store_all(flood(300), NOW)
    assert unread(store, limit=200, since=NOW) == list(range(200))


def test_our_own_sent_mail_is_no_flood(store):
    SqlLedger(store).store_all(flood(300, role=FolderRole.SENT), NOW)
    assert unread(store, limit=200) == list(range(200))


def test_mail_that_names_no_sender_waits_behind_no_flood(store):
    SqlLedger(store).store_all([*flood(300), message(7_000, "nobody", 1)], NOW)
    with store.read() as unit:
        last = unit.contacts.unread(200, DAY_AGO)[-1]
    assert last.uid == "7000"


def test_what_one_sender_sends_another_account_has_its_own_turn(store):
    elsewhere = [message(9_000 + n, "bomb@post.example", 1, account="repairs") for n in range(3)]
    SqlLedger(store).store_all([*flood(300), *elsewhere], NOW)
    assert unread(store, limit=200) == [*range(MOST_OF_ONE), 9_000, 9_001, 9_002]
