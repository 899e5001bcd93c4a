"""Whether a contact is in a language that the champion reads: careful, because a wrong refusal hides a person's words."""

import re
from functools import lru_cache
from typing import Any, Final

SHORTEST: Final = 8
"""Words below which no contact is refused for its language."""
SUREST: Final = 0.98
_UNLIKE: Final = 0.9
"""The same where not one word is English alone."""
_ENGLISH: Final = frozenset({
    "the", "you", "your", "it", "and", "of", "for", "not", "have", "with", "that", "this", "those", "she", "they", "them", "their", "but", "would",
    "could", "should", "just", "what", "when", "why", "who", "where", "which", "how", "im", "ive", "dont", "cant", "ur", "out", "get", "got",
    "getting", "please", "thanks", "thank", "been", "being", "were", "there", "here", "because", "about", "after", "before", "again", "still", "any",
    "than", "into", "off", "its", "itll", "from", "house", "rent", "want", "need", "know", "nobody", "working", "since", "our",
})  # fmt: skip
"""Words that hardly any other language written in Latin letters has: `do`, `to`, `a`, `no`, `me` and `was` are Polish, Spanish or German too."""
_NO_OTHER: Final = frozenset({"en", "pcm", "zxx"})
"""English; Nigerian Pidgin, for which other Englishes are taken as well; and no language at all, such as a list of numbers and names."""
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
    english = sum(word in _ENGLISH for word in words) / len(words)
    if english > 0.12:
        return None
    code, sure = _identifier().classify(text[:2000])
    return None if code in _NO_OTHER or float(sure) < (SUREST if english else _UNLIKE) else str(code)
