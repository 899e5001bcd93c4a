"""What a changed policy says otherwise than the one in use, and why it cannot be rehearsed."""

from collections.abc import Iterator
from dataclasses import dataclass

from triage.domain.policy import Clause, Policy
from triage.domain.record import STANDARDS


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChange:
    """One number of a clause, before and after; ``code`` is "standards" for one of the service standards."""

    code: str
    name: str
    before: float
    after: float


def numbers_changed(policy: Policy, changed: Policy) -> tuple[NumberChange, ...]:
    """The numbers that differ, in the order of the policy in use. Nothing else in a policy changes what is raised."""
    standards = (
        NumberChange(code="standards", name=name, before=number, after=after)
        for name in STANDARDS
        if (number := getattr(policy.standards, name)) != (after := getattr(changed.standards, name))
    )
    thresholds = (
        NumberChange(code=code, name=name, before=number, after=after)
        for code, clause in policy.clauses.items()
        for name, number in clause.thresholds.items()
        if (after := changed.clause(code).thresholds[name]) != number
    )
    return (*standards, *thresholds)


def faults(policy: Policy, changed: Policy) -> tuple[str, ...]:
    """Why a changed policy cannot be measured as the one in use is, a sentence for each reason; none where it can."""
    found = [*_missing(policy, changed), *_unknown(policy, changed)]
    for code in policy.clauses:
        if code in changed.clauses:
            found += _of_clause(policy.clauses[code], changed.clauses[code])
    return tuple(found)


def _missing(policy: Policy, changed: Policy) -> Iterator[str]:
    for code in policy.clauses:
        if code not in changed.clauses:
            yield (
                f"Clause {code} is missing. Put it back; one that is to raise nothing needs a number so high that it is "
                "never reached."
            )


def _unknown(policy: Policy, changed: Policy) -> Iterator[str]:
    for code in changed.clauses:
        if code not in policy.clauses:
            yield f"Clause {code} is not in the policy in use, and nothing here could raise it. Leave it out."


def _of_clause(clause: Clause, changed: Clause) -> Iterator[str]:
    for name in clause.thresholds:
        if name not in changed.thresholds:
            yield f"Clause {clause.code} has no number {name}; the policy in use has {clause.thresholds[name]:g}."
    for name in changed.thresholds:
        if name not in clause.thresholds:
            yield f"Clause {clause.code} has a number {name} that nothing here looks at. Correct its spelling or leave it out."
