"""Case and tenancy references as they are written and as they are spoken, and numbers said in words.

Both identification and issue linking read them; neither may import the other, so they live here.
"""

import re
from functools import lru_cache

_UNITS = {
    word: str(value)
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {"oh": "0", "nought": "0"}
_TENS = {
    word: 10 * (value + 2)
    for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
}
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_NUMBER = re.compile(rf"(?<![^\W_])(?:{'|'.join([*_UNITS, *_TENS, *_TIMES])})(?![^\W_])", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_WRITTEN = re.compile(r"(?<![\w/-])([A-Za-z]{1,6})[-/]?(\d[\dA-Za-z]*(?:[-/]\w+)*)(?![\w])")
_AFTER_WORD = re.compile(
    r"\b(?:ref(?:erence)?|job|case|complaint|order|ticket|number|no)\b[\s.:#]*(?:no|number|is)?[\s.:#]*(\d{4,12})(?!\w)",
    re.IGNORECASE,
)
_STAGE = re.compile(r"^(.*\d{3,}.*?)/\d{1,2}$")
_NOT_LETTERS = re.compile(r"[^A-Z0-9]")


@lru_cache(maxsize=8192)
def numerals(text: str) -> str:
    """``text`` with numbers in words as digits: "sixty one Cobbett Court" → "61 Cobbett Court"; each run is kept apart."""
    if _NUMBER.search(text) is None:
        return text
    out: list[str] = []
    last = 0
    words = list(_WORD.finditer(text))
    index = 0
    while index < len(words):
        found = _number_at(words, index)
        if found is None:
            index += 1
            continue
        value, used = found
        out.append(text[last : words[index].start()])
        out.append(value)
        last = words[index + used - 1].end()
        index += used
    return "".join([*out, text[last:]])


def _number_at(words: list[re.Match[str]], index: int) -> tuple[str, int] | None:
    """The numeral that begins at a word, and how many words it takes."""
    word = words[index].group().lower()
    following = words[index + 1].group().lower() if index + 1 < len(words) else ""
    adjacent = bool(following) and words[index + 1].start() - words[index].end() == 1
    if word in _TENS:
        if adjacent and _UNITS.get(following, "0") in set("123456789"):
            return str(_TENS[word] + int(_UNITS[following])), 2
        return str(_TENS[word]), 1
    if word in _TIMES and adjacent and following in _UNITS:
        return _UNITS[following] * _TIMES[word], 2
    if word in _UNITS:
        return _UNITS[word], 1
    return None


def canonical(reference: str) -> str:
    """One form for one case: upper case, letters and digits only, a stage or visit suffix dropped (``C-25-0911/2`` → ``C250911``)."""
    stripped = reference.strip().rstrip(".,;:")
    stage = _STAGE.match(stripped)
    return _NOT_LETTERS.sub("", (stage.group(1) if stage else stripped).upper())


def whole(reference: str) -> str:
    """A tenancy reference in one form, with nothing dropped (``44/3`` stays apart from ``44/4``)."""
    return _NOT_LETTERS.sub("", reference.upper())


@lru_cache(maxsize=8192)
def references(text: str) -> frozenset[str]:
    """Everything in ``text`` that could be a reference, canonical; a wrong guess is harmless, because only known ones match."""
    found = set()
    for match in _WRITTEN.finditer(text):
        if sum(character.isdigit() for character in match.group()) >= 3:
            found.add(canonical(match.group()))
            found.add(whole(match.group()))
    found.update(match.group(1) for match in _AFTER_WORD.finditer(text))
    return frozenset(found | _spoken(numerals(text)))


def _spoken(text: str) -> set[str]:
    """References read out: up to four letters, then at least three digits in pieces."""
    found = set()
    for match in re.finditer(
        r"(?<![\w'’])((?:[A-Za-z]{1,4}|[A-Za-z](?: [A-Za-z]){1,3}))((?:[ ,/-]+(?:\d+|dash|slash|stroke))+)", text
    ):
        digits = re.sub(r"\D", "", match.group(2))
        if len(digits) >= 3 and not match.group(2).strip().isdigit():
            found.add(match.group(1).replace(" ", "").upper() + digits)
    return found
