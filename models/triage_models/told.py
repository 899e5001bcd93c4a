"""Harm that somebody else in a call tells of, beside what the customer says: S0 and HZ are read in their words as well.

An interpreter, a relative or a neighbour on the line may be the one who says it. What they say is nobody's abuse but their own, so no
other label is read in it (behaviours A.14: safety before all else).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeVar

from triage_models.labels import LABELS, Speaker
from triage_models.parts import voice_of
from triage_models.scorer import Scores, ScoringInput

T = TypeVar("T")
HARM: Final = ("S0", "HZ")


def as_others_tell_it(contact: ScoringInput) -> ScoringInput | None:
    """The call in the words of whoever else speaks in it beside the customer, with turns in their places; None where nobody does."""
    beside = any(turn.speaker == Speaker.THIRD_PARTY and turn.text.strip() for turn in contact.turns)
    if not beside or voice_of(contact) == Speaker.THIRD_PARTY:
        return None
    turns = tuple(
        replace(turn, speaker=Speaker.SYSTEM) if turn.speaker == Speaker.CUSTOMER else turn for turn in contact.turns
    )
    return replace(contact, subject=None, text=None, turns=turns)


def harm_told_too(own: Scores, told: Scores) -> Scores:
    """The scores of a contact, with the harm that only the others tell of."""
    if own.not_scored is not None or told.not_scored is not None:
        return own
    more = tuple(label for label in HARM if label in told.flagged and label not in own.flagged)
    if not more:
        return own
    return replace(
        own,
        probabilities=_with(own.probabilities, told.probabilities, more),
        flagged=tuple(label for label in LABELS if label in own.flagged or label in more),
        spans=_with(own.spans, told.spans, more),
        reasons=_with(own.reasons, told.reasons, more),
    )


def _with(own: Mapping[str, T], told: Mapping[str, T], more: tuple[str, ...]) -> dict[str, T]:
    return {**own, **{label: told[label] for label in more if label in told}}
