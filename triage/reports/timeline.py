"""One line of time for an issue: contacts by channel and route, our replies, our records and what was owed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triage.domain.contact import Contact, Direction
from triage.domain.issue import Entry
from triage.domain.record import Record, RecordKind
from triage.domain.signal import Counted
from triage.domain.workdays import LONDON, is_whole_day
from triage.reports.contacts import CHANNELS
from triage.reports.marked import seen
from triage.reports.owed import OwedState, OwedView
from triage.reports.people import pseudonym
from triage.reports.veil import WITH_SAFEGUARDING, Veil

WIDTH = 1080
LEFT = 260
RIGHT = 20
TOP = 34
LANE = 28
BARS_AT_MOST = 10
SHOWN_AFTER = timedelta(days=92)
"""A quiet issue ends at its last event only after this; until then the silence since is part of the picture."""
STATES = {
    OwedState.LATE: "Late, still owed",
    OwedState.DUE: "In time, still owed",
    OwedState.TRIED: "We came in time, and nobody was in",
    OwedState.DONE_LATE: "Done late",
    OwedState.DONE: "Done in time",
}
STEPS = tuple(timedelta(days=days) for days in (1, 2, 7, 14, 28, 56, 91, 182, 365))

RECORDS = {
    RecordKind.CASE_OPENED: "Case opened",
    RecordKind.OWNER_TOLD: "Customer told who deals with it",
    RecordKind.ACKNOWLEDGED: "Complaint acknowledged",
    RecordKind.PROMISE: "We promised",
    RecordKind.STAGE1_RESPONSE: "Stage 1 response sent",
    RecordKind.STAGE2_RESPONSE: "Stage 2 response sent",
    RecordKind.FINAL_RESPONSE: "Final response sent",
    RecordKind.INSPECTION_NO_FAULT: "Inspected: no fault found",
    RecordKind.INSPECTION_FAULT_FOUND: "Inspected: fault found",
    RecordKind.REPAIR_COMPLETED: "Repair completed",
    RecordKind.REPAIR_FAILED: "Repair failed",
    RecordKind.REMIT_LETTER: "Letter: not within our remit",
    RecordKind.ALLEGATION_UPHELD: "Allegation upheld",
    RecordKind.ALLEGATION_NOT_UPHELD: "Allegation not upheld",
    RecordKind.ADJUSTMENT_AGREED: "Adjustment agreed",
    RecordKind.WARNING: "Warning given",
    RecordKind.CONTACT_AGREEMENT: "Contact agreement",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One thing on a lane; ``shape`` is counted, uncounted, plain, reply, record or withheld."""

    x: float
    y: float
    shape: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One thing owed, named by ``label``: ``late_x`` is where our own clock had run out, None while in time."""

    y: float
    x: float
    end_x: float
    late_x: float | None
    open: bool
    title: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row of the drawing; an address is shortened to what stands before its @, the whole is in the titles of its dots."""

    y: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The same things as a table, for those who do not see the drawing. ``whole_day``: a deadline that is a day, not an hour of it."""

    at: datetime
    what: str
    where: str
    who: str
    note: str
    contact_id: str | None = None
    whole_day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The drawing and its table; ``shapes`` are those that occur, so that the key explains no others."""

    width: int
    height: float
    left: int
    right: float
    lanes: tuple[Lane, ...]
    dots: tuple[Dot, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    rows: tuple[Row, ...]
    now_x: float | None = None
    owed_label_y: float | None = None
    folded_bars: int = 0
    shapes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    start: datetime
    end: datetime

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(max(share, 0.0), 1.0), 1)


@dataclass(slots=True)
class _Lanes:
    """Rows of the drawing in the order in which they are first needed."""

    order: list[str] = field(default_factory=list)

    def y(self, label: str) -> float:
        if label not in self.order:
            self.order.append(label)
        return TOP + LANE * self.order.index(label) + LANE / 2


def timeline(
    entries: Sequence[Entry],
    records: Sequence[Record],
    owed: Sequence[OwedView],
    counted: Mapping[str, Counted],
    veil: Veil,
    now: datetime,
) -> Timeline | None:
    """None for an issue on which nothing has happened."""
    moments = [entry.contact.at for entry in entries] + [record.at for record in records]
    if not moments:
        return None
    last = max(
        [*moments, *(item.due for item in owed if item.due <= now), *(item.met_at for item in owed if item.met_at)]
    )
    still_owed = any(item.state in (OwedState.LATE, OwedState.DUE, OwedState.TRIED) for item in owed)
    recent = timedelta(0) <= now - last <= SHOWN_AFTER
    end = max(now, last) if still_owed or recent else last
    start = min(moments)
    pad = max((end - start) * 0.03, timedelta(hours=6))
    scale = _Scale(start=start - pad, end=end + pad)
    lanes = _Lanes()
    dots = _dots(entries, records, counted, veil, scale, lanes)
    bars, owed_y = _bars(owed, scale, len(lanes.order), now)
    shown = min(len(owed), BARS_AT_MOST)
    return Timeline(
        width=WIDTH,
        height=TOP + LANE * len(lanes.order) + ((shown + 1) * 18 + 16 if shown else 0) + 8,
        left=LEFT,
        right=WIDTH - RIGHT,
        lanes=tuple(Lane(y=lanes.y(label), label=label.partition("@")[0]) for label in lanes.order),
        dots=tuple(dots),
        bars=bars,
        ticks=tuple(_ticks(scale)),
        rows=_rows(entries, records, owed, counted, veil),
        now_x=scale.x(now) if scale.start <= now <= scale.end else None,
        owed_label_y=owed_y,
        folded_bars=max(0, len(owed) - BARS_AT_MOST),
        shapes=frozenset(
            [dot.shape for dot in dots]
            + (["owed"] if bars else [])
            + (["late"] if any(bar.late_x for bar in bars) else [])
        ),
    )


