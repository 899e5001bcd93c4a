"""Linear heads over named features, one over the whole contact and one over each clause, joined with the encoder's log-odds.

Everything is linear given the best clause of each label and the encoder's parts, so the reasons are the exact contributions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage_models.encoder import Encoded
from triage_models.errors import ModelRefused
from triage_models.features import clause_features, contact_features
from triage_models.labels import LABELS
from triage_models.language import Reading

Floats = NDArray[np.float32]
NOTHING: Final = -6.0
"""Log-odds of a label's best clause where a contact has no clause at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """The numbers of one model. d features, L labels.

    `vocabulary` feature names, one column each · `idf` (d) · `contact_weights`, `clause_weights` (L x d) with `*_bias` (L) ·
    `join` (L x 2L, or L x 4L with an encoder): how much each label's contact log-odds, best clause, encoder's contact log-odds
    and loudest word piece add to each label · `join_bias` (L) · `thresholds` (L), probabilities.
    """

    vocabulary: tuple[str, ...]
    idf: Floats
    contact_weights: Floats
    contact_bias: Floats
    clause_weights: Floats
    clause_bias: Floats
    join: Floats
    join_bias: Floats
    thresholds: Floats

    @property
    def with_encoder(self) -> bool:
        """Whether these heads were fitted beside an encoder and cannot judge without it."""
        return bool(self.join.shape[1] == 4 * len(LABELS))

    def state(self) -> dict[str, NDArray[Any]]:
        """Plain arrays, the vocabulary as UTF-8 bytes among them: what a model file may hold."""
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        plain["vocabulary"] = np.frombuffer("\n".join(self.vocabulary).encode(), dtype=np.uint8)
        for name in ("contact_weights", "clause_weights"):
            plain[name] = plain[name].astype(np.float16)
        return plain

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Heads":
        """Heads from a file's contents; ModelRefused where a shape does not fit."""
        wanted = {item.name for item in fields(cls)}
        if set(state) != wanted:
            raise ModelRefused(f"the model holds {sorted(state)}, not {sorted(wanted)}")
        try:
            vocabulary = tuple(np.asarray(state["vocabulary"], dtype=np.uint8).tobytes().decode().split("\n"))
        except (ValueError, TypeError) as error:
            raise ModelRefused(f"the model's vocabulary is not text ({type(error).__name__})") from error
        count, labels = len(vocabulary), len(LABELS)
        shapes = {
            "idf": (count,), "contact_weights": (labels, count), "contact_bias": (labels,), "clause_weights": (labels, count),
            "clause_bias": (labels,), "join": (labels, 2 * labels), "join_bias": (labels,), "thresholds": (labels,),
        }  # fmt: skip
        arrays: dict[str, Floats] = {}
        for name, shape in shapes.items():
            # laid out as the reader multiplies, which then makes no copy
            array = np.asarray(np.asarray(state[name]).T, dtype=np.float32, order="C").T
            if name == "join" and array.shape == (labels, 4 * labels):
                shape = array.shape
            if array.shape != shape or not np.isfinite(array).all():
                raise ModelRefused(f"the model's {name} is {array.shape} and should be finite numbers of shape {shape}")
            arrays[name] = array
        return cls(vocabulary=vocabulary, **arrays)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Contacts and their clauses as weighted, length-normalised rows; `owner[i]` is the contact of clause i."""

    contacts: sparse.csr_matrix
    clauses: sparse.csr_matrix
    owner: NDArray[np.int64]
    known: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Log-odds of a batch: `joined` and `contact` (n x L), `clause` (clauses x L), `best` clause row of each contact and label;
    `encoded`, what the encoder said of each contact, where there is one."""

    joined: Floats
    contact: Floats
    clause: Floats
    best: NDArray[np.int64]
    encoded: tuple[Encoded, ...] = ()


def counts_of(
    readings: Sequence[Reading],
) -> tuple[list[Mapping[str, int]], list[Mapping[str, int]], NDArray[np.int64]]:
    """Feature counts of contacts, of clauses, and each clause's contact."""
    contacts: list[Mapping[str, int]] = []
    clauses: list[Mapping[str, int]] = []
    owner: list[int] = []
    for index, reading in enumerate(readings):
        of_clauses = [clause_features(clause) for clause in reading.clauses]
        contacts.append(contact_features(reading, of_clauses))
        clauses += of_clauses
        owner += [index] * len(of_clauses)
    return contacts, clauses, np.asarray(owner, dtype=np.int64)


def count_matrix(rows: Sequence[Mapping[str, int]], columns: Mapping[str, int]) -> sparse.csr_matrix:
    """log(1 + count) of the known features, one row each."""
    indptr, indices, counts = [0], [], []
    for row in rows:
        for name, count in row.items():
            column = columns.get(name)
            if column is not None:
                indices.append(column)
                counts.append(count)
        indptr.append(len(indices))
    values = np.log1p(np.asarray(counts, dtype=np.float32))
    return sparse.csr_matrix(
        (values, np.asarray(indices, dtype=np.int32), np.asarray(indptr, dtype=np.int32)),
        shape=(len(rows), len(columns)),
    )


def weighted(matrix: sparse.csr_matrix, idf: Floats) -> sparse.csr_matrix:
    """Counts times idf, each row brought to length one."""
    rows = matrix.copy().astype(np.float32)
    rows.data *= idf[rows.indices]
    squares = rows.copy()
    squares.data **= 2
    lengths = np.sqrt(np.asarray(squares.sum(axis=1)).ravel())
    lengths[lengths == 0] = 1.0
    rows.data /= np.repeat(lengths, np.diff(rows.indptr)).astype(np.float32)
    return rows


