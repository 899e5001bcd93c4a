"""Warnings, contact agreements and other limits: from when, until when, and by when somebody has to look at them again.

Nothing is executed here or anywhere: a date that passes is shown, and people end it, review it, or record a new one. One thing
follows by itself, in the customer's favour: what nobody has reviewed two weeks after its date counts as lapsed (C15).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from triage.domain.record import Record, RecordKind

REVIEW_WITHIN = timedelta(days=183)
"""Six months: the longest that anything may run without a review (requirement C14, records B.2)."""
ENDS_WITHIN = timedelta(days=366)
"""Twelve months: nothing runs longer unless it is decided afresh (requirement C14)."""
SOON = timedelta(days=14)
"""How long before its date a review is announced (requirement C15)."""
LAPSES_AFTER = timedelta(days=14)
"""How long after its date a review may be late: then the restriction counts as lapsed until people decide afresh (C15)."""
WHAT = {RecordKind.WARNING: "warning", RecordKind.CONTACT_AGREEMENT: "contact agreement"}


class RestrictionState(StrEnum):
    """``overdue``: its date has passed and nothing newer is known; ``lapsed``: so long ago that it counts no longer.

    ``unrecorded``: decided here, and not yet on record.
    """

    LAPSED = "lapsed"
    OVERDUE = "overdue"
    UNRECORDED = "not on record"
    SOON = "due soon"
    IN_FORCE = "in force"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """One restriction on one issue; another issue of the same person is looked at on its own merits (C18).

    ``until`` is the end or review that the landlord's record names, which does not say which; ``review_by`` the moment by which
    somebody has to look at it, six months after the start at the latest. ``flag_id`` names the decision, where it was taken here.
    """

    at: datetime
    what: str
    until: datetime | None
    text: str
    review_by: datetime | None
    state: RestrictionState
    record_id: str | None = None
    flag_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedStep:
    """A decision of here that came to a next step: what was written down, when, and on which flag."""

    at: datetime
    step: str
    flag_id: str


def restrictions(records: Iterable[Record], decided: Iterable[DecidedStep], now: datetime) -> tuple[Restriction, ...]:
    """Those of one issue, oldest first: from its records, and from decisions that no record has followed yet."""
    known = sorted((one for one in records if one.kind in WHAT), key=lambda one: (one.at, one.id))
    found = [_recorded(one, known[place + 1 :], now) for place, one in enumerate(known)]
    found += [_unrecorded(one) for one in decided if not _is_followed(one, known)]
    return tuple(sorted(found, key=lambda one: one.at))


def _recorded(record: Record, later: Sequence[Record], now: datetime) -> Restriction:
    replaced = any(other.kind is record.kind and other.at <= now for other in later)
    asks = record.due is not None or record.kind is RecordKind.CONTACT_AGREEMENT
    longest = record.at + REVIEW_WITHIN
    review_by = min(record.due or longest, longest) if asks else None
    return Restriction(
        at=record.at,
        what=WHAT[record.kind],
        until=record.due,
        text=record.text,
        review_by=review_by,
        state=_state(record.at, review_by, replaced, now),
        record_id=record.id,
    )


def _state(start: datetime, review_by: datetime | None, replaced: bool, now: datetime) -> RestrictionState:
    if replaced or now > start + ENDS_WITHIN:
        return RestrictionState.ENDED
    if review_by is None or review_by - now > SOON:
        return RestrictionState.IN_FORCE
    if now > review_by + LAPSES_AFTER:
        return RestrictionState.LAPSED
    return RestrictionState.OVERDUE if review_by < now else RestrictionState.SOON


def _unrecorded(decided: DecidedStep) -> Restriction:
    return Restriction(
        at=decided.at,
        what=decided.step,
        until=None,
        text="",
        review_by=decided.at + REVIEW_WITHIN,
        state=RestrictionState.UNRECORDED,
        flag_id=decided.flag_id,
    )


def _is_followed(decided: DecidedStep, known: Iterable[Record]) -> bool:
    """Whether a record of that kind came at or after the day of the decision."""
    kind = kind_of_step(decided.step)
    return any(one.kind is kind and one.at.date() >= decided.at.date() for one in known)


def kind_of_step(step: str) -> RecordKind | None:
    """The kind of record that follows such a step; None for steps that courts and tenancy law look after, or that limit nobody."""
    words = step.lower()
    if "agreement" in words:
        return RecordKind.CONTACT_AGREEMENT
    return RecordKind.WARNING if "warning" in words else None
