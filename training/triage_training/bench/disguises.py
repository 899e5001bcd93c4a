"""Eight ways to hide a word from a machine and not from a person; each a pure function of one word."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

_LOOKALIKE: Final = str.maketrans("aeocpxyi", "аеосрхуі")
_LEET: Final = str.maketrans("aeiost", "4310$7")
_VOWELS: Final = frozenset("aeiou")


def zero_width(word: str) -> str:
    """A zero-width space after every letter but the last."""
    return "\u200b".join(word)


def homoglyphs(word: str) -> str:
    """Latin letters replaced by Cyrillic ones that look the same."""
    return word.lower().translate(_LOOKALIKE)


def leetspeak(word: str) -> str:
    """Digits and signs for letters."""
    return word.lower().translate(_LEET)


def spaced(word: str) -> str:
    """A space between the letters."""
    return " ".join(word)


def masked(word: str) -> str:
    """The inner vowels starred out; the last but one letter where there is none."""
    inner = [i for i in range(1, len(word) - 1) if word[i].lower() in _VOWELS] or [max(1, len(word) - 2)]
    return "".join("*" if i in inner else letter for i, letter in enumerate(word))


def repeated(word: str) -> str:
    """The first vowel after the beginning drawn out; the last letter where there is none."""
    place = next((i for i in range(1, len(word)) if word[i].lower() in _VOWELS), len(word) - 1)
    return word[:place] + word[place] * 4 + word[place + 1 :]


def dotted(word: str) -> str:
    """A full stop between the letters."""
    return ".".join(word)


def mixed_case(word: str) -> str:
    """Capitals and small letters in turn."""
    return "".join(letter.upper() if i % 2 else letter.lower() for i, letter in enumerate(word))


DISGUISES: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "zero-width": zero_width,
        "homoglyphs": homoglyphs,
        "leetspeak": leetspeak,
        "spaced letters": spaced,
        "masked letters": masked,
        "repeated letters": repeated,
        "dots between": dotted,
        "mixed case": mixed_case,
    }
)
