"""Pages with names masked, and their reveal to one person for a reason that the audit keeps."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from triage.domain.customer import others_named
from triage.domain.restriction import Restriction
from triage.domain.signal import Counted, Element
from triage.reports.contacts import ContactPage, ContactView
from triage.reports.flag_views import ClauseView, FlagPage
from triage.reports.identities import RulingRow, Step, WhoPage
from triage.reports.issues import IssuePage
from triage.reports.masking import Mask
from triage.reports.measures import Measure
from triage.reports.otherwise import OtherwiseView
from triage.reports.owed import OwedView
from triage.reports.restrictions import RestrictionRow, RestrictionsPage
from triage.reports.timeline import Timeline
from triage.reports.weighing import Weighing
from triage.store import Unit

REVEALED_FOR = timedelta(hours=1)
"""How long a reveal lasts for the person who asked, on that flag, contact or issue."""


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
    """A flag's page before anybody has asked for names: its title, all words of customers, and what stands beside them.

    How a person can be reached safely stays as it is: whoever is about to reply must not have to ask.
    """
    mask = mask_of(unit, page.flag.issue_id)
    return replace(
        page,
        title=mask.text(page.title),
        words=tuple(masked(view, mask) for view in page.words),
        clauses=tuple(_masked_clause(clause, mask) for clause in page.clauses),
        owed=_masked_owed(page.owed, mask),
        circumstances=tuple(map(mask.text, page.circumstances)),
        adjustments=tuple(map(mask.text, page.adjustments)),
        restrictions=_masked_restrictions(page.restrictions, mask),
        timeline=_masked_line(page.timeline, mask),
        representations=tuple(replace(one, text=mask.text(one.text)) for one in page.representations),
    )


def _masked_clause(clause: ClauseView, mask: Mask) -> ClauseView:
    return replace(
        clause,
        why=mask.text(clause.why),
        elements=_masked_elements(clause.elements, mask),
        counted=_masked_lines(clause.counted, mask),
        signals_for=tuple(replace(one, sentence=mask.text(one.sentence)) for one in clause.signals_for),
        signals_against=tuple(replace(one, sentence=mask.text(one.sentence)) for one in clause.signals_against),
        weighed=tuple(replace(one, sentence=mask.text(one.sentence)) for one in clause.weighed),
        what_would_change=mask.text(clause.what_would_change),
        without=tuple(replace(one, sentence=mask.text(one.sentence)) for one in clause.without),
        otherwise=masked_otherwise(clause.otherwise, mask),
    )


def _masked_elements(items: Iterable[Element], mask: Mask) -> tuple[Element, ...]:
    return tuple(replace(item, sentence=mask.text(item.sentence)) for item in items)


def masked_otherwise(items: Iterable[OtherwiseView], mask: Mask) -> tuple[OtherwiseView, ...]:
    return tuple(replace(item, sentence=mask.text(item.sentence)) for item in items)


def _masked_owed(items: Iterable[OwedView], mask: Mask) -> tuple[OwedView, ...]:
    return tuple(replace(item, about=mask.text(item.about), sentence=mask.text(item.sentence)) for item in items)


def _masked_restrictions(items: Iterable[Restriction], mask: Mask) -> tuple[Restriction, ...]:
    return tuple(replace(item, text=mask.text(item.text)) for item in items)


def _masked_line(line: Timeline | None, mask: Mask) -> Timeline | None:
    if line is None:
        return None
    return replace(line, rows=tuple(replace(row, note=mask.text(row.note)) for row in line.rows))


def masked_contact(unit: Unit, page: ContactPage) -> ContactPage:
    """A contact's page before anybody has asked for names. Our own addresses stay: they are routes and nobody's name."""
    mask, ours = mask_of(unit, page.issue_id, page.view.id), set(page.view.routes)
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


def _masked_weighing(item: Weighing, mask: Mask) -> Weighing:
    return replace(
        item,
        why=mask.text(item.why),
        elements=_masked_elements(item.elements, mask),
        counted=_masked_lines(item.counted, mask),
    )


def _masked_lines(
    lines: Iterable[tuple[Counted, ContactView | None]], mask: Mask
) -> tuple[tuple[Counted, ContactView | None], ...]:
    return tuple((replace(item, why=mask.text(item.why)), masked(view, mask) if view else None) for item, view in lines)


def masked_issue(unit: Unit, page: IssuePage) -> IssuePage:
    """An issue's page before anybody has asked for names: its title, the words on it, and what was noted beside them."""
    mask = mask_of(unit, page.issue_id)

    def told(done: tuple[Measure, ...]) -> tuple[Measure, ...]:
        return tuple(replace(item, note=mask.text(item.note)) for item in done)

    return replace(
        page,
        title=mask.text(page.title),
        timeline=_masked_line(page.timeline, mask),
        contacts=tuple(
            (masked(view, mask), replace(counted, why=mask.text(counted.why)) if counted else None)
            for view, counted in page.contacts
        ),
        findings=tuple((code, title, mask.text(why)) for code, title, why in page.findings),
        owed=_masked_owed(page.owed, mask),
        restrictions=_masked_restrictions(page.restrictions, mask),
        otherwise=tuple((title, masked_otherwise(items, mask)) for title, items in page.otherwise),
        weighed=tuple(_masked_weighing(item, mask) for item in page.weighed),
        adjustments=tuple(map(mask.text, page.adjustments)),
        circumstances=tuple(map(mask.text, page.circumstances)),
        done=replace(
            page.done,
            prevention=told(page.done.prevention),
            response=told(page.done.response),
            support=told(page.done.support),
        ),
    )


