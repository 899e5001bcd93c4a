"""Undo disguises (zero-width and look-alike characters, digits for letters, spaced or masked letters), keeping offsets."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from triage_models.lexicon import evadable_words

_LOOKALIKES: Final = str.maketrans(
    {
        **dict(zip("аеорсухіјѕԁһӏвнмткгѵԛԝ", "aeopcyxijsdhlbhmtkrvqw", strict=True)),
        **dict(zip("αβεικνορτυχγηωμ", "abeikvoptuxynwu", strict=True)),
        **dict(zip("ıłøđðħŧƒɑɡʟɴʀ", "ilodohtfaglnr", strict=True)),
        "‘": "'", "’": "'", "‛": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "–": "-", "—": "-", "‑": "-", "−": "-", "\u00a0": " ", "\u2028": "\n", "\u2029": "\n", "\r": "\n", "\t": " ",
    }
)  # fmt: skip
_LEET: Final = str.maketrans(
    {
        "0": "o",
        "1": "i",
        "3": "e",
        "4": "a",
        "5": "s",
        "7": "t",
        "8": "b",
        "@": "a",
        "$": "s",
        "!": "i",
        "|": "l",
        "€": "e",
        "+": "t",
    }
)
_LEET_ALSO: Final = str.maketrans(
    {"1": "l", "!": "l", "0": "u", "4": "a", "3": "e", "5": "s", "7": "t", "@": "a", "$": "s", "8": "b"}
)
_TOKEN: Final = re.compile(r"\S+")
_CORE: Final = re.compile(r"[a-z0-9@$!|€+*#%._'\-]+")
_SPACED: Final = re.compile(r"(?<![a-z0-9'])[a-z0-9@$!*](?:[ ._\-*]{1,2}[a-z0-9@$!*](?![a-z0-9'])){2,11}(?![a-z0-9'])")
_REPEAT: Final = re.compile(r"(.)\1{2,}")
_MASK: Final = re.compile(r"[*#%._@!$\-]")
_STAR: Final = re.compile(r"[*#%@$]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """`text` in lower case without disguises; `offsets[i]` is where its character i stands in the source."""

    source: str
    text: str
    offsets: tuple[int, ...]

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the source that the normal characters [start, end) came from."""
        if end <= start:
            here = self.offsets[start] if start < len(self.offsets) else len(self.source)
            return here, here
        return self.offsets[start], self.offsets[end - 1] + 1


def _folded(text: str) -> tuple[str, list[int]]:
    if text.isascii():
        return text.translate(_LOOKALIKES).lower(), list(range(len(text)))
    out: list[str] = []
    offsets: list[int] = []
    for index, char in enumerate(text):
        for plain in _fold_char(char):
            out.append(plain)
            offsets.append(index)
    return "".join(out), offsets


@lru_cache(maxsize=8192)
def _fold_char(char: str) -> str:
    if char.isascii():
        return char.lower().translate(_LOOKALIKES)
    if unicodedata.category(char) in ("Cf", "Mn", "Cs", "Cc"):
        return "\n" if char in "\u2028\u2029\u0085" else ""
    char = char.translate(_LOOKALIKES)
    decomposed = unicodedata.normalize("NFKD", char)
    kept = "".join(part for part in decomposed if unicodedata.category(part) != "Mn")
    return kept.lower().translate(_LOOKALIKES)


@lru_cache(maxsize=65536)
def _unmasked(core: str) -> str | None:
    """The evadable word that a disguised token stands for, or None: only words on the list are ever unmasked."""
    words, _ = evadable_words()
    if core in words or core.isdigit() or len(core) < 3:
        return None
    return _without_digits_and_repeats(core) or _without_mask(core)


def _without_digits_and_repeats(core: str) -> str | None:
    words, _ = evadable_words()
    for shape in (core, _REPEAT.sub(r"\1", core), _REPEAT.sub(r"\1\1", core)):
        for word in (shape, shape.translate(_LEET), shape.translate(_LEET_ALSO)):
            plain = word.strip("!.-_'")
            if plain in words and word != core:
                return plain
    return None


def _without_mask(core: str) -> str | None:
    words, by_shape = evadable_words()
    bare = _MASK.sub("", core)
    if bare != core and bare in words and not re.search(r"[a-z]{3,}[-'.]", core):
        return bare
    core = core.strip(".-_'!")
    if not core or not core[0].isalpha() or not _STAR.search(core):
        return None
    pattern = re.compile("".join("[a-z]" if _STAR.match(char) else re.escape(char) for char in core))
    same_length = (word for word in by_shape.get((core[0], len(core)), ()) if pattern.fullmatch(word))
    return next(same_length, None) or _from_ends(core)


def _from_ends(core: str) -> str | None:
    """A word given by its first and last letters, where the mask is shorter than what it hides."""
    ends = re.fullmatch(r"([a-z]+)[*#%@$]+([a-z]*)", core)
    if ends is None:
        return None
    _, by_shape = evadable_words()
    for (first, length), words in by_shape.items():
        if first == core[0] and length >= len(core):
            for word in words:
                if word.startswith(ends[1]) and word.endswith(ends[2]):
                    return word
    return None


def _replacements(text: str) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    covered: set[int] = set()
    words, _ = evadable_words()
    for match in _SPACED.finditer(text):
        joined = re.sub(r"[ ._\-*]", "", match.group())
        plain = next((word for word in (joined, joined.translate(_LEET)) if len(word) > 3 and word in words), None)
        if plain is not None:
            found.append((match.start(), match.end(), plain))
            covered.update(range(match.start(), match.end()))
    for match in _TOKEN.finditer(text):
        token = match.group()
        if (token.isalpha() and not _REPEAT.search(token)) or match.start() in covered or match.end() - 1 in covered:
            continue
        core = _CORE.search(token)
        word = _unmasked(core.group()) if core is not None else None
        if core is not None and word is not None:
            start = match.start() + core.start()
            found.append((start, start + len(core.group().rstrip("!.-_'")), word))
    return sorted(found)


def normalise(text: str) -> Normalised:
    """Lower case, folded and unmasked; every character still knows where it came from. Cost is linear in the length."""
    folded, offsets = _folded(text)
    pieces: list[str] = []
    kept: list[int] = []
    last = 0
    for start, end, word in _replacements(folded):
        pieces += [folded[last:start], word]
        kept += offsets[last:start]
        stretch = end - start
        kept += [offsets[start + min(stretch - 1, i * stretch // len(word))] for i in range(len(word) - 1)]
        kept.append(offsets[end - 1])
        last = end
    pieces.append(folded[last:])
    kept += offsets[last:]
    return Normalised(source=text, text="".join(pieces), offsets=tuple(kept))
