"""How long things are kept, and from when on each may go (requirement C24). A period is the shortest time, not a command."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.policy import Admissible, Policy
from triage.domain.record import Record
from triage.domain.restriction import ENDS_WITHIN, WHAT, kind_of_step
from triage.domain.review import Answer, Review

SERIOUS: Final = frozenset({"A1", "A4", "A5", "staff_safety"})
"""Threats, sexual words, dangerous animals and dangers to staff: kept longer than what is of lower level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """In days. Scores, dismissed and confirmed flags, serious ones and restrictions: requirement C24; contacts: a judgement of this project."""

    scores: int = 30
    dismissed: int = 90
    confirmed: int = 366
    serious: int = 1096
    restrictions: int = 366
    contacts: int = 731


class Kept(StrEnum):
    """As what a flag that is settled is kept."""

    DISMISSED = "not confirmed"
    CONFIRMED = "confirmed"
    SERIOUS = "confirmed, serious"
    RESTRICTION = "confirmed, with a warning or agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """Until when a flag is kept, and as what."""

    kept: Kept
    at: datetime


def until(
    flag: Flag, reviews: Sequence[Review], records: Iterable[Record], policy: Policy, retention: Retention
) -> Until | None:
    """None where it is not erased: it is open, or safeguarding's. ``reviews`` are the flag's, ``records`` its issue's.

    What a pattern or records raised goes once that evidence is too old to be put forward again: else what people have said no
    to would come back. What words raised cannot, because their scores go with the flag.
    """
    if flag.state is FlagState.OPEN or flag.kind is FlagKind.SAFEGUARDING:
        return None
    last = last_opinion(flag, reviews)
    settled = last.at if last is not None and flag.state is FlagState.DECIDED else flag.updated
    kept = _kept_as(last) if flag.state is FlagState.DECIDED else Kept.DISMISSED
    if kept is Kept.RESTRICTION:
        starts = [settled, *(record.at for record in records if record.kind in WHAT)]
        at = max(starts) + ENDS_WITHIN + timedelta(days=retention.restrictions)
    else:
        days = {
            Kept.DISMISSED: retention.dismissed,
            Kept.CONFIRMED: retention.confirmed,
            Kept.SERIOUS: retention.serious,
        }[kept]
        at = settled + timedelta(days=days)
    return Until(kept=kept, at=max(at, *(_too_old(code.code, code.last_evidence_at, policy) for code in flag.codes)))


def last_opinion(flag: Flag, reviews: Sequence[Review]) -> Review | None:
    """The newest review that counts for how the flag was settled."""
    return next((one for one in reversed(reviews) if one.withdrawn is None and one.id in flag.opinions), None)


def _kept_as(review: Review | None) -> Kept:
    confirmed = {one.code for one in review.decisions if one.answer is Answer.YES} if review else set()
    if review is None or not confirmed:
        return Kept.DISMISSED
    if review.next_step and kind_of_step(review.next_step) is not None:
        return Kept.RESTRICTION
    return Kept.SERIOUS if confirmed & SERIOUS else Kept.CONFIRMED


def _too_old(code: str, evidence: datetime, policy: Policy) -> datetime:
    clause = policy.clauses.get(code)
    by_words = clause is not None and clause.admissible is Admissible.WORDS
    return evidence if by_words else evidence + timedelta(days=_window(code, policy))


def _window(code: str, policy: Policy) -> float:
    clause = policy.clauses.get(code)
    return max((days for name, days in clause.thresholds.items() if name.endswith("_days")), default=0) if clause else 0


def longest_window(policy: Policy) -> timedelta:
    """How long a contact can count for any clause: its scores say whether it does, and mostly that it does not."""
    return timedelta(days=max((_window(code, policy) for code in policy.clauses), default=0))
