"""Pages for those who look after the looking: how decisions are made, and the record of who did what."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from triage.reports.stamping import LOOKED_AT, clause_rows, stamping_rows
from triage.web.desk import Desk, veiled_for
from triage.web.files import ended_letter
from triage.web.signed_in import caller_of
from triage.web.viewing import put_on_record, viewed_decisions, viewed_restrictions

ENTRIES: Final = 100
Before = Annotated[int | None, Query(ge=1, lt=2**53)]
Asked = Annotated[str, Query(max_length=200)]


def oversee_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/decisions", response_class=HTMLResponse)
    def decisions(request: Request) -> Response:
        """Who confirms nearly everything, or in a moment: a reason to talk. That it was looked at is on record."""
        reviews = viewed_decisions(desk, caller_of(request))
        rows, clauses = stamping_rows(reviews), clause_rows(reviews, desk.policy)
        return desk.page(request, "decisions.html", rows=rows, clauses=clauses, looked_at=LOOKED_AT)

    @router.get("/restrictions", response_class=HTMLResponse)
    def restrictions(request: Request) -> Response:
        """Warnings and agreements with their dates, what needs a person first; that it was looked at is on record."""
        caller = caller_of(request)
        view = viewed_restrictions(desk, caller)
        return desk.page(request, "restrictions.html", view=view, veiled=veiled_for(desk, caller))

    @router.get("/restrictions/{restriction_id}/sheet")
    def letter(request: Request, restriction_id: str) -> Response:
        """A draft of the letter that a restriction has ended, for a person to send."""
        return ended_letter(desk, caller_of(request), restriction_id)

    @router.get("/audit", response_class=HTMLResponse)
    def audit(
        request: Request, before: Before = None, who: Asked = "", what: Asked = "", about: Asked = ""
    ) -> Response:
        """The newest entries first: ids, names and codes, no customer's words. Looking is itself on record."""
        caller = caller_of(request)
        asked = {"who": who.strip(), "what": what.strip(), "about": about.strip()}
        named = {name: value for name, value in asked.items() if value}
        with desk.store.read() as unit:
            entries = unit.audit.newest(
                ENTRIES, before=before, actor=asked["who"], action=asked["what"], subject=asked["about"]
            )
        put_on_record(desk, caller, "audit.viewed", "audit", named)
        older = entries[-1].seq if len(entries) == ENTRIES and entries[-1].seq > 1 else None
        following = urlencode({"before": older, **named}) if older else ""
        return desk.page(request, "audit.html", entries=entries, following=following, asked=asked, found_by=named)

    return router
