"""Contact by contact, what a clause counted and what it did not, each with its reason (behaviours A.14, records A). Pure."""

from collections.abc import Sequence

from triage.domain.counting import line_of
from triage.domain.signal import Counted

_TOWARDS = {
    "P2": "Presses the point that was decided, and brings nothing new.",
    "P3": "The customer's own, on a way of their own choosing, after they were told who deals with it.",
    "D1": "Insists on one person of ours.",
    "D2": "Sets a deadline below half of the standard, after they were told it.",
    "D3": "Reports it again with nothing new, after the last examination.",
    "D4": "Demands it again, after the letter that says why not.",
    "A3": "Alleges again without particulars, after the last outcome.",
}
_BESIDE = {
    "P2": "Does not press the point that was decided, or not after the decision and its next route were told.",
    "P3": "On the way that was named to them or that we sent them to, or before they were told who deals with it.",
    "D1": "Insists on nobody, or not after the explanation.",
    "D2": "Sets no deadline below half of the standard, or not after they were told it.",
    "D3": "Before the last examination that found no fault.",
    "D4": "Before the letter that says why not, or asks who can help.",
    "A3": "Alleges nothing, or not after the last outcome.",
}


def lines(code: str, continual: Sequence[Counted], towards: Sequence[str]) -> tuple[Counted, ...]:
    """One line for each contact of ``continual``, which says whether it counts as continual contact (P1) and else why not.

    Any other clause counts what is ``towards`` it. What it does not count is set apart for the same reasons (A.14), or is not
    what the clause is about.
    """
    if code not in _TOWARDS:
        return tuple(continual)
    counted = frozenset(towards)
    return tuple(_line(code, line, line.contact_id in counted) for line in continual)


def _line(code: str, line: Counted, counted: bool) -> Counted:
    if counted:
        return line_of(line.contact_id, True, _TOWARDS[code])
    return line_of(line.contact_id, False, _BESIDE[code]) if line.counted else line
