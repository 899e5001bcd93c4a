"""A model's card: what it was made of, how well it does, where it fails and what it is for; as JSON and as Markdown."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from triage_models.labels import LABELS, MEANING

INTENDED_USE: Final = (
    "A prompt for people: it says which contacts a member of staff should read first and which words to look at. It never decides,"
    " never acts on a customer and is no evidence of what somebody did. A3 and all D and P labels are cues only: the behaviour"
    " needs the landlord's own records."
)

FEWEST: Final = 50
"""Examples of a label below which it cannot be judged: the 95 % interval of a recall of 0.85 is then more than 20 points wide."""


def lacking(examples: Mapping[str, int]) -> list[str]:
    """A sentence for each of these labels with too few examples, which says how many are missing."""
    return [
        f"{label} ({MEANING[label]}): {examples[label]} examples, {FEWEST - examples[label]} too few to judge it."
        for label in LABELS
        if label in examples and examples[label] < FEWEST
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFigures:
    """One label's figures with 95 % intervals where there are any; shares from 0 to 1."""

    positives: int
    precision: float
    recall: float
    f1: float
    average_precision: float
    precision_interval: tuple[float, float]
    recall_interval: tuple[float, float]
    calibration_error: float
    threshold: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything a person should know before a model is used."""

    name: str
    version: str
    summary: str
    how_measured: str
    data: tuple[Mapping[str, Any], ...]
    figures: Mapping[str, LabelFigures]
    overall: Mapping[str, float]
    known_failures: tuple[str, ...]
    aim: str

    def as_json(self) -> bytes:
        """For machines."""
        return (json.dumps(asdict(self), indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()

    def as_markdown(self) -> str:
        """For people."""
        return "\n".join([*self._head(), *self._table(), *self._tail()]) + "\n"

    def _head(self) -> list[str]:
        lines = [
            f"# Model card: {self.name} {self.version}",
            "",
            self.summary,
            "",
            "## Intended use",
            "",
            INTENDED_USE,
            "",
            "## Data",
            "",
        ]
        for source in self.data:
            lines.append(
                f"- **{source['name']}**: {source['what']}. Licence: {source['licence']}. {source.get('attribution', '')}".rstrip()
            )
        return [*lines, "", "## Figures", "", self.how_measured, "", f"Thresholds: {self.aim}", ""]

    def _table(self) -> list[str]:
        lines = [
            "| label | meaning | cases | precision (95 %) | recall (95 %) | F1 | average precision | calibration error | threshold |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        for label in LABELS:
            row = self.figures.get(label)
            if row is not None:
                low, high = row.precision_interval
                under, over = row.recall_interval
                lines.append(
                    f"| {label} | {MEANING[label]} | {row.positives} | {row.precision:.2f} ({low:.2f}-{high:.2f}) | {row.recall:.2f} ({under:.2f}-{over:.2f})"
                    f" | {row.f1:.2f} | {row.average_precision:.2f} | {row.calibration_error:.3f} | {row.threshold:.2f} |"
                )
        few = lacking({label: row.positives for label, row in self.figures.items()})
        told = ["Measured on too few examples:", "", *(f"- {sentence}" for sentence in few), ""] if few else []
        return [*lines, "", *(f"- {name}: {value:.3f}" for name, value in self.overall.items()), "", *told]

    def _tail(self) -> list[str]:
        return ["## Known failures", "", *(f"- {failure}" for failure in self.known_failures)]
