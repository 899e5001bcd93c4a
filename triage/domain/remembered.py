"""What was read in a text once is not read again: an issue is looked at as often as something joins it."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")
TEXTS: Final = 16_384
"""Answers kept of each question: more than the longest issue of one person has contacts."""


def remembered(read: Callable[P, T]) -> Callable[P, T]:
    """A pure function of words (and moments) that answers the same question once; its arguments must be hashable."""
    return cast(Callable[P, T], lru_cache(maxsize=TEXTS)(read))


@remembered
def one(text: str) -> str:
    """The same object for the same text, so that all answers to it are kept under one key."""
    return text
