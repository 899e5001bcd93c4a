"""Figures of models as a table for people: a row for each label, a column for each measure, before and after."""

from collections.abc import Sequence
from dataclasses import dataclass

from triage.ports import ModelEntry, ModelFigure

OVERALL = "all"
CUES = {
    "S0": "Somebody may come to harm",
    "HZ": "Hazard or emergency",
    "QA": "Quotes or reports somebody else’s words",
    "CI": "Wants to complain",
    "LG": "Court, Ombudsman, MP or press",
    "NI": "New information or evidence",
    "AR": "Asks for an adjustment or mentions a disability",
    "SAR": "Asks for their data",
}
"""What the labels that are cards or cues, and no clauses of behaviour, stand for."""
PRINCIPAL = ("precision", "recall", "average precision")


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresView:
    """``rows`` hold one figure for each of ``measures``, or None where it was not measured."""

    overall: tuple[ModelFigure, ...]
    measures: tuple[str, ...]
    rows: tuple[tuple[str, tuple[ModelFigure | None, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    entry: ModelEntry
    figures: FiguresView


def model_views(entries: Sequence[ModelEntry]) -> tuple[ModelView, ...]:
    return tuple(ModelView(entry=entry, figures=_figures(entry.figures)) for entry in entries)


def _figures(figures: Sequence[ModelFigure]) -> FiguresView:
    of_labels = [figure for figure in figures if figure.label != OVERALL]
    found = {(figure.label, figure.measure): figure for figure in of_labels}
    order = {name: place for place, name in enumerate(PRINCIPAL)}
    measures = sorted(
        dict.fromkeys(figure.measure for figure in of_labels), key=lambda name: order.get(name, len(order))
    )
    return FiguresView(
        overall=tuple(figure for figure in figures if figure.label == OVERALL),
        measures=tuple(measures),
        rows=tuple(
            (label, tuple(found.get((label, measure)) for measure in measures))
            for label in dict.fromkeys(figure.label for figure in of_labels)
        ),
    )
