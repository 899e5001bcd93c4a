"""The intake page: whether everything that the sources hold is here, and what could not be read, with its bytes."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.domain.errors import InputError
from triage.reports.intake import intake_page
from triage.web.desk import Desk
from triage.web.files import raw_quarantined
from triage.web.refusals import Refusal, not_found
from triage.web.schemas import Form, RetryForm, TokenForm, checked
from triage.web.signed_in import caller_of, check_token


def intake_page_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/intake", response_class=HTMLResponse)
    def intake(request: Request) -> Response:
        """Counts, places, times and sentences: no word of a customer is on this page."""
        return desk.page(
            request,
            "intake.html",
            view=intake_page(desk.store, desk.clock(), desk.intake),
            is_polling=desk.intake is not None and desk.intake.is_polling,
            done="read" in request.query_params,
            tried=_tried(request),
        )

    @router.post("/intake/quarantine/retry")
    def retry(request: Request, fields: Form) -> Response:
        """Reads one message again, or all that wait; what is read takes its place on the one path."""
        form = checked(RetryForm, fields)
        caller = caller_of(request)
        check_token(caller, form.token)
        if desk.intake is None:
            raise Refusal(
                409, "Nothing is read here", "These pages run without the intake. Use triage quarantine retry."
            )
        try:
            read, failed, left = desk.intake.retry(None if form.id is None else [form.id], caller.name)
        except InputError:
            raise not_found("message in quarantine") from None
        return RedirectResponse(f"/intake?read={read}&failed={failed}&left={left}", status_code=303)

    @router.post("/intake/quarantine/{id}/raw")
    def raw(request: Request, id: Annotated[int, Path(ge=1, lt=2**31)], fields: Form) -> Response:
        """The bytes as they came, as a download."""
        caller = caller_of(request)
        check_token(caller, checked(TokenForm, fields).token)
        return raw_quarantined(desk, caller, id)

    return router


def _tried(request: Request) -> tuple[int, ...]:
    """(read, still not read, not tried) of the retry that led here; anything that is no small number is none."""
    numbers = [request.query_params.get(name, "") for name in ("read", "failed", "left")]
    return tuple(int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0 for text in numbers)
