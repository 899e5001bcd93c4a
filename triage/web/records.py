"""Incident records: what was confirmed and what was known at that moment, to read and to print."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from triage.reports.incident import incident_page
from triage.web.desk import Desk
from triage.web.refusals import not_found
from triage.web.signed_in import caller_of


def record_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/incident-records/{record_id}", response_class=HTMLResponse)
    def incident(request: Request, record_id: str) -> Response:
        """One record; the view is on record (C27)."""
        caller = caller_of(request)
        with desk.store.begin() as unit:
            view = incident_page(unit, record_id, desk.policy)
            if view is None:
                raise not_found("incident record")
            unit.audit.append(at=desk.clock(), actor=caller.name, action="incident.viewed", subject=record_id)
        return desk.page(request, "incident_record.html", view=view)

    return router
