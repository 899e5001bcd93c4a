"""Incident records: what was confirmed and what was known at that moment, to read and to print."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from triage.web.desk import Desk
from triage.web.signed_in import caller_of
from triage.web.viewing import viewed_incident


def record_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/incident-records/{record_id}", response_class=HTMLResponse)
    def incident(request: Request, record_id: str) -> Response:
        """One record; the view is on record (C27)."""
        view = viewed_incident(desk, caller_of(request), record_id)
        return desk.page(request, "incident_record.html", view=view)

    return router
