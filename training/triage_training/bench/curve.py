"""The learning curve: macro F1 on writers left out, over the share of the other writers' texts that is learned from."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from triage_models.heads import Floats, probabilities
from triage_models.labels import LABELS
from triage_models.scorer import Scores
from triage_training.bench.tables import Cell, Table
from triage_training.design import Design, Indices, build_design
from triage_training.errors import TrainingError
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


def capped(examples: Sequence[Example], cap: int | None) -> list[Example]:
    """At most so many, by hash of their pairs, in their order: pairs stay together, and a smaller number lies within a larger one."""
    if cap is None or cap >= len(examples):
        return list(examples)

    def key(example: Example) -> tuple[str, str]:
        name = f"{example.origin}:{example.pair}" if example.pair else example.id
        return hashlib.sha256(f"triage-curve-cap:{name}".encode()).hexdigest(), name

    ranked = sorted(range(len(examples)), key=lambda place: key(examples[place]))
    last = cap
    while last > 0 and key(examples[ranked[last]]) == key(examples[ranked[last - 1]]):
        last -= 1  # a pair that would be parted stays out
    return [examples[place] for place in sorted(ranked[:last])]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fold:
    """What the heads say (n x 2L) of one fold's contacts, `here`, and of the `training` contacts as if they had not seen them."""

    here: Indices
    training: Indices
    outputs: Floats
    unseen: Floats
    groups: list[int]


def _folds(design: Design, examples: Sequence[Example], fold_of: Indices, share: float) -> list[_Fold]:
    """The heads of each fold, from this share of the other folds' texts."""
    chosen = np.array([kept_at(example, share) for example in examples])
    found = []
    for fold in np.unique(fold_of):
        here, training = np.flatnonzero(fold_of == fold), np.flatnonzero(chosen & (fold_of != fold))
        groups = fold_of[training].tolist()
        unseen = unseen_outputs(design, training, groups)
        outputs = fit_base(design, training).outputs(design, here)
        found.append(_Fold(here=here, training=training, outputs=outputs, unseen=unseen, groups=groups))
    return found


def _joined(design: Design, folds: Sequence[_Fold], count: int, beside: Floats | None = None) -> list[Scores]:
    """Joined, with what an encoder says ``beside`` (n x 2L) where it is given."""
    answers: dict[int, Scores] = {}
    for fold in folds:
        here, training = fold.here, fold.training
        more = (np.hstack([fold.unseen, beside[training]]), np.hstack([fold.outputs, beside[here]])) if beside is not None else (fold.unseen, fold.outputs)  # fmt: skip
        join = fit_join(more[0], design.contact_marks[training], fold.groups)
        log_odds, thresholds = join.log_odds(more[1]), join.thresholds
        for place, chances in zip(here.tolist(), probabilities(log_odds), strict=True):
            flagged = tuple(label for label, p, t in zip(LABELS, chances, thresholds, strict=True) if p >= t)
            answers[place] = Scores(
                model="curve", probabilities=dict(zip(LABELS, chances.tolist(), strict=True)), flagged=flagged
            )
    return [answers[place] for place in range(count)]


def answers_at(design: Design, examples: Sequence[Example], fold_of: Indices, share: float) -> list[Scores]:
    """What models say that learned from this share of the other writers' texts; heads and join alone, no safety rules."""
    return _joined(design, _folds(design, examples, fold_of, share), len(examples))


def measure_curve(
    examples: Sequence[Example],
    *,
    folds: int = FOLDS,
    shares: Sequence[float] = SHARES,
    beside: Floats | None = None,
    report: Report = lambda _: None,
) -> Table:
    """Macro F1 of the heads at each share of the texts; ``beside`` (n x 2L), what encoders that had not seen a text's writer say of it, with
    which it is measured a second time. TrainingError where something unseen is not known of every text."""
    if beside is not None and np.isnan(beside).any():
        raise TrainingError(
            "not of every text it is kept what an encoder says that had not seen its writer: the encoders have to be taught again"
        )
    design, fold_of = build_design(examples), np.asarray(writer_folds(examples, folds))
    rows: list[tuple[Cell, ...]] = []
    for share in shares:
        heads = _folds(design, examples, fold_of, share)
        texts = sum(kept_at(example, share) for example in examples) * (folds - 1) // folds
        for reader, given in (("heads alone", None), ("heads beside the encoder", beside)):
            if given is not None or reader == "heads alone":
                result = evaluate(examples, _joined(design, heads, len(examples), given))
                rows.append(
                    (share, texts, reader, result.macro_f1, result.abuse_false_alarms, result.abuse_lookalikes_flagged)
                )
        report(f"{share:g} of the texts")
    taught = (
        " The encoders had learned from all the texts of the other writers, at every share: the second rows say what more texts bring to the heads and the join."
        if beside is not None
        else " Without an encoder."
    )
    return Table(
        title="Learning curve",
        note=f"Writers left out in {folds} groups, pairs together, thresholds chosen inside the training writers. No safety rules, no abstaining.{taught}",
        columns=("share of texts", "texts learned from, about", "reader", "macro F1", "false alarms of abuse", "A look-alikes flagged"),
        rows=tuple(rows),
    )  # fmt: skip
