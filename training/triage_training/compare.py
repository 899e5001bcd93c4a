"""Before and after: two scorers on the same frozen contacts."""

from collections.abc import Sequence
from dataclasses import dataclass

from triage_models.labels import LABELS
from triage_models.scorer import Scorer
from triage_training.evaluate import Evaluation, evaluate
from triage_training.examples import Example


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Figures of the model in use and of the candidate on the same contacts."""

    before: Evaluation
    after: Evaluation

    def lines(self) -> list[str]:
        """A table for people."""
        rows = [
            f"{name:42} {value:.3f} -> {self.after.overall()[name]:.3f}"
            for name, value in self.before.overall().items()
        ]
        for label in LABELS:
            old, new = self.before.labels[label], self.after.labels[label]
            rows.append(
                f"{label:4} F1 {old.f1:.2f} -> {new.f1:.2f}   precision {old.precision:.2f} -> {new.precision:.2f}   recall {old.recall:.2f} -> {new.recall:.2f}"
            )
        return rows


def compare(before: Scorer, after: Scorer, examples: Sequence[Example]) -> Comparison:
    """Score the same contacts with both."""
    contacts = [example.contact for example in examples]
    return Comparison(
        before=evaluate(examples, before.score(contacts)), after=evaluate(examples, after.score(contacts))
    )
