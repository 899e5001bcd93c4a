"""Predictions for every contact from a model that saw none of its writer: heads, join and thresholds from the others alone."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from triage_models.heads import Floats, Heads
from triage_models.labels import LABELS
from triage_models.scorer import Scores
from triage_models.trained import TrainedScorer
from triage_training.design import Design, Indices, build_design
from triage_training.examples import Example
from triage_training.fit import assemble, fit_base, fit_join
from triage_training.split import writer_folds

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldModel:
    """A model made without one fold, and its base heads' log-odds for that fold's contacts (n x 2L)."""

    fold: int
    here: Indices
    heads: Heads
    outputs: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfFold:
    """What models that had not seen the writers say: the answers in the order of the examples, and the unseen log-odds."""

    design: Design
    folds: tuple[int, ...]
    answers: tuple[Scores, ...]
    outputs: Floats

    def full_model(self) -> Heads:
        """A model of all the examples; its join and thresholds come from these unseen log-odds."""
        join = fit_join(self.outputs, self.design.contact_marks, self.folds)
        return assemble(self.design, fit_base(self.design, np.arange(len(self.folds))), join)


def fold_models(design: Design, folds: Sequence[int], report: Report = lambda _: None) -> Iterator[FoldModel]:
    """For each fold, a model made without it. A head pair fitted without folds j and k serves both as the unseen scores of j
    when k is left out and the other way round, so K folds cost K(K+1)/2 fits."""
    fold_of = np.asarray(folds)
    names = sorted(set(folds))
    unseen: dict[tuple[int, int], Floats] = {}
    for j, k in combinations(names, 2):
        base = fit_base(design, np.flatnonzero((fold_of != j) & (fold_of != k)))
        unseen[j, k] = base.outputs(design, np.flatnonzero(fold_of == j))
        unseen[k, j] = base.outputs(design, np.flatnonzero(fold_of == k))
        report(f"unseen scores without folds {j} and {k}")
    for k in names:
        others = [j for j in names if j != k]
        order = np.concatenate([np.flatnonzero(fold_of == j) for j in others])
        marks = design.contact_marks[order]
        join = fit_join(np.concatenate([unseen[j, k] for j in others]), marks, fold_of[order].tolist())
        base, here = fit_base(design, np.flatnonzero(fold_of != k)), np.flatnonzero(fold_of == k)
        report(f"model without fold {k}")
        yield FoldModel(fold=k, here=here, heads=assemble(design, base, join), outputs=base.outputs(design, here))


def predict_out_of_fold(examples: Sequence[Example], folds: int, report: Report = lambda _: None) -> OutOfFold:
    """One answer per example from the real scorer of the model that had not seen its writer."""
    fold_of = writer_folds(examples, folds)
    design = build_design(examples)
    answers: dict[int, Scores] = {}
    outputs = np.zeros((len(examples), 2 * len(LABELS)), dtype=np.float32)
    for model in fold_models(design, fold_of, report):
        scorer = TrainedScorer(model.heads, name="out-of-fold", version=str(model.fold))
        scored = scorer.score([examples[index].contact for index in model.here])
        answers.update(zip(model.here.tolist(), scored, strict=True))
        outputs[model.here] = model.outputs
    ordered = tuple(answers[index] for index in range(len(examples)))
    return OutOfFold(design=design, folds=tuple(fold_of), answers=ordered, outputs=outputs)


def prediction_row(key: str, scores: Scores) -> Mapping[str, Any]:
    """One line of the tools' prediction format."""
    row: dict[str, Any] = {
        "id": key,
        "scores": {label: round(p, 5) for label, p in scores.probabilities.items()},
        "flagged": list(scores.flagged),
        "evidence": {label: [span.text for span in scores.spans.get(label, ())] for label in scores.flagged},
    }
    if scores.not_scored is not None:
        row["not_scored"] = scores.not_scored
    return row


def write_predictions(path: Path, examples: Sequence[Example], answers: Sequence[Scores]) -> None:
    """JSON lines for evaluate_messages.py."""
    lines = [
        json.dumps(prediction_row(example.id, scores), ensure_ascii=False)
        for example, scores in zip(examples, answers, strict=True)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
