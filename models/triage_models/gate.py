"""Whether a contact is in a language that the champion reads: careful, because a wrong refusal hides a person's words."""

import re
from functools import lru_cache
from typing import Any, Final

SHORTEST: Final = 8
"""Words below which no contact is refused for its language."""
SUREST: Final = 0.98
_ENGLISH: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "i",
        "you",
        "my",
        "your",
        "we",
        "is",
        "are",
        "was",
        "it",
        "to",
        "and",
        "of",
        "in",
        "for",
        "on",
        "not",
        "no",
        "have",
        "has",
        "had",
        "do",
        "please",
        "help",
        "with",
        "that",
        "this",
        "me",
        "he",
        "she",
        "they",
        "at",
        "be",
        "but",
        "so",
        "can",
        "cant",
        "will",
        "just",
        "what",
        "when",
        "why",
        "who",
        "im",
        "u",
        "ur",
        "from",
        "out",
        "up",
        "get",
        "got",
    ]
)
_FOREIGN: Final = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def other_language(text: str) -> str | None:
    """The code of the language (ISO 639-1) where a text of some length is surely not English; None otherwise."""
    words = _FOREIGN.findall(text.lower())
    if len(words) < SHORTEST:
        return None
    if sum(word in _ENGLISH for word in words) / len(words) > 0.12:
        return None
    code, sure = _identifier().classify(text[:2000])
    return None if code == "en" or float(sure) < SUREST else str(code)
