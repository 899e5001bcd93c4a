"""What a person says of a link, kept by one function each for the page and its twin in the API; all of it can be undone."""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from triage.domain.customer import Customer
from triage.domain.ruling import Ruling, RulingKind
from triage.identity.normal import address_key
from triage.ports import LinkDesk
from triage.reports.identities import RulingRow, WhoPage, anchor_of, ruling_rows, who_page
from triage.reports.reveals import masked_rulings, masked_who, reveal, revealed_until
from triage.store import Unit
from triage.web.desk import Desk
from triage.web.refusals import Refusal, not_found
from triage.web.signed_in import SignedIn
from triage.web.viewing import flagged_abuse, put_on_record

NEW_ISSUE = "new"


def viewed_identity(desk: Desk, caller: SignedIn, contact_id: str) -> WhoPage:
    """One contact and the evidence of its links, names masked until they are asked for; the view is put on record (C27)."""
    now = desk.clock()
    with desk.reading(caller) as unit:
        view = _visible(unit, contact_id)
        abuse = flagged_abuse(unit, desk, caller, view.issue_id) if view.issue_id else {}
        view = replace(view, contact=replace(view.contact, abuse=abuse.get(contact_id, ())))
        on_issue = revealed_until(unit, view.issue_id, caller.name, now) if view.issue_id else None
        until = revealed_until(unit, contact_id, caller.name, now) or on_issue
        view = replace(view, names_until=until) if until else masked_who(unit, view)
    put_on_record(desk, caller, "identity.viewed", contact_id)
    return view


def named_identity(unit: Unit, desk: Desk, caller: SignedIn, contact_id: str, reason: str) -> datetime:
    """Shows this person the names of one contact for an hour, here and on its own page; the reason is on record (C34)."""
    _visible(unit, contact_id)
    return reveal(unit, contact_id, caller.name, reason, desk.clock())


def answers(unit: Unit) -> tuple[RulingRow, ...]:
    """What people have said last, with the names in their reasons masked."""
    return masked_rulings(unit, ruling_rows(unit))


def say_same(desk: Desk, caller: SignedIn, contact_id: str, person: str, reason: str) -> Ruling:
    """The contact is from the person asked about, or from another of the directory where ``person`` names one."""
    with desk.reading(caller) as unit:
        view = _visible(unit, contact_id)
        known = _person(unit, person or view.ref)
    return _said(desk, caller, RulingKind.FROM, contact_id, reason, person=known.ref)


def say_not(desk: Desk, caller: SignedIn, contact_id: str, reason: str) -> Ruling:
    """The contact is not from the person asked about; nor is any other from an address that is not on their file."""
    with desk.reading(caller) as unit:
        known = _person(unit, _visible(unit, contact_id).ref)
        key = _own_key(unit, contact_id, known)
    return _said(desk, caller, RulingKind.NOT_FROM, contact_id, reason, person=known.ref, other=key)


def say_one_person(desk: Desk, caller: SignedIn, contact_id: str, person: str, reason: str) -> Ruling:
    """Everything of whoever wrote this contact is one person's with an entry of the directory."""
    with desk.reading(caller) as unit:
        view, known = _visible(unit, contact_id), _person(unit, person)
    if view.ref == known.ref or view.ref.startswith("contact:"):
        raise Refusal(422, "Nothing to join", "Name another entry of the directory, or answer for this contact alone.")
    return _said(desk, caller, RulingKind.JOINED, contact_id, reason, person=known.ref, other=view.ref)


def say_of_issue(desk: Desk, caller: SignedIn, contact_id: str, issue: str, reason: str) -> Ruling:
    """The contact belongs to another issue of the same household, or to a new one (``issue`` is "new")."""
    with desk.reading(caller) as unit:
        view = _visible(unit, contact_id)
        if issue != NEW_ISSUE and issue not in {issue_id for issue_id, _ in view.others}:
            raise not_found("issue")
        anchor = None if issue == NEW_ISSUE else anchor_of(unit, issue)
    new = uuid4().hex if anchor is None else None
    return _said(desk, caller, RulingKind.MOVED, contact_id, reason, anchor=anchor, issue_id=new)


def take_back(desk: Desk, caller: SignedIn, ruling_id: str) -> None:
    """Takes back what a person said; everything that followed from it is undone. Raises ConflictError where it was before."""
    with desk.reading(caller) as unit:
        found = unit.rulings.get(ruling_id)
        about = found.ruling.contacts if found else ()
        if found is None or unit.contacts.safeguarded(about) or unit.seen.contacts(about) != set(about):
            raise not_found("answer")
    _links(desk).undo(ruling_id, caller.name)


def _visible(unit: Unit, contact_id: str) -> WhoPage:
    view = who_page(unit, contact_id)
    if view is None:
        raise not_found("contact")
    return view


def _person(unit: Unit, ref: str) -> Customer:
    """An entry of the directory; raises Refusal 404 where there is none of that reference."""
    found = unit.landlord.customers_by_ref([ref]).get(ref)
    if found is None:
        raise Refusal(
            404, "No such customer", "Nobody in the directory has this customer reference. Go back and correct it."
        )
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
) -> Ruling:
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
    _links(desk).rule(ruling)
    return ruling


def _links(desk: Desk) -> LinkDesk:
    if desk.links is None:
        raise Refusal(409, "Nothing is taken up here", "These pages run without the reading service. Start triage run.")
    return desk.links
