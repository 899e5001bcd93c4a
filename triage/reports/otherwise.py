"""What would have changed a pattern on a flag, as sentences for its page: computed when the page is opened, never stored."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from triage.domain.flag import Flag
from triage.domain.issue import History, Issue
from triage.domain.otherwise import Change, Otherwise, what_would_have_changed
from triage.domain.policy import Admissible, Policy
from triage.domain.signal import Assessment
from triage.domain.workdays import WorkingDays
from triage.following import standards_for
from triage.reports.marked import seen
from triage.reports.veil import Veil
from triage.store import Unit

CHANGES = {
    Change.IN_TIME: "Had we been in time",
    Change.FEWER: "With fewer contacts",
    Change.NOT_MADE: "Had a contact not been counted",
    Change.NO_FACT: "Without a record or message of ours",
    Change.QUIET: "If nothing more comes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherwiseView:
    """One change; ``contact_id`` where it is about one contact or message that the reader may open."""

    what: str
    sentence: str
    contact_id: str | None = None


def judged_history(unit: Unit, issue: Issue, last: Assessment, policy: Policy) -> History:
    """What is known of an issue, to be judged again as it was at its last look."""
    history = unit.issues.history(issue, feed_fresh=not last.cannot_judge)
    return replace(history, standards=standards_for(history, unit.landlord.standards(), policy.standards))


def otherwise_views(
    unit: Unit, flag: Flag, policy: Policy, workdays: WorkingDays, veil: Veil
) -> Mapping[str, tuple[OtherwiseView, ...]]:
    """By code, for the flag's clauses that rest on contacts over time; as judged when their newest evidence came.

    Where only a later record made it a pattern, as judged at the last look. A clause that words alone raise is not here
    (reports.changes answers for those), nor a sentence about a contact that is with safeguarding.
    """
    issue, last = unit.issues.get(flag.issue_id), unit.issues.last_assessment(flag.issue_id)
    codes = [code for code in flag.codes if policy.clause(code.code).admissible is not Admissible.WORDS]
    if issue is None or last is None or not codes:
        return {}
    history = judged_history(unit, issue, last, policy)
    contacts = {entry.contact.id for entry in history.entries}
    views: dict[str, tuple[OtherwiseView, ...]] = {}
    for code in codes:
        found: tuple[Otherwise, ...] = ()
        for at in dict.fromkeys((min(code.last_evidence_at, last.at), last.at)):
            found = found or what_would_have_changed(
                history, policy, at, workdays, code=code.code, person=flag.customer_ref
            )
        views[code.code] = tuple(_view(item, contacts) for item in found if not veil.hides_any(item.about))
    return views


def _view(item: Otherwise, contacts: Collection[str]) -> OtherwiseView:
    one = item.about[0] if len(item.about) == 1 else None
    return OtherwiseView(
        what=CHANGES[item.change], sentence=seen(item.sentence), contact_id=one if one in contacts else None
    )
