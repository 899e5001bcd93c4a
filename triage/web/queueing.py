"""The queue as people work it: the list with its state in the address, sharing it out, saved views, and one's own limits."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl
from uuid import uuid4

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from triage import arranging
from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.policy import Policy
from triage.reports.exposure import exposure
from triage.reports.queue import Filters, queue_page
from triage.reports.reveals import reveal
from triage.store import Unit
from triage.store.listing import Held, Shown
from triage.store.working import Choice, SavedView
from triage.web.desk import Desk, veils
from triage.web.duties import may
from triage.web.refusals import Refusal, not_found
from triage.web.reviewing import visible_flag
from triage.web.schemas import Form, ReasonForm, TokenForm, checked
from triage.web.signed_in import SignedIn, caller_of, check_token
from triage.web.viewing import viewed_not_scored

LONGEST_SEARCH = 80
PICKED = re.compile(r"pick-([0-9a-f]{32})")
DONE = {
    "assign": "assigned",
    "free": "given back to everybody",
    "snooze": "put off",
    "duplicate": "folded under the oldest",
    "bring-back": "brought back",
}
_OPENABLE = tuple(code for code in arranging.ABUSE)


class BulkForm(TokenForm):
    """What happens to the flags that were picked; nothing here can confirm or dismiss anything."""

    act: str = Field(pattern="^(assign|free|snooze|duplicate|bring-back)$")
    to: str = Field(default="", max_length=200)
    days: int = Field(default=3, ge=1, le=14)
    back: str = Field(default="", max_length=600)


class ViewForm(TokenForm):
    name: str = Field(min_length=1, max_length=60)
    query: str = Field(default="", max_length=600)
    shared: str = Field(default="", max_length=3)


class BackForm(TokenForm):
    back: str = Field(default="", max_length=600)


def queue_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/", response_class=HTMLResponse)
    def queue_list(request: Request, page: int = 1, done: str = "", count: int = 0, ids: str = "") -> Response:
        caller = caller_of(request)
        filters = replace(filters_of(request.url.query, desk.policy), page=min(max(page, 1), 10_000))
        now = desk.clock()
        with desk.reading(caller) as unit:
            view = queue_page(
                unit,
                desk.policy,
                filters,
                kinds=desk.kinds(caller),
                now=now,
                safeguarding=caller.safeguarding,
                person=caller.name,
            )
            views = unit.working.views(caller.name)
            choice = unit.working.choice(caller.name)
            met = exposure(unit, choice, now)
            colleagues = unit.working.people([caller.duty.value], now)
        return desk.page(
            request,
            "queue.html",
            view=view,
            views=views,
            veiled=veils(choice, caller),
            met=met,
            colleagues=colleagues,
            arranges=may(caller.duty, "POST", "/queue"),
            done=DONE.get(done),
            count=min(count, 200),
            undo=[name for name in ids.split(",") if re.fullmatch("[0-9a-f]{32}", name)] if done != "free" else [],
            undo_act="free" if done == "assign" else "bring-back",
        )

    @router.post("/queue")
    def arrange(request: Request, fields: Form) -> Response:
        """Assigns, puts off, folds or brings back what was picked: all of it or, where one cannot be, nothing."""
        picked = [found.group(1) for name in fields if (found := PICKED.fullmatch(name))]
        form = checked(BulkForm, {name: value for name, value in fields.items() if not PICKED.fullmatch(name)})
        caller, now = _sent_by(request, form.token), desk.clock()
        with desk.writing(caller) as unit:
            flags = [visible_flag(unit, desk, caller, flag_id) for flag_id in dict.fromkeys(picked)]
            count = arrange_picked(unit, flags, form.act, form.to, form.days, caller, now) if flags else 0
        back = filters_of(form.back, desk.policy).query
        ids = ",".join(flag.id for flag in flags)
        said = f"done={form.act if count else 'none'}&count={count}&ids={ids}"
        return RedirectResponse(f"/?{back}&{said}#flags" if back else f"/?{said}#flags", status_code=303)

    @router.post("/queue/views")
    def keep_view(request: Request, fields: Form) -> Response:
        """Keeps the list as it stands under a name. Only known filters are kept, so no address leads anywhere else."""
        form = checked(ViewForm, fields)
        caller = _sent_by(request, form.token)
        query = filters_of(form.query, desk.policy).query
        with desk.writing(caller) as unit:
            unit.working.add_view(
                SavedView(
                    id=uuid4().hex,
                    owner=caller.name,
                    name=form.name,
                    query=query,
                    shared=form.shared == "yes",
                    at=desk.clock(),
                )
            )
        return RedirectResponse(f"/?{query}#views", status_code=303)

    @router.post("/queue/views/{view_id}/remove")
    def remove_view(request: Request, view_id: str, fields: Form) -> Response:
        caller = _sent_by(request, checked(TokenForm, fields).token)
        with desk.writing(caller) as unit:
            if not unit.working.remove_view(view_id, caller.name):
                raise not_found("saved view of yours")
        return RedirectResponse("/#views", status_code=303)

    @router.get("/not-scored", response_class=HTMLResponse)
    def not_scored(request: Request, why: Annotated[str, Query(max_length=200)] = "") -> Response:
        return desk.page(request, "not_scored.html", view=viewed_not_scored(desk, caller_of(request), why))

    return router


def limit_routes(desk: Desk) -> APIRouter:
    """Staying on a flag, giving it back, names behind a reason, and what one would rather not read."""
    router = APIRouter()

    @router.post("/flags/{flag_id}/presence")
    def presence(request: Request, flag_id: str, fields: Form) -> Response:
        """An open page says each minute that somebody is looking; a claim of one's own goes on. Nothing is sent back."""
        caller, now = _sent_by(request, checked(TokenForm, fields).token), desk.clock()
        with desk.writing(caller) as unit:
            arranging.stay(unit, visible_flag(unit, desk, caller, flag_id), caller.name, now)
        return Response(status_code=204)

    @router.post("/flags/{flag_id}/release")
    def release(request: Request, flag_id: str, fields: Form) -> Response:
        caller, now = _sent_by(request, checked(TokenForm, fields).token), desk.clock()
        with desk.writing(caller) as unit:
            arranging.release(unit, visible_flag(unit, desk, caller, flag_id), caller.name, now)
        return RedirectResponse("/", status_code=303)

    @router.post("/flags/{flag_id}/names")
    def names(request: Request, flag_id: str, fields: Form) -> Response:
        """Shows names and addresses on this flag for an hour, to this person; why is in the audit."""
        form = checked(ReasonForm, fields)
        caller, now = _sent_by(request, form.token), desk.clock()
        with desk.writing(caller) as unit:
            visible_flag(unit, desk, caller, flag_id)
            reveal(unit, flag_id, caller.name, form.reason, now)
        return RedirectResponse(f"/flags/{flag_id}", status_code=303)

    @router.get("/my-limits", response_class=HTMLResponse)
    def limits(request: Request) -> Response:
        caller = caller_of(request)
        with desk.reading(caller) as unit:
            choice = unit.working.choice(caller.name)
            met = exposure(unit, choice, desk.clock())
        codes = [desk.policy.clause(code) for code in _OPENABLE]
        return desk.page(request, "my_limits.html", choice=choice, met=met, codes=codes)

    @router.post("/my-limits")
    def choose(request: Request, fields: Form) -> Response:
        caller = _sent_by(request, fields.get("token"))
        skip = frozenset(code for code in _OPENABLE if fields.get(f"skip-{code}") == "yes")
        with desk.writing(caller) as unit:
            kept = unit.working.choice(caller.name)
            unit.working.put_choice(
                Choice(
                    person=caller.name,
                    veiled=fields.get("veiled") == "yes",
                    skip=skip,
                    break_at=kept.break_at,
                )
            )
        return RedirectResponse("/my-limits?done=yes", status_code=303)

    @router.post("/my-limits/break")
    def take_break(request: Request, fields: Form) -> Response:
        """One tap. Only the person sees it: it is in no report and no figure (C28)."""
        form = checked(BackForm, fields)
        caller = _sent_by(request, form.token)
        with desk.writing(caller) as unit:
            kept = unit.working.choice(caller.name)
            unit.working.put_choice(replace(kept, break_at=desk.clock()))
        return RedirectResponse("/my-limits?done=break", status_code=303)

    return router


