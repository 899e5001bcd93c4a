"""What is noted of a customer's own side, and appeals answered by somebody who took no part. Recorded; nobody is written to."""

from dataclasses import replace
from datetime import date, datetime
from uuid import uuid4

from triage import deciding
from triage.domain.contesting import AppealAnswer, Asks, MadeBy, Outcome, Representation
from triage.domain.errors import ConflictError, DecisionRefusedError, NotFoundError
from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.workdays import LONDON
from triage.store import Unit


def represent(
    unit: Unit, flag: Flag, *, received: date, made_by: MadeBy, asks: Asks, text: str, person: str, now: datetime
) -> Representation:
    """Notes what a customer says of a behaviour flag. Raises DecisionRefusedError in a sentence where it cannot be that."""
    if flag.kind is not FlagKind.BEHAVIOUR:
        raise DecisionRefusedError(
            "A card is held against nobody, so there is nothing to contest. Write it into the case."
        )
    if received > now.astimezone(LONDON).date():
        raise DecisionRefusedError("The day on which it was received lies in the future. Correct it.")
    if asks is Asks.APPEAL and flag.state is not FlagState.DECIDED:
        raise DecisionRefusedError(
            "Nothing is decided on this flag, so there is nothing to appeal. Note what they say: it is read before the decision."
        )
    item = Representation(
        id=uuid4().hex, flag_id=flag.id, received=received, made_by=made_by, asks=asks, text=text, noted_by=person, noted_at=now
    )  # fmt: skip
    unit.outcomes.add_representation(item)
    detail = {"representation": item.id, "asks": "appeal" if asks is Asks.APPEAL else "noted"}
    unit.audit.append(at=now, actor=person, action="representation.noted", subject=flag.id, detail=detail)
    return item


def answer_appeal(
    unit: Unit,
    flag: Flag,
    representation_id: str,
    *,
    outcome: Outcome,
    reason: str,
    not_involved: bool,
    person: str,
    now: datetime,
) -> Representation:
    """Answers an appeal with reasons. One that is upheld takes the decision back: the flag is open again.

    Raises NotFoundError, ConflictError where it was answered before, DecisionRefusedError for whoever took part (C16).
    """
    item = next((one for one in unit.outcomes.representations(flag.id) if one.id == representation_id), None)
    if item is None:
        raise NotFoundError("There is no such representation.")
    if not item.waits:
        raise ConflictError("This appeal is answered, or no appeal was made.")
    if person in took_part(unit, flag.id):
        raise DecisionRefusedError("You took part in this decision. An appeal is answered by somebody who did not.")
    if not not_involved:
        raise DecisionRefusedError(
            "Declare that you are not involved: neither its target nor close to anybody concerned."
        )
    answered = replace(item, answer=AppealAnswer(reviewer=person, at=now, outcome=outcome, reason=reason))
    unit.outcomes.put_answer(answered)
    detail = {"representation": item.id, "outcome": outcome.value}
    unit.audit.append(at=now, actor=person, action="appeal.answered", subject=flag.id, detail=detail)
    if outcome is Outcome.TAKEN_BACK:
        _take_back(unit, flag, person, now)
    return answered


def took_part(unit: Unit, flag_id: str) -> set[str]:
    """Everybody who has given an opinion on the flag, also one that was taken back."""
    return {review.reviewer for review in unit.flags.reviews(flag_id)}


def _take_back(unit: Unit, flag: Flag, person: str, now: datetime) -> None:
    """Opens the flag again; where a newer one of the same person and issue is open, only what this one left is withdrawn."""
    unit.outcomes.withdraw_records(flag.id, now)
    newest = unit.flags.latest(flag.customer_ref, flag.issue_id, flag.kind)
    if flag.state is FlagState.DECIDED and (newest is None or newest.state is not FlagState.OPEN):
        deciding.reopen(unit, flag.id, person, "An appeal was upheld.", now)
