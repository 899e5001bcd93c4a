"""Polling an IMAP account: what is there, less what is known, is fetched and stored; one bad message stops no other."""

import hashlib
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
MESSAGES_A_COMMAND = 50

_SUBSTITUTE = b"Retrieval using the IMAP4 protocol failed for the following message"
_FOR_EVERY_FOLDER = (NotReachedError, NotTrustedError, CredentialsRefusedError, SettingError)
_ONE_MESSAGES_FAULT = (ProtocolError, RefusedError, DeadlineError, NotReachedError)
_RECONNECTS_A_ROUND = 20


class ImapSource:
    """Polls one `ImapAccount`. Each round is a connection of its own; what was seen is in the ledger."""

    def __init__(self, account: ImapAccount) -> None:
        self.account = account.name
        self._settings = account
        self._vanished = Vanished()

    def poll(self, ledger: Ledger, now: datetime) -> PollReport:
        """One round over all folders within the round's deadline; what went wrong is in the report, never raised."""
        reports: list[FolderReport] = []
        wait: float | None = None
        session = _Session(self._settings)
        try:
            for number, (folder, role) in enumerate(self._settings.folders):
                progress = _Progress(folder)
                try:
                    _poll_folder(session, role, ledger, now, progress, self._vanished)
                except MailboxError as error:
                    progress.problem = str(error)
                    wait = error.wait_seconds if isinstance(error, RefusedError) and error.wait_seconds else wait
                reports.append(progress.report())
                if session.is_hopeless:
                    left = [name for name, _ in self._settings.folders[number + 1 :]]
                    reports += [FolderReport(folder=name, problem=progress.problem) for name in left]
                    break
        finally:
            session.close()
        return PollReport(account=self.account, folders=tuple(reports), wait_seconds=wait)


class _Session:
    """The account's connection in one round, opened when first needed and again after it broke, a bounded number of times."""

    def __init__(self, account: ImapAccount) -> None:
        self.account = account
        self._deadline = deadline_of(account)
        self._connection: Connection | None = None
        self._opened = 0
        self.is_hopeless = False

    def connection(self) -> Connection:
        """A connection that works; what keeps all folders from being polled makes the session hopeless."""
        if self._connection is not None and self._connection.is_usable:
            return self._connection
        self.close()
        if self._opened > _RECONNECTS_A_ROUND:
            raise ProtocolError(
                f"{self.account.name}: the connection broke {self._opened} times; the next round goes on."
            )
        self._opened += 1
        try:
            self._connection = Connection.open(self.account, self._deadline)
        except _FOR_EVERY_FOLDER:
            self.is_hopeless = True
            raise
        return self._connection

    def examine(self, folder: str) -> FolderStatus:
        """Open a folder read-only on a connection that works."""
        return self.connection().examine(folder)

    def in_folder(self, folder: str, uidvalidity: int) -> Connection:
        """A connection with the folder open in that generation; reconnects after a break."""
        is_open = self._connection is not None and self._connection.is_usable
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


class _Progress:
    """Counts of one folder while it is polled: kept apart so that they survive an error half-way."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.uidvalidity: int | None = None
        self.discovered = self.stored = self.failed = self.gone = 0
        self.problem: str | None = None

    def report(self) -> FolderReport:
        return FolderReport(
            folder=self.folder,
            discovered=self.discovered,
            stored=self.stored,
            failed=self.failed,
            gone=self.gone,
            problem=self.problem,
            uidvalidity=self.uidvalidity,
        )


def _poll_folder(
    session: _Session,
    role: FolderRole,
    ledger: Ledger,
    now: datetime,
    progress: _Progress,
    vanished: Vanished,
) -> None:
    """Reconcile one folder by set difference and fetch what waits; a UIDVALIDITY not seen before starts afresh."""
    account, folder = session.account, progress.folder
    status = session.examine(folder)
    progress.uidvalidity = status.uidvalidity
    there = session.connection().search_all(status)
    known = ledger.known(account.name, folder, status.uidvalidity)
    new = [uid for uid in map(str, there) if known.get(uid) in (None, LedgerState.GONE)]
    ledger.discover(account.name, folder, status.uidvalidity, [str(uid) for uid in there], now)
    progress.discovered = len(new)
    if len(there) >= status.exists:  # a SEARCH that lists fewer than EXISTS said is no proof that any is gone
        lost = vanished.since(folder, status.uidvalidity, known, {str(uid) for uid in there})
        ledger.gone(account.name, folder, status.uidvalidity, lost, now)
        progress.gone = len(lost)
    waiting = sorted({int(uid) for uid in ledger.waiting(account.name, folder, status.uidvalidity, now)} & set(there))
    fetcher = _Fetcher(session, role, ledger, now, progress, status.uidvalidity)
    for start in range(0, len(waiting), SIZES_A_COMMAND):
        fetcher.fetch(waiting[start : start + SIZES_A_COMMAND])


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

    def _open(self) -> Connection:
        return self._session.in_folder(self._progress.folder, self._uidvalidity)

    def _fetch_batch(self, batch: list[int], sizes: dict[int, FetchedSize]) -> None:
        """Fetch together; when that breaks, one by one, so that only the message that breaks it is left behind."""
        try:
            bodies = self._open().fetch_bodies(batch)
        except _ONE_MESSAGES_FAULT as error:
            if isinstance(error, RefusedError) and error.wait_seconds:
                raise
            for uid in batch:
                self._fetch_one(uid, sizes[uid])
            return
        for uid in batch:
            self._take(uid, sizes[uid], bodies.get(uid))

    def _fetch_one(self, uid: int, size: FetchedSize, first_bytes: int | None = None) -> None:
        connection = self._open()
        try:
            bodies = connection.fetch_bodies([uid], first_bytes=first_bytes)
        except _ONE_MESSAGES_FAULT as error:
            if isinstance(error, RefusedError) and error.wait_seconds:
                raise
            self._fail(uid, str(error))
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
            received=(body.received or size.received or self._now).astimezone(UTC),
            role=self._role,
            truncated_from=size.size if is_part and size.size > len(body.content) else None,
        )
        self._progress.stored += self._ledger.store(message, self._now)

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
