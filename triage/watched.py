"""A ledger that somebody watches while it fills: each message to fetch is a step to come, each that is settled a step done."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from threading import Lock

from triage.intake import FolderCounts, Ledger, LedgerCounts, LedgerState, RawMessage, Unfetched
from triage.ports import Progress

Key = tuple[str, str, int]


class WatchedLedger:
    """Passes everything on to a ledger; several sources may use it at once.

    What a round could not come to is expected once and stays open until it is stored or fails.
    """

    def __init__(self, ledger: Ledger, progress: Progress) -> None:
        self._ledger, self._progress = ledger, progress
        self._open: Counter[Key] = Counter()
        self._lock = Lock()

    def waiting(self, account: str, folder: str, uidvalidity: int, now: datetime) -> list[str]:
        found = self._ledger.waiting(account, folder, uidvalidity, now)
        key = (account, folder, uidvalidity)
        with self._lock:
            more = len(found) - self._open[key]
            if more > 0:
                self._open[key] += more
                self._progress.expect(more)
        return found

    def store(self, message: RawMessage, now: datetime) -> bool:
        return self.store_all([message], now) == 1

    def store_all(self, messages: Sequence[RawMessage], now: datetime) -> int:
        stored = self._ledger.store_all(messages, now)
        for message in messages:
            self._settled((message.account, message.folder, message.uidvalidity))
        return stored

    def failed(self, account: str, folder: str, uidvalidity: int, uid: str, reason: str, now: datetime) -> None:
        self._ledger.failed(account, folder, uidvalidity, uid, reason, now)
        self._settled((account, folder, uidvalidity))

    def _settled(self, key: Key) -> None:
        with self._lock:
            if self._open[key] > 0:
                self._open[key] -= 1
                self._progress.step()

    # as they are

    def discover(self, account: str, folder: str, uidvalidity: int, uids: Collection[str], now: datetime) -> None:
        self._ledger.discover(account, folder, uidvalidity, uids, now)

    def known(self, account: str, folder: str, uidvalidity: int) -> dict[str, LedgerState]:
        return self._ledger.known(account, folder, uidvalidity)

    def gone(self, account: str, folder: str, uidvalidity: int, uids: Collection[str], now: datetime) -> None:
        self._ledger.gone(account, folder, uidvalidity, uids, now)

    def counts(self, account: str, folder: str) -> LedgerCounts:
        return self._ledger.counts(account, folder)

    def folders(self) -> tuple[FolderCounts, ...]:
        return self._ledger.folders()

    def unfetched(self, limit: int = 200) -> tuple[Unfetched, ...]:
        return self._ledger.unfetched(limit)
