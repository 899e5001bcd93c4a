"""What the flag page shows: one flag and everything around it, in the order in which the page asks its questions."""

from dataclasses import dataclass
from datetime import datetime

from triage.domain.contesting import Representation
from triage.domain.flag import Flag, FlagState
from triage.domain.incident import Support
from triage.domain.policy import Clause
from triage.domain.restriction import Restriction
from triage.domain.review import Review
from triage.domain.signal import Counted, Element
from triage.reports.changes import ChangeView
from triage.reports.contacts import ContactView
from triage.reports.otherwise import OtherwiseView
from triage.reports.owed import OwedView
from triage.reports.precedents import PrecedentView
from triage.reports.queue import Freshness
from triage.reports.timeline import Timeline
from triage.reports.visits import PlannedVisits
from triage.reports.volume import Volume
from triage.store.flags import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalView:
    """One reason for or against; ``band`` instead of a bare number (C3)."""

    sentence: str
    source: str
    band: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedView:
    """One contribution to the model's reading, in log-odds: all of a contact's add up to its score."""

    sentence: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseView:
    """One clause of the flag: the policy's words, what it needs, and what speaks for and against."""

    clause: Clause
    policy: str
    why: str
    raised_at: datetime
    band: str | None
    withheld: bool
    elements: tuple[Element, ...]
    counted: tuple[tuple[Counted, ContactView | None], ...]
    signals_for: tuple[SignalView, ...]
    signals_against: tuple[SignalView, ...]
    weighed: tuple[WeighedView, ...]
    what_would_change: str
    now_found: bool
    precedents: tuple[PrecedentView, ...] = ()
    without: tuple[ChangeView, ...] = ()
    otherwise: tuple[OtherwiseView, ...] = ()

    @property
    def code(self) -> str:
        return self.clause.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card on the same issue that comes before any behaviour; without an address where it is not this person's to see."""

    label: str
    since: datetime
    flag_id: str | None
    state: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One entry of the flag's history, in words."""

    at: datetime
    what: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagPage:
    """The flag and everything around it, in the order in which the page asks its questions.

    ``awaits`` says whose look it waits for; ``given`` that this person has given theirs; ``blind`` that the model's output
    is not shown; ``may_undo`` that the last decision is this person's own.
    """

    flag: Flag
    kind: str
    title: str
    who: str
    household: str
    clauses: tuple[ClauseView, ...]
    at_risk: tuple[Card, ...]
    visits: PlannedVisits | None
    others: tuple[Card, ...]
    owed: tuple[OwedView, ...]
    late: bool
    circumstances: tuple[str, ...]
    adjustments: tuple[str, ...]
    cannot_judge: tuple[str, ...]
    words: tuple[ContactView, ...]
    more_words: int
    timeline: Timeline | None
    statements: tuple[Statement, ...]
    reviews: tuple[Review, ...]
    history: tuple[Moment, ...]
    freshness: Freshness
    claimed_by: str | None
    model: str | None
    overdue: bool
    safe_contact: tuple[str, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    records: tuple[tuple[str, datetime, bool], ...] = ()
    support: tuple[Support, ...] = ()
    awaits: str | None = None
    given: bool = False
    may_undo: bool = False
    blind: bool = False
    to_discuss: str = ""
    representations: tuple[Representation, ...] = ()
    appeal_by: datetime | None = None
    volume: Volume | None = None

    @property
    def open(self) -> bool:
        return self.flag.state is FlagState.OPEN
