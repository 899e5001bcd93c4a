"""The JSON API, version 1: what the pages show and do, by the same functions and with the same refusals."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from triage.web.api.acting import act_routes
from triage.web.api.contesting import contest_routes
from triage.web.api.giving import file_routes
from triage.web.api.own_records import own_record_routes
from triage.web.api.reading import read_routes
from triage.web.api.rehearsing import rehearse_routes
from triage.web.api.retaining import retention_routes
from triage.web.api.saying import say_routes
from triage.web.api.searching import search_routes
from triage.web.api.shapes import RefusedOut
from triage.web.api.working import work_routes
from triage.web.desk import Desk
from triage.web.same_as import API

ABOUT: Final = """What the pages show and do. A session is carried by its cookie, and then each POST repeats the session's
token in `X-Form-Token`; or by the same secret in `Authorization: Bearer`, which needs no such token. Every refusal is a
sentence in `error`. Nothing here sends anything to a customer: a next step is recorded, never carried out."""

REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    401: {"model": RefusedOut, "description": "Nobody is signed in."},
    403: {
        "model": RefusedOut,
        "description": "The page that this mirrors is not for this role, or the token is wrong.",
    },
    404: {"model": RefusedOut, "description": "There is none, or it is not yours to see."},
    409: {"model": RefusedOut, "description": "Somebody was quicker, or it cannot be done in this state."},
    422: {"model": RefusedOut, "description": "Something is missing or wrong; `faults` has a sentence for each."},
}


def api_routes(desk: Desk) -> APIRouter:
    """Every route of the API; `same_as.SAME_AS` says which page each of them follows."""
    router = APIRouter(prefix=API, responses=REFUSALS)
    read_routes(router, desk)
    act_routes(router, desk)
    work_routes(router, desk)
    say_routes(router, desk)
    file_routes(router, desk)
    rehearse_routes(router, desk)
    contest_routes(router, desk)
    own_record_routes(router, desk)
    retention_routes(router, desk)
    search_routes(router, desk)
    described: list[dict[str, Any]] = []

    @router.get("/openapi.json", include_in_schema=False)
    def openapi(request: Request) -> Response:
        """This API in OpenAPI 3.1, for whoever is signed in."""
        if not described:
            described.append(get_openapi(title="triage", version="1", description=ABOUT, routes=router.routes))
        return JSONResponse(described[0])

    return router
