"""For administrators: is everything that the servers hold read, are the feeds fresh, and does the audit chain add up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from triage.domain.errors import AuditBrokenError
from triage.intake import FolderCounts
from triage.reports.queue import Freshness, freshness
from triage.store import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRow:
    """One folder: whatever is on the server now is stored, waiting or unfetchable; what was deleted there stays stored."""

    account: str
    folder: str
    on_server: int
    stored: int
    waiting: int
    unfetchable: int
    gone: int
    last_stored: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPage:
    folders: tuple[FolderRow, ...]
    freshness: Freshness
    contacts: Mapping[str, int]
    raised: Mapping[str, int]


def health_page(unit: Unit, now: datetime) -> HealthPage:
    return HealthPage(
        folders=tuple(_folder(row) for row in unit.contacts.folders()),
        freshness=freshness(unit, now),
        contacts=unit.contacts.counts(),
        raised={code: number for code, number in unit.flags.raised_counts().items() if code != "S0"},
    )


def _folder(row: FolderCounts) -> FolderRow:
    return FolderRow(
        account=row.account,
        folder=row.folder,
        on_server=row.counts.on_server,
        stored=row.counts.stored,
        waiting=row.counts.waiting,
        unfetchable=row.counts.unfetchable,
        gone=row.counts.gone,
        last_stored=row.last_stored,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainResult:
    entries: int
    fault: str | None


def verify(unit: Unit) -> ChainResult:
    """Every entry of the audit chain recomputed; ``fault`` names the first that does not fit."""
    try:
        return ChainResult(entries=unit.audit.verify(), fault=None)
    except AuditBrokenError as error:
        return ChainResult(entries=0, fault=str(error))
