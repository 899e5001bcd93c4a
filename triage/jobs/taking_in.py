"""The process that takes mail in: it polls, parses, reads and measures, tells how that goes, and does what the pages ask of it."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from typing import Final

import structlog

from triage.bootstrap import Service, build
from triage.config import Settings
from triage.domain.errors import TriageError
from triage.intake_desk import RunningIntake
from triage.jobs.channel import (
    Alive,
    Answer,
    Begin,
    Channel,
    Done,
    Question,
    Refused,
    Reload,
    Retry,
    Rule,
    State,
    Undo,
    Without,
)
from triage.jobs.rounds import keep_going
from triage.links_desk import RunningLinks
from triage.ports import Progress

log = structlog.get_logger()

TELLS_EVERY: Final = 0.5
STOPS_WITHIN: Final = 8.0
"""Seconds. What is half done then is done again at the next start: each contact is one transaction."""


def take_in(channel: Channel, progress: Progress | None = None) -> None:
    """The whole life of the process: until it is told to stop, or until the pages' process is gone."""
    stop = threading.Event()
    for number, act in ((signal.SIGTERM, lambda *_: stop.set()), (signal.SIGINT, signal.SIG_IGN)):
        signal.signal(number, act)
    threading.Thread(target=_end_in_time, args=(stop,), name="ending", daemon=True).start()
    _, begin = channel.receive()
    if not isinstance(begin, Begin):
        raise TypeError(f"The first message was {type(begin).__name__}, not Begin.")
    asked = Asked()
    threading.Thread(target=_listen, args=(channel, asked, stop), name="asked", daemon=True).start()
    threading.Thread(target=_keep_telling, args=(channel, asked, stop), name="telling", daemon=True).start()
    service = build(Settings.model_validate_json(begin.settings))
    asked.begin(service)
    keep_going(service, stop, progress)


class Asked:
    """What the pages ask, done beside the reading. Nothing is asked before the first state was told."""

    def __init__(self) -> None:
        self._service: Service | None = None
        self._intake: RunningIntake | None = None
        self._links: RunningLinks | None = None

    def begin(self, service: Service) -> None:
        self._intake, self._links, self._service = RunningIntake(service), RunningLinks(service), service

    def state(self) -> State | None:
        """None while the service is being built."""
        if self._service is None or self._intake is None:
            return None
        return State(
            sources=tuple(self._intake.sources()),
            problems=tuple(self._service.problems),
            model_problem=self._service.reader.problem,
        )

    def answer(self, question: Question) -> Answer:
        """A refusal of the service's own goes back with its sentence; of anything else only its name does (S34)."""
        try:
            return self._done(question)
        except TriageError as error:
            return Refused(error=type(error).__name__, sentence=str(error))
        except Exception as error:
            log.error("asked and failed", what=type(question).__name__, error=type(error).__name__)
            return Refused(error="TriageError", sentence=f"It failed ({type(error).__name__}); nothing was changed.")

    def _done(self, question: Question) -> Done:
        assert self._service is not None and self._intake is not None and self._links is not None
        match question:
            case Retry():
                return Done(numbers=self._intake.retry(question.ids, question.by))
            case Rule():
                self._links.rule(question.ruling)
            case Undo():
                self._links.undo(question.ruling_id, question.by)
            case Reload():
                self._service.reader.reload()
            case Without():
                return Done(sentence=self._service.reader.without(question.contact, question.label))
        return Done()


def _listen(channel: Channel, asked: Asked, stop: threading.Event) -> None:
    """Each question has a thread: a retry of a minute holds up no other. The end of the pipe is the end of the other process."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            number, question = channel.receive()
            if isinstance(question, Question):
                threading.Thread(target=_answer, args=(channel, asked, number, question), daemon=True).start()
    stop.set()


def _answer(channel: Channel, asked: Asked, number: int, question: Question) -> None:
    answer, state = asked.answer(question), asked.state()
    with contextlib.suppress(OSError):
        if state is not None:
            channel.send(state)
        channel.send(answer, number)


def _keep_telling(channel: Channel, asked: Asked, stop: threading.Event) -> None:
    told: State | None = None
    with contextlib.suppress(OSError):
        while not stop.is_set():
            now = asked.state()
            if now is not None and now != told:
                channel.send(now)
                told = now
            channel.send(Alive())
            stop.wait(TELLS_EVERY)


def _end_in_time(stop: threading.Event, end: Callable[[int], None] = os._exit) -> None:
    """A long backlog, or a source that hangs, keeps nobody waiting who stops the service."""
    stop.wait()
    threading.Event().wait(STOPS_WITHIN)
    end(0)
