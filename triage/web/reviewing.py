"""The flag page and the decision: where people say what a flag is."""

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from triage import arranging, deciding, queue
from triage.bootstrap import england
from triage.domain.errors import ConflictError, DecisionRefusedError
from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.incident import SupportStep
from triage.domain.review import VISITED, Review
from triage.reports.changes import asked_code
from triage.reports.first_look import is_blind
from triage.reports.flag import flag_page
from triage.reports.flag_views import FlagPage
from triage.reports.queue import next_flag
from triage.reports.reveals import masked_flag, revealed_until
from triage.store import Unit
from triage.web.desk import Desk, veils
from triage.web.duties import may
from triage.web.refusals import not_found
from triage.web.schemas import Form, ReasonForm, ReviewIn, StatementForm, SupportForm, TokenForm, checked, review_of
from triage.web.signed_in import SignedIn, caller_of, check_token

SENTENCES = re.compile(r"(?<=[.?]) (?=[A-Z])")


def review_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/flags/{flag_id}", response_class=HTMLResponse)
    def flag(request: Request, flag_id: str) -> Response:
        return _flag(desk, request, flag_id)

    @router.post("/flags/{flag_id}/claim")
    def claim(request: Request, flag_id: str, fields: Form) -> Response:
        caller = _sent_by(request, checked(TokenForm, fields).token)
        with desk.writing(caller) as unit:
            arranging.refuse_aimed(unit, visible_flag(unit, desk, caller, flag_id), caller.name)
            queue.claim(unit, flag_id, caller.name, desk.clock())
        return RedirectResponse(f"/flags/{flag_id}", status_code=303)

    @router.post("/flags/{flag_id}/reviews")
    def decide(request: Request, flag_id: str, fields: Form) -> Response:
        """Keeps the decision; one that is refused or too late comes back with everything that was typed."""
        caller = _sent_by(request, fields.get("token"))
        try:
            keep_decision(desk, caller, flag_id, review_of(fields))
        except DecisionRefusedError as error:
            return _flag(desk, request, flag_id, status=422, typed=fields, faults=SENTENCES.split(str(error)))
        except ConflictError as error:
            return _flag(desk, request, flag_id, status=409, typed=fields, conflict=str(error))
        return RedirectResponse(f"/flags/{flag_id}?done=decided", status_code=303)

    @router.post("/flags/{flag_id}/reopen")
    def reopen(request: Request, flag_id: str, fields: Form) -> Response:
        form = checked(ReasonForm, fields)
        caller = _sent_by(request, form.token)
        with desk.writing(caller) as unit:
            visible_flag(unit, desk, caller, flag_id)
            deciding.reopen(unit, flag_id, caller.name, form.reason, desk.clock())
        return RedirectResponse(f"/flags/{flag_id}?done=reopened", status_code=303)

    @router.post("/flags/{flag_id}/undo")
    def undo(request: Request, flag_id: str, fields: Form) -> Response:
        """A person takes back their own last decision; it stays on record as taken back."""
        caller = _sent_by(request, checked(TokenForm, fields).token)
        with desk.writing(caller) as unit:
            visible_flag(unit, desk, caller, flag_id)
            deciding.undo(unit, flag_id, caller.name, desk.clock())
        return RedirectResponse(f"/flags/{flag_id}?done=undone", status_code=303)

    @router.post("/flags/{flag_id}/support")
    def note_support(request: Request, flag_id: str, fields: Form) -> Response:
        """What was done for a member of staff at whom it was aimed (C35)."""
        form = checked(SupportForm, fields)
        caller = _sent_by(request, form.token)
        with desk.writing(caller) as unit:
            visible_flag(unit, desk, caller, flag_id)
            deciding.note_support(unit, flag_id, form.staff, form.step, caller.name, desk.clock())
        return RedirectResponse(f"/flags/{flag_id}?done=support#statements", status_code=303)

    @router.post("/flags/{flag_id}/statements")
    def add_statement(request: Request, flag_id: str, fields: Form) -> Response:
        form = checked(StatementForm, fields)
        caller = _sent_by(request, form.token)
        with desk.writing(caller) as unit:
            visible_flag(unit, desk, caller, flag_id)
            queue.state_effect(
                unit, flag_id=flag_id, staff=form.staff, text=form.text, written_by=caller.name, now=desk.clock()
            )
        return RedirectResponse(f"/flags/{flag_id}?done=statement#statements", status_code=303)

    @router.post("/api/flags/{flag_id}/reviews", status_code=201)
    def decide_by_api(request: Request, flag_id: str, sent: ReviewIn) -> Response:
        """The same rules as the form: 422 in sentences where something is missing, 409 where somebody was quicker."""
        caller = _sent_by(request, request.headers.get("x-form-token"))
        try:
            decided = keep_decision(desk, caller, flag_id, sent)
        except DecisionRefusedError as error:
            return JSONResponse({"error": str(error), "faults": SENTENCES.split(str(error))}, status_code=422)
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