def _dots(
    entries: Sequence[Entry],
    records: Sequence[Record],
    counted: Mapping[str, Counted],
    veil: Veil,
    scale: _Scale,
    lanes: _Lanes,
) -> list[Dot]:
    dots = []
    for entry in entries:
        contact = entry.contact
        if contact.direction is Direction.IN:
            for route in contact.routes or ("route not known",):
                dots.append(
                    _dot(
                        contact,
                        f"{CHANNELS[contact.channel]} · {seen(route)}",
                        _shape(contact, counted, veil),
                        scale,
                        lanes,
                    )
                )
    for entry in entries:
        if entry.contact.direction is Direction.OUT:
            dots.append(_dot(entry.contact, "Our replies", "reply", scale, lanes))
    for record in records:
        title = f"{_when(record.at)}: {RECORDS[record.kind]}"
        dots.append(Dot(x=scale.x(record.at), y=lanes.y("Our records"), shape="record", title=title))
    return dots


def _dot(contact: Contact, lane: str, shape: str, scale: _Scale, lanes: _Lanes) -> Dot:
    return Dot(x=scale.x(contact.at), y=lanes.y(lane), shape=shape, title=f"{_when(contact.at)}: {lane}")


def _shape(contact: Contact, counted: Mapping[str, Counted], veil: Veil) -> str:
    if veil.hides(contact.id):
        return "withheld"
    if contact.id not in counted:
        return "plain"
    return "counted" if counted[contact.id].counted else "uncounted"


def _bars(owed: Sequence[OwedView], scale: _Scale, lanes: int, now: datetime) -> tuple[tuple[Bar, ...], float | None]:
    top = TOP + LANE * lanes + 12
    bars = []
    for index, item in enumerate(sorted(owed[:BARS_AT_MOST], key=lambda item: item.since)):
        end = item.met_at or now
        late = item.due if end > item.due and item.tried_at is None else None
        bars.append(
            Bar(
                y=top + 18 * (index + 1),
                x=scale.x(item.since),
                end_x=max(scale.x(end), scale.x(item.since) + 2),
                late_x=scale.x(late) if late else None,
                open=item.met_at is None,
                label=item.what,
                title=f"{item.what}: asked {_when(item.since)}, due {_by(item.due)}, {STATES[item.state].lower()}",
            )
        )
    return tuple(bars), top + 10 if bars else None


def _ticks(scale: _Scale) -> Iterable[tuple[float, str]]:
    span = scale.end - scale.start
    step = next((step for step in STEPS if span / step <= 8), STEPS[-1])
    moment = scale.start.astimezone(LONDON).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while moment <= scale.end:
        x = scale.x(moment)
        if LEFT + 4 <= x <= WIDTH - RIGHT - 12:
            yield x, f"{moment.day} {moment:%b}"
        moment += step


def _rows(
    entries: Sequence[Entry],
    records: Sequence[Record],
    owed: Sequence[OwedView],
    counted: Mapping[str, Counted],
    veil: Veil,
) -> tuple[Row, ...]:
    rows = [_contact_row(entry, counted, veil) for entry in entries]
    rows += [
        Row(at=record.at, what=RECORDS[record.kind], where=seen(record.ref or ""), who="Us", note=_record_note(record))
        for record in records
    ]
    rows += [
        Row(
            at=item.due,
            what=f"{item.what} due",
            where="",
            who="Us",
            note=STATES[item.state],
            whole_day=is_whole_day(item.due),
        )
        for item in owed
    ]
    return tuple(sorted(rows, key=lambda row: row.at))


def _contact_row(entry: Entry, counted: Mapping[str, Counted], veil: Veil) -> Row:
    contact = entry.contact
    incoming = contact.direction is Direction.IN
    counts = counted.get(contact.id)
    note = "" if counts is None else f"{'Counted' if counts.counted else 'Not counted'}: {counts.why}"
    if veil.hides(contact.id):
        note = WITH_SAFEGUARDING
    elif contact.not_scored:
        note = f"Not scored: {contact.not_scored}"
    elif contact.caveat:
        note = f"{contact.caveat} {note}".strip()
    return Row(
        at=contact.at,
        what=CHANNELS[contact.channel] if incoming else f"Our reply ({CHANNELS[contact.channel].lower()})",
        where=", ".join(seen(route) for route in contact.routes),
        who=pseudonym(entry.who.customer_ref, entry.who.role) if incoming else "Us",
        note=note,
        contact_id=contact.id,
    )


def _record_note(record: Record) -> str:
    due = f"Due {_by(record.due)}. " if record.due else ""
    return due + seen(record.text)


def _by(due: datetime) -> str:
    return _day(due) if is_whole_day(due) else _when(due)


def _day(moment: datetime) -> str:
    local = moment.astimezone(LONDON)
    return f"{local.day} {local:%b %Y}"


def _when(moment: datetime) -> str:
    local = moment.astimezone(LONDON)
    return f"{_day(moment)}, {local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"
