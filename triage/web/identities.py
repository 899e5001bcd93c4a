"""Who is this? Questions on who wrote, the evidence of each link, and what a person says of it; all of it can be undone."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from triage.reports.identities import question_rows
from triage.web.desk import Desk, veils
from triage.web.saying import (
    answers,
    named_identity,
    say_not,
    say_of_issue,
    say_one_person,
    say_same,
    take_back,
    viewed_identity,
)
from triage.web.schemas import LONGEST_TEXT, Form, ReasonForm, TokenForm, checked
from triage.web.signed_in import caller_of, check_token


class WhoForm(TokenForm):
    """Somebody of the directory by reference; without one, the person asked about."""

    person: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=LONGEST_TEXT)


class MoveForm(TokenForm):
    """An issue of the same household; "new" starts one."""

    issue: str = Field(min_length=1, max_length=40)
    reason: str = Field(default="", max_length=LONGEST_TEXT)


def identity_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/people", response_class=HTMLResponse)
    def questions(request: Request) -> Response:
        """What waits, and what has been said: no name and no word of a customer."""
        with desk.reading(caller_of(request)) as unit:
            waiting, said = question_rows(unit), answers(unit)
        done = request.query_params.get("done")
        return desk.page(request, "people.html", waiting=waiting, said=said, done=done, takes=desk.links is not None)

    @router.get("/people/{contact_id}", response_class=HTMLResponse)
    def who(request: Request, contact_id: str) -> Response:
        """One contact and why it may be somebody's, names masked until they are asked for; the view is on record (C27)."""
        caller = caller_of(request)
        view = viewed_identity(desk, caller, contact_id)
        with desk.reading(caller) as unit:
            veiled = veils(unit.working.choice(caller.name), caller)
            done = request.query_params.get("done")
            waiting = [row.contact_id for row in question_rows(unit) if row.contact_id != contact_id] if done else []
        return desk.page(
            request,
            "who.html",
            view=view,
            done=done,
            waiting=waiting,
            takes=desk.links is not None,
            veiled=veiled,
        )

    @router.post("/people/{contact_id}/names")
    def names(request: Request, contact_id: str, fields: Form) -> Response:
        """Shows names and addresses of this contact for an hour, to this person; why is in the audit."""
        form, caller = checked(ReasonForm, fields), caller_of(request)
        check_token(caller, form.token)
        with desk.writing(caller) as unit:
            named_identity(unit, desk, caller, contact_id, form.reason)
        return RedirectResponse(f"/people/{contact_id}", status_code=303)

    @router.post("/people/{contact_id}/same")
    def same(request: Request, contact_id: str, fields: Form) -> Response:
        form, caller = checked(WhoForm, fields), caller_of(request)
        check_token(caller, form.token)
        say_same(desk, caller, contact_id, form.person, form.reason)
        return _back(contact_id)

    @router.post("/people/{contact_id}/not")
    def not_same(request: Request, contact_id: str, fields: Form) -> Response:
        form, caller = checked(WhoForm, fields), caller_of(request)
        check_token(caller, form.token)
        say_not(desk, caller, contact_id, form.reason)
        return _back(contact_id)

    @router.post("/people/{contact_id}/join")
    def join(request: Request, contact_id: str, fields: Form) -> Response:
        form, caller = checked(WhoForm, fields), caller_of(request)
        check_token(caller, form.token)
        say_one_person(desk, caller, contact_id, form.person, form.reason)
        return _back(contact_id)

    @router.post("/people/{contact_id}/move")
    def move(request: Request, contact_id: str, fields: Form) -> Response:
        form, caller = checked(MoveForm, fields), caller_of(request)
        check_token(caller, form.token)
        say_of_issue(desk, caller, contact_id, form.issue, form.reason)
        return _back(contact_id)

    @router.post("/people/rulings/{ruling_id}/undo")
    def undo(request: Request, ruling_id: str, fields: Form) -> Response:
        caller = caller_of(request)
        check_token(caller, checked(TokenForm, fields).token)
        take_back(desk, caller, ruling_id)
        return RedirectResponse("/people?done=undone", status_code=303)

    return router


def _back(contact_id: str) -> Response:
    return RedirectResponse(f"/people/{contact_id}?done=said", status_code=303)
