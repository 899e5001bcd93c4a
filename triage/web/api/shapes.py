"""What the API answers where a page's own view would say too much: a field is here because a page shows it."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, TypeVar

from triage.domain.contesting import Representation
from triage.domain.customer import Zone
from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.incident import Candidate, Known, Source, Support
from triage.domain.restriction import Restriction
from triage.domain.review import Review, VisitPlanned
from triage.reports.contacts import ContactView
from triage.reports.flag_views import Card, ClauseView, FlagPage, Moment
from triage.reports.identities import RulingRow, Step, WhoPage
from triage.reports.incident import IncidentPage
from triage.reports.owed import OwedView
from triage.reports.queue import Freshness
from triage.reports.visits import PlannedVisits
from triage.reports.volume import Volume
from triage.store.flags import Statement

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedOut:
    """Why nothing was done, in a sentence; ``faults`` where several things are missing."""

    error: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOut:
    """Who is signed in; ``token`` is what a POST carries in X-Form-Token where the session comes as a cookie."""

    person: str
    role: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagHead:
    """What identifies one state of a flag. No reference of a customer, and no reason that may be withheld."""

    id: str
    kind: FlagKind
    state: FlagState
    version: int
    opened: datetime
    updated: datetime
    due: datetime | None
    issue_id: str
    codes: tuple[str, ...]
    claimed_by: str | None
    claimed_until: datetime | None


def head_of(flag: Flag) -> FlagHead:
    return FlagHead(
        codes=tuple(code.code for code in flag.codes),
        **{field.name: getattr(flag, field.name) for field in fields(FlagHead) if field.name != "codes"},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagOut:
    """The flag page in the order of its questions: risk, what we owe, circumstances, and only then what was said.

    ``next_steps`` may be recorded with a decision; ``following`` is the next flag of the queue once this one is settled.
    """

    flag: FlagHead
    kind: str
    title: str
    who: str
    household: str
    at_risk: tuple[Card, ...]
    visits: PlannedVisits | None
    owed: tuple[OwedView, ...]
    late: bool
    circumstances: tuple[str, ...]
    adjustments: tuple[str, ...]
    cannot_judge: tuple[str, ...]
    clauses: tuple[ClauseView, ...]
    words: tuple[ContactView, ...]
    more_words: int
    others: tuple[Card, ...]
    statements: tuple[Statement, ...]
    reviews: tuple[Review, ...]
    history: tuple[Moment, ...]
    freshness: Freshness
    claimed_by: str | None
    model: str | None
    overdue: bool
    safe_contact: tuple[str, ...]
    restrictions: tuple[Restriction, ...]
    records: tuple[tuple[str, datetime, bool], ...]
    support: tuple[Support, ...]
    awaits: str | None
    given: bool
    may_undo: bool
    blind: bool
    representations: tuple[Representation, ...]
    appeal_by: datetime | None
    volume: Volume | None
    next_steps: tuple[str, ...]
    following: str | None


def flag_out(page: FlagPage, *, next_steps: tuple[str, ...], following: Flag | None) -> FlagOut:
    return like(
        FlagOut,
        page,
        flag=head_of(page.flag),
        next_steps=next_steps,
        following=following.id if following else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentOut:
    """An incident record as its page shows it: no reference, no address, and no word that is with safeguarding."""

    id: str
    flag_id: str
    created: datetime
    withdrawn: datetime | None
    policy: str
    who: str
    household: str
    missing: tuple[str, ...]
    known: Known
    visit_planned: VisitPlanned | None
    sources: tuple[Source, ...]
    targets: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    next_step: str | None
    less_intrusive: str
    proportionality: str
    equality: str
    decided_by: str
    second_by: str | None
    not_involved: bool
    statements: tuple[Statement, ...]
    earlier: tuple[str, ...]
    appeals: tuple[str, ...]
    with_safeguarding: bool


def incident_out(view: IncidentPage) -> IncidentOut:
    record, hidden = view.record, view.with_safeguarding
    return like(
        IncidentOut,
        record,
        who=view.who,
        household=view.household,
        missing=view.missing,
        statements=view.statements,
        earlier=tuple(one.id for one in view.earlier),
        appeals=view.appeals,
        with_safeguarding=hidden,
        sources=tuple(
            replace(source, quotations=tuple(replace(said, words="") if hidden else said for said in source.quotations))
            for source in record.sources
        ),
        candidates=tuple(
            replace(one, score=None, evidence="" if hidden else one.evidence) for one in record.candidates
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoOut:
    """The page *Who wrote?* of one contact: ``known`` where the person asked about is in the directory; no reference of theirs."""

    contact: ContactView
    sender: str
    zone: Zone
    known: bool
    on_file: tuple[str, ...]
    writes_for: str | None
    steps: tuple[Step, ...]
    linked: tuple[Step, ...]
    issue_id: str | None
    issue: str
    others: tuple[tuple[str, str], ...]
    rulings: tuple[RulingRow, ...]
    incoming: bool
    names_until: datetime | None


def who_out(view: WhoPage) -> WhoOut:
    return like(WhoOut, view, known=view.known is not None)


def like(kind: type[Shape], view: object, **rest: Any) -> Shape:
    """A ``kind`` with the fields of the same name of ``view``, and ``rest``."""
    same = {field.name: getattr(view, field.name) for field in fields(kind) if field.name not in rest}  # type: ignore[arg-type]
    return kind(**same, **rest)
