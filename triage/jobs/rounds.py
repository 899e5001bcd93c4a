"""Rounds of polling and reading; a round that fails is told and tried again."""

import threading
import time
from collections.abc import Sequence

import structlog

from triage.bootstrap import Service
from triage.intake import ParserChild, PollReport
from triage.jobs.notices import telling
from triage.ports import Progress

log = structlog.get_logger()


def one_round(service: Service, progress: Progress | None = None) -> int:
    """Polls, parses and takes everything that waits, once."""
    with ParserChild() as parser:
        return service.round(parser, progress)


def not_reached(reports: Sequence[PollReport]) -> str:
    """Which sources a round could not read in whole and why, which it could, and what to do; empty where it read them all."""
    failed = [report for report in reports if report.problems]
    if not failed:
        return ""
    told = " ".join(f"{report.account}: {_why(report)}" for report in failed)
    done = ", ".join(report.account for report in reports if not report.problems)
    return (
        f"{len(failed)} of {len(reports)} sources could not be read. {told} "
        f"{f'Read in whole: {done}.' if done else 'No source was read in whole.'} What had been stored before was read. "
        "`triage doctor` with the same settings tries each source and says what to put right; then run this again."
    )


def _why(report: PollReport) -> str:
    """A sentence for each folder; one for all where they say the same, as when the server does not answer."""
    said = {folder.problem: folder.folder for folder in reversed(report.folders) if folder.problem}
    if report.is_dead and len(said) == 1:
        return next(iter(said))
    return " ".join(f"{folder.folder}: {folder.problem}" for folder in report.folders if folder.problem)


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
