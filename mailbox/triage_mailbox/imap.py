"""IMAP (RFC 3501, RFC 9051) read-only: the only door to imapclient, with deadlines and one family of errors."""

import contextlib
import imaplib
import logging
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Self

from imapclient import IMAPClient, SocketTimeout, exceptions
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
from triage_mailbox.imap_safety import Watch, Wire, password_of, tls_context, wait_named
from triage_mailbox.oauth import oauthbearer, xoauth2

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
        "IDLE",
        "DONE",
        "LOGOUT",
    ]
)
UIDS_A_SEARCH = 50_000  # a longer SEARCH line than imaplib reads (1,000,000 bytes) cannot come of this many
BIGGEST_UID = 2**32 - 1
MOST_WINDOWS = 200  # of UIDs; where they are sparser than that, windows of message numbers serve instead
IDLE_SECONDS = 9 * 60.0  # RFC 2177: at most 29 minutes; firewalls forget idle connections sooner
LISTEN_SECONDS = 0.5
CONNECTING = "connecting"
_TOO_LONG = "got more than"  # imaplib's words for a line beyond its limit: an error of the same class as a server's NO

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

# imapclient logs what is said on the wire, message text included, at DEBUG, and a server's odd words as a warning.
logging.getLogger("imapclient").setLevel(logging.ERROR)


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
    """A message's bytes, empty where the server gave NIL or nothing."""

    content: bytes


class Connection:
    """One signed-in connection. Every method raises only `MailboxError`; after most errors `is_usable` is False."""

    def __init__(self, account: ImapAccount, client: IMAPClient, watch: Watch, deadline: float) -> None:
        self._account = account
        self._client = client
        self._watch = watch
        self._deadline = deadline
        self.is_usable = True

    @classmethod
    def open(cls, account: ImapAccount, deadline: float) -> Self:
        """Connect, verify TLS, then sign in; no credential is sent to a server that is not verified.

        A token that is refused is asked for afresh, once. `deadline` is on the monotonic clock.
        Raises NotReachedError, NotTrustedError, CredentialsRefusedError and others.
        """
        if account.tokens is None:
            return cls._signed_in(account, deadline, None)
        token = account.tokens.token()
        try:
            return cls._signed_in(account, deadline, token)
        except CredentialsRefusedError:
            another = account.tokens.token(fresh=True)
            if another == token:
                raise
            return cls._signed_in(account, deadline, another)

    @classmethod
    def _signed_in(cls, account: ImapAccount, deadline: float, token: str | None) -> Self:
        watch = Watch()
        context = tls_context(account)
        seconds = min(account.timeouts.command, deadline - time.monotonic())
        try:
            with _translated(account, CONNECTING, watch, seconds):
                client = _Client(account, context, watch)
                if account.starttls:
                    client.starttls(context)
        except MailboxError:
            watch.forget()
            raise
        connection = cls(account, client, watch, deadline)
        try:
            if token is None:
                connection._sign_in()
            else:
                connection._sign_in_with(token)
        except MailboxError:
            connection.close()
            raise
        return connection

    def _sign_in(self) -> None:
        password = password_of(self._account)
        with self._command("signing in"):
            may_login = not self._client.has_capability("LOGINDISABLED")
            if not may_login and not self._client.has_capability("AUTH=PLAIN"):
                raise CredentialsRefusedError(f"{_server(self._account)} does not allow signing in with a password.")
            if may_login and (self._account.user + password).isascii():
                self._client.login(self._account.user, password)
            else:  # LOGIN knows only ASCII; AUTHENTICATE PLAIN carries UTF-8 (RFC 4616)
                self._client.plain_login(self._account.user, password)

    def _sign_in_with(self, token: str) -> None:
        account = self._account
        with self._command("signing in"):
            if self._client.has_capability("AUTH=XOAUTH2"):
                mechanism, answers = "XOAUTH2", xoauth2(account.user, token)
            elif self._client.has_capability("AUTH=OAUTHBEARER"):
                mechanism, answers = "OAUTHBEARER", oauthbearer(account.user, token, account.host, account.port)
            else:
                raise SettingError(f"{_server(account)} offers neither XOAUTH2 nor OAUTHBEARER; use a password.")
            self._client.sasl_login(mechanism, answers)

    def until(self, deadline: float) -> None:
        """Give the connection another deadline: a new round begins on it."""
        self._deadline = deadline

    @property
    def can_idle(self) -> bool:
        """Whether the server offers IDLE (RFC 2177) to the signed-in user."""
        with self._command("asking what it can do"):
            return bool(self._client.has_capability("IDLE"))

    @property
    def tls_version(self) -> str:
        """What the connection is protected with, for example "TLSv1.3"."""
        return str(self._client.socket().version())

    def capabilities(self) -> frozenset[str]:
        """What the server offers to the signed-in user, in capitals (RFC 3501 section 6.1.1)."""
        with self._command("asking what it can do"):
            return frozenset(name.decode("ascii", "replace").upper() for name in self._client.capabilities())

    def folder_names(self) -> list[str]:
        """Every folder that the server lists to the signed-in user."""
        with self._command("listing folders"):
            return [str(name) for _, _, name in self._client.list_folders()]

    def idle(self, seconds: float, stop: threading.Event) -> None:
        """Wait in the open folder until the server says anything, the seconds pass or `stop` is set.

        What it says is not used: any word of it is a reason to look, and silence proves nothing.
        """
        self.until(time.monotonic() + seconds + self._account.timeouts.command)
        with self._command("beginning to listen"):
            self._client.begin_idle()
        seconds = min(seconds, IDLE_SECONDS)
        ends = time.monotonic() + seconds
        with self._command("listening", at_least=seconds + self._account.timeouts.read):
            while not stop.is_set() and (left := ends - time.monotonic()) > 0:
                if self._client.hears(min(left, LISTEN_SECONDS)):
                    break
        with self._command("ending to listen", at_most=self._account.timeouts.read):
            self._client.idle_done()

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
        found: set[int] = set()
        for criteria, first, end in _windows(status):
            with self._command("listing messages"):
                answer = self._client.search(criteria)
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
        answer = self._fetch(uids, [item], "fetching messages")
        key = b"BODY[]" if first_bytes is None else b"BODY[]<0>"
        return {uid: FetchedBody(content=_bytes(row.get(key))) for uid, row in answer.items() if key in row}

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
    def _command(self, what: str, at_least: float = 0.0, at_most: float = 3600.0) -> Iterator[None]:
        seconds = max(at_least, min(at_most, self._account.timeouts.command, self._deadline - time.monotonic()))
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


