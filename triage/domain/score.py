"""What a model said of one contact's own words: calibrated probabilities with the words that earned them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

LABEL_OF_CODE: Final = {"hazard": "HZ", "staff_safety": "QA"}
"""Codes of flags whose label has another name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Exact words: ``part`` is "subject", "text" or the index of a turn; ``start`` and ``end`` are offsets in that part."""

    part: str | int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One contribution to a score in log-odds: positive speaks for the label, negative against it."""

    kind: str
    id: str
    weight: float
    sentence: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """``probabilities`` per label; ``flagged`` those over their operating thresholds; ``not_scored`` a sentence or None.

    ``abstained`` are labels that were not judged. ``caveat`` is a sentence where that, or words that were not read, means that nothing
    found is no sign that nothing is there: whoever shows scores shows it too.

    ``vector`` is the contact's meaning as the model's encoder has it (384 signed bytes, in base64): for likeness to contacts read
    by the same model, and for nothing else. It is never shown, logged or exported; None where the model has no encoder.
    """

    model: str
    probabilities: Mapping[str, float] = field(default_factory=dict)
    flagged: tuple[str, ...] = ()
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    reasons: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    not_scored: str | None = None
    abstained: tuple[str, ...] = ()
    caveat: str | None = None
    vector: str | None = field(default=None, repr=False)

    def has(self, label: str) -> bool:
        return label in self.flagged
