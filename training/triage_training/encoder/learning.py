"""Fine-tuning: what is lost by a wrong answer, and the steps that lessen it, for several readers side by side."""

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from triage_models.labels import LABELS
from triage_training.encoder.rows import Batch, Row, Setting, batches, padded
from triage_training.encoder.stack import Stack

PIECE_SHARE: Final = 0.5
"""How much the pieces' loss counts beside the contact's."""
PIECE_WEIGHT: Final = 2.0
"""How much more a piece of evidence missed counts than one seen in vain."""
PAIR_SHARE: Final = 0.3
"""How much the loss between members of a contrast pair counts."""
HIDDEN_PIECE: Final = 103
"""[MASK] in the vocabulary."""
DROP: Final = 0.1
TAUGHT_SHARE: Final = 1.0
"""How much what teachers say of a contact counts beside its marks, and of a piece beside the piece's."""
AVERAGED_EVERY: Final = 4
"""Steps between two looks of the moving average."""
AVERAGE: Final = 0.04
"""What a look adds to the moving average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How long, how fast and under what hardships to learn.

    `hidden` share of the customer's own word pieces that are masked, drawn anew each time, so that no single word decides ·
    `joined` share of contacts that are read with another contact before or behind them: whatever either shows, both show together,
    so that what is said in one corner is found among the rest.
    """

    epochs: int
    rate: float
    head_rate: float = 1e-3
    size: int = 24
    positive_weight: float = 1.0
    hidden: float = 0.0
    joined: float = 0.0
    seed: int = 20261126


