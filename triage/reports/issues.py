"""For managers: issues with a pattern or with a failure of ours, and one timeline for each. No list of people, no score."""

from dataclasses import dataclass
from datetime import datetime

from triage.domain.flag import FlagKind, FlagState
from triage.domain.issue import Issue
from triage.domain.policy import Admissible, Policy
from triage.domain.signal import Assessment, Counted
from triage.reports.contacts import ContactView, view_of
from triage.reports.marked import seen
from triage.reports.measures import Measures, measures
from triage.reports.owed import OwedState, OwedView, is_late, owed_views
from triage.reports.people import pseudonym
from triage.reports.timeline import Timeline, timeline
from triage.reports.veil import Veil, circumstances
from triage.store import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternRow:
    issue_id: str
    title: str
    who: str
    opened: datetime
    codes: tuple[tuple[str, str], ...]
    contacts: int
    routes: int
    replies: int
    we_are_late: bool
    late_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePage:
    issue_id: str
    title: str
    who: str
    opened: datetime
    findings: tuple[tuple[str, str, str], ...]
    cannot_judge: tuple[str, ...]
    owed: tuple[OwedView, ...]
    late: bool
    circumstances: tuple[str, ...]
    adjustments: tuple[str, ...]
    timeline: Timeline | None
    contacts: tuple[tuple[ContactView, Counted | None], ...]
    flags: tuple[tuple[str, str, str, datetime], ...]
    with_safeguarding: bool
    done: Measures


def pattern_rows(unit: Unit, policy: Policy, now: datetime) -> tuple[PatternRow, ...]:
    """Issues on which a pattern over contacts was flagged, or on which we failed; those where we are late first, then oldest."""
    kinds = (FlagKind.BEHAVIOUR, FlagKind.SERVICE_FAILURE)
    by_issue: dict[str, set[str]] = {}
    for flag in unit.flags.listed(states=(FlagState.OPEN, FlagState.DECIDED), kinds=kinds):
        codes = {code.code for code in flag.codes if policy.clause(code.code).admissible is not Admissible.WORDS}
        if codes:
            by_issue.setdefault(flag.issue_id, set()).update(codes)
    rows = [
        _row(unit, policy, issue, by_issue[issue.id], now)
        for issue_id in by_issue
        if (issue := unit.issues.get(issue_id)) is not None
    ]
    return tuple(sorted(rows, key=lambda row: (not row.we_are_late, row.opened)))


def _row(unit: Unit, policy: Policy, issue: Issue, codes: set[str], now: datetime) -> PatternRow:
    entries = unit.contacts.of_issue(issue.id)
    veil = Veil.over(unit, (entry.contact for entry in entries), safeguarding=False)
    incoming = [entry.contact for entry in entries if entry.contact.direction == "in"]
    assessment = unit.issues.last_assessment(issue.id)
    owed = owed_views(assessment, now)
    return PatternRow(
        issue_id=issue.id,
        title=seen(veil.title(issue.title)) or "No subject",
        who=pseudonym(issue.household_ref),
        opened=issue.opened,
        codes=tuple((code, policy.clause(code).title) for code in policy.clauses if code in codes),
        contacts=len(incoming),
        routes=len({route for contact in incoming for route in contact.routes}),
        replies=len(entries) - len(incoming),
        we_are_late=is_late(assessment, now),
        late_count=sum(item.state in (OwedState.LATE, OwedState.DONE_LATE) for item in owed),
    )


def issue_page(unit: Unit, policy: Policy, issue_id: str, now: datetime) -> IssuePage | None:
    """One issue with its whole line of time; None where there is no such issue."""
    issue = unit.issues.get(issue_id)
    if issue is None:
        return None
    entries = unit.contacts.of_issue(issue.id)
    veil = Veil.over(unit, (entry.contact for entry in entries), safeguarding=False)
    last = unit.issues.last_assessment(issue.id)
    records = unit.landlord.records_of_issue(issue.id)
    owed = owed_views(last, now, records)
    counted = _counted(last)
    people = {issue.household_ref} | {entry.who.customer_ref for entry in entries}
    states = (FlagState.OPEN, FlagState.DECIDED)
    seen_kinds = tuple(kind for kind in FlagKind if kind is not FlagKind.SAFEGUARDING)
    flags = unit.flags.listed(states=states, kinds=seen_kinds, issue_id=issue.id)
    return IssuePage(
        issue_id=issue.id,
        title=seen(veil.title(issue.title)) or "No subject",
        who=pseudonym(issue.household_ref),
        opened=issue.opened,
        findings=_findings(last, policy, veil),
        cannot_judge=last.cannot_judge if last else (),
        owed=owed,
        late=any(item.state is OwedState.LATE for item in owed),
        circumstances=circumstances(last.circumstances if last else (), safeguarding=False),
        adjustments=tuple(
            dict.fromkeys(
                seen(text) for person in unit.landlord.customers_by_ref(people).values() for text in person.adjustments
            )
        ),
        timeline=timeline(entries, records, owed, counted, veil, now),
        contacts=tuple((view_of(entry.contact, entry.who, veil), counted.get(entry.contact.id)) for entry in entries),
        flags=tuple(
            (flag.id, ", ".join(policy.clause(code.code).title for code in flag.codes), flag.state.value, flag.opened)
            for flag in flags
        ),
        with_safeguarding=veil.drawn,
        done=measures(unit, policy, records, flags),
    )


def _counted(last: Assessment | None) -> dict[str, Counted]:
    """Of each contact: counted by any pattern wins over not counted, because that is what a person should check."""
    found: dict[str, Counted] = {}
    for finding in last.findings if last else ():
        for item in finding.counted:
            if item.contact_id not in found or item.counted:
                found[item.contact_id] = item
    return found


def _findings(last: Assessment | None, policy: Policy, veil: Veil) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (finding.code, policy.clause(finding.code).title, "" if veil.hides_all(finding.contacts) else seen(finding.why))
        for finding in (last.findings if last else ())
        if finding.code in policy.clauses and finding.code != "S0"
    )
