"""What was read in a text once is not read again: an issue is looked at as often as something joins it."""

from collections.abc import Callable
from functools import lru_cache, wraps
from inspect import signature
from typing import Any, Final, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")
TEXTS: Final = 8_192
"""Answers kept of each question about texts of ordinary length: more than the longest issue of one person has contacts."""
LONG: Final = 4_000
"""Characters beyond which a text is long."""
LONG_TEXTS: Final = 256
"""Answers kept of each question about long texts, so that no sender decides how much memory is held."""


_forgets: Final[list[Callable[[], None]]] = []


def forget_answers() -> None:
    """Lets go of every answer, because the texts that they are about may have been erased."""
    for forget in _forgets:
        forget()


def remembered(read: Callable[P, T]) -> Callable[P, T]:
    """A pure function of words (and moments) that answers the same question once; its arguments must be hashable."""
    kept = [lru_cache(maxsize=most)(read) for most in (TEXTS, LONG_TEXTS)]
    _forgets.extend(one.cache_clear for one in kept)
    of_ordinary, of_long = (cast(Callable[P, T], one) for one in kept)
    if len(signature(read).parameters) == 1:
        return cast(Callable[P, T], _of_one(read, cast(Any, of_ordinary), cast(Any, of_long)))

    @wraps(read)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        for given in args:
            if isinstance(given, str) and len(given) > LONG:
                return of_long(*args, **kwargs)
        return of_ordinary(*args, **kwargs)

    return answer


def _of_one(read: Callable[P, T], of_ordinary: Callable[[Any], T], of_long: Callable[[Any], T]) -> Callable[[Any], T]:
    """The same for a question about one thing, as most are: a third of the time."""

    @wraps(read)
    def answer(given: Any) -> T:
        return of_long(given) if given.__class__ is str and len(given) > LONG else of_ordinary(given)

    return answer


@remembered
def one(text: str) -> str:
    """The same object for the same text, so that all answers to it are kept under one key."""
    return text
