"""Polling an IMAP account: what is there, less what is known, is fetched and stored; one bad message stops no other."""

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from triage_mailbox.accounts import FolderReport, ImapAccount, PollReport
from triage_mailbox.errors import (
    CredentialsRefusedError,
    DeadlineError,
    MailboxError,
    NotReachedError,
    NotTrustedError,
    ProtocolError,
    RefusedError,
    SettingError,
)
from triage_mailbox.imap import Connection, FetchedBody, FetchedSize, FolderStatus, deadline_of
from triage_mailbox.ledger import Ledger, LedgerState, Vanished
from triage_mailbox.messages import FolderRole, RawMessage

SIZES_A_COMMAND = 500
BYTES_A_COMMAND = 8 * 1024 * 1024
MESSAGES_A_COMMAND = 100

_SUBSTITUTE = b"Retrieval using the IMAP4 protocol failed for the following message"
_FOR_EVERY_FOLDER = (NotReachedError, NotTrustedError, CredentialsRefusedError, SettingError)
_ONE_MESSAGES_FAULT = (ProtocolError, RefusedError, DeadlineError, NotReachedError)
_RECONNECTS_A_ROUND = 20
ROUNDS_ALONE = 10


class ImapSource:
    """Polls one `ImapAccount` on one connection. What was seen is in the ledger, not here."""

    def __init__(self, account: ImapAccount) -> None:
        self.account = account.name
        self._settings = account
        self._vanished = Vanished()
        self._session = _Session(account)
        self._broke = _Broke()
        self._stays = False
        self._seen: dict[str, FolderStatus] = {}
        self._deaf = 0

    def poll(self, ledger: Ledger, now: datetime) -> PollReport:
        """One round over all folders within the round's deadline; what went wrong is in the report, never raised."""
        reports: list[FolderReport] = []
        wait: float | None = None
        is_refused = False
        self._session.begin()
        try:
            for number, (folder, role) in enumerate(self._settings.folders):
                progress = _Progress(folder)
                try:
                    self._poll_folder(role, ledger, now, progress)
                except MailboxError as error:
                    progress.problem = str(error)
                    wait = error.wait_seconds or wait
                    is_refused = isinstance(error, CredentialsRefusedError)
                reports.append(progress.report())
                if self._session.is_hopeless or wait:
                    left = [name for name, _ in self._settings.folders[number + 1 :]]
                    reports += [FolderReport(folder=name, problem=progress.problem) for name in left]
                    break
        finally:
            if not self._stays:
                self.close()
        return PollReport(account=self.account, folders=tuple(reports), wait_seconds=wait, is_refused=is_refused)

    def stay(self) -> None:
        """Keep the connection between rounds, as servers that count sign-ins ask for, and share time among folders."""
        self._stays = True

    def close(self) -> None:
        """Sign off, if signed in."""
        self._session.close()

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Listen with IDLE in the first inbox folder where the server can; else, or when that fails, just wait.

        Other folders, and whatever IDLE misses, are looked at when `seconds` have passed.
        """
        ends = time.monotonic() + seconds
        try:
            if self._listen(seconds, stop):
                self._deaf = 0
                return
        except MailboxError:
            self._deaf += 1
            ends = min(ends, time.monotonic() + random.uniform(0.2, 2.0 ** min(self._deaf, 10)))
        stop.wait(max(0.0, ends - time.monotonic()))

    def _listen(self, seconds: float, stop: threading.Event) -> bool:
        """False where the server cannot tell of new mail. A folder that changed since it was polled needs no listening."""
        connection = self._session.standing()
        if connection is None:
            return False
        connection.until(time.monotonic() + self._settings.timeouts.command)
        if not connection.can_idle:
            return False
        folder = next((name for name, role in self._settings.folders if role is FolderRole.INBOX), None)
        if folder is None or folder not in self._seen:
            return False
        if connection.examine(folder) == self._seen[folder]:
            connection.idle(seconds, stop)
        return True

    def _poll_folder(self, role: FolderRole, ledger: Ledger, now: datetime, progress: "_Progress") -> None:
        """Reconcile one folder by set difference and fetch what waits; a UIDVALIDITY not seen before starts afresh."""
        session, account, folder = self._session, self._settings, progress.folder
        began = time.monotonic()
        status = session.examine(folder)
        progress.uidvalidity = status.uidvalidity
        there = session.connection().search_all(status)
        self._seen[folder] = status
        known = ledger.known(account.name, folder, status.uidvalidity)
        new = [uid for uid in map(str, there) if known.get(uid) in (None, LedgerState.GONE)]
        ledger.discover(account.name, folder, status.uidvalidity, [str(uid) for uid in there], now)
        progress.discovered = len(new)
        if len(there) >= status.exists:  # a SEARCH that lists fewer than EXISTS said is no proof that any is gone
            lost = self._vanished.since(folder, status.uidvalidity, known, {str(uid) for uid in there})
            ledger.gone(account.name, folder, status.uidvalidity, lost, now)
            progress.gone = len(lost)
        due = ledger.waiting(account.name, folder, status.uidvalidity, now)
        waiting = sorted({int(uid) for uid in due} & set(there))
        fetcher = _Fetcher(session, role, ledger, now, progress, status.uidvalidity)
        try:
            for start in range(0, len(waiting), SIZES_A_COMMAND):
                if self._stays and time.monotonic() - began > account.timeouts.folder:
                    progress.left = len(waiting) - start
                    break
                fetcher.fetch(waiting[start : start + SIZES_A_COMMAND])
        finally:
            fetcher.settle(self._broke)


class _Session:
    """The account's connection, opened when first needed and again after it broke, a bounded number of times a round."""

    def __init__(self, account: ImapAccount) -> None:
        self.account = account
        self._deadline = 0.0
        self._connection: Connection | None = None
        self._opened = 0
        self._is_from_before = False
        self.is_hopeless = False

    def begin(self) -> None:
        """A new round, with a deadline of its own; a connection that still stands is used on."""
        self._deadline = deadline_of(self.account)
        self._opened = 0
        self.is_hopeless = False
        if standing := self.standing():
            standing.until(self._deadline)
            self._is_from_before = True

    def standing(self) -> Connection | None:
        """The connection, if it is believed to work."""
        return self._connection if self._connection is not None and self._connection.is_usable else None

    def connection(self) -> Connection:
        """A connection that works; what keeps all folders from being polled makes the session hopeless."""
        if standing := self.standing():
            return standing
        self.close()
        self._is_from_before = False
        if self._opened > _RECONNECTS_A_ROUND:
            raise ProtocolError(
                f"{self.account.name}: the connection broke {self._opened} times; the next round goes on."
            )
        self._opened += 1
        try:
            self._connection = Connection.open(self.account, self._deadline)
        except MailboxError as error:
            self.is_hopeless = isinstance(error, _FOR_EVERY_FOLDER) or bool(error.wait_seconds)
            raise
        return self._connection

    def examine(self, folder: str) -> FolderStatus:
        """Open a folder read-only; one that stood since an earlier round may have died unnoticed, and is opened again."""
        was_from_before = self._is_from_before
        self._is_from_before = False
        try:
            return self.connection().examine(folder)
        except (ProtocolError, DeadlineError) as error:
            if not was_from_before or error.wait_seconds:
                raise
        return self.connection().examine(folder)

    def in_folder(self, folder: str, uidvalidity: int) -> Connection:
        """A connection with the folder open in that generation; reconnects after a break."""
        is_open = self.standing() is not None
        connection = self.connection()
        if not is_open and connection.examine(folder).uidvalidity != uidvalidity:
            raise ProtocolError(
                f"{self.account.name}: {folder!r} was replaced while it was read; the next round goes on."
            )
        return connection

    def close(self) -> None:
        """Sign off, if signed in."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Broke:
    """How often each message was being fetched when the connection broke, in rounds that proved nothing about the line.

    A broken line is not the message's fault: it is held against one only where others came through in the same round,
    or after `ROUNDS_ALONE` rounds, so that one message that breaks every connection is not fetched for ever.
    """

    def __init__(self) -> None:
        self._rounds: Counter[tuple[str, int, int]] = Counter()

    def is_to_blame(self, folder: str, uidvalidity: int, uid: int, *, others_came: bool) -> bool:
        key = (folder, uidvalidity, uid)
        self._rounds[key] += 1
        return others_came or self._rounds[key] > ROUNDS_ALONE

    def forget(self, folder: str, uidvalidity: int, uid: int) -> None:
        self._rounds.pop((folder, uidvalidity, uid), None)


class _Progress:
    """Counts of one folder while it is polled: kept apart so that they survive an error half-way."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.uidvalidity: int | None = None
        self.discovered = self.stored = self.failed = self.gone = self.left = 0
        self.problem: str | None = None

    def report(self) -> FolderReport:
        return FolderReport(
            folder=self.folder,
            discovered=self.discovered,
            stored=self.stored,
            failed=self.failed,
            gone=self.gone,
            left=self.left,
            problem=self.problem,
            uidvalidity=self.uidvalidity,
        )


