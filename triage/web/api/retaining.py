"""How long things are kept, by the API: the dry run of the page, and its act."""

from fastapi import APIRouter, Request

from triage.reports.retention import RetentionPage
from triage.retention import Erased
from triage.web.api.acting import ReasonIn, acting
from triage.web.desk import Desk
from triage.web.retaining import erased_now, viewed_retention
from triage.web.signed_in import caller_of


def retention_routes(router: APIRouter, desk: Desk) -> None:
    @router.get("/retention", tags=["audit"])
    def retention(request: Request) -> RetentionPage:
        """What is kept how long, and what may go now. A dry run; looking is on record."""
        return viewed_retention(desk, caller_of(request))

    @router.post("/retention/erase", tags=["audit"])
    def erase_now(request: Request, sent: ReasonIn) -> Erased:
        """Erases what is due, for ever; the reason is in the audit, and counts are all that stays (C24)."""
        return erased_now(desk, acting(request), sent.reason)
