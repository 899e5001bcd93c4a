"""What comes in at a landlord of two people over five weeks in which clocks change, and what people rule of it meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from triage.domain.contact import Channel, Contact, Direction, Speaker, Turn
from triage.domain.customer import Customer
from triage.domain.record import Record, RecordKind
from triage.domain.ruling import Ruling, RulingKind
from triage.domain.workdays import LONDON
from triage.testing import contact

CHANGES = (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC))
"""When London's clocks go forward and back."""
HOURS = 38 * 24
INSULT = "you useless idiot"
ADE = Customer(ref="C-1", name="Ade Bright", emails=("ade@post.example",), phones=("07700 900111",))
BO = Customer(ref="C-2", name="Bo Wicks", emails=("bo@post.example",), phones=("07700 900222",))
PEOPLE = (ADE, BO)

WORDS = {
    "Boiler broken": "The boiler is broken and there is no hot water.",
    "Mould in the bathroom": "There is black mould on the bathroom wall.",
    "Bench": "The bench outside faces the wrong way.",
}
SUBJECTS = tuple(WORDS)
SAID = (
    "When will somebody come?",
    "I have had no reply. Is there any news?",
    "I want to make a formal complaint about this.",
    "I demand an answer within two hours.",
    f"Nobody has come, {INSULT}.",
)
REPLIES = (
    "Thank you for your message. An engineer will come on Friday.",
    "We have your message and will answer within five working days.",
    "The bench stays where it is. I am the person to write to.",
)
RECORDS = (
    RecordKind.CASE_OPENED,
    RecordKind.OWNER_TOLD,
    RecordKind.ACKNOWLEDGED,
    RecordKind.STAGE1_RESPONSE,
    RecordKind.FINAL_RESPONSE,
    RecordKind.REPAIR_COMPLETED,
)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """An item as it stands at last, whose it is, when it came, and, of a corrected one, what came first."""

    item: Contact | Record
    ref: str
    at: datetime
    first: Contact | None = None

    @property
    def known_at(self) -> datetime:
        return self.at if self.first is None else self.item.at


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """What a person says of a link, and when it is taken back, if ever."""

    ruling: Ruling
    undone_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Life:
    """All that comes, in the order in which it happened, what is ruled, in the order in which that is, and the end."""

    arrivals: Sequence[Arrival]
    ruled: Sequence[Ruled]
    end: datetime

    def __repr__(self) -> str:
        """A line for each thing: when it happened, when it came, what it is."""
        lines = [f"{_moment(one.item.at)}, came {_moment(one.at)}: {_told(one)}" for one in self.arrivals]
        lines += [f"{_moment(each.ruling.at)}: {_ruling_told(each)}" for each in self.ruled]
        return "\n".join(["Life", *lines, f"{_moment(self.end)}: the end"])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Hypothesis would print every field of a dataclass."""
        printer.text(repr(self))

    @property
    def items(self) -> list[Contact | Record]:
        return [arrival.item for arrival in self.arrivals]


def _moment(at: datetime) -> str:
    return f"{at:%d %b %H:%M %Z}"


def _told(arrival: Arrival) -> str:
    item = arrival.item
    if isinstance(item, Record):
        return f"{item.id} {item.kind.value} of {item.customer_ref}: {item.text}"
    words = item.text or " / ".join(turn.text for turn in item.turns)
    corrected = " (corrected)" if arrival.first is not None else ""
    return f"{item.id}{corrected} {item.direction.value} {item.from_name} <{item.from_addr}> {item.subject}: {words}"


def _ruling_told(each: Ruled) -> str:
    ruling = each.ruling
    about = {
        name: value
        for name in ("contacts", "person", "other", "anchor", "issue_id")
        if (value := getattr(ruling, name))
    }
    return f"{ruling.id} {ruling.kind.value} {about}" + (
        f", undone {_moment(each.undone_at)}" if each.undone_at else ""
    )


@st.composite
def lives(draw, ruled=False, soon=False):
    """Six to twelve things of two people: letters, replies, calls and records, some late or corrected; now and then two busy days.

    It ends after every pattern has, or, where that may be ``soon``, days after the last thing, while some patterns hold.
    """
    change = draw(st.sampled_from(CHANGES))
    start = change - timedelta(days=draw(st.integers(3, 35)), hours=draw(st.integers(0, 23)))
    at_night = int((change - start) / timedelta(hours=1))
    hour = st.one_of(st.integers(0, HOURS), st.integers(max(0, at_night - 3), min(HOURS, at_night + 3)))
    hours = sorted(draw(st.lists(hour, min_size=6, max_size=12, unique=True)))
    coming = [draw(arrivals(f"{number:02}", start + timedelta(hours=hour))) for number, hour in enumerate(hours)]
    if draw(st.integers(0, 3)) == 0:
        coming += draw(busy_days(start))
    coming.sort(key=lambda arrival: (arrival.item.at, arrival.item.id))
    rulings = draw(what_people_rule(coming, start)) if ruled else []
    end = start + timedelta(days=60)
    if soon and draw(st.booleans()):
        moments = [one.at for one in coming] + [at for each in rulings for at in (each.ruling.at, each.undone_at) if at]
        end = max(moments) + timedelta(days=draw(st.integers(1, 12)))
    return Life(arrivals=coming, ruled=rulings, end=end)


@st.composite
def arrivals(draw, number, at):
    zone = draw(st.sampled_from((UTC, LONDON)))
    at = at.astimezone(timezone(at.astimezone(zone).utcoffset()))  # a fixed offset, as `intake.moment` gives
    person, subject = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(SUBJECTS))
    kind = draw(st.sampled_from(("mail", "mail", "mail", "unknown", "reply", "call", "record")))
    late = timedelta(hours=draw(st.sampled_from((0, 0, 0, 1, 30, 24 * 9))))
    first = None
    if kind == "record":
        what = draw(st.sampled_from(RECORDS))
        item = Record(id=f"r{number}", at=at, kind=what, customer_ref=person.ref, text=WORDS[subject])
    elif kind == "call":
        words = draw(st.sampled_from(SAID[:4]))
        turns = (
            Turn(speaker=Speaker.AGENT, text="Good morning, how can I help?"),
            Turn(speaker=Speaker.CUSTOMER, text=f"{WORDS[subject]} {words}"),
        )
        phone = person.phones[0]
        item = one(number, at, person, subject="", turns=turns, channel=Channel.CALL, from_addr=phone)
    elif kind == "reply":
        item = one(number, at, person, text=draw(st.sampled_from(REPLIES)), subject=f"Re: {subject}")
        item = replace(item, direction=Direction.OUT, from_addr="housing@heron.example", from_name="Sam Lee")
        item = replace(item, to=person.emails)
    else:
        item = one(number, at, person, text=f"{WORDS[subject]} {draw(st.sampled_from(SAID))}", subject=subject)
        if kind == "unknown":
            item = replace(item, from_addr=f"{person.ref.lower()}@elsewhere.example")
        elif INSULT not in item.text and draw(st.booleans()):
            first, late = replace(item, text=f"{item.text}."), max(late, timedelta(hours=3))
    if isinstance(item, Contact):
        item = replace(item, received=at + late)
    return Arrival(item=item, ref=person.ref, at=at + late, first=first)


@st.composite
def busy_days(draw, start):
    """A reply, and seven mails on each of two days after it that only press the same point."""
    day = start + timedelta(days=draw(st.integers(2, 25)))
    said = one("b0", day, ADE, text=REPLIES[2], subject="Re: Bench", direction=Direction.OUT, from_name="Sam Lee")
    said = replace(said, from_addr="housing@heron.example", to=ADE.emails)
    found = [Arrival(item=said, ref=ADE.ref, at=day)]
    for number in range(14):
        at = day + timedelta(days=1 + number // 7, hours=number % 7)
        item = one(f"b{number + 1}", at, ADE, text=f"The bench again, move it. {number}", subject="Bench")
        late = timedelta(hours=draw(st.sampled_from((0, 0, 0, 40))))
        found.append(Arrival(item=replace(item, received=at + late), ref=ADE.ref, at=at + late))
    return found


@st.composite
def what_people_rule(draw, coming, start):
    """One to three rulings: two made one, a contact from somebody or not, or moved to another issue; some are taken back.

    Nothing is moved to another household's issue: what comes late to either is then not always linked as in the order of time.
    """
    theirs = [one for one in coming if isinstance(one.item, Contact) and one.item.direction is Direction.IN]
    found = []
    for number in range(draw(st.integers(1, 3)) if theirs else 0):
        kind = draw(st.sampled_from((*RulingKind, RulingKind.MOVED)))
        about, other, person = (draw(st.sampled_from(each)) for each in (theirs, coming, PEOPLE))
        fields, known = {"contacts": (about.item.id,), "person": person.ref}, about.known_at
        if kind is RulingKind.JOINED:
            fields, known = {"person": ADE.ref, "other": BO.ref}, start
        elif kind is RulingKind.MOVED and other is not about and other.ref == about.ref:
            fields, known = {"contacts": (about.item.id,), "anchor": other.item.id}, max(known, other.known_at)
        elif kind is RulingKind.MOVED:
            fields = {"contacts": (about.item.id,), "issue_id": f"n{number}"}
        at = known + timedelta(minutes=1, hours=draw(st.integers(0, 24 * 12)))
        undone_at = draw(
            st.one_of(st.none(), st.integers(1, 24 * 10).map(lambda hours, at=at: at + timedelta(hours=hours)))
        )
        ruling = Ruling(id=f"u{number}", kind=kind, at=at, by="Kim Lee", **fields)
        found.append(Ruled(ruling=ruling, undone_at=undone_at))
    return sorted(found, key=lambda each: each.ruling.at)


def one(number: str, at: datetime, person: Customer, **fields: object) -> Contact:
    made = contact(f"m{number}", at, **{"from_name": person.name, "from_addr": person.emails[0], **fields})
    return replace(made, message_id=None)
