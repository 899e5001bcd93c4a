"""What every rule on demands and allegations asks of its evidence. Pure."""

from collections.abc import Callable, Sequence

from triage.domain.acts import EVEN
from triage.domain.counting import Case, Reason, Weighed
from triage.domain.findings import look, nothing
from triage.domain.issue import Entry
from triage.domain.signal import Element, Pattern

Rule = Callable[[Case, str, Sequence[Weighed]], Pattern]
"""Judges one clause for one customer on one issue."""
Possible = Callable[[Case, str, Sequence[Weighed]], bool]
"""Whether such a rule can find anything to look at: False only where it cannot."""

# A demand is one also where it stands in a reply to a question of ours.
_SAID = frozenset({Reason.COUNTED, Reason.ANSWER, Reason.VISIT})
DOUBT = 0.1
"""A label's likelihood from which the words may decide where the model is not sure."""


def judged(
    case: Case,
    code: str,
    person: str,
    evidence: Sequence[Weighed],
    needed: float,
    elements: tuple[Element, ...],
    why: str,
    change: str,
) -> Pattern:
    """LOOK where every element is met and the last evidence is not too old; otherwise NOTHING, with the same elements."""
    met = bool(evidence) and len(evidence) >= needed and all(e.state.value == "met" for e in elements)
    contacts = tuple(w.contact.id for w in evidence)
    if met and is_fresh(case, code, evidence):
        return look(code, person, why, contacts, elements, change)
    missing = next((e.sentence for e in elements if e.state.value != "met"), "Too long ago.")
    return nothing(code, person, missing, elements, change, towards=contacts)


def is_fresh(case: Case, code: str, evidence: Sequence[Weighed]) -> bool:
    """Whether there is evidence and its last is not too old for the clause."""
    return bool(evidence) and case.now - evidence[-1].at <= case.days(code, "evidence_window_days")


def flagged(entry: Entry, label: str) -> bool:
    """Whether the model reads a label in it."""
    return entry.scores is not None and entry.scores.has(label)


def likely(entry: Entry, label: str) -> bool:
    """Whether it does so, likelier than not."""
    return flagged(entry, label) and entry.chance(label, 1.0) >= EVEN


def unscored(entry: Entry) -> bool:
    """Whether no model has read it."""
    return entry.scores is None or entry.scores.not_scored is not None


def is_said(w: Weighed) -> bool:
    """Whether what it demands counts: it is theirs, and nothing sets it apart."""
    return w.reason in _SAID
