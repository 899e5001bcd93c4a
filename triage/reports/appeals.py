"""Representations as the flag page and the list of appeals show them: what waits, since when, and who may answer it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from triage.contesting import took_part
from triage.domain.contesting import APPEAL_WORKING_DAYS, Asks, Representation
from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.policy import Policy
from triage.domain.review import Review
from triage.domain.workdays import WorkingDays
from triage.reports.marked import seen
from triage.reports.people import pseudonym
from triage.store import Unit

LISTED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRow:
    """One representation without its words. ``may_answer`` that this person took no part in the decision."""

    flag_id: str
    who: str
    codes: tuple[str, ...]
    received: date
    made_by: str
    is_appeal: bool
    waits: bool
    may_answer: bool
    answered_by: str | None
    outcome: str | None
    answered_at: datetime | None


def appeal_rows(unit: Unit, policy: Policy, kinds: Collection[FlagKind], person: str) -> tuple[AppealRow, ...]:
    """Appeals that wait first; of the flags that this person may know of."""
    items = unit.outcomes.all_representations(LISTED)
    flags = {flag_id: unit.flags.get(flag_id) for flag_id in {item.flag_id for item in items}}
    told = {flag.id: flag for flag in unit.seen.flags([flag for flag in flags.values() if flag and flag.kind in kinds])}
    return tuple(_row(unit, item, told[item.flag_id], policy, person) for item in items if item.flag_id in told)


def _row(unit: Unit, item: Representation, flag: Flag, policy: Policy, person: str) -> AppealRow:
    answer = item.answer
    return AppealRow(
        flag_id=flag.id,
        who=pseudonym(flag.customer_ref),
        codes=tuple(policy.clause(code.code).title for code in flag.codes),
        received=item.received,
        made_by=item.made_by.value,
        is_appeal=item.asks is Asks.APPEAL,
        waits=item.waits,
        may_answer=item.waits and person not in took_part(unit, flag.id),
        answered_by=answer.reviewer if answer else None,
        outcome=answer.outcome.value if answer else None,
        answered_at=answer.at if answer else None,
    )


def representations_of(unit: Unit, flag_id: str) -> tuple[Representation, ...]:
    """Those of one flag, in their order, with nothing in their words that would steer a page."""
    return tuple(replace(item, text=seen(item.text)) for item in unit.outcomes.representations(flag_id))


def appeal_by(flag: Flag, reviews: Iterable[Review], workdays: WorkingDays | None) -> datetime | None:
    """Until when at least a decision can be appealed; None before one, and for cards, which are held against nobody."""
    if workdays is None or flag.state is not FlagState.DECIDED or flag.kind is not FlagKind.BEHAVIOUR:
        return None
    last = max((review.at for review in reviews if review.withdrawn is None), default=None)
    return workdays.add(last, APPEAL_WORKING_DAYS) if last else None
