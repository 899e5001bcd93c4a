"""What is ours to answer: every issue where we are late now or due soon, hazards and then the longest late first. A list of issues, never of people."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.domain.clocks import Clock, OwedReply
from triage.domain.contact import Direction
from triage.domain.issue import Entry
from triage.domain.signal import Assessment
from triage.domain.workdays import LONDON, WorkingDays
from triage.reports.looking_back import LookingBack
from triage.reports.marked import seen
from triage.reports.masking import Mask
from triage.reports.our_side import told, told_title
from triage.reports.owed import CLOCKS
from triage.reports.people import pseudonym
from triage.reports.queue import Freshness, freshness
from triage.reports.sheet import sheet
from triage.reports.veil import Veil
from triage.store import Unit

SOON_WORKING_DAYS = 3
PAGE = 50
NO_TEAM = "no route known"

STANDARDS = {
    Clock.GENERAL_REPLY: "Service standard",
    Clock.COMPLAINT_ACK: "Complaint standard",
    Clock.STAGE1: "Complaint stage 1",
    Clock.STAGE2: "Complaint stage 2",
    Clock.HAZARD: "Hazard standard",
    Clock.PROMISE: "Our own promise",
    Clock.CASE: "Date set on the case",
}
"""By what each thing is owed, in a manager's words."""


class Show(StrEnum):
    """What is listed: late and due soon, only one of them, or what was answered too late in a period up to now."""

    ALL = "all"
    LATE = "late"
    SOON = "soon"
    ANSWERED_LATE = "answered-late"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwingItem:
    """One thing owed; ``contacts_since`` counts the customer's side in touch after it was asked for.

    ``working_days`` are those by which it is (or was) late, or that are left. ``answered`` is None while it is open.
    """

    what: str
    about: str
    since: datetime
    due: datetime
    late: bool
    contacts_since: int
    standard: str = ""
    working_days: int = 0
    answered: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwingRow:
    """One issue with what it waits for, earliest deadline first. ``team`` is the route that the customer used last.

    ``abuse`` are the clauses on abuse that it was flagged for, as far as whoever looks may know.
    """

    issue_id: str
    title: str
    who: str
    items: tuple[OwingItem, ...]
    team: str = ""
    abuse: tuple[str, ...] = ()

    @property
    def late(self) -> bool:
        return self.items[0].late


