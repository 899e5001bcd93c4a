"""History replayed through the real pipeline under its own clock: what would have been flagged, when, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from triage.assessing import RECORDS_FEED
from triage.domain.contact import Direction
from triage.domain.record import Record
from triage.history import FeedState, PlainHistory
from triage.pipeline import Pipeline
from triage.ports import Progress, Unwatched
from triage.store.flags import Raised


class HistoryClock:
    """The history's own present: the time of the item at hand."""

    def __init__(self) -> None:
        self.now = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True, kw_only=True)
class Replayed:
    """What a replay gave: rows of FLAGS and LINKS in the formats of the tools."""

    flags: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)


def replay(
    history: PlainHistory, pipeline: Pipeline, clock: HistoryClock, progress: Progress | None = None
) -> Replayed:
    """Runs the pipeline over a history; it also wakes at each deadline, and stops after the last line."""
    done, progress = Replayed(), progress or Unwatched()
    progress.expect(len(history.items))
    pipeline.watchers = (*pipeline.watchers, lambda raised: done.flags.append(flag_row(raised)))
    with pipeline.store.begin() as unit:
        unit.landlord.put_standards(history.standards)
        for customer in history.customers:
            unit.landlord.put_customer(customer)
            pipeline.directory.add(customer)
    taken: list[tuple[str, str]] = []
    for item in history.items:
        pipeline.advance(item.at)
        clock.now = item.at
        if isinstance(item, FeedState):
            _hear(pipeline, item)
        elif isinstance(item, Record):
            pipeline.take_record(item)
        else:
            known_as = pipeline.take_contact(item)
            if item.direction is Direction.IN:
                taken.append((item.id, known_as))
        progress.step()
    done.links = list(_links(pipeline, taken))
    return done


def _hear(pipeline: Pipeline, item: FeedState) -> None:
    if item.source == RECORDS_FEED:
        with pipeline.store.begin() as unit:
            unit.landlord.note_feed(RECORDS_FEED, item.at, item.state)


def flag_row(raised: Raised) -> dict[str, Any]:
    return {
        "code": raised.code,
        "at": raised.at.isoformat(),
        "contacts": list(raised.contacts),
        "customer": raised.customer_ref,
        "issue": raised.issue_id,
        "why": raised.why,
    }


def _links(pipeline: Pipeline, taken: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    with pipeline.store.read() as unit:
        placed = {found.contact.id: found for found in unit.contacts.all()}
    for contact_id, known_as in taken:
        found = placed[known_as]
        yield {"id": contact_id, "customer": found.who.customer_ref, "issue": found.issue_id}
