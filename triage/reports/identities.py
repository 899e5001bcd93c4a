"""Who wrote, for people to say: questions that wait, and one contact with the evidence of its links, step by step."""

from dataclasses import dataclass
from datetime import datetime
from math import exp

from triage.domain.contact import Contact, Direction
from triage.domain.customer import Customer, Identification, LinkEvidence, Zone
from triage.domain.issue import IssueLink
from triage.domain.ruling import Ruled, RulingKind
from triage.reports.contacts import CHANNELS, ContactView, view_of
from triage.reports.marked import seen
from triage.reports.our_side import told_title
from triage.reports.people import pseudonym
from triage.reports.veil import Veil
from triage.store import Unit
from triage.store.contacts import Placed

CLEAR, SOME = 3.0, 1.0
"""Log-odds: e to the 3rd is twenty times as likely; bare numbers read as more than they are (C3)."""
ANSWERED = {
    RulingKind.FROM: "This contact is from them",
    RulingKind.NOT_FROM: "This contact is not from them",
    RulingKind.JOINED: "Two entries are one person",
    RulingKind.MOVED: "Moved to another issue",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the waterfall: what it says, how strongly, and how likely the link is after it (None: not a chance)."""

    sentence: str
    speaks: str
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """A contact that waits for a person to say who wrote; no word of it and no name."""

    contact_id: str
    at: datetime
    channel: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingRow:
    id: str
    what: str
    at: datetime
    by: str
    contact_id: str | None
    reason: str
    undone_at: datetime | None
    undone_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoPage:
    """One contact: who it may be from and why, the issue it is on and why, and what else it could be.

    Names and addresses are masked unless ``names_until`` says until when this person is shown them.
    """

    contact: ContactView
    sender: str
    zone: Zone
    ref: str
    known: Customer | None
    on_file: tuple[str, ...]
    writes_for: str | None
    steps: tuple[Step, ...]
    linked: tuple[Step, ...]
    issue_id: str | None
    issue: str
    others: tuple[tuple[str, str], ...]
    rulings: tuple[RulingRow, ...]
    incoming: bool
    names_until: datetime | None = None


def question_rows(unit: Unit) -> tuple[QuestionRow, ...]:
    """Newest first; what is with safeguarding is not asked here (C27)."""
    ids = unit.rulings.questions()
    told = unit.seen.contacts(ids) - unit.contacts.safeguarded(ids)
    placed = [found for id in ids if id in told and (found := unit.contacts.get(id)) is not None]
    return tuple(
        QuestionRow(
            contact_id=found.contact.id,
            at=found.contact.at,
            channel=CHANNELS[found.contact.channel],
            who=pseudonym(found.who.customer_ref, found.who.role),
        )
        for found in placed
    )


def ruling_rows(unit: Unit, contact_id: str | None = None) -> tuple[RulingRow, ...]:
    """The last rulings, newest first; of one contact where it is named."""
    found = unit.rulings.newest()
    about = {id for one in found for id in one.ruling.contacts}
    told = unit.seen.contacts(about) - unit.contacts.safeguarded(sorted(about))
    return tuple(
        _row(one)
        for one in found
        if (contact_id is None or contact_id in one.ruling.contacts) and told.issuperset(one.ruling.contacts)
    )


def _row(found: Ruled) -> RulingRow:
    ruling = found.ruling
    return RulingRow(
        id=ruling.id,
        what=ANSWERED[ruling.kind],
        at=ruling.at,
        by=ruling.by,
        contact_id=next(iter(ruling.contacts), None),
        reason=seen(ruling.reason),
        undone_at=found.undone_at,
        undone_by=found.undone_by,
    )


def who_page(unit: Unit, contact_id: str) -> WhoPage | None:
    """None where there is no such contact, where it is another team's, or where it is with safeguarding."""
    placed = unit.contacts.get(contact_id)
    if placed is None or not unit.seen.contact(contact_id) or unit.contacts.safeguarded([contact_id]):
        return None
    around = [entry.contact for entry in unit.contacts.of_issue(placed.issue_id)] if placed.issue_id else []
    veil = Veil.over(unit, [*around, placed.contact], safeguarding=False)
    who, known = placed.who, unit.landlord.customers_by_ref([placed.who.customer_ref]).get(placed.who.customer_ref)
    return WhoPage(
        contact=view_of(placed.contact, who, veil),
        sender=_sender(placed.contact),
        zone=who.zone,
        ref=who.customer_ref,
        known=known,
        on_file=_on_file(known),
        writes_for=pseudonym(who.writes_for) if who.writes_for else None,
        steps=waterfall(who),
        linked=_of_link(placed.link),
        issue_id=placed.issue_id,
        issue=_title(unit, placed.issue_id, veil),
        others=_others(unit, placed),
        rulings=ruling_rows(unit, contact_id),
        incoming=placed.contact.direction is Direction.IN,
    )


def _sender(contact: Contact) -> str:
    if not contact.from_name:
        return seen(contact.from_addr or "") or "No name and no address"
    return seen(f"{contact.from_name} <{contact.from_addr}>" if contact.from_addr else contact.from_name)


def _on_file(known: Customer | None) -> tuple[str, ...]:
    if known is None:
        return ()
    parts = [
        ("Name", known.name),
        *(("E-mail", one) for one in known.emails),
        *(("Phone", one) for one in known.phones),
    ]
    parts += [("Tenancy", known.tenancy_ref), ("Address", known.address)]
    return tuple(f"{what}: {seen(part)}" for what, part in parts if part)


def waterfall(who: Identification) -> tuple[Step, ...]:
    """Each step of the evidence, with how likely this person is after it; a step without weight changes nothing."""
    total, steps = 0.0, []
    for step in who.evidence:
        total += step.weight
        steps.append(_step(step, chance(total) if step.weight else None))
    return tuple(steps)


def chance(total: float) -> str:
    """Log-odds as people say them."""
    share = 1 / (1 + exp(-max(-30.0, min(30.0, total))))
    if share < 0.01:
        return "less than 1 in 100"
    return "more than 99 in 100" if share > 0.99 else f"about {round(100 * share)} in 100"


def _of_link(link: IssueLink | None) -> tuple[Step, ...]:
    return tuple(_step(step, None) for step in link.evidence) if link is not None else ()


def _step(step: LinkEvidence, after: str | None) -> Step:
    size = abs(step.weight)
    side = "for it" if step.weight > 0 else "against it"
    strength = "clearly" if size >= CLEAR else "somewhat" if size >= SOME else "a little"
    speaks = "to know" if step.weight == 0 else "the start" if step.kind == "start" else f"{strength} {side}"
    return Step(sentence=seen(step.sentence), speaks=speaks, after=after)


def _others(unit: Unit, placed: Placed) -> tuple[tuple[str, str], ...]:
    """The other issues of this person and household to which the contact can be moved, with titles that hide no secret."""
    people = [placed.who.household_ref, placed.who.customer_ref]
    found = []
    around = unit.issues.around(*people)
    known = unit.seen.issues({issue.id for issue in around}) - {placed.issue_id}
    for issue in around:
        if issue.id not in known:
            continue
        entries = unit.contacts.of_issue(issue.id)
        veil = Veil.over(unit, (entry.contact for entry in entries), safeguarding=False)
        if entries or unit.landlord.records_of_issue(issue.id):
            found.append((issue.id, seen(veil.title(issue.title)) or "No subject"))
    return tuple(found)


def _title(unit: Unit, issue_id: str | None, veil: Veil) -> str:
    issue = unit.issues.get(issue_id) if issue_id else None
    return told_title(issue.title, unit.landlord.records_of_issue(issue.id), veil) if issue is not None else ""


def anchor_of(unit: Unit, issue_id: str) -> str | None:
    """The first thing on an issue, by which the issue is known whatever becomes of its number."""
    entries, records = unit.contacts.of_issue(issue_id), unit.landlord.records_of_issue(issue_id)
    things = [(entry.contact.at, entry.contact.id) for entry in entries] + [(one.at, one.id) for one in records]
    return min(things)[1] if things else None
