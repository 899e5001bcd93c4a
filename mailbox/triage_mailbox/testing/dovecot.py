"""A real Dovecot on loopback for tests: random ports, a certificate of its own, users with Maildirs."""

import base64
import contextlib
import hmac
import imaplib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

DOVECOT = "/usr/sbin/dovecot"
MAIL_USER = "vmail"
TOKEN_KEY = "test"
START_SECONDS = 20.0


class DovecotServer:
    """Starts on entry, stops on exit; `port` is IMAP over TLS, `plain_port` IMAP with STARTTLS, `ca_file` its authority.

    Runs as root (mail belongs to a user `vmail`, who is made where missing) or as anybody. Needs Debian's dovecot-imapd
    and the package trustme.
    """

    host = "localhost"

    def __init__(
        self,
        users: Sequence[tuple[str, str]] = (("help@tarnside.example", "a-test-password"),),
        *,
        capabilities: str | None = None,
        mechanisms: str = "plain login xoauth2 oauthbearer",
    ) -> None:
        """`capabilities` is what the server says it can do after sign-in; `mechanisms` how one may sign in."""
        self.users = tuple(users)
        self._capabilities = capabilities
        self._mechanisms = mechanisms
        self._delivered = 0
        self._token_key = secrets.token_bytes(32)
        self.port = 0
        self.plain_port = 0
        self._folder = Path()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def ca_file(self) -> Path:
        """The certificate of the authority that signed the server's own."""
        return self._folder / "ca.pem"

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        try:
            self._write_settings()
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start the server and wait until it greets; again after `stop` or `kill`, with the same ports and mail."""
        (self._folder / "run" / "master.pid").unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [DOVECOT, "-F", "-c", str(self._settings)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.plain_port), 1) as greeted:
                greeted.settimeout(2)
                if greeted.recv(4) == b"* OK":
                    return
            time.sleep(0.05)
        log = self._folder / "dovecot.log"
        raise RuntimeError(f"Dovecot did not start: {log.read_text()[-2000:] if log.exists() else 'no log'}")

    def stop(self) -> None:
        """Stop the server; open sessions end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server and all its sessions at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process = None

    def sessions(self) -> list[int]:
        """Process ids of the IMAP sessions that are open now."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                pid, _, rest = stat.read_text().partition(" (")
                name, _, fields = rest.rpartition(") ")
                if name == "imap" and self._process is not None and int(fields.split()[2]) == self._process.pid:
                    found.append(int(pid))
        return found

    def kill_sessions(self) -> int:
        """kill -9 every open session; how many there were. The server lives on."""
        return self._signal_sessions(signal.SIGKILL)

    @contextlib.contextmanager
    def paused_sessions(self) -> Iterator[None]:
        """The sessions that are open now hang: they answer nothing until the end."""
        pids = self.sessions()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _signal_sessions(self, how: signal.Signals) -> int:
        pids = self.sessions()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        return len(pids)

    def token_for(self, user: str, *, seconds: float = 600.0, key: bytes | None = None) -> str:
        """A signed access token (JWT, RFC 7519) that this server takes for `user`; another `key` makes a forged one."""
        now = int(time.time())
        head = {"alg": "HS256", "typ": "JWT", "kid": TOKEN_KEY}
        claims = {"sub": user, "iat": now - 60, "nbf": now - 60, "exp": now + int(seconds)}
        signed = b".".join(_base64url(json.dumps(part).encode()) for part in (head, claims))
        return (signed + b"." + _base64url(hmac.digest(key or self._token_key, signed, "sha256"))).decode()

    def append(self, content: bytes, folder: str = "INBOX", user: str | None = None, flags: str | None = None) -> None:
        """Put a message into a folder, which is made where missing, as another program would."""
        with self._session(user) as session:
            if folder != "INBOX":
                session.create(_quoted(folder))
            answer, said = session.append(
                _quoted(folder), flags or "", "", content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            )
            if answer != "OK":
                raise RuntimeError(f"Dovecot refused the message: {said!r}")

    def deliver(self, contents: Iterable[bytes], user: str | None = None) -> None:
        """Put many messages into INBOX at once, as a mail server's own delivery does: files of a Maildir."""
        owner = _mail_owner()
        inbox = self._folder / "mail" / (user or self.users[0][0])
        for part in (inbox, *(inbox / name for name in ("cur", "new", "tmp"))):
            if not part.exists():
                part.mkdir()
                os.chown(part, owner.pw_uid, owner.pw_gid)
        for content in contents:
            self._delivered += 1
            name = f"{int(time.time())}.M{self._delivered}P{os.getpid()}.here"
            (inbox / "tmp" / name).write_bytes(content)
            os.chown(inbox / "tmp" / name, owner.pw_uid, owner.pw_gid)
            (inbox / "tmp" / name).rename(inbox / "new" / name)

    def flags(self, folder: str = "INBOX", user: str | None = None) -> dict[int, frozenset[str]]:
        """UID and flags of every message, \\Recent left out, read without changing any."""
        with self._session(user) as session:
            session.select(_quoted(folder), readonly=True)
            _, rows = session.uid("FETCH", "1:*", "(FLAGS)")
        found = {}
        for row in rows:
            if isinstance(row, bytes) and b"UID " in row:
                uid = int(row.split(b"UID ")[1].split()[0].rstrip(b")"))
                found[uid] = frozenset(flag.decode() for flag in imaplib.ParseFlags(row) if flag != b"\\Recent")
        return found

    def delete(self, uid: int, folder: str = "INBOX", user: str | None = None) -> None:
        """Delete and expunge one message, as a colleague would."""
        with self._session(user) as session:
            session.select(_quoted(folder))
            session.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)")
            session.expunge()

    def drop(self, folder: str, user: str | None = None) -> None:
        """Delete a folder with all that is in it; one of the same name, made later, has another UIDVALIDITY."""
        with self._session(user) as session:
            session.delete(_quoted(folder))

    def set_uidvalidity(self, value: int, folder: str = "INBOX", user: str | None = None) -> None:
        """Give a folder another UIDVALIDITY, as a restored or rebuilt mailbox gets."""
        name = user or self.users[0][0]
        self._doveadm("mailbox", "update", "-u", name, "--uid-validity", str(value), folder)

    def _doveadm(self, *arguments: str) -> None:
        done = subprocess.run(
            ["doveadm", "-c", str(self._settings), *arguments], capture_output=True, timeout=30, check=False
        )
        if done.returncode:
            raise RuntimeError(f"doveadm {' '.join(arguments)} failed: {done.stderr.decode(errors='replace')}")

    def _session(self, user: str | None) -> imaplib.IMAP4_SSL:
        name = user or self.users[0][0]
        context = ssl.create_default_context(cafile=str(self.ca_file))
        session = imaplib.IMAP4_SSL(self.host, self.port, ssl_context=context, timeout=20)
        session.login(name, dict(self.users)[name])
        return session

    @property
    def _settings(self) -> Path:
        return self._folder / "dovecot.conf"

    def _write_settings(self) -> None:
        import trustme

        self.port, self.plain_port = _free_ports()
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost", "127.0.0.1")
        authority.cert_pem.write_to_path(str(self.ca_file))
        certificate.private_key_and_cert_chain_pem.write_to_path(str(self._folder / "server.pem"))
        owner = _mail_owner()
        for name in ("run", "mail", "idx", "home"):
            (self._folder / name).mkdir()
            os.chown(self._folder / name, owner.pw_uid, owner.pw_gid)
        self._folder.chmod(0o755)
        keys = self._folder / "oauth" / "default" / "HS256"
        keys.mkdir(parents=True)
        (keys / TOKEN_KEY).write_bytes(base64.b64encode(self._token_key))
        (self._folder / "oauth.ext").write_text(
            "introspection_mode = local\n"
            f"local_validation_key_dict = fs:posix:prefix={self._folder}/oauth/\n"
            "username_attribute = sub\nusername_format = %u\n"
        )
        passwords = "".join(f"{user}:{{PLAIN}}{password}\n" for user, password in self.users)
        (self._folder / "passwd").write_text(passwords)
        self._settings.write_text(self._text(owner))

    def _text(self, owner: pwd.struct_passwd) -> str:
        group = _group_name(owner)
        place = self._folder
        return f"""
base_dir = {place}/run
state_dir = {place}/run
log_path = {place}/dovecot.log
info_log_path = {place}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {owner.pw_name}
default_internal_group = {group}
default_login_user = {owner.pw_name}
mail_location = maildir:{place}/mail/%u:INDEX={place}/idx/%u
first_valid_uid = 0
first_valid_gid = 0
auth_failure_delay = 0
auth_mechanisms = {self._mechanisms}
{f"imap_capability = {self._capabilities}" if self._capabilities else ""}
mail_max_userip_connections = 20
ssl = yes
ssl_cert = <{place}/server.pem
ssl_key = <{place}/server.pem
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.plain_port}
  }}
  inet_listener imaps {{
    port = {self.port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {place}/oauth.ext
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {place}/passwd
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={place}/home/%u
}}
"""


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def _mail_owner() -> pwd.struct_passwd:
    """Who mail belongs to: this user, or, for root, `vmail`, because Dovecot refuses to serve root's mail."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    try:
        return pwd.getpwnam(MAIL_USER)
    except KeyError:
        subprocess.run(["useradd", "-r", "-M", "-s", "/usr/sbin/nologin", MAIL_USER], check=True, capture_output=True)
        return pwd.getpwnam(MAIL_USER)


def _group_name(owner: pwd.struct_passwd) -> str:
    import grp

    return grp.getgrgid(owner.pw_gid).gr_name


def _base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _quoted(folder: str) -> str:
    return f'"{folder}"'
