"""From a text to the stems, families and places that linking compares, and how telling each stem is."""

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from json import loads
from math import log, sqrt

from triage.domain.reference import numerals
from triage.issues.cues import CLOSES
from triage.issues.lexicon import EVERYDAY, FAMILIES, PHRASES, PLACE_PHRASES, PLACES

_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*\s*")
_WORD = re.compile(r"[a-z][a-z'’-]*[a-z]|\d+(?:\.\d+)?%?|£\d+|[a-z]")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without its commonest English endings; equal stems mean the same thing often enough."""
    word = word.replace("’", "'").removesuffix("'s")
    for ending, instead in (
        ("ies", "y"),
        ("sses", "ss"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("xes", "x"),
        ("ings", ""),
        ("ing", ""),
        ("ed", ""),
        ("s", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            base = word[: len(word) - len(ending)] + instead
            if ending in {"ing", "ings", "ed"} and len(base) > 3 and base[-1] == base[-2] and base[-1] not in "ls":
                base = base[:-1]
            return base.removesuffix("e") if len(base) > 4 else base
    return word.removesuffix("e") if len(word) > 4 else word


_FAMILY_OF: dict[str, set[str]] = {}
_TELLING: set[tuple[str, str]] = set()
for _family, _words in FAMILIES.items():
    for _word in _words.split():
        _stem = stem(_word.rstrip("?"))
        _FAMILY_OF.setdefault(_stem, set()).add(_family)
        if not _word.endswith("?"):
            _TELLING.add((_family, _stem))
_PHRASES = [(re.compile(rf"\b(?:{pattern})\b"), token) for pattern, token in PHRASES.items()]
_ANY_PHRASE = re.compile(rf"\b(?:{'|'.join(PHRASES)})\b")
_PLACE_PHRASES = [(re.compile(rf"\b(?:{pattern})\b"), place) for pattern, place in PLACE_PHRASES.items()]


def content_words(text: str) -> tuple[str, ...]:
    """The stems of a text's words that carry meaning, set phrases as one word."""
    lowered = numerals(text.lower())
    extra: list[str] = []
    for pattern, token in _PHRASES if _ANY_PHRASE.search(lowered) else ():
        lowered, times = pattern.subn(" ", lowered)
        if times and token:
            extra.append(token)
    plain = (word.replace("’", "'") for word in _WORD.findall(lowered))
    kept = (stem(word) for word in plain if (len(word) > 1 or word.isdigit()) and word not in EVERYDAY)
    return (*kept, *extra)


def objects(words: Iterable[str]) -> frozenset[str]:
    """The stems that leave little doubt what thing is meant."""
    return frozenset(word for word in words if any((family, word) in _TELLING for family in _FAMILY_OF.get(word, ())))


def families(words: Iterable[str], *, telling: bool = False) -> frozenset[str]:
    """The families of some stems; ``telling`` ones only of words that leave little doubt."""
    return frozenset(
        family for word in words for family in _FAMILY_OF.get(word, ()) if not telling or (family, word) in _TELLING
    )


def places(text: str) -> frozenset[str]:
    lowered = text.lower()
    found = {PLACES[word] for word in _WORD.findall(lowered) if word in PLACES}
    return frozenset(found | {place for pattern, place in _PLACE_PHRASES if pattern.search(lowered)})


def telling_part(text: str) -> str:
    """A text without sentences that only close a matter or say what it is not, where another sentence names a thing.

    "Sink dry as a bone, thank him. I have another for you: the bay window lets in rain" is about the window.
    """
    sentences = _SENTENCE.findall(text)
    kept = [sentence for sentence in sentences if not CLOSES.search(sentence)]
    return "".join(kept) if kept and len(kept) < len(sentences) and families(content_words("".join(kept))) else text


@lru_cache(maxsize=1)
def _shares() -> dict[str, float]:
    return dict(loads(files("triage.issues").joinpath("common_words.json").read_text(encoding="utf-8")))


@lru_cache(maxsize=65536)
def weight(word: str) -> float:
    """How telling a stem is: the log of how seldom contacts have it (0 in all, about 7 in fewer than 1 in 1,000).

    common_words.json holds the share of the housing messages that have each common stem; a test counts it again.
    """
    return -log(_shares().get(word, 0.0008))


def length(words: Iterable[str]) -> float:
    """The length of a text's vector of word weights."""
    return sqrt(sum(weight(word) ** 2 for word in words))
