"""The queue, the flag page and the decision: where people say what a flag is."""

import re
from collections.abc import Mapping
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from triage import queue
from triage.domain.errors import ConflictError, DecisionRefusedError
from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.review import Review
from triage.reports.flag import flag_page
from triage.reports.queue import Filters, next_flag, not_scored_rows, queue_page
from triage.store import Unit
from triage.web.desk import Desk
from triage.web.duties import may
from triage.web.refusals import not_found
from triage.web.schemas import Form, ReasonForm, ReviewIn, StatementForm, TokenForm, checked, review_of
from triage.web.signed_in import SignedIn, caller_of, check_token

_SENTENCES = re.compile(r"(?<=[.?]) (?=[A-Z])")


def review_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/", response_class=HTMLResponse)
    def queue_list(request: Request, kind: str = "", code: str = "", state: str = "open", page: int = 1) -> Response:
        caller = caller_of(request)
        filters = Filters(
            kind=FlagKind(kind) if kind in set(FlagKind) else None,
            code=code if code in desk.policy.clauses else None,
            state=FlagState(state) if state in set(FlagState) else FlagState.OPEN,
            page=min(max(page, 1), 10_000),
        )
        with desk.store.read() as unit:
            view = queue_page(
                unit, desk.policy, filters, kinds=desk.kinds(caller), now=desk.clock(), safeguarding=caller.safeguarding
            )
        return desk.page(request, "queue.html", view=view)

    @router.get("/not-scored", response_class=HTMLResponse)
    def not_scored(request: Request) -> Response:
        caller = caller_of(request)
        with desk.store.read() as unit:
            rows = not_scored_rows(unit, safeguarding=caller.safeguarding)
        return desk.page(request, "not_scored.html", rows=rows)

    @router.get("/flags/{flag_id}", response_class=HTMLResponse)
    def flag(request: Request, flag_id: str) -> Response:
        return _flag(desk, request, flag_id)

    @router.post("/flags/{flag_id}/claim")
    def claim(request: Request, flag_id: str, fields: Form) -> Response:
        caller = _sent_by(request, checked(TokenForm, fields).token)
        with desk.store.begin() as unit:
            _visible(unit, desk, caller, flag_id)
            queue.claim(unit, flag_id, caller.name, desk.clock())
        return RedirectResponse(f"/flags/{flag_id}", status_code=303)

    @router.post("/flags/{flag_id}/reviews")
    def decide(request: Request, flag_id: str, fields: Form) -> Response:
        """Keeps the decision; one that is refused or too late comes back with everything that was typed."""
        caller = _sent_by(request, fields.get("token"))
        try:
            _decide(desk, caller, flag_id, review_of(fields))
        except DecisionRefusedError as error:
            return _flag(desk, request, flag_id, status=422, typed=fields, faults=_SENTENCES.split(str(error)))
        except ConflictError as error:
            return _flag(desk, request, flag_id, status=409, typed=fields, conflict=str(error))
        return RedirectResponse(f"/flags/{flag_id}?done=decided", status_code=303)

    @router.post("/flags/{flag_id}/reopen")
    def reopen(request: Request, flag_id: str, fields: Form) -> Response:
        form = checked(ReasonForm, fields)
        caller = _sent_by(request, form.token)
        with desk.store.begin() as unit:
            _visible(unit, desk, caller, flag_id)
            queue.reopen(unit, flag_id, caller.name, form.reason, desk.clock())
        return RedirectResponse(f"/flags/{flag_id}?done=reopened", status_code=303)

    @router.post("/flags/{flag_id}/statements")
    def add_statement(request: Request, flag_id: str, fields: Form) -> Response:
        form = checked(StatementForm, fields)
        caller = _sent_by(request, form.token)
        with desk.store.begin() as unit:
            _visible(unit, desk, caller, flag_id)
            queue.state_effect(
                unit, flag_id=flag_id, staff=form.staff, text=form.text, written_by=caller.name, now=desk.clock()
            )
        return RedirectResponse(f"/flags/{flag_id}?done=statement#statements", status_code=303)

    @router.post("/api/flags/{flag_id}/reviews", status_code=201)
    def decide_by_api(request: Request, flag_id: str, sent: ReviewIn) -> Response:
        """The same rules as the form: 422 in sentences where something is missing, 409 where somebody was quicker."""
        caller = _sent_by(request, request.headers.get("x-form-token"))
        try:
            decided = _decide(desk, caller, flag_id, sent)
        except DecisionRefusedError as error:
            return JSONResponse({"error": str(error), "faults": _SENTENCES.split(str(error))}, status_code=422)
        except ConflictError as error:
            return JSONResponse({"error": str(error)}, status_code=409)
        return JSONResponse(
            {"flag": decided.id, "state": decided.state.value, "version": decided.version}, status_code=201
        )

    return router


