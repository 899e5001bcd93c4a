"""How long things are kept: a dry run for managers, and the act of erasing for the administrator (requirement C24)."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.reports.retention import RetentionPage, retention_page
from triage.retention import Erased, erase
from triage.web.desk import Desk
from triage.web.schemas import Form, ReasonForm, checked
from triage.web.signed_in import SignedIn, caller_of, check_token
from triage.web.viewing import put_on_record


def retention_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/retention", response_class=HTMLResponse)
    def retention(request: Request) -> Response:
        """What is kept how long, and what may go now; that it was looked at is on record."""
        view = viewed_retention(desk, caller_of(request))
        return desk.page(request, "retention.html", view=view, done=request.query_params.get("done") == "erased")

    @router.post("/retention/erase")
    def erase_now(request: Request, fields: Form) -> Response:
        caller, form = caller_of(request), checked(ReasonForm, fields)
        check_token(caller, form.token)
        erased_now(desk, caller, form.reason)
        return RedirectResponse("/retention?done=erased", status_code=303)

    return router


def viewed_retention(desk: Desk, caller: SignedIn) -> RetentionPage:
    """Counts of the whole service, and the flags that this person may know of, without a word."""
    with desk.reading(caller) as unit:
        view = retention_page(unit, desk.policy, desk.retention, desk.clock())
    put_on_record(desk, caller, "retention.viewed", "retention")
    return view


def erased_now(desk: Desk, caller: SignedIn, reason: str) -> Erased:
    """Erases what is due, for ever; results of rehearsals may name it, so they go too."""
    done = erase(desk.store, desk.policy, desk.retention, by=caller.name, reason=reason, now=desk.clock())
    if desk.rehearsals is not None:
        desk.rehearsals.forget_results()
    return done
