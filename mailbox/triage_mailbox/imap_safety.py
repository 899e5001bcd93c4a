"""What keeps an IMAP connection safe: a watch that cuts it when time is up, verified TLS, and credentials that can be sent."""

import contextlib
import imaplib
import re
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from io import BufferedReader

from triage_mailbox.accounts import ImapAccount
from triage_mailbox.errors import SettingError

LITERAL_SLACK = 64 * 1024
TEMPORARY_SECONDS = 30.0  # where a server says "not now" without saying for how long

_NAMED_WAIT = re.compile(
    r"back-?\s?off[^0-9\]]{0,30}(\d{1,9})\s*(milliseconds|msecs?|ms|seconds|secs?|s)\b", re.IGNORECASE
)
_TEMPORARY = re.compile(
    r"\[(UNAVAILABLE|LIMIT|INUSE|SERVERBUG|THROTTLED|OVERQUOTA)\]|throttl|too many (simultaneous|connections|commands)"
    r"|maximum number of connections|authenticated but not connected|exceeded command or bandwidth|try again later",
    re.IGNORECASE,
)


def wait_named(said: str) -> float | None:
    """Seconds to leave a server alone: those it names (Exchange's throttling), a default where it says only "not now"
    (RFC 5530: UNAVAILABLE, INUSE, LIMIT), None where its answer asks for no wait."""
    named = _NAMED_WAIT.search(said)
    if named:
        number = float(named.group(1))
        return number / 1000 if named.group(2).lower().startswith("m") else number
    return TEMPORARY_SECONDS if _TEMPORARY.search(said) else None


class Watch:
    """Cuts a connection when a command outlasts its seconds: a drip of bytes keeps every single read within limits.

    Holds a second handle of the TCP socket, which works whatever TLS does to the first.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._holding = threading.Lock()  # a cut never meets a number that was closed and given to another file
        self.has_cut = False

    def attach(self, connected: socket.socket) -> None:
        self.forget()
        self._socket = connected.dup()

    def forget(self) -> None:
        with self._holding:
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
        with self._holding, contextlib.suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)


class Wire(imaplib.IMAP4):
    """imaplib's connection with the socket shown to the watch and literals bounded before they are allocated."""

    def __init__(self, account: ImapAccount, context: ssl.SSLContext, watch: Watch) -> None:
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

    def hears(self, seconds: float) -> bool:
        """Whether anything comes within the seconds; what TLS or the buffer holds already is not seen by the socket."""
        self.sock.settimeout(0)
        try:
            buffered: BufferedReader = self.file  # type: ignore[assignment] # socket.makefile("rb")
            if buffered.peek(1):
                return True
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        finally:
            self.sock.settimeout(self._account.timeouts.read)
        poller = select.poll()
        poller.register(self.sock, select.POLLIN)
        return bool(poller.poll(seconds * 1000))

    def read(self, size: int) -> bytes:
        limit = self._account.max_bytes + LITERAL_SLACK
        if size > limit:
            raise imaplib.IMAP4.abort(f"the server announced {size:,} bytes at once, more than {limit:,}")
        return super().read(size)


def tls_context(account: ImapAccount) -> ssl.SSLContext:
    """TLS 1.2 or newer with certificate and host name verified; no setting turns that off."""
    try:
        context = ssl.create_default_context(cafile=account.ca_file)
    except (OSError, ValueError) as error:
        raise SettingError(
            f"Account {account.name}: the authority file {account.ca_file} cannot be read: {error}."
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def password_of(account: ImapAccount) -> str:
    """The password, fetched now; one that could end a command line is refused."""
    if account.password is None:
        raise SettingError(f"Account {account.name} has no password; set password_file or password_env.")
    try:
        password = account.password()
    except Exception as error:  # whatever fetches it; its own words might show the password
        raise SettingError(f"Account {account.name}: its password cannot be read ({type(error).__name__}).") from None
    if not password or any(ord(character) < 32 or ord(character) == 127 for character in password):
        raise SettingError(f"Account {account.name}: its password is empty or holds a control character.")
    return password
