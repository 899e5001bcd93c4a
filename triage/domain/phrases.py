"""How words are searched for phrases, ours and customers' alike."""

import re

from triage.domain.remembered import remembered

_CAPITALISED = re.compile(r"\b[A-Z][A-Za-z]{2,}\b")
SENTENCE = re.compile(r"(?<=[.!?\n])\s+")
"""Where one sentence ends and the next begins."""

GREETING = re.compile(
    r"^\W*(?:(?:dear|hello|hi|good (?:morning|afternoon|evening))\b[^,.!\n]*|(?-i:[A-Z][a-z]+(?: [A-Z][a-z]+)?)(?=,))",
    re.IGNORECASE,
)
"""Whom a message greets: to whom it goes, not of whom it speaks."""


def any_of(*patterns: str) -> re.Pattern[str]:
    """One pattern of several; an apostrophe matches the typed and the curly one."""
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(joined.replace("'", "['\u2019]"), re.IGNORECASE)


def in_a_sentence(words: str, says: re.Pattern[str], takes_back: re.Pattern[str]) -> bool:
    """Whether a sentence says it and does not take it back: "we will not look again" is no promise to look again."""
    return any(says.search(part) and not takes_back.search(part) for part in SENTENCE.split(words))


@remembered
def capitalised(words: str) -> frozenset[str]:
    """The words that are written as names are, in lower case."""
    return frozenset(word.lower() for word in _CAPITALISED.findall(words))
