"""Whether decisions are still looked at: for managers, so that confirming never becomes a habit (rubber-stamping)."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import Final

from triage.domain.review import Answer, Review
from triage.store import Unit

LOOKED_AT: Final = 50
"""The last decisions of a person that are looked at; fewer say nothing."""
MOST_CONFIRMED: Final = 0.95
QUICKEST_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamping:
    """One reviewer's last decisions. ``confirmed`` is the share in which every clause was answered yes.

    ``seconds`` is the median time from opening the context to deciding; a page that came back with faults was opened anew.
    """

    reviewer: str
    decided: int
    confirmed: float
    seconds: float | None

    @property
    def too_few(self) -> bool:
        return self.decided < LOOKED_AT

    @property
    def mostly_confirmed(self) -> bool:
        return not self.too_few and self.confirmed > MOST_CONFIRMED

    @property
    def too_quick(self) -> bool:
        return not self.too_few and self.seconds is not None and self.seconds < QUICKEST_SECONDS


def stamping_rows(unit: Unit) -> tuple[Stamping, ...]:
    """By name, never ranked: it is a reason to talk, and no measure of anybody. What was taken back is left out."""
    by_person: dict[str, list[Review]] = defaultdict(list)
    for review in unit.flags.reviews():
        if review.withdrawn is None:
            by_person[review.reviewer].append(review)
    return tuple(_row(name, by_person[name]) for name in sorted(by_person))


def _row(name: str, reviews: list[Review]) -> Stamping:
    last = sorted(reviews, key=lambda review: review.at)[-LOOKED_AT:]
    confirmed = [all(decision.answer is Answer.YES for decision in review.decisions) for review in last]
    took = [(review.at - review.context_viewed_at).total_seconds() for review in last if review.context_viewed_at]
    return Stamping(
        reviewer=name,
        decided=len(last),
        confirmed=sum(confirmed) / len(last),
        seconds=median(took) if took else None,
    )
