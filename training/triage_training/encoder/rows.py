"""Labelled contacts as tensors: windows of word pieces, the contact's marks, the pieces' marks, two contacts in one, batches of like length."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from triage_models.encoding import WINDOW, Encoding, Window
from triage_models.labels import LABELS
from triage_training.design import UNKNOWN, gold_spans
from triage_training.examples import Example

POOL: Final = 32
"""Batches that are shuffled together before they are sorted by length."""
SHORT: Final = 140
"""Word pieces under which a contact may join another."""
TRIES: Final = 4
"""Contacts that are looked at for one that fits beside another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One window to learn from. `marks` (L) and `piece_marks` (T x L) are 1, 0 or -1 for unknown; `example` is its contact."""

    example: int
    numbers: NDArray[np.int64]
    own: NDArray[np.bool_]
    marks: NDArray[np.int8]
    piece_marks: NDArray[np.int8]
    pair: str | None


def _piece_marks(example: Example, window: Window) -> NDArray[np.int8]:
    marks = np.zeros((len(window.pieces), len(LABELS)), dtype=np.int8)
    for column, label in enumerate(LABELS):
        if label not in example.labels:
            marks[:, column] = UNKNOWN
        elif example.labels[label]:
            spans = gold_spans(example, label)
            marks[:, column] = [
                int(any(piece.place[0] == part and start < piece.place[2] and piece.place[1] < end for part, start, end in spans))
                if piece.place is not None and spans
                else UNKNOWN
                for piece in window.pieces
            ]  # fmt: skip
    marks[~np.array(window.own)] = UNKNOWN
    return marks


def rows_of(encoding: Encoding, examples: Sequence[Example]) -> list[Row]:
    """The windows of these contacts. In a contact of several windows a label counts for those that hold its evidence."""
    rows: list[Row] = []
    for index, example in enumerate(examples):
        windows = encoding.windows(example.contact)
        for window in windows:
            pieces = _piece_marks(example, window)
            marks = np.array([int(example.labels[name]) if name in example.labels else UNKNOWN for name in LABELS])
            if len(windows) > 1:
                marks[(marks == 1) & ~(pieces == 1).any(axis=0)] = UNKNOWN
            rows.append(
                Row(
                    example=index,
                    numbers=np.array([piece.number for piece in window.pieces], dtype=np.int64),
                    own=np.array(window.own),
                    marks=marks.astype(np.int8),
                    piece_marks=pieces,
                    pair=f"{example.origin}:{example.pair}" if example.pair else None,
                )
            )
    return rows


def batches(rows: Sequence[Row], size: int, rng: random.Random | None = None) -> Iterator[list[int]]:
    """Indices of rows in batches of like length. Shuffled with `rng`, the members of a contrast pair side by side."""
    if rng is None:
        order = sorted(range(len(rows)), key=lambda i: len(rows[i].numbers))
        yield from (order[i : i + size] for i in range(0, len(order), size))
        return
    groups: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        groups.setdefault(row.pair or str(i), []).append(i)
    shuffled = list(groups.values())
    rng.shuffle(shuffled)
    made: list[list[int]] = []
    pool: list[list[int]] = []
    for group in [*shuffled, None]:
        if group is not None:
            pool.append(group)
        if group is None or sum(map(len, pool)) >= POOL * size:
            pool.sort(key=lambda g: max(len(rows[i].numbers) for i in g))
            flat = [i for g in pool for i in g]
            made += [flat[i : i + size] for i in range(0, len(flat), size)]
            pool = []
    rng.shuffle(made)
    yield from (batch for batch in made if batch)


def joined(first: Row, second: Row) -> Row:
    """Two contacts in one window, the second without its head: a label that either shows is shown, one that both lack is not.
    Its `example` and `pair` are the first's."""
    start = int(np.argmax(second.own))
    shows, lacks = (first.marks == 1) | (second.marks == 1), (first.marks == 0) & (second.marks == 0)
    return Row(
        example=first.example,
        numbers=np.concatenate([first.numbers[:-1], second.numbers[start:]]),
        own=np.concatenate([first.own[:-1], second.own[start:]]),
        marks=np.where(shows, 1, np.where(lacks, 0, UNKNOWN)).astype(np.int8),
        piece_marks=np.concatenate([first.piece_marks[:-1], second.piece_marks[start:]]),
        pair=first.pair,
    )


class Setting:
    """Puts a share of the contacts together with another of their group, before or behind, drawn anew each time."""

    def __init__(self, rows: Sequence[Row], groups: Sequence[int | None], share: float, rng: random.Random) -> None:
        self.rows, self.groups, self.share, self.rng = rows, groups, share, rng
        windows = Counter(row.example for row in rows)
        self.whole = [row.own.any() and windows[row.example] == 1 for row in rows]
        self.others: dict[int | None, list[int]] = {}
        for place, (row, group) in enumerate(zip(rows, groups, strict=True)):
            if self.whole[place] and len(row.numbers) < SHORT:
                self.others.setdefault(group, []).append(place)

    def of(self, place: int) -> Row:
        """The row, alone or in company."""
        row, group = self.rows[place], self.groups[place]
        if group is None or not self.whole[place] or self.rng.random() >= self.share:
            return row
        for _ in range(TRIES):
            other = self.rows[self.rng.choice(self.others.get(group) or [place])]
            alone = other is row or (row.pair is not None and other.pair == row.pair)
            if not alone and len(row.numbers) + len(other.numbers) - int(np.argmax(other.own)) <= WINDOW:
                both = joined(row, other) if self.rng.random() < 0.5 else joined(other, row)
                return replace(both, pair=row.pair) if len(both.numbers) <= WINDOW else row
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Padded tensors of some rows (B x T …)."""

    numbers: Tensor
    padding: Tensor
    own: Tensor
    marks: Tensor
    piece_marks: Tensor
    pairs: tuple[str | None, ...]


def padded(rows: Sequence[Row], device: torch.device | None = None) -> Batch:
    """These rows as one batch; its length is a multiple of eight, as GPUs like it."""
    longest = -(-max(len(row.numbers) for row in rows) // 8) * 8
    numbers = np.zeros((len(rows), longest), dtype=np.int64)
    own = np.zeros((len(rows), longest), dtype=bool)
    padding = np.ones((len(rows), longest), dtype=bool)
    piece_marks = np.full((len(rows), longest, len(LABELS)), UNKNOWN, dtype=np.int8)
    for i, row in enumerate(rows):
        count = len(row.numbers)
        numbers[i, :count], own[i, :count], padding[i, :count] = row.numbers, row.own, False
        piece_marks[i, :count] = row.piece_marks
    marks = np.stack([row.marks for row in rows])
    tensors = [torch.from_numpy(one).to(device) for one in (numbers, padding, own, marks, piece_marks)]
    return Batch(
        numbers=tensors[0],
        padding=tensors[1],
        own=tensors[2],
        marks=tensors[3],
        piece_marks=tensors[4],
        pairs=tuple(row.pair for row in rows),
    )
