"""What a rehearsal shows: counts by clause for the whole landlord, and differences on issues that this person may know of."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Final

from triage.domain.flag import FlagKind, kind_of
from triage.domain.policy import Policy
from triage.domain.policy_change import NumberChange
from triage.domain.workdays import LONDON
from triage.rehearsal_desk import Rehearsal, RehearsalState
from triage.rehearsing import Change, Difference, Rehearsed, for_reviewers
from triage.reports.marked import seen
from triage.reports.our_side import told_title
from triage.reports.people import pseudonym
from triage.reports.reveals import mask_of
from triage.reports.sheet import sheet
from triage.reports.veil import Veil
from triage.store import Unit

PAGE: Final = 50
PART: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalHead:
    """How one rehearsal stands; ``problem`` says why it failed."""

    id: str
    by: str
    begun: datetime
    ended: datetime | None
    state: RehearsalState
    percent: int
    problem: str
    first: date
    last: date
    minutes: float
    model: str
    numbers: tuple[NumberChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseRow:
    """One clause: how often it was raised with the policy and model in use, and with the changed ones."""

    code: str
    title: str
    before: int
    after: int
    new: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """One difference, without a name. ``issue_id`` and ``issue`` are there for whoever may open the issue."""

    change: Change
    code: str
    title: str
    at: datetime
    who: str
    issue_id: str | None
    issue: str
    contacts: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultView:
    """Flags are those for reviewers; safeguarding cards are their own role's. ``with_safeguarding`` differences are only
    counted, and so are those ``elsewhere``: on issues of other teams, or on what is not in the store any more."""

    clauses: tuple[ClauseRow, ...]
    flags_before: int
    flags_after: int
    cards_before: int
    cards_after: int
    hours_before: float
    hours_after: float
    hours: float
    rows: tuple[DifferenceRow, ...]
    listed: int
    with_safeguarding: int
    elsewhere: int
    page: int
    pages: int


def head_of(one: Rehearsal) -> RehearsalHead:
    return RehearsalHead(
        id=one.id,
        by=one.by,
        begun=one.begun,
        ended=one.ended,
        state=one.state,
        percent=one.percent,
        problem=one.problem,
        first=one.asked.first,
        last=one.asked.last,
        minutes=one.asked.minutes,
        model=" ".join(one.asked.model or ()),
        numbers=one.numbers,
    )


def result_view(unit: Unit, result: Rehearsed, policy: Policy, page: int, *, opens_issues: bool) -> ResultView:
    """One page of the differences that this person may know of, and the counts of all."""
    told = [item for item in result.differences if not _is_safeguarding(item)]
    places = list(_placed(unit, told))
    pages = max(1, -(-len(places) // PAGE))
    at = min(max(page, 1), pages)
    before, after = for_reviewers(result.flags_before), for_reviewers(result.flags_after)
    return ResultView(
        clauses=tuple(_clauses(result, policy)),
        flags_before=before,
        flags_after=after,
        cards_before=result.flags_before.get(FlagKind.SAFEGUARDING, 0),
        cards_after=result.flags_after.get(FlagKind.SAFEGUARDING, 0),
        hours_before=before * result.minutes / 60,
        hours_after=after * result.minutes / 60,
        hours=result.hours,
        rows=tuple(_rows(unit, places[(at - 1) * PAGE : at * PAGE], policy, opens_issues=opens_issues)),
        listed=len(places),
        with_safeguarding=len(result.differences) - len(told),
        elsewhere=len(told) - len(places),
        page=at,
        pages=pages,
    )


def result_sheet(unit: Unit, result: Rehearsed, policy: Policy, *, opens_issues: bool) -> str:
    """Every difference that this person may know of as CSV; times are London's."""
    places = _placed(unit, [item for item in result.differences if not _is_safeguarding(item)])
    return sheet(
        ("change", "clause", "title", "raised at", "person", "issue", "about", "contacts", "why"),
        (
            (
                row.change.value,
                row.code,
                row.title,
                f"{row.at.astimezone(LONDON):%Y-%m-%d %H:%M}",
                row.who,
                row.issue_id or "",
                row.issue,
                str(row.contacts),
                row.why,
            )
            for row in _rows(unit, places, policy, opens_issues=opens_issues)
        ),
    )


def _is_safeguarding(item: Difference) -> bool:
    """Its card is for one role alone: whom it is about is told to nobody else (C27)."""
    return kind_of(item.code) is FlagKind.SAFEGUARDING


def _clauses(result: Rehearsed, policy: Policy) -> Iterator[ClauseRow]:
    for code, clause in policy.clauses.items():
        if code in result.before or code in result.after:
            yield ClauseRow(
                code=code,
                title=clause.title,
                before=result.before.get(code, 0),
                after=result.after.get(code, 0),
                new=result.count(Change.NEW, code),
                gone=result.count(Change.GONE, code),
            )


def _placed(unit: Unit, items: Sequence[Difference]) -> Iterator[tuple[Difference, str, bool]]:
    """Each difference that may be known of, with the issue that its contacts are on now and whether that may be opened."""
    issues = _issues_now(unit, items)
    seen_issues = unit.seen.issues({issue_id for issue_id in issues if issue_id is not None})
    for item, issue_id in zip(items, issues, strict=True):
        if issue_id is None:
            continue
        here = issue_id in seen_issues
        if here or kind_of(item.code) is FlagKind.STAFF_SAFETY:  # a danger to staff stops at no team
            yield item, issue_id, here


def _issues_now(unit: Unit, items: Sequence[Difference]) -> list[str | None]:
    """Where most of a difference's contacts are now; without contacts, the issue of the same name; None where there is none."""
    contacts = sorted({contact for item in items for contact in item.contacts})
    belongs: dict[str, tuple[str, str | None]] = {}
    for start in range(0, len(contacts), PART):
        belongs |= unit.contacts.where_they_belong(contacts[start : start + PART])
    named = _named(unit, {item.issue_id for item in items})
    found: list[str | None] = []
    for item in items:
        votes = Counter(
            issue for contact in item.contacts if contact in belongs and (issue := belongs[contact][1]) is not None
        )
        found.append(votes.most_common(1)[0][0] if votes else named.get(item.issue_id))
    return found


def _named(unit: Unit, issue_ids: Iterable[str]) -> Mapping[str, str]:
    ids, found = sorted(issue_ids), dict[str, str]()
    for start in range(0, len(ids), PART):
        found |= {issue_id: issue_id for issue_id in unit.issues.some(ids[start : start + PART])}
    return found


def _rows(
    unit: Unit, places: Iterable[tuple[Difference, str, bool]], policy: Policy, *, opens_issues: bool
) -> Iterator[DifferenceRow]:
    @cache
    def around(issue_id: str) -> tuple[str, Veil]:
        entries = unit.contacts.of_issue(issue_id)
        veil = Veil.over(unit, (entry.contact for entry in entries), safeguarding=False)
        issue, records = unit.issues.get(issue_id), unit.landlord.records_of_issue(issue_id)
        return told_title(issue.title if issue else "", records, veil), veil

    masks = cache(lambda issue_id: mask_of(unit, issue_id))
    for item, issue_id, here in places:
        title, veil = around(issue_id)
        mask, may_open = masks(issue_id), here and opens_issues
        yield DifferenceRow(
            change=item.change,
            code=item.code,
            title=policy.clause(item.code).title,
            at=item.at,
            who=pseudonym(item.customer_ref),
            issue_id=issue_id if may_open else None,
            issue=mask.text(title) if may_open else "",
            contacts=len(item.contacts),
            why="" if veil.hides_all(item.contacts) else mask.text(seen(item.why)),
        )
