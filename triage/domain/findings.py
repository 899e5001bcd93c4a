"""Builders of patterns: one shape for a prompt to look, for nothing to look at, and for what cannot be judged."""

from dataclasses import replace

from triage.domain.signal import Element, ElementState, Judgement, Pattern

STALE = "The landlord's records are missing or older than 24 hours, so this cannot be judged; it does not mean that there is no problem."

FACTS = frozenset(
    {
        "A final decision",
        "The next route was told",
        "Told who deals with it",
        "Explained in writing",
        "Told the standard",
        "Told in writing why not and who can help",
        "Examined and no fault found",
        "Investigated and not upheld",
    }
)
"""Elements that a record or our own words show to be there; all others also rest on what is not there."""


def element(name: str, met: bool, sentence: str) -> Element:
    return Element(name=name, state=ElementState.MET if met else ElementState.NOT_MET, sentence=sentence)


def unknown(name: str, sentence: str) -> Element:
    return Element(name=name, state=ElementState.CANNOT_KNOW, sentence=sentence)


def look(
    code: str,
    person: str,
    why: str,
    contacts: tuple[str, ...],
    elements: tuple[Element, ...] = (),
    what_would_change: str = "",
) -> Pattern:
    return Pattern(
        code=code,
        judgement=Judgement.LOOK,
        customer_ref=person,
        why=why,
        contacts=contacts,
        towards=contacts,
        elements=elements,
        what_would_change=what_would_change,
    )


def nothing(
    code: str,
    person: str,
    why: str,
    elements: tuple[Element, ...] = (),
    what_would_change: str = "",
    *,
    towards: tuple[str, ...] = (),
) -> Pattern:
    return Pattern(
        code=code,
        judgement=Judgement.NOTHING,
        customer_ref=person,
        why=why,
        towards=towards,
        elements=elements,
        what_would_change=what_would_change,
    )


def unjudged(pattern: Pattern) -> Pattern:
    """The same pattern where our records are stale: it prompts nothing, and only facts that were found stay met (C13).

    A decision or an explanation that we have read, in a record or in our own outgoing words, was given whatever the feed
    says. That something was *not* given, or was late, or how many contacts count, cannot be known without the records.
    """
    missing = Element(name="Records of our side", state=ElementState.CANNOT_KNOW, sentence=STALE)
    elements = (
        each
        if each.name in FACTS and each.state is ElementState.MET
        else replace(each, state=ElementState.CANNOT_KNOW, sentence=f"As far as known: {each.sentence}")
        for each in pattern.elements
    )
    return replace(
        pattern,
        judgement=Judgement.CANNOT_JUDGE,
        why=STALE,
        contacts=(),
        elements=(missing, *elements),
        what_would_change="A fresh feed of records.",
    )
