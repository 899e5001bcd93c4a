"""The safeguarding room: a page of its own for its own role, with the clock until somebody has taken a card on (C31, C27)."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage import deciding
from triage.web.desk import Desk
from triage.web.reviewing import visible_flag
from triage.web.schemas import Form, TokenForm, checked
from triage.web.signed_in import caller_of, check_token
from triage.web.viewing import viewed_room


def safeguarding_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/safeguarding", response_class=HTMLResponse)
    def safeguarding(request: Request) -> Response:
        view = viewed_room(desk, caller_of(request))
        return desk.page(request, "safeguarding.html", view=view, done=request.query_params.get("done"))

    @router.post("/safeguarding/{flag_id}/acknowledge")
    def acknowledge(request: Request, flag_id: str, fields: Form) -> Response:
        """Somebody has read the card and takes it on; it stays open until it is decided."""
        caller = caller_of(request)
        check_token(caller, checked(TokenForm, fields).token)
        with desk.writing(caller) as unit:
            visible_flag(unit, desk, caller, flag_id)
            deciding.acknowledge(unit, flag_id, caller.name, desk.clock())
        return RedirectResponse("/safeguarding?done=taken", status_code=303)

    return router
