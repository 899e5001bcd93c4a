"""The queue as a page shows it: flags most urgent first, what is with safeguarding, and how fresh all of it is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.domain.contact import Contact
from triage.domain.flag import Flag, FlagKind, FlagState, kind_of
from triage.domain.issue import Issue
from triage.domain.policy import Policy
from triage.domain.signal import Assessment
from triage.reports.contacts import CHANNELS
from triage.reports.marked import seen
from triage.reports.owed import is_late
from triage.reports.people import pseudonym
from triage.reports.veil import Veil
from triage.store import Unit

KINDS = {
    FlagKind.SAFEGUARDING: "Safeguarding",
    FlagKind.STAFF_SAFETY: "Staff safety",
    FlagKind.HAZARD: "Hazard",
    FlagKind.SERVICE_FAILURE: "Our own service",
    FlagKind.BEHAVIOUR: "Behaviour",
}
PAGE = 50
STALE_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the address of the page asks for; empty means all."""

    kind: FlagKind | None = None
    code: str | None = None
    state: FlagState = FlagState.OPEN
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
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
    incoming: int = 0


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


def queue_page(
    unit: Unit, policy: Policy, filters: Filters, *, kinds: Collection[FlagKind], now: datetime, safeguarding: bool
) -> QueuePage:
    """The flags of ``kinds``, the only ones that this person may see."""
    wanted = [filters.kind] if filters.kind in kinds else list(kinds) if filters.kind is None else []
    flags = unit.flags.listed(states=(filters.state,), kinds=[kind for kind in wanted if kind])
    if filters.code:
        flags = [flag for flag in flags if flag.code(filters.code)]
    start = (filters.page - 1) * PAGE
    shown = flags[start : start + PAGE]
    around = _around(unit, shown, safeguarding=safeguarding)
    rows = tuple(_row(around, policy, flag, now) for flag in shown)
    plain = filters.kind is None and not filters.code and filters.state is FlagState.OPEN and filters.page == 1
    cards = unit.flags.listed(kinds=(FlagKind.SAFEGUARDING,)) if plain and not safeguarding else []
    allowed = [code for code in policy.clauses if kind_of(code) in kinds]
    return QueuePage(
        rows=rows,
        total=len(flags),
        pages=max(1, -(-len(flags) // PAGE)),
        filters=filters,
        with_safeguarding=tuple(
            WithSafeguarding(who=pseudonym(card.customer_ref), since=card.opened) for card in cards
        ),
        freshness=freshness(unit, now),
        codes=tuple((code, policy.clause(code).title) for code in allowed),
        kinds=tuple((kind.value, label) for kind, label in KINDS.items() if kind in kinds),
    )


def next_flag(unit: Unit, after: Flag, *, kinds: Collection[FlagKind], person: str, now: datetime) -> Flag | None:
    """The open flag that follows in the queue and is nobody else's at the moment; from the top where none follows."""
    free = [
        flag
        for flag in unit.flags.listed(kinds=kinds)
        if flag.id != after.id
        and (flag.claimed_by in (None, person) or flag.claimed_until is None or flag.claimed_until <= now)
    ]
    place = (after.urgency, after.opened, after.id)
    following = (flag for flag in free if (flag.urgency, flag.opened, flag.id) > place)
    return next(following, free[0] if free else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What the rows of one page need, each asked for once."""

    issues: Mapping[str, Issue]
    assessments: Mapping[str, Assessment]
    contacts: Mapping[str, Contact]
    veils: Mapping[str, Veil]


def _around(unit: Unit, flags: Sequence[Flag], *, safeguarding: bool) -> _Around:
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
    )


def _evidence(flag: Flag) -> tuple[str, ...]:
    return tuple(dict.fromkeys(contact for code in flag.codes for contact in code.contacts))


def _row(around: _Around, policy: Policy, flag: Flag, now: datetime) -> QueueRow:
    ids = _evidence(flag)
    issue = around.issues.get(flag.issue_id)
    claimed = flag.claimed_by if flag.claimed_until and flag.claimed_until > now else None
    return QueueRow(
        id=flag.id,
        kind=KINDS[flag.kind],
        codes=tuple((code.code, policy.clause(code.code).title) for code in flag.codes),
        who=pseudonym(flag.customer_ref),
        title=seen(around.veils[flag.issue_id].title(issue.title)) if issue and issue.title else "No subject",
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
    )


def freshness(unit: Unit, now: datetime) -> Freshness:
    folders = unit.contacts.folders()
    stored = [folder.last_stored for folder in folders if folder.last_stored is not None]
    feeds = tuple(
        FeedView(source=source, at=at, stale=state != "ok" or now - at > STALE_AFTER)
        for source, at, state in unit.landlord.feeds()
    )
    counts = unit.contacts.counts()
    return Freshness(
        last_stored=max(stored, default=None),
        unread=unit.contacts.count_unread(),
        waiting=sum(folder.counts.waiting for folder in folders),
        not_scored=counts["not_scored"],
        feeds=feeds,
        records_fresh=any(feed.source == "records" for feed in feeds)
        and not any(feed.stale for feed in feeds if feed.source in ("records", "customers")),
        incoming=counts["in"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotScoredRow:
    id: str
    received: datetime
    channel: str
    routes: tuple[str, ...]
    subject: str
    reason: str


def not_scored_rows(unit: Unit, *, safeguarding: bool) -> tuple[NotScoredRow, ...]:
    """What no model has read, and why, newest first: a person should."""
    contacts = unit.contacts.not_scored()
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
