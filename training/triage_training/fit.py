"""Fitting the heads: one logistic regression a label over contacts and over clauses, joined by a third on unseen writers."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage_models.heads import Floats, Heads, best_clauses, probabilities
from triage_models.labels import LABELS
from triage_training.design import UNKNOWN, Design, Indices, Marks, weigh
from triage_training.thresholds import choose_thresholds

STRENGTH: Final = 20.0
"""Inverse regularisation of the base heads; chosen on writers left out (see the card)."""
JOIN_STRENGTH: Final = 0.015
"""How far other labels' log-odds may speak for a label, beside its own two (of 0, 0.015, 0.03, 0.05, 0.3 and 1 the best)."""
FEWEST: Final = 4
"""Positives below which a head is left at "never"."""
NEVER: Final = -8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The two linear heads of one training set over its kept columns."""

    columns: Indices
    idf: Floats
    contact_weights: Floats
    contact_bias: Floats
    clause_weights: Floats
    clause_bias: Floats

    def outputs(self, design: Design, wanted: Indices) -> Floats:
        """Contact log-odds and best-clause log-odds of these contacts, side by side (n x 2L)."""
        clause_rows = np.flatnonzero(np.isin(design.owner, wanted))
        weighing_rows = _rows(design.contacts[wanted], self.columns, self.idf)
        contact = weighing_rows @ self.contact_weights.T + self.contact_bias
        clause = _rows(design.clauses[clause_rows], self.columns, self.idf) @ self.clause_weights.T + self.clause_bias
        place = np.full(int(wanted.max(initial=0)) + 1, -1)
        place[wanted] = np.arange(len(wanted))
        top, _ = best_clauses(clause.astype(np.float32), place[design.owner[clause_rows]], len(wanted))
        return np.hstack([contact, top]).astype(np.float32)


def _rows(counts: sparse.csr_matrix, columns: Indices, idf: Floats) -> sparse.csr_matrix:
    from triage_training.design import Weighing

    return Weighing(columns=columns, idf=idf).rows(counts)


def _linear(rows: sparse.csr_matrix, marks: NDArray[np.int8], strength: float) -> tuple[Floats, float]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if (marks == 1).sum() < FEWEST or (marks == 0).sum() < FEWEST:
        return np.zeros(rows.shape[1], dtype=np.float32), NEVER
    model = LogisticRegression(
        C=strength, solver="liblinear", dual=True, tol=0.1, max_iter=50, class_weight="balanced", random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(rows, marks)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def _heads(rows: sparse.csr_matrix, marks: Marks, strength: float) -> tuple[Floats, Floats]:
    wide = rows.astype(np.float64)
    fitted = []
    for column in range(len(LABELS)):
        known = np.flatnonzero(marks[:, column] != UNKNOWN)
        fitted.append(_linear(wide[known], marks[known, column], strength))
    return np.vstack([weights for weights, _ in fitted]), np.array([bias for _, bias in fitted], dtype=np.float32)


def fit_base(design: Design, training: Indices, *, strength: float = STRENGTH) -> Base:
    """The two heads of these contacts."""
    weighing = weigh(design, training)
    clause_rows = np.flatnonzero(np.isin(design.owner, training))
    contact_weights, contact_bias = _heads(
        weighing.rows(design.contacts[training]), design.contact_marks[training], strength
    )
    clause_weights, clause_bias = _heads(
        weighing.rows(design.clauses[clause_rows]), design.clause_marks[clause_rows], strength
    )
    return Base(
        columns=weighing.columns,
        idf=weighing.idf,
        contact_weights=contact_weights,
        contact_bias=contact_bias,
        clause_weights=clause_weights,
        clause_bias=clause_bias,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """How the log-odds of all labels (two heads', and the encoder's two where there is one) make one calibrated log-odds a label."""

    weights: Floats
    bias: Floats
    thresholds: Floats

    def log_odds(self, outputs: Floats) -> Floats:
        """(n x 2L or 4L) to (n x L)."""
        joined: Floats = (outputs @ self.weights.T + self.bias).astype(np.float32)
        return joined


def _join_one(outputs: Floats, marks: NDArray[np.int8], column: int) -> tuple[Floats, float]:
    from sklearn.linear_model import LogisticRegression

    labels = len(LABELS)
    known = np.flatnonzero(marks != UNKNOWN)
    if (marks[known] == 1).sum() < FEWEST or (marks[known] == 0).sum() < FEWEST:
        return np.zeros(outputs.shape[1], dtype=np.float32), NEVER
    own = np.full(outputs.shape[1], JOIN_STRENGTH, dtype=np.float64)
    own[column::labels] = 1.0
    model = LogisticRegression(C=1.0, solver="lbfgs", max_iter=300)
    model.fit(outputs[known] * own, marks[known])
    return (model.coef_[0] * own).astype(np.float32), float(model.intercept_[0])


def fit_join(
    outputs: Floats,
    marks: Marks,
    folds: Sequence[int],
    sure: NDArray[np.bool_] | None = None,
    times: Sequence[int] | None = None,
) -> Join:
    """Fit on outputs for contacts that the heads had not seen. The thresholds are chosen on joined scores that are themselves
    out of fold, and where `sure` (n) is given and any, on those contacts alone. `times` (n): how often each counts."""
    if times is not None:
        again = np.repeat(np.arange(len(marks)), times)
        outputs, marks, folds = outputs[again], marks[again], np.asarray(folds)[again].tolist()
        sure = None if sure is None else sure[again]
    fitted = [_join_one(outputs, marks[:, column], column) for column in range(len(LABELS))]
    weights, bias = np.vstack([w for w, _ in fitted]), np.array([b for _, b in fitted], dtype=np.float32)
    unseen = np.zeros(marks.shape, dtype=np.float32)
    fold_of = np.asarray(folds)
    for fold in np.unique(fold_of):
        rest, here = fold_of != fold, fold_of == fold
        for column in range(len(LABELS)):
            part_weights, part_bias = _join_one(outputs[rest], marks[rest, column], column)
            unseen[here, column] = outputs[here] @ part_weights + part_bias
    chosen = sure if sure is not None and sure.any() else np.ones(len(marks), dtype=bool)
    return Join(weights=weights, bias=bias, thresholds=choose_thresholds(probabilities(unseen[chosen]), marks[chosen]))


def unseen_outputs(design: Design, training: Indices, folds: Sequence[int], *, strength: float = STRENGTH) -> Floats:
    """Outputs for each training contact from heads that were fitted without its fold's writers."""
    fold_of = np.asarray(folds)
    outputs = np.zeros((len(training), 2 * len(LABELS)), dtype=np.float32)
    for fold in np.unique(fold_of):
        here = np.flatnonzero(fold_of == fold)
        base = fit_base(design, training[fold_of != fold], strength=strength)
        outputs[here] = base.outputs(design, training[here])
    return outputs


def assemble(design: Design, base: Base, join: Join) -> Heads:
    """One model's numbers."""
    return Heads(
        vocabulary=tuple(design.vocabulary[column] for column in base.columns),
        idf=base.idf,
        contact_weights=base.contact_weights,
        contact_bias=base.contact_bias,
        clause_weights=base.clause_weights,
        clause_bias=base.clause_bias,
        join=join.weights,
        join_bias=join.bias,
        thresholds=join.thresholds,
    )
