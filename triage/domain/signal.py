"""Signals for and against, findings per clause, and the assessment that gathers them: never an action."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.domain.clocks import OwedReply
from triage.domain.score import Span


class Side(StrEnum):
    FOR = "for"
    AGAINST = "against"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One reason for or against a clause, in a plain sentence, with the contacts and exact words behind it.

    ``source`` names what said so: ``model:…``, ``rule:…``, ``pattern:…``, ``record:…``, ``owed:…``, ``circumstance:…``.
    """

    code: str
    side: Side
    sentence: str
    source: str
    contacts: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    weight: float | None = None


class ElementState(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    CANNOT_KNOW = "cannot_know"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One thing that a clause needs, and whether it is there."""

    name: str
    state: ElementState
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Whether one contact was counted towards a pattern, and why or why not (behaviours A.14)."""

    contact_id: str
    counted: bool
    why: str


class Judgement(StrEnum):
    """What is proposed for a clause: look at it, nothing to look at, or we cannot judge (C13)."""

    LOOK = "look"
    NOTHING = "nothing"
    CANNOT_JUDGE = "cannot_judge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A finding over many contacts for one clause and one person on one issue.

    ``contacts`` are its evidence where there is something to look at; ``towards`` are those that count, also where they are too few.
    """

    code: str
    judgement: Judgement
    customer_ref: str
    why: str
    contacts: tuple[str, ...] = ()
    towards: tuple[str, ...] = ()
    elements: tuple[Element, ...] = ()
    counted: tuple[Counted, ...] = ()
    what_would_change: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A clause put forward for a look. ``contacts`` are its evidence; ``event`` is the contact whose words alone raised it.

    For a pattern ``event`` is None. ``probability`` is the model's, where words raised it.
    """

    code: str
    customer_ref: str
    why: str
    contacts: tuple[str, ...]
    event: str | None = None
    probability: float | None = None
    spans: tuple[Span, ...] = ()
    elements: tuple[Element, ...] = ()
    counted: tuple[Counted, ...] = ()
    what_would_change: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """All that speaks for and against each clause for one issue at one moment, under one version of the policy.

    ``contact_id`` is the contact that caused it; None when a record or a deadline did. ``circumstances`` are what is
    known of the person (adjustments, distress, bereavement, court): shown first, and they can only reduce a flag (C8).
    """

    at: datetime
    issue_id: str
    policy: str
    contact_id: str | None = None
    findings: tuple[Finding, ...] = ()
    cannot_judge: tuple[str, ...] = ()
    signals: tuple[Signal, ...] = ()
    owed: tuple[OwedReply, ...] = ()
    circumstances: tuple[str, ...] = ()
