"""Rehearsing a changed policy or model on history: asked for on a page, carried out beside it, shown and given as a file."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field, ValidationError

from triage.domain.errors import InputError
from triage.domain.workdays import LONDON
from triage.rehearsal_desk import MOST_CONTACTS, Asked, Rehearsal, Rehearsals
from triage.rehearsing import MINUTES_A_FLAG
from triage.web.desk import Desk
from triage.web.duties import may
from triage.web.files import download
from triage.web.refusals import Refusal
from triage.web.rehearsing_views import ResultView, head_of, result_sheet, result_view
from triage.web.schemas import Form, PageNumber, TokenForm, checked
from triage.web.signed_in import SignedIn, caller_of, check_token
from triage.web.viewing import put_on_record

LONGEST_POLICY: Final = 150_000
DAYS_BACK: Final = 90


class WantedRehearsal(BaseModel):
    """``policy`` is the text of a policy file, ``model`` an installed one as "name version"; empty, what is in use stays.

    The days are London's, and both belong to the period.
    """

    policy: str = Field(default="", max_length=LONGEST_POLICY)
    model: str = Field(default="", max_length=200)
    first: date
    last: date
    minutes: float = Field(default=MINUTES_A_FLAG, ge=1, le=240)

    def asked(self) -> Asked:
        return Asked(
            policy=self.policy, model=_model_of(self.model), first=self.first, last=self.last, minutes=self.minutes
        )


class RehearseForm(TokenForm, WantedRehearsal):
    """The form of the page."""


def _model_of(text: str) -> tuple[str, str] | None:
    """A name and a version, or none."""
    name, _, version = text.strip().partition(" ")
    return (name, version) if name else None


def rehearse_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/rehearsals", response_class=HTMLResponse)
    def rehearsals(request: Request, like: Annotated[str, Query(max_length=40)] = "") -> Response:
        """A form that holds the policy in use, or what an earlier rehearsal asked for, and what was rehearsed lately."""
        asked = next((one.asked for one in kept(desk) if one.id == like), None)
        return _form(desk, request, _given(asked) if asked else {})

    @router.post("/rehearsals")
    def start(request: Request, fields: Form) -> Response:
        """Starts one; what is wrong is told above the form, which keeps what was written."""
        caller = caller_of(request)
        check_token(caller, fields.get("token"))
        try:
            asked = RehearseForm.model_validate(dict(fields)).asked()
            one = running(desk).start(asked, caller.name)
        except ValidationError as error:
            wrong = [_SENTENCES.get(_field(fault), "Send it from this page.") for fault in error.errors()]
            return _form(desk, request, fields, wrong)
        except InputError as error:
            return _form(desk, request, fields, str(error).splitlines())
        return RedirectResponse(f"/rehearsals/{one.id}", status_code=303)

    @router.get("/rehearsals/{rehearsal_id}", response_class=HTMLResponse)
    def rehearsal(request: Request, rehearsal_id: str, page: PageNumber = 1) -> Response:
        """How far it is, or what it found; that its result was looked at is on record."""
        one = running(desk).get(rehearsal_id)
        view = viewed_result(desk, caller_of(request), one, page)
        return desk.page(request, "rehearsal.html", head=head_of(one), view=view)

    @router.post("/rehearsals/{rehearsal_id}/stop")
    def stop(request: Request, rehearsal_id: str, fields: Form) -> Response:
        caller = caller_of(request)
        check_token(caller, checked(TokenForm, fields).token)
        running(desk).stop(rehearsal_id, caller.name)
        return RedirectResponse(f"/rehearsals/{rehearsal_id}", status_code=303)

    @router.get("/rehearsals/{rehearsal_id}/sheet")
    def as_sheet(request: Request, rehearsal_id: str) -> Response:
        """The differences as CSV; on record."""
        return rehearsal_file(desk, caller_of(request), rehearsal_id)

    return router


def running(desk: Desk) -> Rehearsals:
    if desk.rehearsals is None:
        raise Refusal(
            409,
            "Nothing is rehearsed here",
            "These pages run without rehearsals. Use triage rehearse on the command line.",
        )
    return desk.rehearsals


def kept(desk: Desk) -> Sequence[Rehearsal]:
    return desk.rehearsals.all() if desk.rehearsals is not None else ()


def viewed_result(desk: Desk, caller: SignedIn, one: Rehearsal, page: int) -> ResultView | None:
    """What a rehearsal found, as far as this person may know of it; None while there is no result. The view is on record."""
    if one.result is None:
        return None
    with desk.reading(caller) as unit:
        view = result_view(unit, one.result, desk.policy, page, opens_issues=_opens_issues(caller))
    put_on_record(desk, caller, "rehearsal.viewed", one.id)
    return view


def rehearsal_file(desk: Desk, caller: SignedIn, rehearsal_id: str) -> Response:
    """The whole list as CSV; that it was taken out is put on record. Refusal 409 while there is no result."""
    one = running(desk).get(rehearsal_id)
    if one.result is None:
        raise Refusal(409, "No result", "This rehearsal has no result to take out. Look at its page.")
    with desk.reading(caller) as unit:
        content = result_sheet(unit, one.result, desk.policy, opens_issues=_opens_issues(caller))
    put_on_record(desk, caller, "rehearsal.exported", one.id)
    return download(content, "rehearsal.csv", "text/csv; charset=utf-8")


def _opens_issues(caller: SignedIn) -> bool:
    return may(caller.duty, "GET", "/issues/{issue_id}")


def _form(desk: Desk, request: Request, given: Mapping[str, str], wrong: Sequence[str] = ()) -> Response:
    today = desk.clock().astimezone(LONDON).date()
    place = desk.rehearsals
    values = {
        "policy": place.policy_text if place else "",
        "model": "",
        "first": (today - timedelta(days=DAYS_BACK)).isoformat(),
        "last": today.isoformat(),
        "minutes": f"{MINUTES_A_FLAG:g}",
        **{name: value for name, value in given.items() if name != "token"},
    }
    return desk.page(
        request,
        "rehearsals.html",
        status=422 if wrong else 200,
        values=values,
        wrong=[(sentence, _about(sentence)) for sentence in wrong],
        models=place.models() if place else (),
        heads=[head_of(one) for one in kept(desk)],
        there=place is not None,
        most=MOST_CONTACTS,
    )


def _given(asked: Asked) -> dict[str, str]:
    given = {"first": asked.first.isoformat(), "last": asked.last.isoformat(), "minutes": f"{asked.minutes:g}"}
    return given | ({"policy": asked.policy} if asked.policy else {}) | {"model": " ".join(asked.model or ())}


def _about(sentence: str) -> str:
    """Which field a sentence is about, so that the summary at the top can lead there."""
    about = {"inutes": "minutes", "installed model": "model", "last day": "last", "day": "first", "period": "first"}
    return next((field for words, field in about.items() if words in sentence and "Clause" not in sentence), "policy")


def _field(fault: Any) -> str:
    return str(fault["loc"][0]) if fault["loc"] else ""


_SENTENCES: Final[Mapping[str, str]] = {
    "policy": f"The policy is longer than {LONGEST_POLICY:,} characters.",
    "first": "Write the first day of the period.",
    "last": "Write the last day of the period.",
    "minutes": "Minutes a flag are a number from 1 to 240.",
}
