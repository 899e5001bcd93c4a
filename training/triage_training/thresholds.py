"""Where a label begins: chosen on scores of unseen writers, for an aim that is written down."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage_models.heads import Floats
from triage_models.labels import ABUSE, LABELS

BETA: Final = {**dict.fromkeys(ABUSE, 0.7), "S0": 3.0, "HZ": 1.5}
"""F-beta's beta where it is not 1: above it recall counts for more, below it precision."""
AIM: Final = (
    "highest F1 on writers that the heads had not seen; for A1 to A5 the highest F0.7, because a false alarm of abuse wrongs somebody;"
    " for S0 the highest F3 and for HZ F1.5, because what is missed there costs more than what is read in vain."
)
NEVER: Final = 0.99


def best_threshold(chances: Floats, marks: NDArray[np.int8], beta: float) -> float:
    """The probability at which F-beta is highest, halfway to the next lower score; NEVER where all score the same."""
    known = marks >= 0
    chances, wanted = chances[known], marks[known] == 1
    if wanted.sum() < 4:
        return NEVER
    order = np.argsort(-chances, kind="stable")
    ranked, hits = chances[order], np.cumsum(wanted[order])
    flagged = np.arange(1, len(ranked) + 1)
    score = (1 + beta**2) * hits / (beta**2 * wanted.sum() + flagged)
    parted = np.append(ranked[:-1] > ranked[1:], False)  # ties cannot be parted, and flagging everything says nothing
    if not parted.any():
        return NEVER
    best = int(np.argmax(np.where(parted, score, -1.0)))
    return float((ranked[best] + ranked[best + 1]) / 2)


def choose_thresholds(chances: Floats, marks: NDArray[np.int8]) -> Floats:
    """A threshold for each label."""
    return np.array(
        [
            best_threshold(chances[:, column], marks[:, column], BETA.get(label, 1.0))
            for column, label in enumerate(LABELS)
        ],
        dtype=np.float32,
    )
