"""What is given out of everything kept about one person: items with whose each line is, and the same as a text to read (C25)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from triage.domain.workdays import LONDON


class Whose(StrEnum):
    """Whose a line is. What is another's is marked, so that a person can take it out before anything is given."""

    THEIRS = "the person's own"
    OURS = "the landlord's"
    OTHERS = "somebody else's"
    OPINION = "a person's opinion"
    PROGRAM = "a program's suggestion"


MARKS: Final = {
    Whose.OTHERS: "[SOMEBODY ELSE'S] ",
    Whose.OPINION: "[OPINION] ",
    Whose.PROGRAM: "[SUGGESTED BY A PROGRAM] ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that is kept, named, and whose it is."""

    name: str
    text: str
    whose: Whose = Whose.OURS


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Things kept together: a contact, a flag, a record. ``withheld`` says why it is not told here; empty where it is."""

    what: str
    at: datetime | None = None
    id: str = ""
    lines: tuple[Line, ...] = ()
    withheld: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One kind of thing, in time order."""

    name: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecords:
    """Everything kept about one person, as far as whoever asks may know; ``left_out`` says what is not in it, and who has it."""

    ref: str
    made_at: datetime
    by: str
    parts: tuple[Part, ...]
    left_out: tuple[str, ...]

    @property
    def others(self) -> int:
        """How many lines are marked as somebody else's."""
        return sum(line.whose is Whose.OTHERS for part in self.parts for item in part.items for line in item.lines)


ABOUT: Final = (
    "What is kept about a person, for whoever answers their request. Read it through before anything is given out.",
    "Lines marked [SOMEBODY ELSE'S] are about or from others: take them out, or have a reason to leave them in. A program marks "
    "what it can tell by where it stands; a name inside a sentence it does not see.",
    "Lines marked [OPINION] are what a named person thought. Lines marked [SUGGESTED BY A PROGRAM] are no findings: a person decides.",
    "Decisions that were not confirmed, and those that were taken back, are in it too.",
)


def as_text(records: OwnRecords) -> str:
    """The whole, to read from top to bottom."""
    return "\n".join(_lines(records)) + "\n"


def _lines(records: OwnRecords) -> Iterator[str]:
    yield f"Everything kept about {records.ref}"
    yield f"Made on {_moment(records.made_at)} by {records.by}."
    yield ""
    yield from ABOUT
    for sentence in records.left_out:
        yield f"NOT IN IT: {sentence}"
    for number, part in enumerate(records.parts, 1):
        yield ""
        yield f"{number}. {part.name} ({len(part.items)})"
        for item in part.items:
            yield ""
            yield f"  {item.what}{f', {_moment(item.at)}' if item.at else ''}{f' (number {item.id})' if item.id else ''}"
            if item.withheld:
                yield f"    Not told here: {item.withheld}"
            for line in item.lines:
                body = line.text.replace("\n", "\n      ")
                yield f"    {MARKS.get(line.whose, '')}{line.name}: {body}"


def _moment(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%B %Y}, {local:%H:%M}"
