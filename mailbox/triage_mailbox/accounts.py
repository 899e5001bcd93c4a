"""Settings of what is polled, and the one function that opens them: nothing else decides where to connect."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from triage_mailbox.errors import SettingError
from triage_mailbox.ledger import Ledger
from triage_mailbox.messages import FolderRole

MEGABYTE = 1024 * 1024


class Secret:
    """A password that is fetched when it is needed and never shown: `repr`, `str` and a traceback print a mask."""

    __slots__ = ("_fetch",)

    def __init__(self, fetch: Callable[[], str]) -> None:
        self._fetch = fetch

    @classmethod
    def of(cls, value: str) -> "Secret":
        """Wrap a value that is in memory already."""
        return cls(lambda: value)

    @classmethod
    def from_file(cls, path: str | Path) -> "Secret":
        """Read the first line of a file on each use, so that a changed password needs no restart."""
        return cls(lambda: Path(path).read_text(encoding="utf-8").splitlines()[0])

    def __call__(self) -> str:
        return self._fetch()

    def __repr__(self) -> str:
        return "Secret(***)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapTimeouts:
    """Seconds: to connect, for one read, for one command (a drip of bytes beats the read limit) and for a round."""

    connect: float = 10.0
    read: float = 30.0
    command: float = 120.0
    round: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAccount:
    """A shared mailbox on an IMAP server, over TLS always; `ca_file` names a private authority (PEM)."""

    name: str
    host: str
    user: str
    password: Secret
    folders: tuple[tuple[str, FolderRole], ...]
    port: int = 993
    ca_file: str | None = None
    starttls: bool = False
    timeouts: ImapTimeouts = field(default_factory=ImapTimeouts)
    max_bytes: int = 25 * MEGABYTE
    keep_bytes: int = MEGABYTE  # of a message over max_bytes: the header and the first words are enough to judge

    def __post_init__(self) -> None:
        _refuse_doubles(self.name, [folder for folder, _ in self.folders])
        for value in (self.host, self.user, *(folder for folder, _ in self.folders)):
            if any(ord(character) < 32 or ord(character) == 127 for character in value):
                raise SettingError(f"Account {self.name}: {value!r} holds a control character; remove it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MaildirAccount:
    """Maildir folders on this machine; a folder is known by the last part of its path."""

    name: str
    folders: tuple[tuple[str, FolderRole], ...]
    max_bytes: int = 25 * MEGABYTE
    keep_bytes: int = MEGABYTE

    def __post_init__(self) -> None:
        _refuse_doubles(self.name, [Path(path).name for path, _ in self.folders])


@dataclass(frozen=True, slots=True, kw_only=True)
class MboxAccount:
    """Mbox files on this machine; the last message of a file changed within `settle_seconds` waits for a later round."""

    name: str
    folders: tuple[tuple[str, FolderRole], ...]
    max_bytes: int = 25 * MEGABYTE
    keep_bytes: int = MEGABYTE
    settle_seconds: float = 2.0

    def __post_init__(self) -> None:
        _refuse_doubles(self.name, [Path(path).name for path, _ in self.folders])


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptFolder:
    """A watched folder of call transcripts. A file is taken once it has kept size and mtime for `settle_seconds`;
    one that looks unfinished, or has no `<stem>.call.json` beside it, gets `PATIENCE` times as long."""

    name: str
    path: str
    settle_seconds: float = 5.0
    max_bytes: int = 25 * MEGABYTE


Account = ImapAccount | MaildirAccount | MboxAccount | TranscriptFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderReport:
    """One folder in one round: how many were newly discovered, stored, failed and found gone; `problem` a sentence."""

    folder: str
    discovered: int = 0
    stored: int = 0
    failed: int = 0
    gone: int = 0
    problem: str | None = None
    uidvalidity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """One round over an account. `wait_seconds` is set where the server asked to be left alone for that long."""

    account: str
    folders: tuple[FolderReport, ...]
    wait_seconds: float | None = None

    @property
    def stored(self) -> int:
        """Messages stored in this round, all folders together."""
        return sum(folder.stored for folder in self.folders)

    @property
    def problems(self) -> tuple[str, ...]:
        """Every folder's problem, as sentences."""
        return tuple(folder.problem for folder in self.folders if folder.problem)


class Source(Protocol):
    """Something that can be polled. `poll` never raises for what the outside did: the report says it."""

    account: str

    def poll(self, ledger: Ledger, now: datetime) -> PollReport:
        """One round: discover, fetch what waits, store. A broken folder or message never stops the next."""
        ...


def open_source(account: Account) -> Source:
    """The source that polls an account; connects to nothing yet."""
    if isinstance(account, ImapAccount):
        from triage_mailbox.imap_source import ImapSource

        return ImapSource(account)
    if isinstance(account, MaildirAccount):
        from triage_mailbox.archive import MaildirSource

        return MaildirSource(account)
    if isinstance(account, MboxAccount):
        from triage_mailbox.archive import MboxSource

        return MboxSource(account)
    from triage_mailbox.transcripts.folder import TranscriptSource

    return TranscriptSource(account)


def _refuse_doubles(account: str, folders: list[str]) -> None:
    doubles = [folder for folder, count in Counter(folders).items() if count > 1]
    if doubles:
        raise SettingError(f"Account {account}: folder {doubles[0]!r} is named twice; give each folder once.")
