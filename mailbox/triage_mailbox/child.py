"""Parsing in a child process that may be killed: a hostile message costs its own reading and nothing else."""

import logging
import math
import os
import signal
import subprocess
import sys
import threading
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from triage_mailbox import wire
from triage_mailbox.addresses import decode_words, message_ids, one_address, read_date, read_headers
from triage_mailbox.cleaning import clean_line
from triage_mailbox.messages import FolderRole, ParsedMessage, RawMessage, SourceKind

log = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024
START_SECONDS = 60.0
MESSAGES_A_CHILD = 2_000  # then a fresh one, so that what a library leaks cannot grow for ever

_WORKER = "from triage_mailbox.worker import main; main()"


def parse_here(raw: RawMessage) -> ParsedMessage:
    """Parse in this process, without limits on time and memory; never raises, except for KeyboardInterrupt and the like."""
    try:
        if raw.kind is SourceKind.TRANSCRIPT:
            from triage_mailbox import transcripts

            return transcripts.parse(raw)
        from triage_mailbox import mime

        return mime.parse(raw)
    except MemoryError:
        return unreadable(raw, "Reading it needed more memory than is allowed.")
    except RecursionError:
        return unreadable(raw, "Its parts nest too deeply to be read.")
    except Exception as error:  # whatever a parser raises, the message is kept and the next one is read
        log.warning("parsing %s/%s/%s failed: %s", raw.account, raw.folder, raw.uid, type(error).__name__)
        return unreadable(raw, f"It is broken in a way that the parser does not know ({type(error).__name__}).")


def unreadable(raw: RawMessage, why: str) -> ParsedMessage:
    """A message that cannot be scored, with what a bounded look at its headers gives. Never raises."""
    if raw.kind is SourceKind.TRANSCRIPT:
        return ParsedMessage(
            channel="call_transcript",
            direction_hint="in",
            sent=raw.received,
            unreadable=f"The transcript could not be read. {why}",
            failed=True,
            call_id=clean_line(raw.name or "", 200) or None,
        )
    headers = read_headers(raw.content)
    identifiers = message_ids(headers.get("message-id", ""))
    replied_to = message_ids(headers.get("in-reply-to", ""))
    recipient = one_address(headers.get("to", ""))
    return ParsedMessage(
        channel="email",
        direction_hint="out" if raw.role is FolderRole.SENT else "in",
        message_id=identifiers[0] if identifiers else None,
        in_reply_to=replied_to[0] if replied_to else None,
        references=message_ids(headers.get("references", "")),
        sender=one_address(headers.get("from", "")),
        to=(recipient,) if recipient else (),
        sent=read_date(headers.get("date", "")) or raw.received,
        subject=clean_line(decode_words(headers.get("subject", ""))),
        unreadable=f"The message could not be read. {why}",
        failed=True,
    )


class ParserChild:
    """A long-lived parser process with limits on address space, computing time and wall clock; started when first used.

    `seconds` of computing are what a message may cost; `wall_seconds` is longer, so that a busy machine refuses nothing
    that an idle one reads. `parse` never raises. A message that breaks a limit gives `unreadable` and the next one gets a fresh process. The
    child starts with an empty environment and none of this process's files, so no secret is within its reach.
    Threads may share one: they take turns.
    """

    def __init__(
        self,
        *,
        seconds: float = 10.0,
        wall_seconds: float | None = None,
        memory_bytes: int = 1024 * MEGABYTE,
    ) -> None:
        self._seconds = seconds
        self._wall_seconds = 3 * seconds if wall_seconds is None else wall_seconds
        self._memory = memory_bytes
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection[bytes, bytes] | None = None
        self._parsed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child; a later `parse` starts another."""
        with self._lock:
            self._stop()

    def peak_megabytes(self) -> int:
        """The most resident memory that the running child has had (Linux), in MiB; 0 where none runs or it cannot be told."""
        process = self._process
        if process is None:
            return 0
        try:
            with open(f"/proc/{process.pid}/status", encoding="ascii", errors="replace") as lines:
                peak = next((line for line in lines if line.startswith("VmHWM:")), "VmHWM: 0")
        except OSError:
            return 0
        return int(peak.split()[1]) // 1024

    def parse(self, raw: RawMessage) -> ParsedMessage:
        """Understand one message within the limits; on any failure a `ParsedMessage` whose `unreadable` says why."""
        with self._lock:
            if self._parsed >= MESSAGES_A_CHILD:
                self._stop()
            for _ in range(2):  # once more only when an idle child turns out to have died
                fresh = self._process is None
                try:
                    answer = self._ask(raw)
                except _GaveUpError as error:
                    log.warning("parser of %s/%s/%s stopped: %s", raw.account, raw.folder, raw.uid, error)
                    self._stop()
                    if error.is_idle_death and not fresh:
                        continue
                    return unreadable(raw, str(error))
                self._parsed += 1
                return answer
            return unreadable(raw, "The parser could not be started.")

    def _ask(self, raw: RawMessage) -> ParsedMessage:
        pipe = self._started()
        was_killed = threading.Event()
        watch = threading.Timer(self._wall_seconds, self._kill, [was_killed])
        watch.daemon = True
        watch.start()
        sent = False
        try:
            pipe.send_bytes(wire.dump_raw(raw))
            sent = True
            return wire.load(pipe.recv_bytes(64 * MEGABYTE))
        except (EOFError, OSError) as error:
            if was_killed.is_set():
                raise _GaveUpError(
                    f"Reading it took longer than {self._wall_seconds:g} seconds and was stopped."
                ) from error
            raise _GaveUpError(self._how_it_died(), is_idle_death=not sent) from error
        except (KeyError, TypeError, ValueError) as error:
            raise _GaveUpError("The parser gave an answer that makes no sense.") from error
        finally:
            watch.cancel()

    def _started(self) -> "Connection[bytes, bytes]":
        if self._pipe is not None:
            return self._pipe
        ours, theirs = Pipe(duplex=True)
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(theirs.fileno()), str(self._memory), str(math.ceil(self._seconds))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env={"PYTHONPATH": path, "LC_ALL": "C.UTF-8"} | _found("PATH", "LD_LIBRARY_PATH"),
            start_new_session=True,
        )
        theirs.close()
        self._pipe = ours
        try:
            if not ours.poll(START_SECONDS) or ours.recv_bytes(16) != b"ready":
                raise _GaveUpError("The parser did not start.")
        except (EOFError, OSError) as error:
            raise _GaveUpError("The parser could not be started.") from error
        return ours

    def _kill(self, was_killed: threading.Event) -> None:
        was_killed.set()
        if self._process is not None:
            self._process.kill()

    def _how_it_died(self) -> str:
        if self._process is None:
            return "The parser was not running."
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "The parser stopped answering."
        if code == -signal.SIGXCPU:
            return f"Reading it took more than {self._seconds:g} seconds of computing and was stopped."
        return f"The parser process died of it (exit {code}), most likely for want of memory."

    def _stop(self) -> None:
        self._parsed = 0
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _found(*names: str) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}


class _GaveUpError(Exception):
    """The child gave no answer; the sentence says why. An idle death is no fault of the message at hand."""

    def __init__(self, sentence: str, *, is_idle_death: bool = False) -> None:
        super().__init__(sentence)
        self.is_idle_death = is_idle_death
