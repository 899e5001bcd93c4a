"""What a changed policy or model would have flagged on history: two replays beside each other, and nothing written to live flags."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from triage.bootstrap import replay_pipeline
from triage.domain.contact import Contact
from triage.domain.policy import Policy
from triage.domain.score import Scores
from triage.history import Item, PlainHistory, order
from triage.ports import Progress, Reader
from triage.replay import replay
from triage.store import Unit

MINUTES_A_FLAG = 12.0
"""How long a reviewer is taken to need for a flag where the settings say nothing: a default of this project, no measurement."""


class Change(StrEnum):
    NEW = "newly raised"
    GONE = "no longer raised"


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
class Rehearsed:
    """``before`` and ``after`` count what each replay raised, by clause; ``minutes`` is what one flag is taken to cost."""

    before: Mapping[str, int]
    after: Mapping[str, int]
    differences: tuple[Difference, ...]
    minutes: float

    @property
    def hours(self) -> float:
        """Reviewer hours more (or, below zero, less) over the whole history."""
        return (sum(self.after.values()) - sum(self.before.values())) * self.minutes / 60

    def count(self, change: Change, code: str) -> int:
        return sum(item.change is change and item.code == code for item in self.differences)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(sorted({*self.before, *self.after}))


class StoredScores:
    """A Reader that reads nothing again: what the model in use has said of each contact of a store."""

    def __init__(self, scores: Mapping[str, Scores], model: str = "stored/scores") -> None:
        self.model, self._scores = model, scores

    def read(self, contacts: Sequence[Contact]) -> list[Scores]:
        unknown = Scores(model=self.model, not_scored="No model has read it yet.")
        return [self._scores.get(contact.id, unknown) for contact in contacts]


def history_of(unit: Unit) -> tuple[PlainHistory, StoredScores]:
    """Everything that a store holds, as a history to replay, and what was scored. What people ruled of links is not in it."""
    items: list[Item] = list(unit.landlord.records())
    scores: dict[str, Scores] = {}
    for placed in unit.contacts.all():
        items.append(placed.contact)
        if placed.scores is not None:
            scores[placed.contact.id] = placed.scores
    history = PlainHistory(
        customers=unit.landlord.customers(),
        standards=unit.landlord.standards(),
        items=sorted(items, key=order),
    )
    return history, StoredScores(scores)


def rehearse(
    history: PlainHistory,
    before: tuple[Reader, Policy],
    after: tuple[Reader, Policy],
    minutes: float = MINUTES_A_FLAG,
    progress: Progress | None = None,
) -> Rehearsed:
    """Replays the history under both, each in a throw-away store, and tells them apart."""
    first, second = (_raised(history, reader, policy, progress) for reader, policy in (before, after))
    return compare(first, second, minutes)


def _raised(history: PlainHistory, reader: Reader, policy: Policy, progress: Progress | None) -> list[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        pipeline, clock = replay_pipeline(Path(folder) / "rehearsal.sqlite", reader, policy)
        done = replay(history, pipeline, clock, progress)
        pipeline.store.close()
    return done.flags


def compare(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]], minutes: float) -> Rehearsed:
    """Tells two lists of flag rows (as `triage replay` writes them) apart: by clause, person, issue and, of words, contact."""
    first, second = list(before), list(after)
    of_first, of_second = ({_key(row): row for row in rows} for rows in (first, second))
    gone = [_difference(Change.GONE, row) for key, row in of_first.items() if key not in of_second]
    new = [_difference(Change.NEW, row) for key, row in of_second.items() if key not in of_first]
    return Rehearsed(
        before=Counter(row["code"] for row in first),
        after=Counter(row["code"] for row in second),
        differences=tuple(sorted([*new, *gone], key=lambda item: (item.at, item.code, item.customer_ref))),
        minutes=minutes,
    )


_PATTERNS = ("P", "D", "A3", "service_failure")


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What makes two raised codes the same: a pattern is one per person and issue, words are one per contact."""
    what = (str(row["code"]), str(row["customer"]), str(row["issue"]))
    return what if what[0].startswith(_PATTERNS) else (*what, *row["contacts"])


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


HEADER = ("change", "clause", "raised at", "customer", "issue", "contacts", "why")


def rows_of(rehearsed: Rehearsed) -> list[list[str]]:
    """A line under ``HEADER`` for each difference."""
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
