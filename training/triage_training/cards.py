"""Fills in a model's card: data and licences, figures, known failures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from triage_models.card import Card, LabelFigures
from triage_models.heads import Heads
from triage_models.labels import LABELS
from triage_models.scorer import Scorer, Scores
from triage_training.evaluate import Evaluation, evaluate
from triage_training.examples import Example
from triage_training.failures import known_failures
from triage_training.groups import group_figures
from triage_training.histories import read_histories
from triage_training.population import how_population, population_figures
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


NOT_LEARNED = "timelines.jsonl"
"""Histories beside the base set whose contacts no model was taught."""
KEPT_HEADS = (
    " The heads, the join and these figures are those of {version}: since then the encoder has been taught {what}, and what encoders"
    " that had not seen a writer say of a text is kept from before. docs/figures.md says what this encoder does on writers whom it has not seen."
)


def sources(base: int, decisions: int, *, encoder: bool, histories: bool = False) -> tuple[Mapping[str, str], ...]:
    """What a model was made of, with licences; ``histories``: whether its encoder was taught contacts of them."""
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
    learned = (*((HISTORIES,) if histories else ()), WEIGHTS, *public) if encoder else ()
    return (housing, *((reviewers,) if decisions else ()), *learned)


def card_of(
    name: str,
    version: str,
    heads: Heads,
    *,
    held: Sequence[Example],
    answers: Sequence[Scores],
    how: str,
    base: int,
    decisions: int,
    histories: bool = False,
    voices: Mapping[str, str] = MappingProxyType({}),
) -> Card:
    """The card of a model whose like gave these answers to contacts that it had not seen; `how` says which those are."""
    evaluation = evaluate(held, answers)
    return Card(
        name=name,
        version=version,
        summary=WITH_ENCODER if heads.with_encoder else SUMMARY,
        how_measured=how,
        data=sources(base, decisions, encoder=heads.with_encoder, histories=histories),
        figures=_figures(evaluation, heads),
        overall=evaluation.overall(),
        known_failures=known_failures(held, answers),
        aim=AIM,
        groups=group_figures(held, answers, voices),
    )


def _figures(evaluation: Evaluation, heads: Heads) -> dict[str, LabelFigures]:
    return {
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


def renewed(
    card: Card,
    heads: Heads,
    *,
    held: Sequence[Example],
    answers: Sequence[Scores],
    histories: bool,
    voices: Mapping[str, str],
) -> Card:
    """The card with all that is counted from answers counted again."""
    again = card_of(
        card.name,
        card.version,
        heads,
        held=held,
        answers=answers,
        how=card.how_measured,
        base=len(held),
        decisions=0,
        histories=histories,
        voices=voices,
    )
    return replace(again, population=card.population, how_population=card.how_population)


def as_they_come(card: Card, scorer: Scorer, base: Path, sample: int) -> Card:
    """The card with what the model flags among the contacts of the histories beside the base set; as it is where there are none.
    ``sample``: the number of contacts that its figures rest on."""
    histories = base.with_name(NOT_LEARNED)
    if not histories.exists():
        return card
    incoming = read_histories([histories])
    answers = scorer.score([example.contact for example in incoming])
    figures = population_figures(incoming, answers, card.figures, sample)
    return replace(card, population=figures, how_population=how_population(len(incoming), histories.name))


def with_kept_heads(card: Card, version: str, heads_of: str, *, base: int, histories: bool) -> Card:
    """The card of a model that has another encoder beside the heads of ``heads_of``, whose figures it keeps and says so."""
    remark = KEPT_HEADS.format(version=heads_of, what="contacts of histories (ADR 0022)" if histories else "on")
    how = card.how_measured.partition(KEPT_HEADS.partition("{")[0])[0] + remark
    return replace(card, version=version, how_measured=how, data=sources(base, 0, encoder=True, histories=histories))
