"""What may be read through the API: each route gives the view that its page shows, and views are on record as there."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from triage.domain.flag import FlagKind, FlagState
from triage.domain.policy import Clause
from triage.reports.contacts import ContactPage
from triage.reports.health import HealthPage, health_page
from triage.reports.intake import IntakePage, intake_page
from triage.reports.issues import IssuePage, PatternRow
from triage.reports.looking_back import LookingBack
from triage.reports.models import ModelView, model_views
from triage.reports.owing import OwingPage, Show
from triage.reports.policy_page import PolicyView
from triage.reports.queue import Filters, NotScoredPage, QueuePage, next_flag, queue_page
from triage.reports.restrictions import RestrictionsPage
from triage.reports.safeguarding import Room
from triage.reports.stamping import ClauseAnswers, Stamping, clause_rows, stamping_rows
from triage.store.listing import Held, Shown
from triage.web.api.shapes import FlagOut, IncidentOut, SessionOut, flag_out, incident_out
from triage.web.desk import Desk
from triage.web.queueing import LONGEST_SEARCH
from triage.web.reviewing import recordable_steps, view_of_flag, view_on_record
from triage.web.schemas import PageNumber
from triage.web.signed_in import SignedIn, caller_of
from triage.web.viewing import (
    viewed_contact,
    viewed_decisions,
    viewed_incident,
    viewed_issue,
    viewed_not_scored,
    viewed_owed,
    viewed_patterns,
    viewed_policy,
    viewed_restrictions,
    viewed_room,
)

LONGEST_TEAM = 200


class AskedOf(StrEnum):
    """What costs a reading is done for whoever asks for it alone."""

    MODEL = "model"


class QueueQuery(BaseModel):
    """The filters of the list, as in the address of its page. Pages count from 1; `pages` of the answer says how many there are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FlagKind | None = None
    code: str | None = Field(default=None, max_length=16)
    state: FlagState = FlagState.OPEN
    text: str = Field(default="", max_length=LONGEST_SEARCH)
    held: Held = Held.ANY
    shown: Shown = Shown.WORK
    overdue: bool = False
    page: int = Field(default=1, ge=1, le=10_000)


def read_routes(router: APIRouter, desk: Desk) -> None:
    _desk_routes(router, desk)
    _issue_routes(router, desk)
    _keeping_routes(router, desk)


def _desk_routes(router: APIRouter, desk: Desk) -> None:
    @router.get("/session", tags=["session"])
    def session(request: Request) -> SessionOut:
        caller = caller_of(request)
        return SessionOut(person=caller.name, role=caller.duty.value, token=caller.csrf)

    @router.get("/queue", tags=["queue"])
    def queue_list(request: Request, asked: Annotated[QueueQuery, Query()]) -> QueuePage:
        """One page of the queue, in its order. Safeguarding is named as being there, and nothing more."""
        caller = caller_of(request)
        with desk.reading(caller) as unit:
            return queue_page(
                unit,
                desk.policy,
                Filters(**asked.model_dump()),
                kinds=desk.kinds(caller),
                now=desk.clock(),
                safeguarding=caller.safeguarding,
                person=caller.name,
            )

    @router.get("/not-scored", tags=["queue"])
    def not_scored(request: Request, why: Annotated[str, Query(max_length=200)] = "") -> NotScoredPage:
        """What no model has read, and why: a person should."""
        return viewed_not_scored(desk, caller_of(request), why)

    @router.get("/flags/{flag_id}", tags=["flags"])
    def flag(request: Request, flag_id: str, ask: Annotated[AskedOf | None, Query()] = None) -> FlagOut:
        """Everything that a decision needs. Opening it is on record, and a decision needs to have opened it.

        With `ask=model` the model in use also says what would have changed a suggestion of its own: `without` of each clause.
        """
        return opened_flag(desk, caller_of(request), flag_id, ask_model=ask is AskedOf.MODEL)

    @router.get("/safeguarding", tags=["safeguarding"])
    def safeguarding(request: Request) -> Room:
        """Cards that nobody has taken on first, with their clock, and whom to turn to."""
        return viewed_room(desk, caller_of(request))


def opened_flag(desk: Desk, caller: SignedIn, flag_id: str, *, ask_model: bool = False) -> FlagOut:
    now, kinds = desk.clock(), desk.kinds(caller)
    found = view_on_record(desk, caller, flag_id, now)
    with desk.reading(caller) as unit:
        page = view_of_flag(unit, desk, caller, found, now, ask_model=ask_model)
        settled = found.state is not FlagState.OPEN
        following = (
            next_flag(unit, found, kinds=kinds, person=caller.name, now=now, policy=desk.policy) if settled else None
        )
    return flag_out(page, next_steps=tuple(recordable_steps(desk, found)), following=following)


