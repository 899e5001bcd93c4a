"""IMAP (RFC 3501, RFC 9051) read-only: the only door to imapclient, with deadlines and one family of errors."""

import contextlib
import imaplib
import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Self

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, LoginError

from triage_mailbox.accounts import ImapAccount
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

ALLOWED_VERBS = frozenset(
    [
        "CAPABILITY",
        "STARTTLS",
        "LOGIN",
        "AUTHENTICATE",
        "ID",
        "EXAMINE",
        "SEARCH",
        "FETCH",
        "UID",
        "NOOP",
        "LIST",
        "STATUS",
        "UNSELECT",
        "LOGOUT",
    ]
)
UIDS_A_SEARCH = 50_000  # a longer SEARCH line than imaplib reads (1,000,000 bytes) cannot come of this many
BIGGEST_UID = 2**32 - 1
LITERAL_SLACK = 64 * 1024
CONNECTING = "connecting"

_BACKOFF = re.compile(r"Suggested Backoff Time: (\d+) milliseconds", re.IGNORECASE)
_FOREIGN = (
    imaplib.IMAP4.error,
    OSError,
    ValueError,  # UnicodeError and what imapclient raises for odd answers among them
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    OverflowError,
    RecursionError,
    MemoryError,
)

# imapclient and imaplib log what is said on the wire, message text included, at DEBUG.
logging.getLogger("imapclient").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderStatus:
    """What EXAMINE said: the generation, the number of messages, and the next UID where the server names it."""

    uidvalidity: int
    exists: int
    uidnext: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedSize:
    """RFC822.SIZE in bytes, which some servers only estimate, and INTERNALDATE."""

    size: int
    received: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedBody:
    """A message's bytes, empty where the server gave NIL or nothing, and INTERNALDATE."""

    content: bytes
    received: datetime | None


