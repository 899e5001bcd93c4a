"""A watched folder: a transcript is taken once it is whole, read-only, and never from outside the folder."""

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from triage_mailbox.accounts import FolderReport, PollReport, TranscriptFolder
from triage_mailbox.ledger import Ledger, LedgerState, Vanished
from triage_mailbox.messages import FolderRole, RawMessage, SourceKind
from triage_mailbox.transcripts import SUFFIXES, is_complete

FOLDER = "calls"
SIDECAR = ".call.json"
PATIENCE = 10
DEEPEST = 5
_GENERATION = 1
_SIDECAR_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    uid: str
    path: Path
    size: int
    changed_ns: int


class TranscriptSource:
    """Polls one `TranscriptFolder`. Keeps, in memory only, since when each unfinished file has not changed."""

    def __init__(self, account: TranscriptFolder) -> None:
        self.account = account.name
        self._settings = account
        self._vanished = Vanished()
        self._seen: dict[str, tuple[int, int, float]] = {}

    def poll(self, ledger: Ledger, now: datetime) -> PollReport:
        """One round over the folder; a file that cannot be read is reported in the ledger and tried again."""
        unread: list[str] = []
        try:
            root = Path(self._settings.path).resolve(strict=True)
            files = {file.uid: file for file in _transcripts(root, root, DEEPEST, unread)}
        except OSError as error:
            problem = f"The transcript folder {self._settings.path} cannot be read: {error.strerror}."
            return PollReport(account=self.account, folders=(FolderReport(folder=FOLDER, problem=problem),))
        known = ledger.known(self.account, FOLDER, _GENERATION)
        new = [uid for uid in files if known.get(uid) in (None, LedgerState.GONE)]
        ledger.discover(self.account, FOLDER, _GENERATION, list(files), now)
        lost = [] if unread else self._vanished.since(FOLDER, _GENERATION, known, files)
        ledger.gone(self.account, FOLDER, _GENERATION, lost, now)
        stored = failed = 0
        for uid in ledger.waiting(self.account, FOLDER, _GENERATION, now):
            if uid not in files:
                continue
            try:
                message = self._take(files[uid])
            except OSError as error:
                ledger.failed(
                    self.account, FOLDER, _GENERATION, uid, f"The file cannot be read: {error.strerror}.", now
                )
                failed += 1
                continue
            if message is not None:
                stored += ledger.store(message, now)
        self._seen = {uid: seen for uid, seen in self._seen.items() if uid in files}
        report = FolderReport(
            folder=FOLDER,
            discovered=len(new),
            stored=stored,
            failed=failed,
            gone=len(lost),
            problem=f"These folders of transcripts cannot be read: {', '.join(unread[:5])}." if unread else None,
            uidvalidity=_GENERATION,
        )
        return PollReport(account=self.account, folders=(report,))

    def _take(self, file: _File) -> RawMessage | None:
        """The message, or None while the file may still be changing."""
        rest = self._seconds_at_rest(file)
        if rest < self._settings.settle_seconds:
            return None
        content, size = _read(file.path, self._settings.max_bytes)
        if size != file.size:
            return None
        sidecar_path = file.path.with_name(file.path.stem + SIDECAR)
        sidecar = _read(sidecar_path, _SIDECAR_BYTES)[0] if sidecar_path.exists() else None
        is_whole = size <= len(content) and is_complete(content) and sidecar is not None
        if not is_whole and rest < self._settings.settle_seconds * PATIENCE:
            return None
        return RawMessage.of(
            content,
            account=self.account,
            folder=FOLDER,
            uidvalidity=_GENERATION,
            uid=file.uid,
            received=datetime.fromtimestamp(file.changed_ns / 1e9, UTC),
            kind=SourceKind.TRANSCRIPT,
            role=FolderRole.INBOX,
            name=file.uid,
            sidecar=sidecar,
            truncated_from=size if size > len(content) else None,
        )

    def _seconds_at_rest(self, file: _File) -> float:
        """How long the file has kept its size and time: by the clock, or, when that is no help, as seen from here."""
        size, changed, since = self._seen.get(file.uid, (-1, -1, 0.0))
        if (size, changed) != (file.size, file.changed_ns):
            since = time.monotonic()
            self._seen[file.uid] = (file.size, file.changed_ns, since)
        return max(time.time() - file.changed_ns / 1e9, time.monotonic() - since)


def _transcripts(folder: Path, root: Path, depth: int, unread: list[str]) -> Iterator[_File]:
    """Regular files with a known suffix; symbolic links, hidden names and other kinds of file are passed over.

    A folder inside that cannot be read is added to `unread` and stops no other; the root itself raises OSError.
    """
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        path = Path(entry.path)
        name = path.relative_to(root).as_posix()
        try:
            if entry.is_dir(follow_symlinks=False) and depth:
                yield from _transcripts(path, root, depth - 1, unread)
            elif _is_transcript(entry.name) and entry.is_file(follow_symlinks=False):
                size = entry.stat(follow_symlinks=False)
                yield _File(uid=name, path=path, size=size.st_size, changed_ns=size.st_mtime_ns)
        except FileNotFoundError:
            continue  # moved away while the folder was read
        except OSError:
            unread.append(name)


def _is_transcript(name: str) -> bool:
    name = name.lower()
    return name.endswith(SUFFIXES) and not name.endswith(SIDECAR)


def _read(path: Path, limit: int) -> tuple[bytes, int]:
    """At most `limit` bytes and the full size; refuses a link put in the file's place after it was listed."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(0, "it is not a regular file")
        return file.read(limit), found.st_size
