"""What people decide of a flag: decided, taken back, looked at again. Recorded and never executed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from triage.domain.errors import ConflictError, DecisionRefusedError, NotFoundError
from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.incident import Support, SupportStep
from triage.domain.policy import Policy
from triage.domain.review import Answer, Review, check_review, is_settled
from triage.recording import incident_record
from triage.store import Unit


def decide(unit: Unit, review: Review, policy: Policy) -> Flag:
    """Records a person's review. Raises DecisionRefusedError, ConflictError or NotFoundError; executes nothing.

    A flag with an *unsure* stays open, for another reader, and so does one whose next step two people have to come to.
    A behaviour that is confirmed leaves an incident record (records B.1).
    """
    flag = _get(unit, review.flag_id)
    _refuse_late(flag, review)
    check_review(review, flag, policy)
    waiting = opinions(unit, flag)
    if any(other.reviewer == review.reviewer for other in waiting):
        raise DecisionRefusedError("You have given your opinion on this flag; the next one is another person's.")
    settled = is_settled(review, waiting, policy)
    given = flag.opinions if review.unsure else (*flag.opinions, review.id)
    decided = replace(
        flag,
        state=FlagState.DECIDED if settled else FlagState.OPEN,
        updated=review.at,
        version=flag.version + 1,
        claimed_by=None,
        claimed_until=None,
        opinions=given,
    )
    unit.flags.update(decided, was=flag.version)
    unit.flags.add_review(review)
    _count_again(unit, decided, review.at)
    detail = {decision.code: decision.answer.value for decision in review.decisions}
    _note(unit, review.at, review.reviewer, "flag.decided", flag.id, {**detail, "review": review.id})
    if settled and flag.kind is FlagKind.BEHAVIOUR and _confirms(review):
        second = [other.reviewer for other in waiting if other.agrees_with(review)]
        record = incident_record(unit, decided, review, policy, second_by=second[0] if second else None)
        unit.outcomes.add_record(record)
        _note(unit, review.at, review.reviewer, "incident.recorded", flag.id, {"record": record.id})
    return decided


def _confirms(review: Review) -> bool:
    return any(decision.answer is Answer.YES for decision in review.decisions)


def _refuse_late(flag: Flag, review: Review) -> None:
    if flag.version != review.flag_version or flag.state is not FlagState.OPEN:
        raise ConflictError(
            "This flag has changed since you opened it: somebody decided it, or new evidence joined. Open it again."
        )
    held = flag.claimed_until is not None and flag.claimed_until > review.at
    if held and flag.claimed_by not in (None, review.reviewer):
        raise ConflictError(f"{flag.claimed_by} is looking at this flag; it is not yours to decide now.")


def opinions(unit: Unit, flag: Flag) -> list[Review]:
    """The reviews that wait for another person's, or that decided the flag, in the order in which they were given."""
    return given_on(flag, unit.flags.reviews(flag.id))


def given_on(flag: Flag, reviews: Iterable[Review]) -> list[Review]:
    by_id = {review.id: review for review in reviews}
    return [by_id[review_id] for review_id in flag.opinions if review_id in by_id]


def visible_reviews(flag: Flag, reviews: Sequence[Review], person: str) -> tuple[Review, ...]:
    """What this person may see of them: a second reader is not told what the first decided until their own is given (C4).

    A third reader sees both, because theirs is to settle the two.
    """
    waiting = given_on(flag, reviews)
    if flag.awaits != "second opinion" or any(review.reviewer == person for review in waiting):
        return tuple(reviews)
    return tuple(review for review in reviews if review not in waiting)


def reopen(unit: Unit, flag_id: str, person: str, reason: str, now: datetime) -> Flag:
    """Takes a decided or lapsed flag back into the queue; earlier reviews stay in its history and count no longer."""
    flag = _get(unit, flag_id)
    if flag.state is FlagState.OPEN:
        raise ConflictError("This flag is open already.")
    opened = _opened_again(unit, flag, (), now)
    _note(unit, now, person, "flag.reopened", flag.id, {"reason": reason})
    return opened


def undo(unit: Unit, flag_id: str, person: str, now: datetime) -> Flag:
    """Takes back a person's own last decision. It stays on record as taken back, and others' opinions go on waiting.

    Raises ConflictError where there is none, or where somebody else's decision came after it.
    """
    flag = _get(unit, flag_id)
    given = opinions(unit, flag)
    mine = given[-1] if given else None
    if mine is None or mine.reviewer != person:
        raise ConflictError(
            "The last decision on this flag is not yours to take back. It can be reopened with a reason."
        )
    left = tuple(review_id for review_id in flag.opinions if review_id != mine.id)
    opened = _opened_again(unit, flag, left, now)
    unit.flags.put_review(replace(mine, withdrawn=now))
    _note(unit, now, person, "flag.undone", flag.id, {"review": mine.id})
    return opened


def _opened_again(unit: Unit, flag: Flag, given: tuple[str, ...], now: datetime) -> Flag:
    newest = unit.flags.latest(flag.customer_ref, flag.issue_id, flag.kind)
    if newest is not None and newest.state is FlagState.OPEN and newest.id != flag.id:
        raise ConflictError(f"A newer flag of this person and issue is open: flag {newest.id}.")
    opened = replace(flag, state=FlagState.OPEN, updated=now, version=flag.version + 1, opinions=given)
    unit.flags.update(opened, was=flag.version)
    _count_again(unit, opened, now)
    unit.outcomes.withdraw_records(flag.id, now)
    return opened


def _count_again(unit: Unit, flag: Flag, now: datetime) -> None:
    """Whether a contact is with safeguarding decides whether it counts, so its issue is measured again in the next round."""
    if flag.kind is FlagKind.SAFEGUARDING:
        unit.issues.wake(flag.issue_id, now)


def note_support(unit: Unit, flag_id: str, staff: str, step: SupportStep, person: str, now: datetime) -> Support:
    """Notes what was done for a member of staff at whom it was aimed (C35); the service itself tells nobody."""
    _get(unit, flag_id)
    item = Support(id=uuid4().hex, flag_id=flag_id, staff=staff, step=step, noted_by=person, at=now)
    unit.outcomes.add_support(item)
    _note(unit, now, person, "support.noted", flag_id, {"support": item.id})
    return item


def acknowledge(unit: Unit, flag_id: str, person: str, now: datetime) -> Flag:
    """A person of the safeguarding role has read the card and takes it on; raises ConflictError where somebody has."""
    flag = _get(unit, flag_id)
    if flag.kind is not FlagKind.SAFEGUARDING:
        raise NotFoundError("There is no such safeguarding card.")
    if flag.acknowledged_by is not None:
        raise ConflictError(f"{flag.acknowledged_by} has taken this on already.")
    taken = replace(flag, acknowledged_by=person, acknowledged_at=now, version=flag.version + 1)
    unit.flags.update(taken, was=flag.version)
    _note(unit, now, person, "flag.acknowledged", flag.id, {})
    return taken


def _note(unit: Unit, at: datetime, actor: str, action: str, subject: str, detail: dict[str, str]) -> None:
    unit.audit.append(at=at, actor=actor, action=action, subject=subject, detail=detail)


def _get(unit: Unit, flag_id: str) -> Flag:
    flag = unit.flags.get(flag_id)
    if flag is None:
        raise NotFoundError("There is no such flag.")
    return flag
