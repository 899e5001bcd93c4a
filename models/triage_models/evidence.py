"""Which words earned a label: the best clause, joined with neighbours that speak as loudly, as an exact substring."""

from typing import Final

import numpy as np

from triage_models.heads import Floats
from triage_models.language import Clause
from triage_models.scorer import Span

NEIGHBOUR_SHARE: Final = 0.75
"""A clause beside the best one joins it where its log-odds are above nought and at least this share of the best's."""


def _joined(first: Clause, last: Clause, words: str) -> Span:
    return Span(part=first.part, start=first.start, end=last.end, text=words[first.start : last.end])


def evidence_spans(clauses: tuple[Clause, ...], scores: Floats, parts: dict[object, str]) -> tuple[Span, ...]:
    """The stretch around the clause with the highest score; `scores` has one log-odds a clause."""
    if not clauses:
        return ()
    best = int(np.argmax(scores))
    floor = max(0.0, float(scores[best]) * NEIGHBOUR_SHARE)
    first = last = best
    while first > 0 and clauses[first - 1].part == clauses[best].part and scores[first - 1] > floor:
        first -= 1
    while last + 1 < len(clauses) and clauses[last + 1].part == clauses[best].part and scores[last + 1] > floor:
        last += 1
    return (_joined(clauses[first], clauses[last], parts[clauses[best].part]),)
