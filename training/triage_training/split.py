"""Who is trained on and who is tested on: whole writers, pairs kept together, and one test split that never changes."""

import hashlib
from collections.abc import Sequence
from typing import Final

from triage_training.examples import Example

FROZEN_SALT: Final = "triage-frozen-test-1"
FROZEN_SHARE: Final = 0.15
FOLDS: Final = 7


def _share(key: str) -> float:
    return int(hashlib.sha256(f"{FROZEN_SALT}:{key}".encode()).hexdigest()[:12], 16) / 16**12


def is_frozen(example: Example) -> bool:
    """Whether an example belongs to the frozen test split: a rule on its pair (or its id), so it never changes and pairs,
    and a customer's decisions, never straddle it."""
    return _share(f"{example.origin}:{example.pair}" if example.pair else example.id) < FROZEN_SHARE


def frozen_split(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """(training, frozen test)."""
    return [e for e in examples if not is_frozen(e)], [e for e in examples if is_frozen(e)]


def writer_folds(examples: Sequence[Example], folds: int = FOLDS) -> list[int]:
    """A fold for each example: writers whole, spread so that folds are of like size. With as many folds as writers, each
    fold is one writer."""
    sizes: dict[str, int] = {}
    for example in examples:
        sizes[example.origin] = sizes.get(example.origin, 0) + 1
    load = [0] * min(folds, len(sizes))
    fold_of: dict[str, int] = {}
    for origin in sorted(sizes, key=lambda name: (-sizes[name], name)):
        lightest = load.index(min(load))
        fold_of[origin] = lightest
        load[lightest] += sizes[origin]
    return [fold_of[example.origin] for example in examples]
