"""Search: from a name or a reference to the issue. The words go in the body of a POST, so that no address or log holds them."""

from dataclasses import replace

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import Field

from triage.reports.search import Found, FoundPerson, found
from triage.store import Unit
from triage.web.desk import Desk, veiled_for
from triage.web.schemas import Form, TokenForm, checked
from triage.web.signed_in import SignedIn, caller_of, check_token
from triage.web.viewing import abuse_on, put_on_record

LONGEST_ASKED = 200
NOTHING_ASKED = "Enter a name, a reference, an e-mail address or a phone number"


class SearchForm(TokenForm):
    """One box."""

    text: str = Field(default="", max_length=LONGEST_ASKED)


def search_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/search", response_class=HTMLResponse)
    def asking(request: Request) -> Response:
        """An empty form; nobody is listed."""
        return desk.page(request, "search.html", asked="", found=None, fault="")

    @router.post("/search", response_class=HTMLResponse)
    def searched(request: Request, fields: Form) -> Response:
        """What fits, under pseudonyms; names are shown on an issue's own page, for a reason."""
        caller, form = caller_of(request), checked(SearchForm, fields)
        check_token(caller, form.token)
        asked = form.text.strip()
        if not asked:
            return desk.page(request, "search.html", status=422, asked="", found=None, fault=NOTHING_ASKED)
        view = found_for(desk, caller, asked)
        return desk.page(request, "search.html", asked=asked, found=view, fault="", veiled=veiled_for(desk, caller))

    return router


def found_for(desk: Desk, caller: SignedIn, asked: str) -> Found:
    """What this person finds. That they searched, and whom and what they found, is on record: never what they typed (C27)."""
    with desk.reading(caller) as unit:
        view = found(unit, asked, desk.clock())
        view = replace(view, people=tuple(_with_abuse(unit, desk, caller, one) for one in view.people))
    detail = {
        "people": " ".join(sorted({one.who.rpartition(" ")[2] for one in view.people})),
        "issues": " ".join(sorted({issue.issue_id for one in view.people for issue in one.issues})),
    }
    put_on_record(desk, caller, "search.made", "search", {name: ids for name, ids in detail.items() if ids})
    return view


def _with_abuse(unit: Unit, desk: Desk, caller: SignedIn, one: FoundPerson) -> FoundPerson:
    issues = tuple(replace(issue, abuse=abuse_on(unit, desk, caller, issue.issue_id)) for issue in one.issues)
    return replace(one, issues=issues)
