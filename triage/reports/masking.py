"""Names and addresses out of sight until somebody says why they need them; every reveal is in the audit (C34, features 1.7)."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from triage.domain.contact import Contact, Direction
from triage.domain.customer import Customer
from triage.reports.marked import Piece

_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_PATTERNS = (
    (re.compile(r"(?<![\w+])(?:\+44\s?|0)(?:\(0\)\s?)?\d(?:[\s-]?\d){8,9}(?!\w)"), "[phone number]"),
    (re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE), "[postcode]"),
    (
        re.compile(
            r"\b(?:(?i:flat|apartment|room)\s+\d+\w?,?\s+)?\d+[a-zA-Z]?,?\s+(?:[A-Z][\w'-]+\s+){1,3}"
            r"(?:Street|St|Road|Rd|Lane|Avenue|Ave|Close|Court|Drive|Way|Place|Gardens|Terrace|Crescent|Walk|House|Grove|Row)\b"
        ),
        "[address]",
    ),
)
_SHORTEST_NAME = 3


class Mask:
    """Takes known names and addresses, and what looks like an address or number, out of words that are shown.

    It hides from a reader who need not know; it does not anonymise. A name that nobody told us stays, and so do ``ours``: our
    own addresses are routes and nobody's name.
    """

    def __init__(
        self, people: Iterable[Customer] = (), names: Iterable[str | None] = (), ours: Iterable[str] = ()
    ) -> None:
        known = {part for name in names for part in _parts(name)}
        addresses: set[str] = set()
        for person in people:
            known |= set(_parts(person.name))
            addresses |= {person.address} if person.address else set()
        self._ours = frozenset(route.lower() for route in ours)
        self._names = _any_of(frozenset(known))
        self._addresses = _any_of(frozenset(addresses))

    @classmethod
    def over(cls, people: Iterable[Customer], contacts: Iterable[Contact], others: Iterable[str] = ()) -> "Mask":
        """The mask over an issue: people of the directory, ``others`` by name, and the names under which its contacts came in."""
        known = list(contacts)
        names = {contact.from_name for contact in known if contact.direction is Direction.IN}
        return cls(people, {*names, *others}, {route for contact in known for route in contact.routes})

    def text(self, text: str) -> str:
        """The same words with each name or address replaced by what it is, in square brackets."""
        if self._addresses:
            text = self._addresses.sub("[address]", text)
        text = _EMAIL.sub(lambda found: found[0] if found[0].lower() in self._ours else "[e-mail address]", text)
        for pattern, label in _PATTERNS:
            text = pattern.sub(label, text)
        return self._names.sub("[name]", text) if self._names else text

    def pieces(self, items: Iterable[Piece]) -> tuple[Piece, ...]:
        """Marked words with the marks kept. A name that a mark cuts in two stays."""
        return tuple(replace(item, text=self.text(item.text)) for item in items)


def _parts(name: str | None) -> list[str]:
    """A name and each of its words; initials and titles alone would hide ordinary words."""
    if not name:
        return []
    words = [word.strip(".,") for word in name.split()]
    long = [word for word in words if len(word) >= _SHORTEST_NAME and word.lower() not in _ORDINARY]
    return [name, *long] if len(words) > 1 else long


_ORDINARY = frozenset(
    [
        "the",
        "and",
        "for",
        "mrs",
        "miss",
        "will",
        "may",
        "mark",
        "grant",
        "hope",
        "bill",
        "art",
        "rose",
        "grace",
        "joy",
        "faith",
        "price",
        "young",
        "long",
        "white",
        "black",
        "brown",
        "green",
        "hill",
        "wood",
        "stone",
        "baker",
        "cook",
        "king",
        "lane",
        "street",
        "house",
        "home",
        "housing",
        "repairs",
        "team",
        "customer",
        "tenant",
        "service",
        "office",
    ]
)
"""Words that are names and much else: hiding them everywhere would hide what was said. The full name is hidden all the same."""


@lru_cache(maxsize=1_024)
def _any_of(words: frozenset[str]) -> re.Pattern[str] | None:
    if not words:
        return None
    longest_first = sorted((word for word in words if word.strip()), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(re.escape(word) for word in longest_first)})\b", re.IGNORECASE)
