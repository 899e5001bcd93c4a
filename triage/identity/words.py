"""What a contact's words say about who speaks: names introduced or only mentioned, places, and "for somebody else"."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from triage.domain.contact import Channel, Contact, Direction, SegmentKind, Speaker
from triage.domain.customer import Role
from triage.domain.reference import numerals, references
from triage.identity.normal import APOSTROPHES, plain, words_of
from triage.identity.others import TITLES, names_of_others
from triage.identity.roles import KIN, role_said


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FOR_ANOTHER = re.compile(
    rf"\b(?:i'?m|i am|it'?s|this is|its) (?:her|his|their) (?:{KIN})\b"
    r"|\b(?:ringing|calling|phoning|writing|speaking|emailing|messaging|acting|texting) (?:you )?(?:for(?! (?:the|an?|some|any|news|help|advice|you)\b)|on behalf of)\b"
    r"|\bon behalf of\b|\bi (?:act|write|speak) for\b|\bmy (?:client|constituent)\b"
    rf"|\b[a-z-]+'s (?:{KIN})\b"
)
_OTHERS_THERE = re.compile(rf"\b(?:{KIN})s?\b")

_GREETING = _set(
    "hello hi hiya hey yes yeah good morning afternoon evening day dear all my love and oh well er um please ok right"
)
_INTRODUCES = _set("it's its i'm im am name's name here's")
_INTRODUCES_2 = frozenset(
    {
        ("it", "is"),
        ("this", "is"),
        ("i", "am"),
        ("name", "is"),
        ("name", "of"),
        ("only", "me"),
        ("speaking", "is"),
        ("is", "that"),
        ("me", "again"),
        ("it's", "me"),
        ("its", "me"),
    }
)
_AFTER = _set("here again speaking")
_OTHERS = _set("for of behalf client constituent told by to asked with about see saw and spoke at mention")
_TITLED = re.compile(rf"\b(?:{'|'.join(sorted(TITLES))})\.? ([a-z][a-z'-]+)")
_INITIALLED = re.compile(r"\b[a-z]\. ([a-z][a-z'-]+)\b(?!\W*$)")
"""Not at the end, where whoever wrote it signs."""
NOT_A_NAME = _GREETING | TITLES | _INTRODUCES | _set("this only just still name speaking the old")
_CLOSE = re.compile(
    r"\b(?:regards|faithfully|sincerely|truly|yours|thanks|thank you|cheers|wishes|from|ta|respectfully)\b[ ,.!]*",
    re.IGNORECASE,
)
_STOPS = frozenset(".,;!?\n")
_PIECE = re.compile(r"[.?!,] |\n")
_LONGEST_SIGNATURE = 8
_LONGEST_UNIT, _MOST_TURNS = 6000, 120
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


class Standing(IntEnum):
    """How a name stands in the words, weakest first."""

    OF_ANOTHER = 0
    MENTIONED = 1
    SIGNED = 2
    INTRODUCED = 3


Spot = tuple[int, int]
"""A unit and a place in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    word: str
    capital: bool
    standing: Standing
    stops: bool
    """A mark that ends a sentence, or a part of one, follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Units of a sender's own words (turns, or subject and body), read for identity.

    ``noted`` says that they are our own note of a visit to one person, who is then called by title and surname ("Ms Farrow").
    ``speaks_as`` is the role that the speaker plainly claims towards somebody ("I am Mary Okafor's carer").
    ``spots`` says where each word stands, ``signed`` where one stands as a name that is signed or introduced; ``heads`` are the
    first three letters of those.
    """

    units: tuple[tuple[Token, ...], ...]
    places: tuple[tuple[str, ...], ...]
    references: frozenset[str]
    for_another: bool
    speaks_as: Role = Role.CUSTOMER
    noted: bool = False
    agent: tuple[str, ...] = ()
    text: str = ""
    signed: tuple[Spot, ...] = ()
    heads: frozenset[str] = frozenset()
    spots: Mapping[str, tuple[Spot, ...]] = field(default_factory=dict)

    def titled(self, unit: tuple[Token, ...], index: int) -> bool:
        """Whether our note of a visit calls somebody by the word that stands there, after a title or an initial."""
        return self.noted and index > 0 and (unit[index - 1].word in TITLES or len(unit[index - 1].word) == 1)


def said_in(contact: Contact) -> Said:
    """Read the sender's own words and signature; quoted and forwarded words are somebody else's."""
    body, agent = ([_bounded(unit) for unit in units] for units in _own_units(contact))
    quick = contact.channel in {Channel.SMS, Channel.LIVE_CHAT, Channel.SOCIAL}
    units = tuple(_tokens(unit, spoken=bool(contact.turns), quick=quick) for unit in body)
    subject = _tokens(contact.subject, spoken=False, subject=True) if contact.subject else ()
    whole = "\n".join([contact.subject, *body])
    noted = contact.channel is Channel.VISIT_NOTE and not contact.turns and _is_about_one(plain(whole))
    ours = contact.direction is Direction.OUT or (contact.channel is Channel.VISIT_NOTE and not contact.turns)
    speaks_as = Role.CUSTOMER if ours else role_said(whole, contact.from_name or "", contact.from_addr or "")
    units = (*units, subject) if subject else units
    spots: dict[str, list[Spot]] = defaultdict(list)
    signed: list[Spot] = []
    for number, unit in enumerate(units):
        for place, token in enumerate(unit):
            spots[token.word].append((number, place))
            if token.standing >= Standing.SIGNED:
                signed.append((number, place))
    return Said(
        units=units,
        places=tuple(words_of(unit) for unit in [*body, contact.subject] if unit),
        references=references(whole),
        for_another=bool(_FOR_ANOTHER.search(plain(whole))),
        speaks_as=speaks_as,
        noted=noted,
        agent=tuple(word for unit in (*agent, *(body if noted else ())) for word in words_of(unit)),
        text=whole,
        signed=tuple(signed),
        heads=frozenset(units[number][place].word[:3] for number, place in signed),
        spots={word: tuple(places) for word, places in spots.items()},
    )


