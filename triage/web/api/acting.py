"""What people may do through the API: the acts of the pages' buttons, kept by the same functions."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from triage import deciding, queue
from triage.domain.errors import DecisionRefusedError, InputError
from triage.domain.incident import Support, SupportStep
from triage.reports.health import ChainResult, verify
from triage.store.flags import Statement
from triage.web.api.shapes import FlagHead, head_of
from triage.web.desk import Desk
from triage.web.keeping import change_model
from triage.web.refusals import Refusal, not_found
from triage.web.reviewing import SENTENCES, keep_decision, visible_flag
from triage.web.schemas import LONGEST_TEXT, ReviewIn
from triage.web.signed_in import SignedIn, by_header, caller_of, check_token

Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Reason = Annotated[str, Field(min_length=8, max_length=LONGEST_TEXT)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Sent(BaseModel):
    """What a program sends: no field more than is asked for (S18)."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class ReasonIn(Sent):
    """Why, in the person's own words."""

    reason: Reason


class StatementIn(Sent):
    """What a member of staff says of the effect on them."""

    staff: Name
    text: Text


class SupportIn(Sent):
    staff: Name
    step: SupportStep


class PromoteIn(ReasonIn):
    name: Name
    version: Name


class RetryIn(Sent):
    """One message of the quarantine by its number; without one, all that wait."""

    id: int | None = Field(default=None, ge=1, lt=2**31)


class RetriedOut(BaseModel):
    """How many are read now, still not read, and not tried."""

    read: int
    failed: int
    left: int


def act_routes(router: APIRouter, desk: Desk) -> None:
    _flag_acts(router, desk)
    _keeping_acts(router, desk)


def acting(request: Request) -> SignedIn:
    """Who acts. A session that comes as a cookie proves with the form's token that no other site sent the request (S8)."""
    caller = caller_of(request)
    if not by_header(request):
        check_token(caller, request.headers.get("x-form-token"))
    return caller


def _flag_acts(router: APIRouter, desk: Desk) -> None:
    @router.post("/flags/{flag_id}/claim", tags=["flags"])
    def claim(request: Request, flag_id: str) -> FlagHead:
        """Takes the flag for ten minutes; sent again while it is yours, it renews the claim (a heartbeat)."""
        caller = acting(request)
        with desk.writing(caller) as unit:
            visible_flag(unit, desk, caller, flag_id)
            return head_of(queue.claim(unit, flag_id, caller.name, desk.clock()))

    @router.post("/flags/{flag_id}/reviews", tags=["flags"], status_code=201, response_model=FlagHead)
    def decide(request: Request, flag_id: str, sent: ReviewIn) -> object:
        """A decision on one version of the flag: 409 where it has changed since, 422 with a sentence for each thing missing."""
        caller = acting(request)
        try:
            return head_of(keep_decision(desk, caller, flag_id, sent))
        except DecisionRefusedError as error:
            return refused(error)

    @router.post("/flags/{flag_id}/reopen", tags=["flags"])
    def reopen(request: Request, flag_id: str, sent: ReasonIn) -> FlagHead:
        """Takes a decided or lapsed flag back into the queue; its earlier decision stays in its history."""
        caller = acting(request)
        with desk.writing(caller) as unit:
            visible_flag(unit, desk, caller, flag_id)
            return head_of(deciding.reopen(unit, flag_id, caller.name, sent.reason, desk.clock()))

    @router.post("/flags/{flag_id}/undo", tags=["flags"])
    def undo(request: Request, flag_id: str) -> FlagHead:
        """Takes back this person's own last decision; it stays on record as taken back."""
        caller = acting(request)
        with desk.writing(caller) as unit:
            visible_flag(unit, desk, caller, flag_id)
            return head_of(deciding.undo(unit, flag_id, caller.name, desk.clock()))

    @router.post("/safeguarding/{flag_id}/acknowledge", tags=["safeguarding"])
    def acknowledge(request: Request, flag_id: str) -> FlagHead:
        """Takes a safeguarding card on; it stays open until it is decided."""
        caller = acting(request)
        with desk.writing(caller) as unit:
            visible_flag(unit, desk, caller, flag_id)
            return head_of(deciding.acknowledge(unit, flag_id, caller.name, desk.clock()))

    @router.post("/flags/{flag_id}/statements", tags=["flags"], status_code=201)
    def add_statement(request: Request, flag_id: str, sent: StatementIn) -> Statement:
        """Adds a statement to the flag, written down by whoever is signed in."""
        caller, now = acting(request), desk.clock()
        with desk.writing(caller) as unit:
            visible_flag(unit, desk, caller, flag_id)
            return queue.state_effect(
                unit, flag_id=flag_id, staff=sent.staff, text=sent.text, written_by=caller.name, now=now
            )

    @router.post("/flags/{flag_id}/support", tags=["flags"], status_code=201)
    def note_support(request: Request, flag_id: str, sent: SupportIn) -> Support:
        """What was done for a member of staff at whom it was aimed (C35)."""
        caller = acting(request)
        with desk.writing(caller) as unit:
            visible_flag(unit, desk, caller, flag_id)
            return deciding.note_support(unit, flag_id, sent.staff, sent.step, caller.name, desk.clock())


def refused(error: DecisionRefusedError) -> Response:
    return JSONResponse({"error": str(error), "faults": SENTENCES.split(str(error))}, status_code=422)


def _keeping_acts(router: APIRouter, desk: Desk) -> None:
    @router.post("/models/promote", tags=["models"], status_code=204)
    def promote(request: Request, sent: PromoteIn) -> None:
        """Puts a candidate in use, on this person's word; the asking is on record, and so is the act."""
        caller = acting(request)
        change_model(desk, caller.name, sent.reason, (sent.name, sent.version))

    @router.post("/models/rollback", tags=["models"], status_code=204)
    def rollback(request: Request, sent: ReasonIn) -> None:
        """Puts back what was in use before."""
        caller = acting(request)
        change_model(desk, caller.name, sent.reason, None)

    @router.post("/quarantine/retry", tags=["intake"])
    def retry(request: Request, sent: RetryIn) -> RetriedOut:
        """Reads one message again, or all that wait."""
        caller = acting(request)
        if desk.intake is None:
            raise Refusal(
                409, "Nothing is read here", "This service runs without the intake. Use triage quarantine retry."
            )
        try:
            read, failed, left = desk.intake.retry(None if sent.id is None else [sent.id], caller.name)
        except InputError:
            raise not_found("message in quarantine") from None
        return RetriedOut(read=read, failed=failed, left=left)

    @router.post("/health/verify", tags=["audit"])
    def verify_chain(request: Request) -> ChainResult:
        """Recomputes the whole audit chain; `fault` names the first entry that does not fit."""
        acting(request)
        with desk.store.read() as unit:
            return verify(unit)
