"""Taking in beside the pages, in a process of its own: started, watched, started again, and asked by the pages over one pipe."""

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import count
from multiprocessing import Pipe
from typing import Final

import structlog

from triage.config import Settings
from triage.domain import errors
from triage.domain.contact import Contact
from triage.domain.errors import ConflictError, TriageError
from triage.domain.ruling import Ruling
from triage.intake_desk import named
from triage.jobs.channel import Begin, Channel, Done, Question, Refused, Reload, Retry, Rule, State, Undo, Without
from triage.ports import Clock, SourceNow

log = structlog.get_logger()

LONGEST_PAUSE: Final = 60.0
SETTLED: Final = 60.0
"""Seconds after which an end counts as the first again: the pauses between two starts double from one second."""
STOP_SECONDS: Final = 15.0
HANGS_AFTER: Final = 60.0
"""Seconds in which the process says nothing at all, not even that it is alive, before it is killed and started again."""
ASK_SECONDS: Final = 120.0
MODEL_SECONDS: Final = 20.0
STARTING: Final = "The process that takes mail in is being started; nothing new is read until it is up."
NOT_NOW: Final = "The process that takes mail in is not up at the moment; try again in a minute."
GONE: Final = "The process that takes mail in ended meanwhile. Look whether this was done before you try it again."


