"""Learns the weights of linking anew from timelines, and says how often the right issue is chosen on scenarios left out.

python tests/bench/link_weights.py TOOLS TIMELINES... [--hold 0.5] [--gists] [--write]

With --gists the weights are those of contacts that have one (WITH_GIST), learned with gists by readers that had not seen the sets, and the network
of triage/issues/follows.py is taught before them (needs torch): each set by the others, and the weights are learned beside what it then says. With
--write the network that has learned all is kept.

Each decision is taken as it comes in a replay, with everything before it on its true issue. The weights are those under which the true
issues are likeliest (conditional logit), held to the ones in use: `--hold` says how firmly. "new, our own" is held thirty times
as firmly: a message of ours that wrongly opens an issue leaves a customer unanswered, which the count of right decisions does not know.
Prints what to write into triage/issues/weights.py; of the package it changes the network alone.
"""

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray
from scipy.optimize import minimize
from timelines_tool import set_of
from true_issues import replayed
from unseen_gists import UnseenGists

from triage.domain.contact import Contact
from triage.issues.compare import compare
from triage.issues.follows import INPUTS, Network, inputs, says
from triage.issues.weights import WEIGHTS, WITH_GIST

Floats = NDArray[np.float64]
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
FOLLOWS = ("follows", "new, follows on nothing")
LOOSELY = dict.fromkeys(
    ("gist alike", "another's gist is nearer", "gist unknown", "topic alike", "another's topic is nearer"), 0.2
) | dict.fromkeys(FOLLOWS, 1e6)
"""Held so with gists: what is said of topics and what a gist says of it overlap."""
GROUPS = 7
HIDDEN, DROP, PASSES, AT_ONCE, RATE, DECAY = 48, 0.3, 14, 64, 2e-3, 0.05


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision: a row of features for each earlier issue, the last for a new one, and which was right. ``states`` are what the network is given,
    ``beside`` is what it says."""

    scenario: str
    rows: Floats
    right: int
    states: NDArray[np.float32]
    beside: Floats

    @property
    def group(self) -> str:
        return set_of(self.scenario)


def choices(tools: Path, timelines: Path, names: Sequence[str], gists: UnseenGists | None) -> list[Choice]:
    """Every decision of a file of timelines that had an earlier issue to choose from; with gists those of contacts that have one."""
    found: list[Choice] = []

    def look(scenario: str, item: Any, who: Any, past: Any, right: int) -> None:
        if gists is not None and (not isinstance(item, Contact) or item.gist is None):
            return
        compared, new = compare(item, who, past)
        told = (*(features for _, features in compared), new)
        rows = np.array([[0.0 if name in FOLLOWS else features.get(name, 0.0) for name in names] for features in told])
        states = (
            inputs(item, [one for one, _ in compared])
            if gists is not None
            else np.zeros((len(rows), INPUTS), np.float32)
        )
        found.append(Choice(scenario, rows, right, states, np.zeros(len(rows))))

    with replayed(tools, timelines, look, gists):
        return found


def learned(seen: Sequence[Choice], in_use: Floats, firmness: Floats) -> Floats:
    """The weights under which the right choices are likeliest, held to those in use."""
    rows, sizes = np.concatenate([choice.rows for choice in seen]), np.array([len(choice.rows) for choice in seen])
    starts, of = np.concatenate([[0], np.cumsum(sizes)[:-1]]), np.repeat(np.arange(len(seen)), sizes)
    right = starts + np.array([choice.right for choice in seen])
    wanted, beside = rows[right].sum(axis=0), np.concatenate([choice.beside for choice in seen])

    def loss(weights: Floats) -> tuple[float, Floats]:
        away, scores = weights - in_use, rows @ weights + beside
        chances = np.exp(scores - np.maximum.reduceat(scores, starts)[of])
        chances /= np.add.reduceat(chances, starts)[of]
        total = float(firmness @ away**2) - float(np.log(chances[right] + 1e-300).sum())
        return total, 2 * firmness * away + rows.T @ chances - wanted

    return np.asarray(minimize(loss, in_use, jac=True, method="L-BFGS-B").x)


def share_right(seen: Sequence[Choice], weights: Floats) -> float:
    return float(np.mean([np.argmax(choice.rows @ weights + choice.beside) == choice.right for choice in seen]))


def taught(seen: Sequence[Choice], in_use: Floats, seed: int = 1) -> Network:
    """The network under which, beside the weights in use (which may give way to it), the right choices are likeliest."""
    import torch
    from torch import nn
    from torch.nn import functional

    torch.manual_seed(seed)
    most = max(len(choice.rows) for choice in seen)
    states = torch.zeros(len(seen), most, INPUTS)
    rows = torch.zeros(len(seen), most, len(in_use))
    hides = torch.ones(len(seen), most, dtype=torch.bool)
    for place, choice in enumerate(seen):
        states[place, : len(choice.states)] = torch.from_numpy(choice.states)
        rows[place, : len(choice.rows)] = torch.from_numpy(choice.rows)
        hides[place, : len(choice.rows)] = False
    right = torch.tensor([choice.right for choice in seen])
    first, last = nn.Linear(INPUTS, HIDDEN), nn.Linear(HIDDEN, 1, bias=False)
    nn.init.zeros_(last.weight)
    weights = nn.Parameter(torch.tensor(in_use, dtype=torch.float32))
    own = [*first.parameters(), *last.parameters()]
    parts = [{"params": own, "weight_decay": DECAY}, {"params": [weights], "weight_decay": 0.0, "lr": RATE / 4}]
    optimiser = torch.optim.AdamW(parts, lr=RATE)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.85)
    for _ in range(PASSES):
        for taken in torch.randperm(len(seen)).split(AT_ONCE):
            hidden = functional.dropout(functional.relu(first(states[taken])), DROP)
            likely = (rows[taken] @ weights + last(hidden).squeeze(-1)).masked_fill(hides[taken], -1e9)
            loss = functional.cross_entropy(likely, right[taken])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
    return first.weight.detach().numpy().T.copy(), first.bias.detach().numpy(), last.weight.detach().numpy()[0]


def with_follows(seen: Sequence[Choice], in_use: Floats) -> list[Choice]:
    """The choices beside what a network says of each that was taught on other sets."""
    groups = sorted({choice.group for choice in seen})
    found: list[Choice] = []
    for number in range(GROUPS):
        out = set(groups[number::GROUPS])
        network = taught([choice for choice in seen if choice.group not in out], in_use)
        found += [replace(one, beside=says(network, one.states)) for one in seen if one.group in out]
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("tools", type=Path)
    asked.add_argument("timelines", type=Path, nargs="+")
    asked.add_argument("--hold", type=float, default=0.5)
    asked.add_argument("--gists", action="store_true")
    asked.add_argument("--write", action="store_true")
    wanted = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    weights, loosely = (WITH_GIST, LOOSELY) if wanted.gists else (WEIGHTS, {})
    in_use = np.array(list(weights.values()))
    firmness = wanted.hold * np.array([loosely.get(name, FIRMLY.get(name, 1.0)) for name in weights])
    gists = UnseenGists() if wanted.gists else None
    seen = [choice for path in wanted.timelines for choice in choices(wanted.tools, path, list(weights), gists)]
    if wanted.gists:
        print(f"{share_right(seen, in_use):.4f} right as in use without the network")
        if wanted.write:
            first, bias, last = taught(seen, in_use)
            target = Path(str(files("triage.issues").joinpath("follows.npz")))
            np.savez_compressed(target, first=first, bias=bias, last=last)
        seen = with_follows(seen, in_use)
    scenarios = sorted({choice.scenario for choice in seen})
    apart = 0.0
    for group in range(GROUPS):
        out = set(scenarios[group::GROUPS])
        apart_from = learned([choice for choice in seen if choice.scenario not in out], in_use, firmness)
        left = [choice for choice in seen if choice.scenario in out]
        apart += share_right(left, apart_from) * len(left)
    print(f"{len(seen)} decisions of {len(scenarios)} scenarios: right {share_right(seen, in_use):.4f} as in use,")
    print(f"{apart / len(seen):.4f} learned from the other scenarios")
    for name, weight in zip(weights, learned(seen, in_use, firmness), strict=True):
        print(f'    "{name}": {round(float(weight), 1):g},')


if __name__ == "__main__":
    main()
