"""Sources polled over and over, each in a thread of its own: a slow or dead one holds up no other."""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from triage_mailbox.accounts import FolderReport, Lasting, PollReport, Source
from triage_mailbox.ledger import Ledger

FIRST_BACKOFF = 1.0
LONGEST_BACKOFF = 20.0  # an outage is over within a minute of its end, even where the first try after it fails as well
LONGEST_NAMED_WAIT = 3600.0
REFUSALS_BEFORE_AN_HOUR = 3
AFTER_REFUSALS = 3600.0
SHORTEST_PAUSE = 0.2
LONGEST_REST = 10.0

Clock = Callable[[], datetime]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How polling one account goes. `reached` is the end of the last round without a problem, None before the first.

    `failures` counts rounds in a row with a problem; `problems` are the last round's, each "folder: sentence".
    `pause` is how many seconds after `tried` it is tried again, 0 while it listens or waits for its turn. `rounds` and
    `stored` count rounds and messages since the start.
    """

    account: str
    tried: datetime | None = None
    reached: datetime | None = None
    problems: tuple[str, ...] = ()
    failures: int = 0
    refusals: int = 0
    left: int = 0
    pause: float = 0.0
    rounds: int = 0
    stored: int = 0


def poll_once(source: Source, ledger: Ledger, now: datetime) -> PollReport:
    """One round; also what nobody foresaw (a full disk, a locked database) is a problem of this account alone."""
    try:
        return source.poll(ledger, now)
    except Exception as error:
        log.error("polling %s failed: %s", source.account, type(error).__name__)
        problem = f"Polling failed in a way that was not foreseen ({type(error).__name__}); it is tried again in the next round."
        return PollReport(account=source.account, folders=(FolderReport(folder="all folders", problem=problem),))


def pause_after(
    report: PollReport, failures: int, refusals: int, draw: Callable[[float, float], float] = random.uniform
) -> float:
    """Seconds to leave an account alone after a round with a problem: exponential back-off with full jitter.

    What the server named is obeyed, up to an hour, and never undercut. After three refusals of the credentials it is an hour: more
    tries could lock the account.
    """
    if report.is_refused and refusals >= REFUSALS_BEFORE_AN_HOUR:
        return AFTER_REFUSALS
    jitter = draw(0.0, min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** min(failures - 1, 16)))
    return jitter + min(report.wait_seconds or 0.0, LONGEST_NAMED_WAIT)


class Poller:
    """Polls one source until told to stop. `on_report` hears of every round and runs in this source's own thread."""

    def __init__(
        self,
        source: Source,
        ledger: Ledger,
        clock: Clock,
        *,
        seconds: float,
        on_report: Callable[[PollReport], None] = lambda report: None,
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._clock = clock
        self._seconds = seconds
        self._on_report = on_report
        self.state = SourceState(account=source.account)

    def run(self, stop: threading.Event) -> None:
        """Round after round; between them the source listens where it can. Intervals are on the monotonic clock."""
        source = self._source
        if isinstance(source, Lasting):
            source.stay()
        try:
            while not stop.is_set():
                began = time.monotonic()
                report = poll_once(source, self._ledger, self._clock())
                self._note(report)
                self._tell(report)
                self._pause(report, time.monotonic() - began, stop)
        finally:
            if isinstance(source, Lasting):
                source.close()

    def _note(self, report: PollReport) -> None:
        now, state = self._clock(), self.state
        problems = tuple(f"{folder.folder}: {folder.problem}" for folder in report.folders if folder.problem)
        failures = state.failures + 1 if problems else 0
        refusals = state.refusals + 1 if report.is_refused else 0
        self.state = replace(
            state,
            tried=now,
            reached=state.reached if problems else now,
            problems=problems,
            failures=failures,
            refusals=refusals,
            left=report.left,
            pause=pause_after(report, failures, refusals) if problems else 0.0,
            rounds=state.rounds + 1,
            stored=state.stored + report.stored,
        )

    def _tell(self, report: PollReport) -> None:
        try:
            self._on_report(report)
        except Exception as error:
            log.error("a report of %s was not heard: %s", self._source.account, type(error).__name__)

    def _pause(self, report: PollReport, took: float, stop: threading.Event) -> None:
        seconds = min(self._seconds, max(self.state.pause, SHORTEST_PAUSE)) if report.problems else self._seconds
        if report.is_dead or report.wait_seconds:
            stop.wait(max(self.state.pause, SHORTEST_PAUSE))
        elif report.left:
            stop.wait(SHORTEST_PAUSE)
        elif isinstance(self._source, Lasting):
            stop.wait(min(max(took, SHORTEST_PAUSE), LONGEST_REST))  # woken by every mail, it rests as long as it works
            self._source.wait(seconds, stop)
        else:
            stop.wait(seconds)


class Pollers:
    """All pollers of an installation. `changed` is set when a message was stored or a source's problems changed."""

    def __init__(self, sources: Iterable[Source], ledger: Ledger, clock: Clock, *, seconds: float) -> None:
        self.changed = threading.Event()
        self._stop = threading.Event()
        self._pollers = [Poller(source, ledger, clock, seconds=seconds, on_report=self._hear) for source in sources]

    @property
    def states(self) -> tuple[SourceState, ...]:
        """Every source's state now, in the order of the settings."""
        return tuple(poller.state for poller in self._pollers)

    @contextmanager
    def running(self, stop_seconds: float = 10.0) -> Iterator["Pollers"]:
        """Poll while the body runs; what has not stopped after `stop_seconds` is left to end with the process."""
        threads = [
            threading.Thread(target=poller.run, args=[self._stop], name=f"poll {poller.state.account}", daemon=True)
            for poller in self._pollers
        ]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            ends = time.monotonic() + stop_seconds
            for thread in threads:
                thread.join(max(0.0, ends - time.monotonic()))

    def _hear(self, report: PollReport) -> None:
        if report.stored or report.problems:
            self.changed.set()
