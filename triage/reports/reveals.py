"""Pages with names masked, and their reveal to one person for a reason that the audit keeps."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from triage.domain.contact import Direction
from triage.reports.contacts import ContactPage, ContactView
from triage.reports.flag_views import FlagPage
from triage.reports.issues import IssuePage
from triage.reports.masking import Mask
from triage.reports.measures import Measure
from triage.store import Unit

REVEALED_FOR = timedelta(hours=1)
"""How long a reveal lasts for the person who asked, on that flag, contact or issue."""


def mask_for(unit: Unit, refs: Iterable[str], names: Iterable[str | None] = ()) -> Mask:
    """The mask over an issue's words: the people of these references, and the names under which they wrote."""
    return Mask(unit.landlord.customers_by_ref(refs).values(), names)


def masked(view: ContactView, mask: Mask) -> ContactView:
    """A contact as the page shows it, with names and addresses out of sight in its subject, words and turns."""
    return replace(
        view,
        subject=mask.pieces(view.subject),
        passages=tuple(replace(passage, pieces=mask.pieces(passage.pieces)) for passage in view.passages),
        turns=tuple(replace(turn, pieces=mask.pieces(turn.pieces)) for turn in view.turns),
        attachments=tuple(map(mask.text, view.attachments)),
        problems=tuple(map(mask.text, view.problems)),
    )


def masked_flag(unit: Unit, page: FlagPage) -> FlagPage:
    """A flag's page before anybody has asked for names: its title and all words of customers are masked."""
    around = unit.contacts.some({view.id for view in page.words})
    mask = mask_for(unit, {page.flag.customer_ref}, {contact.from_name for contact in around.values()})
    clauses = tuple(
        replace(
            clause,
            counted=tuple((item, masked(view, mask) if view else None) for item, view in clause.counted),
        )
        for clause in page.clauses
    )
    words = tuple(masked(view, mask) for view in page.words)
    return replace(page, title=mask.text(page.title), words=words, clauses=clauses)


def masked_contact(unit: Unit, page: ContactPage) -> ContactPage:
    """A contact's page before anybody has asked for names. Our own addresses stay: they are routes and nobody's name."""
    mask, ours = _mask_of(unit, page.issue_id, page.view.id), set(page.view.routes)
    return replace(
        page,
        view=masked(page.view, mask),
        names=mask.text(page.names),
        to=tuple(name if name in ours else mask.text(name) for name in page.to),
        cc=tuple(name if name in ours else mask.text(name) for name in page.cc),
        message_id=None,
        identified=tuple(map(mask.text, page.identified)),
        linked=tuple(map(mask.text, page.linked)),
    )


def masked_issue(unit: Unit, page: IssuePage) -> IssuePage:
    """An issue's page before anybody has asked for names: its title, the words on it, and what was noted beside them."""
    mask, line = _mask_of(unit, page.issue_id), page.timeline
    if line is not None:
        line = replace(line, rows=tuple(replace(row, note=mask.text(row.note)) for row in line.rows))

    def told(done: tuple[Measure, ...]) -> tuple[Measure, ...]:
        return tuple(replace(item, note=mask.text(item.note)) for item in done)

    return replace(
        page,
        title=mask.text(page.title),
        timeline=line,
        contacts=tuple((masked(view, mask), counted) for view, counted in page.contacts),
        findings=tuple((code, title, mask.text(why)) for code, title, why in page.findings),
        owed=tuple(replace(item, about=mask.text(item.about)) for item in page.owed),
        adjustments=tuple(map(mask.text, page.adjustments)),
        circumstances=tuple(map(mask.text, page.circumstances)),
        done=replace(
            page.done,
            prevention=told(page.done.prevention),
            response=told(page.done.response),
            support=told(page.done.support),
        ),
    )


def _mask_of(unit: Unit, issue_id: str | None, contact_id: str | None = None) -> Mask:
    """The mask over everybody whom an issue, or a contact without one, is about or from."""
    issue = unit.issues.get(issue_id) if issue_id else None
    alone = unit.contacts.get(contact_id) if contact_id and issue is None else None
    around = [(entry.contact, entry.who) for entry in unit.contacts.of_issue(issue.id)] if issue else []
    around += [(alone.contact, alone.who)] if alone else []
    refs = {ref for _, who in around for ref in (who.customer_ref, who.household_ref)}
    names = {contact.from_name for contact, _ in around if contact.direction is Direction.IN}
    return mask_for(unit, refs | ({issue.household_ref} if issue else set()), names)


def reveal(unit: Unit, subject: str, person: str, reason: str, now: datetime) -> datetime:
    """Shows names and addresses on a flag, contact or issue to one person for an hour; why is in the audit. Returns until when."""
    until = now + REVEALED_FOR
    unit.working.note_reveal(subject, person, until)
    unit.audit.append(at=now, actor=person, action="names.revealed", subject=subject, detail={"reason": reason})
    return until


def revealed_until(unit: Unit, subject: str, person: str, now: datetime) -> datetime | None:
    return unit.working.revealed_until(subject, person, now)
