"""The arithmetic of the bench: areas, rates with intervals, quantiles, and choosing rows by hash."""

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from triage_training.evaluate import wilson

Row = TypeVar("Row")
LAST_ASCII: Final = 127


def roc_auc(pairs: Sequence[tuple[float, bool]]) -> float:
    """Chance that a positive scores above a negative, ties half; NaN where one of the two kinds is missing."""
    ranked = sorted(pairs, key=lambda pair: pair[0])
    positives = sum(positive for _, positive in ranked)
    negatives = len(ranked) - positives
    if not positives or not negatives:
        return math.nan
    total, start = 0.0, 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        middle = (start + 1 + end) / 2
        total += middle * sum(positive for _, positive in ranked[start:end])
        start = end
    return (total - positives * (positives + 1) / 2) / (positives * negatives)


def f1(flags: Sequence[bool], wanted: Sequence[bool]) -> float:
    """F1 of these flags; NaN where nothing was wanted."""
    hits = sum(f and w for f, w in zip(flags, wanted, strict=True))
    return 2 * hits / (sum(flags) + sum(wanted)) if any(wanted) else math.nan


def per_thousand(hits: int, total: int) -> tuple[float, float, float]:
    """The rate per 1,000 with Wilson's 95 % interval."""
    low, high = wilson(hits, total)
    return (1000 * hits / total if total else math.nan, 1000 * low, 1000 * high)


def quantile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least this share of the values do not exceed; NaN of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def by_hash(rows: Iterable[Row], cap: int, key: Callable[[Row], str]) -> list[Row]:
    """At most `cap` of the rows, always the same ones, whatever order they come in."""
    return sorted(rows, key=lambda row: hashlib.sha256(f"triage-bench:{key(row)}".encode()).hexdigest())[:cap]


def letters_of(text: str) -> str:
    """A text without its case, digits, ASCII marks and spaces: two copies of it that were cleaned differently are the same. Emoji
    stay: in one set they alone make the difference."""
    return "".join(char for char in text.lower() if char.isalpha() or (ord(char) > LAST_ASCII and not char.isspace()))
