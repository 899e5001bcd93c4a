"""A list that only grows at its end and remembers what was picked out of it, so that a long issue is not read anew each time."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
U = TypeVar("U")


class Growing(list[T]):
    """Items in the order of time. Nothing may be taken out or changed: what was once picked out stays picked out."""

    __slots__ = ("_picked", "_read")

    def __init__(self, items: Sequence[T] = ()) -> None:
        super().__init__(items)
        self._picked: dict[object, tuple[int, Growing[T]]] = {}
        self._read: dict[object, list[Any]] = {}

    def picked(self, keep: Callable[[T], bool], name: object) -> "Growing[T]":
        seen, found = self._picked.get(name) or (0, Growing[T]())
        if seen < len(self):
            found.extend(item for item in self[seen:] if keep(item))
            self._picked[name] = (len(self), found)
        return found

    def each(self, read: Callable[[T], U]) -> list[U]:
        """What ``read`` says of each item, which must say the same of an item for ever."""
        found = self._read.setdefault(read, [])
        found.extend(map(read, self[len(found) :]))
        return found


def those(items: Sequence[T], keep: Callable[[T], bool], name: object = None) -> Sequence[T]:
    """The items that ``keep`` says, which must say the same of an item for ever; a closure needs a ``name`` of its own."""
    if isinstance(items, Growing):
        return items.picked(keep, name or keep)
    return [item for item in items if keep(item)]


def each(items: Sequence[T], read: Callable[[T], U]) -> list[U]:
    """What ``read`` says of each item; it must say the same of an item for ever, and what is given is not to be changed."""
    return items.each(read) if isinstance(items, Growing) else [read(item) for item in items]


class _Timed(Protocol):
    @property
    def at(self) -> datetime: ...


_At = TypeVar("_At", bound=_Timed)


def after(items: Sequence[_At], moment: datetime) -> Sequence[_At]:
    """Those of ``items``, which are in time order, that come after a moment."""
    return items[bisect_right(items, moment, key=_moment) :]


def _moment(item: _Timed) -> datetime:
    return item.at
