"""Harm that somebody else in a call tells of, beside what the customer says: S0 and HZ are read in their words as well.

An interpreter, a relative or a neighbour on the line may be the one who says it. What they say is nobody's abuse but their own, so no
other label is read in it (behaviours A.14: safety before all else).
"""

from dataclasses import replace

from triage_models.labels import SAFETY, Speaker
from triage_models.parts import speaks, voice_of
from triage_models.scorer import Scores, ScoringInput


def as_others_tell_it(contact: ScoringInput) -> ScoringInput | None:
    """The call in the words of whoever else speaks in it beside the customer, with turns in their places; None where nobody does."""
    if not speaks(contact, Speaker.THIRD_PARTY) or voice_of(contact) == Speaker.THIRD_PARTY:
        return None
    turns = tuple(
        replace(turn, speaker=Speaker.SYSTEM) if turn.speaker == Speaker.CUSTOMER else turn for turn in contact.turns
    )
    return replace(contact, subject=None, text=None, turns=turns)


def harm_told_too(own: Scores, told: Scores) -> Scores:
    """The scores of a contact, with the harm that only the others tell of."""
    if own.not_scored is not None or told.not_scored is not None:
        return own
    return own.taking([label for label in SAFETY if label in told.flagged and label not in own.flagged], told)