class _Fetcher:
    """Fetches sizes, then bodies in batches bounded by bytes, and stores or notes the failure of each UID."""

    def __init__(
        self,
        session: _Session,
        role: FolderRole,
        ledger: Ledger,
        now: datetime,
        progress: _Progress,
        uidvalidity: int,
    ) -> None:
        self._session = session
        self._account = session.account
        self._role = role
        self._ledger = ledger
        self._now = now
        self._progress = progress
        self._uidvalidity = uidvalidity
        self._whole: list[RawMessage] = []
        self._came: list[int] = []
        self._broken: dict[int, str] = {}

    def settle(self, broke: _Broke) -> None:
        """Say at the folder's end which of the messages that the connection broke on are held to blame for it."""
        self._keep()
        for uid in self._came:
            broke.forget(self._progress.folder, self._uidvalidity, uid)
        for uid, reason in self._broken.items():
            if broke.is_to_blame(self._progress.folder, self._uidvalidity, uid, others_came=bool(self._came)):
                self._fail(uid, reason)
            else:
                self._progress.failed += 1

    def fetch(self, uids: list[int]) -> None:
        """Store what comes whole; every UID that was asked for and did not is a failure in the ledger."""
        sizes = self._open().fetch_sizes(uids)
        for uid in uids:
            if uid not in sizes:
                self._fail(uid, "The server answered OK but said nothing about this message.")
        small = {uid: size for uid, size in sizes.items() if size.size <= self._account.max_bytes}
        for batch in _batches(small):
            self._fetch_batch(batch, sizes)
        for uid, size in sizes.items():
            if uid not in small:
                self._fetch_one(uid, size, first_bytes=self._account.keep_bytes)
                self._keep()

    def _open(self) -> Connection:
        return self._session.in_folder(self._progress.folder, self._uidvalidity)

    def _fetch_batch(self, batch: list[int], sizes: dict[int, FetchedSize]) -> None:
        """Fetch together; when that breaks, one by one, so that only the message that breaks it is left behind."""
        connection = self._open()  # not tried: a folder found replaced ends the round, else its uids would be fetched
        try:
            bodies = connection.fetch_bodies(batch)
        except _ONE_MESSAGES_FAULT as error:
            if error.wait_seconds:
                raise
            for uid in batch:
                self._fetch_one(uid, sizes[uid])
        else:
            for uid in batch:
                self._take(uid, sizes[uid], bodies.get(uid))
        self._keep()

    def _fetch_one(self, uid: int, size: FetchedSize, first_bytes: int | None = None) -> None:
        connection = self._open()
        try:
            bodies = connection.fetch_bodies([uid], first_bytes=first_bytes)
        except _ONE_MESSAGES_FAULT as error:
            if error.wait_seconds:
                raise
            if isinstance(error, RefusedError):
                self._fail(uid, str(error))
            else:
                self._broken[uid] = str(error)
            return
        self._take(uid, size, bodies.get(uid), is_part=first_bytes is not None)

    def _take(self, uid: int, size: FetchedSize, body: FetchedBody | None, *, is_part: bool = False) -> None:
        if body is None:
            self._fail(uid, "The server answered OK but left this message out.")
        elif not body.content:
            self._fail(uid, "The server gave an empty message; it may have been deleted just now.")
        elif not is_part and len(body.content) != size.size and not self._is_confirmed(uid, body.content):
            self._fail(uid, f"The server gave {len(body.content):,} bytes for a message of {size.size:,}.")
        elif not is_part and len(body.content) != size.size and _SUBSTITUTE in body.content[:20_000]:
            self._fail(uid, "The server gave a notice of its own in place of the message (Exchange does).")
        else:
            self._store(uid, size, body, is_part=is_part)

    def _is_confirmed(self, uid: int, content: bytes) -> bool:
        """Some servers only estimate RFC822.SIZE: the same bytes twice are the message, whatever the size said."""
        again = self._open().fetch_bodies([uid]).get(uid)
        return again is not None and hashlib.sha256(again.content).digest() == hashlib.sha256(content).digest()

    def _store(self, uid: int, size: FetchedSize, body: FetchedBody, *, is_part: bool) -> None:
        message = RawMessage.of(
            body.content,
            account=self._account.name,
            folder=self._progress.folder,
            uidvalidity=self._uidvalidity,
            uid=str(uid),
            received=(size.received or self._now).astimezone(UTC),
            role=self._role,
            truncated_from=size.size if is_part and size.size > len(body.content) else None,
        )
        self._whole.append(message)
        self._came.append(uid)

    def _keep(self) -> None:
        """Store what came whole since the last time, in one commit."""
        whole, self._whole = self._whole, []
        self._progress.stored += self._ledger.store_all(whole, self._now)

    def _fail(self, uid: int, reason: str) -> None:
        progress = self._progress
        self._ledger.failed(self._account.name, progress.folder, self._uidvalidity, str(uid), reason, self._now)
        progress.failed += 1


def _batches(sizes: dict[int, FetchedSize]) -> Iterator[list[int]]:
    """UIDs in batches of at most `MESSAGES_A_COMMAND` messages and about `BYTES_A_COMMAND` bytes."""
    batch: list[int] = []
    total = 0
    for uid, size in sorted(sizes.items()):
        if batch and (total + size.size > BYTES_A_COMMAND or len(batch) == MESSAGES_A_COMMAND):
            yield batch
            batch, total = [], 0
        batch.append(uid)
        total += size.size
    if batch:
        yield batch
