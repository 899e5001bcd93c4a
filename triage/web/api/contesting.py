"""What customers say of flags and decisions, by the API: noted, listed and answered by the pages' own functions."""

from datetime import date

from fastapi import APIRouter, Request
from pydantic import Field

from triage.domain.contesting import Asks, MadeBy, Outcome, Representation
from triage.reports.appeals import AppealRow
from triage.web.api.acting import ReasonIn, Sent, Text, acting
from triage.web.contesting import answered, noted, viewed_appeals
from triage.web.desk import Desk
from triage.web.signed_in import caller_of


class RepresentationIn(Sent):
    """What was said, on which day it reached the landlord, by whom, and what they ask for."""

    received: date
    made_by: MadeBy
    asks: Asks
    text: Text


class AnswerIn(ReasonIn):
    """The outcome of an appeal; whoever answers declares that they are not involved."""

    outcome: Outcome
    not_involved: bool = Field(default=False)


def contest_routes(router: APIRouter, desk: Desk) -> None:
    @router.get("/appeals", tags=["flags"])
    def appeals(request: Request) -> tuple[AppealRow, ...]:
        """Representations without their words, appeals that wait first; looking is on record."""
        return viewed_appeals(desk, caller_of(request))

    @router.post("/flags/{flag_id}/representations", tags=["flags"], status_code=201)
    def represent(request: Request, flag_id: str, sent: RepresentationIn) -> Representation:
        """Notes what a customer says of a flag or its decision (C5)."""
        return noted(desk, acting(request), flag_id, sent.received, sent.made_by, sent.asks, sent.text)

    @router.post("/flags/{flag_id}/representations/{representation_id}/answer", tags=["flags"])
    def answer(request: Request, flag_id: str, representation_id: str, sent: AnswerIn) -> Representation:
        """Answers an appeal; 409 for whoever took part in the decision. Upheld, it opens the flag again (C16)."""
        caller = acting(request)
        return answered(
            desk, caller, flag_id, representation_id, sent.outcome, sent.reason, not_involved=sent.not_involved
        )
