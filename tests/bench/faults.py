"""The kinds of fault that the campaign injects: in the answers of the server, its sessions, the mailbox, the poller."""

import re
import socket
import struct
import time
from collections.abc import Callable
from typing import Protocol

Change = Callable[[bytes], "bytes | Callable[[socket.socket], None] | None"]

HANGS = 3.0  # seconds; longer than the campaign's read timeout
DRIP = 0.15  # seconds between single bytes: every read is in time, the command is not


def is_body(answer: bytes) -> bool:
    """Whether an answer brings a message."""
    return b"BODY[]" in answer and b" FETCH " in answer[:40]


def is_size(answer: bytes) -> bool:
    return b"RFC822.SIZE" in answer and b" FETCH " in answer[:40]


def is_listing(answer: bytes) -> bool:
    return answer.startswith(b"* SEARCH")


def is_anything(answer: bytes) -> bool:
    return True


class Trap:
    """Changes the next answer that fits, once. `sprung` tells that it has."""

    def __init__(self, fits: Callable[[bytes], bool], change: Change) -> None:
        self._fits = fits
        self._change = change
        self.sprung = False

    def __call__(self, answer: bytes) -> "bytes | Callable[[socket.socket], None] | None":
        if self.sprung or not self._fits(answer):
            return answer
        self.sprung = True
        return self._change(answer)


class Chance(Protocol):
    def randrange(self, start: int, stop: int) -> int: ...


def _cut(chance: Chance) -> Change:
    """Part of the answer, then the end of the connection."""

    def change(answer: bytes) -> Callable[[socket.socket], None]:
        part = answer[: chance.randrange(1, max(2, len(answer) - 1))]

        def play(client: socket.socket) -> None:
            client.sendall(part)
            raise ConnectionResetError

        return play

    return change


