"""Which words earned a label: the loudest clause with its neighbours, and a second one that is nearly as loud.

Where an encoder heard single pieces, the stretch is cut to those it heard.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

import numpy as np

from triage_models.encoder import SILENT
from triage_models.heads import Floats
from triage_models.language import Clause
from triage_models.scorer import Part, Span

NEIGHBOUR_SHARE: Final = 0.75
"""A clause beside the loudest joins it where its log-odds are above nought and at least this share of the loudest's."""
SHORTEST: Final = 35
"""Characters below which the next loudest neighbour joins too: a bare "and you" shows nobody anything."""
HEARD: Final = 2.0
"""Log-odds below the loudest piece at which a piece still belongs to what was heard."""
Place = tuple[Part, int, int]
NEARLY: Final = 1.0
"""A clause elsewhere is shown as well where it is at most this much less loud, in log-odds."""


def evidence_spans(clauses: tuple[Clause, ...], scores: Floats, parts: dict[Part, str]) -> tuple[Span, ...]:
    """One or two stretches, each an exact substring of its part; `scores` has one log-odds a clause."""
    if not clauses:
        return ()
    best = int(np.argmax(scores))
    first, last = _lengthened(clauses, scores, *_with_neighbours(clauses, scores, best))
    spans = [_span(clauses, first, last, parts)]
    others = [i for i in range(len(clauses)) if not first <= i <= last]
    second = max(others, key=lambda i: float(scores[i]), default=None)
    if second is not None and scores[second] > scores[best] - NEARLY:
        spans.append(_span(clauses, second, second, parts))
    return tuple(spans)


def _span(clauses: tuple[Clause, ...], first: int, last: int, parts: dict[Part, str]) -> Span:
    part, start, end = clauses[first].part, clauses[first].start, clauses[last].end
    return Span(part=part, start=start, end=end, text=parts[part][start:end])


def _with_neighbours(clauses: tuple[Clause, ...], scores: Floats, best: int) -> tuple[int, int]:
    floor = max(0.0, float(scores[best]) * NEIGHBOUR_SHARE)
    first = last = best
    while first > 0 and clauses[first - 1].part == clauses[best].part and scores[first - 1] > floor:
        first -= 1
    while last + 1 < len(clauses) and clauses[last + 1].part == clauses[best].part and scores[last + 1] > floor:
        last += 1
    return first, last


def _lengthened(clauses: tuple[Clause, ...], scores: Floats, first: int, last: int) -> tuple[int, int]:
    while clauses[last].end - clauses[first].start < SHORTEST:
        beside = [
            (float(scores[i]), i)
            for i in (first - 1, last + 1)
            if 0 <= i < len(clauses) and clauses[i].part == clauses[first].part
        ]
        if not beside:
            break
        _, chosen = max(beside)
        first, last = min(first, chosen), max(last, chosen)
    return first, last


def clause_of_pieces(clauses: tuple[Clause, ...], places: Sequence[Place | None]) -> list[int | None]:
    """For each word piece the clause that holds it, or the one before it where it stands between two; None for context."""
    starts: dict[Part, tuple[list[int], list[int]]] = {}
    for index, clause in enumerate(clauses):
        begins, numbers = starts.setdefault(clause.part, ([], []))
        begins.append(clause.start)
        numbers.append(index)
    found: list[int | None] = []
    for place in places:
        begins, numbers = starts.get(place[0], ([], [])) if place is not None else ([], [])
        at = bisect_right(begins, place[1]) - 1 if place is not None else -1
        found.append(numbers[max(at, 0)] if numbers else None)
    return found


def heard_in_clauses(clauses: tuple[Clause, ...], places: Sequence[Place | None], heard: Floats) -> Floats:
    """The loudest piece of each clause: one log-odds a clause. `heard` (P) is the pieces' log-odds of one label."""
    loud = np.full(len(clauses), SILENT, dtype=np.float32)
    for index, value in zip(clause_of_pieces(clauses, places), heard.tolist(), strict=True):
        if index is not None:
            loud[index] = max(loud[index], value)
    return loud


def cut_to_heard(span: Span, places: Sequence[Place | None], heard: Floats, words: str) -> Span:
    """The stretch of a span from its first to its last loud piece, whole words, not shorter than `SHORTEST` where the span is
    longer; `words` is the span's whole part."""
    inside = [
        (place, value)
        for place, value in zip(places, heard.tolist(), strict=True)
        if place is not None and place[0] == span.part and place[1] >= span.start and place[2] <= span.end
    ]
    if not inside:
        return span
    floor = max(value for _, value in inside) - HEARD
    kept = [place for place, value in inside if value >= floor]
    start, end = min(place[1] for place in kept), max(place[2] for place in kept)
    while end - start < min(SHORTEST, span.end - span.start):
        start, end = max(span.start, start - 8), min(span.end, end + 8)
    while start > span.start and words[start - 1].isalnum():
        start -= 1
    while end < span.end and words[end].isalnum():
        end += 1
    return Span(part=span.part, start=start, end=end, text=words[start:end])
