"""Pages to look at: a contact, an issue's timeline, what we owe, the patterns, the policy and the keys."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from triage.bootstrap import england
from triage.reports.issues import by_clause, pattern_rows
from triage.reports.owing import Show, owing_page, owing_sheet
from triage.store import Unit
from triage.store.access import Duty
from triage.web.desk import Desk
from triage.web.refusals import not_found
from triage.web.schemas import Form, TokenForm, checked
from triage.web.signed_in import caller_of, check_token
from triage.web.viewing import viewed_contact, viewed_issue


def look_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/contacts/{contact_id}", response_class=HTMLResponse)
    def contact(request: Request, contact_id: str) -> Response:
        """The whole contact with names and addresses; the view is put on record (C27)."""
        caller = caller_of(request)
        with desk.store.begin() as unit:
            view = viewed_contact(unit, desk, caller, contact_id)
            downloads = caller.duty is Duty.ADMINISTRATOR and not beside_safeguarding(unit, contact_id)
            corrected = [e.at for e in unit.audit.entries(subject=contact_id) if e.action == "contact.corrected"]
        return desk.page(request, "contact.html", view=view, downloads=downloads, corrected=corrected)

    @router.post("/contacts/{contact_id}/raw")
    def raw(request: Request, contact_id: str, fields: Form) -> Response:
        """The bytes as they came: always a download, never shown by the browser (S10).

        What is with safeguarding is refused, and so is every contact of its issue: mail quotes the mail that it answers.
        """
        caller = caller_of(request)
        check_token(caller, checked(TokenForm, fields).token)
        with desk.store.begin() as unit:
            content = None if beside_safeguarding(unit, contact_id) else unit.contacts.raw_of(contact_id)
            if content is None:
                raise not_found("stored message")
            unit.audit.append(at=desk.clock(), actor=caller.name, action="contact.raw_downloaded", subject=contact_id)
        headers = {"content-disposition": 'attachment; filename="message.bin"'}
        return Response(content, media_type="application/octet-stream", headers=headers)

    @router.get("/issues/{issue_id}", response_class=HTMLResponse)
    def issue(request: Request, issue_id: str) -> Response:
        """One issue with everything that happened; the view is put on record (C27)."""
        caller = caller_of(request)
        with desk.store.begin() as unit:
            view = viewed_issue(unit, desk, caller, issue_id)
        return desk.page(request, "issue.html", view=view, back=request.query_params.get("from"))

    @router.get("/owed", response_class=HTMLResponse)
    def owed(request: Request, page: int = 1, show: Show = Show.ALL, team: str = "") -> Response:
        """Every issue where we are late now or due soon: what is ours to do, before anything that a customer did."""
        with desk.store.read() as unit:
            view = owing_page(unit, desk.clock(), england(), page, show=show, team=team)
        return desk.page(request, "owed.html", view=view)

    @router.get("/owed/sheet")
    def owed_sheet(request: Request, show: Show = Show.ALL, team: str = "") -> Response:
        """The same list as CSV, whole; that it was taken out is put on record (C27)."""
        caller, now = caller_of(request), desk.clock()
        with desk.store.begin() as unit:
            content = owing_sheet(unit, now, england(), show=show, team=team)
            unit.audit.append(at=now, actor=caller.name, action="owed.exported", subject=show.value)
        headers = {"content-disposition": 'attachment; filename="owed.csv"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    @router.get("/patterns", response_class=HTMLResponse)
    def patterns(request: Request) -> Response:
        with desk.store.read() as unit:
            rows = pattern_rows(unit, desk.policy, desk.clock())
        return desk.page(request, "patterns.html", rows=rows, done=by_clause(rows, desk.policy))

    @router.get("/policy", response_class=HTMLResponse)
    def policy(request: Request) -> Response:
        return desk.page(request, "policy.html", clauses=list(desk.policy.clauses.values()))

    @router.get("/keys", response_class=HTMLResponse)
    def keys(request: Request) -> Response:
        return desk.page(request, "keys.html")

    return router


def beside_safeguarding(unit: Unit, contact_id: str) -> bool:
    """Whether this contact, or another of its issue, is with safeguarding (C27)."""
    placed = unit.contacts.get(contact_id)
    around = unit.contacts.safeguarded_in([placed.issue_id]) if placed and placed.issue_id else {}
    return bool(around) or bool(unit.contacts.safeguarded([contact_id]))
