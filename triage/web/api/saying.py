"""Who wrote, by the API: the questions, the evidence, what a person says of a link, and its undoing."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from triage.domain.ruling import Ruling
from triage.reports.identities import QuestionRow, RulingRow, question_rows
from triage.web.api.acting import Name, ReasonIn, Sent, acting
from triage.web.api.shapes import WhoOut, who_out
from triage.web.api.working import RevealedOut
from triage.web.desk import Desk
from triage.web.saying import (
    answers,
    named_identity,
    say_not,
    say_of_issue,
    say_one_person,
    say_same,
    take_back,
    viewed_identity,
)
from triage.web.schemas import LONGEST_TEXT
from triage.web.signed_in import caller_of

Why = Annotated[str, Field(default="", max_length=LONGEST_TEXT)]


class WhyIn(Sent):
    """Why, where there is more to say than yes or no."""

    reason: Why


class SameIn(WhyIn):
    """``person`` is an entry of the directory by reference; left empty, it is the person asked about."""

    person: str = Field(default="", max_length=200)


class JoinIn(WhyIn):
    """The entry of the directory with whom the writer is one person, by reference."""

    person: Name


class MoveIn(WhyIn):
    """An issue of the same household by id; "new" starts one."""

    issue: str = Field(min_length=1, max_length=40)


class PeopleOut(BaseModel):
    """What waits to be said, and what was said last, newest first."""

    waiting: tuple[QuestionRow, ...]
    said: tuple[RulingRow, ...]


class RulingOut(BaseModel):
    """What is kept of an answer; its id undoes it."""

    id: str
    kind: str
    contact_id: str


def say_routes(router: APIRouter, desk: Desk) -> None:
    @router.get("/people", tags=["people"])
    def questions(request: Request) -> PeopleOut:
        """Contacts that may be from a customer, with no name and no word of theirs."""
        with desk.reading(caller_of(request)) as unit:
            return PeopleOut(waiting=question_rows(unit), said=answers(unit))

    @router.get("/people/{contact_id}", tags=["people"])
    def who(request: Request, contact_id: str) -> WhoOut:
        """One contact, who it may be from and why, step by step; the view is on record (C27)."""
        return who_out(viewed_identity(desk, caller_of(request), contact_id))

    @router.post("/people/{contact_id}/names", tags=["people"])
    def names(request: Request, contact_id: str, sent: ReasonIn) -> RevealedOut:
        """Shows names and addresses of this contact to this person for an hour; the reason is in the audit."""
        caller = acting(request)
        with desk.writing(caller) as unit:
            return RevealedOut(until=named_identity(unit, desk, caller, contact_id, sent.reason))

    @router.post("/people/{contact_id}/same", tags=["people"], status_code=201)
    def same(request: Request, contact_id: str, sent: SameIn) -> RulingOut:
        """It is from the person asked about, or from the one who is named."""
        return _out(say_same(desk, acting(request), contact_id, sent.person, sent.reason))

    @router.post("/people/{contact_id}/not", tags=["people"], status_code=201)
    def not_same(request: Request, contact_id: str, sent: WhyIn) -> RulingOut:
        """It is not from the person asked about."""
        return _out(say_not(desk, acting(request), contact_id, sent.reason))

    @router.post("/people/{contact_id}/join", tags=["people"], status_code=201)
    def join(request: Request, contact_id: str, sent: JoinIn) -> RulingOut:
        """Whoever wrote it is one person with an entry of the directory."""
        return _out(say_one_person(desk, acting(request), contact_id, sent.person, sent.reason))

    @router.post("/people/{contact_id}/move", tags=["people"], status_code=201)
    def move(request: Request, contact_id: str, sent: MoveIn) -> RulingOut:
        """It belongs to another issue of the same household, or to a new one."""
        return _out(say_of_issue(desk, acting(request), contact_id, sent.issue, sent.reason))

    @router.post("/people/rulings/{ruling_id}/undo", tags=["people"], status_code=204)
    def undo(request: Request, ruling_id: str) -> None:
        """Takes an answer back with all that followed from it; 409 where it was undone before."""
        take_back(desk, acting(request), ruling_id)


def _out(ruling: Ruling) -> RulingOut:
    return RulingOut(id=ruling.id, kind=ruling.kind.value, contact_id=ruling.contacts[0])
