"""The staff incident form: a page on which whoever was there writes down what happened."""

from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from triage.intake import LATEST_CLOCK, moment
from triage.routes_in import IncidentRow, RowKind, faults, take_in
from triage.routes_in.incident import ATTRIBUTIONS, PLACES, SPEAKERS
from triage.web.desk import LONDON, Desk
from triage.web.refusals import Refusal
from triage.web.schemas import Form
from triage.web.signed_in import SignedIn, caller_of, check_token

SOURCE = "incident form"
ASKED = tuple(name for name in IncidentRow.model_fields if name not in ("id", "at"))
CHOICES = {"place": PLACES, "by": SPEAKERS, "attribution": ATTRIBUTIONS}


def incident_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/incidents/new", response_class=HTMLResponse)
    def form(request: Request, done: str = "") -> Response:
        now = desk.clock().astimezone(LONDON)
        given = {"day": now.strftime("%Y-%m-%d"), "time": ""}
        return _page(desk, request, given, "", done=done == "yes")

    @router.post("/incidents")
    def send(request: Request, fields: Form) -> Response:
        """Kept for the next round, which reads it like a visit note; on record with who wrote it."""
        caller = caller_of(request)
        check_token(caller, fields.get("token"))
        given = {name: value for name, value in fields.items() if name != "token"}
        try:
            write_incident(desk, caller, _row(given))
        except ValidationError as error:
            return _page(desk, request, given, faults(error), status=422)
        except ValueError as error:
            return _page(desk, request, given, f"{str(error).rstrip('.')}.", status=422)
        except Refusal as error:
            return _page(desk, request, given, error.sentence, status=error.status)
        return RedirectResponse("/incidents/new?done=yes", status_code=303)

    return router


def write_incident(desk: Desk, caller: SignedIn, row: IncidentRow) -> None:
    """Keeps it for the next round, on record with who wrote it. Raises Refusal 422 for what has not happened yet."""
    now = desk.clock()
    if moment(row.at) > now + LATEST_CLOCK:
        raise Refusal(422, "Not yet", "at: it has not happened yet; correct the day or the time.")
    with desk.writing(caller) as unit:
        take_in(unit, source=SOURCE, kind=RowKind.INCIDENTS, rows=[row], now=now)
        unit.audit.append(at=now, actor=caller.name, action="incident.written", subject=row.id)


def _row(given: dict[str, str]) -> IncidentRow:
    """The form as a row; raises ValidationError or ValueError that name each field at fault."""
    day, time = given.get("day", ""), given.get("time", "")
    rest = {name: value for name, value in given.items() if name not in ("day", "time") and value}
    return IncidentRow.model_validate({**rest, "id": uuid4().hex, "at": f"{day}T{time or '12:00'}"})


def _page(
    desk: Desk, request: Request, given: dict[str, str], fault: str, *, status: int = 200, done: bool = False
) -> Response:
    shown = {"day": "", "time": "", **dict.fromkeys(ASKED, ""), **given}
    return desk.page(request, "incident.html", status=status, given=shown, fault=fault, done=done, choices=CHOICES)
