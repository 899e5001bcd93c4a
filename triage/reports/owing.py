"""What is ours to answer: every issue where we are late now or due soon, longest late first. A list of issues, never of people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from triage.domain.contact import Direction
from triage.domain.issue import Entry
from triage.domain.owed import OwedReply
from triage.domain.signal import Assessment
from triage.domain.workdays import WorkingDays
from triage.reports.marked import seen
from triage.reports.owed import CLOCKS
from triage.reports.people import pseudonym
from triage.reports.queue import Freshness, freshness
from triage.reports.veil import Veil
from triage.store import Unit

SOON_WORKING_DAYS = 3
PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class OwingItem:
    """One thing owed; ``contacts_since`` counts the customer's side in touch after it was asked for."""

    what: str
    about: str
    since: datetime
    due: datetime
    late: bool
    contacts_since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwingRow:
    """One issue with what it waits for, earliest deadline first."""

    issue_id: str
    title: str
    who: str
    items: tuple[OwingItem, ...]

    @property
    def late(self) -> bool:
        return self.items[0].late


@dataclass(frozen=True, slots=True, kw_only=True)
class OwingPage:
    """One page of the list; the totals are of all pages."""

    rows: tuple[OwingRow, ...]
    late: int
    soon: int
    page: int
    pages: int
    soon_until: datetime
    freshness: Freshness


def owing_page(unit: Unit, now: datetime, workdays: WorkingDays, page: int = 1) -> OwingPage:
    """From the issues' last assessments; what was answered late is answered, and not here."""
    until = workdays.add(now, SOON_WORKING_DAYS)
    found = [
        (assessment, pressing) for assessment in unit.issues.unmet() if (pressing := _pressing(assessment, now, until))
    ]
    found.sort(key=lambda pair: (pair[1][0].due, pair[0].issue_id))
    late = sum(pressing[0].overdue_at(now) for _, pressing in found)
    pages = max(1, -(-len(found) // PAGE))
    at = min(max(page, 1), pages)
    shown = {assessment.issue_id: pressing for assessment, pressing in found[(at - 1) * PAGE : at * PAGE]}
    return OwingPage(
        rows=_rows(unit, shown, now),
        late=late,
        soon=len(found) - late,
        page=at,
        pages=pages,
        soon_until=until,
        freshness=freshness(unit, now),
    )


def _pressing(assessment: Assessment, now: datetime, until: datetime) -> list[OwedReply]:
    still = [item for item in assessment.owed if item.met_at is None and item.since <= now and item.due <= until]
    return sorted(still, key=lambda item: (item.due, item.since))


def _rows(unit: Unit, owing: Mapping[str, list[OwedReply]], now: datetime) -> tuple[OwingRow, ...]:
    issues = unit.issues.some(owing)
    rows = []
    for issue_id, pressing in owing.items():
        issue = issues[issue_id]
        entries = unit.contacts.of_issue(issue_id)
        veil = Veil.over(unit, (entry.contact for entry in entries), safeguarding=False)
        texts = {record.id: record.text for record in unit.landlord.records_of_issue(issue_id)}
        rows.append(
            OwingRow(
                issue_id=issue_id,
                title=seen(veil.title(issue.title)) or "No subject",
                who=pseudonym(issue.household_ref),
                items=tuple(
                    OwingItem(
                        what=CLOCKS[item.clock],
                        about=seen(texts.get(item.source, "")),
                        since=item.since,
                        due=item.due,
                        late=item.overdue_at(now),
                        contacts_since=_contacts_since(entries, item),
                    )
                    for item in pressing
                ),
            )
        )
    return tuple(rows)


def _contacts_since(entries: tuple[Entry, ...], item: OwedReply) -> int:
    return sum(
        entry.contact.direction is Direction.IN
        and not entry.contact.auto
        and entry.contact.at > item.since
        and entry.contact.id != item.source
        for entry in entries
    )
