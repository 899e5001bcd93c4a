"""What we owe, as the first thing on every page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.domain.clocks import Clock, OwedReply
from triage.domain.record import Record
from triage.domain.signal import Assessment
from triage.reports.marked import seen

CLOCKS = {
    Clock.GENERAL_REPLY: "Reply",
    Clock.COMPLAINT_ACK: "Complaint acknowledgement",
    Clock.STAGE1: "Stage 1 response",
    Clock.STAGE2: "Stage 2 response",
    Clock.HAZARD: "Hazard made safe",
    Clock.PROMISE: "Something we promised",
    Clock.CASE: "Answer on the case",
}


class OwedState(StrEnum):
    LATE = "late"
    DUE = "due"
    TRIED = "nobody was in"
    DONE_LATE = "done late"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedView:
    """One thing owed; ``about`` is what our own record says of it, ``tried_at`` when we noted that we came in time and nobody was in."""

    what: str
    sentence: str
    since: datetime
    due: datetime
    state: OwedState
    met_at: datetime | None = None
    tried_at: datetime | None = None
    about: str = ""


def state_of(owed: OwedReply, now: datetime) -> OwedState:
    if owed.overdue_at(now):
        return OwedState.LATE
    if owed.open_at(now) or owed.met_at is None:
        return OwedState.DUE if owed.tried_at is None else OwedState.TRIED
    return OwedState.DONE_LATE if owed.went_late(now) else OwedState.DONE


def owed_views(assessment: Assessment | None, now: datetime, records: Iterable[Record] = ()) -> tuple[OwedView, ...]:
    """Late first, then due, then what was done; oldest first within each."""
    order = list(OwedState)
    texts = {record.id: record.text for record in records}
    views = [
        OwedView(
            what=CLOCKS[item.clock],
            sentence=item.sentence,
            since=item.since,
            due=item.due,
            state=state_of(item, now),
            met_at=item.met_at,
            tried_at=item.tried_at,
            about=seen(texts.get(item.source, "")),
        )
        for item in (assessment.owed if assessment else ())
    ]
    return tuple(sorted(views, key=lambda view: (order.index(view.state), view.since)))


def is_late(assessment: Assessment | None, now: datetime) -> bool:
    return any(item.overdue_at(now) for item in (assessment.owed if assessment else ()))
