"""Everything kept about one person as one file, for whoever answers their request (requirement C25)."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import Field

from triage.reports.own_records import Reach, own_records
from triage.reports.own_records_text import OwnRecords, as_text
from triage.web.desk import Desk
from triage.web.files import download
from triage.web.refusals import not_found
from triage.web.schemas import Form, ReasonForm, checked
from triage.web.signed_in import SignedIn, caller_of, check_token
from triage.web.viewing import put_on_record

LONGEST_REF = 200


class PersonForm(ReasonForm):
    """Whose records, by reference, and why they are asked for."""

    ref: str = Field(min_length=1, max_length=LONGEST_REF)


def own_record_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/own-records", response_class=HTMLResponse)
    def asking(request: Request) -> Response:
        """An empty form; nothing is shown of anybody."""
        return desk.page(request, "own_records.html")

    @router.post("/own-records/sheet")
    def given(request: Request, fields: Form) -> Response:
        """One text with everything, as a download; why it was taken out is on record."""
        caller, form = caller_of(request), checked(PersonForm, fields)
        check_token(caller, form.token)
        found = given_out(desk, caller, form.ref, form.reason)
        return download(as_text(found), "records.txt", "text/plain; charset=utf-8")

    return router


def given_out(desk: Desk, caller: SignedIn, ref: str, reason: str) -> OwnRecords:
    """What this person's role may give out: a manager all but what is with safeguarding, that role its own part (C27).

    Raises Refusal 404 where nothing is kept under this reference.
    """
    reach = Reach.SAFEGUARDING_ALONE if caller.safeguarding else Reach.WITHOUT_SAFEGUARDING
    with desk.reading(caller) as unit:
        found = own_records(unit, ref, desk.policy, reach=reach, by=caller.name, now=desk.clock())
    if found is None:
        raise not_found("person under this reference")
    put_on_record(desk, caller, "own_records.exported", ref, {"reason": reason, "reach": reach.value})
    return found
