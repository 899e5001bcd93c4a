"""Maildir folders and mbox files through the standard library's `mailbox`, opened to read and nothing else."""

import glob
import hashlib
import mailbox
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from triage_mailbox.accounts import FolderReport, MaildirAccount, MboxAccount, PollReport
from triage_mailbox.errors import FolderMissingError, MailboxError
from triage_mailbox.ledger import Ledger, LedgerState, Vanished
from triage_mailbox.messages import FolderRole, RawMessage

_GENERATION = 1  # these formats have no UIDVALIDITY: their keys are never used again
_STATUS_LINES = re.compile(
    rb"^(?:X-)?(?:Status|Keywords|UID|IMAP\w*):[^\n]*\n(?:[ \t][^\n]*\n)*", re.MULTILINE | re.IGNORECASE
)
_YEAR_2000, _YEAR_2100 = 946_684_800, 4_102_444_800


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One message's bytes (at most the limit), its full size in bytes and when it arrived."""

    content: bytes
    size: int
    received: datetime


class MaildirSource:
    """Polls Maildir folders. The key is the unique part of a name, so a changed flag is no new message."""

    def __init__(self, account: MaildirAccount) -> None:
        self.account = account.name
        self._settings = account
        self._vanished = Vanished()

    def poll(self, ledger: Ledger, now: datetime) -> PollReport:
        """One round; a folder that is missing is its own problem and stops no other."""
        reports = []
        for path, role in self._settings.folders:
            reports.append(_poll_folder(Path(path), partial(self._poll_one, Path(path), role, ledger, now)))
        return PollReport(account=self.account, folders=tuple(reports))

    def _poll_one(self, path: Path, role: FolderRole, ledger: Ledger, now: datetime) -> FolderReport:
        if not (path / "cur").is_dir() or not (path / "new").is_dir():
            raise FolderMissingError(f"{path} is no Maildir (it has no new/ and cur/); correct the account's folders.")
        maildir = mailbox.Maildir(path, create=False)
        keys = list(maildir.keys())

        def fetch(key: str) -> _Found | None:
            return _read_maildir(maildir, path, key, self._settings)

        return _reconcile(self._settings, path.name, role, keys, fetch, ledger, now, self._vanished)


class MboxSource:
    """Polls mbox files. The key is a hash of the message without its status lines, and its count among equals."""

    def __init__(self, account: MboxAccount) -> None:
        self.account = account.name
        self._settings = account
        self._vanished = Vanished()

    def poll(self, ledger: Ledger, now: datetime) -> PollReport:
        """One round; a file that is missing is its own problem and stops no other."""
        reports = []
        for path, role in self._settings.folders:
            reports.append(_poll_folder(Path(path), partial(self._poll_one, Path(path), role, ledger, now)))
        return PollReport(account=self.account, folders=tuple(reports))

    def _poll_one(self, path: Path, role: FolderRole, ledger: Ledger, now: datetime) -> FolderReport:
        if not path.is_file():
            raise FolderMissingError(f"{path} is no mbox file; correct the account's folders.")
        changed = path.stat().st_mtime
        with open(path, "rb") as file:
            opening = file.read(5)
        if opening not in (b"From ", b""):
            raise FolderMissingError(f"{path} does not begin with a line 'From '; it is no mbox file.")
        box = mailbox.mbox(path, create=False)
        try:
            is_settled = time.time() - changed >= self._settings.settle_seconds
            places = _keyed(box, is_settled=is_settled)

            def fetch(key: str) -> _Found | None:
                return _read_mbox(box, places[key], self._settings, datetime.fromtimestamp(changed, UTC))

            return _reconcile(
                self._settings,
                path.name,
                role,
                list(places),
                fetch,
                ledger,
                now,
                self._vanished if is_settled else None,
            )
        finally:
            box.close()


def _poll_folder(path: Path, poll: Callable[[], FolderReport]) -> FolderReport:
    try:
        return poll()
    except MailboxError as error:
        return FolderReport(folder=path.name, problem=str(error))
    except (OSError, mailbox.Error) as error:
        return FolderReport(folder=path.name, problem=f"{path} cannot be read: {error}.")


