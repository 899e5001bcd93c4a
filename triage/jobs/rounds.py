"""Rounds of polling and reading, alone or beside the pages; a round that fails is told and tried again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from triage.bootstrap import Service
from triage.intake import ParserChild
from triage.ports import Progress

log = structlog.get_logger()


def one_round(service: Service, progress: Progress | None = None) -> int:
    """Polls, parses and takes everything that waits, once."""
    with ParserChild() as parser:
        return service.round(parser, progress)


def keep_going(service: Service, stop: threading.Event | None = None) -> None:
    """Round after round until told to stop. A failing round never ends the service: what it left is taken up by the next."""
    stop = stop or threading.Event()
    with ParserChild() as parser:
        while not stop.is_set():
            try:
                taken = service.round(parser)
                log.info("round", taken=taken, problems=len(service.problems))
            except Exception as error:
                log.error("round failed", error=type(error).__name__)
                service.problems = [
                    f"The last round of polling failed ({type(error).__name__}); it is tried again in {service.settings.poll_seconds:.0f} s."
                ]
            stop.wait(service.settings.poll_seconds)


@contextmanager
def beside(service: Service) -> Iterator[None]:
    """Rounds in a thread of their own while the pages are served."""
    stop = threading.Event()
    thread = threading.Thread(target=keep_going, args=(service, stop), name="rounds", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)
