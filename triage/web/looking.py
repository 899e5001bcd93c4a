"""Pages to look at: a contact, an issue's timeline, what we owe, the patterns, the policy and the keys."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.reports.issues import by_clause
from triage.reports.looking_back import LookingBack
from triage.reports.owing import Show
from triage.store.access import Duty
from triage.web.desk import Desk, veiled_for, veils
from triage.web.files import beside_safeguarding, flag_file, owed_file, policy_file, raw_contact
from triage.web.schemas import Form, ReasonForm, TokenForm, checked
from triage.web.signed_in import caller_of, check_token
from triage.web.viewing import (
    named_contact,
    named_issue,
    viewed_contact,
    viewed_issue,
    viewed_owed,
    viewed_patterns,
    viewed_policy,
)


def look_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/contacts/{contact_id}", response_class=HTMLResponse)
    def contact(request: Request, contact_id: str) -> Response:
        """The whole contact, names and addresses masked until they are asked for; the view is put on record (C27)."""
        caller = caller_of(request)
        view = viewed_contact(desk, caller, contact_id)
        with desk.reading(caller) as unit:
            downloads = caller.duty is Duty.ADMINISTRATOR and not beside_safeguarding(unit, contact_id)
            corrected = [e.at for e in unit.audit.entries(subject=contact_id) if e.action == "contact.corrected"]
            veiled = veils(unit.working.choice(caller.name), caller)
        return desk.page(request, "contact.html", view=view, downloads=downloads, corrected=corrected, veiled=veiled)

    @router.post("/contacts/{contact_id}/names")
    def contact_names(request: Request, contact_id: str, fields: Form) -> Response:
        """Shows names and addresses on this contact for an hour, to this person; why is in the audit."""
        caller, form = caller_of(request), checked(ReasonForm, fields)
        check_token(caller, form.token)
        with desk.writing(caller) as unit:
            named_contact(unit, desk, caller, contact_id, form.reason)
        return RedirectResponse(f"/contacts/{contact_id}", status_code=303)

    @router.post("/contacts/{contact_id}/raw")
    def raw(request: Request, contact_id: str, fields: Form) -> Response:
        """The bytes as they came, as a download."""
        caller = caller_of(request)
        check_token(caller, checked(TokenForm, fields).token)
        return raw_contact(desk, caller, contact_id)

    @router.get("/issues/{issue_id}", response_class=HTMLResponse)
    def issue(request: Request, issue_id: str) -> Response:
        """One issue with everything that happened; the view is put on record (C27)."""
        caller = caller_of(request)
        view = viewed_issue(desk, caller, issue_id)
        veiled = veiled_for(desk, caller)
        return desk.page(request, "issue.html", view=view, back=request.query_params.get("from"), veiled=veiled)

    @router.post("/issues/{issue_id}/names")
    def issue_names(request: Request, issue_id: str, fields: Form) -> Response:
        """Shows names and addresses on this issue and its contacts for an hour, to this person; why is in the audit."""
        caller, form = caller_of(request), checked(ReasonForm, fields)
        check_token(caller, form.token)
        with desk.writing(caller) as unit:
            named_issue(unit, desk, caller, issue_id, form.reason)
        return RedirectResponse(f"/issues/{issue_id}", status_code=303)

    @router.get("/owed", response_class=HTMLResponse)
    def owed(
        request: Request,
        page: int = 1,
        show: Show = Show.ALL,
        team: str = "",
        weeks: LookingBack = LookingBack.FOUR,
    ) -> Response:
        """Every issue where we are late now or due soon: what is ours to do, before anything that a customer did."""
        caller = caller_of(request)
        view = viewed_owed(desk, caller, page, show, team, weeks)
        return desk.page(request, "owed.html", view=view, periods=list(LookingBack), veiled=veiled_for(desk, caller))

    @router.get("/owed/sheet")
    def owed_sheet(
        request: Request, show: Show = Show.ALL, team: str = "", weeks: LookingBack = LookingBack.FOUR
    ) -> Response:
        """The same list as CSV."""
        return owed_file(desk, caller_of(request), show, team, weeks)

    @router.get("/flags/{flag_id}/sheet")
    def flag_sheet(request: Request, flag_id: str) -> Response:
        """Why it was put before a person, in plain English, for whoever asks."""
        return flag_file(desk, caller_of(request), flag_id)

    @router.get("/patterns", response_class=HTMLResponse)
    def patterns(request: Request, weeks: LookingBack = LookingBack.TWELVE) -> Response:
        """Open and decided flags whenever they were raised, and those that ended without a decision in the period."""
        caller = caller_of(request)
        rows = viewed_patterns(desk, caller, weeks)
        done, veiled = by_clause(rows, desk.policy), veiled_for(desk, caller)
        return desk.page(
            request, "patterns.html", rows=rows, done=done, veiled=veiled, back=weeks, periods=list(LookingBack)
        )

    @router.get("/policy", response_class=HTMLResponse)
    def policy(request: Request) -> Response:
        return desk.page(request, "policy.html", view=viewed_policy(desk, caller_of(request)))

    @router.get("/policy/sheet")
    def policy_sheet(request: Request) -> Response:
        """The policy file itself, as the service reads it."""
        return policy_file(desk)

    @router.get("/keys", response_class=HTMLResponse)
    def keys(request: Request) -> Response:
        return desk.page(request, "keys.html")

    return router