def _issue_routes(router: APIRouter, desk: Desk) -> None:
    @router.get("/contacts/{contact_id}", tags=["contacts"])
    def contact(request: Request, contact_id: str) -> ContactPage:
        """One contact as it was read; the view is on record (C27)."""
        return viewed_contact(desk, caller_of(request), contact_id)

    @router.get("/issues/{issue_id}", tags=["issues"])
    def issue(request: Request, issue_id: str) -> IssuePage:
        """One issue with everything that happened; the view is on record (C27)."""
        return viewed_issue(desk, caller_of(request), issue_id)

    @router.get("/incident-records/{record_id}", tags=["issues"])
    def incident(request: Request, record_id: str) -> IncidentOut:
        """What was confirmed and what was known at that moment; the view is on record (C27)."""
        return incident_out(viewed_incident(desk, caller_of(request), record_id))

    @router.get("/owed", tags=["issues"])
    def owed(
        request: Request,
        page: PageNumber = 1,
        show: Show = Show.ALL,
        team: Annotated[str, Query(max_length=LONGEST_TEAM)] = "",
        weeks: LookingBack = LookingBack.FOUR,
    ) -> OwingPage:
        """Every issue where we are late now or due soon; `weeks` is the period of what was answered late."""
        return viewed_owed(desk, caller_of(request), page, show, team, weeks)

    @router.get("/patterns", tags=["issues"])
    def patterns(request: Request, weeks: LookingBack = LookingBack.TWELVE) -> tuple[PatternRow, ...]:
        """Issues with a pattern over contacts, or on which we failed; never a list of people.

        What ended without a decision (`ended`) is listed for so many `weeks`.
        """
        return viewed_patterns(desk, caller_of(request), weeks)


def _keeping_routes(router: APIRouter, desk: Desk) -> None:
    @router.get("/policy", tags=["policy"])
    def policy(request: Request) -> tuple[Clause, ...]:
        """The clauses as the policy file has them, with thresholds and next steps."""
        return tuple(desk.policy.clauses.values())

    @router.get("/policy/document", tags=["policy"])
    def document(request: Request) -> PolicyView:
        """The policy as its page has it: since when it is in use, its numbers in words, our standards, and what is off."""
        return viewed_policy(desk, caller_of(request))

    @router.get("/models", tags=["models"])
    def models(request: Request) -> tuple[ModelView, ...]:
        """The champion in use first, then every candidate, with their cards."""
        return model_views(desk.models.models()) if desk.models else ()

    @router.get("/sources", tags=["intake"])
    def sources(request: Request) -> IntakePage:
        """What is taken in: each source with its counts and lag, and what could not be read. No word of a customer."""
        return intake_page(desk.store, desk.clock(), desk.intake)

    @router.get("/health", tags=["health"])
    def health(request: Request) -> HealthPage:
        with desk.store.read() as unit:
            return health_page(unit, desk.clock())

    @router.get("/decisions", tags=["audit"])
    def decisions(request: Request) -> tuple[Stamping, ...]:
        """Who confirms nearly everything, or in a moment: a reason to talk. That it was looked at is on record."""
        return stamping_rows(viewed_decisions(desk, caller_of(request)))

    @router.get("/decisions/clauses", tags=["audit"])
    def clauses(request: Request) -> tuple[ClauseAnswers, ...]:
        """How often each clause of behaviour was confirmed, and how quickly; what was taken back is left out."""
        return clause_rows(viewed_decisions(desk, caller_of(request)), desk.policy)

    @router.get("/restrictions", tags=["issues"])
    def restrictions(request: Request) -> RestrictionsPage:
        """Warnings and agreements with their dates, what needs a person first. Nothing of it is ever carried out."""
        return viewed_restrictions(desk, caller_of(request))

    @router.get("/audit", tags=["audit"], response_class=StreamingResponse)
    def audit(request: Request, after: Annotated[int, Query(ge=0, lt=2**53)] = 0) -> StreamingResponse:
        """The audit chain as JSON lines in its order, from the entry that follows number ``after``. Exporting is on record."""
        caller = caller_of(request)
        with desk.writing(caller) as unit:
            unit.audit.append(
                at=desk.clock(),
                actor=caller.name,
                action="audit.exported",
                subject="audit",
                detail={"after": str(after)},
            )
        headers = {"content-disposition": 'attachment; filename="audit.jsonl"'}
        return StreamingResponse(_lines(desk, after), media_type="application/jsonl", headers=headers)


def _lines(desk: Desk, after: int) -> Iterator[str]:
    with desk.store.read() as unit:
        for entry in unit.audit.entries():
            if entry.seq > after:
                fields = asdict(entry) | {"at": entry.at.isoformat()}
                yield json.dumps(fields, ensure_ascii=False) + "\n"
