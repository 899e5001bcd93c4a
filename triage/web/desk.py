"""What every page needs: the store, the policy, the clock, the models and the templates."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2.bccache import Bucket

from triage.bootstrap import england
from triage.domain.acknowledging import Hours
from triage.domain.flag import FlagKind
from triage.domain.policy import Policy
from triage.domain.retention import Retention
from triage.domain.team import EVERYTHING, NO_TEAMS, Sight, Teams
from triage.domain.workdays import is_whole_day
from triage.ports import Clock, IntakeDesk, LinkDesk, ModelDesk
from triage.queue import visible_kinds
from triage.rehearsal_desk import Rehearsals
from triage.reports.marked import seen
from triage.reports.people import pseudonym
from triage.reports.veil import title_as_chosen
from triage.store import Store, Unit
from triage.store.working import Choice
from triage.web.duties import HOME, may, menu
from triage.web.signed_in import Gate, SignedIn
from triage.web.ways_in import WaysIn

T = TypeVar("T")
LONDON: Final = ZoneInfo("Europe/London")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The parts of the web desk, handed to every group of routes."""

    store: Store
    policy: Policy
    clock: Clock
    models: ModelDesk | None
    intake: IntakeDesk | None
    problems: Callable[[], Sequence[str]]
    gate: Gate
    templates: jinja2.Environment
    ways_in: WaysIn = field(default_factory=WaysIn)
    links: LinkDesk | None = None
    blind_share: float = 0.0
    """Of the behaviour flags raised by words: how many are first looked at without the model's output (C4)."""
    teams: Teams = NO_TEAMS
    hours: Hours = field(default_factory=lambda: Hours(workdays=england()))
    rehearsals: Rehearsals | None = None
    retention: Retention = field(default_factory=Retention)

    def sight(self, caller: SignedIn) -> Sight:
        """What this person may know of. Safeguarding stops at no team: its role sees every card, and nothing else (C27)."""
        return EVERYTHING if caller.safeguarding else self.teams.sight(caller.person.teams)

    def reading(self, caller: SignedIn) -> AbstractContextManager[Unit]:
        """Reads for this person: what their teams may not know of is not there."""
        return self.store.read(self.sight(caller))

    def writing(self, caller: SignedIn) -> AbstractContextManager[Unit]:
        """One transaction for this person; what their teams may not know of is not there."""
        return self.store.begin(self.sight(caller))

    def on_record(self, act: Callable[[Unit], T]) -> T:
        """A small write about what was looked up for this person before, in one commit with those of others; kept when it returns."""
        return self.store.together(act)

    def kinds(self, caller: SignedIn) -> tuple[FlagKind, ...]:
        """The kinds of flags that this person may see (C27)."""
        return tuple(visible_kinds(safeguarding=caller.safeguarding))

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Renders a template; text is escaped by the engine and by nothing else."""
        caller, now = getattr(request.state, "caller", None), self.clock()
        shown: dict[str, Any] = {
            "me": caller,
            "home": HOME[caller.duty] if caller else "/sign-in",
            "menu": menu(caller.duty) if caller else [],
            "here": request.url.path,
            "now": now,
            "policy": self.policy,
            "shut_until": None if self.hours.is_open(now) else self.hours.starts(now),
            "may": may,
            "veiled": False,
            "problem": self.models.problem if self.models else None,
            **values,
        }
        return HTMLResponse(self.templates.get_template(template).render(shown), status_code=status)


def veils(choice: Choice, caller: SignedIn) -> bool:
    """Whether abusive words stand behind their clause until they are opened, as this person chose; safeguarding reads all (C34)."""
    return choice.veiled and not caller.safeguarding


def veiled_for(desk: Desk, caller: SignedIn) -> bool:
    """The same, for whoever reads nothing else of the store."""
    with desk.reading(caller) as unit:
        return veils(unit.working.choice(caller.name), caller)


class _Compiled(jinja2.BytecodeCache):
    """What was compiled in this process: another desk in it, as tests make many, compiles nothing anew."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_compiled: Final = _Compiled()


def templates(now: Clock) -> jinja2.Environment:
    """Autoescaping everywhere and no undefined names; no template marks anything as safe (S12)."""
    engine = jinja2.Environment(
        loader=jinja2.PackageLoader("triage.web"),
        bytecode_cache=_compiled,
        auto_reload=False,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.filters |= {"day": day, "moment": moment, "iso": datetime.isoformat, "seen": seen, "pseudonym": pseudonym}
    engine.filters |= {"short": short, "deadline": deadline, "opening": opening}
    engine.filters["lasting"] = lambda at: ago(at, now()).removesuffix(" ago").removeprefix("in ")
    engine.globals["title_as_chosen"] = title_as_chosen
    engine.filters["ago"] = lambda at: ago(at, now())
    return engine


def compile_all(engine: jinja2.Environment) -> None:
    """Every template, so that no first view waits a quarter of a second for it."""
    for name in engine.list_templates():
        engine.get_template(name)


def short(code: str) -> str:
    """A clause's code as people write it; a card has a word instead."""
    return code.replace("_", " ").capitalize() if code.islower() else code


@lru_cache(maxsize=8192)
def day(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%b %Y}"


@lru_cache(maxsize=8192)
def moment(at: datetime) -> str:
    """London wall-clock time, for example "12 Nov 2026, 9:14am"."""
    local = at.astimezone(LONDON)
    hour = local.hour % 12 or 12
    return f"{day(at)}, {hour}:{local:%M}{'am' if local.hour < 12 else 'pm'}"


def deadline(at: datetime) -> str:
    """A day where a day was promised, the hour as well where an hour was."""
    return day(at) if is_whole_day(at) else moment(at)


def opening(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def ago(at: datetime, now: datetime) -> str:
    """How long before (or after) now, in the largest whole unit."""
    distance = abs(now - at)
    count, unit = _largest(distance)
    if count == 0:
        return "now"
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"in {words}" if at > now else f"{words} ago"


def _largest(distance: timedelta) -> tuple[int, str]:
    minutes = int(distance.total_seconds() // 60)
    for size, unit in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return minutes // size, unit
    return 0, "minute"
