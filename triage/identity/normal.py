"""Addresses, numbers, names and streets in one form each, so that equal means same."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from triage.domain.reference import numerals


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TITLES = _set("mr mrs ms miss mx dr prof professor rev reverend sir dame lady lord cllr councillor")
_ROAD = {
    "rd": "road", "st": "street", "ave": "avenue", "av": "avenue", "cl": "close", "ct": "court", "crt": "court",
    "dr": "drive", "ln": "lane", "gdns": "gardens", "hse": "house", "sq": "square", "terr": "terrace", "ter": "terrace",
    "pl": "place", "cres": "crescent", "bldgs": "buildings", "gr": "grove",
}  # fmt: skip
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?(?: ?\d[A-Z]{2})?$", re.IGNORECASE)
_UNIT = re.compile(
    r"^(?:(?:flat|apartment|apt|unit|room|penthouse|studio|plot|no|number|house|bungalow|maisonette)\.?\s+)?"
    r"(\d+[a-z]?(?:/\d+[a-z]?)?|[a-z]\d*|\d+[-–]\d+)\b[\s,]*(.*)$",
    re.IGNORECASE,
)

_USUAL_EMAIL = re.compile(r"[A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ′´＇", "'"))
"""What phones and word processors write for an apostrophe."""
_WORDS = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?(?:/\d+)?")


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """Lower case, accents gone, curly apostrophes straight."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(APOSTROPHES))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@lru_cache(maxsize=16384)
def words_of(text: str) -> tuple[str, ...]:
    """The plain words of a text, numbers in words as digits, road types written out."""
    return tuple(_ROAD.get(word, word) for word in _WORDS.findall(plain(numerals(text))))


@lru_cache(maxsize=16384)
def address_key(address: str) -> str | None:
    """One key for an e-mail address, telephone number or handle; None where there is nothing to compare.

    A number that is possible in the United Kingdom counts, also one that no operator has issued (07700 900xxx).
    """
    text = address.strip()
    if not text:
        return None
    if "@" in text.strip("@") and " " not in text:
        return _email(text)
    return phone_key(text) or "handle:" + " ".join(plain(text).split())


def _email(text: str) -> str:
    if _USUAL_EMAIL.fullmatch(text):
        return text.lower()
    try:
        checked = validate_email(text, check_deliverability=False, test_environment=True, allow_smtputf8=True)
    except EmailNotValidError:
        return plain(text)
    return checked.normalized.lower()


@lru_cache(maxsize=16384)
def phone_key(text: str) -> str | None:
    """E.164, or None where the text is not a possible British or international number."""
    if sum(character.isdigit() for character in text) < 7 or re.search(r"[A-Za-z]{3}", text):
        return None
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_mobile(key: str) -> bool:
    return key.startswith("+447")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A person's name in parts; ``note`` is what stood in brackets ("daughter, authorised")."""

    first: str = ""
    middle: tuple[str, ...] = ()
    last: str = ""
    note: str = ""


@lru_cache(maxsize=65536)
def name_of(text: str | None) -> Name:
    """First and last name without titles; a single word with a title before it is a surname."""
    if not text:
        return Name()
    note = " ".join(re.findall(r"\(([^)]*)\)", text))
    bare = plain(re.sub(r"\([^)]*\)|,.*$", " ", text))
    parts = [part.strip(".'-") for part in re.findall(r"[a-z'.-]+", bare)]
    titled = bool(parts) and parts[0] in _TITLES
    parts = [part for part in parts if part and part not in _TITLES]
    if not parts:
        return Name(note=note)
    if len(parts) == 1:
        return Name(last=parts[0], note=note) if titled else Name(first=parts[0], note=note)
    return Name(first=parts[0], middle=tuple(parts[1:-1]), last=parts[-1], note=note)


_ONE_LETTER = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe"})
"""Letters that are one with what they are written as where a keyboard has none of them."""


def name_words(text: str) -> frozenset[str]:
    """The words of a name by which somebody looks for it: in any script and order, without titles, accents and apostrophes."""
    bare = plain(re.sub(r"\([^)]*\)", " ", text)).translate(_ONE_LETTER).replace("'", "")
    return frozenset(word for word in re.findall(r"[^\W\d_]+", bare) if word not in _TITLES)


def is_named(wanted: frozenset[str], name: frozenset[str]) -> bool:
    """Whether somebody of this name is who was looked for: each word is one of theirs, whole, or an initial of one."""
    if not any(len(word) > 1 and word in name for word in wanted):
        return bool(wanted) and wanted == name
    return all(word in name or any(_is_initial(word, other) for other in name) for word in wanted)


def _is_initial(one: str, other: str) -> bool:
    return min(len(one), len(other)) == 1 and one[0] == other[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A home: its door number and the words of its street or building."""

    number: str = ""
    street: tuple[str, ...] = ()


@lru_cache(maxsize=65536)
def place_of(address: str | None) -> Place:
    """Door number and street of an address; "Flat 2, Brunswick Lofts, E8" is number 2 of Brunswick Lofts."""
    if not address:
        return Place()
    parts = [part.strip() for part in address.split(",") if part.strip()]
    parts = [part for part in parts if not _POSTCODE.fullmatch(part)] or parts
    match = _UNIT.match(parts[0])
    if match is None:
        return Place(street=words_of(parts[0]))
    number, rest = plain(match.group(1)), match.group(2).strip()
    street = rest or (parts[1] if len(parts) > 1 else "")
    return Place(number=number, street=words_of(re.sub(r"^\d+\s+", "", street)))


_ADDRESSED = {"mr": "mr", "sir": "mr", "mrs": "mrs", "ms": "mrs", "miss": "mrs"}


def titles_before(text: str, lasts: tuple[str, ...]) -> set[str]:
    """The titles that stand before one of some surnames ("" for any name)."""
    words = re.findall(r"[a-z'-]+", plain(text))
    return {
        _ADDRESSED[word]
        for index, word in enumerate(words[:-1])
        if word in _ADDRESSED and any(words[index + 1].removesuffix("'s") == last or not last for last in lasts)
    }
