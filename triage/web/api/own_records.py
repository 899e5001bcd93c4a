"""Everything kept about one person, by the API: the same as the page's file, item by item."""

from fastapi import APIRouter, Request
from pydantic import Field

from triage.reports.own_records_text import OwnRecords
from triage.web.api.acting import ReasonIn, acting
from triage.web.desk import Desk
from triage.web.own_records import LONGEST_REF, given_out


class PersonIn(ReasonIn):
    """Whose records, by reference, and why they are asked for."""

    ref: str = Field(min_length=1, max_length=LONGEST_REF)


def own_record_routes(router: APIRouter, desk: Desk) -> None:
    @router.post("/own-records", tags=["issues"])
    def given(request: Request, sent: PersonIn) -> OwnRecords:
        """Everything kept about one person, each line with whose it is; the reason is in the audit (C25)."""
        return given_out(desk, acting(request), sent.ref, sent.reason)
