"""A person's words cut into pieces, the evidence marked, and characters that cannot be seen made visible (S11)."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from triage.domain.score import Span

_UNSEEN = re.compile(r"[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Unicode's control characters (category Cc) without the tab and the line feed."""
_ZWJ = "\u200d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stretch of one part of a contact that earned a code."""

    start: int
    end: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Words as written; ``codes`` are the clauses that they are evidence for (none: plain words)."""

    text: str
    codes: tuple[str, ...] = ()


def seen(text: str) -> str:
    """The text with bidirectional controls, zero-width and control characters written out, so that nothing hides.

    A joiner between emoji stays: there it is part of one picture.
    """
    shown = _UNSEEN.sub(lambda match: _spelt(text, match), text)
    return _CONTROL.sub("�", shown.replace("\r\n", "\n"))


def _spelt(text: str, match: re.Match[str]) -> str:
    char, at = match.group(), match.start()
    if char == _ZWJ and at and unicodedata.category(text[at - 1]) in {"So", "Sk", "Mn"}:
        return char
    return f"[U+{ord(char):04X}]"


def marks_in(part: str, spans: Iterable[tuple[str, Span]]) -> list[Mark]:
    """Spans placed in ``part``; one that does not stand where it says is looked for, and left out where it is not there once."""
    marks = []
    for code, span in spans:
        start = span.start
        if part[start : span.end] != span.text:
            if not span.text or part.count(span.text) != 1:
                continue
            start = part.index(span.text)
        marks.append(Mark(start=start, end=start + len(span.text), code=code))
    return marks


def pieces(text: str, marks: Sequence[Mark], start: int = 0, end: int | None = None) -> tuple[Piece, ...]:
    """``text[start:end]`` cut at the marks' edges; marks that overlap share a piece, and neighbours of one code are one."""
    stop = len(text) if end is None else end
    cuts = sorted({start, stop, *(min(max(edge, start), stop) for mark in marks for edge in (mark.start, mark.end))})
    found: list[Piece] = []
    for left, right in pairwise(cuts):
        codes = tuple(dict.fromkeys(mark.code for mark in marks if mark.start <= left and right <= mark.end))
        if found and found[-1].codes == codes:
            found[-1] = Piece(text=found[-1].text + seen(text[left:right]), codes=codes)
        else:
            found.append(Piece(text=seen(text[left:right]), codes=codes))
    return tuple(found)
