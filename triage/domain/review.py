"""A review: what a person decided of a flag, clause by clause, and what makes it a decision at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from triage.domain.errors import DecisionRefusedError
from triage.domain.flag import Flag, FlagKind
from triage.domain.policy import Policy

SHORTEST_REASON = 8
CONTEXT_GOOD_FOR = timedelta(hours=4)


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class OutOfCharacter(StrEnum):
    """Policy 1.0: people may act out of character in times of distress; only a person can say."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseDecision:
    """One clause's answer. A *yes* names the limb of policy 2.0, whose evidence meets it, and whether it was out of character."""

    code: str
    answer: Answer
    reason: str
    limb: str | None = None
    limb_evidence: str | None = None
    out_of_character: OutOfCharacter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A named person's decision on one version of a flag, after having opened its context (requirements C2).

    ``next_step`` is recorded and never executed; it is one of the policy's actions, or none.
    """

    id: str
    flag_id: str
    flag_version: int
    reviewer: str
    context_viewed_at: datetime | None
    at: datetime
    decisions: tuple[ClauseDecision, ...]
    circumstances_weighed: str = ""
    next_step: str | None = None


def check_review(review: Review, flag: Flag, policy: Policy) -> None:
    """Raises DecisionRefusedError with everything that is missing, in sentences."""
    faults = [*_faults_of_context(review), *_faults_of_codes(review, flag)]
    for decision in review.decisions:
        faults += _faults_of_decision(decision, policy, flag.kind is FlagKind.BEHAVIOUR)
    if review.next_step is not None and review.next_step not in _steps(review, policy):
        faults.append(f"Next step {review.next_step!r} is not in the policy's list.")
    if faults:
        raise DecisionRefusedError(" ".join(faults))


def _faults_of_context(review: Review) -> list[str]:
    faults = []
    if not review.reviewer.strip():
        faults.append("A decision needs a named reviewer.")
    if review.context_viewed_at is None:
        faults.append("Open the flag's context (what we owe, circumstances, the words) before deciding.")
    elif not timedelta(0) <= review.at - review.context_viewed_at <= CONTEXT_GOOD_FOR:
        faults.append("The context was opened too long ago: open the flag again before deciding.")
    return faults


def _faults_of_codes(review: Review, flag: Flag) -> list[str]:
    decided, flagged = [decision.code for decision in review.decisions], {code.code for code in flag.codes}
    faults = [f"Decide {code}: yes, no or unsure." for code in sorted(flagged - set(decided))]
    faults += [f"{code} is not on this flag." for code in sorted(set(decided) - flagged)]
    if len(decided) != len(set(decided)):
        faults.append("Each clause is decided once.")
    return faults


def _faults_of_decision(decision: ClauseDecision, policy: Policy, behaviour: bool) -> list[str]:
    faults = []
    if len(decision.reason.strip()) < SHORTEST_REASON:
        faults.append(f"Give the reason for {decision.code} in your own words.")
    if decision.answer is Answer.YES and behaviour:
        if decision.limb not in policy.limbs:
            faults.append(f"Say which limb of policy 2.0 is met by {decision.code}: {', '.join(policy.limbs)}.")
        if not (decision.limb_evidence or "").strip():
            faults.append(f"Say by whose evidence the limb is met for {decision.code}.")
        if decision.out_of_character is None:
            faults.append(f"Say whether {decision.code} was out of character in a time of distress.")
    elif decision.limb is not None:
        faults.append(f"A limb belongs to a confirmed behaviour only; {decision.code} names one.")
    return faults


def _steps(review: Review, policy: Policy) -> set[str]:
    steps = set(policy.actions)
    for decision in review.decisions:
        steps.update(policy.clause(decision.code).next_steps)
    return steps
