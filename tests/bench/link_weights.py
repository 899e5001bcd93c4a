"""Learns the weights of linking anew from timelines, and says how often the right issue is chosen on scenarios left out.

python tests/bench/link_weights.py TOOLS TIMELINES... [--hold 0.5]

Each decision is taken as it comes in a replay, with everything before it on its true issue. The weights are those under which the true
issues are likeliest (conditional logit), held to the ones in use: `--hold` says how firmly. "new, our own" is held thirty times
as firmly: a message of ours that wrongly opens an issue leaves a customer unanswered, which the count of right decisions does not know.
Prints what to write into triage/issues/weights.py; changes nothing.
"""

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray
from scipy.optimize import minimize
from true_issues import replayed

from triage.issues.compare import compare
from triage.issues.weights import WEIGHTS

Floats = NDArray[np.float64]
NAMES = list(WEIGHTS)
IN_USE = np.array([WEIGHTS[name] for name in NAMES])
FIRMLY = {
    "new, our own": 30.0,
    "long ago": 5.0,
    "same day named": 10.0,
    "somebody was to come": 5.0,
    "same subject": 5.0,
    "new, answers what is not held": 10.0,
    "new, as often before": 10.0,
    "new, by its words": 100_000.0,
    "new, names an object": 300.0,
    "new, form": 20.0,
    "topic alike": 10.0,
    "new, perhaps names an object": 10.0,
    "new, under a subject of its own": 10.0,
    "new, says much under another subject": 10.0,
    "their own matter": 100.0,
    "another person's matter": 100.0,
    "same address last": 100.0,
    "awaits our reply": 100.0,
    "our officer named": 100.0,
    "same officer": 100.0,
    "of what it settles": 30.0,
    "of nothing that it settles": 100.0,
}
"""Held more firmly: what is rare in timelines (five come from mailing lists), or weighs more than its decision, or would speak against
what its sentence says, because a product with it speaks for it. What the words say
of a new matter was learned from these timelines: its weight was learned with each set read by what the others had taught (1.3; in use 1,
as seven tenths of the way was taken), and stays."""
GROUPS = 7


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision: a row of features for each earlier issue, the last for a new one, and which was right."""

    scenario: str
    rows: Floats
    right: int


def choices(tools: Path, timelines: Path) -> list[Choice]:
    """Every decision of a file of timelines that had an earlier issue to choose from."""
    found: list[Choice] = []

    def look(scenario: str, item: Any, who: Any, past: Any, right: int) -> None:
        compared, new = compare(item, who, past)
        rows = np.array([[features.get(name, 0.0) for name in NAMES] for features in (*(f for _, f in compared), new)])
        found.append(Choice(scenario, rows, right))

    with replayed(tools, timelines, look):
        return found


def learned(seen: Sequence[Choice], hold: float) -> Floats:
    firmness = hold * np.array([FIRMLY.get(name, 1.0) for name in NAMES])

    def loss(weights: Floats) -> tuple[float, Floats]:
        away = weights - IN_USE
        total, slope = float(firmness @ away**2), 2 * firmness * away
        for choice in seen:
            chances = np.exp((scores := choice.rows @ weights) - scores.max())
            chances /= chances.sum()
            total -= float(np.log(chances[choice.right]))
            slope += choice.rows.T @ chances - choice.rows[choice.right]
        return total, slope

    return np.asarray(minimize(loss, IN_USE, jac=True, method="L-BFGS-B").x)


def share_right(seen: Sequence[Choice], weights: Floats) -> float:
    return float(np.mean([np.argmax(choice.rows @ weights) == choice.right for choice in seen]))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("tools", type=Path)
    asked.add_argument("timelines", type=Path, nargs="+")
    asked.add_argument("--hold", type=float, default=0.5)
    wanted = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    seen = [choice for path in wanted.timelines for choice in choices(wanted.tools, path)]
    scenarios = sorted({choice.scenario for choice in seen})
    apart = 0.0
    for group in range(GROUPS):
        out = set(scenarios[group::GROUPS])
        weights = learned([choice for choice in seen if choice.scenario not in out], wanted.hold)
        left = [choice for choice in seen if choice.scenario in out]
        apart += share_right(left, weights) * len(left)
    print(f"{len(seen)} decisions of {len(scenarios)} scenarios: right {share_right(seen, IN_USE):.4f} as in use,")
    print(f"{apart / len(seen):.4f} learned from the other scenarios")
    for name, weight in zip(NAMES, learned(seen, wanted.hold), strict=True):
        print(f'    "{name}": {round(float(weight), 1):g},')


if __name__ == "__main__":
    main()
