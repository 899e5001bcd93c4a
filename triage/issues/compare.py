"""Features of an item against each earlier issue, and against "a new one"; numbers from 0 to about 1."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp, log, sqrt
from typing import TypeVar

from triage.domain.contact import Channel, Contact, Direction
from triage.domain.customer import Identification, Zone
from triage.domain.issue import History
from triage.domain.record import Record, RecordKind
from triage.domain.reference import whole
from triage.issues.reading import Reading, read, specific_routes
from triage.issues.words import content_words, weight

FIRST, LAST = 4, 20
_ENDS = frozenset({RecordKind.REPAIR_COMPLETED, RecordKind.FINAL_RESPONSE})
_LITTLE = 12.0
_QUICK = frozenset({Channel.SMS, Channel.SOCIAL, Channel.LIVE_CHAT})
Likeness = Callable[[str, str], float]
T = TypeVar("T")


@dataclass(slots=True)
class Comparison:
    """One earlier issue: the part of its history that is compared, and the features of the item against it."""

    issue_id: str
    last: datetime
    features: dict[str, float] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)
    families: Counter[str] = field(default_factory=Counter)
    telling: Counter[str] = field(default_factory=Counter)
    objects: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    references: set[str] = field(default_factory=set)
    mentions: dict[str, tuple[bool, datetime]] = field(default_factory=dict)
    subjects: set[str] = field(default_factory=set)
    routes: set[str] = field(default_factory=set)
    officers: set[str] = field(default_factory=set)
    message_ids: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    contacts: list[Contact] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    named: int = 0
    ended: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The contact or record to be linked, as read, without the household's own names, street and tenancy."""

    source: Contact | Record
    who: Identification
    reading: Reading
    words: frozenset[str]
    cited: frozenset[str]
    mass: float

    @property
    def at(self) -> datetime:
        return self.source.at


def compare(
    source: Contact | Record, who: Identification, past: Sequence[History], likeness: Likeness | None
) -> tuple[Item, list[Comparison]]:
    """The item as read, and every earlier issue compared with it."""
    own_words, tenancies = _household(past)
    comparisons = [_gathered(history, own_words, tenancies) for history in past]
    reading = read(source)
    words = reading.words - own_words
    cited = reading.references | (reading.other.references if reading.other else frozenset())
    item = Item(
        source=source,
        who=who,
        reading=reading,
        words=words,
        cited=frozenset(cited - tenancies),
        mass=sum(map(weight, words)),
    )
    _settle_references(comparisons)
    claimed = {reference for comparison in comparisons for reference in comparison.references} & item.cited
    latest = max(comparison.last for comparison in comparisons)
    for comparison in comparisons:
        features = comparison.features
        _by_words(features, item, comparison, own_words)
        _by_families(features, item, comparison, own_words)
        if item.cited & comparison.references:
            features["record's own reference" if isinstance(source, Record) else "reference"] = 1.0
        elif claimed:
            features["reference of another issue"] = 1.0
        if (reading.thread_references - tenancies) & comparison.references:
            features["reference in the thread"] = 1.0
        _by_time(features, item, comparison, latest)
        if isinstance(source, Contact):
            _by_thread(features, source, item, comparison)
            _by_channel(features, source, item, comparison)
            _by_officer(features, source, comparison)
        if likeness is not None and comparison.readings:
            features["likeness"] = max(likeness(reading.text, other.text) for other in comparison.readings[-6:])
    _rank_by_words(comparisons)
    return item, comparisons


def _rank_by_words(comparisons: Sequence[Comparison]) -> None:
    """How far an issue's words fall behind those of the issue whose words fit best."""
    fits = [
        comparison.features.get("words known", 0.0) + comparison.features.get("closest message", 0.0)
        for comparison in comparisons
    ]
    for comparison, fit in zip(comparisons, fits, strict=True):
        if max(fits) - fit > 0.02:
            comparison.features["another fits better"] = min(1.0, (max(fits) - fit) * 4)


def _settle_references(comparisons: Sequence[Comparison]) -> None:
    """A reference that several issues mention is the one's whose record carries it, else the one's that named it first."""
    firsts: dict[str, tuple[bool, float, str]] = {}
    for comparison in comparisons:
        for reference, (recorded, at) in comparison.mentions.items():
            rank = (not recorded, at.timestamp(), comparison.issue_id)
            firsts[reference] = min(rank, firsts.get(reference, rank))
    for comparison in comparisons:
        comparison.references = {
            reference for reference in comparison.mentions if firsts[reference][2] == comparison.issue_id
        }


