"""The learning curve: macro F1 on writers left out, over the share of the other writers' texts that is learned from."""

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from triage_models.heads import Floats, probabilities
from triage_models.labels import LABELS
from triage_models.scorer import Scores
from triage_training.bench.tables import Cell, Table
from triage_training.design import Design, Indices, build_design
from triage_training.evaluate import evaluate
from triage_training.examples import Example
from triage_training.fit import fit_base, fit_join, unseen_outputs
from triage_training.out_of_fold import Report
from triage_training.split import writer_folds

SHARES: Final = (0.125, 0.25, 0.5, 1.0)
FOLDS: Final = 4


def kept_at(example: Example, share: float) -> bool:
    """Whether an example is learned from at this share: by hash of its pair, so that a smaller share lies within a larger one."""
    key = f"{example.origin}:{example.pair}" if example.pair else example.id
    return int(hashlib.sha256(f"triage-curve:{key}".encode()).hexdigest()[:8], 16) / 16**8 < share


def _fold_log_odds(design: Design, training: Indices, here: Indices, fold_of: Indices) -> tuple[Floats, Floats]:
    """(joined log-odds, thresholds) for the contacts of one fold, from these training contacts alone."""
    folds = fold_of[training].tolist()
    inputs = unseen_outputs(design, training, folds)
    join = fit_join(inputs, design.contact_marks[training], folds)
    outputs = fit_base(design, training).outputs(design, here)
    return join.log_odds(outputs), join.thresholds


def answers_at(design: Design, examples: Sequence[Example], fold_of: Indices, share: float) -> list[Scores]:
    """What models say that learned from this share of the other writers' texts; heads and join alone, no safety rules."""
    chosen = np.array([kept_at(example, share) for example in examples])
    answers: dict[int, Scores] = {}
    for fold in np.unique(fold_of):
        here = np.flatnonzero(fold_of == fold)
        training = np.flatnonzero(chosen & (fold_of != fold))
        log_odds, thresholds = _fold_log_odds(design, training, here, fold_of)
        for place, chances in zip(here.tolist(), probabilities(log_odds), strict=True):
            flagged = tuple(label for label, p, t in zip(LABELS, chances, thresholds, strict=True) if p >= t)
            answers[place] = Scores(
                model="curve", probabilities=dict(zip(LABELS, chances.tolist(), strict=True)), flagged=flagged
            )
    return [answers[place] for place in range(len(examples))]


def measure_curve(
    examples: Sequence[Example],
    *,
    folds: int = FOLDS,
    shares: Sequence[float] = SHARES,
    report: Report = lambda _: None,
) -> Table:
    """Macro F1 of the heads at each share of the texts."""
    design, fold_of = build_design(examples), np.asarray(writer_folds(examples, folds))
    rows: list[tuple[Cell, ...]] = []
    for share in shares:
        result = evaluate(examples, answers_at(design, examples, fold_of, share))
        texts = sum(kept_at(example, share) for example in examples) * (folds - 1) // folds
        rows.append((share, texts, result.macro_f1, result.abuse_false_alarms, result.abuse_lookalikes_flagged))
        report(f"{share:g} of the texts")
    return Table(
        title="Learning curve",
        note=f"Writers left out in {folds} groups, pairs together, thresholds chosen inside the training writers. Heads alone, without an encoder. No safety rules, no abstaining.",
        columns=("share of texts", "texts learned from, about", "macro F1", "false alarms of abuse", "A look-alikes flagged"),
        rows=tuple(rows),
    )  # fmt: skip