def visible_flag(unit: Unit, desk: Desk, caller: SignedIn, flag_id: str) -> Flag:
    """The flag, where this person's role and teams see it; raises Refusal 404 otherwise, as if there were none (C27)."""
    found = unit.flags.get(flag_id)
    if found is None or found.kind not in desk.kinds(caller) or not unit.seen.flag(found):
        raise not_found("flag")
    return found


def view_on_record(desk: Desk, caller: SignedIn, flag_id: str, now: datetime) -> Flag:
    """The flag, once it is on record that this person has opened it; raises Refusal 404 as `visible_flag` does."""
    with desk.reading(caller) as unit:
        visible_flag(unit, desk, caller, flag_id)
    return desk.on_record(lambda unit: queue.open_context(unit, flag_id, caller.name, now))


def keep_decision(desk: Desk, caller: SignedIn, flag_id: str, sent: ReviewIn) -> Flag:
    """The page and the API decide by this alone. Raises what `deciding.decide` raises, and Refusal 404."""
    with desk.writing(caller) as unit:
        seen = visible_flag(unit, desk, caller, flag_id)
        arranging.refuse_aimed(unit, seen, caller.name)
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
            less_intrusive=sent.less_intrusive,
            equality=sent.equality,
            not_involved=sent.not_involved,
            blind=looks_blind(unit, desk, caller, seen),
        )
        return deciding.decide(unit, review, desk.policy)


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
    done, asks = request.query_params.get("done"), request.query_params.get("ask") == "model"
    found = view_on_record(desk, caller, flag_id, now)
    with desk.reading(caller) as unit:
        kinds = desk.kinds(caller)
        view = view_of_flag(unit, desk, caller, found, now, ask_model=asks)
        settled = done == "decided" or found.state is not FlagState.OPEN
        following = (
            next_flag(unit, found, kinds=kinds, person=caller.name, now=now, policy=desk.policy) if settled else None
        )
        choice = unit.working.choice(caller.name)
        revealed = revealed_until(unit, flag_id, caller.name, now)
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
        support_steps=list(SupportStep),
        visited=VISITED,
        following=following,
        veiled=veils(choice, caller),
        revealed=revealed,
        reveals=True,
        decides=may(caller.duty, "POST", "/flags/{flag_id}/reviews"),
        steps=recordable_steps(desk, found),
        asked=asks,
        askable=asked_code(found) if desk.models and not view.blind else None,
    )


def view_of_flag(
    unit: Unit, desk: Desk, caller: SignedIn, flag: Flag, now: datetime, *, ask_model: bool = False
) -> FlagPage:
    """What this person sees of the flag; the page and the API ask here alone.

    ``ask_model`` has contacts read again without their loudest words, which takes longer than all the rest: on request alone.
    """
    view = flag_page(
        unit,
        flag,
        desk.policy,
        kinds=desk.kinds(caller),
        now=now,
        safeguarding=caller.safeguarding,
        ask=desk.models.without if desk.models and ask_model else None,
        person=caller.name,
        blind=looks_blind(unit, desk, caller, flag),
        workdays=england(),
    )
    return view if revealed_until(unit, flag.id, caller.name, now) else masked_flag(unit, view)


def looks_blind(unit: Unit, desk: Desk, caller: SignedIn, flag: Flag) -> bool:
    """Whether this person's first look at the flag is without the model's output (C4)."""
    return is_blind(flag, unit.flags.reviews(flag.id), desk.policy, caller.name, desk.blind_share)


def _anchor(fault: str, codes: list[str]) -> str:
    """Which field a sentence is about, so that the summary at the top can lead there."""
    code = next((code for code in codes if re.search(rf"\b{re.escape(code)}\b", fault)), None)
    if code is None:
        weight = {"less intrusive": "less_intrusive", "Equality Act": "equality", "not involved": "not_involved"}
        step = "next_step" if "next step" in fault.lower() else "decision"
        return next((field for words, field in weight.items() if words in fault), step)
    about = {
        "reason for": "reason",
        "which limb": "limb",
        "by whose": "limb_evidence",
        "out of character": "out_of_character",
        "visit to the address": "visit_planned",
    }
    return f"{next((field for words, field in about.items() if words in fault), 'answer')}-{code}"


def recordable_steps(desk: Desk, flag: Flag) -> list[str]:
    """What may be recorded as the next step: the clauses' own, and for behaviour the policy's actions in its own order (5.0)."""
    steps = [step for code in flag.codes for step in desk.policy.clause(code.code).next_steps]
    if flag.kind is FlagKind.BEHAVIOUR:
        steps += desk.policy.actions
    return list(dict.fromkeys(steps))
