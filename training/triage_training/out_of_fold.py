"""Predictions for every contact from a model that saw none of its writer: heads, join and thresholds from the others alone."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from triage_models.heads import Heads
from triage_models.scorer import Scores
from triage_models.trained import TrainedScorer
from triage_training.design import Design, build_design
from triage_training.examples import Example
from triage_training.fit import assemble, fit_base, fit_join
from triage_training.split import writer_folds

Report = Callable[[str], None]


def fold_models(design: Design, folds: Sequence[int], report: Report = lambda _: None) -> Iterator[tuple[int, Heads]]:
    """For each fold, a model made without it. A head pair fitted without folds j and k serves both as the unseen scores of j
    when k is left out and the other way round, so K folds cost K(K+1)/2 fits."""
    fold_of = np.asarray(folds)
    names = sorted(set(folds))
    unseen: dict[tuple[int, int], Any] = {}
    for j, k in combinations(names, 2):
        base = fit_base(design, np.flatnonzero((fold_of != j) & (fold_of != k)))
        unseen[j, k] = base.outputs(design, np.flatnonzero(fold_of == j))
        unseen[k, j] = base.outputs(design, np.flatnonzero(fold_of == k))
        report(f"unseen scores without folds {j} and {k}")
    for k in names:
        others = [j for j in names if j != k]
        outputs = np.concatenate([unseen[j, k] for j in others])
        order = np.concatenate([np.flatnonzero(fold_of == j) for j in others])
        join = fit_join(outputs, design.contact_marks[order], fold_of[order].tolist())
        report(f"model without fold {k}")
        yield k, assemble(design, fit_base(design, np.flatnonzero(fold_of != k)), join)


def predict_out_of_fold(examples: Sequence[Example], folds: int, report: Report = lambda _: None) -> list[Scores]:
    """One answer per example, in order, from the real scorer of the model that had not seen its writer."""
    fold_of = writer_folds(examples, folds)
    answers: dict[int, Scores] = {}
    for fold, heads in fold_models(build_design(examples), fold_of, report):
        here = [index for index, other in enumerate(fold_of) if other == fold]
        scorer = TrainedScorer(heads, name="out-of-fold", version=str(fold))
        answers.update(zip(here, scorer.score([examples[index].contact for index in here]), strict=True))
    return [answers[index] for index in range(len(examples))]


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
