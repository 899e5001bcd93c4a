"""Whether decisions are still looked at: for managers, so that confirming never becomes a habit (rubber-stamping)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

from triage.domain.policy import ClauseKind, Policy
from triage.domain.review import Answer, Review

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


def stamping_rows(reviews: Iterable[Review]) -> tuple[Stamping, ...]:
    """By name, never ranked: it is a reason to talk, and no measure of anybody. What was taken back is left out."""
    by_person: dict[str, list[Review]] = defaultdict(list)
    for review in reviews:
        if review.withdrawn is None:
            by_person[review.reviewer].append(review)
    return tuple(_row(name, by_person[name]) for name in sorted(by_person))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseAnswers:
    """How often people confirmed what was put before them under one clause; ``seconds`` is the median time they took (C4)."""

    code: str
    title: str
    answered: int
    yes: int
    no: int
    unsure: int
    seconds: float | None


def clause_rows(reviews: Iterable[Review], policy: Policy) -> tuple[ClauseAnswers, ...]:
    """In the policy's order; clauses of behaviour alone, because a card is confirmed by doing something."""
    given: dict[str, list[tuple[Answer, float | None]]] = defaultdict(list)
    for review in reviews:
        if review.withdrawn is None:
            for decision in review.decisions:
                given[decision.code].append((decision.answer, _took(review)))
    return tuple(
        _clause_row(code, clause.title, given[code])
        for code, clause in policy.clauses.items()
        if code in given and clause.kind is ClauseKind.BEHAVIOUR
    )


def _clause_row(code: str, title: str, given: list[tuple[Answer, float | None]]) -> ClauseAnswers:
    answers = Counter(answer for answer, _ in given)
    took = [seconds for _, seconds in given if seconds is not None]
    return ClauseAnswers(
        code=code,
        title=title,
        answered=len(given),
        yes=answers[Answer.YES],
        no=answers[Answer.NO],
        unsure=answers[Answer.UNSURE],
        seconds=median(took) if took else None,
    )


def _took(review: Review) -> float | None:
    return (review.at - review.context_viewed_at).total_seconds() if review.context_viewed_at else None


def _row(name: str, reviews: list[Review]) -> Stamping:
    last = sorted(reviews, key=lambda review: review.at)[-LOOKED_AT:]
    confirmed = [all(decision.answer is Answer.YES for decision in review.decisions) for review in last]
    took = [seconds for review in last if (seconds := _took(review)) is not None]
    return Stamping(
        reviewer=name,
        decided=len(last),
        confirmed=sum(confirmed) / len(last),
        seconds=median(took) if took else None,
    )
