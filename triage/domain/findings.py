"""Builders of patterns: one shape for a prompt to look, for nothing to look at, and for what cannot be judged."""

from collections.abc import Sequence

from triage.domain.counting import Weighed
from triage.domain.signal import Counted, Element, ElementState, Judgement, Pattern

STALE = "The landlord's records are missing or older than 24 hours, so this cannot be judged; it does not mean that there is no problem."


def element(name: str, met: bool, sentence: str) -> Element:
    return Element(name=name, state=ElementState.MET if met else ElementState.NOT_MET, sentence=sentence)


def look(
    code: str,
    person: str,
    why: str,
    contacts: tuple[str, ...],
    elements: tuple[Element, ...] = (),
    counted: tuple[Counted, ...] = (),
    what_would_change: str = "",
) -> Pattern:
    return Pattern(
        code=code,
        judgement=Judgement.LOOK,
        customer_ref=person,
        why=why,
        contacts=contacts,
        elements=elements,
        counted=counted,
        what_would_change=what_would_change,
    )


def nothing(
    code: str,
    person: str,
    why: str,
    elements: tuple[Element, ...] = (),
    counted: tuple[Counted, ...] = (),
    what_would_change: str = "",
) -> Pattern:
    return Pattern(
        code=code,
        judgement=Judgement.NOTHING,
        customer_ref=person,
        why=why,
        elements=elements,
        counted=counted,
        what_would_change=what_would_change,
    )


def cannot_know(code: str, person: str, weighed: Sequence[Weighed]) -> Pattern:
    missing = Element(name="Records of our side", state=ElementState.CANNOT_KNOW, sentence=STALE)
    return Pattern(
        code=code,
        judgement=Judgement.CANNOT_JUDGE,
        customer_ref=person,
        why=STALE,
        elements=(missing,),
        counted=tuple(w.shown() for w in weighed),
        what_would_change="A fresh feed of records.",
    )