class Connection:
    """One signed-in connection. Every method raises only `MailboxError`; after most errors `is_usable` is False."""

    def __init__(self, account: ImapAccount, client: IMAPClient, watch: "_Watch", deadline: float) -> None:
        self._account = account
        self._client = client
        self._watch = watch
        self._deadline = deadline
        self.is_usable = True

    @classmethod
    def open(cls, account: ImapAccount, deadline: float) -> Self:
        """Connect, verify TLS, then sign in; no credential is sent to a server that is not verified.

        `deadline` is on the monotonic clock. Raises NotReachedError, NotTrustedError, CredentialsRefusedError and others.
        """
        watch = _Watch()
        context = _tls_context(account)
        seconds = min(account.timeouts.command, deadline - time.monotonic())
        with _translated(account, CONNECTING, watch, seconds):
            client = _Client(account, context, watch)
            if account.starttls:
                client.starttls(context)
        connection = cls(account, client, watch, deadline)
        try:
            connection._sign_in()
        except MailboxError:
            connection.close()
            raise
        return connection

    def _sign_in(self) -> None:
        password = _password(self._account)
        with self._command("signing in"):
            if self._client.has_capability("LOGINDISABLED"):
                raise CredentialsRefusedError(f"{_server(self._account)} does not allow signing in with a password.")
            if (self._account.user + password).isascii():
                self._client.login(self._account.user, password)
            else:  # LOGIN knows only ASCII; AUTHENTICATE PLAIN carries UTF-8 (RFC 4616)
                self._client.plain_login(self._account.user, password)

    def examine(self, folder: str) -> FolderStatus:
        """Open a folder read-only (EXAMINE, RFC 3501 section 6.3.2): no flag can change, \\Seen included."""
        with self._command(f"opening {folder!r}"):
            answer = self._client.select_folder(folder, readonly=True)
        uidvalidity = answer.get(b"UIDVALIDITY")
        if not isinstance(uidvalidity, int):
            raise ProtocolError(
                f"{_server(self._account)} gave no UIDVALIDITY for {folder!r}; it cannot be polled safely."
            )
        uidnext = answer.get(b"UIDNEXT")
        exists = answer.get(b"EXISTS", 0)
        return FolderStatus(
            uidvalidity=uidvalidity,
            exists=exists if isinstance(exists, int) else 0,
            uidnext=uidnext if isinstance(uidnext, int) else None,
        )

    def search_all(self, status: FolderStatus) -> list[int]:
        """All UIDs of the open folder, ascending; in windows of UIDs where there are more than one SEARCH may list.

        "n:*" always lists the last message, whatever n is, so answers outside a window are dropped.
        """
        if status.exists == 0:
            return []
        last = status.uidnext - 1 if status.uidnext else BIGGEST_UID
        width = UIDS_A_SEARCH if status.exists > UIDS_A_SEARCH else BIGGEST_UID
        found: set[int] = set()
        for first in range(1, last + 1, width):
            end = min(first + width - 1, last)
            with self._command("listing messages"):
                answer = self._client.search(f"UID {first}:{end}")
            found |= {uid for uid in answer if first <= uid <= end}
        return sorted(found)

    def fetch_sizes(self, uids: Sequence[int]) -> dict[int, FetchedSize]:
        """RFC822.SIZE and INTERNALDATE of messages; a UID that the server says nothing about is left out."""
        answer = self._fetch(uids, ["RFC822.SIZE", "INTERNALDATE"], "asking for sizes")
        return {
            uid: FetchedSize(size=row[b"RFC822.SIZE"], received=_aware(row.get(b"INTERNALDATE")))
            for uid, row in answer.items()
            if isinstance(row.get(b"RFC822.SIZE"), int)
        }

    def fetch_bodies(self, uids: Sequence[int], *, first_bytes: int | None = None) -> dict[int, FetchedBody]:
        """Messages whole, or only their first bytes; BODY.PEEK leaves \\Seen alone even where EXAMINE would not."""
        item = "BODY.PEEK[]" if first_bytes is None else f"BODY.PEEK[]<0.{first_bytes}>"
        answer = self._fetch(uids, [item, "INTERNALDATE"], "fetching messages")
        key = b"BODY[]" if first_bytes is None else b"BODY[]<0>"
        return {
            uid: FetchedBody(content=_bytes(row.get(key)), received=_aware(row.get(b"INTERNALDATE")))
            for uid, row in answer.items()
            if key in row
        }

    def _fetch(self, uids: Sequence[int], items: list[str], what: str) -> Mapping[int, Mapping[bytes, Any]]:
        with self._command(what):
            answer: Mapping[int, Mapping[bytes, Any]] = self._client.fetch(list(uids), items)
        return answer

    def close(self) -> None:
        """Sign off politely when the connection still works; never raises."""
        with contextlib.suppress(MailboxError):
            if self.is_usable:
                with self._command("signing off", at_least=2.0):
                    self._client.logout()
        self.is_usable = False
        with contextlib.suppress(*_FOREIGN):
            self._client.shutdown()
        self._watch.forget()

    @contextlib.contextmanager
    def _command(self, what: str, at_least: float = 0.0) -> Iterator[None]:
        seconds = max(at_least, min(self._account.timeouts.command, self._deadline - time.monotonic()))
        if not self.is_usable:
            raise ProtocolError(f"The connection to {_server(self._account)} is closed.")
        try:
            with _translated(self._account, what, self._watch, seconds):
                yield
        except RefusedError:
            raise  # the server said NO or BAD in good form: the connection still works
        except MailboxError:
            self.is_usable = False
            raise


def deadline_of(account: ImapAccount) -> float:
    """When a round that begins now must end, on the monotonic clock."""
    return time.monotonic() + account.timeouts.round