def _household(past: Sequence[History]) -> tuple[frozenset[str], frozenset[str]]:
    """Words that every matter of this household shares: names, street; and its tenancy references, which are no case's."""
    customers = {ref: customer for history in past for ref, customer in history.customers.items()}.values()
    text = " ".join(f"{customer.name or ''} {customer.address or ''}" for customer in customers)
    tenancies = {whole(customer.tenancy_ref) for customer in customers if customer.tenancy_ref}
    return frozenset(content_words(text)), frozenset(tenancies)


def _gathered(history: History, own_words: frozenset[str], tenancies: frozenset[str]) -> Comparison:
    """The first and last contacts and records of an issue: enough to compare, and bounded however long it is."""
    entries, records = _ends(history.entries), _ends(history.records)
    moments = [
        history.issue.opened,
        *(entry.contact.at for entry in entries[-1:]),
        *(record.at for record in records[-1:]),
    ]
    comparison = Comparison(issue_id=history.issue.id, last=max(moments))
    comparison.message_ids = {entry.contact.message_id for entry in history.entries if entry.contact.message_id}
    for entry in entries:
        contact = entry.contact
        comparison.contacts.append(contact)
        _take(comparison, read(contact), own_words)
        _mention(comparison, contact, tenancies)
        comparison.routes |= specific_routes(contact.routes)
        if contact.direction is Direction.IN and not contact.auto:
            comparison.people.add(entry.who.customer_ref)
        if contact.direction is Direction.OUT:
            comparison.officers |= _officers(contact.from_name)
        if read(contact).ends:
            comparison.ended = contact.at
    for record in records:
        _take(comparison, read(record), own_words)
        _mention(comparison, record, tenancies)
        if record.kind in _ENDS and (comparison.ended is None or comparison.ended < record.at):
            comparison.ended = record.at
    comparison.contacts.sort(key=lambda contact: contact.at)
    return comparison


def _ends(items: Sequence[T]) -> Sequence[T]:
    return items if len(items) <= FIRST + LAST else (*items[:FIRST], *items[-LAST:])


def _take(comparison: Comparison, reading: Reading, own_words: frozenset[str]) -> None:
    comparison.readings.append(reading)
    comparison.words.update(reading.words - own_words)
    found = reading.families
    if reading.other is not None:
        comparison.words.update(reading.other.words - own_words)
        found = found or reading.other.families
    comparison.families.update(found)
    comparison.objects |= reading.objects
    comparison.telling.update(reading.telling or (reading.other.telling if reading.other else ()))
    comparison.named += bool(found)
    comparison.places |= reading.places
    if reading.subject:
        comparison.subjects.add(reading.subject)


def _mention(comparison: Comparison, source: Contact | Record, tenancies: frozenset[str]) -> None:
    reading = read(source)
    said = reading.references | reading.thread_references | (reading.other.references if reading.other else frozenset())
    own = isinstance(source, Record) and bool(source.ref)
    for reference in said - tenancies:
        recorded, at = comparison.mentions.get(reference, (False, source.at))
        comparison.mentions[reference] = (recorded or own, min(at, source.at))


def _officers(name: str | None) -> set[str]:
    words = (name or "").split("(")[0].lower().split()
    return {word for word in words if len(word) > 2} if len(words) == 2 else set()


def _by_words(features: dict[str, float], item: Item, comparison: Comparison, own_words: frozenset[str]) -> None:
    if item.mass:
        shared = item.words & comparison.words.keys()
        features["words known"] = sum(map(weight, shared)) / (item.mass + 5)
        features["closest message"] = max(
            (_cosine(item.words, other.words - own_words) for other in comparison.readings), default=0.0
        )
    if item.reading.other is not None:
        other = (item.reading.other.words - own_words) & comparison.words.keys()
        features["agent's words"] = min(1.0, sum(map(weight, other)) / 12)


def _cosine(left: Collection[str], right: Collection[str]) -> float:
    shared = sum(weight(word) ** 2 for word in left if word in right)
    if not shared:
        return 0.0
    return shared / sqrt(sum(weight(word) ** 2 for word in left) * sum(weight(word) ** 2 for word in right))


def _by_families(features: dict[str, float], item: Item, comparison: Comparison, own_words: frozenset[str]) -> None:
    reading = item.reading
    known, sure = comparison.families, comparison.telling
    named = max(1, comparison.named)
    if share := max((sure[family] for family in reading.telling), default=0) / named:
        features["same family"] = min(1.0, 0.4 + share)
        if reading.objects & comparison.objects:
            features["same thing"] = 1.0
    elif reading.telling and sure:
        features["other family"] = 1.0
        if any(known[family] for family in reading.families):
            features["family in common, perhaps"] = 1.0
    elif any(known[family] for family in reading.families):
        features["same family, perhaps"] = 1.0
    elif reading.families and known:
        features["other family, perhaps"] = 1.0
    here, there = reading.places - own_words, comparison.places - own_words
    if here and there:
        features["same place" if here & there else "other place"] = 1.0
    if reading.route_families and known:
        features[
            "mailbox for this"
            if any(known[family] for family in reading.route_families)
            else "mailbox for something else"
        ] = 1.0


