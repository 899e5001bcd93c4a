"""Pages of those who keep the service: models for the analyst, health for the administrator."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.domain.errors import TriageError
from triage.reports.health import ChainResult, health_page, verify
from triage.reports.models import CUES, model_views
from triage.web.desk import Desk
from triage.web.refusals import Refusal
from triage.web.schemas import Form, PromoteForm, ReasonForm, TokenForm, checked
from triage.web.signed_in import caller_of, check_token


def keep_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/models", response_class=HTMLResponse)
    def models(request: Request) -> Response:
        views = model_views(desk.models.models()) if desk.models else ()
        return desk.page(
            request,
            "models.html",
            views=views,
            cues=CUES,
            there=desk.models is not None,
            done=request.query_params.get("done"),
        )

    @router.post("/models/promote")
    def promote(request: Request, fields: Form) -> Response:
        """A person's act: asked for with a reason, and on record both times."""
        form = checked(PromoteForm, fields)
        caller = caller_of(request)
        check_token(caller, form.token)
        change_model(desk, caller.name, form.reason, (form.name, form.version))
        return RedirectResponse("/models?done=promoted", status_code=303)

    @router.post("/models/rollback")
    def rollback(request: Request, fields: Form) -> Response:
        form = checked(ReasonForm, fields)
        caller = caller_of(request)
        check_token(caller, form.token)
        change_model(desk, caller.name, form.reason, None)
        return RedirectResponse("/models?done=rolled-back", status_code=303)

    @router.get("/health", response_class=HTMLResponse)
    def health(request: Request) -> Response:
        return _health(desk, request, None)

    @router.post("/health/verify", response_class=HTMLResponse)
    def verify_chain(request: Request, fields: Form) -> Response:
        caller = caller_of(request)
        check_token(caller, checked(TokenForm, fields).token)
        with desk.store.read() as unit:
            result = verify(unit)
        return _health(desk, request, result)

    return router


def change_model(desk: Desk, person: str, reason: str, to: tuple[str, str] | None) -> None:
    """Promotes ``to`` (name, version), or rolls back where it is None. Raises Refusal 409 where it cannot be done.

    The asking and its reason go on record first; the desk of models records the act itself when it is done.
    """
    if desk.models is None:
        raise Refusal(409, "No models folder", "This installation has no models folder. Name one in the settings.")
    action, subject = ("model.promotion_asked", " ".join(to)) if to else ("model.rollback_asked", "champion")
    with desk.store.begin() as unit:
        unit.audit.append(at=desk.clock(), actor=person, action=action, subject=subject, detail={"reason": reason})
    try:
        if to:
            desk.models.promote(*to, person)
        else:
            desk.models.rollback(person)
    except TriageError as error:
        raise Refusal(409, "The model was not changed", str(error)) from error


def _health(desk: Desk, request: Request, chain: ChainResult | None) -> Response:
    entries = list(desk.models.models()) if desk.models else []
    with desk.store.read() as unit:
        view = health_page(unit, desk.clock())
    champion = entries[0] if entries else None
    return desk.page(request, "health.html", view=view, chain=chain, champion=champion, problems=desk.problems())
