"""Where a label begins: chosen on scores of unseen writers, for an aim that is written down."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage_models.heads import Floats
from triage_models.labels import LABELS

BEGINS: Final = {"S0": 0.08, "HZ": 0.2, "A1": 0.35} | dict.fromkeys(("A2", "A3", "A4", "A5"), 0.5)
"""Where harm, hazards and abuse begin. One such contact in twelve, or in five, that is real is enough for somebody to look at it; further down the contacts of histories
that are shown in vain grow by half or more and no more harm is found there (docs/figures.md). At 0.5 a third of the threats would be missed, half of those in long letters; for the others the highest F1 lies
lower too, and would call half as many people again abusive who are not (measured)."""
TOGETHER: Final = (("D1", "D2", "D3", "D4"), ("P1", "P2", "P3"))
"""Labels that share a threshold: each alone has too few examples, and its own best point is chance (0.02 of macro F1, measured)."""
GRID: Final = np.round(np.arange(0.04, 0.9, 0.02), 2)
"""The thresholds that labels that share one are tried at."""
AIM: Final = (
    "A2 to A5 where abuse is likelier than not, because a false alarm of abuse wrongs somebody; A1 from 0.35 on, because a threat that is missed may hurt somebody; the others at the highest F1 on writers that"
    " the heads had not seen and whose labels were read twice, D1 to D4 together and P1 to P3 together; S0 where one such contact in twelve is"
    " real and HZ where one in five is, because what is missed there costs more than what is read in vain."
)
NEVER: Final = 0.99


def best_threshold(chances: Floats, marks: NDArray[np.int8]) -> float:
    """The probability at which F1 is highest, halfway to the next lower score; NEVER where all score the same."""
    known = marks >= 0
    chances, wanted = chances[known], marks[known] == 1
    if wanted.sum() < 4:
        return NEVER
    order = np.argsort(-chances, kind="stable")
    ranked, hits = chances[order], np.cumsum(wanted[order])
    flagged = np.arange(1, len(ranked) + 1)
    score = 2 * hits / (wanted.sum() + flagged)
    parted = np.append(ranked[:-1] > ranked[1:], False)  # ties cannot be parted, and flagging everything says nothing
    if not parted.any():
        return NEVER
    best = int(np.argmax(np.where(parted, score, -1.0)))
    return float((ranked[best] + ranked[best + 1]) / 2)


def shared_threshold(chances: Floats, marks: NDArray[np.int8]) -> float | None:
    """The threshold at which the mean F1 of these labels (n x l) is highest; None where one of them has under four examples."""
    curves = []
    for column in range(chances.shape[1]):
        known = marks[:, column] >= 0
        wanted = marks[known, column] == 1
        if wanted.sum() < 4:
            return None
        flagged = chances[known, column][:, None] >= GRID
        hits = (flagged & wanted[:, None]).sum(axis=0)
        curves.append(2 * hits / (wanted.sum() + flagged.sum(axis=0)))
    return float(GRID[int(np.argmax(np.mean(curves, axis=0)))])


def choose_thresholds(chances: Floats, marks: NDArray[np.int8]) -> Floats:
    """A threshold for each label."""
    chosen = {label: best_threshold(chances[:, column], marks[:, column]) for column, label in enumerate(LABELS)}
    chosen |= {label: BEGINS[label] for label in BEGINS if chosen[label] < NEVER}
    for labels in TOGETHER:
        columns = [LABELS.index(label) for label in labels]
        shared = shared_threshold(chances[:, columns], marks[:, columns])
        if shared is not None:
            chosen |= dict.fromkeys(labels, shared)
    return np.array([chosen[label] for label in LABELS], dtype=np.float32)
