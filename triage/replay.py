"""History replayed through the real pipeline under its own clock: what would have been flagged, when, and why."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any, Protocol

from triage.assessing import RECORDS_FEED
from triage.domain.contact import Direction
from triage.domain.customer import Customer
from triage.domain.record import OwnStandards, Record
from triage.domain.workdays import EVER
from triage.history import FeedState, Item
from triage.pipeline import Pipeline
from triage.ports import Progress, Unwatched
from triage.store.flags import Raised

BATCH = 200
"""Items that are kept together: a throw-away store loses nothing by it, and each need not wait for the disk."""


class Told(Protocol):
    """A history to replay: a `PlainHistory`, or a `FileHistory` whose items stay in their file."""

    @property
    def customers(self) -> Sequence[Customer]: ...

    @property
    def standards(self) -> Sequence[OwnStandards]: ...

    @property
    def items(self) -> Collection[Item | FeedState]: ...


class HistoryClock:
    """The history's own present: the time of the item at hand."""

    def __init__(self) -> None:
        self.now = EVER

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True, kw_only=True)
class Replayed:
    """What a replay gave: rows of FLAGS and LINKS in the formats of the tools."""

    flags: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)


def replay(history: Told, pipeline: Pipeline, clock: HistoryClock, progress: Progress | None = None) -> Replayed:
    """Runs the pipeline over a history; it also wakes at each deadline, and stops after the last line."""
    done = Replayed()
    done.links += replay_to(done.flags.append, history, pipeline, clock, progress)
    return done


def replay_to(
    tell: Callable[[dict[str, Any]], None],
    history: Told,
    pipeline: Pipeline,
    clock: HistoryClock,
    progress: Progress | None = None,
) -> Iterator[dict[str, Any]]:
    """The same for a history of any length: each FLAGS row is told as it is raised, and the LINKS rows follow.

    Take all that it gives: the replay runs when the first row of LINKS is asked for.
    """
    progress = progress or Unwatched()
    progress.expect(len(history.items))
    pipeline.watchers = (*pipeline.watchers, lambda raised: tell(flag_row(raised)))
    with pipeline.store.begin() as unit:
        unit.landlord.put_standards(history.standards)
        for customer in history.customers:
            unit.landlord.put_customer(customer)
            pipeline.directory.add(customer)
    waiting = iter(history.items)
    with TemporaryFile("w+", encoding="utf-8") as taken:
        while batch := list(islice(waiting, BATCH)):
            with pipeline.store.at_once():
                for item in batch:
                    _take(item, pipeline, clock, taken)
                    progress.step()
        taken.seek(0)
        yield from _links(pipeline, taken)


def _take(item: Item | FeedState, pipeline: Pipeline, clock: HistoryClock, taken: IO[str]) -> None:
    pipeline.advance(item.at)
    clock.now = item.at
    if isinstance(item, FeedState):
        _hear(pipeline, item)
    elif isinstance(item, Record):
        pipeline.take_record(item)
    else:
        known_as = pipeline.take_contact(item)
        if item.direction is Direction.IN:
            print(json.dumps([item.id, known_as]), file=taken)


def _hear(pipeline: Pipeline, item: FeedState) -> None:
    if item.source == RECORDS_FEED:
        with pipeline.store.begin() as unit:
            pipeline.hear(unit, RECORDS_FEED, item.at, item.state)


def flag_row(raised: Raised) -> dict[str, Any]:
    return {
        "code": raised.code,
        "at": raised.at.isoformat(),
        "contacts": list(raised.contacts),
        "customer": raised.customer_ref,
        "issue": raised.issue_id,
        "why": raised.why,
    }


def _links(pipeline: Pipeline, taken: Iterable[str]) -> Iterator[dict[str, Any]]:
    waiting = map(json.loads, taken)
    with pipeline.store.read() as unit:
        while batch := list(islice(waiting, BATCH)):
            belongs = unit.contacts.where_they_belong({known_as for _, known_as in batch})
            for contact_id, known_as in batch:
                customer_ref, issue_id = belongs[known_as]
                yield {"id": contact_id, "customer": customer_ref, "issue": issue_id}
