"""A ledger in memory, and the contract that every ledger keeps (run it on the SQL one too)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from triage_mailbox.ledger import (
    RETRY_UNFETCHABLE_AFTER,
    TRIES_BEFORE_UNFETCHABLE,
    FolderCounts,
    Ledger,
    LedgerCounts,
    LedgerState,
    Unfetched,
)
from triage_mailbox.messages import RawMessage

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class _Row:
    state: LedgerState = LedgerState.DISCOVERED
    attempts: int = 0
    reason: str | None = None
    tried: datetime | None = None
    on_server: bool = True


class MemoryLedger:
    """A `Ledger` in a dictionary; `messages` holds what was stored, in order."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, int], dict[str, _Row]] = {}
        self._newest: dict[tuple[str, str], int] = {}
        self._reached: dict[tuple[str, str], datetime] = {}
        self._stored: dict[tuple[str, str], datetime] = {}
        self.messages: list[RawMessage] = []

    def _generation(self, account: str, folder: str, uidvalidity: int) -> dict[str, _Row]:
        return self._rows.setdefault((account, folder, uidvalidity), {})

    def discover(self, account: str, folder: str, uidvalidity: int, uids: Collection[str], now: datetime) -> None:
        rows = self._generation(account, folder, uidvalidity)
        self._newest[account, folder] = uidvalidity
        self._reached[account, folder] = now
        for uid in uids:
            row = rows.setdefault(uid, _Row())
            row.on_server = True
            if row.state is LedgerState.GONE:
                rows[uid] = _Row()

    def waiting(self, account: str, folder: str, uidvalidity: int, now: datetime) -> list[str]:
        rows = self._generation(account, folder, uidvalidity)
        return [uid for uid, row in rows.items() if _is_due(row, now)]

    def known(self, account: str, folder: str, uidvalidity: int) -> dict[str, LedgerState]:
        return {uid: row.state for uid, row in self._generation(account, folder, uidvalidity).items()}

    def store(self, message: RawMessage, now: datetime) -> bool:
        rows = self._generation(message.account, message.folder, message.uidvalidity)
        self._newest.setdefault((message.account, message.folder), message.uidvalidity)
        self._reached.setdefault((message.account, message.folder), now)
        row = rows.setdefault(message.uid, _Row())
        if row.state is LedgerState.STORED:
            return False
        row.state = LedgerState.STORED
        self._stored[message.account, message.folder] = now
        self.messages.append(message)
        return True

    def store_all(self, messages: Sequence[RawMessage], now: datetime) -> int:
        return sum(self.store(message, now) for message in messages)

    def failed(self, account: str, folder: str, uidvalidity: int, uid: str, reason: str, now: datetime) -> None:
        row = self._generation(account, folder, uidvalidity).setdefault(uid, _Row())
        if row.state in (LedgerState.STORED, LedgerState.GONE):
            return
        row.attempts += 1
        row.reason = reason
        row.tried = now
        if row.attempts >= TRIES_BEFORE_UNFETCHABLE:
            row.state = LedgerState.UNFETCHABLE

    def gone(self, account: str, folder: str, uidvalidity: int, uids: Collection[str], now: datetime) -> None:
        rows = self._generation(account, folder, uidvalidity)
        for uid in uids:
            row = rows.get(uid)
            if row is None:
                continue
            row.on_server = False
            if row.state is not LedgerState.STORED:
                row.state = LedgerState.GONE

    def counts(self, account: str, folder: str) -> LedgerCounts:
        newest = self._newest.get((account, folder), 0)
        rows = list(self._rows.get((account, folder, newest), {}).values())
        of = {state: sum(row.state is state for row in rows) for state in LedgerState}
        return LedgerCounts(
            on_server=sum(row.on_server for row in rows),
            stored=of[LedgerState.STORED],
            waiting=of[LedgerState.DISCOVERED],
            gone=of[LedgerState.GONE],
            unfetchable=of[LedgerState.UNFETCHABLE],
        )

    def folders(self) -> tuple[FolderCounts, ...]:
        return tuple(
            FolderCounts(
                account=account,
                folder=folder,
                uidvalidity=uidvalidity,
                reached=self._reached[account, folder],
                last_stored=self._stored.get((account, folder)),
                counts=self.counts(account, folder),
            )
            for (account, folder), uidvalidity in sorted(self._newest.items())
        )

    def unfetched(self, limit: int = 200) -> tuple[Unfetched, ...]:
        found = [
            Unfetched(
                account=account,
                folder=folder,
                uidvalidity=uidvalidity,
                uid=uid,
                state=row.state,
                attempts=row.attempts,
                reason=row.reason or "",
                next_try=row.tried + RETRY_UNFETCHABLE_AFTER
                if row.tried and row.state is LedgerState.UNFETCHABLE
                else None,
            )
            for (account, folder), uidvalidity in sorted(self._newest.items())
            for uid, row in self._generation(account, folder, uidvalidity).items()
            if row.attempts and row.state in (LedgerState.DISCOVERED, LedgerState.UNFETCHABLE)
        ]
        return tuple(sorted(found, key=lambda row: -row.attempts)[:limit])

    def reason(self, account: str, folder: str, uidvalidity: int, uid: str) -> str | None:
        """Why the last fetch of a UID gave nothing."""
        return self._generation(account, folder, uidvalidity)[uid].reason