@dataclass(frozen=True, slots=True, kw_only=True)
class OwingPage:
    """One page of the list; ``late``, ``soon`` and ``answered`` are of all pages of the chosen team.

    ``teams`` are all routes with something late or due soon, with how many issues. ``back`` is the period, in weeks, of
    what was answered late.
    """

    rows: tuple[OwingRow, ...]
    late: int
    soon: int
    page: int
    pages: int
    soon_until: datetime
    freshness: Freshness
    show: Show = Show.ALL
    team: str = ""
    teams: tuple[tuple[str, int], ...] = ()
    answered: int = 0
    back: LookingBack = LookingBack.FOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was found before it is cut into pages: per issue, what it waits for."""

    chosen: Sequence[tuple[str, list[OwedReply]]]
    late: int
    soon: int
    answered: int
    teams: tuple[tuple[str, int], ...]
    team_of: Mapping[str, str]
    until: datetime


def owing_page(
    unit: Unit,
    now: datetime,
    workdays: WorkingDays,
    page: int = 1,
    *,
    show: Show = Show.ALL,
    team: str = "",
    back: LookingBack = LookingBack.FOUR,
) -> OwingPage:
    """From the issues' last assessments. What was answered is here only where that is asked for (``show``)."""
    found = _find(unit, now, workdays, show, team, back)
    pages = max(1, -(-len(found.chosen) // PAGE))
    at = min(max(page, 1), pages)
    shown = dict(found.chosen[(at - 1) * PAGE : at * PAGE])
    return OwingPage(
        rows=_rows(unit, shown, found.team_of, now, workdays),
        late=found.late,
        soon=found.soon,
        page=at,
        pages=pages,
        soon_until=found.until,
        freshness=freshness(unit, now),
        show=show,
        team=team,
        teams=found.teams,
        answered=found.answered,
        back=back,
    )


def owing_sheet(
    unit: Unit,
    now: datetime,
    workdays: WorkingDays,
    *,
    show: Show = Show.ALL,
    team: str = "",
    back: LookingBack = LookingBack.FOUR,
    titled: Callable[[str, str], str] = lambda _, title: title,
) -> str:
    """The whole list as CSV, one thing owed a line; times are London's. ``titled`` makes of (issue, title) what is shown."""
    found = _find(unit, now, workdays, show, team, back)
    rows = _rows(unit, dict(found.chosen), found.team_of, now, workdays)
    return sheet(
        (
            "issue", "person", "title", "route", "owed", "about", "standard", "asked for", "due", "answered", "state",
            "working days late", "contacts since",
        ),
        (
            (
                row.issue_id, row.who, titled(row.issue_id, row.title), row.team, item.what, item.about, item.standard, _london(item.since),
                _london(item.due), _london(item.answered) if item.answered else "", _state(item),
                str(item.working_days) if item.late else "0", str(item.contacts_since),
            )
            for row in rows
            for item in row.items
        ),
    )  # fmt: skip


def _find(unit: Unit, now: datetime, workdays: WorkingDays, show: Show, team: str, back: LookingBack) -> _Found:
    until = workdays.add(now, SOON_WORKING_DAYS)
    waiting = {each.issue_id: items for each in unit.issues.unmet() if (items := _pressing(each, now, until))}
    recent = unit.issues.looked_at_since(now - back.period)
    answered = {each.issue_id: items for each in recent if (items := _answered_late(each, now, back))}
    known = unit.seen.issues({*waiting, *answered})
    waiting = {key: items for key, items in waiting.items() if key in known}
    answered = {key: items for key, items in answered.items() if key in known}
    team_of = unit.issues.last_routes({*waiting, *answered})
    teams = Counter(team_of.get(issue_id, NO_TEAM) for issue_id in waiting)
    if team:
        waiting = {key: items for key, items in waiting.items() if team_of.get(key, NO_TEAM) == team}
        answered = {key: items for key, items in answered.items() if team_of.get(key, NO_TEAM) == team}
    late = {key: items for key, items in waiting.items() if items[0].overdue_at(now)}
    soon = {key: items for key, items in waiting.items() if key not in late}
    chosen = {Show.ALL: waiting, Show.LATE: late, Show.SOON: soon, Show.ANSWERED_LATE: answered}[show]
    return _Found(
        chosen=sorted(chosen.items(), key=lambda pair: (not _dangerous(pair[1]), pair[1][0].due, pair[0])),
        late=len(late),
        soon=len(soon),
        answered=len(answered),
        teams=tuple(sorted(teams.items())),
        team_of=team_of,
        until=until,
    )


def _dangerous(items: Iterable[OwedReply]) -> bool:
    """A hazard that nobody is known to have made safe goes before any letter, however old that is."""
    return any(item.clock is Clock.HAZARD and item.met_at is None for item in items)


def _pressing(assessment: Assessment, now: datetime, until: datetime) -> list[OwedReply]:
    still = [
        item
        for item in assessment.owed
        if item.met_at is None and item.tried_at is None and item.since <= now and item.due <= until
    ]
    return sorted(still, key=lambda item: (item.due, item.since))


def _answered_late(assessment: Assessment, now: datetime, back: LookingBack) -> list[OwedReply]:
    done = [
        item
        for item in assessment.owed
        if item.met_at is not None and item.went_late(now) and now - back.period <= item.met_at <= now
    ]
    return sorted(done, key=lambda item: (item.due, item.since))


def _rows(
    unit: Unit,
    owing: Mapping[str, list[OwedReply]],
    team_of: Mapping[str, str],
    now: datetime,
    workdays: WorkingDays,
) -> tuple[OwingRow, ...]:
    issues = unit.issues.some(owing)
    people = unit.landlord.customers_by_ref({issue.household_ref for issue in issues.values()})
    rows = []
    for issue_id, pressing in owing.items():
        issue = issues[issue_id]
        entries = unit.contacts.of_issue(issue_id)
        veil = Veil.over(unit, (entry.contact for entry in entries), safeguarding=False)
        records = unit.landlord.records_of_issue(issue_id)
        household = [people[issue.household_ref]] if issue.household_ref in people else []
        mask = Mask.over(household, (entry.contact for entry in entries))
        texts = {record.id: mask.text(told(record.text, veil)) for record in records}
        rows.append(
            OwingRow(
                issue_id=issue_id,
                title=mask.text(told_title(issue.title, records, veil)),
                who=pseudonym(issue.household_ref),
                items=tuple(_item(item, texts, entries, now, workdays) for item in pressing),
                team=seen(team_of.get(issue_id, NO_TEAM)),
            )
        )
    return tuple(rows)


def _item(
    item: OwedReply, texts: Mapping[str, str], entries: Iterable[Entry], now: datetime, workdays: WorkingDays
) -> OwingItem:
    end = item.met_at or now
    return OwingItem(
        what=CLOCKS[item.clock],
        about=texts.get(item.source, ""),
        since=item.since,
        due=item.due,
        late=end > item.due,
        contacts_since=_contacts_since(entries, item),
        standard=standard_of(item),
        working_days=workdays.between(*sorted((item.due, end))),
        answered=item.met_at,
    )


def standard_of(item: OwedReply) -> str:
    """By which standard it was due: "Service standard, 5 working days", "Our own promise"."""
    named = item.sentence.rpartition("(")[2].rstrip(").") if item.sentence.endswith(").") else ""
    return f"{STANDARDS[item.clock]}, {named}" if named else STANDARDS[item.clock]


def _state(item: OwingItem) -> str:
    if item.answered:
        return "answered late"
    return "late" if item.late else "due soon"


def _london(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%Y-%m-%d %H:%M}"


def _contacts_since(entries: Iterable[Entry], item: OwedReply) -> int:
    return sum(
        entry.contact.direction is Direction.IN
        and not entry.contact.auto
        and entry.contact.at > item.since
        and entry.contact.id != item.source
        and (item.met_at is None or entry.contact.at <= item.met_at)
        for entry in entries
    )
