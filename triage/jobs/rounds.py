"""Rounds of polling and reading; a round that fails is told and tried again."""

import threading
import time

import structlog

from triage.bootstrap import Service
from triage.intake import ParserChild
from triage.jobs.notices import telling
from triage.ports import Progress

log = structlog.get_logger()


def one_round(service: Service, progress: Progress | None = None) -> int:
    """Polls, parses and takes everything that waits, once."""
    with ParserChild() as parser:
        return service.round(parser, progress)


def keep_going(service: Service, stop: threading.Event | None = None, progress: Progress | None = None) -> None:
    """Reads what the pollers store until told to stop, at once when something came and at least every `poll_seconds`.

    A failing reading never ends the service: what it left is taken up by the next.
    """
    stop = stop or threading.Event()
    with ParserChild() as parser, service.polling(progress) as pollers, telling(service):
        while not stop.is_set():
            pollers.changed.clear()
            try:
                service.reader.follow()
                taken = service.take(parser, progress)
                log.info("round", taken=taken, problems=len(service.problems))
            except Exception as error:
                log.error("round failed", error=type(error).__name__)
                service.problems = [
                    f"The last round of reading failed ({type(error).__name__}); it is tried again in {service.settings.poll_seconds:.0f} s."
                ]
            _wait_for_more(pollers.changed, stop, service.settings.poll_seconds)


def _wait_for_more(changed: threading.Event, stop: threading.Event, seconds: float) -> None:
    """Until something came, told to stop, or the seconds have passed; then a moment for what comes with it."""
    ends = time.monotonic() + seconds
    while not changed.wait(0.25) and not stop.is_set() and time.monotonic() < ends:
        pass
    stop.wait(0.25)
