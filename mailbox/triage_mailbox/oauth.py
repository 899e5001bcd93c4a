"""Where an access token for SASL XOAUTH2 comes from: a file, a command, a token endpoint (RFC 6749) or Microsoft's msal."""

import contextlib
import http.client
import importlib
import json
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlencode, urlsplit

from triage_mailbox.errors import MailboxError, NotReachedError, SettingError, TokenRefusedError

OUTLOOK_SCOPE = "https://outlook.office365.com/.default"
TOKEN_SECONDS = 300.0  # of a token whose life nobody named
SPARE_SECONDS = 60.0
ANSWER_BYTES = 64 * 1024

Read = Callable[[], str]


@runtime_checkable
class Tokens(Protocol):
    """Gives an access token. `fresh` asks for another than the last one, which the server has just refused."""

    def token(self, *, fresh: bool = False) -> str:
        """Raises NotReachedError, TokenRefusedError or SettingError; no message holds a token or a secret."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A token and how many seconds it may be used for; its `repr` masks the token."""

    token: str
    seconds: float

    def __repr__(self) -> str:
        return f"Issued(***, {self.seconds:.0f} s)"


class IssuedTokens:
    """Keeps a token until a minute before it ends, then asks `issue` for another; safe for several threads."""

    def __init__(self, issue: Callable[[], Issued]) -> None:
        self._issue = issue
        self._held = ""
        self._until = 0.0
        self._lock = threading.Lock()

    def token(self, *, fresh: bool = False) -> str:
        with self._lock:
            if fresh or not self._held or time.monotonic() >= self._until:
                self._held = ""
                issued = self._issue()
                self._held = _usable(issued.token)
                self._until = time.monotonic() + max(0.0, issued.seconds - SPARE_SECONDS)
            return self._held

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"


class TokenFile:
    """The first line of a file that something else keeps fresh; read at each use."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def token(self, *, fresh: bool = False) -> str:
        try:
            text = self._path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise SettingError(f"The token file {self._path} cannot be read ({type(error).__name__}).") from None
        return _usable(text.strip().partition("\n")[0])


def from_command(command: tuple[str, ...], *, seconds: float = 30.0) -> IssuedTokens:
    """A program that prints a token, as mail programs know it (mutt, msmtp, getmail): run without a shell.

    Its output is used for five minutes, then it is run again. `seconds` is how long it may take.
    """

    def issue() -> Issued:
        try:
            done = subprocess.run(command, capture_output=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            raise NotReachedError(f"The token command {command[0]} took longer than {seconds:.0f} s.") from None
        except (OSError, ValueError, IndexError) as error:
            raise SettingError(f"The token command cannot be run ({type(error).__name__}); correct it.") from None
        if done.returncode != 0:
            raise TokenRefusedError(f"The token command {command[0]} ended with code {done.returncode}.")
        return Issued(token=done.stdout.decode("utf-8", "replace").strip(), seconds=TOKEN_SECONDS + SPARE_SECONDS)

    return IssuedTokens(issue)


def from_endpoint(url: str, fields: Mapping[str, str | Read], *, ca_file: str | None = None) -> IssuedTokens:
    """A token endpoint over verified HTTPS (RFC 6749, 4.4 and 6), e.g. Google's with grant_type=refresh_token.

    `fields` are posted as a form; a callable is a secret that is read at each use. Redirects are not followed.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise SettingError(f"The token endpoint {url!r} is no https address; a secret goes nowhere else.")
    where = f"The token endpoint at {parts.hostname}"

    def issue() -> Issued:
        body = urlencode({name: value if isinstance(value, str) else _secret(value) for name, value in fields.items()})
        try:
            context = ssl.create_default_context(cafile=ca_file)
            status, answer = _post(parts.hostname or "", parts.port, parts.path or "/", body, context)
        except ssl.SSLError as error:
            raise NotReachedError(f"{where}: TLS failed ({error.reason}); no secret was sent.") from None
        except (OSError, http.client.HTTPException) as error:
            raise NotReachedError(f"{where} was not reached ({type(error).__name__}).") from None
        if status >= 500 or status == 429:
            raise NotReachedError(f"{where} answered {status}; it is tried again.")
        return _issued(where, status, answer)

    return IssuedTokens(issue)


