"""A real Dovecot on loopback for tests: random ports, a certificate of its own, users with Maildirs."""

import contextlib
import imaplib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

DOVECOT = "/usr/sbin/dovecot"
MAIL_USER = "vmail"
START_SECONDS = 20.0


class DovecotServer:
    """Starts on entry, stops on exit; `port` is IMAP over TLS, `plain_port` IMAP with STARTTLS, `ca_file` its authority.

    Runs as root (mail belongs to a user `vmail`, who is made where missing) or as anybody. Needs Debian's dovecot-imapd
    and the package trustme.
    """

    host = "localhost"

    def __init__(self, users: Sequence[tuple[str, str]] = (("help@tarnside.example", "a-test-password"),)) -> None:
        self.users = tuple(users)
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
}}
service stats {{
  chroot =
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


def _quoted(folder: str) -> str:
    return f'"{folder}"'