def _mean_loss(answers: Tensor, target: Tensor, counts: Tensor, weight: float = 1.0) -> Tensor:
    """Mean cross-entropy of each reader over what counts, times the number of labels (M)."""
    each = functional.binary_cross_entropy_with_logits(
        answers, target.expand_as(answers), reduction="none", pos_weight=torch.tensor(weight, device=answers.device)
    )
    inside = tuple(range(1, answers.dim()))
    return (each * counts).sum(inside) / counts.sum(inside).clamp(min=1) * len(LABELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What each reader's teachers say of a batch, as probabilities: of the contacts (M x B x L) and of the pieces (M x B x T x L)."""

    contact: Tensor
    pieces: Tensor


def said_by(teachers: Sequence[Stack], batch: Batch) -> Said:
    """The mean over the teachers, each a stack of as many readers as are taught; they see every word. Where only some labels of a contact
    are decided, teachers are asked about the others alone: such contacts are there to put them right."""
    with torch.no_grad():
        answers = [teacher.answers(batch.numbers[None], batch.padding, batch.own) for teacher in teachers]
    contact = torch.stack([torch.sigmoid(contact) for contact, _ in answers]).mean(0)
    pieces = torch.stack([torch.sigmoid(pieces) for _, pieces in answers]).mean(0)
    partly = (batch.marks < 0).any(1)
    decided = partly[:, None] & (batch.marks >= 0)
    seen = partly[:, None, None] & (batch.piece_marks >= 0)
    return Said(
        contact=torch.where(decided, batch.marks.float(), contact),
        pieces=torch.where(seen, batch.piece_marks.float(), pieces),
    )


def loss_of(contact: Tensor, pieces: Tensor, batch: Batch, shown: Tensor, course: Course, said: Said | None) -> Tensor:
    """Each reader's loss (M): cross-entropy of the contact's and the pieces' answers where they are known, a margin inside contrast
    pairs, and cross-entropy to what its teachers say of all labels (Hinton et al. 2015). `shown` (M x B)."""
    known = (batch.marks >= 0).float()[None] * shown[:, :, None]
    total = _mean_loss(contact, batch.marks.clamp(min=0).float()[None], known, course.positive_weight)
    piece_known = (batch.piece_marks >= 0).float()[None] * shown[:, :, None, None]
    piece_target = batch.piece_marks.clamp(min=0).float()[None]
    total = total + PIECE_SHARE * _mean_loss(pieces, piece_target, piece_known, PIECE_WEIGHT)
    if said is not None:
        all_of_them = shown[:, :, None].expand_as(contact)
        own = (batch.own.float()[None] * shown[:, :, None])[..., None].expand_as(pieces)
        taught = _mean_loss(contact, said.contact, all_of_them) + PIECE_SHARE * _mean_loss(pieces, said.pieces, own)
        total = total + TAUGHT_SHARE * taught
    same = [
        (i, j)
        for i, one in enumerate(batch.pairs)
        for j, other in enumerate(batch.pairs)
        if i != j and one is not None and one == other
    ]
    if same:
        left, right = torch.tensor(same, device=contact.device).T
        flips = ((batch.marks[left] == 1) & (batch.marks[right] == 0)).float()[None]
        margin = functional.softplus(2.0 - (contact[:, left] - contact[:, right]))
        counts = flips * (shown[:, left] * shown[:, right])[:, :, None]
        total = total + PAIR_SHARE * (margin * counts).sum((1, 2)) / shown.sum(1).clamp(min=1)
    return total


def _plan(
    rows: Sequence[Row], seen: Sequence[int], setting: Setting, course: Course, rng: random.Random
) -> Iterator[tuple[list[int], list[Row]]]:
    """The batches of all passes: where each row stands in ``rows``, and it, alone or in company. Company is found first, so that a batch
    is of like length."""
    for _ in range(course.epochs):
        put = [setting.of(place) for place in seen]
        for chosen in batches(put, course.size, rng):
            yield [seen[i] for i in chosen], [put[i] for i in chosen]


def teach(
    stack: Stack,
    rows: Sequence[Row],
    shown: NDArray[np.bool_],
    course: Course,
    *,
    groups: Sequence[int | None] | None = None,
    teachers: Sequence[Stack] = (),
    report: Callable[[str], None] = lambda _: None,
) -> None:
    """Learn these rows in place: AdamW, linear warm-up then a cosine to nought; what remains is a moving average of the weights.

    `shown` (M x rows): which rows each reader is shown · `groups` of the rows: only contacts of one group are joined, so that a reader
    is shown all of a joined contact or nothing · `teachers`, each a stack of M readers that were shown no more than the taught ones.
    """
    torch.manual_seed(course.seed)
    rng = random.Random(course.seed)
    sees = torch.from_numpy(shown.astype(np.float32)).to(stack.device)
    setting = Setting(rows, groups or [None] * len(rows), course.joined, rng)
    slopes = torch.zeros_like(stack.flat)
    inner: list[torch.nn.Parameter] = []
    outer: list[torch.nn.Parameter] = []
    for weights, slope in zip(stack.flat, slopes, strict=True):
        for kind, part in ((inner, slice(0, stack.inner)), (outer, slice(stack.inner, None))):
            kind.append(torch.nn.Parameter(weights[part]))
            kind[-1].data, kind[-1].grad = weights[part], slope[part]
    optimiser = torch.optim.AdamW(
        [{"params": inner, "lr": course.rate}, {"params": outer, "lr": course.head_rate}], weight_decay=0.01, fused=True
    )
    seen = np.flatnonzero(shown.any(axis=0)).tolist()
    steps = course.epochs * len(list(batches([rows[i] for i in seen], course.size, random.Random(course.seed))))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / (0.06 * steps), 0.5 * (1 + math.cos(math.pi * min(1.0, s / steps))) + 0.02)
    )
    average, started, lost = stack.flat.clone(), time.monotonic(), 0.0
    for done, (places, put) in enumerate(_plan(rows, seen, setting, course, rng), 1):
        batch = padded(put, stack.device)
        hit = (torch.rand(len(stack), *batch.own.shape, device=stack.device) < course.hidden) & batch.own[None]
        numbers = torch.where(hit, HIDDEN_PIECE, batch.numbers[None].expand(hit.shape))
        contact, pieces = stack.answers(numbers, batch.padding, batch.own, DROP)
        said = said_by(teachers, batch) if teachers else None
        loss = loss_of(contact, pieces, batch, sees[:, places], course, said).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        slopes.copy_(stack.slopes)
        stack.slopes.zero_()
        slopes.mul_((1.0 / (slopes.norm(dim=1, keepdim=True) + 1e-6)).clamp(max=1.0))
        optimiser.step()
        schedule.step()
        stack.follow()
        if done % AVERAGED_EVERY == 0:
            average.lerp_(stack.flat, 1.0 if done == AVERAGED_EVERY else AVERAGE)
        lost += float(loss.detach()) / len(stack) if done % 10 == 0 else 0.0
        if done % 100 == 0:
            report(f"step {done}/{steps}, loss {lost / 10:.3f}, {time.monotonic() - started:.0f} s")
            lost = 0.0
    stack.flat.copy_(average)
    stack.follow()