def from_microsoft(tenant: str, client_id: str, secret: Read, *, msal: Any | None = None) -> IssuedTokens:
    """Microsoft 365 by client credentials (IMAP.AccessAsApp): the app acts on the mailboxes it was given, for no person.

    Needs the package msal (extra `oauth`); `msal` stands in for it in tests.
    """
    where = f"Microsoft's sign-in for tenant {tenant}"

    def issue() -> Issued:
        library = msal or _msal()
        try:
            app = library.ConfidentialClientApplication(
                client_id,
                authority=f"https://login.microsoftonline.com/{tenant}",
                client_credential=_secret(secret),
                timeout=20,
            )
            answer = app.acquire_token_for_client(scopes=[OUTLOOK_SCOPE])
        except MailboxError:
            raise
        except ValueError:  # what msal raises for a tenant that does not exist
            raise SettingError(f"{where}: tenant or client_id cannot be used; correct the settings.") from None
        except Exception as error:  # requests' own tree, which this package does not import
            raise NotReachedError(f"{where} was not reached ({type(error).__name__}).") from None
        return _issued(where, 200, answer)

    return IssuedTokens(issue)


def xoauth2(user: str, token: str) -> "Answers":
    """Google's and Microsoft's XOAUTH2: the string, then an empty line to whatever the server has against it."""
    return Answers([f"user={user}\x01auth=Bearer {token}\x01\x01".encode(), b""])


def oauthbearer(user: str, token: str, host: str, port: int) -> "Answers":
    """OAUTHBEARER (RFC 7628, 3.1); %x01 ends the exchange after an error (3.2.3)."""
    name = user.replace("=", "=3D").replace(",", "=2C")
    said = f"n,a={name},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01"
    return Answers([said.encode(), b"\x01"])


class Answers:
    """The client's side of a SASL exchange; `refusal` keeps the status that the server named, never the token."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines
        self.refusal: str | None = None

    def __call__(self, challenge: bytes) -> bytes:
        if challenge.strip():
            with contextlib.suppress(ValueError, TypeError, AttributeError):
                self.refusal = str(json.loads(challenge).get("status"))[:40]
        return self._lines.pop(0) if self._lines else b""

    def __repr__(self) -> str:
        return "Answers(***)"


def _msal() -> Any:
    try:
        return importlib.import_module("msal")
    except ImportError:
        raise SettingError(
            "Microsoft 365 needs the package msal; install the extra: pip install 'triage[oauth]'."
        ) from None


def _post(host: str, port: int | None, path: str, body: str, context: ssl.SSLContext) -> tuple[int, bytes]:
    connection = http.client.HTTPSConnection(host, port, timeout=20, context=context)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        return answer.status, answer.read(ANSWER_BYTES)
    finally:
        connection.close()


def _issued(where: str, status: int, answer: bytes | Mapping[str, Any]) -> Issued:
    try:
        said = json.loads(answer) if isinstance(answer, bytes) else answer
        token, seconds = said.get("access_token"), float(said.get("expires_in", TOKEN_SECONDS))
    except (ValueError, TypeError, AttributeError):
        raise TokenRefusedError(f"{where} answered {status} with nothing that can be understood.") from None
    if not isinstance(token, str) or not token:
        why = "".join(character for character in str(said.get("error", "no token"))[:60] if character.isprintable())
        raise TokenRefusedError(f"{where} gave no token ({why}); check the client, its secret and its permissions.")
    return Issued(token=token, seconds=seconds)


def _secret(read: Read) -> str:
    try:
        return read()
    except Exception as error:  # whatever fetches it; its own words might show it
        raise SettingError(f"The secret for the token cannot be read ({type(error).__name__}).") from None


def _usable(token: str) -> str:
    if not token or not token.isascii() or any(character <= " " or character == "\x7f" for character in token):
        raise TokenRefusedError("What was given as a token is empty or holds a character that no token has.")
    return token
