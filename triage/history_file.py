"""Files of JSON lines of any length, read once to know where each line begins and then line by line: memory stays small."""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from triage.domain.customer import Customer
from triage.domain.record import OwnStandards
from triage.history import FeedState, Item, PlainHistory, order, take_line

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
RANKS = 8
"""More than the ranks of `order`, which break ties of one moment."""


class Lines:
    """The lines of a file that can be sought in; bytes that are no UTF-8 become U+FFFD, so that one bad line stops no other."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def each(self) -> Iterator[tuple[int, str]]:
        """Every line with where it begins."""
        self._file.seek(0)
        start = 0
        for line in self._file:
            yield start, line.decode("utf-8", "replace")
            start += len(line)

    def at(self, start: int) -> str:
        """The line that begins there."""
        self._file.seek(start)
        return self._file.readline().decode("utf-8", "replace")


class LinesById:
    """Where the line of each id is, in sixteen bytes a line; of two with one id the later is given, as a mapping would."""

    def __init__(self, lines: Lines, ids: Iterator[tuple[int, str]]) -> None:
        starts, marks = array("q"), array("q")
        for start, id in ids:
            starts.append(start)
            marks.append(hash(id))
        by_mark = sorted(range(len(marks)), key=marks.__getitem__)
        self._lines = lines
        self._marks = array("q", (marks[place] for place in by_mark))
        self._starts = array("q", (starts[place] for place in by_mark))

    def candidates(self, id: str) -> Iterator[str]:
        """The lines that may be of this id, the last one first: two ids can have one mark."""
        mark = hash(id)
        first = end = bisect_left(self._marks, mark)
        while end < len(self._marks) and self._marks[end] == mark:
            end += 1
        return (self._lines.at(self._starts[place]) for place in range(end - 1, first - 1, -1))


class ItemsInOrder(Collection[Item | FeedState]):
    """The contacts, records and feed lines of a file in the order of `order`, each read when it is its turn."""

    def __init__(self, lines: Lines, starts: Sequence[int]) -> None:
        self._lines, self._starts = lines, starts

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Item | FeedState]:
        for start in self._starts:
            one = PlainHistory()
            take_line(one, 0, self._lines.at(start))
            yield from one.items

    def __contains__(self, item: object) -> bool:
        return any(one == item for one in self)


@dataclass(slots=True, kw_only=True)
class FileHistory:
    """Like `PlainHistory`, with items that stay in their file; use it while the file is open."""

    items: Collection[Item | FeedState]
    customers: list[Customer] = field(default_factory=list)
    standards: list[OwnStandards] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def open_history(file: BinaryIO) -> FileHistory:
    """Reads every line of a history once, for its problems and its moment; a bad line is reported and stops no other."""
    lines, starts, moments = Lines(file), array("q"), array("q")
    history = FileHistory(items=ItemsInOrder(lines, starts))
    for number, (start, line) in enumerate(lines.each(), 1):
        one = PlainHistory()
        take_line(one, number, line)
        history.customers += one.customers
        history.standards += one.standards
        history.problems += one.problems
        for item in one.items:
            at, rank = order(item)
            starts.append(start)
            moments.append((at - EPOCH) // MICROSECOND * RANKS + rank)
    in_order = sorted(range(len(starts)), key=moments.__getitem__)
    history.items = ItemsInOrder(lines, array("q", (starts[place] for place in in_order)))
    return history
