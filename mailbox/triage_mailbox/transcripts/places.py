"""Where transcripts lie: what is there now, and its bytes, never anything outside the place or behind a link."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from triage_mailbox.errors import NotReachedError

DEEPEST = 5
MOST_FILES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file as listed: `name` relative to the place with "/" between parts, `mark` that changes when the file does.

    `changed` is the place's own time of the last change, None where it tells none.
    """

    name: str
    size: int
    mark: str
    changed: datetime | None

    @property
    def version(self) -> str:
        """Twelve hex digits that stand for this content as far as a listing can tell."""
        return hashlib.sha256(f"{self.size}:{self.mark}".encode()).hexdigest()[:12]


@dataclass(slots=True, kw_only=True)
class Listing:
    """Everything in a place, and sentences about what was passed over."""

    files: dict[str, Found]
    problems: list[str]
    is_whole: bool = True


class Place(Protocol):
    """A folder of this machine, of an SFTP server or of an object store, opened for one round. Only ever read."""

    def opened(self) -> AbstractContextManager[object]:
        """Connects for the duration of a round; raises NotReachedError in a sentence."""
        ...

    def listing(self) -> Listing:
        """Regular files, `DEEPEST` folders deep, without hidden names and links; raises NotReachedError."""
        ...

    def read(self, name: str, limit: int) -> tuple[bytes, int]:
        """At most `limit` bytes and the full size; raises OSError, also for a link put in the file's place."""
        ...


class LocalPlace:
    """A folder of this machine. A file must belong to this user, to root or to the folder's own owner."""

    def __init__(self, path: str) -> None:
        self._path = path

    def opened(self) -> AbstractContextManager[object]:
        return nullcontext()

    def listing(self) -> Listing:
        found = Listing(files={}, problems=[])
        unread: list[str] = []
        try:
            root = self._root()
            owners = {0, os.geteuid(), root.stat().st_uid}
            strangers = []
            for entry in _regular_files(root, root, DEEPEST, unread):
                name = Path(entry.path).relative_to(root).as_posix()
                try:
                    facts = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # moved away while the folder was read
                if facts.st_uid not in owners:
                    strangers.append(name)
                    continue
                changed = datetime.fromtimestamp(facts.st_mtime_ns / 1e9, UTC)
                found.files[name] = Found(name=name, size=facts.st_size, mark=str(facts.st_mtime_ns), changed=changed)
                if len(found.files) >= MOST_FILES:
                    found.problems.append(
                        f"Only the first {MOST_FILES:,} files of the transcript folder were looked at."
                    )
                    found.is_whole = False
                    break
        except (OSError, ValueError, OverflowError) as error:
            why = error.strerror if isinstance(error, OSError) else "a file has an impossible time"
            raise NotReachedError(f"The transcript folder {self._path} cannot be read: {why}.") from error
        if unread:
            found.is_whole = False
            found.problems.append(f"These folders of transcripts cannot be read: {', '.join(unread[:5])}.")
        if strangers:
            found.problems.append(
                f"{len(strangers)} files belong to another user than the folder and were left alone: {', '.join(strangers[:5])}."
            )
        return found

    def read(self, name: str, limit: int) -> tuple[bytes, int]:
        descriptor = os.open(self._root() / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise OSError(0, "it is not a regular file")
            return file.read(limit), found.st_size

    def _root(self) -> Path:
        return Path(self._path).resolve(strict=True)


def _regular_files(folder: Path, root: Path, depth: int, unread: list[str]) -> Iterator[os.DirEntry[str]]:
    """Symbolic links, hidden names and other kinds of file are passed over.

    A folder inside that cannot be read is added to `unread` and stops no other; the root itself raises OSError.
    """
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        try:
            if entry.is_dir(follow_symlinks=False) and depth:
                yield from _regular_files(Path(entry.path), root, depth - 1, unread)
            elif entry.is_file(follow_symlinks=False):
                yield entry
        except FileNotFoundError:
            continue
        except OSError:
            unread.append(Path(entry.path).relative_to(root).as_posix())
