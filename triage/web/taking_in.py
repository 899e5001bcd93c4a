"""The intake API, version 1: other systems give rows as JSON; each request is kept whole or refused whole."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from triage.intake import LATEST_CLOCK, moment
from triage.routes_in import ContactRow, CustomerRow, IncidentRow, RecordRow, RowKind, VisitRow, take_in
from triage.routes_in.rows import Row, When
from triage.store.tokens import Answered, Token
from triage.web.desk import Desk
from triage.web.refusals import Refusal
from triage.web.sources import INTAKE, token_of

MOST_ROWS: Final = 500
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        description="A value of your own for this request. Sent again with the same body, it gets the same answer.",
    ),
]


class _Delivery(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Export(_Delivery):
    """A landlord's export: ``as_of`` says how old its facts are. Without a row it says that nothing has changed."""

    as_of: When


class ContactsIn(_Delivery):
    contacts: list[ContactRow] = Field(min_length=1, max_length=MOST_ROWS)


class IncidentsIn(_Delivery):
    incidents: list[IncidentRow] = Field(min_length=1, max_length=MOST_ROWS)


class CustomersIn(_Export):
    customers: list[CustomerRow] = Field(max_length=MOST_ROWS)


class VisitsIn(_Export):
    visits: list[VisitRow] = Field(max_length=MOST_ROWS)


class RecordsIn(_Export):
    records: list[RecordRow] = Field(max_length=MOST_ROWS)


class TakenOut(BaseModel):
    """How many rows were new, another version of one known, and the same as before. The next round takes them in."""

    new: int
    changed: int
    same: int


class RefusedOut(BaseModel):
    """Why nothing was kept, in a sentence."""

    error: str


REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": RefusedOut, "description": "The body is not JSON."},
    401: {"model": RefusedOut, "description": "No token, or one that is not good."},
    403: {"model": RefusedOut, "description": "The token is not for this kind of row."},
    409: {"model": RefusedOut, "description": "The idempotency key was used for another body."},
    413: {"model": RefusedOut, "description": "More than 256 kB."},
    415: {"model": RefusedOut, "description": "Not application/json."},
    422: {"model": RefusedOut, "description": "A field is missing, unknown or wrong; nothing was kept."},
}


def intake_routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix=INTAKE.rstrip("/"), tags=["intake"], responses=REFUSALS)

    @router.post("/contacts", status_code=202, response_model=TakenOut)
    def contacts(request: Request, key: IdempotencyKey, sent: ContactsIn) -> Response:
        """Contacts of web forms, texts, chats, social pages, letters, visits and calls. The same id again corrects."""
        return _take(desk, request, RowKind.CONTACTS, sent.contacts, key, sent)

    @router.post("/incidents", status_code=202, response_model=TakenOut)
    def incidents(request: Request, key: IdempotencyKey, sent: IncidentsIn) -> Response:
        """What staff write down of an incident, with the fields of the incident form."""
        return _take(desk, request, RowKind.INCIDENTS, sent.incidents, key, sent)

    @router.post("/customers", status_code=202, response_model=TakenOut)
    def customers(request: Request, key: IdempotencyKey, sent: CustomersIn) -> Response:
        """The landlord's directory, in parts: whoever is not named stays as they were."""
        return _take(desk, request, RowKind.CUSTOMERS, sent.customers, key, sent, sent.as_of)

    @router.post("/visits", status_code=202, response_model=TakenOut)
    def visits(request: Request, key: IdempotencyKey, sent: VisitsIn) -> Response:
        """Planned visits; one that will not take place is given again as cancelled."""
        return _take(desk, request, RowKind.VISITS, sent.visits, key, sent, sent.as_of)

    @router.post("/records", status_code=202, response_model=TakenOut)
    def records(request: Request, key: IdempotencyKey, sent: RecordsIn) -> Response:
        """Case records. While the last delivery is older than 24 hours, no demand or persistence is judged."""
        return _take(desk, request, RowKind.RECORDS, sent.records, key, sent, sent.as_of)

    @router.get("/openapi.json")
    def described(request: Request) -> Response:
        """This API in OpenAPI, for whoever holds a token."""
        token_of(request)
        found = get_openapi(title="triage intake", version="1", routes=router.routes)
        return JSONResponse(found)

    return router


def _take(
    desk: Desk,
    request: Request,
    kind: RowKind,
    rows: Sequence[Row],
    key: str,
    sent: BaseModel,
    as_of: str | None = None,
) -> Response:
    """Rows, answer and idempotency key in one transaction: a request that is sent again finds its answer or starts anew."""
    token, now = token_of(request), desk.clock()
    _check_allowed(token, kind, rows)
    _check_time(kind, rows, as_of, now)
    body = sent.model_dump_json(exclude_none=True)
    digest = hashlib.sha256(f"{kind}\n{body}".encode("utf-8", "replace")).hexdigest()
    with desk.store.begin() as unit:
        before = unit.tokens.answered(token.source, key)
        if before is not None:
            return _again(before, digest)
        noted = take_in(
            unit, source=token.source, kind=kind, rows=rows, now=now, as_of=moment(as_of) if as_of else None
        )
        answer = json.dumps({"new": noted.new, "changed": noted.changed, "same": noted.same})
        unit.tokens.answer(token.source, key, Answered(digest=digest, status=202, answer=answer), now)
        unit.tokens.used(token.id, now)
        detail = {"kind": kind.value, "new": str(noted.new), "changed": str(noted.changed), "token": token.id}
        unit.audit.append(
            at=now, actor=f"source {token.source}", action="rows.given", subject=kind.value, detail=detail
        )
    return Response(answer, status_code=202, media_type="application/json")


def _again(before: Answered, digest: str) -> Response:
    if before.digest != digest:
        raise Refusal(
            409, "Key used before", "This Idempotency-Key came with another body before; give each request its own."
        )
    headers = {"Idempotency-Replayed": "true"}
    return Response(before.answer, status_code=before.status, media_type="application/json", headers=headers)


def _check_allowed(token: Token, kind: RowKind, rows: Sequence[Row]) -> None:
    """A token's scope is its source and its kinds: channels for contacts, else the kind of row."""
    wanted = (
        {str(row.channel) for row in rows if isinstance(row, ContactRow)} if kind is RowKind.CONTACTS else {kind.value}
    )
    outside = sorted(wanted - token.kinds)
    if outside:
        raise Refusal(
            403,
            "Not for this token",
            f"This token is not for {', '.join(outside)}; it is for {', '.join(sorted(token.kinds))}.",
        )


def _check_time(kind: RowKind, rows: Sequence[Row], as_of: str | None, now: datetime) -> None:
    latest = now + LATEST_CLOCK
    if as_of is not None and moment(as_of) > latest:
        raise Refusal(422, "Not yet", "as_of is in the future; it is the moment at which the export was made.")
    if kind in (RowKind.CONTACTS, RowKind.INCIDENTS):
        ahead = [str(number) for number, row in enumerate(rows) if moment(row.at) > latest]  # type: ignore[attr-defined]
        if ahead:
            raise Refusal(422, "Not yet", f"Rows {', '.join(ahead[:10])} are dated in the future; correct `at`.")
