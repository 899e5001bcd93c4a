"""Features of an item against each earlier issue, and against "a new one"; numbers from 0 to about 1."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log

from triage.domain.acts import Act, log_odds
from triage.domain.adding import bounded
from triage.domain.contact import Channel, Contact, Direction
from triage.domain.customer import Identification, Zone
from triage.domain.issue import Entry, History
from triage.domain.record import Record, RecordKind
from triage.domain.words import accuses, closes, complains
from triage.domain.workdays import LONDON
from triage.issues.about import about, model_of
from triage.issues.follows import follows
from triage.issues.past import Past, customers_of, gather, officers, shared_words, tenancies_of, topic_of
from triage.issues.reading import Reading, apart_from, read
from triage.issues.topics import Vector
from triage.issues.weights import TOGETHER
from triage.issues.words import length, weight

Features = dict[str, float]

LITTLE = 12.0  # the mass of about two telling words
NAMING = 5.0  # the mass of a word that few contacts have
HARDLY = 0.12  # of what it says
MUCH = 150.0  # the mass of a text that says at length what it is about
OFTEN, FEW = (
    0.4,
    5,
)  # the share of contacts with a new matter that is not remarkable, and the contacts that make a habit
HALF_A_DAY, WEEK = timedelta(hours=12), timedelta(days=7)
SOON_AFTER = 4
"""Days within which somebody says how it went."""
BUSY = 3
"""Contacts about one matter within half a day, after which the next is most likely about it too."""
NAMES_IT = frozenset({"reference", "thread", "same subject", "same text", "reference in the thread"})
KINDRED = frozenset({"same family", "same family, perhaps"})
_SETTLES: tuple[tuple[frozenset[RecordKind], Callable[[str], bool]], ...] = (
    (frozenset({RecordKind.ALLEGATION_UPHELD, RecordKind.ALLEGATION_NOT_UPHELD}), accuses),
    (frozenset({RecordKind.STAGE1_RESPONSE, RecordKind.STAGE2_RESPONSE, RecordKind.FINAL_RESPONSE}), complains),
)
"""Kinds of outcome, and whether a customer's words are what such an outcome settles."""
_QUICK = frozenset({Channel.SMS, Channel.SOCIAL, Channel.LIVE_CHAT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The contact or record to be linked, as read, without the household's own names, street and tenancy."""

    source: Contact | Record
    who: Identification
    reading: Reading
    own_words: frozenset[str]
    words: frozenset[str]
    cited: frozenset[str]
    thread_cited: frozenset[str]
    mass: float
    norm: float
    topic: Vector
    about: Vector | None


def compare(
    source: Contact | Record, who: Identification, histories: Sequence[History]
) -> tuple[list[tuple[Past, Features]], Features]:
    """Features for every earlier issue, and for "a new one"."""
    customers = customers_of(histories)
    tenancies = tenancies_of(customers)
    shared = shared_words(customers)
    item = _item(source, who, shared, tenancies)
    pasts = gather(histories, tenancies, shared)
    claimed = any(item.cited & past.references for past in pasts)
    latest = max(past.last for past in pasts)
    compared = []
    for past in pasts:
        features: Features = {}
        _by_words(features, item, past)
        _by_topic(features, item, past)
        _by_gist(features, item, past)
        _by_families(features, item, past)
        _by_reference(features, item, past, claimed)
        _by_time(features, item, past, latest)
        if isinstance(source, Contact):
            _by_thread(features, source, item, past)
            if source.direction is Direction.IN:
                _by_days(features, source, item, past)
                _inbound(features, source, item, past)
            else:
                _outbound(features, source, past)
        else:
            _recorded(features, source, past)
        if NAMES_IT & features.keys():
            features.pop("closed", None)  # who answers a finished matter's own thread, or gives its reference, means it
        compared.append((past, features))
    _forget_common_routes([features for _, features in compared])
    _rank_by_words([features for _, features in compared])
    _rank_by_topic([features for _, features in compared])
    _rank_by_gist([features for _, features in compared])
    if isinstance(source, Contact) and source.direction is Direction.IN:
        _by_what_is_finished(item, source, compared)
    if isinstance(source, Contact) and source.direction is Direction.IN and item.reading.asks_after:
        _by_what_is_open(item, compared)
    new = _new(item, compared)
    if isinstance(source, Contact) and item.about is not None:
        *old, none = follows(source, pasts)
        for (_, features), value in zip(compared, old, strict=True):
            features["follows"] = float(value)
        new["new, follows on nothing"] = float(none)
    for _, features in compared:
        _together(features)
    return compared, new


def _together(features: Features) -> None:
    features |= {
        name: features[one] * features[other]
        for name, (one, other) in TOGETHER.items()
        if one in features and other in features
    }


def _item(source: Contact | Record, who: Identification, own_words: frozenset[str], tenancies: frozenset[str]) -> Item:
    reading = apart_from(read(source), own_words)
    cited = reading.references | (reading.other.references if reading.other else frozenset())
    return Item(
        source=source,
        who=who,
        reading=reading,
        own_words=own_words,
        words=reading.words,
        cited=cited - tenancies,
        thread_cited=reading.thread_references - tenancies,
        mass=sum(map(weight, reading.words)),
        norm=length(reading.words),
        topic=topic_of(reading),
        about=about([source], model_of(source)) if isinstance(source, Contact) else None,
    )


def _by_words(features: Features, item: Item, past: Past) -> None:
    if item.mass:
        features["words known"] = sum(map(weight, item.words & past.words)) / (item.mass + 5)
        closest = max((_cosine(item, other) for other in past.readings), default=0.0)
        features["closest message"] = closest
    if item.reading.other is not None:
        other = (item.reading.other.words - item.own_words) & past.words
        features["agent's words"] = min(1.0, sum(map(weight, other)) / 12)


def _cosine(item: Item, other: Reading) -> float:
    shared = item.words & other.words
    return sum(weight(word) ** 2 for word in shared) / (item.norm * other.norm) if shared else 0.0


def _rank_by_words(compared: Sequence[Features]) -> None:
    """How far an issue's words fall behind those of the issue whose words fit best."""
    fits = [features.get("words known", 0.0) + features.get("closest message", 0.0) for features in compared]
    for features, fit in zip(compared, fits, strict=True):
        if max(fits) - fit > 0.02:
            features["another fits better"] = min(1.0, (max(fits) - fit) * 4)


def _by_topic(features: Features, item: Item, past: Past) -> None:
    """How near the two point, where a stem of the item's is known at all."""
    if item.topic.any():
        features["topic alike"] = max(0.0, float(item.topic @ past.topic))


def _rank_by_topic(compared: Sequence[Features]) -> None:
    """How far an issue's topic lies behind the nearest one."""
    nearest = max((features.get("topic alike", 0.0) for features in compared), default=0.0)
    for features in compared:
        if (behind := nearest - features.get("topic alike", nearest)) > 0:
            features["another's topic is nearer"] = behind


def _by_gist(features: Features, item: Item, past: Past) -> None:
    """How near the two are by their gist, where it is known of the item at all."""
    if item.about is None:
        return
    known = past.about(model_of(item.source))
    if known is None:
        features["gist unknown"] = 1.0
    else:
        features["gist alike"] = float(item.about @ known)


def _rank_by_gist(compared: Sequence[Features]) -> None:
    """How far an issue's gist lies behind the nearest one."""
    known = [features["gist alike"] for features in compared if "gist alike" in features]
    for features in compared:
        if known and (behind := max(known) - features.get("gist alike", 0.0)) > 0:
            features["another's gist is nearer"] = behind


def _forget_common_routes(compared: Sequence[Features]) -> None:
    """A mailbox or form by which several matters have come tells none of them."""
    used = [features for features in compared if "same route" in features]
    if len(used) > 1:
        for features in used:
            del features["same route"]


def _by_families(features: Features, item: Item, past: Past) -> None:
    reading, named = item.reading, max(1, past.named)
    in_common = any(past.families[family] for family in reading.families)
    if share := max((past.telling[family] for family in reading.telling), default=0) / named:
        features["same family"] = min(1.0, 0.4 + share)
        if reading.objects & past.objects:
            features["same thing"] = 1.0
    elif reading.telling and past.telling:
        features["other family"] = 1.0
        if in_common:
            features["family in common, perhaps"] = 1.0
    elif in_common:
        features["same family, perhaps"] = 1.0
    elif reading.families and past.families:
        features["other family, perhaps"] = 1.0
    here, there = reading.places - item.own_words, past.places - item.own_words
    if here and there:
        features["same place" if here & there else "other place"] = 1.0
    if reading.route_families and past.families:
        fits = any(past.families[family] for family in reading.route_families)
        features["mailbox for this" if fits else "mailbox for something else"] = 1.0


def _by_reference(features: Features, item: Item, past: Past, claimed: bool) -> None:
    if item.cited & past.references:
        features["record's own reference" if isinstance(item.source, Record) else "reference"] = 1.0
    elif claimed:
        features["reference of another issue"] = 1.0
    if item.thread_cited & past.references and not item.reading.aside:
        features["reference in the thread"] = 1.0


def _by_time(features: Features, item: Item, past: Past, latest: datetime) -> None:
    source = item.source
    days = max(0.0, (source.at - past.last) / timedelta(days=1))
    features["recent"] = exp(-days / 7)
    features["long ago"] = log(1 + days / 30)
    if past.last == latest:
        features["latest"] = 1.0
        if item.mass <= LITTLE:
            features["latest, and it says little"] = 1.0
    if days * 24 <= 1:
        ours = isinstance(source, Record) or source.direction is Direction.OUT
        features["minutes after" if ours else "again within the hour"] = 1.0
    if past.ended is not None and past.last - timedelta(days=1) <= past.ended <= source.at:
        features["closed"] = 1.0


def _by_thread(features: Features, contact: Contact, item: Item, past: Past) -> None:
    """``past`` is of the sender's own household, so that a header cannot pull in somebody else's thread."""
    if not item.reading.aside:  # who says that it is about something else does not mean its thread
        headers = {contact.in_reply_to, *contact.references} - {None}
        subject = item.reading.subject
        if headers and any(entry.contact.message_id in headers for entry in past.history.entries):
            features["thread"] = 1.0
        elif subject and subject in past.subjects and contact.channel is not Channel.WEBFORM:
            features["same subject"] = 1.0  # a form's subject is the form's, not the sender's
    if "other family" in features and {"thread", "same subject"} & features.keys():
        features["thread, other matter"] = 1.0
    text = item.reading.flat
    if text and any(other.direction is contact.direction and read(other).flat == text for other in past.contacts):
        features["same text"] = 1.0
    if item.reading.routes & past.routes:
        features["same route"] = 1.0


def _under_another_subject(item: Item, compared: Sequence[tuple[Past, Features]]) -> bool:
    """Whether no subject of any earlier issue shares half of what its own says; nothing is known of an issue without subjects."""
    named = item.reading.subject_words - item.own_words
    if not named or any(NAMES_IT & features.keys() for _, features in compared):
        return False
    half = sum(map(weight, named)) / 2
    known = [past.subject_words for past, _ in compared]
    alike = any(sum(map(weight, named & other)) >= half for subjects in known for other in subjects)
    return all(known) and not alike


def _own_subject(item: Item, compared: Sequence[tuple[Past, Features]]) -> bool:
    """Whether its sender gave it a subject, and no word of that subject was ever used in an earlier issue.

    "Window cleaning charge" names something; "Complaint", "Tomorrow" and "Case RP-1" name nothing.
    """
    ties = NAMES_IT | KINDRED
    if item.reading.replies or any(ties & features.keys() for _, features in compared):
        return False
    named = item.reading.subject_words - item.own_words
    known = any(named & past.words for past, _ in compared)
    return not known and sum(map(weight, named)) >= NAMING


def _as_often(compared: Sequence[tuple[Past, Features]]) -> float:
    """How far more than OFTEN of their contacts each opened an issue of its own, of somebody who wrote a few times."""
    opened = sum(bool(past.people) for past, _ in compared)
    came = sum(contact.direction is Direction.IN for past, _ in compared for contact in past.contacts)
    return max(0.0, opened / came - OFTEN) if came >= FEW else 0.0


def _inbound(features: Features, contact: Contact, item: Item, past: Past) -> None:
    inbound = [other for other in past.contacts if other.direction is Direction.IN]
    if inbound and contact.from_addr and inbound[-1].from_addr == contact.from_addr:
        features["same address last"] = 1.0
    if past.people and item.who.zone is Zone.SURE:
        features["their own matter" if item.who.customer_ref in past.people else "another person's matter"] = 1.0
    if sum(contact.at - other.at <= HALF_A_DAY for other in inbound) >= BUSY:
        features["pressed all day"] = 1.0
    if past.contacts and follows_at_once(contact, past.contacts[-1]):
        features["answers our message"] = 1.0
    if past.officers and past.officers & item.reading.said:
        features["our officer named"] = 1.0
    adds = past.said.of(Entry(contact=contact, who=item.who))
    features["gives what we asked"] = max(0.0, bounded(adds.reply))


def follows_at_once(contact: Contact, last: Contact) -> bool:
    """Whether a text or chat comes within two days of one of ours that was the last word."""
    ours = last.direction is Direction.OUT and last.channel is contact.channel
    return ours and contact.channel in _QUICK and contact.at - last.at <= timedelta(days=2)


def _by_days(features: Features, source: Contact, item: Item, past: Past) -> None:
    """An appointment is asked after by its day, or as somebody who has not come about the time at which one was to come; and who says in few
    words that it is done, or how it went, means what was to be on that day."""
    here = source.at.astimezone(LONDON).date()
    if item.reading.days & past.days:
        features["same day named"] = 1.0
    elif (
        item.reading.asks_when and "closed" not in features and any(-7 <= (day - here).days <= 14 for day in past.days)
    ):
        features["somebody was to come"] = 1.0
    gaps = [gap for day in past.days if 0 <= (gap := (here - day).days) <= SOON_AFTER]
    if gaps and item.mass <= LITTLE:
        features["its day has come"] = 1 / (1 + min(gaps))
        if closes(source.said, source.gist):
            features["its day has come, and it closes"] = 1 / (1 + min(gaps))


def _by_what_is_finished(item: Item, contact: Contact, compared: Sequence[tuple[Past, Features]]) -> None:
    """A closing word is of what was finished last."""
    if not (closes(contact.said, contact.gist) or item.reading.ends):
        return
    finished = [(past.ended, features) for past, features in compared if past.ended and contact.at - past.ended <= WEEK]
    if finished:
        features = max(finished, key=lambda one: one[0])[1]
        features.pop("closed", None)
        features["thanks for what was done"] = 1.0


def _by_what_is_open(item: Item, compared: Sequence[tuple[Past, Features]]) -> None:
    """Somebody who asks after something without naming it means the open issue that they pressed last.

    A word that no issue has used and that stands for no kind of thing ("the cubby") names nothing that one could ask after.
    """
    naming = sum(weight(word) for word in item.words if any(word in past.words for past, _ in compared))
    if item.reading.telling and item.mass > LITTLE:
        return
    if naming > LITTLE or any(NAMES_IT & features.keys() for _, features in compared):
        return
    pressed = [(at, features) for past, features in compared if (at := _pressed(past, item.who.customer_ref))]
    if pressed:
        max(pressed, key=lambda one: one[0])[1]["asks after what is open"] = 1.0


def _pressed(past: Past, person: str) -> datetime | None:
    """When the person last asked for something in an issue in which that is still unanswered, and which is not finished.

    A closing word ("Thursday is good, cheers") presses nothing.
    """
    entries = [entry for entry in past.history.entries if not entry.contact.auto]
    while entries and _ends_with_thanks(entries[-1].contact):
        entries.pop()
    if not entries or entries[-1].contact.direction is Direction.OUT or past.ended is not None:
        return None
    return max((entry.contact.at for entry in entries if entry.who.customer_ref == person), default=None)


def _ends_with_thanks(contact: Contact) -> bool:
    return contact.direction is Direction.IN and closes(contact.said, contact.gist)


def _outbound(features: Features, contact: Contact, past: Past) -> None:
    inbound = [other for other in past.contacts if other.direction is Direction.IN]
    if past.contacts and past.contacts[-1].direction is Direction.IN:
        features["awaits our reply"] = 1.0
    if inbound and inbound[-1].from_addr and inbound[-1].from_addr in (*contact.to, *contact.cc):
        features["reply by this route"] = 1.0
    if inbound and set(inbound[-1].routes) & set(contact.routes):
        features["reply from where it came"] = 1.0
    if officers(contact.from_name) & past.officers:
        features["same officer"] = 1.0


def _recorded(features: Features, record: Record, past: Past) -> None:
    """A record of what we did settles something that was asked of us; outcomes of allegations and complaints settle those."""
    if past.contacts and past.contacts[-1].direction is Direction.IN:
        features["awaits what we do"] = 1.0
    for kinds, asks in _SETTLES:
        if record.kind in kinds:
            asked = any(asks(other.own_text) for other in past.contacts if other.direction is Direction.IN)
            settled = bool(asked or kinds & past.kinds)
            features["of what it settles" if settled else "of nothing that it settles"] = 1.0


def _new(item: Item, compared: Sequence[tuple[Past, Features]]) -> Features:
    """Features of "a new issue"."""
    source, reading = item.source, item.reading
    features = {"new": 1.0}
    if isinstance(source, Record):
        features["new, record"] = 1.0
    elif source.direction is Direction.OUT:
        features["new, our own"] = 1.0
    else:
        known = max((other.get("words known", 0.0) for _, other in compared), default=0.0)
        features["new, new words"] = (1 - known) * min(1.0, item.mass / 25)
        signs = {
            "new, form": source.channel is Channel.WEBFORM,
            "new, opens a matter": reading.opens,
            "new, continues a matter": reading.continues,
            "new, asks or reports": reading.afresh,
            "new, refers back": reading.refers_back,
            "new, agent opens a job": reading.agent_opens,
            "new, agent knows of it": reading.agent_knows,
            "new, says little": item.mass <= LITTLE,
        }
        features |= {name: 1.0 for name, holds in signs.items() if holds}
        if source.said.strip():
            features["new, by its words"] = max(-2.0, min(2.0, 1 + log_odds(Act.FIRST, source.said, source.gist) / 2))
        points_back = (
            reading.continues or reading.refers_back or reading.asks_after or reading.asks_when or reading.ends
        )
        if known < HARDLY and item.mass > LITTLE and not points_back:
            features["new, points back to nothing"] = 1.0
        features["new, as often before"] = _as_often(compared)
        if _own_subject(item, compared):
            features["new, under a subject of its own"] = 1.0
            features.pop("new, says little", None)
            for _, other in compared:
                other.pop("latest, and it says little", None)
        if _under_another_subject(item, compared):
            features["new, says much under another subject"] = min(1.0, item.mass / MUCH)
            if reading.replies:
                features["new, answers what is not held"] = 1.0
    if reading.families and not any(KINDRED & other.keys() for _, other in compared):
        features["new, names an object" if reading.telling else "new, perhaps names an object"] = 1.0
    return features
