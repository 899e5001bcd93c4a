"""Restrictions with their dates: on an issue, and as a manager's list of reviews due. Nothing of it is ever carried out."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from triage.domain.flag import FlagKind
from triage.domain.policy import Policy
from triage.domain.record import Record
from triage.domain.restriction import (
    WHAT,
    DecidedStep,
    Restriction,
    RestrictionState,
    kind_of_step,
    restrictions,
)
from triage.reports.marked import seen
from triage.reports.our_side import told, told_title
from triage.reports.people import pseudonym
from triage.reports.queue import Freshness, freshness
from triage.reports.veil import Veil
from triage.store import Unit

ORDER = (
    RestrictionState.LAPSED,
    RestrictionState.OVERDUE,
    RestrictionState.UNRECORDED,
    RestrictionState.SOON,
    RestrictionState.IN_FORCE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionRow:
    """One restriction of the list; without an issue where the record could not be linked to one."""

    issue_id: str | None
    title: str
    who: str
    restriction: Restriction
    abuse: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionsPage:
    """What needs a person first, by its date; ended ones are on their issues."""

    rows: tuple[RestrictionRow, ...]
    overdue: int
    unrecorded: int
    soon: int
    freshness: Freshness
    lapsed: int = 0


def of_issue(
    unit: Unit, issue_id: str, records: Sequence[Record], policy: Policy, now: datetime
) -> tuple[Restriction, ...]:
    """The restrictions of one issue; ``records`` are what the reader may be told of its records."""
    decided = [step for step, _ in _decided(unit, policy, issue_id)]
    return tuple(replace(one, text=seen(one.text)) for one in restrictions(records, decided, now))


def restrictions_page(unit: Unit, policy: Policy, now: datetime) -> RestrictionsPage:
    """Every restriction that has not ended, of the issues that this person may know of."""
    records: dict[str | None, list[Record]] = defaultdict(list)
    for record, issue_id in unit.landlord.records_of_kinds(WHAT):
        records[issue_id].append(record)
    decided: dict[str | None, list[DecidedStep]] = defaultdict(list)
    for step, issue_id in _decided(unit, policy):
        decided[issue_id].append(step)
    seen_issues = unit.seen.issues({issue_id for issue_id in (*records, *decided) if issue_id})
    rows = [row for issue_id in seen_issues for row in _of(unit, issue_id, records[issue_id], decided[issue_id], now)]
    for record in records[None]:
        rows += [
            RestrictionRow(issue_id=None, title="No issue known", who=_who(record), restriction=replace(one, text=""))
            for one in restrictions([record], (), now)
        ]
    rows = [row for row in rows if row.restriction.state is not RestrictionState.ENDED]
    states = [row.restriction.state for row in rows]
    return RestrictionsPage(
        rows=tuple(sorted(rows, key=_urgency)),
        overdue=states.count(RestrictionState.OVERDUE),
        unrecorded=states.count(RestrictionState.UNRECORDED),
        soon=states.count(RestrictionState.SOON),
        lapsed=states.count(RestrictionState.LAPSED),
        freshness=freshness(unit, now),
    )


def _of(
    unit: Unit, issue_id: str, records: Sequence[Record], decided: Sequence[DecidedStep], now: datetime
) -> list[RestrictionRow]:
    issue = unit.issues.get(issue_id)
    if issue is None:
        return []
    veil = Veil.over(unit, (entry.contact for entry in unit.contacts.of_issue(issue_id)), safeguarding=False)
    title = told_title(issue.title, unit.landlord.records_of_issue(issue_id), veil)
    return [
        RestrictionRow(
            issue_id=issue_id,
            title=title,
            who=pseudonym(issue.household_ref),
            restriction=replace(one, text=told(one.text, veil)),
        )
        for one in restrictions(records, decided, now)
    ]


def _decided(unit: Unit, policy: Policy, issue_id: str | None = None) -> list[tuple[DecidedStep, str]]:
    """Decisions that settled a flag with a step that limits somebody, and their issues."""
    steps = [step for step in policy.second_opinion if kind_of_step(step) is not None]
    found: dict[str, tuple[DecidedStep, str]] = {}
    for review, flag in unit.flags.decided_steps(steps, kind=FlagKind.BEHAVIOUR, issue_id=issue_id):
        if review.withdrawn is None and review.id in flag.opinions and review.next_step:
            found[flag.id] = DecidedStep(at=review.at, step=review.next_step, flag_id=flag.id), flag.issue_id
    return list(found.values())


def _who(record: Record) -> str:
    return pseudonym(record.customer_ref) if record.customer_ref else "nobody named"


def _urgency(row: RestrictionRow) -> tuple[int, datetime, str]:
    one = row.restriction
    return ORDER.index(one.state), one.review_by or one.at, row.issue_id or ""
