"""Search by the API: the same as the page's box."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from triage.reports.search import Found
from triage.web.api.acting import Sent, acting
from triage.web.desk import Desk
from triage.web.searching import LONGEST_ASKED, found_for


class AskedIn(Sent):
    """A name, pseudonym, reference, e-mail address or phone number, whole."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_ASKED)]


def search_routes(router: APIRouter, desk: Desk) -> None:
    @router.post("/search", tags=["issues"])
    def searched(request: Request, sent: AskedIn) -> Found:
        """A few people under their pseudonyms, with their issues; a POST, so that no address holds whom somebody looked for."""
        return found_for(desk, acting(request), sent.text)