def _sent_by(request: Request, token: str | None) -> SignedIn:
    caller = caller_of(request)
    check_token(caller, token)
    return caller


def _visible(unit: Unit, desk: Desk, caller: SignedIn, flag_id: str) -> Flag:
    """The flag, where this person may see its kind; raises Refusal 404 otherwise, as if there were none (C27)."""
    found = unit.flags.get(flag_id)
    if found is None or found.kind not in desk.kinds(caller):
        raise not_found("flag")
    return found


def _decide(desk: Desk, caller: SignedIn, flag_id: str, sent: ReviewIn) -> Flag:
    with desk.store.begin() as unit:
        _visible(unit, desk, caller, flag_id)
        review = Review(
            id=uuid4().hex,
            flag_id=flag_id,
            flag_version=sent.flag_version,
            reviewer=caller.name,
            context_viewed_at=unit.flags.viewed_at(flag_id, caller.name),
            at=desk.clock(),
            decisions=tuple(decision.decision() for decision in sent.decisions),
            circumstances_weighed=sent.circumstances_weighed,
            next_step=sent.next_step,
        )
        return queue.decide(unit, review, desk.policy)


def _flag(
    desk: Desk,
    request: Request,
    flag_id: str,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    faults: list[str] | None = None,
    conflict: str | None = None,
) -> Response:
    """The flag page. It notes who looked and when, on a GET too: every view is on record, and a decision needs one (C2, C27)."""
    caller, now = caller_of(request), desk.clock()
    done = request.query_params.get("done")
    with desk.store.begin() as unit:
        _visible(unit, desk, caller, flag_id)
        found = queue.open_context(unit, flag_id, caller.name, now)
    with desk.store.read() as unit:
        kinds = desk.kinds(caller)
        ask = desk.models.without if desk.models else None
        view = flag_page(unit, found, desk.policy, kinds=kinds, now=now, safeguarding=caller.safeguarding, ask=ask)
        settled = done == "decided" or found.state is not FlagState.OPEN
        following = next_flag(unit, found, kinds=kinds, person=caller.name, now=now) if settled else None
    codes = [clause.code for clause in view.clauses]
    return desk.page(
        request,
        "flag.html",
        status=status,
        view=view,
        typed=typed or {},
        faults=[(fault, _anchor(fault, codes)) for fault in faults or []],
        conflict=conflict,
        done=done if done != "decided" or (view.reviews and view.reviews[-1].reviewer == caller.name) else None,
        following=following,
        decides=may(caller.duty, "POST", "/flags/{flag_id}/reviews"),
        steps=_steps(desk, found),
    )


def _anchor(fault: str, codes: list[str]) -> str:
    """Which field a sentence is about, so that the summary at the top can lead there."""
    code = next((code for code in codes if re.search(rf"\b{re.escape(code)}\b", fault)), None)
    if code is None:
        return "next_step" if "next step" in fault.lower() else "decision"
    about = {
        "reason for": "reason",
        "which limb": "limb",
        "by whose": "limb_evidence",
        "out of character": "out_of_character",
    }
    return f"{next((field for words, field in about.items() if words in fault), 'answer')}-{code}"


def _steps(desk: Desk, flag: Flag) -> list[str]:
    """What may be recorded as the next step: the clauses' own, and for behaviour the policy's actions in its own order (5.0)."""
    steps = [step for code in flag.codes for step in desk.policy.clause(code.code).next_steps]
    if flag.kind is FlagKind.BEHAVIOUR:
        steps += desk.policy.actions
    return list(dict.fromkeys(steps))