def _reset(chance: Chance) -> Change:
    """Part of the answer, then RST instead of FIN. The proxy closes: a socket closed here leaves its number to another file while
    the proxy's other thread still speaks TLS through it; an alert once went into the database's log in that way."""

    def change(answer: bytes) -> Callable[[socket.socket], None]:
        def play(client: socket.socket) -> None:
            client.sendall(answer[: len(answer) // 2])
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise ConnectionResetError

        return play

    return change


def _stall(chance: Chance) -> Change:
    def change(answer: bytes) -> Callable[[socket.socket], None]:
        def play(client: socket.socket) -> None:
            client.sendall(answer[: len(answer) // 3])
            time.sleep(HANGS)
            raise ConnectionResetError

        return play

    return change


def _drip(chance: Chance) -> Change:
    def change(answer: bytes) -> Callable[[socket.socket], None]:
        def play(client: socket.socket) -> None:
            for place in range(len(answer)):
                client.sendall(answer[place : place + 1])
                time.sleep(DRIP)

        return play

    return change


def _garbage(chance: Chance) -> Change:
    return lambda answer: bytes(chance.randrange(0, 256) for _ in range(60)) + b"\r\n" + answer


def _length(chance: Chance) -> Change:
    """A literal that is announced longer or shorter than it is."""
    by = chance.randrange(1, 40) * (1 if chance.randrange(0, 2) else -1)
    return lambda answer: re.sub(rb"\{(\d+)\}", lambda found: b"{%d}" % max(1, int(found[1]) + by), answer, count=1)


def _huge(chance: Chance) -> Change:
    return lambda answer: re.sub(rb"\{\d+\}", b"{3000000000}", answer, count=1)


def _instead_of_body(nothing: bytes) -> Callable[[Chance], Change]:
    def make(chance: Chance) -> Change:
        return lambda answer: re.sub(
            rb"BODY\[\] \{\d+\}\r\n.*\)\r\n$", b"BODY[] " + nothing + b")\r\n", answer, flags=re.DOTALL
        )

    return make


def _shortened(chance: Chance) -> Change:
    """A whole and well-formed answer whose message lacks its end."""

    def change(answer: bytes) -> bytes:
        found = re.match(rb"(.*BODY\[\] )\{(\d+)\}\r\n(.*)\)\r\n$", answer, re.DOTALL)
        if found is None:
            return answer
        body = found[3][: max(1, int(found[2]) // 2)]
        return found[1] + b"{%d}\r\n" % len(body) + body + b")\r\n"

    return change


def _flipped(chance: Chance) -> Change:
    """The protocol's words damaged, the message's own not: TLS would not let that pass, a broken server may say it."""
    return lambda answer: answer.replace(b" FETCH ", b" FETCG ", 1)


def _silence(chance: Chance) -> Change:
    return lambda answer: None


def _before(said: bytes) -> Callable[[Chance], Change]:
    return lambda chance: lambda answer: said + answer


def _bye(chance: Chance) -> Change:
    def change(answer: bytes) -> Callable[[socket.socket], None]:
        def play(client: socket.socket) -> None:
            client.sendall(b"* BYE Going down for maintenance\r\n")
            raise ConnectionResetError

        return play

    return change


def _throttled(chance: Chance) -> Change:
    def change(answer: bytes) -> bytes:
        tag, _, _ = answer.partition(b" ")
        return tag + b" BAD Request is throttled. Suggested Backoff Time: 400 milliseconds\r\n"

    return change


def _is_completed_search(answer: bytes) -> bool:
    return b" OK Search completed" in answer


def _is_signed_in(answer: bytes) -> bool:
    return b"Logged in" in answer


def _unavailable(chance: Chance) -> Change:
    def change(answer: bytes) -> Callable[[socket.socket], None]:
        tag, _, _ = answer.partition(b" ")

        def play(client: socket.socket) -> None:
            client.sendall(tag + b" NO [UNAVAILABLE] Backoff 300 milliseconds\r\n")
            raise ConnectionResetError

        return play

    return change


# Every kind of changed answer: which answer it meets, and what becomes of it.
ANSWERS: dict[str, tuple[Callable[[bytes], bool], Callable[[Chance], Change]]] = {
    "cut in a message": (is_body, _cut),
    "cut anywhere": (is_anything, _cut),
    "reset in a message": (is_body, _reset),
    "stall in a message": (is_body, _stall),
    "stall in a listing": (is_listing, _stall),
    "drip": (is_body, _drip),
    "garbage before a message": (is_body, _garbage),
    "garbage before anything": (is_anything, _garbage),
    "wrong literal length": (is_body, _length),
    "literal of 3 GB": (is_body, _huge),
    "damaged word": (is_body, _flipped),
    "message left out": (is_body, _silence),
    "size left out": (is_size, _silence),
    "listing left out": (is_listing, _silence),
    "listing too short": (is_listing, lambda chance: lambda answer: b"* SEARCH 1\r\n"),
    "answer left out": (is_anything, _silence),
    "NIL for a message": (is_body, _instead_of_body(b"NIL")),
    "empty message": (is_body, _instead_of_body(b'""')),
    "empty literal": (is_body, _instead_of_body(b"{0}\r\n")),
    "half a message": (is_body, _shortened),
    "unsolicited news": (is_body, _before(b"* 9999 EXISTS\r\n* 2 RECENT\r\n* 1 FETCH (FLAGS (\\Seen))\r\n")),
    "unsolicited expunge": (is_body, _before(b"* 1 EXPUNGE\r\n")),
    "BYE": (is_anything, _bye),
    "BYE in a fetch": (is_body, _bye),
    "throttled": (_is_completed_search, _throttled),
    "unavailable at sign-in": (_is_signed_in, _unavailable),
}

# What is done to the server, the mailbox, the poller and its machine; the campaign knows how.
DEEDS = (
    "connections refused",
    "connections cut",
    "server sessions killed",
    "server sessions hang",
    "server killed and restarted",
    "message expunged while it is fetched",
    "UIDVALIDITY changed",
    "poller killed",
    "poller stopped for a while",
    "disk full",
    "clock jumps",
)
