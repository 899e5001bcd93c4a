"""Which words earned a label: the loudest clause with its neighbours, and a second one that is nearly as loud."""

from typing import Final

import numpy as np

from triage_models.heads import Floats
from triage_models.language import Clause
from triage_models.scorer import Part, Span

NEIGHBOUR_SHARE: Final = 0.75
"""A clause beside the loudest joins it where its log-odds are above nought and at least this share of the loudest's."""
SHORTEST: Final = 35
"""Characters below which the next loudest neighbour joins too: a bare "and you" shows nobody anything."""
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
