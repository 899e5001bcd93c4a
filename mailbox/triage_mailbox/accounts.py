"""Settings of what is polled, and the one function that opens them: nothing else decides where to connect."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Protocol, runtime_checkable

from triage_mailbox.errors import SettingError
from triage_mailbox.ledger import Ledger
from triage_mailbox.messages import FolderRole
from triage_mailbox.oauth import Tokens

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
    """Seconds: to connect, for one read, for one command (a drip of bytes beats the read limit) and for a round.

    `folder` is how long a folder with a backlog is fetched before the account's next one has its turn.
    """

    connect: float = 10.0
    read: float = 30.0
    command: float = 120.0
    round: float = 600.0
    folder: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAccount:
    """A shared mailbox on an IMAP server, over TLS always; `ca_file` names a private authority (PEM).

    Signs in with a `password`, or with `tokens` (XOAUTH2 or OAUTHBEARER); one of the two is given.
    """

    name: str
    host: str
    user: str
    folders: tuple[tuple[str, FolderRole], ...]
    password: Secret | None = None
    tokens: Tokens | None = None
    port: int = 993
    ca_file: str | None = None
    starttls: bool = False
    timeouts: ImapTimeouts = field(default_factory=ImapTimeouts)
    max_bytes: int = 25 * MEGABYTE
    keep_bytes: int = MEGABYTE  # of a message over max_bytes: the header and the first words are enough to judge

    def __post_init__(self) -> None:
        if (self.password is None) == (self.tokens is None):
            raise SettingError(f"Account {self.name} needs either a password or a way to get tokens.")
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
class SftpPlace:
    """An SFTP server whose key must be in the file `known_hosts`; signs in with a key file, a password or both."""

    host: str
    user: str
    known_hosts: str
    port: int = 22
    password: Secret | None = None
    key_file: str | None = None
    extra: str = "sftp"

    @property
    def shown(self) -> str:
        """How the place is called in sentences."""
        return f"The SFTP server {self.host}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStore:
    """A store that fsspec knows by its `protocol`, such as "s3"; `endpoint` is for stores that only speak like S3."""

    protocol: str
    key: str | None = None
    secret: Secret | None = None
    endpoint: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """How the place is called in sentences."""
        return f"The {self.protocol} store{f' at {self.endpoint}' if self.endpoint else ''}"

    @property
    def extra(self) -> str:
        """The extra that brings its package."""
        return self.protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptFolder:
    """A watched folder of call transcripts: on this machine or, with `place`, on a server or in a store.

    A file is taken once it has kept size and time for `settle_seconds`; one that looks unfinished, or has no
    `<stem>.call.json` beside it, gets `PATIENCE` times as long. With `done_suffix` (".done") a file is taken when a file
    of its whole name and that suffix lies beside it, and not before.
    """

    name: str
    path: str
    settle_seconds: float = 5.0
    max_bytes: int = 25 * MEGABYTE
    done_suffix: str | None = None
    place: SftpPlace | ObjectStore | None = None


Account = ImapAccount | MaildirAccount | MboxAccount | TranscriptFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderReport:
    """One folder in one round: how many were newly discovered, stored, failed and found gone; `problem` a sentence.

    `left` still wait because the folder's time was up; the next round goes on at once.
    """

    folder: str
    discovered: int = 0
    stored: int = 0
    failed: int = 0
    gone: int = 0
    left: int = 0
    problem: str | None = None
    uidvalidity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """One round over an account. `wait_seconds` is set where the server asked to be left alone for that long.

    `is_refused` says that the credentials were refused: repeating them soon may lock the account.
    """

    account: str
    folders: tuple[FolderReport, ...]
    wait_seconds: float | None = None
    is_refused: bool = False

    @property
    def stored(self) -> int:
        """Messages stored in this round, all folders together."""
        return sum(folder.stored for folder in self.folders)

    @property
    def left(self) -> int:
        """Messages that wait for the next round only because time was up."""
        return sum(folder.left for folder in self.folders)

    @property
    def is_dead(self) -> bool:
        """Whether no folder at all could be polled; one bad folder holds up no other."""
        return bool(self.folders) and all(folder.problem for folder in self.folders)

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


@runtime_checkable
class Lasting(Source, Protocol):
    """A source that keeps its connection from round to round and can be woken by the other side."""

    def stay(self) -> None:
        """From now on keep the connection open between rounds, and share a round's time among folders."""
        ...

    def wait(self, seconds: float, stop: Event) -> None:
        """Return when something may have arrived, the seconds have passed or `stop` is set; never raises for the outside."""
        ...

    def close(self) -> None:
        """Sign off; a later round connects again."""
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
