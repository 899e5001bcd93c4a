"""What is known of every message on a server, one row each: the poller's only state, so that none is lost silently."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from triage_mailbox.messages import RawMessage

TRIES_BEFORE_UNFETCHABLE = 3
RETRY_UNFETCHABLE_AFTER = timedelta(hours=1)


class LedgerState(StrEnum):
    """How far one UID has come. `GONE` means that it vanished from the server before it could be stored."""

    DISCOVERED = "discovered"
    STORED = "stored"
    GONE = "gone"
    UNFETCHABLE = "unfetchable"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCounts:
    """A folder's newest generation (UIDVALIDITY) in numbers.

    `on_server` counts what the last round saw there; `waiting` is discovered but not stored. What is on the server is
    always stored, waiting or unfetchable; a stored message that was deleted there later still counts as stored.
    """

    on_server: int
    stored: int
    waiting: int
    gone: int
    unfetchable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderCounts:
    """One folder of one account, as the last reconciliation left it.

    `reached` is when the server last listed it; `last_stored` when a message of it was last stored, None before any.
    """

    account: str
    folder: str
    uidvalidity: int
    reached: datetime
    last_stored: datetime | None
    counts: LedgerCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfetched:
    """A message that is on the server and could not be fetched yet: how often it was tried, why not, and when next.

    `next_try` is None where that is the next round.
    """

    account: str
    folder: str
    uidvalidity: int
    uid: str
    state: LedgerState
    attempts: int
    reason: str
    next_try: datetime | None


@runtime_checkable
class Ledger(Protocol):
    """The rows of one installation, keyed (account, folder, uidvalidity, uid). Never a cursor: servers skip answers.

    Every method commits before it returns. A new UIDVALIDITY is a new generation; older rows stay (RFC 3501, 2.3.1.1).
    """

    def discover(self, account: str, folder: str, uidvalidity: int, uids: Collection[str], now: datetime) -> None:
        """Note that the server lists these UIDs; makes this generation the folder's newest, also when `uids` is empty.

        A UID that is known keeps its state, save that a gone one is discovered again (the server changed its mind).
        """
        ...

    def waiting(self, account: str, folder: str, uidvalidity: int, now: datetime) -> list[str]:
        """UIDs to fetch now: discovered, or unfetchable and last tried an hour ago or longer; oldest discovery first.

        A try noted in the future was noted by a clock that has been set back since: it counts as long ago.
        """
        ...

    def known(self, account: str, folder: str, uidvalidity: int) -> dict[str, LedgerState]:
        """Every UID of the generation and its state."""
        ...

    def store(self, message: RawMessage, now: datetime) -> bool:
        """Keep bytes and row in one commit; False, with nothing changed, when that key is stored already."""
        ...

    def store_all(self, messages: Sequence[RawMessage], now: datetime) -> int:
        """`store` for several messages in one commit; how many were not stored already. Either all are kept or none."""
        ...

    def failed(self, account: str, folder: str, uidvalidity: int, uid: str, reason: str, now: datetime) -> None:
        """A fetch gave nothing usable: one more attempt; from the third on unfetchable. A stored row is left alone."""
        ...

    def gone(self, account: str, folder: str, uidvalidity: int, uids: Collection[str], now: datetime) -> None:
        """A fresh SEARCH no longer lists these. What is stored stays stored (but leaves `on_server`); the rest is gone."""
        ...

    def counts(self, account: str, folder: str) -> LedgerCounts:
        """Numbers of the newest generation; all 0 for a folder never seen."""
        ...

    def folders(self) -> tuple[FolderCounts, ...]:
        """Every folder ever listed, in order of account and folder, with the numbers of its newest generation."""
        ...

    def unfetched(self, limit: int = 200) -> tuple[Unfetched, ...]:
        """What failed at least once and is not stored, in newest generations; the most often tried first."""
        ...


class Vanished:
    """Which known UIDs a folder no longer lists, each told once: the ledger alone does not say what it was told before.

    Kept in memory by a source, so that a long-lived one does not report the same deletions every round.
    """

    def __init__(self) -> None:
        self._told: dict[tuple[str, int], set[str]] = {}

    def since(self, folder: str, uidvalidity: int, known: dict[str, LedgerState], there: Collection[str]) -> list[str]:
        """UIDs that are known, not gone already, not in `there` and not told before."""
        told = self._told.setdefault((folder, uidvalidity), set())
        told -= set(there)
        lost = [
            uid
            for uid, state in known.items()
            if uid not in there and state is not LedgerState.GONE and uid not in told
        ]
        told |= set(lost)
        return lost
