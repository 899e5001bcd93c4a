"""What goes out as a file and what staff write down, by the API: the pages' own buttons, with the same refusals."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import NAMESPACE_OID, uuid5

from fastapi import APIRouter, Path, Query, Request, Response

from triage.reports.intake import RowSource, row_sources
from triage.reports.looking_back import LookingBack
from triage.reports.owing import Show
from triage.reports.queue import FeedView, freshness
from triage.routes_in import IncidentRow
from triage.web.api.acting import Sent, acting
from triage.web.api.reading import LONGEST_TEAM
from triage.web.api.shapes import like
from triage.web.desk import Desk
from triage.web.files import ended_letter, flag_file, owed_file, policy_file, raw_contact, raw_quarantined
from triage.web.incidents import write_incident
from triage.web.signed_in import caller_of

BYTES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The bytes as they came, as a download."}
}
CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {}}, "description": "One thing owed a line; times are London's."}
}
TEXT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/plain": {}}, "description": "The flag in plain English, as a download."}
}

TOML: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/toml": {}}, "description": "The policy file, as a download."}
}


class IncidentIn(IncidentRow, Sent):
    """The staff incident form. ``id`` is the program's own: sent again with the same content, it is the same incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenOut:
    """Under which id it was kept; the next round reads it."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRowOut:
    """A row that could not be used: where it stands and why, without its words."""

    source: str
    file: str
    line: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOut:
    """A source's token: what it is for, never itself."""

    id: str
    source: str
    kinds: tuple[str, ...]
    made_by: str
    made_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutesOut:
    """What other routes gave, what waits, which rows were refused, and whose tokens are good."""

    feeds: tuple[FeedView, ...]
    records_fresh: bool
    sources: tuple[RowSource, ...]
    waiting: int
    refused: tuple[RefusedRowOut, ...]
    tokens: tuple[TokenOut, ...]


def file_routes(router: APIRouter, desk: Desk) -> None:
    @router.post("/contacts/{contact_id}/raw", tags=["contacts"], response_class=Response, responses=BYTES)
    def raw(request: Request, contact_id: str) -> Response:
        """The bytes of a contact; on record, and refused for whatever lies beside safeguarding."""
        return raw_contact(desk, acting(request), contact_id)

    @router.post("/quarantine/{id}/raw", tags=["intake"], response_class=Response, responses=BYTES)
    def quarantined(request: Request, id: Annotated[int, Path(ge=1, lt=2**31)]) -> Response:
        """The bytes of a message that could not be read; on record."""
        return raw_quarantined(desk, acting(request), id)

    @router.get("/owed/sheet", tags=["issues"], response_class=Response, responses=CSV)
    def sheet(
        request: Request,
        show: Show = Show.ALL,
        team: Annotated[str, Query(max_length=LONGEST_TEAM)] = "",
        weeks: LookingBack = LookingBack.FOUR,
    ) -> Response:
        """What we owe as CSV, whole; on record."""
        return owed_file(desk, caller_of(request), show, team, weeks)

    @router.get("/flags/{flag_id}/sheet", tags=["flags"], response_class=Response, responses=TEXT)
    def why(request: Request, flag_id: str) -> Response:
        """Why the flag was put before a person, in plain English; on record."""
        return flag_file(desk, caller_of(request), flag_id)

    @router.get("/restrictions/{restriction_id}/sheet", tags=["issues"], response_class=Response, responses=TEXT)
    def letter(request: Request, restriction_id: str) -> Response:
        """A draft of the letter that a restriction has ended, for a person to send; on record."""
        return ended_letter(desk, caller_of(request), restriction_id)

    @router.get("/policy/sheet", tags=["policy"], response_class=Response, responses=TOML)
    def policy_sheet(request: Request) -> Response:
        """The policy file itself."""
        return policy_file(desk)

    @router.post("/incidents", tags=["intake"], status_code=201)
    def incident(request: Request, sent: IncidentIn) -> WrittenOut:
        """What a member of staff writes down of an incident; on record with who wrote it."""
        caller = acting(request)
        row_id = uuid5(NAMESPACE_OID, f"{caller.name}\n{sent.id}").hex  # nobody can correct what another wrote
        write_incident(desk, caller, IncidentRow.model_validate({**sent.model_dump(), "id": row_id}))
        return WrittenOut(id=row_id)

    @router.get("/routes", tags=["intake"])
    def routes(request: Request) -> RoutesOut:
        """Sources other than mailboxes. No word of a customer."""
        with desk.reading(caller_of(request)) as unit:
            fresh = freshness(unit, desk.clock())
            return RoutesOut(
                feeds=fresh.feeds,
                records_fresh=fresh.records_fresh,
                sources=row_sources(unit),
                waiting=unit.arrivals.count_waiting(),
                refused=tuple(like(RefusedRowOut, row) for row in unit.arrivals.refused()),
                tokens=tuple(like(TokenOut, token, kinds=tuple(sorted(token.kinds))) for token in unit.tokens.all()),
            )
