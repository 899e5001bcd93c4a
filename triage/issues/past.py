"""What is known of one earlier issue, gathered for comparison from a bounded part of its history."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TypeVar

from triage.domain.adding import NOTHING, Adding
from triage.domain.contact import Contact, Direction
from triage.domain.customer import Customer
from triage.domain.issue import Glimpse, History
from triage.domain.record import Record, RecordKind
from triage.domain.reference import whole
from triage.issues.about import about
from triage.issues.reading import Reading, apart_from, read
from triage.issues.topics import Vector, together, topic
from triage.issues.words import content_words

FIRST, LAST = 4, 20
_ENDS = frozenset({RecordKind.REPAIR_COMPLETED, RecordKind.FINAL_RESPONSE})
T = TypeVar("T")


@dataclass(slots=True)
class Past:
    """One earlier issue. ``families`` and ``telling`` count messages; ``ended`` is when it was last said to be finished."""

    history: History
    last: datetime
    words: set[str] = field(default_factory=set)
    families: Counter[str] = field(default_factory=Counter)
    telling: Counter[str] = field(default_factory=Counter)
    objects: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    mentions: dict[str, tuple[bool, datetime]] = field(default_factory=dict)
    references: set[str] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)
    subject_words: set[frozenset[str]] = field(default_factory=set)
    kinds: set[RecordKind] = field(default_factory=set)
    routes: set[str] = field(default_factory=set)
    officers: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    contacts: list[Contact] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    days: set[date] = field(default_factory=set)
    said: Adding = field(default_factory=Adding)
    topic: Vector = field(default_factory=lambda: topic(frozenset()))
    named: int = 0
    ended: datetime | None = None
    abouts: dict[str, Vector | None] = field(default_factory=dict)

    def about(self, model: str) -> Vector | None:
        """What it is about as that gist reader has it; None where it has read none of its contacts."""
        if model not in self.abouts:
            self.abouts[model] = about(self.contacts, model)
        return self.abouts[model]

    @property
    def issue_id(self) -> str:
        return self.history.issue.id


def customers_of(histories: Sequence[History]) -> list[Customer]:
    return list({ref: customer for history in histories for ref, customer in history.customers.items()}.values())


def shared_words(customers: Sequence[Customer]) -> frozenset[str]:
    """Words that every matter of a household shares: names, street."""
    return _words(" ".join(f"{customer.name or ''} {customer.address or ''}" for customer in customers))


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(content_words(text))


def tenancies_of(customers: Sequence[Customer]) -> frozenset[str]:
    """Tenancy references, which are no case's."""
    return frozenset(whole(customer.tenancy_ref) for customer in customers if customer.tenancy_ref)


def gather(histories: Sequence[History], tenancies: frozenset[str], shared: frozenset[str]) -> list[Past]:
    """Every history gathered; a reference that several mention is settled on one."""
    pasts = [_known(history, tenancies, shared) for history in histories]
    _settle_references(pasts)
    return pasts


def _known(history: History, tenancies: frozenset[str], shared: frozenset[str]) -> Past:
    """What was gathered of a glimpse is kept with it; only its references are settled anew each time."""
    if not isinstance(history, Glimpse):
        return _gathered(history, tenancies, shared)
    known = getattr(history, "past", None)
    if known is None or known[0] != (tenancies, shared):
        known = ((tenancies, shared), _gathered(history, tenancies, shared))
        object.__setattr__(history, "past", known)
    past: Past = known[1]
    return past


def _gathered(history: History, tenancies: frozenset[str], shared: frozenset[str]) -> Past:
    """The first and last contacts and records: enough to compare, and bounded however long the history is."""
    entries, records = _first_and_last(history.entries), _first_and_last(history.records)
    moments = [
        history.issue.opened,
        *(entry.contact.at for entry in entries[-1:]),
        *(record.at for record in records[-1:]),
    ]
    past = Past(history=history, last=max(moments))
    for entry in entries:
        contact = entry.contact
        past.said.take(entry, NOTHING)
        past.contacts.append(contact)
        _take(past, contact, tenancies, shared)
        past.routes |= past.readings[-1].routes
        if contact.direction is Direction.OUT:
            past.officers |= officers(contact.from_name)
        elif not contact.auto:
            past.people.add(entry.who.customer_ref)
        if past.readings[-1].ends:
            past.ended = contact.at
    for record in records:
        _take(past, record, tenancies, shared)
        past.kinds.add(record.kind)
        if record.kind in _ENDS and (past.ended is None or past.ended < record.at):
            past.ended = record.at
    past.contacts.sort(key=lambda contact: contact.at)
    past.topic = together(map(topic_of, past.readings)) if past.readings else past.topic
    return past


def topic_of(reading: Reading) -> Vector:
    """What both sides of a message are about."""
    return topic(reading.words | reading.other.words if reading.other else reading.words)


def _first_and_last(items: Sequence[T]) -> Sequence[T]:
    return items if len(items) <= FIRST + LAST else (*items[:FIRST], *items[-LAST:])


def _take(past: Past, source: Contact | Record, tenancies: frozenset[str], shared: frozenset[str]) -> None:
    reading = apart_from(read(source), shared)
    other = reading.other or Reading()
    past.readings.append(reading)
    past.words |= reading.words | other.words
    found = reading.families or other.families
    past.families.update(found)
    past.telling.update(reading.telling or other.telling)
    past.objects |= reading.objects
    past.named += bool(found)
    past.places |= reading.places
    past.days |= reading.days | reading.days_of_other
    if reading.subject:
        past.subjects.add(reading.subject)
        past.subject_words.add(reading.subject_words)
    own = isinstance(source, Record) and bool(source.ref)
    for reference in (reading.references | reading.thread_references | other.references) - tenancies:
        recorded, at = past.mentions.get(reference, (False, source.at))
        past.mentions[reference] = (recorded or own, min(at, source.at))


def officers(name: str | None) -> set[str]:
    """First and last name of somebody of ours; a team's name ("Repairs Desk (South)") is nobody's unless it has two words."""
    words = (name or "").split("(")[0].lower().split()
    return {word for word in words if len(word) > 2} - _TEAMS if len(words) == 2 else set()


_TEAMS = {
    "team",
    "desk",
    "repairs",
    "heating",
    "heat",
    "parking",
    "rents",
    "keys",
    "planner",
    "office",
    "estates",
    "engineer",
    "customer",
    "service",
    "services",
    "housing",
    "complaints",
}


def _settle_references(pasts: Sequence[Past]) -> None:
    """A reference that several issues mention is the one's whose record carries it, else the one's that named it first."""
    firsts: dict[str, tuple[bool, float, str]] = {}
    for past in pasts:
        for reference, (recorded, at) in past.mentions.items():
            rank = (not recorded, at.timestamp(), past.issue_id)
            firsts[reference] = min(rank, firsts.get(reference, rank))
    for past in pasts:
        past.references = {reference for reference in past.mentions if firsts[reference][2] == past.issue_id}