def _is_about_one(note: str) -> bool:
    """Whether a note of a visit names one person by title, or initial, and surname, and no relative: else another may have been the one who spoke."""
    named = set(_TITLED.findall(note)) or set(_INITIALLED.findall(note))
    return len(named) == 1 and _OTHERS_THERE.search(note) is None


def _bounded(unit: str) -> str:
    """The beginning and end of a very long unit: nobody gives their name in the middle of a novel."""
    return unit if len(unit) <= _LONGEST_UNIT else unit[: _LONGEST_UNIT // 2] + "\n" + unit[-_LONGEST_UNIT // 2 :]


def _own_units(contact: Contact) -> tuple[list[str], list[str]]:
    if contact.turns:
        voice = Speaker.CUSTOMER if contact.direction is Direction.IN else Speaker.AGENT
        own = [turn.text for turn in contact.turns if turn.speaker is voice]
        other = [
            turn.text for turn in contact.turns if turn.speaker is not voice and turn.speaker is not Speaker.SYSTEM
        ]
        return own[:_MOST_TURNS], other[:_MOST_TURNS]
    if not contact.segments:
        return [contact.text], []
    kept = [segment for segment in contact.segments if segment.kind in {SegmentKind.OWN, SegmentKind.SIGNATURE}]
    return ["\n".join(contact.text[segment.start : segment.end] for segment in kept)], []


def _tokens(unit: str, *, spoken: bool, quick: bool = False, subject: bool = False) -> tuple[Token, ...]:
    text = numerals(unit.translate(APOSTROPHES))
    found = list(_TOKEN.finditer(text))
    words = [plain(match.group()) for match in found]
    others = names_of_others(text, found, words)
    signed_from = len(text) if subject or spoken else _signature_start(text)
    out = []
    for index, match in enumerate(found):
        word = words[index]
        standing = _standing(words, index, opens=(spoken or quick) and _opens(words, index))
        standing = Standing.OF_ANOTHER if index in others else standing
        if standing is Standing.MENTIONED and match.start() >= signed_from:
            standing = Standing.SIGNED
        if standing is Standing.MENTIONED and (spoken or quick) and _stands_alone(text, found, index):
            standing = Standing.INTRODUCED
        stops = text[match.end() : match.end() + 1] in _STOPS
        capital = match.group()[:1].isupper()
        out.append(Token(word=word.removesuffix("'s"), capital=capital, standing=standing, stops=stops))
    return tuple(out)


def _standing(words: list[str], index: int, *, opens: bool) -> Standing:
    before = words[max(0, index - 3) : index]
    while before and (
        before[-1] in TITLES or (len(before[-1]) == 1 and before[-1].isalpha() and before[-1] not in "ia")
    ):
        before.pop()
    if words[index].endswith("'s") and words[index] not in _INTRODUCES:
        return Standing.OF_ANOTHER
    if (before and before[-1] in _INTRODUCES) or tuple(before[-2:]) in _INTRODUCES_2:
        return Standing.INTRODUCED
    if (index + 1 < len(words) and words[index + 1] in _AFTER) or opens:
        return Standing.INTRODUCED
    if before and before[-1] in _OTHERS:
        return Standing.OF_ANOTHER
    return Standing.MENTIONED


def _opens(words: list[str], index: int) -> bool:
    """Whether a word stands where a caller says their name: first, or after nothing but greetings."""
    return index <= 6 and all(word in _GREETING or word in TITLES for word in words[:index])


def _stands_alone(text: str, found: list[re.Match[str]], index: int) -> bool:
    """Whether a word is the first or second of a sentence piece of at most three, as callers and who writes from a handle say
    their name: "Haven't got one. Tiago Lunn, 22 …"."""
    start = text[: found[index].start()].rstrip()
    for _ in range(2):
        if not start or start[-1] in ".!?,;\n":
            break
        start = start[: len(start) - len(re.split(r"[\s]", start)[-1])].rstrip()
    else:
        return False
    piece = re.split(r"[.!?,;\n]", text[len(start) :].lstrip(" .!?,;\n"), maxsplit=1)[0]
    return len(_TOKEN.findall(piece)) <= 3


def _signature_start(text: str) -> int:
    """Where the name at the end may begin: after the last closing phrase, else the last short piece of the text."""
    closings = list(_CLOSE.finditer(text))
    if closings and len(_TOKEN.findall(text[closings[-1].end() :])) <= 14:
        return closings[-1].end()
    tail = text.rstrip(" .!x\n")
    if len(_TOKEN.findall(tail)) <= 4:
        return 0
    starts = [match.end() for match in _PIECE.finditer(tail)]
    short = [start for start in starts[-3:] if len(_TOKEN.findall(tail[start:])) <= _LONGEST_SIGNATURE]
    if not short:
        return len(text)
    return next((start for start in reversed(short) if len(_TOKEN.findall(tail[start:])) > 2), short[0])
