"""What a changed policy or model would have flagged on history: two replays beside each other, and nothing written to live flags."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from heapq import merge
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from triage.bootstrap import replay_pipeline
from triage.domain.contact import Contact
from triage.domain.customer import Customer
from triage.domain.flag import Flag, FlagKind, FlagState, kind_of
from triage.domain.policy import Policy
from triage.domain.record import OwnStandards, Record
from triage.domain.score import Scores
from triage.history import FeedState, Item, order
from triage.ports import Progress, Reader, Unwatched
from triage.replay import BATCH, Told, replay
from triage.scoring import open_version
from triage.store import Store
from triage.store.past import Past

MINUTES_A_FLAG: Final = 12.0
"""How long a reviewer is taken to need for a flag where nobody says otherwise: a default of this project, no measurement."""
LOOK_BACK: Final = timedelta(days=366)
"""How much before the period is replayed first: a pattern of its first day rests on what came before it."""


class Change(StrEnum):
    NEW = "newly raised"
    GONE = "no longer raised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From ``start`` until before ``end``: what was raised then is counted."""

    start: datetime
    end: datetime

    @classmethod
    def until(cls, end: datetime) -> "Period":
        """Everything before ``end``."""
        return cls(start=datetime(1970, 1, 1, tzinfo=UTC), end=end)

    @property
    def replayed_from(self) -> datetime:
        return self.start - LOOK_BACK

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A clause that one of the two replays raised on a person and issue and the other did not, with when and why."""

    change: Change
    code: str
    at: datetime
    customer_ref: str
    issue_id: str
    contacts: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one replay gave within the period: the rows that it raised (as `triage replay` writes them), and its flags by kind."""

    rows: Sequence[Mapping[str, Any]]
    flags: Mapping[FlagKind, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """``before`` and ``after`` count what each replay raised, by clause; the flags are what people would have met.

    A flag is one person's, on one issue, and lists all its clauses; each card is a flag of its own. ``minutes`` is what one
    is taken to cost.
    """

    before: Mapping[str, int]
    after: Mapping[str, int]
    flags_before: Mapping[FlagKind, int]
    flags_after: Mapping[FlagKind, int]
    differences: tuple[Difference, ...]
    minutes: float

    @property
    def hours(self) -> float:
        """Reviewer hours more (or, below zero, less) over the period. Safeguarding cards are their own role's work, and not in it."""
        return (for_reviewers(self.flags_after) - for_reviewers(self.flags_before)) * self.minutes / 60

    def count(self, change: Change, code: str) -> int:
        return sum(item.change is change and item.code == code for item in self.differences)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(sorted({*self.before, *self.after}))


def for_reviewers(flags: Mapping[FlagKind, int]) -> int:
    return sum(count for kind, count in flags.items() if kind is not FlagKind.SAFEGUARDING)


class StoredScores:
    """A Reader that reads nothing again: what was said of each contact of a store when it was read last."""

    model = "stored/scores"

    def __init__(self, store: Store, period: Period) -> None:
        self._store, self._period = store, period

    def read(self, contacts: Sequence[Contact]) -> list[Scores]:
        unknown = Scores(model=self.model, not_scored="No model has read it yet.")
        with self._store.read() as unit:
            past = Past(unit.connection, self._period.replayed_from, self._period.end)
            return [past.scores(contact.id) or unknown for contact in contacts]


class StoredItems(Collection[Item | FeedState]):
    """Contacts and records of a store in the order of `history.order`, read in parts; last the end, so that what was due by then is seen."""

    def __init__(self, store: Store, period: Period, records: Sequence[Record]) -> None:
        self._store, self._period, self._records = store, period, records
        with store.read() as unit:
            self._count = self._past(unit.connection).count() + len(records) + 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Item | FeedState]:
        both: tuple[Iterable[Item | FeedState], ...] = (self._contacts(), self._records)
        yield from merge(*both, key=order)
        yield FeedState(source="rehearsal", at=self._period.end, state="ended")

    def __contains__(self, item: object) -> bool:
        return any(one == item for one in self)

    def _contacts(self) -> Iterator[Contact]:
        last: Contact | None = None
        while True:
            with self._store.read() as unit:
                part = list(self._past(unit.connection).part(last, BATCH))
            yield from part
            if len(part) < BATCH:
                return
            last = part[-1]

    def _past(self, connection: Any) -> Past:
        return Past(connection, self._period.replayed_from, self._period.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHistory:
    """A history to replay whose contacts stay in their store."""

    customers: Sequence[Customer]
    standards: Sequence[OwnStandards]
    items: StoredItems


def history_of(store: Store, period: Period) -> StoredHistory:
    """What a store holds until the end of the period, contacts from a year before it on. What people ruled of links is not in it."""
    with store.read() as unit:
        records = sorted((one for one in unit.landlord.records() if one.at < period.end), key=order)
        customers, standards = unit.landlord.customers(), unit.landlord.standards()
    return StoredHistory(customers=customers, standards=standards, items=StoredItems(store, period, records))


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """All that a rehearsal needs, as values: it may be carried out in another process. ``model`` None: scores stay."""

    database: str
    policy: Policy
    changed: Policy
    period: Period
    minutes: float = MINUTES_A_FLAG
    models: Path | None = None
    model: tuple[str, str] | None = None


def carry_out(work: Work, progress: Progress | None = None) -> Rehearsed:
    """Rehearses on the store of ``work``, which is only read. Raises TriageError where the model cannot be used."""
    with closing(Store(work.database)) as store:
        stored: Reader = StoredScores(store, work.period)
        reader = stored if work.model is None else open_version(work.models, *work.model)
        history = history_of(store, work.period)
        sides = (stored, work.policy), (reader, work.changed)
        return rehearse(history, *sides, work.period, minutes=work.minutes, progress=progress)


def rehearse(
    history: Told,
    before: tuple[Reader, Policy],
    after: tuple[Reader, Policy],
    period: Period,
    *,
    minutes: float = MINUTES_A_FLAG,
    progress: Progress | None = None,
) -> Rehearsed:
    """Replays the history under both, each in a throw-away store, and tells them apart."""
    progress = progress or Unwatched()
    progress.expect(2 * len(history.items))
    first, second = (_replayed(history, reader, policy, period, _Steps(progress)) for reader, policy in (before, after))
    return compare(first, second, minutes)


class _Steps:
    """The steps of one of two replays: how many there are in all has been said."""

    def __init__(self, progress: Progress) -> None:
        self.step = progress.step

    def expect(self, steps: int) -> None:
        return None


def _replayed(history: Told, reader: Reader, policy: Policy, period: Period, progress: _Steps) -> Outcome:
    with TemporaryDirectory() as folder:
        pipeline, clock = replay_pipeline(Path(folder) / "rehearsal.sqlite", reader, policy)
        with closing(pipeline.store):
            done = replay(history, pipeline, clock, progress)
            with pipeline.store.read() as unit:
                flags = unit.flags.listed(states=tuple(FlagState))
    rows = [row for row in done.flags if period.holds(datetime.fromisoformat(row["at"]))]
    return Outcome(rows=rows, flags=flags_of(flags, period))


def flags_of(flags: Iterable[Flag], period: Period) -> Mapping[FlagKind, int]:
    """How many flags of each kind were opened in the period."""
    return Counter(flag.kind for flag in flags if period.holds(flag.opened))


def compare(before: Outcome, after: Outcome, minutes: float) -> Rehearsed:
    """Tells two outcomes apart. A pattern on the same person that shares evidence is the same, whatever its issue is called."""
    first, second = _Known.of(before.rows), _Known.of(after.rows)
    gone = [_difference(Change.GONE, row) for row in before.rows if not second.has(row)]
    new = [_difference(Change.NEW, row) for row in after.rows if not first.has(row)]
    return Rehearsed(
        before=Counter(row["code"] for row in before.rows),
        after=Counter(row["code"] for row in after.rows),
        flags_before=before.flags,
        flags_after=after.flags,
        differences=tuple(sorted([*new, *gone], key=lambda item: (item.at, item.code, item.customer_ref))),
        minutes=minutes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was raised: words by their contacts; patterns by person and issue, and by person and each contact of their evidence."""

    keys: set[tuple[str, ...]] = field(default_factory=set)

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> "_Known":
        return cls(keys={key for row in rows for key in _keys(row)})

    def has(self, row: Mapping[str, Any]) -> bool:
        return not self.keys.isdisjoint(_keys(row))


_PATTERNS: Final = ("P", "D", "A3")


def _keys(row: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    code, person = str(row["code"]), str(row["customer"])
    if not code.startswith(_PATTERNS) and kind_of(code) is not FlagKind.SERVICE_FAILURE:
        yield code, "words", *row["contacts"]
        return
    yield code, "issue", person, str(row["issue"])
    for contact in row["contacts"]:
        yield code, "evidence", person, str(contact)


def _difference(change: Change, row: Mapping[str, Any]) -> Difference:
    return Difference(
        change=change,
        code=row["code"],
        at=datetime.fromisoformat(row["at"]),
        customer_ref=row["customer"],
        issue_id=row["issue"],
        contacts=tuple(row["contacts"]),
        why=row["why"],
    )


HEADER: Final = ("change", "clause", "raised at", "customer", "issue", "contacts", "why")


def rows_of(rehearsed: Rehearsed) -> list[list[str]]:
    """A line under ``HEADER`` for each difference, with the landlord's own references: for whoever runs the service."""
    return [
        [
            item.change.value,
            item.code,
            item.at.isoformat(),
            item.customer_ref,
            item.issue_id,
            " ".join(item.contacts),
            item.why,
        ]
        for item in rehearsed.differences
    ]
