"""For managers: issues with a pattern or with a failure of ours, and one timeline for each. No list of people, no score."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.issue import Issue
from triage.domain.policy import Admissible, Policy
from triage.domain.restriction import Restriction
from triage.domain.signal import Assessment, Counted
from triage.domain.workdays import WorkingDays
from triage.reports.contacts import ContactView, view_of
from triage.reports.looking_back import LookingBack
from triage.reports.marked import seen
from triage.reports.masking import Mask
from triage.reports.measures import Measures, measures
from triage.reports.otherwise import OtherwiseView, otherwise_views
from triage.reports.our_side import told_records, told_title
from triage.reports.owed import OwedState, OwedView, is_late, owed_views
from triage.reports.people import pseudonym
from triage.reports.restrictions import of_issue
from triage.reports.timeline import Timeline, timeline
from triage.reports.veil import Veil, circumstances
from triage.reports.volume import Volume, volume
from triage.reports.weighing import Weighing, counted_by_any, weighed_views
from triage.store import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternRow:
    """One issue; ``prevention``, ``response`` and ``support`` count what is on record as done (policy 4.0).

    ``abuse`` are the clauses on abuse that it was flagged for, as far as whoever looks may know. ``ended`` are those of
    ``codes`` whose flags lapsed before anybody had decided them, with when: what we failed at does not vanish with it.
    """

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
    prevention: int = 0
    response: int = 0
    support: int = 0
    abuse: tuple[str, ...] = ()
    ended: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseDone:
    """One clause over all issues on which it was put before a person: on how many we were late, and what was done on how many."""

    code: str
    title: str
    issues: int
    late: int
    prevention: int
    response: int
    support: int


def by_clause(rows: Sequence[PatternRow], policy: Policy) -> tuple[ClauseDone, ...]:
    """What was done, by clause, in the order of the policy; evidence that the duty was met, or that it was not."""
    done = []
    for code, clause in policy.clauses.items():
        those = [row for row in rows if code in {each for each, _ in row.codes}]
        if those:
            done.append(
                ClauseDone(
                    code=code,
                    title=clause.title,
                    issues=len(those),
                    late=sum(row.late_count > 0 for row in those),
                    prevention=sum(row.prevention > 0 for row in those),
                    response=sum(row.response > 0 for row in those),
                    support=sum(row.support > 0 for row in those),
                )
            )
    return tuple(done)


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
    restrictions: tuple[Restriction, ...] = ()
    volume: Volume | None = None
    otherwise: tuple[tuple[str, tuple[OtherwiseView, ...]], ...] = ()
    weighed: tuple[Weighing, ...] = ()
    names_until: datetime | None = None
    abuse: tuple[str, ...] = ()


def pattern_rows(
    unit: Unit, policy: Policy, now: datetime, back: LookingBack = LookingBack.TWELVE
) -> tuple[PatternRow, ...]:
    """Issues on which a pattern over contacts was flagged, or on which we failed; those where we are late first, then oldest.

    Those whose flags have all ended without a decision, within the period (``back``), come last.
    """
    kinds = (FlagKind.BEHAVIOUR, FlagKind.SERVICE_FAILURE)
    listed = unit.flags.listed(states=(FlagState.OPEN, FlagState.DECIDED), kinds=kinds)
    listed += unit.flags.listed(states=(FlagState.LAPSED,), kinds=kinds, changed_since=now - back.period)
    flags_of: dict[str, list[Flag]] = {}
    for flag in unit.seen.flags(listed):
        flags_of.setdefault(flag.issue_id, []).append(flag)
    rows = [
        _row(unit, policy, issue, flags, now)
        for issue_id, flags in flags_of.items()
        if any(_over_contacts(flag, policy) for flag in flags) and (issue := unit.issues.get(issue_id)) is not None
    ]
    return tuple(
        sorted(rows, key=lambda row: (not row.we_are_late, len(row.ended) == len(row.codes), row.opened, row.issue_id))
    )


def _over_contacts(flag: Flag, policy: Policy) -> set[str]:
    """The codes of a flag that words alone do not raise."""
    return {code.code for code in flag.codes if policy.clause(code.code).admissible is not Admissible.WORDS}


def _ended(flags: Sequence[Flag], policy: Policy) -> dict[str, datetime]:
    """When each code ended of which no flag is open or decided."""
    last: dict[str, datetime] = {}
    for flag in sorted(flags, key=lambda flag: flag.updated):
        if flag.state is FlagState.LAPSED:
            last |= dict.fromkeys(_over_contacts(flag, policy), flag.updated)
    stand = [_over_contacts(flag, policy) for flag in flags if flag.state is not FlagState.LAPSED]
    return {code: at for code, at in last.items() if not any(code in codes for codes in stand)}


def _row(unit: Unit, policy: Policy, issue: Issue, flags: Sequence[Flag], now: datetime) -> PatternRow:
    codes = set().union(*(_over_contacts(flag, policy) for flag in flags))
    ended = _ended(flags, policy)
    entries = unit.contacts.of_issue(issue.id)
    veil = Veil.over(unit, (entry.contact for entry in entries), safeguarding=False)
    incoming = [entry.contact for entry in entries if entry.contact.direction == "in"]
    assessment = unit.issues.last_assessment(issue.id)
    owed = owed_views(assessment, now)
    records = unit.landlord.records_of_issue(issue.id)
    done = measures(unit, policy, records, flags)
    people = unit.landlord.customers_by_ref([issue.household_ref]).values()
    return PatternRow(
        issue_id=issue.id,
        title=Mask.over(people, (entry.contact for entry in entries)).text(told_title(issue.title, records, veil)),
        who=pseudonym(issue.household_ref),
        opened=issue.opened,
        codes=tuple((code, policy.clause(code).title) for code in policy.clauses if code in codes),
        contacts=len(incoming),
        routes=len({route for contact in incoming for route in contact.routes}),
        replies=len(entries) - len(incoming),
        we_are_late=is_late(assessment, now),
        late_count=sum(item.state in (OwedState.LATE, OwedState.DONE_LATE) for item in owed),
        prevention=len(done.prevention),
        response=len(done.response),
        support=len(done.support),
        ended=tuple((code, ended[code]) for code in policy.clauses if code in ended),
    )


def issue_page(unit: Unit, policy: Policy, issue_id: str, now: datetime, workdays: WorkingDays) -> IssuePage | None:
    """One issue with its whole line of time and what would have changed each open flag; None where there is no such issue."""
    issue = unit.issues.get(issue_id)
    if issue is None:
        return None
    entries = unit.contacts.of_issue(issue.id)
    veil = Veil.over(unit, (entry.contact for entry in entries), safeguarding=False)
    last = unit.issues.last_assessment(issue.id)
    on_file = unit.landlord.records_of_issue(issue.id)
    records = told_records(on_file, veil)
    owed = owed_views(last, now, records)
    views = {entry.contact.id: view_of(entry.contact, entry.who, veil) for entry in entries}
    weighed = weighed_views(unit, issue, last, policy, workdays, veil, views)
    counted = counted_by_any(line for clause in weighed for line in clause.counted) | _counted(last)
    people = {issue.household_ref} | {entry.who.customer_ref for entry in entries}
    states = (FlagState.OPEN, FlagState.DECIDED, FlagState.LAPSED)
    seen_kinds = tuple(kind for kind in FlagKind if kind is not FlagKind.SAFEGUARDING)
    flags = unit.flags.listed(states=states, kinds=seen_kinds, issue_id=issue.id)
    return IssuePage(
        issue_id=issue.id,
        title=told_title(issue.title, on_file, veil),
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
        contacts=tuple((view, counted.get(contact_id)) for contact_id, view in views.items()),
        flags=tuple(
            (flag.id, ", ".join(policy.clause(code.code).title for code in flag.codes), flag.state.value, flag.opened)
            for flag in flags
        ),
        with_safeguarding=veil.drawn,
        done=measures(unit, policy, records, flags),
        restrictions=of_issue(unit, issue.id, records, policy, now),
        volume=volume(unit, issue.id, now),
        otherwise=_otherwise(unit, flags, policy, workdays, veil),
        weighed=weighed,
    )


def _otherwise(
    unit: Unit, flags: Sequence[Flag], policy: Policy, workdays: WorkingDays, veil: Veil
) -> tuple[tuple[str, tuple[OtherwiseView, ...]], ...]:
    return tuple(
        (policy.clause(code).title, views)
        for flag in flags
        if flag.state is FlagState.OPEN
        for code, views in otherwise_views(unit, flag, policy, workdays, veil).items()
        if views
    )


def _counted(last: Assessment | None) -> dict[str, Counted]:
    return counted_by_any((line, None) for finding in (last.findings if last else ()) for line in finding.counted)


def _findings(last: Assessment | None, policy: Policy, veil: Veil) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (finding.code, policy.clause(finding.code).title, "" if veil.hides_all(finding.contacts) else seen(finding.why))
        for finding in (last.findings if last else ())
        if finding.code in policy.clauses and finding.code != "S0"
    )
