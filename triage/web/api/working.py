"""Working through the queue by the API: sharing out, saved views, staying on a flag, names behind a reason, one's own limits."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from triage import arranging
from triage.reports.exposure import Exposure, exposure
from triage.reports.reveals import reveal
from triage.store.working import Choice, SavedView
from triage.web.api.acting import Name, ReasonIn, Sent, acting
from triage.web.api.shapes import FlagHead, head_of
from triage.web.desk import Desk
from triage.web.queueing import arrange_picked, filters_of
from triage.web.refusals import Refusal, not_found
from triage.web.reviewing import visible_flag
from triage.web.signed_in import caller_of
from triage.web.viewing import named_contact, named_issue

FLAGS_AT_MOST = 200
Act = Literal["assign", "free", "snooze", "duplicate", "bring-back"]


class ArrangeIn(Sent):
    """What happens to these flags: all of it or, where one cannot be, nothing. None of it confirms or dismisses anything."""

    flags: tuple[Annotated[str, Field(max_length=32)], ...] = Field(min_length=1, max_length=FLAGS_AT_MOST)
    act: Act
    to: str = Field(default="", max_length=200)
    days: int = Field(default=3, ge=1, le=14)


class ArrangedOut(BaseModel):
    """How many flags it was."""

    count: int


class ViewIn(Sent):
    """A list's filters under a name; ``query`` is what stands after the question mark of its address."""

    name: str = Field(min_length=1, max_length=60)
    query: str = Field(default="", max_length=600)
    shared: bool = False


class LimitsIn(Sent):
    """Whether abusive words are veiled, and which codes are left to others."""

    veiled: bool = True
    skip: frozenset[Name] = frozenset()


class LimitsOut(BaseModel):
    """One's own choices, and what was met since the last break: for that person alone (C28)."""

    choice: Choice
    met: Exposure


class RevealedOut(BaseModel):
    """Until when names and addresses are shown there, to this person."""

    until: datetime


def work_routes(router: APIRouter, desk: Desk) -> None:
    _list_routes(router, desk)
    _flag_routes(router, desk)
    _limit_routes(router, desk)


def _list_routes(router: APIRouter, desk: Desk) -> None:
    @router.post("/queue", tags=["queue"])
    def arrange(request: Request, sent: ArrangeIn) -> ArrangedOut:
        """Assigns, gives back, puts off, folds duplicates or brings back."""
        caller = acting(request)
        with desk.writing(caller) as unit:
            flags = [visible_flag(unit, desk, caller, flag_id) for flag_id in dict.fromkeys(sent.flags)]
            count = arrange_picked(unit, flags, sent.act, sent.to, sent.days, caller, desk.clock())
        return ArrangedOut(count=count)

    @router.get("/queue/views", tags=["queue"])
    def views(request: Request) -> tuple[SavedView, ...]:
        """One's own saved views and the shared ones."""
        with desk.reading(caller_of(request)) as unit:
            return tuple(unit.working.views(caller_of(request).name))

    @router.post("/queue/views", tags=["queue"], status_code=201)
    def keep_view(request: Request, sent: ViewIn) -> SavedView:
        """Keeps the known filters of a list; anything else in ``query`` is left out."""
        caller = acting(request)
        query = filters_of(sent.query, desk.policy).query
        view = SavedView(
            id=uuid4().hex, owner=caller.name, name=sent.name, query=query, shared=sent.shared, at=desk.clock()
        )
        with desk.writing(caller) as unit:
            unit.working.add_view(view)
        return view

    @router.post("/queue/views/{view_id}/remove", tags=["queue"], status_code=204)
    def remove_view(request: Request, view_id: str) -> None:
        caller = acting(request)
        with desk.writing(caller) as unit:
            if not unit.working.remove_view(view_id, caller.name):
                raise not_found("saved view of yours")


def _flag_routes(router: APIRouter, desk: Desk) -> None:
    @router.post("/flags/{flag_id}/presence", tags=["flags"])
    def presence(request: Request, flag_id: str) -> FlagHead:
        """A heartbeat: others see who is looking, and a claim of one's own goes on."""
        caller = acting(request)
        with desk.writing(caller) as unit:
            flag = visible_flag(unit, desk, caller, flag_id)
            return head_of(arranging.stay(unit, flag, caller.name, desk.clock()))

    @router.post("/flags/{flag_id}/release", tags=["flags"])
    def release(request: Request, flag_id: str) -> FlagHead:
        """Gives a claim of one's own back."""
        caller = acting(request)
        with desk.writing(caller) as unit:
            flag = visible_flag(unit, desk, caller, flag_id)
            return head_of(arranging.release(unit, flag, caller.name, desk.clock()))

    @router.post("/flags/{flag_id}/names", tags=["flags"])
    def names(request: Request, flag_id: str, sent: ReasonIn) -> RevealedOut:
        """Shows names and addresses on this flag to this person for an hour; the reason is in the audit."""
        caller = acting(request)
        with desk.writing(caller) as unit:
            visible_flag(unit, desk, caller, flag_id)
            return RevealedOut(until=reveal(unit, flag_id, caller.name, sent.reason, desk.clock()))

    @router.post("/contacts/{contact_id}/names", tags=["contacts"])
    def contact_names(request: Request, contact_id: str, sent: ReasonIn) -> RevealedOut:
        """Shows names and addresses on this contact to this person for an hour; the reason is in the audit."""
        caller = acting(request)
        with desk.writing(caller) as unit:
            return RevealedOut(until=named_contact(unit, desk, caller, contact_id, sent.reason))

    @router.post("/issues/{issue_id}/names", tags=["issues"])
    def issue_names(request: Request, issue_id: str, sent: ReasonIn) -> RevealedOut:
        """Shows names and addresses on this issue and its contacts to this person for an hour; the reason is in the audit."""
        caller = acting(request)
        with desk.writing(caller) as unit:
            return RevealedOut(until=named_issue(unit, desk, caller, issue_id, sent.reason))


def _limit_routes(router: APIRouter, desk: Desk) -> None:
    @router.get("/my-limits", tags=["my limits"])
    def limits(request: Request) -> LimitsOut:
        caller = caller_of(request)
        with desk.reading(caller) as unit:
            choice = unit.working.choice(caller.name)
            met = exposure(unit, choice, desk.clock())
        return LimitsOut(choice=choice, met=met)

    @router.post("/my-limits", tags=["my limits"], status_code=204)
    def choose(request: Request, sent: LimitsIn) -> None:
        caller = acting(request)
        unknown = sorted(sent.skip - set(arranging.ABUSE))
        if unknown:
            raise Refusal(
                422, "Not a code", f"{', '.join(unknown)} cannot be left to others; {', '.join(arranging.ABUSE)} can."
            )
        with desk.writing(caller) as unit:
            kept = unit.working.choice(caller.name)
            unit.working.put_choice(replace(kept, veiled=sent.veiled, skip=sent.skip))

    @router.post("/my-limits/break", tags=["my limits"], status_code=204)
    def take_break(request: Request) -> None:
        """Notes a break; only the person sees it."""
        caller = acting(request)
        with desk.writing(caller) as unit:
            kept = unit.working.choice(caller.name)
            unit.working.put_choice(replace(kept, break_at=desk.clock()))
