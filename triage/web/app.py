"""Puts the web desk together: routes behind the table of duties, strict headers, and answers that say what to do."""

from collections.abc import Callable, Sequence

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from triage.bootstrap import england
from triage.domain.acknowledging import Hours
from triage.domain.errors import ConflictError, NotFoundError, TriageError
from triage.domain.policy import Policy
from triage.domain.retention import Retention
from triage.domain.team import NO_TEAMS, Teams
from triage.ports import Clock, IntakeDesk, LinkDesk, ModelDesk
from triage.rehearsal_desk import Rehearsals
from triage.store import Store
from triage.web.api import api_routes
from triage.web.contesting import contest_routes
from triage.web.desk import Desk, compile_all, templates
from triage.web.doors import door_routes
from triage.web.duties import check_complete
from triage.web.edge import Edge
from triage.web.figures import MetricsDoor, metrics_endpoint
from triage.web.identities import identity_routes
from triage.web.incidents import incident_routes
from triage.web.intake import intake_page_routes
from triage.web.keeping import keep_routes
from triage.web.looking import look_routes
from triage.web.other_routes import other_routes
from triage.web.overseeing import oversee_routes
from triage.web.own_records import own_record_routes
from triage.web.provider_door import provider_routes
from triage.web.queueing import limit_routes, queue_routes
from triage.web.records import record_routes
from triage.web.refusals import Refusal
from triage.web.rehearsing import rehearse_routes
from triage.web.retaining import retention_routes
from triage.web.reviewing import review_routes
from triage.web.safeguarding import safeguarding_routes
from triage.web.searching import search_routes
from triage.web.signed_in import Gate
from triage.web.signing_in import signing_in_routes
from triage.web.taking_in import intake_routes
from triage.web.ways_in import WaysIn


def create_app(
    *,
    store: Store,
    policy: Policy,
    clock: Clock,
    models: ModelDesk | None,
    secure_cookies: bool,
    problems: Callable[[], Sequence[str]] = tuple,
    intake: IntakeDesk | None = None,
    metrics: MetricsDoor | None = None,
    open_docs: bool = False,
    ways_in: WaysIn | None = None,
    blind_share: float = 0.0,
    links: LinkDesk | None = None,
    teams: Teams = NO_TEAMS,
    hours: Hours | None = None,
    rehearsals: Rehearsals | None = None,
    retention: Retention | None = None,
    compiled: bool = False,
) -> FastAPI:
    """The application. ``secure_cookies`` False is for plain http on this machine alone; ``open_docs`` opens /docs.
    ``blind_share`` of the behaviour flags that words raised are first looked at without the model's output.

    ``problems`` gives the sentences of the last round: which account or file could not be read, and why. ``intake`` is None
    where the pages run without it; ``metrics`` None leaves /metrics out. ``compiled`` has every template ready before the
    first view.
    """
    gate = Gate(store, clock, secure=secure_cookies)
    desk = Desk(
        store=store,
        policy=policy,
        clock=clock,
        models=models,
        intake=intake,
        problems=problems,
        gate=gate,
        templates=templates(clock),
        blind_share=blind_share,
        links=links,
        teams=teams,
        hours=hours or Hours(workdays=england()),
        ways_in=ways_in or WaysIn(),
        rehearsals=rehearsals,
        retention=retention or Retention(),
    )
    if compiled:
        compile_all(desk.templates)
    app = FastAPI(
        title="triage",
        docs_url="/docs" if open_docs else None,
        openapi_url="/openapi.json" if open_docs else None,
        redoc_url=None,
        dependencies=[Depends(gate)],
    )
    routers = [
        door_routes(desk),
        queue_routes(desk),
        limit_routes(desk),
        review_routes(desk),
        look_routes(desk),
        keep_routes(desk),
    ]
    routers += [incident_routes(desk), other_routes(desk), intake_routes(desk), intake_page_routes(desk)]
    routers += [safeguarding_routes(desk), record_routes(desk), contest_routes(desk), own_record_routes(desk)]
    routers += [retention_routes(desk), search_routes(desk)]
    routers += [signing_in_routes(desk), provider_routes(desk), oversee_routes(desk)]
    routers += [identity_routes(desk), rehearse_routes(desk), api_routes(desk)]
    for router in routers:
        app.include_router(router)
    check_complete(
        (method, route.path)
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    )
    if metrics is not None:
        app.add_route("/metrics", metrics_endpoint(desk, metrics), methods=["GET"])
    app.mount("/static", StaticFiles(packages=[("triage.web", "static")]), name="static")
    _answers(app, desk, secure_cookies)
    return app


def _answers(app: FastAPI, desk: Desk, secure: bool) -> None:
    """What is answered when a page cannot be: never a traceback, a path or a query (S22)."""

    def answer(request: Request, status: int, heading: str, sentence: str) -> Response:
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": sentence}, status_code=status)
        if not hasattr(request.state, "caller"):
            request.state.caller = desk.gate.caller(request) if status < 500 else None
        return desk.page(request, "refusal.html", status=status, heading=heading, sentence=sentence)

    def outermost(scope: Scope, status: int, heading: str, sentence: str) -> Response:
        return answer(Request(scope), status, heading, sentence)

    app.add_middleware(Edge, secure=secure, answer=outermost)

    @app.exception_handler(Refusal)
    def refused(request: Request, error: Refusal) -> Response:
        return answer(request, error.status, error.heading, error.sentence)

    @app.exception_handler(ConflictError)
    def conflict(request: Request, error: ConflictError) -> Response:
        return answer(request, 409, "Somebody else was quicker", f"{error} Go back to it and look again.")

    @app.exception_handler(NotFoundError)
    def missing(request: Request, error: NotFoundError) -> Response:
        return answer(request, 404, "Not found", str(error))

    @app.exception_handler(TriageError)
    def own_error(request: Request, error: TriageError) -> Response:
        return answer(request, 409, "This cannot be done now", str(error))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        if not request.url.path.startswith("/api/"):
            return answer(request, 422, "The address cannot be read", "Check the address, or go back to your list.")
        faults = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}." for fault in error.errors()]
        return JSONResponse({"error": " ".join(faults), "faults": faults}, status_code=422)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        heading, sentence = _HTTP.get(error.status_code, ("That did not work", "Go back and try again."))
        return answer(request, error.status_code, heading, sentence)


_HTTP = {
    404: ("Page not found", "There is no page at this address. Go back to your list."),
    405: ("Not that way", "This address takes no such request. Open the page and use its buttons."),
}