def masked_who(unit: Unit, page: WhoPage) -> WhoPage:
    """Who wrote, before anybody has asked for names: whether things are the same is told by the evidence, not by what they are."""
    mask = mask_of(unit, page.issue_id, page.contact.id, {page.ref})
    return replace(
        page,
        contact=masked(page.contact, mask),
        sender=mask.text(page.sender),
        on_file=tuple(dict.fromkeys(map(mask.text, page.on_file))),
        steps=_masked_steps(page.steps, mask),
        linked=_masked_steps(page.linked, mask),
        issue=mask.text(page.issue),
        others=tuple((issue_id, mask.text(title)) for issue_id, title in page.others),
        rulings=_masked_reasons(page.rulings, mask),
    )


def _masked_steps(steps: Iterable[Step], mask: Mask) -> tuple[Step, ...]:
    return tuple(replace(step, sentence=mask.text(step.sentence)) for step in steps)


def _masked_reasons(rows: Iterable[RulingRow], mask: Mask) -> tuple[RulingRow, ...]:
    return tuple(replace(row, reason=mask.text(row.reason)) for row in rows)


def masked_rulings(unit: Unit, rows: Sequence[RulingRow]) -> tuple[RulingRow, ...]:
    """A list of answers: why somebody gave one may name the person whom it was about."""
    ids = {row.contact_id for row in rows if row.contact_id}
    around = unit.contacts.some(ids)
    refs = {ref for ref, _ in unit.contacts.where_they_belong(ids).values() if ref}
    mask = Mask.over(unit.landlord.customers_by_ref(refs).values(), around.values())
    return _masked_reasons(rows, mask)


def masked_restriction_list(unit: Unit, page: RestrictionsPage, shown: Collection[str]) -> RestrictionsPage:
    """The list of restrictions; names stay on the issues (``shown``) for which somebody has asked."""

    def row_of(row: RestrictionRow) -> RestrictionRow:
        if row.issue_id is None or row.issue_id in shown:
            return row
        mask = mask_of(unit, row.issue_id)
        (one,) = _masked_restrictions([row.restriction], mask)
        return replace(row, title=mask.text(row.title), restriction=one)

    return replace(page, rows=tuple(map(row_of, page.rows)))


def mask_of(unit: Unit, issue_id: str | None, contact_id: str | None = None, others: Collection[str] = ()) -> Mask:
    """The mask over everybody whom an issue, or a contact without one, is about or from."""
    issue = unit.issues.get(issue_id) if issue_id else None
    alone = unit.contacts.get(contact_id) if contact_id and issue is None else None
    around = [(entry.contact, entry.who) for entry in unit.contacts.of_issue(issue.id)] if issue else []
    around += [(alone.contact, alone.who)] if alone else []
    refs = {ref for _, who in around for ref in (who.customer_ref, who.household_ref)} | set(others)
    people = unit.landlord.customers_by_ref(refs | ({issue.household_ref} if issue else set()))
    rivals = [name for _, who in around for name in others_named(who.evidence)]
    return Mask.over(people.values(), (contact for contact, _ in around), rivals)


def reveal(unit: Unit, subject: str, person: str, reason: str, now: datetime) -> datetime:
    """Shows names and addresses on a flag, contact or issue to one person for an hour; why is in the audit. Returns until when."""
    until = now + REVEALED_FOR
    unit.working.note_reveal(subject, person, until)
    unit.audit.append(at=now, actor=person, action="names.revealed", subject=subject, detail={"reason": reason})
    return until


def revealed_until(unit: Unit, subject: str, person: str, now: datetime) -> datetime | None:
    return unit.working.revealed_until(subject, person, now)
