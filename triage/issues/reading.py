"""One contact or record, read for linking; a text is read once and remembered."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from triage.domain.contact import Contact, Direction, Speaker
from triage.domain.moments import moments_in
from triage.domain.record import Record
from triage.domain.reference import canonical, references
from triage.domain.workdays import LONDON, WorkingDays
from triage.issues.cues import (
    AFRESH,
    AGENT_KNOWS,
    AGENT_OPENS,
    ASIDE,
    ASKS_AFTER,
    ASKS_WHEN,
    CLOSES,
    CONTINUES,
    ENDS,
    OPENS,
    REFERS_BACK,
)
from triage.issues.titles import bare_subject, is_reply
from triage.issues.topics import forget_topics
from triage.issues.words import content_words, families, length, objects, places, telling_part

_GENERAL = re.compile(
    r"contact centre|switchboard|out[ -]of[ -]hours|text service|post ?room|chat|facebook|instagram|twitter|mobile|"
    r"^\+?[\d ]+$|visit|line$|reception|website contact",
    re.IGNORECASE,
)
_MAILBOXES = re.compile(
    r"^(?:info|hello|contact\w*|enquir\w*|customer\w*|housing|complaints?|ceo|directors?|executive\S*|office|no-?reply|feedback|hub|support|mail|admin|help|repairs?|neighbourhoods?)@",
    re.IGNORECASE,
)
LONGEST = 20_000  # characters of one message that are compared
_MARKS = ".,!?:;'\"()"
PICKS_UP = 60
"""Characters of a first turn that only greets."""
REMEMBERED = 32_768
"""Items whose readings are kept: more than are on issues that are followed. The oldest is let go first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What linking looks at: stems, families of objects, places, references, subject, and whether it opens or continues."""

    words: frozenset[str] = frozenset()
    norm: float = 1.0
    families: frozenset[str] = frozenset()
    telling: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    ends: bool = False
    places: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()
    thread_references: frozenset[str] = frozenset()
    opens: bool = False
    continues: bool = False
    afresh: bool = False
    replies: bool = False
    aside: bool = False
    refers_back: bool = False
    asks_after: bool = False
    asks_when: bool = False
    days: frozenset[date] = frozenset()
    days_of_other: frozenset[date] = frozenset()
    agent_opens: bool = False
    agent_knows: bool = False
    subject: str = ""
    subject_words: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    route_families: frozenset[str] = frozenset()
    other: "Reading | None" = None
    said: frozenset[str] = frozenset()
    flat: str = ""


@lru_cache(maxsize=4096)
def _read(whole: str) -> Reading:
    text = whole[:LONGEST]
    part = telling_part(text)
    words = content_words(part)
    return Reading(
        words=frozenset(words),
        norm=length(set(words)) or 1.0,
        families=families(words),
        telling=families(words, telling=True),
        objects=objects(words),
        ends=bool(ENDS.search(text)) or (part == text and bool(CLOSES.search(text)) and "?" not in text),
        places=places(part),
        references=references(text),
        opens=bool(OPENS.search(text)),
        continues=bool(CONTINUES.search(part)),
        afresh=bool(AFRESH.search(part)),
    )


@lru_cache(maxsize=1024)
def _route_words(route: str) -> Reading:
    return _read(route.split("@")[0].replace("portal:", ""))


def specific_routes(routes: Iterable[str]) -> frozenset[str]:
    """Routes that say what a contact is about (parking@, waste form), not a switchboard or a general mailbox."""
    return frozenset(route.lower() for route in routes if not _GENERAL.search(route) and not _MAILBOXES.match(route))


def read_contact(contact: Contact) -> Reading:
    """A contact's own words; an old subject (``Re:``, or words that turn to something else) tells the thread, not what they are about."""
    subject = bare_subject(contact.subject)
    own = contact.own_text or contact.text
    aside = bool(ASIDE.search(own[:LONGEST]))
    replies = is_reply(contact.subject) or (aside and bool(subject))
    read = _read(own if replies or not subject else f"{subject}.\n{own}")
    routes = specific_routes(contact.routes)
    side = _other_side(contact)
    return Reading(
        words=read.words,
        norm=read.norm,
        families=read.families,
        telling=read.telling,
        objects=read.objects,
        ends=read.ends,
        places=read.places,
        references=read.references,
        thread_references=references(subject) if replies else frozenset(),
        opens=read.opens or aside,
        continues=read.continues,
        afresh=read.afresh,
        replies=replies,
        aside=aside,
        refers_back=bool(REFERS_BACK.search(telling_part(own[:LONGEST]))),
        asks_after=bool(ASKS_AFTER.search(own[:LONGEST])),
        asks_when=bool(ASKS_WHEN.search(own[:LONGEST])),
        days=_days(f"{contact.subject}\n{own}", contact.at),
        days_of_other=_days(side, contact.at) if side else frozenset(),
        agent_opens=bool(side and AGENT_OPENS.search(side)),
        agent_knows=bool(side and AGENT_KNOWS.search(side)),
        subject=" ".join(subject.lower().split()),
        subject_words=frozenset(word for word in content_words(subject) if not any(map(str.isdigit, word))),
        routes=routes,
        route_families=frozenset(family for route in routes for family in _route_words(route).families),
        other=_read(side) if side else None,
        said=frozenset(word.strip(_MARKS).lower() for word in own[:LONGEST].split()),
        flat=" ".join(contact.text.split()),
    )