def _reconcile(
    settings: MaildirAccount | MboxAccount,
    folder: str,
    role: FolderRole,
    keys: list[str],
    fetch: Callable[[str], _Found | None],
    ledger: Ledger,
    now: datetime,
    vanished: Vanished | None,
) -> FolderReport:
    """Set difference of what is there and what is known, then store what waits, one commit a message.

    Without `vanished` the list is known to be incomplete and nothing is taken to be gone.
    """
    account = settings.name
    known = ledger.known(account, folder, _GENERATION)
    there = set(keys)
    new = [key for key in keys if known.get(key) in (None, LedgerState.GONE)]
    ledger.discover(account, folder, _GENERATION, keys, now)
    lost = vanished.since(folder, _GENERATION, known, there) if vanished else []
    ledger.gone(account, folder, _GENERATION, lost, now)
    stored = failed = 0
    for key in ledger.waiting(account, folder, _GENERATION, now):
        if key not in there:
            continue
        try:
            found = fetch(key)
        except (OSError, KeyError, ValueError) as error:
            ledger.failed(account, folder, _GENERATION, key, f"The message cannot be read: {error}.", now)
            failed += 1
            continue
        if found is None:
            ledger.failed(account, folder, _GENERATION, key, "The message is empty.", now)
            failed += 1
            continue
        stored += ledger.store(_message(found, settings, folder, key, role), now)
    return FolderReport(
        folder=folder,
        discovered=len(new),
        stored=stored,
        failed=failed,
        gone=len(lost),
        uidvalidity=_GENERATION,
    )


def _message(
    found: _Found, settings: MaildirAccount | MboxAccount, folder: str, key: str, role: FolderRole
) -> RawMessage:
    return RawMessage.of(
        found.content,
        account=settings.name,
        folder=folder,
        uidvalidity=_GENERATION,
        uid=key,
        received=found.received,
        role=role,
        truncated_from=found.size if found.size > len(found.content) else None,
    )


def _read_maildir(maildir: "mailbox.Maildir", root: Path, key: str, settings: MaildirAccount) -> _Found | None:
    file = maildir.get_file(key)
    try:
        file.seek(0, 2)
        size = file.tell()
        file.seek(0)
        content = file.read(settings.max_bytes if size <= settings.max_bytes else settings.keep_bytes)
    finally:
        file.close()
    if not content:
        return None
    return _Found(content=content, size=size, received=_maildir_time(root, key))


def _maildir_time(root: Path, key: str) -> datetime:
    """When a message was delivered: the seconds that open its name by convention, else the time of its file."""
    seconds = re.match(r"(\d{9,10})\.", key)
    if seconds and _YEAR_2000 <= int(seconds.group(1)) < _YEAR_2100:
        return datetime.fromtimestamp(int(seconds.group(1)), UTC)
    for part in ("new", "cur"):
        for path in (root / part).glob(glob.escape(key) + "*"):
            return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return datetime.now(UTC)


def _keyed(box: "mailbox.mbox", *, is_settled: bool) -> dict[str, str]:
    """A key for each message: equal messages are told apart by their count, so removing others changes no key."""
    places: dict[str, str] = {}
    counts: Counter[str] = Counter()
    numbers = list(box.keys())
    for number in numbers if is_settled else numbers[:-1]:
        digest = hashlib.sha256(_without_status(box.get_bytes(number))).hexdigest()[:32]
        counts[digest] += 1
        places[f"{digest}.{counts[digest]}"] = number
    return places


def _without_status(content: bytes) -> bytes:
    head, blank, body = content.partition(b"\n\n")
    return _STATUS_LINES.sub(b"", head + b"\n") + blank + body


def _read_mbox(box: "mailbox.mbox", number: str, settings: MboxAccount, changed: datetime) -> _Found | None:
    whole = box.get_bytes(number, from_=True)
    opening, _, content = whole.partition(b"\n")
    if not content.strip():
        return None
    size = len(content)
    kept = content if size <= settings.max_bytes else content[: settings.keep_bytes]
    stamp = re.sub(rb"^From \S+\s+", b"", opening).decode("ascii", "replace").strip()
    return _Found(content=kept, size=size, received=_from_line_time(stamp) or changed)


def _from_line_time(stamp: str) -> datetime | None:
    """The moment on an mbox "From " line (asctime, UTC by RFC 4155)."""
    for form in ("%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %Y %z", "%a %b %d %H:%M:%S %z %Y"):
        try:
            moment = datetime.strptime(" ".join(stamp.split()), form)  # noqa: DTZ007 - made aware below
        except ValueError:
            continue
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return None
