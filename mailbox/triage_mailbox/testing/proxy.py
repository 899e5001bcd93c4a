"""A loopback proxy in front of an IMAP server that notes every verb a client sends and may change what comes back."""

import contextlib
import re
import socket
import ssl
import struct
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Self

Trick = Callable[[socket.socket], None]
OnAnswer = Callable[[bytes], bytes | Trick | None]

_LITERAL = re.compile(rb"\{(\d+)\+?\}\r?\n$")
_COMMAND = re.compile(rb"^(\S+) (\S+)(?: (\S+))?")


class RecordingProxy:
    """Speaks TLS to the client with a certificate of its own and plain IMAP to `server_port` on loopback.

    `verbs` lists what clients said, in order ("UID FETCH" as "UID" and "FETCH"); `lines` the whole command lines, save
    those that sign in. `on_answer` sees each whole answer of the server, literals included, and gives what to pass on,
    None to drop it, or a function that is handed the client's socket and does what it likes but close it: another thread reads
    from it (for a reset it sets SO_LINGER to no seconds and raises ConnectionResetError).
    With `plain=True` it speaks no TLS at all, as where STARTTLS was stripped. While `is_refusing`, it hangs up at once.
    `most_at_once` is how many connections clients held at one time.
    """

    host = "localhost"

    def __init__(
        self,
        server_port: int,
        *,
        on_answer: OnAnswer | None = None,
        plain: bool = False,
        valid_until: datetime | None = None,
    ) -> None:
        """`valid_until` is when the proxy's certificate ends; None for long."""
        self._server_port = server_port
        self._valid_until = valid_until
        self._plain = plain
        self.on_answer = on_answer
        self.verbs: list[str] = []
        self.lines: list[str] = []
        self.connections = 0
        self.most_at_once = 0
        self.is_refusing = False
        self._now = 0
        self._counting = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="proxy-")
        self._listener = socket.socket()
        self._open: set[socket.socket] = set()
        self._context: ssl.SSLContext | None = None

    @property
    def port(self) -> int:
        """Where the proxy listens on loopback."""
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def ca_file(self) -> Path:
        """The authority that signed the proxy's certificate."""
        return Path(self._folder.name) / "ca.pem"

    def __enter__(self) -> Self:
        import trustme

        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca_file))
        if not self._plain:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate = authority.issue_cert("localhost", "127.0.0.1", not_after=self._valid_until)
            certificate.configure_cert(self._context)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        self._folder.cleanup()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                if self.is_refusing:
                    client.close()
                else:
                    threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def hang_up(self) -> None:
        """Cut every connection that is open now."""
        for opened in list(self._open):
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)

    def _count(self, change: int) -> None:
        with self._counting:
            self._now += change
            self.most_at_once = max(self.most_at_once, self._now)

    def _serve(self, client: socket.socket) -> None:
        with contextlib.ExitStack() as held:
            self._count(1)
            held.callback(self._count, -1)
            self._carry(client, held)

    def _carry(self, client: socket.socket, held: contextlib.ExitStack) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._context is not None:
                client = self._context.wrap_socket(client, server_side=True)
            with client, socket.create_connection(("127.0.0.1", self._server_port), 20) as server:
                server.settimeout(None)
                self._open |= {client, server}
                answers = threading.Thread(target=self._answers, args=[server, client], daemon=True)
                answers.start()
                self._commands(client, server)
                held.close()  # the client has gone; how long a busy server takes to go as well is no connection of its
                answers.join()  # closed only when nobody reads any more: the number may be another file's the moment after
                self._open -= {client, server}

    def _commands(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), client.makefile("rb") as said:
            while line := said.readline():
                self._note(line)
                server.sendall(line)
                while literal := _LITERAL.search(line):
                    server.sendall(said.read(int(literal.group(1))))
                    line = said.readline()
                    server.sendall(line)
                if line.strip().upper().endswith(b" STARTTLS"):  # what follows is not ours to read
                    _pass_on(said, server)
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _note(self, line: bytes) -> None:
        command = _COMMAND.match(line.strip())
        if command is None:  # DONE, or the client's side of a sign-in, which is a secret
            self.verbs.append("DONE" if line.strip().upper() == b"DONE" else "(more)")
            return
        verb = command.group(2).decode("latin-1").upper()
        self.verbs.append(verb)
        if verb == "UID" and command.group(3):
            self.verbs.append(command.group(3).decode("latin-1").upper())
        self.lines.append(verb if verb in ("LOGIN", "AUTHENTICATE") else line.strip().decode("latin-1"))

    def _answers(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), server.makefile("rb") as said:
            while answer := _whole(said.readline, said.read):
                passed = answer if self.on_answer is None else self.on_answer(answer)
                if callable(passed):
                    passed(client)
                elif passed is not None:
                    client.sendall(passed)
                if b" OK Begin TLS" in answer:
                    _pass_on(said, client)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RD if _is_to_be_reset(client) else socket.SHUT_RDWR)


def _is_to_be_reset(client: socket.socket) -> bool:
    """Whether its close shall send RST: then no FIN may go before it."""
    lingers = client.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.calcsize("ii"))
    return struct.unpack("ii", lingers) == (1, 0)


def _pass_on(source: BufferedReader, target: socket.socket) -> None:
    while chunk := source.read1(65_536):
        target.sendall(chunk)


def _whole(read_line: Callable[[], bytes], read: Callable[[int], bytes]) -> bytes:
    """One answer of the server: a line, with the literals it announces and the lines that go on after them."""
    answer = line = read_line()
    while literal := _LITERAL.search(line):
        line = read(int(literal.group(1)))
        answer += line
        line = read_line()
        answer += line
    return answer
