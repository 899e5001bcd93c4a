"""Ways of telling whose words they are and in what mood a clause stands: rules/speech.toml, with the sentences that test each."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal

Kind = Literal["quoted", "own", "reported", "speaker", "mood"]
_LISTS: Final = ("subjects", "between", "verbs", "not_after", "turns", "customers", "others", "words")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way. `find` where it is an expression, else `lists` of words; `heard` are the words of the example that are of its kind."""

    id: str
    kind: Kind
    text: str
    find: str
    lists: MappingProxyType[str, tuple[str, ...]]
    example: str
    heard: str
    counter_examples: tuple[str, ...]


@lru_cache(maxsize=1)
def all_ways() -> tuple[Way, ...]:
    """Every way, in the order of the file."""
    text = files("triage_models").joinpath("rules/speech.toml").read_text(encoding="utf-8")
    return tuple(
        Way(
            id=table["id"],
            kind=table["kind"],
            text=table["text"],
            find=table.get("find", ""),
            lists=MappingProxyType({name: tuple(table[name]) for name in _LISTS if name in table}),
            example=table["example"],
            heard=table.get("heard", ""),
            counter_examples=tuple(table["counter_examples"]),
        )
        for table in tomllib.loads(text)["way"]
    )


def ways_of(kind: Kind) -> tuple[Way, ...]:
    """The ways of one kind."""
    return tuple(way for way in all_ways() if way.kind == kind)


@lru_cache(maxsize=2)
def expression_of(kind: Kind) -> re.Pattern[str]:
    """The expressions of one kind as one: the first that fits at a place counts."""
    return re.compile("|".join(way.find for way in ways_of(kind)))


@lru_cache(maxsize=1)
def speaker_line() -> re.Pattern[str]:
    """The start of a line of a call or chat, with who speaks as `who`."""
    (way,) = ways_of("speaker")
    who = "|".join((*way.lists["others"], *way.lists["customers"]))
    return re.compile(rf"^\s*(?P<who>{who})\s*[:>]\s*", re.IGNORECASE | re.MULTILINE)


def customers() -> tuple[str, ...]:
    """Who of those that such lines name speaks for the customer."""
    (way,) = ways_of("speaker")
    return way.lists["customers"]


@lru_cache(maxsize=1)
def mood_words() -> tuple[tuple[str, frozenset[str]], ...]:
    """Each mood with the words that set it, in the order of the file."""
    return tuple((way.id, frozenset(way.lists["words"])) for way in ways_of("mood"))