@lru_cache(maxsize=REMEMBERED)
def apart_from(reading: Reading, shared: frozenset[str]) -> Reading:
    """A reading without the names and the street of a household: "5 Quarry Steps" tells of no staircase."""
    if not reading.words & shared:
        return reading
    words = reading.words - shared
    return replace(
        reading, words=words, families=families(words), telling=families(words, telling=True), objects=objects(words)
    )


def _other_side(contact: Contact) -> str:
    """What the other side says in a call or chat, without the words with which ours picks up: they name the landlord, not a matter."""
    voice = Speaker.AGENT if contact.direction is Direction.IN else Speaker.CUSTOMER
    return "\n".join(
        turn.text
        for place, turn in enumerate(contact.turns)
        if turn.speaker is voice and (place or len(turn.text) > PICKS_UP)
    )


def _days(text: str, said: datetime) -> frozenset[date]:
    """The days that a text names, other than that on which it was written."""
    here = said.astimezone(LONDON).date()
    named = (moment.astimezone(LONDON).date() for _, moment in moments_in(text[:LONGEST], said, WorkingDays()))
    return frozenset(day for day in named if day != here)


def read_record(record: Record) -> Reading:
    read = _read(record.text)
    own = frozenset({canonical(record.ref)}) if record.ref and re.search(r"\d", record.ref) else frozenset()
    return Reading(
        words=read.words,
        norm=read.norm,
        families=read.families,
        telling=read.telling,
        objects=read.objects,
        ends=read.ends,
        places=read.places,
        references=read.references | own,
        days=_days(record.text, record.at) | ({record.due.astimezone(LONDON).date()} if record.due else frozenset()),
    )


def read(item: Contact | Record) -> Reading:
    """An item's reading, remembered: asked for as often as something comes to its household, mostly of the same object."""
    known = _remembered.get(item.id)
    if known is not None and (known[0] is item or known[0] == item):
        return known[1]
    found = read_record(item) if isinstance(item, Record) else read_contact(item)
    if len(_remembered) >= REMEMBERED:
        _remembered.pop(next(iter(_remembered)))
    _remembered[item.id] = (item, found)
    return found


_remembered: dict[str, tuple[Contact | Record, Reading]] = {}


def forget_readings() -> None:
    """Lets go of every reading, because what was read may have been erased."""
    _remembered.clear()
    _read.cache_clear()
    apart_from.cache_clear()
    forget_topics()
