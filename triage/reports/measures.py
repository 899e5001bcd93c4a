"""What was done on an issue, in the policy's three parts (4.0): prevention, response, support. Evidence for managers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.deciding import visible_reviews
from triage.domain.flag import Flag, FlagKind
from triage.domain.policy import Policy
from triage.domain.record import Record, RecordKind
from triage.domain.review import Review
from triage.reports.marked import seen
from triage.reports.timeline import RECORDS
from triage.store import Unit

RESPONSES = frozenset({RecordKind.WARNING, RecordKind.CONTACT_AGREEMENT})
SUPPORTS = frozenset({RecordKind.ADJUSTMENT_AGREED})
NOTHING_DONE = frozenset({RecordKind.PROMISE, RecordKind.REPAIR_FAILED})
"""A promise is owed until it is kept, and a failed repair put nothing right: both are in the timeline, not here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing that was done; with an address where a flag says more."""

    at: datetime
    what: str
    note: str = ""
    flag_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Prevention is what was answered, explained or put right; the rest as in policy 4.0."""

    prevention: tuple[Measure, ...]
    response: tuple[Measure, ...]
    support: tuple[Measure, ...]


def measures(unit: Unit, policy: Policy, records: Sequence[Record], flags: Iterable[Flag]) -> Measures:
    """From our records, and from the decisions and statements on these flags, which the reader may see."""
    response: list[Measure] = []
    support = [_recorded(record) for record in records if record.kind in SUPPORTS]
    for flag in flags:
        decided = [_decided(flag, review, policy) for review in visible_reviews(flag, unit.flags.reviews(flag.id), "")]
        (response if flag.kind is FlagKind.BEHAVIOUR else support).extend(decided)
        support += [
            Measure(at=item.at, what="Staff statement taken", note=seen(item.staff), flag_id=flag.id)
            for item in unit.flags.statements(flag.id)
        ]
    response += [_recorded(record) for record in records if record.kind in RESPONSES]
    prevention = [_recorded(record) for record in records if record.kind not in RESPONSES | SUPPORTS | NOTHING_DONE]
    return Measures(prevention=_in_order(prevention), response=_in_order(response), support=_in_order(support))


def _recorded(record: Record) -> Measure:
    return Measure(at=record.at, what=RECORDS[record.kind], note=seen(record.text))


def _decided(flag: Flag, review: Review, policy: Policy) -> Measure:
    answers = "; ".join(f"{policy.clause(item.code).title}: {item.answer.value}" for item in review.decisions)
    step = f"Next step: {review.next_step}." if review.next_step else "No next step."
    return Measure(at=review.at, what=f"Decided by {review.reviewer}", note=f"{answers}. {step}", flag_id=flag.id)


def _in_order(found: Iterable[Measure]) -> tuple[Measure, ...]:
    return tuple(sorted(found, key=lambda measure: measure.at))