def _windows(status: FolderStatus) -> Iterator[tuple[str, int, int]]:
    """SEARCH criteria that together list a folder, each with the UIDs that its answer may hold."""
    last = status.uidnext - 1 if status.uidnext else BIGGEST_UID
    if status.exists <= UIDS_A_SEARCH:
        yield f"UID 1:{last}", 1, last
    elif last <= MOST_WINDOWS * UIDS_A_SEARCH:
        for first in range(1, last + 1, UIDS_A_SEARCH):
            end = min(first + UIDS_A_SEARCH - 1, last)
            yield f"UID {first}:{end}", first, end
    else:
        for first in range(1, status.exists + 1, UIDS_A_SEARCH):
            yield f"{first}:{min(first + UIDS_A_SEARCH - 1, status.exists)}", 1, last


class _Client(IMAPClient):  # type: ignore[misc]
    """imapclient on a `Wire`; times as the server gives them (its default turns them into naive local ones)."""

    def __init__(self, account: ImapAccount, context: ssl.SSLContext, watch: Watch) -> None:
        self._make_wire = partial(Wire, account, context, watch)
        timeout = SocketTimeout(account.timeouts.connect, account.timeouts.read)
        super().__init__(account.host, account.port, ssl=not account.starttls, ssl_context=context, timeout=timeout)
        self.normalise_times = False

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802
        return self._make_wire()

    def hears(self, seconds: float) -> bool:
        return bool(self._imap.hears(seconds))

    def begin_idle(self) -> None:
        """IDLE; other answers may come before the server's "+" (imapclient's own `idle` takes them for errors)."""
        tag = self._idle_tag = self._imap._command("IDLE")
        while self._imap._get_response() is not None:
            if refusal := self._imap.tagged_commands.get(tag):
                raise imaplib.IMAP4.error(f"IDLE refused: {refusal[0]}")


@contextlib.contextmanager
def _translated(account: ImapAccount, what: str, watch: Watch, seconds: float) -> Iterator[None]:
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
        if wait := wait_named(said):
            return RefusedError(f"{where}: not now ({said}); it is tried again in {wait:.0f} s.", wait)
        return CredentialsRefusedError(f"{where}: refused ({said}). Check the account's user and password.")
    if is_connecting and isinstance(error, OSError | imaplib.IMAP4.abort):
        return NotReachedError(f"{where}: not reached ({said}).")
    if isinstance(error, TimeoutError):
        return ProtocolError(f"{where}: no answer in time.")
    if isinstance(error, imaplib.IMAP4.abort | OSError):
        return ProtocolError(f"{where}: the connection broke ({said}).", wait_named(said))
    is_understood = not isinstance(error, exceptions.ProtocolError) and _TOO_LONG not in said
    if isinstance(error, imaplib.IMAP4.error) and is_understood:
        return RefusedError(f"{where}: the server refused ({said}).", wait_named(said))
    return ProtocolError(f"{where}: the answer cannot be understood ({type(error).__name__}).")


def _server(account: ImapAccount) -> str:
    return f"{account.name} at {account.host}:{account.port}"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _aware(value: object) -> datetime | None:
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""
