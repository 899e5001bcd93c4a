"""A flag's page with names masked, and their reveal to one person for a reason that the audit keeps."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from triage.reports.contacts import ContactView
from triage.reports.flag_views import FlagPage
from triage.reports.masking import Mask
from triage.store import Unit

REVEALED_FOR = timedelta(hours=1)
"""How long a reveal lasts for the person who asked, on that flag."""


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


def reveal(unit: Unit, flag_id: str, person: str, reason: str, now: datetime) -> datetime:
    """Shows names and addresses on a flag to one person for an hour; the reason is in the audit. Returns until when."""
    until = now + REVEALED_FOR
    unit.working.note_reveal(flag_id, person, until)
    unit.audit.append(at=now, actor=person, action="names.revealed", subject=flag_id, detail={"reason": reason})
    return until


def revealed_until(unit: Unit, flag_id: str, person: str, now: datetime) -> datetime | None:
    return unit.working.revealed_until(flag_id, person, now)