def _by_time(features: dict[str, float], item: Item, comparison: Comparison, latest: datetime) -> None:
    days = max(0.0, (item.at - comparison.last) / timedelta(days=1))
    features["recent"] = exp(-days / 7)
    features["long ago"] = log(1 + days / 30)
    if comparison.last == latest:
        features["latest"] = 1.0
        if item.mass <= _LITTLE:
            features["latest, and it says little"] = 1.0
    if days * 24 <= 1:
        ours = isinstance(item.source, Record) or item.source.direction is Direction.OUT
        features["minutes after" if ours else "again within the hour"] = 1.0
    if (
        comparison.ended is not None
        and comparison.ended <= item.at
        and comparison.ended >= comparison.last - timedelta(days=1)
    ):
        features["closed"] = 1.0


def _by_thread(features: dict[str, float], contact: Contact, item: Item, comparison: Comparison) -> None:
    headers = {contact.in_reply_to, *contact.references} - {None}
    if headers & comparison.message_ids:
        features["thread"] = 1.0
        if "other family" in features:
            features["thread, other matter"] = 1.0
    elif item.reading.subject and item.reading.subject in comparison.subjects:
        features["same subject"] = 1.0
        if "other family" in features:
            features["thread, other matter"] = 1.0
    text = " ".join(contact.text.split())
    if text and any(
        other.direction is contact.direction and " ".join(other.text.split()) == text for other in comparison.contacts
    ):
        features["same text"] = 1.0


def _by_channel(features: dict[str, float], contact: Contact, item: Item, comparison: Comparison) -> None:
    if item.reading.routes & comparison.routes:
        features["same route"] = 1.0
    if not comparison.contacts:
        return
    inbound = [other for other in comparison.contacts if other.direction is Direction.IN]
    last = comparison.contacts[-1]
    if contact.direction is Direction.IN:
        if inbound and contact.from_addr and inbound[-1].from_addr == contact.from_addr:
            features["same address last"] = 1.0
        if comparison.people and item.who.zone is Zone.SURE:
            features["their own matter" if item.who.customer_ref in comparison.people else "another person's matter"] = 1.0
        if (
            last.direction is Direction.OUT
            and last.channel is contact.channel
            and contact.channel in _QUICK
            and contact.at - last.at <= timedelta(days=2)
        ):
            features["answers our message"] = 1.0
        return
    if last.direction is Direction.IN:
        features["awaits our reply"] = 1.0
    if inbound and inbound[-1].from_addr and inbound[-1].from_addr in (*contact.to, *contact.cc):
        features["reply by this route"] = 1.0
    if inbound and set(inbound[-1].routes) & set(contact.routes):
        features["reply from where it came"] = 1.0


def _by_officer(features: dict[str, float], contact: Contact, comparison: Comparison) -> None:
    if contact.direction is Direction.OUT:
        if _officers(contact.from_name) & comparison.officers:
            features["same officer"] = 1.0
        return
    said = {word.strip(".,!?:;'\"").lower() for word in contact.own_text.split()} if comparison.officers else set()
    if said & comparison.officers:
        features["our officer named"] = 1.0


def compare_new(item: Item, comparisons: Sequence[Comparison]) -> dict[str, float]:
    """Features of "a new issue"."""
    source, reading = item.source, item.reading
    features = {"new": 1.0}
    if isinstance(source, Record):
        features["new, record"] = 1.0
    elif source.direction is Direction.OUT:
        features["new, our own"] = 1.0
    else:
        if source.channel is Channel.WEBFORM:
            features["new, form"] = 1.0
        if reading.opens:
            features["new, opens a matter"] = 1.0
        if reading.continues:
            features["new, continues a matter"] = 1.0
        if reading.afresh:
            features["new, asks or reports"] = 1.0
        if reading.refers_back:
            features["new, refers back"] = 1.0
        if reading.agent_opens:
            features["new, agent opens a job"] = 1.0
        if reading.agent_knows:
            features["new, agent knows of it"] = 1.0
        if item.mass <= _LITTLE:
            features["new, says little"] = 1.0
        if reading.subject and not reading.replies:
            features["new, subject of its own"] = 1.0
        known_words = max((comparison.features.get("words known", 0.0) for comparison in comparisons), default=0.0)
        features["new, new words"] = (1 - known_words) * min(1.0, item.mass / 40)
    known = {"same family", "same family, perhaps"}
    if reading.families and not any(known & comparison.features.keys() for comparison in comparisons):
        features["new, names an object" if reading.telling else "new, perhaps names an object"] = 1.0
    return features
