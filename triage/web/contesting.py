"""What customers say of flags and decisions: noted beside the decision, and appeals answered by somebody else (C5, C16)."""

from datetime import date

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from triage import contesting
from triage.domain.contesting import Asks, MadeBy, Outcome, Representation
from triage.reports.appeals import AppealRow, appeal_rows
from triage.web.desk import Desk
from triage.web.reviewing import visible_flag
from triage.web.schemas import LONGEST_TEXT, Form, TokenForm, checked
from triage.web.signed_in import SignedIn, caller_of, check_token
from triage.web.viewing import put_on_record


class RepresentationForm(TokenForm):
    """What was said, on which day it came, by whom, and what they ask for."""

    received: date
    made_by: MadeBy
    asks: Asks
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)


class AnswerForm(TokenForm):
    """An appeal's answer with its reasons, by somebody who declares that they are not involved."""

    outcome: Outcome
    reason: str = Field(min_length=8, max_length=LONGEST_TEXT)
    not_involved: bool = False


def contest_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/appeals", response_class=HTMLResponse)
    def appeals(request: Request) -> Response:
        """What waits to be answered, and what was; that it was looked at is on record."""
        return desk.page(request, "appeals.html", rows=viewed_appeals(desk, caller_of(request)))

    @router.post("/flags/{flag_id}/representations")
    def represent(request: Request, flag_id: str, fields: Form) -> Response:
        caller, form = caller_of(request), checked(RepresentationForm, fields)
        check_token(caller, form.token)
        noted(desk, caller, flag_id, form.received, form.made_by, form.asks, form.text)
        return RedirectResponse(f"/flags/{flag_id}?done=representation#said", status_code=303)

    @router.post("/flags/{flag_id}/representations/{representation_id}/answer")
    def answer(request: Request, flag_id: str, representation_id: str, fields: Form) -> Response:
        caller, form = caller_of(request), checked(AnswerForm, fields)
        check_token(caller, form.token)
        answered(desk, caller, flag_id, representation_id, form.outcome, form.reason, not_involved=form.not_involved)
        return RedirectResponse(f"/flags/{flag_id}?done=appeal#said", status_code=303)

    return router


def viewed_appeals(desk: Desk, caller: SignedIn) -> tuple[AppealRow, ...]:
    with desk.reading(caller) as unit:
        rows = appeal_rows(unit, desk.policy, desk.kinds(caller), caller.name)
    put_on_record(desk, caller, "appeals.viewed", "appeals")
    return rows


def noted(
    desk: Desk, caller: SignedIn, flag_id: str, received: date, made_by: MadeBy, asks: Asks, text: str
) -> Representation:
    """The page and the API note by this alone. Raises what `contesting.represent` raises, and Refusal 404."""
    with desk.writing(caller) as unit:
        flag = visible_flag(unit, desk, caller, flag_id)
        return contesting.represent(
            unit, flag, received=received, made_by=made_by, asks=asks, text=text, person=caller.name, now=desk.clock()
        )


def answered(
    desk: Desk,
    caller: SignedIn,
    flag_id: str,
    representation_id: str,
    outcome: Outcome,
    reason: str,
    *,
    not_involved: bool,
) -> Representation:
    """The page and the API answer by this alone. Raises what `contesting.answer_appeal` raises, and Refusal 404."""
    with desk.writing(caller) as unit:
        flag = visible_flag(unit, desk, caller, flag_id)
        return contesting.answer_appeal(
            unit, flag, representation_id, outcome=outcome, reason=reason, not_involved=not_involved,
            person=caller.name, now=desk.clock(),
        )  # fmt: skip
