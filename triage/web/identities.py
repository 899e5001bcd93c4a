"""Who is this? Questions on who wrote, the evidence of each link, and what a person says of it; all of it can be undone."""

from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from triage.domain.customer import Customer
from triage.domain.ruling import Ruling, RulingKind
from triage.identity.normal import address_key
from triage.reports.identities import WhoPage, anchor_of, question_rows, ruling_rows, who_page
from triage.store import Unit
from triage.web.desk import Desk
from triage.web.refusals import Refusal, not_found
from triage.web.schemas import LONGEST_TEXT, Form, TokenForm, checked
from triage.web.signed_in import SignedIn, caller_of, check_token


class WhoForm(TokenForm):
    """Somebody of the directory by reference; without one, the person asked about."""

    person: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=LONGEST_TEXT)


class MoveForm(TokenForm):
    """An issue of the same household; "new" starts one."""

    issue: str = Field(min_length=1, max_length=40)
    reason: str = Field(default="", max_length=LONGEST_TEXT)


def identity_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/people", response_class=HTMLResponse)
    def questions(request: Request) -> Response:
        """What waits, and what has been said: no name and no word of a customer."""
        with desk.store.read() as unit:
            waiting, said = question_rows(unit), ruling_rows(unit)
        done = request.query_params.get("done")
        return desk.page(request, "people.html", waiting=waiting, said=said, done=done, takes=desk.links is not None)

    @router.get("/people/{contact_id}", response_class=HTMLResponse)
    def who(request: Request, contact_id: str) -> Response:
        """One contact with names and addresses; the view is put on record (C27)."""
        caller = caller_of(request)
        with desk.store.begin() as unit:
            view = _visible(unit, contact_id)
            unit.audit.append(at=desk.clock(), actor=caller.name, action="identity.viewed", subject=contact_id)
        done = request.query_params.get("done")
        return desk.page(request, "who.html", view=view, done=done, takes=desk.links is not None)

    @router.post("/people/{contact_id}/same")
    def same(request: Request, contact_id: str, fields: Form) -> Response:
        """The contact is from the person asked about, or from another of the directory whom the form names."""
        form, caller = checked(WhoForm, fields), caller_of(request)
        check_token(caller, form.token)
        with desk.store.read() as unit:
            person = _person(unit, form.person or _visible(unit, contact_id).ref)
        return _said(desk, caller, RulingKind.FROM, contact_id, form.reason, person=person.ref)

    @router.post("/people/{contact_id}/not")
    def not_same(request: Request, contact_id: str, fields: Form) -> Response:
        """The contact is not from the person asked about; nor is any other from an address that is not on their file."""
        form, caller = checked(WhoForm, fields), caller_of(request)
        check_token(caller, form.token)
        with desk.store.read() as unit:
            view = _visible(unit, contact_id)
            person = _person(unit, view.ref)
            key = _own_key(unit, contact_id, person)
        return _said(desk, caller, RulingKind.NOT_FROM, contact_id, form.reason, person=person.ref, other=key)

    @router.post("/people/{contact_id}/join")
    def join(request: Request, contact_id: str, fields: Form) -> Response:
        """Everything of whoever wrote this contact is one person's with an entry of the directory."""
        form, caller = checked(WhoForm, fields), caller_of(request)
        check_token(caller, form.token)
        with desk.store.read() as unit:
            view, person = _visible(unit, contact_id), _person(unit, form.person)
        if view.ref == person.ref or view.ref.startswith("contact:"):
            raise Refusal(
                422, "Nothing to join", "Name another entry of the directory, or answer for this contact alone."
            )
        return _said(desk, caller, RulingKind.JOINED, contact_id, form.reason, person=person.ref, other=view.ref)

    @router.post("/people/{contact_id}/move")
    def move(request: Request, contact_id: str, fields: Form) -> Response:
        """The contact belongs to another issue of the same household, or to a new one."""
        form, caller = checked(MoveForm, fields), caller_of(request)
        check_token(caller, form.token)
        with desk.store.read() as unit:
            view = _visible(unit, contact_id)
            if form.issue != "new" and form.issue not in {issue_id for issue_id, _ in view.others}:
                raise not_found("issue")
            anchor = None if form.issue == "new" else anchor_of(unit, form.issue)
        new = uuid4().hex if anchor is None else None
        return _said(desk, caller, RulingKind.MOVED, contact_id, form.reason, anchor=anchor, issue_id=new)

    @router.post("/people/rulings/{ruling_id}/undo")
    def undo(request: Request, ruling_id: str, fields: Form) -> Response:
        """Takes back what a person said; everything that followed from it is undone."""
        caller = caller_of(request)
        check_token(caller, checked(TokenForm, fields).token)
        with desk.store.read() as unit:
            found = unit.rulings.get(ruling_id)
            if found is None or unit.contacts.safeguarded(found.ruling.contacts):
                raise not_found("answer")
        if desk.links is None:
            raise _nothing_taken()
        desk.links.undo(ruling_id, caller.name)
        return RedirectResponse("/people?done=undone", status_code=303)

    return router


def _visible(unit: Unit, contact_id: str) -> WhoPage:
    view = who_page(unit, contact_id)
    if view is None:
        raise not_found("contact")
    return view


def _person(unit: Unit, ref: str) -> Customer:
    """An entry of the directory; raises Refusal 404 where there is none of that reference."""
    found = unit.landlord.customers_by_ref([ref]).get(ref)
    if found is None:
        raise not_found("entry of the directory")
    return found


def _own_key(unit: Unit, contact_id: str, person: Customer) -> str | None:
    """The sender's address, unless it is on the person's file: then others may use it too, and it stays a question."""
    placed = unit.contacts.get(contact_id)
    key = address_key(placed.contact.from_addr) if placed and placed.contact.from_addr else None
    on_file = {address_key(address) for address in (*person.emails, *person.phones)}
    return None if key in on_file else key


def _said(
    desk: Desk,
    caller: SignedIn,
    kind: RulingKind,
    contact_id: str,
    reason: str,
    *,
    person: str | None = None,
    other: str | None = None,
    anchor: str | None = None,
    issue_id: str | None = None,
) -> Response:
    if desk.links is None:
        raise _nothing_taken()
    ruling = Ruling(
        id=uuid4().hex,
        kind=kind,
        at=desk.clock(),
        by=caller.name,
        contacts=(contact_id,),
        person=person,
        other=other,
        anchor=anchor,
        issue_id=issue_id,
        reason=reason,
    )
    desk.links.rule(ruling)
    return RedirectResponse(f"/people/{contact_id}?done=said", status_code=303)


def _nothing_taken() -> Refusal:
    return Refusal(409, "Nothing is taken up here", "These pages run without the reading service. Start triage run.")
