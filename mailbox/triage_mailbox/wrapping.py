"""Where quotequail finds an earlier message among lines; it is asked only from the first line on that could open one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import quotequail

# quotequail tries some fifty patterns on every line and on every two lines joined: most of the time that a letter costs.
# All of its patterns end in one of these; the rest that it knows are angled lines and blocks of headers.
_LAST_CHARACTERS = (":", ">", "-", "_")
_FIELD = re.compile(r"\*?[-\w ]+:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapped:
    """An earlier message from line `first` up to, not including, `last`; `kind` is quotequail's: reply, forward, quote."""

    kind: str
    first: int
    last: int


def find_wrapped(lines: Sequence[str]) -> Wrapped | None:
    """The first wrapped message in `lines` by quotequail; None when there is none.

    quotequail gives texts, not places: what is left over is at the top and at the bottom, so lengths give the places.
    """
    start = first_possible(lines)
    if start is None:
        return None
    found = quotequail.unwrap("\n".join(lines[start:]))
    if found is None:
        return None
    top = found.get("text_top", "")
    return Wrapped(
        kind=found["type"],
        first=start + top.count("\n") + 1 if top else _below_filled(lines, start),
        last=len(lines) - _lines_from_bottom(lines, found.get("text_bottom", "")),
    )


def first_possible(lines: Sequence[str]) -> int | None:
    """The first filled line on which quotequail could find a message to open; None where it can find none.

    It may name a line too early, never one too late: what quotequail finds on a line depends on that line and those
    below it alone.
    """
    above_is_filled = False
    for number, line in enumerate(lines):
        bare = line.strip()
        if not bare:
            above_is_filled = False
            continue
        if bare.endswith(_LAST_CHARACTERS):  # an introduction may begin on the line above
            return number - 1 if above_is_filled else number
        if line.startswith(">") or _opens_headers(lines, number):
            return number
        above_is_filled = True
    return None


def _opens_headers(lines: Sequence[str], number: int) -> bool:
    """Whether a line looks like a header and so does one of the next two filled lines, since a value may go on once."""
    if not _FIELD.match(lines[number]):
        return False
    seen = 0
    for line in lines[number + 1 :]:
        if line.strip():
            if _FIELD.match(line):
                return True
            seen += 1
            if seen == 2:
                break
    return False


def _below_filled(lines: Sequence[str], start: int) -> int:
    """The line below the last filled one above `start`; `start` where all above it are empty."""
    above = next((number for number in range(start - 1, -1, -1) if lines[number].strip()), None)
    return start if above is None else above + 1


def _lines_from_bottom(lines: Sequence[str], bottom: str) -> int:
    if not bottom:
        return 0
    trailing = 0
    while trailing < len(lines) and not lines[-1 - trailing].strip():
        trailing += 1
    return trailing + bottom.count("\n") + 1
