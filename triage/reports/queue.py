"""The queue as a page shows it: flags most urgent first, what is with safeguarding, and how fresh all of it is."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from triage.arranging import clocked
from triage.deciding import given_on
from triage.domain.contact import Contact
from triage.domain.flag import Flag, FlagKind, FlagState, kind_of
from triage.domain.issue import Issue
from triage.domain.policy import Policy, shipped_policy
from triage.domain.review import Review
from triage.domain.signal import Assessment
from triage.reports.contacts import CHANNELS
from triage.reports.marked import seen
from triage.reports.masking import Mask
from triage.reports.owed import is_late
from triage.reports.people import pseudonym
from triage.reports.veil import Veil
from triage.store import Unit
from triage.store.listing import Held, Shown, Wanted
from triage.store.working import DeskMark

KINDS = {
    FlagKind.SAFEGUARDING: "Safeguarding",
    FlagKind.STAFF_SAFETY: "Staff safety",
    FlagKind.HAZARD: "Hazard",
    FlagKind.SERVICE_FAILURE: "Our own service",
    FlagKind.BEHAVIOUR: "Behaviour",
}
PAGE = 25
STALE_AFTER = timedelta(hours=24)
LOOKING_FOR = timedelta(minutes=3)
"""For how long an open page counts as somebody looking; it says so again every minute."""
LONDON: Final = ZoneInfo("Europe/London")
COMPARED = 40
LIKE = 0.8
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the address of the page asks for; empty means all. The whole state of a list is in its address."""

    kind: FlagKind | None = None
    code: str | None = None
    state: FlagState = FlagState.OPEN
    page: int = 1
    text: str = ""
    held: Held = Held.ANY
    shown: Shown = Shown.WORK
    overdue: bool = False

    @property
    def query(self) -> str:
        """The same list as an address, without its page and without what is as usual."""
        fields = {
            "kind": self.kind.value if self.kind else "",
            "code": self.code or "",
            "state": "" if self.state is FlagState.OPEN else self.state.value,
            "text": self.text,
            "held": self.held.value,
            "shown": "" if self.shown is Shown.WORK else self.shown.value,
            "overdue": "yes" if self.overdue else "",
        }
        return urlencode({name: value for name, value in fields.items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One flag: one person on one issue, however many contacts. ``copies`` of them say nearly the same as another.

    ``folded`` are the flags that people marked as duplicates of this one. ``awaits`` says which reader's turn it is after
    those in ``given_by``, each of whom has had theirs: ``may_give`` is whether this person is another.
    """

    id: str
    kind: str
    codes: tuple[tuple[str, str], ...]
    who: str
    title: str
    since: datetime
    contacts: int
    routes: int
    due: datetime | None
    overdue: bool
    we_are_late: bool
    claimed_by: str | None
    state: str
    copies: int = 0
    folded: tuple[str, ...] = ()
    looking: tuple[str, ...] = ()
    assigned_to: str | None = None
    snoozed_until: datetime | None = None
    duplicate_of: str | None = None
    awaits: str | None = None
    given_by: tuple[str, ...] = ()
    may_give: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WithSafeguarding:
    """All that anybody else learns of a safeguarding card: whose, and since when."""

    who: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    source: str
    at: datetime
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """When anything last arrived, what waits to be read, and whether the landlord's own records are fresh (C38)."""

    last_stored: datetime | None
    unread: int
    waiting: int
    not_scored: int
    feeds: tuple[FeedView, ...]
    records_fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflow:
    """What came in since midnight in London, how much of it could not be read, and how many flags were raised on it."""

    came_in: int
    not_scored: int
    flags: int


def inflow(unit: Unit, now: datetime) -> Inflow:
    midnight = now.astimezone(LONDON).replace(hour=0, minute=0, second=0, microsecond=0)
    came_in, not_scored, flags = unit.listing.inflow(midnight, unit.sight)
    return Inflow(came_in=came_in, not_scored=not_scored, flags=flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """How many flags are not in the list because somebody put them off, folded them, or would rather not read their kind."""

    snoozed: int = 0
    duplicates: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    rows: tuple[QueueRow, ...]
    total: int
    pages: int
    filters: Filters
    with_safeguarding: tuple[WithSafeguarding, ...]
    freshness: Freshness
    codes: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    aside: Aside = Aside()
    inflow: Inflow = Inflow(came_in=0, not_scored=0, flags=0)


def queue_page(
    unit: Unit,
    policy: Policy,
    filters: Filters,
    *,
    kinds: Collection[FlagKind],
    now: datetime,
    safeguarding: bool,
    person: str = "",
) -> QueuePage:
    """The flags of ``kinds``, the only ones that this person may see, as ``person`` chose to see them."""
    wanted = _wanted(unit, policy, filters, kinds=kinds, now=now, person=person)
    total = unit.listing.count(wanted)
    shown = unit.listing.page(wanted, limit=PAGE, offset=(filters.page - 1) * PAGE)
    around = _around(unit, shown, safeguarding=safeguarding, now=now)
    rows = tuple(_row(around, policy, flag, now, person) for flag in shown)
    plain = not filters.query and filters.page == 1
    cards = unit.listing.cards(unit.sight) if plain and not safeguarding else []
    allowed = [code for code in policy.clauses if kind_of(code) in kinds]
    return QueuePage(
        rows=rows,
        total=total,
        pages=max(1, -(-total // PAGE)),
        filters=filters,
        with_safeguarding=tuple(
            WithSafeguarding(who=pseudonym(customer_ref), since=since) for customer_ref, since in cards
        ),
        freshness=freshness(unit, now),
        codes=tuple((code, policy.clause(code).title) for code in allowed),
        kinds=tuple((kind.value, label) for kind, label in KINDS.items() if kind in kinds),
        inflow=inflow(unit, now),
        aside=_aside(unit, wanted) if filters.state is FlagState.OPEN and filters.shown is Shown.WORK else Aside(),
    )


def _wanted(
    unit: Unit, policy: Policy, filters: Filters, *, kinds: Collection[FlagKind], now: datetime, person: str
) -> Wanted:
    chosen = [filters.kind] if filters.kind in kinds else list(kinds) if filters.kind is None else []
    states = (filters.state,)
    text = filters.text.strip()
    people = unit.listing.people_of(states, kinds) if text else set()
    return Wanted(
        states=states,
        kinds=[kind for kind in chosen if kind],
        person=person,
        now=now,
        sight=unit.sight,
        clocked=clocked(policy),
        code=filters.code,
        held=filters.held,
        shown=filters.shown,
        overdue=filters.overdue,
        skip=unit.working.choice(person).skip if person else (),
        text=text,
        people=[ref for ref in people if text.upper() in pseudonym(ref).upper()],
        codes_named=[
            code
            for code, clause in policy.clauses.items()
            if text and (text.upper() == code.upper() or text.lower() in clause.title.lower())
        ],
    )


def _aside(unit: Unit, wanted: Wanted) -> Aside:
    snoozed, duplicates = unit.listing.aside(wanted)
    return Aside(
        snoozed=snoozed,
        duplicates=duplicates,
        skipped=unit.listing.count(replace(wanted, shown=Shown.SKIPPED)) if wanted.skip else 0,
    )


def next_flag(
    unit: Unit, after: Flag, *, kinds: Collection[FlagKind], person: str, now: datetime, policy: Policy | None = None
) -> Flag | None:
    """The open flag that follows in the queue and is nobody else's at the moment; from the top where none follows."""
    wanted = Wanted(
        states=(FlagState.OPEN,),
        kinds=kinds,
        person=person,
        now=now,
        sight=unit.sight,
        clocked=clocked(policy or shipped_policy()),
        held=Held.FREE,
        skip=unit.working.choice(person).skip,
    )
    return unit.listing.after(wanted, after.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What the rows of one page need, each asked for once."""

    issues: Mapping[str, Issue]
    assessments: Mapping[str, Assessment]
    contacts: Mapping[str, Contact]
    veils: Mapping[str, Veil]
    masks: Mapping[str, Mask]
    marks: Mapping[str, DeskMark]
    folded: Mapping[str, Sequence[str]]
    looking: Mapping[str, Sequence[str]]
    reviews: Mapping[str, Sequence[Review]]


def _around(unit: Unit, flags: Sequence[Flag], *, safeguarding: bool, now: datetime) -> _Around:
    ids = [flag.id for flag in flags]
    people = unit.landlord.customers_by_ref({flag.customer_ref for flag in flags})
    issue_ids = {flag.issue_id for flag in flags}
    secret = {} if safeguarding else unit.contacts.safeguarded_in(issue_ids)
    contacts = unit.contacts.some({contact for flag in flags for contact in _evidence(flag)} | set(secret))
    return _Around(
        issues=unit.issues.some(issue_ids),
        assessments=unit.issues.last_assessments(issue_ids),
        contacts=contacts,
        veils={
            issue_id: Veil(contacts[key] for key, issue in secret.items() if issue == issue_id)
            for issue_id in issue_ids
        },
        masks={
            flag.id: Mask(
                [people[flag.customer_ref]] if flag.customer_ref in people else [],
                {contacts[item].from_name for item in _evidence(flag) if item in contacts},
            )
            for flag in flags
        },
        marks=unit.working.marks(ids),
        folded=unit.working.duplicates_of(ids),
        looking=unit.working.looking(ids, now - LOOKING_FOR),
        reviews=unit.listing.reviews_of([flag.id for flag in flags if flag.state is FlagState.OPEN]),
    )


def near_copies(texts: Iterable[str]) -> int:
    """How many of these say nearly what one before them said: four words in five are the same.

    Only the first `COMPARED` are compared, so that a flood costs no more than a page of them.
    """
    kept: list[set[str]] = []
    copies = 0
    for text in list(texts)[:COMPARED]:
        words = set(_WORD.findall(text.lower()))
        if words and any(len(words & other) >= LIKE * len(words | other) for other in kept):
            copies += 1
        else:
            kept.append(words)
    return copies


def _evidence(flag: Flag) -> tuple[str, ...]:
    return tuple(dict.fromkeys(contact for code in flag.codes for contact in code.contacts))


def _row(around: _Around, policy: Policy, flag: Flag, now: datetime, person: str) -> QueueRow:
    ids = _evidence(flag)
    issue = around.issues.get(flag.issue_id)
    claimed = flag.claimed_by if flag.claimed_until and flag.claimed_until > now else None
    mark = around.marks.get(flag.id)
    holds = mark is not None and mark.version == flag.version
    awaits, given_by = _turn(flag, around.reviews.get(flag.id, ()))
    return QueueRow(
        id=flag.id,
        kind=KINDS[flag.kind],
        codes=tuple((code.code, policy.clause(code.code).title) for code in flag.codes),
        who=pseudonym(flag.customer_ref),
        title=around.masks[flag.id].text(seen(around.veils[flag.issue_id].title(issue.title)))
        if issue and issue.title
        else "No subject",
        since=flag.opened,
        contacts=len(ids),
        routes=len(
            {
                route
                for contact_id in ids
                if contact_id in around.contacts
                for route in around.contacts[contact_id].routes
            }
        ),
        due=flag.due,
        overdue=flag.due is not None and flag.due < now and flag.state is FlagState.OPEN,
        we_are_late=is_late(around.assessments.get(flag.issue_id), now),
        claimed_by=claimed,
        state=flag.state.value,
        copies=near_copies(around.contacts[item].own_text for item in ids if item in around.contacts),
        folded=tuple(around.folded.get(flag.id, ())),
        looking=tuple(name for name in around.looking.get(flag.id, ()) if name not in (person, claimed)),
        assigned_to=mark.assigned_to if mark else None,
        snoozed_until=mark.snoozed_until
        if mark and holds and mark.snoozed_until and mark.snoozed_until > now
        else None,
        duplicate_of=mark.duplicate_of if mark and holds else None,
        awaits=awaits,
        given_by=given_by,
        may_give=awaits is not None and person not in given_by,
    )


def _turn(flag: Flag, reviews: Sequence[Review]) -> tuple[str | None, tuple[str, ...]]:
    """Whose look the flag waits for, and who has looked already; what they said is on the flag page, for those who may see it."""
    if flag.awaits is not None:
        return flag.awaits, tuple(review.reviewer for review in given_on(flag, reviews))
    if reviews and reviews[-1].unsure and reviews[-1].withdrawn is None:
        return "second reader", (reviews[-1].reviewer,)
    return None, ()


def freshness(unit: Unit, now: datetime) -> Freshness:
    feeds = tuple(
        FeedView(source=source, at=at, stale=state != "ok" or now - at > STALE_AFTER)
        for source, at, state in unit.landlord.feeds()
    )
    return Freshness(
        last_stored=unit.contacts.last_stored(),
        unread=unit.contacts.count_unread(),
        waiting=unit.contacts.count_waiting(),
        not_scored=unit.contacts.count_not_scored(),
        feeds=feeds,
        records_fresh=any(feed.source == "records" for feed in feeds)
        and not any(feed.stale for feed in feeds if feed.source in ("records", "customers")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotScoredRow:
    id: str
    received: datetime
    channel: str
    routes: tuple[str, ...]
    subject: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotScoredPage:
    """What no model has read, by reason; ``why`` is the reason that the page was asked for."""

    rows: tuple[NotScoredRow, ...]
    reasons: tuple[tuple[str, int], ...]
    why: str
    inflow: Inflow


def not_scored_page(unit: Unit, *, safeguarding: bool, why: str, now: datetime) -> NotScoredPage:
    rows = not_scored_rows(unit, safeguarding=safeguarding)
    reasons = Counter(row.reason for row in rows)
    chosen = why if why in reasons else ""
    return NotScoredPage(
        rows=tuple(row for row in rows if not chosen or row.reason == chosen),
        reasons=tuple(reasons.most_common()),
        why=chosen,
        inflow=inflow(unit, now),
    )


def not_scored_rows(unit: Unit, *, safeguarding: bool) -> tuple[NotScoredRow, ...]:
    """What no model has read, and why, newest first: a person should."""
    contacts = unit.contacts.not_scored(sight=unit.sight)
    veil = Veil(() if safeguarding else unit.contacts.safeguarded_beside([contact.id for contact in contacts]))
    return tuple(
        NotScoredRow(
            id=contact.id,
            received=contact.received,
            channel=CHANNELS[contact.channel],
            routes=contact.routes,
            subject=seen(veil.title(contact.subject)) or "No subject",
            reason=seen(contact.not_scored or ""),
        )
        for contact in contacts
    )