class _Watch:
    """Cuts a connection when a command outlasts its seconds: a drip of bytes keeps every single read within limits.

    Holds a second handle of the TCP socket, which works whatever TLS does to the first.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self.has_cut = False

    def attach(self, connected: socket.socket) -> None:
        self._socket = connected.dup()

    def forget(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @contextlib.contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        self.has_cut = False
        timer = threading.Timer(max(seconds, 0.001), self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        self.has_cut = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


class _Wire(imaplib.IMAP4):
    """imaplib's connection with the socket shown to the watch and literals bounded before they are allocated."""

    def __init__(self, account: ImapAccount, context: ssl.SSLContext, watch: _Watch) -> None:
        self._account = account
        self._context = context
        self._watch = watch
        super().__init__(account.host, account.port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        connected = socket.create_connection((self.host, self.port), self._account.timeouts.connect)
        self._watch.attach(connected)
        connected.settimeout(self._account.timeouts.read)
        if self._account.starttls:
            return connected
        return self._context.wrap_socket(connected, server_hostname=self._account.host)

    def read(self, size: int) -> bytes:
        limit = self._account.max_bytes + LITERAL_SLACK
        if size > limit:
            raise imaplib.IMAP4.abort(f"the server announced {size:,} bytes at once, more than {limit:,}")
        return super().read(size)


class _Client(IMAPClient):  # type: ignore[misc]
    """imapclient on a `_Wire`; times as the server gives them (its default turns them into naive local ones)."""

    def __init__(self, account: ImapAccount, context: ssl.SSLContext, watch: _Watch) -> None:
        self._make_wire = partial(_Wire, account, context, watch)
        timeout = SocketTimeout(account.timeouts.connect, account.timeouts.read)
        super().__init__(account.host, account.port, ssl=not account.starttls, ssl_context=context, timeout=timeout)
        self.normalise_times = False

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802
        return self._make_wire()


def _tls_context(account: ImapAccount) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=account.ca_file)
    except (OSError, ValueError) as error:
        raise SettingError(
            f"Account {account.name}: the authority file {account.ca_file} cannot be read: {error}."
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextlib.contextmanager
def _translated(account: ImapAccount, what: str, watch: _Watch, seconds: float) -> Iterator[None]:
    """Run a command within its seconds and give every error that can come of it as one of our own."""
    where = f"{_server(account)}, {what}"
    if seconds <= 0:
        raise DeadlineError(f"{where}: the round's time is used up; the next round goes on.")
    try:
        with watch.limit(seconds):
            yield
    except MailboxError:
        raise
    except _FOREIGN as error:
        if watch.has_cut:
            raise DeadlineError(f"{where}: took longer than {seconds:.0f} s and was cut off.") from error
        raise _as_ours(error, where, is_connecting=what == CONNECTING) from error


def _as_ours(error: BaseException, where: str, *, is_connecting: bool) -> MailboxError:
    said = _one_line(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotTrustedError(
            f"{where}: the server's certificate is not trusted ({error.verify_message}); no password was sent. "
            "Correct the host name or the ca_file of the account."
        )
    if (
        isinstance(error, ssl.SSLError)
        and is_connecting
        and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
    ):
        return NotTrustedError(f"{where}: TLS failed ({said}); no password was sent in the clear.")
    if isinstance(error, CapabilityError):
        return NotTrustedError(f"{where}: the server does not offer STARTTLS; no password was sent.")
    if isinstance(error, LoginError) and not isinstance(error.__context__, imaplib.IMAP4.abort):
        return CredentialsRefusedError(f"{where}: refused ({said}). Check the account's user and password.")
    if is_connecting and isinstance(error, OSError | imaplib.IMAP4.abort):
        return NotReachedError(f"{where}: not reached ({said}).")
    if isinstance(error, TimeoutError):
        return ProtocolError(f"{where}: no answer in time.")
    if isinstance(error, imaplib.IMAP4.abort | OSError):
        return ProtocolError(f"{where}: the connection broke ({said}).")
    if isinstance(error, imaplib.IMAP4.error):
        wait = _BACKOFF.search(said)
        return RefusedError(f"{where}: the server refused ({said}).", int(wait.group(1)) / 1000 if wait else None)
    return ProtocolError(f"{where}: the answer cannot be understood ({type(error).__name__}).")


def _password(account: ImapAccount) -> str:
    try:
        password = account.password()
    except Exception as error:  # whatever fetches it; its own words might show the password
        raise SettingError(f"Account {account.name}: its password cannot be read ({type(error).__name__}).") from None
    if not password or any(ord(character) < 32 or ord(character) == 127 for character in password):
        raise SettingError(f"Account {account.name}: its password is empty or holds a control character.")
    return password


def _server(account: ImapAccount) -> str:
    return f"{account.name} at {account.host}:{account.port}"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _aware(value: object) -> datetime | None:
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""
