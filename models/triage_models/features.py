"""What the heads see of a clause and of a contact: named features with counts, each of which a person can read."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final

from triage_models.language import Clause, Reading, Token, Voice
from triage_models.speech import mood_words

_FUNCTION: Final = frozenset(
    [
        "i",
        "me",
        "my",
        "we",
        "us",
        "our",
        "you",
        "your",
        "he",
        "she",
        "him",
        "her",
        "his",
        "they",
        "them",
        "their",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "who",
        "what",
        "when",
        "where",
        "why",
        "how",
        "which",
        "am",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "do",
        "does",
        "did",
        "done",
        "have",
        "has",
        "had",
        "will",
        "would",
        "can",
        "could",
        "should",
        "shall",
        "may",
        "might",
        "must",
        "not",
        "no",
        "never",
        "nobody",
        "nothing",
        "nor",
        "any",
        "anyone",
        "anybody",
        "if",
        "unless",
        "or",
        "else",
        "and",
        "but",
        "because",
        "so",
        "until",
        "till",
        "before",
        "after",
        "then",
        "to",
        "of",
        "in",
        "on",
        "at",
        "for",
        "with",
        "by",
        "from",
        "about",
        "out",
        "off",
        "up",
        "down",
        "over",
        "into",
        "again",
        "still",
        "just",
        "only",
        "even",
        "ever",
        "let",
        "get",
        "got",
        "going",
        "gonna",
        "want",
        "wants",
        "wanted",
        "need",
        "know",
        "see",
        "come",
        "go",
        "say",
        "said",
        "tell",
        "told",
        "make",
        "made",
        "take",
        "give",
        "put",
        "keep",
        "ask",
        "like",
    ]
)
AIMED: Final = ("insult", "swear", "slur", "harm", "sexual", "accusation", "animalact", "abuse", "place", "group")
TARGETS: Final = ("staff", "contractor", "organisation", "thing", "thirdparty", "self", "child")
REACH: Final = 7


@lru_cache(maxsize=65536)
def letter_runs(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return (
        tuple(f"k|{padded[i : i + n]}" for n in (3, 4, 5) for i in range(len(padded) - n + 1)) if len(word) > 2 else ()
    )


def _shape(token: Token) -> str | None:
    """The token's place in a pattern: a function word stays itself, a word of a class becomes the class, others vanish."""
    if token.word in _FUNCTION:
        return token.word
    if token.classes:
        return token.classes[0].upper()
    return "NAME" if token.named else None


def _grams(items: list[str], longest: int, prefix: str, shortest: int = 1) -> Iterable[str]:
    for n in range(shortest, longest + 1):
        for i in range(len(items) - n + 1):
            yield prefix + " ".join(items[i : i + n])


def _skips(words: list[str], prefix: str) -> Iterable[str]:
    """Pairs of words with one to three others between them: what frames a wording, whatever stands inside."""
    for gap in (2, 3, 4):
        for i in range(len(words) - gap):
            yield f"{prefix}{words[i]} {words[i + gap]}"


def _aims(tokens: tuple[Token, ...]) -> Iterable[str]:
    """Which target stands nearest to each loaded word, within `REACH` words."""
    targets = [(i, name) for i, token in enumerate(tokens) for name in token.classes if name in TARGETS]
    for i, token in enumerate(tokens):
        for loaded in token.classes:
            if loaded in AIMED:
                near = sorted((abs(i - j), j, name) for j, name in targets if j != i and abs(i - j) <= REACH)[:2]
                side = "q|" if token.voice is not Voice.OWN else ""
                if not near:
                    yield f"{side}t|{loaded}>nobody"
                for _, j, name in near:
                    yield f"{side}t|{loaded}>{name}{'<' if j < i else ''}"
                if near:
                    yield f"{side}t|{loaded}>{near[0][2]}!"


def _moods(tokens: tuple[Token, ...], question: bool) -> list[str]:
    words = {token.word for token in tokens} | ({"?"} if question else set())
    return [mood for mood, members in mood_words() if words & members]


def clause_features(clause: Clause) -> Counter[str]:
    """Every feature of one clause with its count."""
    counts: Counter[str] = Counter()
    tokens = clause.tokens
    for voice, prefix in ((True, ""), (False, "q|")):
        words = [token.word for token in tokens if (token.voice is Voice.OWN) is voice]
        if words:
            counts.update(_grams(words, 3, f"{prefix}w|"))
            counts.update(_skips(words, f"{prefix}s|"))
            shapes = [shape for token in tokens if (token.voice is Voice.OWN) is voice and (shape := _shape(token))]
            counts.update(_grams(shapes, 4, f"{prefix}c|", 2))
    for token in tokens:
        counts.update(letter_runs(token.word))
    classes = sorted({name for token in tokens for name in token.classes})
    counts.update(f"l|{name}" for name in classes)
    counts.update(_aims(tokens))
    moods = _moods(tokens, clause.question)
    counts.update(f"m|{mood}" for mood in moods)
    counts.update(f"m|{one}+{other}" for one, other in pairwise(moods))
    counts.update(f"r|{rule}" for rule in clause.rules)
    counts.update(f"q|r|{rule}" for rule in clause.others_rules)
    if clause.part == "subject":
        counts["p|subject"] += 1
    if any(token.voice is not Voice.OWN for token in tokens):
        counts["p|other voice"] += 1
    return counts


def contact_features(reading: Reading, clauses: Iterable[Mapping[str, int]]) -> Counter[str]:
    """The features of a whole contact: its clauses' together, and the channel. The other speakers' words are none."""
    counts: Counter[str] = Counter()
    for features in clauses:
        counts.update(features)
    counts[f"h|{reading.channel}"] += 1
    return counts