class TakingIn:
    """The intake as the pages see it (IntakeDesk, LinkDesk and the reader in use). ``command`` gets the pipe's number as its last word.

    Where the process ends, whatever ends it, it is started again: after one second, then two, four … sixty. Until then pages and
    decisions go on, and ``problem`` says so.
    """

    is_polling: Final = True

    def __init__(self, settings: Settings, clock: Clock, command: Sequence[str]) -> None:
        self._settings, self._clock, self._command = settings, clock, command
        self._state: State | None = None
        self._problem: str | None = STARTING
        self._channel: Channel | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._asked: dict[int, Future[Done]] = {}
        self._numbers, self._lock, self._stop = count(1), threading.Lock(), threading.Event()
        self._silent, self._hung = 0, False
        self.starts = 0
        self.hangs_after = HANGS_AFTER

    @contextmanager
    def running(self) -> Iterator["TakingIn"]:
        """Keeps the process up while the body runs, then stops it: half a minute at the very most."""
        thread = threading.Thread(target=self._keep_up, name="taking in", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            with self._lock:
                process = self._process
            if process is not None:
                process.terminate()
            thread.join(2 * STOP_SECONDS)

    # what the pages see

    @property
    def poll_seconds(self) -> float:
        return self._settings.poll_seconds

    @property
    def problem(self) -> str | None:
        """Why nothing is taken in now; None while the process is up."""
        return self._problem

    @property
    def pid(self) -> int | None:
        """Of the process that was started last."""
        return self._process.pid if self._process is not None else None

    @property
    def model_problem(self) -> str | None:
        """Why no model reads contacts, as last told."""
        return self._state.model_problem if self._state else None

    def problems(self) -> tuple[str, ...]:
        """The last round's, after that of the process itself."""
        return (*((self._problem,) if self._problem else ()), *(self._state.problems if self._state else ()))

    def sources(self) -> Sequence[SourceNow]:
        """As last told; before that, as the settings name them."""
        if self._state is not None:
            return self._state.sources
        return [
            SourceNow(account=account, kind=kind, folders=folders) for account, kind, folders in named(self._settings)
        ]

    # what they ask

    def retry(self, ids: Sequence[int] | None, by: str) -> tuple[int, int, int]:
        return self.ask(Retry(ids=None if ids is None else tuple(ids), by=by)).numbers

    def rule(self, ruling: Ruling) -> None:
        self.ask(Rule(ruling=ruling))

    def undo(self, ruling_id: str, by: str) -> None:
        self.ask(Undo(ruling_id=ruling_id, by=by))

    def ask(self, question: Question, seconds: float = ASK_SECONDS) -> Done:
        """Raises what the other process refused with, or ConflictError where it is not there or takes too long."""
        number, future = next(self._numbers), Future[Done]()
        with self._lock:
            channel = self._channel if self._problem is None else None
            if channel is None:
                raise ConflictError(NOT_NOW)
            self._asked[number] = future
        try:
            channel.send(question, number)
            return future.result(seconds)
        except TimeoutError:
            raise ConflictError("The service is busy reading what came in; look later whether this was done.") from None
        except OSError:
            raise ConflictError(GONE) from None
        finally:
            with self._lock:
                self._asked.pop(number, None)

    # the process

    def _keep_up(self) -> None:
        ends = 0
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                how = self._one_life()
            except OSError as error:
                how = f"it could not be started: {error.strerror}"
            if self._stop.is_set():
                return
            ends = 1 if time.monotonic() - began > SETTLED else ends + 1
            pause = pause_before(ends)
            log.error("taking in ended", how=how, ends=ends, again_in=pause)
            self._problem = (
                f"The process that takes mail in ended ({how}) and is started again; nothing new is read until it is up. "
                "What waits on the servers is not lost."
            )
            self._stop.wait(pause)

    def _one_life(self) -> str:
        """Starts the process, hears it until it ends, and says how it ended."""
        ours, theirs = Pipe(duplex=True)
        channel = Channel(ours)
        try:
            with self._lock:
                if self._stop.is_set():
                    return "it was told to stop"
                self._process = process = subprocess.Popen(
                    [*self._command, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C is for the pages' process, which then stops this one
                )
                self._channel = channel
                self.starts += 1
        finally:
            theirs.close()
        over, self._silent, self._hung = threading.Event(), 0, False
        threading.Thread(target=self._watch, args=(process, over), name="watching", daemon=True).start()
        try:
            with contextlib.suppress(EOFError, OSError):
                channel.send(Begin(settings=self._present_settings().model_dump_json()))
                self._hear(channel)
        finally:
            over.set()
            self._let_go(channel)
        how = _ending(process)
        return "it hung, and was ended" if self._hung else how

    def _watch(self, process: "subprocess.Popen[bytes]", over: threading.Event) -> None:
        """Ends a process that hangs. Seconds are counted here, not read from a clock: where this process stood still, so did they."""
        while not over.wait(1.0):
            self._silent += 1
            if self._silent > self.hangs_after:
                self._hung = True
                process.kill()
                return

    def _present_settings(self) -> Settings:
        """A clock that was set back goes on in the other process where it stands here."""
        if self._settings.clock_starts_at is None:
            return self._settings
        return self._settings.model_copy(update={"clock_starts_at": self._clock()})

    def _hear(self, channel: Channel) -> None:
        while True:
            number, message = channel.receive()
            self._silent = 0
            if isinstance(message, State):
                self._state, self._problem = message, None
                continue
            with self._lock:
                future = self._asked.pop(number, None)
            if future is None:
                continue
            if isinstance(message, Done):
                future.set_result(message)
            elif isinstance(message, Refused):
                future.set_exception(_error(message))

    def _let_go(self, channel: Channel) -> None:
        with self._lock:
            self._channel, left = None, list(self._asked.values())
            self._asked.clear()
        channel.close()
        for future in left:
            future.set_exception(ConflictError(GONE))


class ReaderBeside:
    """The model in use, which the other process holds: it is asked, and never loaded a second time."""

    def __init__(self, taking_in: TakingIn) -> None:
        self._taking_in = taking_in

    @property
    def problem(self) -> str | None:
        return self._taking_in.model_problem

    def reload(self) -> None:
        """Takes up another model at once; where the process is down, its next start does."""
        with contextlib.suppress(ConflictError):
            self._taking_in.ask(Reload())

    def without(self, contact: Contact, label: str) -> str | None:
        try:
            return self._taking_in.ask(Without(contact=contact, label=label), MODEL_SECONDS).sentence
        except ConflictError:
            return "The model cannot be asked at the moment; open the page again in a minute."


def pause_before(ends: int) -> float:
    """Seconds before the process is started again, after so many ends that followed each other closely."""
    return min(LONGEST_PAUSE, 2.0 ** min(ends - 1, 16))


def command(verb: str, *options: str) -> list[str]:
    """The command line of this very installation, as another process: no script needs to be on the path."""
    return [sys.executable, "-c", "from triage.cli import app; app()", *options, verb]


def _error(refused: Refused) -> TriageError:
    kind: Callable[[str], TriageError] = getattr(errors, refused.error, TriageError)
    return kind(refused.sentence)


def _ending(process: "subprocess.Popen[bytes]") -> str:
    try:
        status = process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"