def best_clauses(clause: Floats, owner: NDArray[np.int64], contacts: int) -> tuple[Floats, NDArray[np.int64]]:
    """Each contact's highest clause log-odds per label, and that clause's row (-1 where there is none)."""
    top = np.full((contacts, clause.shape[1]), NOTHING, dtype=np.float32)
    row = np.full((contacts, clause.shape[1]), -1, dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]]) if len(owner) else np.empty(0, dtype=np.int64)
    for start, stop in zip(starts, np.r_[starts[1:], len(owner)], strict=True):
        block = clause[start:stop]
        where = block.argmax(axis=0)
        top[owner[start]] = block[where, np.arange(block.shape[1])]
        row[owner[start]] = start + where
    return top, row


class HeadReader:
    """Applies heads to readings. Holds the column index; safe to share between threads once built."""

    def __init__(self, heads: Heads) -> None:
        self.heads = heads
        self.columns = {name: column for column, name in enumerate(heads.vocabulary)}
        self._contact = np.ascontiguousarray(heads.contact_weights.T)
        self._clause = np.ascontiguousarray(heads.clause_weights.T)

    def rows(self, readings: Sequence[Reading]) -> Rows:
        """The weighted rows of these readings."""
        contacts, clauses, owner = counts_of(readings)
        known = [_known_share(row, self.columns) for row in contacts]
        return Rows(
            contacts=weighted(count_matrix(contacts, self.columns), self.heads.idf),
            clauses=weighted(count_matrix(clauses, self.columns), self.heads.idf),
            owner=owner,
            known=np.asarray(known, dtype=np.float32),
        )

    def judge(self, rows: Rows, encoded: Sequence[Encoded] = ()) -> Judgement:
        """Log-odds of every label; `encoded` is what the encoder said of the same contacts, where the heads have one."""
        heads = self.heads
        contact = rows.contacts @ self._contact + heads.contact_bias
        clause = rows.clauses @ self._clause + heads.clause_bias
        top, best = best_clauses(clause, rows.owner, rows.contacts.shape[0])
        inputs = [contact, top, *([np.stack([one.outputs for one in encoded])] if heads.with_encoder else [])]
        joined = np.hstack(inputs) @ heads.join.T + heads.join_bias
        return Judgement(joined=joined, contact=contact, clause=clause, best=best, encoded=tuple(encoded))

    def contributions(
        self, rows: Rows, judgement: Judgement, contact: int, label: int
    ) -> tuple[dict[str, float], float]:
        """Each feature's part in one label's log-odds, and the constant: together exactly the log-odds, less what the encoder
        adds (`encoder_parts`)."""
        heads, labels = self.heads, len(LABELS)
        columns, values = _row(rows.contacts, contact)
        effect = values * (heads.join[label, :labels] @ heads.contact_weights[:, columns])
        parts: dict[int, float] = dict(zip(columns.tolist(), effect.tolist(), strict=True))
        shares, best = heads.join[label, labels : 2 * labels], judgement.best[contact]
        constant = float(heads.join_bias[label] + heads.join[label, :labels] @ heads.contact_bias)
        constant += float(shares @ np.where(best < 0, NOTHING, heads.clause_bias))
        for clause in np.unique(best[best >= 0]).tolist():
            columns, values = _row(rows.clauses, clause)
            chosen = np.flatnonzero(best == clause)
            effect = values * (shares[chosen] @ heads.clause_weights[np.ix_(chosen, columns)])
            for column, value in zip(columns.tolist(), effect.tolist(), strict=True):
                parts[column] = parts.get(column, 0.0) + value
        return {heads.vocabulary[column]: value for column, value in parts.items()}, constant

    def encoder_parts(self, judgement: Judgement, contact: int, label: int) -> tuple[Floats, float]:
        """What each of the encoder's word pieces adds to one label's log-odds (P), and the constant; nothing without one."""
        if not self.heads.with_encoder:
            return np.zeros(0, dtype=np.float32), 0.0
        encoded, labels = judgement.encoded[contact], len(LABELS)
        whole, loudest = self.heads.join[label, 2 * labels : 3 * labels], self.heads.join[label, 3 * labels :]
        parts: Floats = encoded.parts @ whole
        own = np.array([place is not None for place in encoded.places])
        if not own.any():
            return parts, float(encoded.bias @ whole + encoded.loudest @ loudest)
        heard = np.where(own[:, None], encoded.evidence, -np.inf).argmax(axis=0)
        np.add.at(parts, heard, encoded.loudest * loudest)
        return parts, float(encoded.bias @ whole)


def _known_share(row: Mapping[str, int], columns: Mapping[str, int]) -> float:
    """The share of a contact's single words that the model has a column for, in anybody's voice."""
    words = {name.removeprefix("q|") for name in row if name.removeprefix("q|")[:2] == "w|" and " " not in name}
    return sum(word in columns for word in words) / len(words) if words else 0.0


def _row(matrix: sparse.csr_matrix, row: int) -> tuple[NDArray[np.int32], Floats]:
    stretch = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return matrix.indices[stretch], matrix.data[stretch]


def probabilities(log_odds: Floats) -> Floats:
    """The logistic function, bounded so that no probability is exactly nought or one."""
    out: Floats = (1.0 / (1.0 + np.exp(-np.clip(log_odds, -15.0, 15.0)))).astype(np.float32)
    return out