def arrange_picked(unit: Unit, flags: list[Flag], act: str, to: str, days: int, caller: SignedIn, now: datetime) -> int:
    """The page and the API share flags out by this alone; how many it was. Raises Refusal 422 for a colleague who is none."""
    if act == "assign":
        chosen = to.strip() or caller.name
        if chosen != caller.name and chosen not in unit.working.people([caller.duty.value], now):
            raise Refusal(422, "Nobody of that name", "Choose a colleague of your own role who is signed in.")
        return arranging.assign(unit, flags, chosen, caller.name, now)
    if act == "free":
        return arranging.assign(unit, flags, None, caller.name, now)
    if act == "snooze":
        return arranging.snooze(unit, flags, days, caller.name, now)
    if act == "duplicate":
        return arranging.mark_duplicates(unit, flags, caller.name, now)
    return arranging.bring_back(unit, flags, caller.name, now)


def filters_of(query: str, policy: Policy) -> Filters:
    """The filters in an address; what is not known there is left out, so an old or mistyped address still opens a list."""
    given = dict(parse_qsl(query[:600]))
    code = given.get("code", "")
    return Filters(
        kind=FlagKind(given["kind"]) if given.get("kind") in set(FlagKind) else None,
        code=code if code in policy.clauses else None,
        state=FlagState(given["state"]) if given.get("state") in set(FlagState) else FlagState.OPEN,
        text=given.get("text", "").strip()[:LONGEST_SEARCH],
        held=Held(given["held"]) if given.get("held") in set(Held) else Held.ANY,
        shown=Shown(given["shown"]) if given.get("shown") in set(Shown) else Shown.WORK,
        overdue=given.get("overdue") == "yes",
    )


def _sent_by(request: Request, token: str | None) -> SignedIn:
    caller = caller_of(request)
    check_token(caller, token)
    return caller
