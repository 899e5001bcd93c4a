"""Fills in a model's card: data and licences, figures, known failures."""

from collections.abc import Mapping

from triage_models.card import Card, LabelFigures
from triage_models.heads import Heads
from triage_models.labels import LABELS
from triage_training.evaluate import Evaluation
from triage_training.thresholds import AIM

SUMMARY = (
    "Linear heads over words, letter runs and the language layer's features; one log-odds a label, made of contributions"
    " that can be read."
)


def _sources(base: int, decisions: int) -> tuple[Mapping[str, str], ...]:
    housing = {
        "name": "housing",
        "what": f"{base:,} contacts written for this project by language models under written instructions, one by one; no customer's words",
        "licence": "as this project (Apache-2.0)",
        "attribution": "Committed under training/housing. No public data set was used.",
    }
    reviewers = {
        "name": "reviewers",
        "what": f"{decisions:,} contacts decided by this landlord's reviewers",
        "licence": "the landlord's own; not to be passed on",
    }
    return (housing, reviewers) if decisions else (housing,)


def card_of(
    name: str,
    version: str,
    heads: Heads,
    *,
    evaluation: Evaluation,
    how: str,
    failures: tuple[str, ...],
    base: int,
    decisions: int,
) -> Card:
    """The card with these figures; `how` says on what they were measured."""
    figures = {
        label: LabelFigures(
            positives=row.positives,
            precision=row.precision,
            recall=row.recall,
            f1=row.f1,
            average_precision=row.average_precision,
            precision_interval=row.precision_interval,
            recall_interval=row.recall_interval,
            calibration_error=row.calibration_error,
            threshold=float(heads.thresholds[LABELS.index(label)]),
        )
        for label, row in evaluation.labels.items()
    }
    return Card(
        name=name,
        version=version,
        summary=SUMMARY,
        how_measured=how,
        data=_sources(base, decisions),
        figures=figures,
        overall=evaluation.overall(),
        known_failures=failures,
        aim=AIM,
    )
