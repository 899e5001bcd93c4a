"""Names that stand in the words as somebody else's: whose carer, son, neighbour or councillor the speaker is, or who is theirs."""

import re
from collections.abc import Iterator, Sequence

from triage.identity.roles import RELATIONS


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


TITLES = _set("mr mrs ms miss dr prof professor sir lady dame cllr councillor mx rev revd")
_NO_NAME = _set(
    "i i'm im am is it's its it this that here speaking me again hello hi hiya hey yes good morning afternoon evening name my our your "
    "the a an and or but so of for to about with from by at in on has have had was who whose she he they her his their not no needs just"
)
_MINE = _set("my our")
_THEIRS = _set("her his their")
_IS = _set("is was")
_HELPED = _set("after support supporting represent representing called named")
_CHARGES = _set("constituent constituents client clients patient patients")
_TURNED_TO = _set("contacted asked approached written come")
_KINDS = 2
"""Words that may say of which kind a relative is: "elderly next-door neighbour"."""
_LONGEST_NAME = 3


def names_of_others(text: str, found: Sequence[re.Match[str]], words: Sequence[str]) -> frozenset[int]:
    """The places of words that are, or may be, a name which the speaker gives as somebody else's."""
    others: set[int] = set()
    for first, last in _relations(words):
        for before in range(first - 1, max(-1, first - 2 - _KINDS), -1):
            if _possessive(text, found, words, before, touches=before == first - 1):
                others.update(_back(text, found, words, before))
                break
            if words[before] in _MINE:
                others.update(_forward(text, found, words, last + 1))
                if before and (words[before - 1] in _IS or words[before - 1].endswith("'s")):
                    others.update(_back(text, found, words, before - 1 - (words[before - 1] in _IS)))
                break
        if last + 1 < len(words) and words[last + 1] in {"of", "for", "to"}:
            others.update(_forward(text, found, words, last + 2))
    for index, word in enumerate(words):
        before_it = words[index - 1] if index else ""
        if word in _HELPED and before_it not in {"i'm", "am"}:
            others.update(_forward(text, found, words, index + 1))
        if word in {"name", "name's"} and (before_it in _THEIRS or before_it.endswith("'s")):
            others.update(_forward(text, found, words, index + 1))
        if word in _TURNED_TO and before_it in {"has", "have"}:
            others.update(_back(text, found, words, index - 2))
    return frozenset(others)


def _relations(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The first and last place of each word for what somebody is to another."""
    for index, word in enumerate(words):
        if (word,) in RELATIONS or word in _CHARGES:
            yield index, index
        elif tuple(words[index : index + 2]) in RELATIONS:
            yield index, index + 1


def _possessive(text: str, found: Sequence[re.Match[str]], words: Sequence[str], index: int, *, touches: bool) -> bool:
    """ "Okafor's", "James'", and "okafors" of who writes without apostrophes."""
    word = words[index]
    if word.endswith("'s"):
        return word not in {"it's", "he's", "she's", "who's", "that's", "here's", "name's"}
    bare = word.endswith("s") and word not in _NO_NAME and word not in _THEIRS
    return bare and (touches or text[found[index].end() : found[index].end() + 1] == "'")


def _back(text: str, found: Sequence[re.Match[str]], words: Sequence[str], index: int) -> Iterator[int]:
    """A name that ends at a place."""
    for step in range(_LONGEST_NAME):
        place = index - step
        if place < 0 or words[place] in _NO_NAME or (step and not _touch(text, found, words, place)):
            return
        yield place


def _forward(text: str, found: Sequence[re.Match[str]], words: Sequence[str], index: int) -> Iterator[int]:
    """A name that begins at a place, after a comma or "is"; in small letters it is at most two words."""
    if not 0 < index < len(words) or text[found[index - 1].end() : found[index].start()].strip(" '") not in {"", ","}:
        return
    told = words[index] in _IS
    index += told
    named = 0
    while index < len(words) and named < _LONGEST_NAME:
        capital = found[index].group()[:1].isupper()
        if words[index] in _NO_NAME or not (capital or (named < 2 and not told)):
            return
        yield index
        named += words[index] not in TITLES
        if index + 1 == len(words) or not _touch(text, found, words, index):
            return
        index += 1


def _touch(text: str, found: Sequence[re.Match[str]], words: Sequence[str], index: int) -> bool:
    """Whether nothing but a blank, or the end of a line, stands between a word and the next; a title or an initial may have its point."""
    between = text[found[index].end() : found[index + 1].start()]
    short = words[index] in TITLES or len(words[index]) == 1
    return between.strip("\n '." if short else "\n '") == "" and "\n\n" not in between
