"""Rehearsals that people ask for: one at a time, beside the pages, with progress; they can be stopped, and change nothing."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import uuid4

import structlog

from triage.bootstrap import LONDON
from triage.domain.errors import ConflictError, InputError, NotFoundError, PolicyError, TriageError
from triage.domain.policy import Policy, read_policy
from triage.domain.policy_change import NumberChange, faults, numbers_changed
from triage.ports import Clock, ModelDesk, ModelEntry, ModelState, Progress
from triage.rehearsing import MINUTES_A_FLAG, Period, Rehearsed, Work, carry_out
from triage.store import Store
from triage.store.past import Past

log = structlog.get_logger()

MOST_CONTACTS: Final = 50_000
"""Contacts of one rehearsal, those of the year before the period among them."""
LONGEST_SECONDS: Final = 2 * 60 * 60.0
FIRST_YEAR, LAST_YEAR = 1980, 2200
KEPT: Final = 5
KEPT_FOR: Final = timedelta(days=1)


class RehearsalState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person wants rehearsed. ``policy`` is the text of a policy file, empty for the one in use; so is ``model``.

    The days are London's and both belong to the period.
    """

    first: date
    last: date
    policy: str = ""
    model: tuple[str, str] | None = None
    minutes: float = MINUTES_A_FLAG


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """One rehearsal as it stands. ``numbers`` are what the changed policy says otherwise; ``step`` of ``steps`` are done."""

    id: str
    by: str
    begun: datetime
    asked: Asked
    numbers: tuple[NumberChange, ...]
    state: RehearsalState = RehearsalState.RUNNING
    step: int = 0
    steps: int = 0
    ended: datetime | None = None
    problem: str = ""
    result: Rehearsed | None = None

    @property
    def percent(self) -> int:
        return min(100, 100 * self.step // self.steps) if self.steps else 0


class StoppedError(Exception):
    """A person has stopped it, or it took too long."""


class Watch:
    """The progress of one rehearsal, and how it is stopped: at its next step, and at once where it runs in another process."""

    def __init__(self, seconds: float = LONGEST_SECONDS) -> None:
        self.step_at, self.steps, self.is_late = 0, 0, False
        self.stopped = threading.Event()
        self.kill: Callable[[], None] = lambda: None
        self._ends = time.monotonic() + seconds

    def expect(self, steps: int) -> None:
        self.steps += steps

    def step(self) -> None:
        """Raises StoppedError where it is to go no further."""
        self.reached(self.step_at + 1)

    def reached(self, step: int) -> None:
        self.step_at = step
        self.is_late = time.monotonic() > self._ends
        if self.is_late or self.stopped.is_set():
            raise StoppedError

    def stop(self) -> None:
        self.stopped.set()
        self.kill()


Run = Callable[[Work, Watch], Rehearsed]


def in_this_process(work: Work, watch: Watch) -> Rehearsed:
    progress: Progress = watch
    return carry_out(work, progress)


class Rehearsals:
    """What was asked for in this process, the newest first. Results are kept in memory alone, for a day at most."""

    def __init__(
        self,
        *,
        store: Store,
        policy: Policy,
        policy_text: str,
        clock: Clock,
        models: ModelDesk | None,
        folder: Path | None = None,
        run: Run = in_this_process,
    ) -> None:
        self.policy_text = policy_text
        self._store, self._policy, self._clock, self._models = store, policy, clock, models
        self._folder, self._run = folder, run
        self._lock = threading.Lock()
        self._kept: dict[str, Rehearsal] = {}
        self._watches: dict[str, Watch] = {}

    # what there is

    def models(self) -> Sequence[ModelEntry]:
        """The installed models that can read."""
        entries = self._models.models() if self._models is not None else ()
        return [entry for entry in entries if entry.state is not ModelState.REFUSED]

    def all(self) -> list[Rehearsal]:
        """Newest first."""
        now = self._clock()
        with self._lock:
            self._forget(now)
            return [self._now(one) for one in reversed(self._kept.values())]

    def get(self, rehearsal_id: str) -> Rehearsal:
        """Raises NotFoundError for one that is not, or no longer, here."""
        for one in self.all():
            if one.id == rehearsal_id:
                return one
        raise NotFoundError("There is no such rehearsal here. Results are kept for a day, and until the service stops.")

    def _now(self, one: Rehearsal) -> Rehearsal:
        watch = self._watches.get(one.id)
        return one if watch is None else replace(one, step=watch.step_at, steps=watch.steps)

    def _forget(self, now: datetime) -> None:
        ended = [one for one in self._kept.values() if one.ended is not None]
        for number, one in enumerate(reversed(ended)):
            if number >= KEPT or (one.ended is not None and now - one.ended > KEPT_FOR):
                del self._kept[one.id]

    def forget_results(self) -> None:
        """Lets go of all that have ended: they may tell of what was erased since."""
        with self._lock:
            self._kept = {one.id: one for one in self._kept.values() if one.ended is None}

    # what people do

    def start(self, asked: Asked, by: str) -> Rehearsal:
        """Raises InputError with a sentence for each thing that is wrong, or ConflictError while another one runs."""
        now = self._clock()
        work, numbers = self._work(asked, now)
        one = Rehearsal(id=uuid4().hex, by=by, begun=now, asked=asked, numbers=numbers)
        watch = Watch()
        with self._lock:
            running = next((kept for kept in self._kept.values() if kept.state is RehearsalState.RUNNING), None)
            if running is not None:
                raise ConflictError(f"A rehearsal of {running.by} is running. Wait for it, or stop it on its page.")
            self._kept[one.id], self._watches[one.id] = one, watch
            self._forget(now)
        try:
            self._note("rehearsal.started", one.id, by, _detail(asked, numbers))
        except Exception:
            with self._lock:  # what is not on record does not run
                del self._kept[one.id], self._watches[one.id]
            raise
        threading.Thread(target=self._carry_out, args=(one, work, watch), name="rehearsal", daemon=True).start()
        return one

    def stop(self, rehearsal_id: str, by: str) -> None:
        """Stops one that runs; raises ConflictError where it has ended."""
        self.get(rehearsal_id)
        with self._lock:
            watch = self._watches.get(rehearsal_id)
        if watch is None:
            raise ConflictError("This rehearsal has ended already.")
        self._note("rehearsal.stopped", rehearsal_id, by)
        watch.stop()

    # what is asked, checked

    def _work(self, asked: Asked, now: datetime) -> tuple[Work, tuple[NumberChange, ...]]:
        changed, found = self._changed(asked)
        period = period_of(asked, now)
        if isinstance(period, str):
            found.append(period)
        else:
            found += self._too_much(period)
        if asked.model is not None and asked.model not in {(one.name, one.version) for one in self.models()}:
            found.append(f"There is no installed model {' '.join(asked.model)}; choose one of the list.")
        numbers = numbers_changed(self._policy, changed) if changed is not None else ()
        if not found and not numbers and asked.model is None:
            found.append("Nothing is changed. Change a number of the policy, or choose a model.")
        if found or isinstance(period, str) or changed is None:
            raise InputError("\n".join(found))
        work = Work(
            database=self._store.engine.url.render_as_string(hide_password=False),
            policy=self._policy,
            changed=changed,
            period=period,
            minutes=asked.minutes,
            models=self._folder,
            model=asked.model,
        )
        return work, numbers

    def _changed(self, asked: Asked) -> tuple[Policy | None, list[str]]:
        if not asked.policy.strip():
            return self._policy, []
        try:
            changed = read_policy(asked.policy)
        except PolicyError as error:
            return None, [str(error)]
        wrong = faults(self._policy, changed)
        return (None if wrong else changed), list(wrong)

    def _too_much(self, period: Period) -> list[str]:
        with self._store.read() as unit:
            count = Past(unit.connection, period.replayed_from, period.end).count()
        if count <= MOST_CONTACTS:
            return []
        return [
            f"The period and the year before it hold {count:,} contacts; {MOST_CONTACTS:,} are the most here. Choose a "
            "period that ends earlier, or run triage rehearse on the command line."
        ]

    # how it goes

    def _carry_out(self, one: Rehearsal, work: Work, watch: Watch) -> None:
        try:
            done = replace(one, state=RehearsalState.DONE, result=self._run(work, watch))
        except StoppedError:
            state = RehearsalState.FAILED if watch.is_late else RehearsalState.STOPPED
            done = replace(one, state=state, problem="It took longer than two hours." if watch.is_late else "")
        except TriageError as error:
            done = replace(one, state=RehearsalState.FAILED, problem=str(error))
        except Exception as error:  # whatever it was, the page says that it has ended
            log.error("rehearsal failed", rehearsal=one.id, error=type(error).__name__)
            problem = f"It failed in a way that was not foreseen ({type(error).__name__}). Nothing was changed."
            done = replace(one, state=RehearsalState.FAILED, problem=problem)
        with self._lock:
            del self._watches[one.id]
            self._kept[one.id] = replace(done, step=watch.step_at, steps=watch.steps, ended=self._clock())
        self._note("rehearsal.ended", one.id, one.by, {"state": done.state.value})

    def _note(self, action: str, subject: str, by: str, detail: Mapping[str, str] | None = None) -> None:
        with self._store.begin() as unit:
            unit.audit.append(at=self._clock(), actor=by, action=action, subject=subject, detail=detail or {})


def period_of(asked: Asked, now: datetime) -> Period | str:
    """The period in moments, never beyond now; or a sentence that says what is wrong with its days."""
    if not all(FIRST_YEAR <= day.year <= LAST_YEAR for day in (asked.first, asked.last)):
        return f"The days are to be between {FIRST_YEAR} and {LAST_YEAR}."
    start, end = _midnight(asked.first), _midnight(asked.last + timedelta(days=1))
    if asked.last < asked.first:
        return "The last day is before the first; exchange them."
    if start >= now:
        return "The period is in the future; there is no history of it."
    return Period(start=start, end=min(end, now))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, clock_time(), LONDON)


def _detail(asked: Asked, numbers: Sequence[NumberChange]) -> dict[str, str]:
    detail = {"first": asked.first.isoformat(), "last": asked.last.isoformat()}
    if numbers:
        detail["numbers"] = ", ".join(f"{one.code} {one.name} {one.before:g} to {one.after:g}" for one in numbers)
    if asked.model is not None:
        detail["model"] = " ".join(asked.model)
    return detail
