"""The parser's child process: reads messages from one pipe, answers on it, and ends when the pipe does."""

import contextlib
import math
import os
import resource
import sys
from multiprocessing.connection import Connection

from triage_mailbox import mime, transcripts, wire  # imported before the limits are set and messages arrive
from triage_mailbox.child import parse_here, unreadable

__all__ = ["main", "mime", "transcripts"]


def main() -> None:
    """Serve until the pipe closes: `sys.argv` gives the pipe, the bytes of address space and CPU seconds a message."""
    descriptor, memory, seconds = (int(argument) for argument in sys.argv[1:4])
    pipe: Connection[bytes, bytes] = Connection(descriptor)
    os.environ.clear()
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    pipe.send_bytes(b"ready")
    with contextlib.suppress(EOFError, OSError):
        while True:
            _answer(pipe, seconds)


def _answer(pipe: "Connection[bytes, bytes]", seconds: int) -> None:
    raw = wire.load_raw(pipe.recv_bytes())
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = math.ceil(used.ru_utime + used.ru_stime)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, hard))
    try:
        answer = wire.dump(parse_here(raw))
    except MemoryError:
        answer = wire.dump(unreadable(raw, "Reading it needed more memory than is allowed."))
    pipe.send_bytes(answer)
