"""What is taken in, seen by people: each source with its counts and lag, what could not be read, and how fresh the facts are."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.ports import IntakeDesk, SourceNow
from triage.reports.queue import Freshness, freshness
from triage.store import SqlLedger, Store, Unit
from triage.store.quarantine import Quarantined

SHOWN = 200
LATE_ROUNDS = 3
ROUND_TAKES = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderView:
    """One folder of one source. Whatever is on the server now is stored, waiting or unfetchable.

    ``reached`` is when the source last listed it, None before the first time; ``late`` says that this is longer ago than
    polling explains. ``configured`` is False where the settings no longer name it.
    """

    account: str
    folder: str
    kind: str
    reached: datetime | None
    last_stored: datetime | None
    on_server: int
    stored: int
    waiting: int
    unfetchable: int
    gone: int
    quarantined: int
    late: bool
    configured: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A source's last problem in sentences, and for how many rounds in a row it has had one."""

    account: str
    sentences: tuple[str, ...]
    failures: int
    reached: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfetchedView:
    """A message that is on the server and could not be fetched; ``next_try`` None is the next round."""

    account: str
    folder: str
    uid: str
    attempts: int
    reason: str
    next_try: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSource:
    """A system that gives rows by the API, by import or in a file of the settings."""

    source: str
    kind: str
    rows: int
    waiting: int
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectFile:
    """An imported file of which rows were refused: how many, and when last; they lie in ``name`` beside it."""

    source: str
    name: str
    rows: int
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePage:
    folders: tuple[FolderView, ...]
    troubles: tuple[Trouble, ...]
    unfetched: tuple[UnfetchedView, ...]
    quarantined: tuple[Quarantined, ...]
    in_quarantine: int
    rows: tuple[RowSource, ...]
    rejects: tuple[RejectFile, ...]
    freshness: Freshness
    problem: str | None = None
    """Why nothing is taken in at the moment."""


def row_sources(unit: Unit) -> tuple[RowSource, ...]:
    """Every system that ever gave rows, and what it gave."""
    return tuple(
        RowSource(source=source, kind=kind, rows=number, waiting=left, last=last)
        for source, kind, number, left, last in unit.arrivals.sources()
    )


def intake_page(store: Store, now: datetime, intake: IntakeDesk | None) -> IntakePage:
    """Everything of the page; at most `SHOWN` messages are listed by name, and the counts are of all."""
    sources = intake.sources() if intake is not None else ()
    ledger = SqlLedger(store)
    with store.read() as unit:
        counts = unit.quarantine.counts()
        waiting = unit.quarantine.waiting()
        rows = row_sources(unit)
        refused = unit.arrivals.refused(limit=5_000)
        fresh = freshness(unit, now)
    return IntakePage(
        folders=tuple(_folders(ledger, sources, waiting, late_before(intake, now))),
        troubles=tuple(_trouble(source) for source in sources if source.problems),
        unfetched=tuple(
            UnfetchedView(
                account=row.account,
                folder=row.folder,
                uid=row.uid,
                attempts=row.attempts,
                reason=row.reason,
                next_try=row.next_try,
            )
            for row in ledger.unfetched(SHOWN)
        ),
        quarantined=tuple(waiting[:SHOWN]),
        in_quarantine=sum(counts.values()),
        rows=rows,
        rejects=tuple(_rejects((row.source, row.file, row.at) for row in refused)),
        freshness=fresh,
        problem=intake.problem if intake is not None else None,
    )


def late_before(intake: IntakeDesk | None, now: datetime) -> datetime | None:
    """What was last reached before this moment is late; None where nothing is polled here, so nothing can be."""
    if intake is None or not intake.is_polling:
        return None
    return now - timedelta(seconds=intake.poll_seconds) * LATE_ROUNDS - ROUND_TAKES


def _folders(
    ledger: SqlLedger, sources: Sequence[SourceNow], waiting: Sequence[Quarantined], late: datetime | None
) -> Iterable[FolderView]:
    quarantined = Counter((found.account, found.folder) for found in waiting)
    known = {(row.account, row.folder): row for row in ledger.folders()}
    kinds = {(source.account, folder): source.kind for source in sources for folder in source.folders}
    for key in (*kinds, *(key for key in known if key not in kinds)):
        row = known.get(key)
        reached = row.reached if row else None
        yield FolderView(
            account=key[0],
            folder=key[1],
            kind=kinds.get(key, ""),
            reached=reached,
            last_stored=row.last_stored if row else None,
            on_server=row.counts.on_server if row else 0,
            stored=row.counts.stored if row else 0,
            waiting=row.counts.waiting if row else 0,
            unfetchable=row.counts.unfetchable if row else 0,
            gone=row.counts.gone if row else 0,
            quarantined=quarantined[key],
            late=late is not None and key in kinds and reached is not None and reached < late,
            configured=key in kinds,
        )


def _trouble(source: SourceNow) -> Trouble:
    return Trouble(account=source.account, sentences=source.problems, failures=source.failures, reached=source.reached)


def _rejects(refused: Iterable[tuple[str, str, datetime]]) -> Iterable[RejectFile]:
    """One line for each file, newest first; rows refused again when the reject file was imported are the same file's."""
    found: dict[tuple[str, str], list[datetime]] = {}
    for source, file, at in refused:
        name = file if file.endswith(".rejected.jsonl") else f"{file}.rejected.jsonl"
        found.setdefault((source, name), []).append(at)
    for (source, name), moments in list(found.items())[:SHOWN]:
        yield RejectFile(source=source, name=name, rows=len(moments), last=max(moments))
