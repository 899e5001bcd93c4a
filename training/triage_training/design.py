"""From examples to numbers: readings, feature counts, what is decided of each contact and of each clause."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage_models.heads import Floats, count_matrix, counts_of, weighted
from triage_models.labels import LABELS
from triage_models.language import Clause, Reading, reader
from triage_training.examples import Example

UNKNOWN: Final = -1
RAREST: Final = 4
"""Contacts that a feature must be seen in."""
Marks = NDArray[np.int8]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Counts over one wide vocabulary and the marks (1 yes, 0 no, -1 unknown): contacts (n x L), clauses (m x L)."""

    vocabulary: tuple[str, ...]
    contacts: sparse.csr_matrix
    clauses: sparse.csr_matrix
    owner: Indices
    contact_marks: Marks
    clause_marks: Marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """The columns kept for one training set, and their idf; computed from that training set alone."""

    columns: Indices
    idf: Floats

    def rows(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """Weighted, length-normalised rows over the kept columns."""
        return weighted(counts[:, self.columns].tocsr(), self.idf)


def _overlap(clause: Clause, spans: Sequence[tuple[object, int, int]]) -> int:
    """1 where half the clause or half a gold span is covered, -1 where they merely touch, 0 where they do not."""
    touched = 0
    for part, start, end in spans:
        if part == clause.part:
            shared = min(clause.end, end) - max(clause.start, start)
            if shared >= 0.5 * min(clause.end - clause.start, end - start):
                return 1
            touched = touched or -int(shared > 0)
    return touched


def gold_spans(example: Example, label: str) -> list[tuple[object, int, int]]:
    contact = example.contact
    parts: list[tuple[object, str]] = [
        ("subject", contact.subject or ""),
        ("text", contact.text or ""),
        *enumerate(turn.text for turn in contact.turns),
    ]
    found: list[tuple[object, int, int]] = []
    for quote in example.evidence.get(label, ()):
        place = next(((part, words.find(quote)) for part, words in parts if quote and quote in words), None)
        if place is not None:
            found.append((place[0], place[1], place[1] + len(quote)))
    return found


def clause_marks(example: Example, reading: Reading) -> Marks:
    """Which clauses show which label: from the gold evidence; unknown where a contact has the label but no evidence."""
    marks = np.zeros((len(reading.clauses), len(LABELS)), dtype=np.int8)
    for column, label in enumerate(LABELS):
        if label not in example.labels:
            marks[:, column] = UNKNOWN
        elif example.labels[label]:
            spans = gold_spans(example, label)
            marks[:, column] = [_overlap(clause, spans) for clause in reading.clauses] if spans else UNKNOWN
    return marks


def build_design(examples: Sequence[Example], *, rarest: int = RAREST) -> Design:
    """Read every example once. Features seen in fewer than `rarest` contacts are left out here already."""
    read = reader().read
    readings = [read(example.contact) for example in examples]
    contacts, clauses, owner = counts_of(readings)
    spread = Counter(name for row in contacts for name in row)
    vocabulary = tuple(sorted(name for name, count in spread.items() if count >= rarest and "\n" not in name))
    columns = {name: column for column, name in enumerate(vocabulary)}
    contact_marks = np.array(
        [[int(e.labels[label]) if label in e.labels else UNKNOWN for label in LABELS] for e in examples], dtype=np.int8
    )
    marks = [clause_marks(example, reading) for example, reading in zip(examples, readings, strict=True)]
    return Design(
        vocabulary=vocabulary,
        contacts=count_matrix(contacts, columns),
        clauses=count_matrix(clauses, columns),
        owner=owner,
        contact_marks=contact_marks.reshape(-1, len(LABELS)),
        clause_marks=np.concatenate(marks) if marks else np.zeros((0, len(LABELS)), dtype=np.int8),
    )


def weigh(design: Design, training: Indices, *, rarest: int = RAREST) -> Weighing:
    """Columns seen in at least `rarest` of the training contacts, with their inverse document frequency."""
    seen = np.asarray((design.contacts[training] > 0).sum(axis=0)).ravel()
    columns = np.flatnonzero(seen >= rarest)
    idf = np.log((1 + len(training)) / (1 + seen[columns])) + 1
    return Weighing(columns=columns, idf=idf.astype(np.float32))