def _is_due(row: _Row, now: datetime) -> bool:
    if row.state is LedgerState.DISCOVERED:
        return True
    waited_enough = row.tried is None or row.tried > now or now - row.tried >= RETRY_UNFETCHABLE_AFTER
    return row.state is LedgerState.UNFETCHABLE and waited_enough


class LedgerContract:
    """What every ledger promises: inherit in a test class and override `make_ledger`."""

    def make_ledger(self) -> Ledger:
        """A fresh, empty ledger."""
        raise NotImplementedError("a contract's test class says how to make its ledger")

    def test_a_discovered_message_waits(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1", "2"], NOW)
        assert ledger.waiting("help", "INBOX", 7, NOW) == ["1", "2"]
        assert ledger.known("help", "INBOX", 7) == {"1": LedgerState.DISCOVERED, "2": LedgerState.DISCOVERED}
        assert ledger.counts("help", "INBOX") == LedgerCounts(on_server=2, stored=0, waiting=2, gone=0, unfetchable=0)

    def test_a_folder_never_seen_has_nothing(self) -> None:
        ledger = self.make_ledger()
        assert ledger.counts("help", "INBOX") == LedgerCounts(on_server=0, stored=0, waiting=0, gone=0, unfetchable=0)
        assert ledger.waiting("help", "INBOX", 7, NOW) == []
        assert ledger.known("help", "INBOX", 7) == {}

    def test_a_stored_message_waits_no_more_and_is_stored_once(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1"], NOW)
        assert ledger.store(_message("1"), NOW) is True
        assert ledger.store(_message("1"), NOW) is False
        assert ledger.store(_message("1", content=b"other bytes"), NOW) is False
        assert ledger.waiting("help", "INBOX", 7, NOW) == []
        assert ledger.counts("help", "INBOX") == LedgerCounts(on_server=1, stored=1, waiting=0, gone=0, unfetchable=0)

    def test_a_message_may_be_stored_without_being_discovered_first(self) -> None:
        ledger = self.make_ledger()
        assert ledger.store(_message("1"), NOW) is True
        assert ledger.known("help", "INBOX", 7) == {"1": LedgerState.STORED}

    def test_discovering_again_changes_nothing(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1", "2"], NOW)
        ledger.store(_message("1"), NOW)
        ledger.failed("help", "INBOX", 7, "2", "no answer", NOW)
        ledger.discover("help", "INBOX", 7, ["1", "2"], NOW + timedelta(minutes=1))
        assert ledger.known("help", "INBOX", 7) == {"1": LedgerState.STORED, "2": LedgerState.DISCOVERED}

    def test_a_message_is_unfetchable_from_the_third_failure_on(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1"], NOW)
        for _ in range(2):
            ledger.failed("help", "INBOX", 7, "1", "no answer", NOW)
            assert ledger.waiting("help", "INBOX", 7, NOW) == ["1"]
        ledger.failed("help", "INBOX", 7, "1", "no answer", NOW)
        assert ledger.known("help", "INBOX", 7) == {"1": LedgerState.UNFETCHABLE}
        assert ledger.counts("help", "INBOX") == LedgerCounts(on_server=1, stored=0, waiting=0, gone=0, unfetchable=1)

    def test_an_unfetchable_message_is_tried_again_every_hour(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1"], NOW)
        for _ in range(3):
            ledger.failed("help", "INBOX", 7, "1", "no answer", NOW)
        assert ledger.waiting("help", "INBOX", 7, NOW + timedelta(minutes=59)) == []
        assert ledger.waiting("help", "INBOX", 7, NOW + timedelta(minutes=60)) == ["1"]
        ledger.failed("help", "INBOX", 7, "1", "no answer", NOW + timedelta(minutes=60))
        assert ledger.waiting("help", "INBOX", 7, NOW + timedelta(minutes=61)) == []

    def test_an_unfetchable_message_can_be_stored_after_all(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1"], NOW)
        for _ in range(3):
            ledger.failed("help", "INBOX", 7, "1", "no answer", NOW)
        assert ledger.store(_message("1"), NOW) is True
        assert ledger.known("help", "INBOX", 7) == {"1": LedgerState.STORED}

    def test_a_clock_set_back_keeps_no_unfetchable_message_waiting(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1"], NOW)
        for _ in range(3):
            ledger.failed("help", "INBOX", 7, "1", "no answer", NOW + timedelta(days=2))
        assert ledger.waiting("help", "INBOX", 7, NOW) == ["1"]

    def test_several_are_stored_at_once_and_each_once(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1", "2", "3"], NOW)
        ledger.store(_message("1"), NOW)
        assert ledger.store_all([_message("1"), _message("2"), _message("3", b"other bytes")], NOW) == 2
        assert ledger.store_all([_message("3"), _message("4")], NOW) == 1
        assert ledger.store_all([], NOW) == 0
        assert ledger.counts("help", "INBOX") == LedgerCounts(on_server=4, stored=4, waiting=0, gone=0, unfetchable=0)

    def test_every_folder_is_counted_in_one_value(self) -> None:
        ledger = self.make_ledger()
        later = NOW + timedelta(minutes=1)
        ledger.discover("rents", "INBOX", 3, [], NOW)
        ledger.discover("help", "Sent", 7, ["1"], NOW)
        ledger.discover("help", "INBOX", 6, ["1"], NOW)
        ledger.discover("help", "INBOX", 7, ["1", "2"], later)
        ledger.store(_message("1"), later)
        inbox, sent, rents = ledger.folders()
        assert (inbox.account, inbox.folder, inbox.uidvalidity) == ("help", "INBOX", 7)
        assert (inbox.reached, inbox.last_stored) == (later, later)
        assert inbox.counts == LedgerCounts(on_server=2, stored=1, waiting=1, gone=0, unfetchable=0)
        assert (sent.folder, sent.counts.waiting, sent.last_stored) == ("Sent", 1, None)
        assert rents.counts.on_server == 0

    def test_what_failed_is_listed_with_its_reason_until_it_is_stored(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1", "2"], NOW)
        ledger.failed("help", "INBOX", 7, "1", "no answer", NOW)
        for _ in range(3):
            ledger.failed("help", "INBOX", 7, "2", "an empty one", NOW)
        often, once = ledger.unfetched()
        assert (often.uid, often.state, often.attempts, often.reason) == (
            "2",
            LedgerState.UNFETCHABLE,
            3,
            "an empty one",
        )
        assert (once.uid, once.state, once.next_try) == ("1", LedgerState.DISCOVERED, None)
        assert often.next_try == NOW + RETRY_UNFETCHABLE_AFTER
        ledger.store(_message("2"), NOW)
        assert [row.uid for row in ledger.unfetched()] == ["1"]

    def test_a_failure_never_undoes_a_stored_message(self) -> None:
        ledger = self.make_ledger()
        ledger.store(_message("1"), NOW)
        for _ in range(3):
            ledger.failed("help", "INBOX", 7, "1", "no answer", NOW)
        assert ledger.known("help", "INBOX", 7) == {"1": LedgerState.STORED}

    def test_what_vanished_before_it_was_stored_is_gone(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1", "2"], NOW)
        ledger.gone("help", "INBOX", 7, ["1"], NOW)
        assert ledger.waiting("help", "INBOX", 7, NOW) == ["2"]
        assert ledger.counts("help", "INBOX") == LedgerCounts(on_server=1, stored=0, waiting=1, gone=1, unfetchable=0)

    def test_what_is_stored_stays_stored_when_the_server_deletes_it(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1"], NOW)
        ledger.store(_message("1"), NOW)
        ledger.gone("help", "INBOX", 7, ["1"], NOW)
        assert ledger.known("help", "INBOX", 7) == {"1": LedgerState.STORED}
        assert ledger.counts("help", "INBOX") == LedgerCounts(on_server=0, stored=1, waiting=0, gone=0, unfetchable=0)

    def test_a_message_that_comes_back_is_discovered_again(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1"], NOW)
        ledger.gone("help", "INBOX", 7, ["1"], NOW)
        ledger.discover("help", "INBOX", 7, ["1"], NOW)
        assert ledger.waiting("help", "INBOX", 7, NOW) == ["1"]

    def test_a_new_uidvalidity_is_a_new_generation(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1"], NOW)
        ledger.store(_message("1"), NOW)
        ledger.discover("help", "INBOX", 8, ["1"], NOW)
        assert ledger.waiting("help", "INBOX", 8, NOW) == ["1"]
        assert ledger.known("help", "INBOX", 7) == {"1": LedgerState.STORED}
        assert ledger.counts("help", "INBOX") == LedgerCounts(on_server=1, stored=0, waiting=1, gone=0, unfetchable=0)

    def test_an_empty_new_generation_counts_nothing(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1"], NOW)
        ledger.discover("help", "INBOX", 8, [], NOW)
        assert ledger.counts("help", "INBOX").on_server == 0

    def test_accounts_and_folders_do_not_mix(self) -> None:
        ledger = self.make_ledger()
        ledger.discover("help", "INBOX", 7, ["1"], NOW)
        ledger.discover("help", "Sent", 7, ["1"], NOW)
        ledger.discover("rents", "INBOX", 7, ["1"], NOW)
        ledger.store(_message("1"), NOW)
        assert ledger.waiting("help", "INBOX", 7, NOW) == []
        assert ledger.waiting("help", "Sent", 7, NOW) == ["1"]
        assert ledger.waiting("rents", "INBOX", 7, NOW) == ["1"]

    def test_fifty_thousand_are_discovered_in_one_go(self) -> None:
        ledger = self.make_ledger()
        uids = [str(number) for number in range(1, 50_001)]
        ledger.discover("help", "INBOX", 7, uids, NOW)
        ledger.gone("help", "INBOX", 7, uids[:40_000], NOW)
        assert ledger.counts("help", "INBOX").waiting == 10_000


def _message(uid: str, content: bytes = b"Subject: x\r\n\r\nHello\r\n") -> RawMessage:
    return RawMessage.of(content, account="help", folder="INBOX", uidvalidity=7, uid=uid, received=NOW)
