"""A review: what a person decided of a flag, clause by clause, and what makes it a decision at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from triage.domain.errors import DecisionRefusedError
from triage.domain.flag import Flag, FlagKind
from triage.domain.policy import Policy

SHORTEST_REASON = 8
VISITED = frozenset({"A1", "A5"})
"""Clauses that may endanger whoever goes to the address: a *yes* says whether a visit is planned."""
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


class VisitPlanned(StrEnum):
    """Whether anybody of ours is to go to the address; *unknown* is an answer, and is shown as missing."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseDecision:
    """One clause's answer. A *yes* names the limb of policy 2.0, whose evidence meets it, and whether it was out of character.

    ``target`` is a role or pseudonym, as the reviewer gives it.
    """

    code: str
    answer: Answer
    reason: str
    limb: str | None = None
    limb_evidence: str | None = None
    out_of_character: OutOfCharacter | None = None
    target: str | None = None
    visit_planned: VisitPlanned | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A named person's decision on one version of a flag, after having opened its context (requirements C2).

    ``next_step`` is recorded and never executed; it is one of the policy's actions, or none. For a warning and above the
    person also says what less intrusive was considered, how the Equality Act was weighed, and that they are not involved.
    ``blind``: decided before the model's output was shown (C4). ``withdrawn``: when its author took it back; it stays on record.
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
    less_intrusive: str = ""
    equality: str = ""
    not_involved: bool = False
    blind: bool = False
    withdrawn: datetime | None = None

    @property
    def unsure(self) -> bool:
        return any(decision.answer is Answer.UNSURE for decision in self.decisions)

    def agrees_with(self, other: "Review") -> bool:
        """The same answer to every clause and the same next step; reasons may differ."""
        return _answers(self) == _answers(other) and self.next_step == other.next_step


def needs_second(review: Review, policy: Policy) -> bool:
    """Whether another person has to look as well: for a warning and whatever weighs more (records B.3, requirement C5)."""
    return review.next_step in policy.second_opinion


def is_settled(review: Review, waiting: Sequence[Review], policy: Policy) -> bool:
    """Whether ``review`` decides the flag, given the opinions of others that wait for it.

    A weighty step needs one other person who came to the same. Where two differ, a third reader settles it, by something
    lighter or by agreeing with one of them.
    """
    if review.unsure:
        return False
    if any(review.agrees_with(other) for other in waiting):
        return True
    return not needs_second(review, policy) and len(waiting) != 1


def _answers(review: Review) -> dict[str, Answer]:
    return {decision.code: decision.answer for decision in review.decisions}


def check_review(review: Review, flag: Flag, policy: Policy) -> None:
    """Raises DecisionRefusedError with everything that is missing, in sentences."""
    faults = [*_faults_of_context(review), *_faults_of_codes(review, flag)]
    for decision in review.decisions:
        faults += _faults_of_decision(decision, policy, flag.kind is FlagKind.BEHAVIOUR)
    if review.next_step is not None and review.next_step not in _steps(review, policy):
        faults.append(f"Next step {review.next_step!r} is not in the policy's list.")
    if needs_second(review, policy):
        faults += _faults_of_weight(review)
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
        if decision.code in VISITED and decision.visit_planned is None:
            faults.append(f"Say whether a visit to the address is planned, because of {decision.code}.")
    elif decision.limb is not None:
        faults.append(f"A limb belongs to a confirmed behaviour only; {decision.code} names one.")
    return faults


def _faults_of_weight(review: Review) -> list[str]:
    """What records B.1 cannot have blank where a step weighs on somebody."""
    faults = []
    if all(decision.answer is not Answer.YES for decision in review.decisions):
        faults.append(f"The next step {review.next_step!r} needs a clause that you confirmed.")
    if len(review.less_intrusive.strip()) < SHORTEST_REASON:
        faults.append("Say which less intrusive options you considered, and why they are not enough.")
    if len(review.equality.strip()) < SHORTEST_REASON:
        faults.append("Say how you weighed the Equality Act: disability, adjustments, and any link to what was done.")
    if not review.not_involved:
        faults.append("Declare that you are not involved: neither its target nor close to anybody concerned.")
    return faults


def _steps(review: Review, policy: Policy) -> set[str]:
    steps = set(policy.actions)
    for decision in review.decisions:
        steps.update(policy.clause(decision.code).next_steps)
    return steps
