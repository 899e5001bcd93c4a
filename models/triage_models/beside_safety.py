"""A scorer that knows nothing of harm, with the S0 and HZ rules beside it: they read every contact, whatever else does (behaviours A.14)."""

from collections.abc import Sequence
from dataclasses import replace

from triage_models.labels import LABELS, SAFETY
from triage_models.rules import SafetyRules
from triage_models.scorer import Scorer, Scores, ScoringInput


class BesideSafety:
    """The other scorer's answers, with S0 and HZ as the rules alone have them."""

    def __init__(self, scorer: Scorer) -> None:
        self.name, self.version = scorer.name, scorer.version
        self.labels = tuple(label for label in LABELS if label in {*scorer.labels, *SAFETY})
        self._scorer, self._rules = scorer, SafetyRules()

    def score(self, inputs: Sequence[ScoringInput]) -> list[Scores]:
        """One answer per contact, in order; the rules' alone, and why, where the other scorer gives none."""
        return [
            own.taking(SAFETY, rules)
            if own.not_scored is None
            else replace(own, flagged=rules.flagged, spans=rules.spans, reasons=rules.reasons)
            for own, rules in zip(self._scorer.score(inputs), self._rules.score(inputs), strict=True)
        ]
