"""What would have changed a label: the contact read again without the clause that spoke most for it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from triage_models.language import Clause
from triage_models.scorer import Change, Scorer, Scores, ScoringInput, Span

MOST_READINGS: Final = 8
"""Clauses that are taken away in turn: what one question costs stays bounded."""


def blanked(contact: ScoringInput, span: Span) -> ScoringInput:
    """The contact with these words as spaces, so that every other offset stays; line breaks stay too."""
    if isinstance(span.part, int):
        turn = contact.turns[span.part]
        turns = list(contact.turns)
        turns[span.part] = replace(turn, text=_spaces(turn.text, span))
        return replace(contact, turns=tuple(turns))
    if span.part == "subject":
        return replace(contact, subject=_spaces(contact.subject or "", span))
    return replace(contact, text=_spaces(contact.text or "", span))


def _spaces(words: str, span: Span) -> str:
    gone = "".join(char if char == "\n" else " " for char in words[span.start : span.end])
    return words[: span.start] + gone + words[span.end :]


def change_without(scorer: Scorer, contact: ScoringInput, label: str, clauses: Sequence[Clause]) -> Change | None:
    """Takes away each clause of the label's evidence in turn; the one without which the label is least likely spoke most for it.

    None where the label is not raised, or its evidence stands in no clause.
    """
    before = scorer.score([contact])[0]
    tried = list(dict.fromkeys(clause.span() for clause in clauses if _is_shown(clause, before.spans.get(label, ()))))
    if label not in before.flagged or not tried:
        return None
    tried = tried[:MOST_READINGS]
    readings = scorer.score([blanked(contact, span) for span in tried])
    span, after = min(zip(tried, readings, strict=True), key=lambda item: _left(item[1], label))
    return Change(
        label=label,
        span=span,
        before=before.probabilities.get(label, 1.0),
        after=after.probabilities.get(label),
        still=label in after.flagged,
    )


def _is_shown(clause: Clause, spans: Sequence[Span]) -> bool:
    return any(span.part == clause.part and span.start < clause.end and clause.start < span.end for span in spans)


def _left(scores: Scores, label: str) -> tuple[bool, float]:
    return label in scores.flagged, scores.probabilities.get(label, 0.0)
