"""Text in, probabilities and spans out: this package reads one contact's words and knows nothing of mailboxes or policy."""

from triage_models.labels import LABELS, Speaker
from triage_models.scorer import Reason, Scorer, Scores, ScoringInput, Span, Turn

__all__ = ["LABELS", "Reason", "Scorer", "Scores", "ScoringInput", "Span", "Speaker", "Turn"]
