"""A model's card: what it was made of, how well it does, where it fails and what it is for; as JSON and as Markdown."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from triage_models.errors import ModelRefused
from triage_models.labels import LABELS, MEANING

INTENDED_USE: Final = (
    "A prompt for people: it says which contacts a member of staff should read first and which words to look at. It never decides,"
    " never acts on a customer and is no evidence of what somebody did. A3 and all D and P labels are cues only: the behaviour"
    " needs the landlord's own records."
)
PRIOR: Final = 0.01
"""A share that is stated and not measured: what precision would be where one contact in a hundred shows a label."""

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
class Share:
    """A share of some contacts, from 0 to 1, with Wilson's 95 % interval; 0 of none."""

    of: int
    share: float
    interval: tuple[float, float]

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.share:.3f} ({low:.3f}-{high:.3f}) of {self.of:,}" if self.of else "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationFigures:
    """One label in contacts as they come in. `sample` the share of it among the contacts that the figures rest on; `shown` among those
    that come in, None where nobody has decided it there; `flagged` the share flagged there, of those that do not show it where that is
    known. `precision` is what recall and `flagged` give where PRIOR of the contacts show it, and `least` with the upper end of the interval;
    None where nobody has decided it, since what is flagged may then be right."""

    sample: float
    shown: float | None
    flagged: Share
    precision: float | None
    least: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """How contacts of one group are read: abuse found of that which is there, abuse flagged where there is none, risk of harm found."""

    kind: str
    name: str
    contacts: int
    abuse_found: Share
    false_alarms: Share
    risk_found: Share


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
    population: Mapping[str, PopulationFigures] = field(default_factory=dict)
    how_population: str = ""
    groups: tuple[GroupFigures, ...] = ()

    def as_json(self) -> bytes:
        """For machines."""
        return (json.dumps(asdict(self), indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()

    def as_markdown(self) -> str:
        """For people."""
        return "\n".join([*self._head(), *self._table(), *self._as_they_come(), *self._groups(), *self._tail()]) + "\n"

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

    def _as_they_come(self) -> list[str]:
        if not self.population:
            return []
        lines = [
            "## As contacts come in",
            "",
            self.how_population,
            "",
            f"| label | in the sample | as they come in | flagged there | precision where 1 in {1 / PRIOR:.0f} shows it (at least) |",
            "|---|---|---|---|---|",
        ]
        for label, row in self.population.items():
            shown = "not decided" if row.shown is None else f"{row.shown:.3f}"
            precision = "-" if row.precision is None else f"{row.precision:.2f} ({row.least:.2f})"
            lines.append(f"| {label} | {row.sample:.3f} | {shown} | {row.flagged} | {precision} |")
        return [*lines, ""]

    def _groups(self) -> list[str]:
        if not self.groups:
            return []
        lines = [
            "## Groups of contacts",
            "",
            "On the contacts of the figures: of those with an A label, the share flagged with any; of those without, the same; of those with S0, the share flagged S0.",
            "",
            "| by | group | contacts | abuse found | false alarms of abuse | S0 found |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {row.kind} | {row.name} | {row.contacts:,} | {row.abuse_found} | {row.false_alarms} | {row.risk_found} |"
            for row in self.groups
        ]
        return [*lines, ""]

    def _tail(self) -> list[str]:
        return ["## Known failures", "", *(f"- {failure}" for failure in self.known_failures)]


def card_in(folder: Path) -> Card:
    """The card beside a model; ModelRefused where it is missing or no card."""
    try:
        content = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        plain = {name: content.pop(name) for name in ("name", "version", "summary", "how_measured", "overall", "aim")}
        return Card(
            **plain,
            data=tuple(content.pop("data")),
            figures={label: _label_figures(row) for label, row in content.pop("figures").items()},
            known_failures=tuple(content.pop("known_failures")),
            population={label: _population(row) for label, row in content.pop("population", {}).items()},
            how_population=content.pop("how_population", ""),
            groups=tuple(_group(row) for row in content.pop("groups", ())),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelRefused(
            f"the card of model {folder.parent.name}/{folder.name} cannot be read ({type(error).__name__})"
        ) from error


def _label_figures(row: dict[str, Any]) -> LabelFigures:
    plain: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return LabelFigures(**plain)


def _share(row: dict[str, Any]) -> Share:
    return Share(of=row["of"], share=row["share"], interval=tuple(row["interval"]))


def _population(row: dict[str, Any]) -> PopulationFigures:
    return PopulationFigures(**{**row, "flagged": _share(row["flagged"])})


def _group(row: dict[str, Any]) -> GroupFigures:
    shares = {name: _share(row[name]) for name in ("abuse_found", "false_alarms", "risk_found")}
    return GroupFigures(**{**row, **shares})
