"""Rehearsals by the API: started, watched, stopped and read, by the same functions as on their pages."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from triage.domain.errors import InputError
from triage.web.api.acting import Sent, acting
from triage.web.api.giving import CSV
from triage.web.desk import Desk
from triage.web.rehearsing import WantedRehearsal, kept, rehearsal_file, running, viewed_result
from triage.web.rehearsing_views import RehearsalHead, ResultView, head_of
from triage.web.schemas import PageNumber
from triage.web.signed_in import caller_of


class RehearseIn(Sent, WantedRehearsal):
    """``policy`` is the text of a policy file, ``model`` an installed one as "name version"; empty, what is in use stays.

    The days are London's, and both belong to the period.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalOut:
    """``result`` is there once ``state`` is "done"."""

    rehearsal: RehearsalHead
    result: ResultView | None


def rehearse_routes(router: APIRouter, desk: Desk) -> None:
    @router.get("/rehearsals", tags=["rehearsals"])
    def rehearsals(request: Request) -> tuple[RehearsalHead, ...]:
        """What was rehearsed lately, the newest first. Results are kept for a day, and until the service stops."""
        return tuple(head_of(one) for one in kept(desk))

    @router.post("/rehearsals", tags=["rehearsals"], status_code=201, response_model=RehearsalHead)
    def start(request: Request, sent: RehearseIn) -> object:
        """Starts one beside the service; 409 while another runs, 422 with a sentence for each thing that is wrong."""
        caller = acting(request)
        try:
            return head_of(running(desk).start(sent.asked(), caller.name))
        except InputError as error:
            faults = tuple(str(error).splitlines())
            return JSONResponse({"error": " ".join(faults), "faults": faults}, status_code=422)

    @router.get("/rehearsals/{rehearsal_id}", tags=["rehearsals"])
    def rehearsal(request: Request, rehearsal_id: str, page: PageNumber = 1) -> RehearsalOut:
        """How far it is, or what it found; that its result was looked at is on record."""
        one = running(desk).get(rehearsal_id)
        return RehearsalOut(rehearsal=head_of(one), result=viewed_result(desk, caller_of(request), one, page))

    @router.post("/rehearsals/{rehearsal_id}/stop", tags=["rehearsals"], status_code=204)
    def stop(request: Request, rehearsal_id: str) -> None:
        """Ends it without a result; 409 where it has ended."""
        running(desk).stop(rehearsal_id, acting(request).name)

    @router.get("/rehearsals/{rehearsal_id}/sheet", tags=["rehearsals"], response_class=Response, responses=CSV)
    def as_sheet(request: Request, rehearsal_id: str) -> Response:
        """The differences as CSV; on record."""
        return rehearsal_file(desk, caller_of(request), rehearsal_id)
