"""For administrators: what other routes gave, what waits, which rows were refused, and whose tokens are good."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from triage.reports.queue import freshness
from triage.web.desk import Desk


def other_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/routes", response_class=HTMLResponse)
    def routes(request: Request) -> Response:
        """Refused rows are told by place and reason: their words are in the reject file of whoever imported them."""
        now = desk.clock()
        with desk.store.read() as unit:
            return desk.page(
                request,
                "routes.html",
                fresh=freshness(unit, now),
                sources=unit.arrivals.sources(),
                waiting=unit.arrivals.count_waiting(),
                refused=unit.arrivals.refused(),
                tokens=unit.tokens.all(),
            )

    return router
