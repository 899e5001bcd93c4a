"""Fills in a model's card: data and licences, figures, known failures."""

from collections.abc import Mapping

from triage_models.card import Card, LabelFigures
from triage_models.heads import Heads
from triage_models.labels import LABELS
from triage_training.evaluate import Evaluation
from triage_training.public import SOURCES
from triage_training.thresholds import AIM

SUMMARY = (
    "Linear heads over words, letter runs and the language layer's features; one log-odds a label, made of contributions"
    " that can be read."
)
WITH_ENCODER = (
    "An encoder (all-MiniLM-L6-v2, fine-tuned, weights kept in eight bits) beside linear heads over words, letter runs and the"
    " language layer's features; one log-odds a label, made of contributions of clauses and words that can be read."
)
HISTORIES = {
    "name": "histories",
    "what": "customers' contacts of invented histories, for the encoder only: which of them show no abuse, no harm and no hazard",
    "licence": "as this project (Apache-2.0)",
    "attribution": "Committed under training/housing (timelines_blind.jsonl, timelines_more.jsonl).",
}
WEIGHTS = {
    "name": "all-MiniLM-L6-v2",
    "what": "the weights that fine-tuning started from",
    "licence": "Apache-2.0",
    "attribution": "Wang et al. 2020 (MiniLM); Reimers and Gurevych 2019 (Sentence-BERT). Weights and tokeniser as published by sentence-transformers, changed by training.",
}


def _sources(base: int, decisions: int, *, encoder: bool) -> tuple[Mapping[str, str], ...]:
    housing = {
        "name": "housing",
        "what": f"{base:,} contacts written for this project by language models under written instructions, one by one; no customer's words",
        "licence": "as this project (Apache-2.0)",
        "attribution": "Committed under training/housing." + ("" if encoder else " No public data set was used."),
    }
    public = tuple(
        {
            "name": name,
            "what": "rows of its training part, for the encoder only",
            "licence": licence,
            "attribution": source,
        }
        for name, (source, licence) in SOURCES.items()
    )
    reviewers = {
        "name": "reviewers",
        "what": f"{decisions:,} contacts decided by this landlord's reviewers",
        "licence": "the landlord's own; not to be passed on",
    }
    return (housing, *((reviewers,) if decisions else ()), *((HISTORIES, WEIGHTS, *public) if encoder else ()))


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
        summary=WITH_ENCODER if heads.with_encoder else SUMMARY,
        how_measured=how,
        data=_sources(base, decisions, encoder=heads.with_encoder),
        figures=figures,
        overall=evaluation.overall(),
        known_failures=failures,
        aim=AIM,
    )
