"""What was weighed on an issue and came to nothing, beside what is put forward: nobody has to guess why there is no flag (behaviours A.14)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.domain.issue import History, Issue
from triage.domain.owed import owed_replies
from triage.domain.persistence import measure
from triage.domain.policy import Policy
from triage.domain.signal import Assessment, Counted, Element, Judgement, Pattern
from triage.domain.workdays import WorkingDays
from triage.reports.contacts import ContactView
from triage.reports.marked import seen
from triage.reports.otherwise import judged_history
from triage.reports.people import pseudonym
from triage.reports.veil import Veil
from triage.store import Unit

FEWEST = 3
"""Contacts of one person from which continual contact is worth a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """One clause as weighed for one person: whether it is put forward, why or why not, and each contact counted or not."""

    code: str
    title: str
    who: str
    judgement: Judgement
    why: str
    elements: tuple[Element, ...]
    counted: tuple[tuple[Counted, ContactView | None], ...]


def weighed_views(
    unit: Unit,
    issue: Issue,
    last: Assessment | None,
    policy: Policy,
    workdays: WorkingDays,
    veil: Veil,
    contacts: Mapping[str, ContactView],
) -> tuple[Weighing, ...]:
    """Every clause towards which something counts, as judged at the last look; computed when the page is opened, never stored."""
    if last is None:
        return ()
    history = judged_history(unit, issue, last, policy)
    patterns = _patterns(history, policy, last, workdays)
    return tuple(
        Weighing(
            code=pattern.code,
            title=policy.clause(pattern.code).title,
            who=pseudonym(pattern.customer_ref),
            judgement=pattern.judgement,
            why="" if veil.hides_any(pattern.towards) else seen(pattern.why),
            elements=() if veil.hides_any(pattern.towards) else pattern.elements,
            counted=tuple((line, contacts.get(line.contact_id)) for line in pattern.counted),
        )
        for pattern in sorted(patterns, key=lambda pattern: policy.clause(pattern.code).urgency)
        if _is_worth_a_line(pattern)
    )


def _patterns(history: History, policy: Policy, last: Assessment, workdays: WorkingDays) -> Sequence[Pattern]:
    return measure(history, tuple(owed_replies(history, last.at, workdays)), policy, last.at, workdays)


def _is_worth_a_line(pattern: Pattern) -> bool:
    """What we failed in stands on the page as owed."""
    if pattern.code == "service_failure":
        return False
    return bool(pattern.towards) or (pattern.code == "P1" and len(pattern.counted) >= FEWEST)


def counted_by_any(lines: Iterable[tuple[Counted, ContactView | None]]) -> dict[str, Counted]:
    """Of each contact: counted by any clause wins over not counted, because that is what a person should check."""
    found: dict[str, Counted] = {}
    for item, _ in lines:
        if item.contact_id not in found or (item.counted and not found[item.contact_id].counted):
            found[item.contact_id] = item
    return found
