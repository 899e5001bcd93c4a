"""Fine-tuning: what is lost by a wrong answer, and the steps that lessen it."""

import logging
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from triage_models.labels import LABELS
from triage_training.encoder.network import ContactReader
from triage_training.encoder.rows import Batch, Row, batches, padded

log = logging.getLogger(__name__)
PIECE_SHARE: Final = 0.5
"""How much the pieces' loss counts beside the contact's."""
PAIR_SHARE: Final = 0.3
"""How much the loss between members of a contrast pair counts."""


AVERAGED_EVERY: Final = 4
"""Steps between two looks of the moving average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How long and how fast to learn. `frozen` layers (and the embeddings) keep their weights; their output is computed once."""

    epochs: int
    frozen: int
    rate: float = 6e-5
    head_rate: float = 1e-3
    size: int = 16
    positive_weight: float = 2.0
    seed: int = 20261125


def loss_of(contact: Tensor, pieces: Tensor, batch: Batch, positive_weight: float) -> Tensor:
    """Cross-entropy of the contact's and the pieces' answers where they are known, and a margin inside contrast pairs."""
    weight = torch.tensor(positive_weight)
    known = batch.marks >= 0
    target = batch.marks.clamp(min=0).float()
    whole = functional.binary_cross_entropy_with_logits(contact, target, reduction="none", pos_weight=weight)
    total = (whole * known).sum() / known.sum().clamp(min=1) * len(LABELS)
    piece_known = batch.piece_marks >= 0
    piece_target = batch.piece_marks.clamp(min=0).float()
    each = functional.binary_cross_entropy_with_logits(pieces, piece_target, reduction="none", pos_weight=weight)
    total = total + PIECE_SHARE * (each * piece_known).sum() / piece_known.sum().clamp(min=1) * len(LABELS)
    same = [
        (i, j)
        for i, one in enumerate(batch.pairs)
        for j, other in enumerate(batch.pairs)
        if i != j and one is not None and one == other
    ]
    if same:
        left, right = torch.tensor(same).T
        flips = (batch.marks[left] == 1) & (batch.marks[right] == 0)
        margin = functional.softplus(2.0 - (contact[left] - contact[right]))
        total = total + PAIR_SHARE * (margin * flips).sum() / len(batch.pairs)
    return total


def kept_output(model: ContactReader, rows: Sequence[Row], frozen: int) -> list[Tensor]:
    """The frozen layers' output of every row, in half precision."""
    kept: list[Tensor] = [torch.empty(0)] * len(rows)
    model.eval()
    with torch.inference_mode():
        for chosen in batches(rows, 64):
            batch = padded([rows[i] for i in chosen])
            hidden = model.encoder.lower(batch.numbers, batch.padding, frozen).half()
            for place, i in enumerate(chosen):
                kept[i] = hidden[place, : len(rows[i].numbers)].clone()
    return kept


def _padded_output(kept: Sequence[Tensor]) -> Tensor:
    return nn.utils.rnn.pad_sequence([part.float() for part in kept], batch_first=True)


def fine_tune(
    model: ContactReader,
    rows: Sequence[Row],
    course: Course,
    *,
    kept: Sequence[Tensor] | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> ContactReader:
    """Learn these rows in place: AdamW, linear warm-up then a cosine to nought; what remains is a moving average of
    the weights. `kept`: the frozen layers' output of these rows, where it was computed before (`kept_output`)."""
    torch.manual_seed(course.seed)
    rng = random.Random(course.seed)
    if course.frozen and kept is None:
        kept = kept_output(model, rows, course.frozen)
    for part in (model.encoder.words, model.encoder.places, model.encoder.norm, *model.encoder.layers[: course.frozen]):
        part.requires_grad_(requires_grad=course.frozen == 0)
    inner = [weight for weight in model.encoder.parameters() if weight.requires_grad]
    outer = [weight for name, weight in model.named_parameters() if not name.startswith("encoder.")]
    optimiser = torch.optim.AdamW(
        [{"params": inner, "lr": course.rate}, {"params": outer, "lr": course.head_rate}], weight_decay=0.01, fused=True
    )
    plans = [list(batches(rows, course.size, rng)) for _ in range(course.epochs)]
    steps = sum(map(len, plans))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / (0.06 * steps), 0.5 * (1 + math.cos(math.pi * min(1.0, s / steps))) + 0.02)
    )
    average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.96))
    done, started, lost = 0, time.monotonic(), 0.0
    for plan in plans:
        model.train()
        for chosen in plan:
            batch = padded([rows[i] for i in chosen])
            hidden = (
                model.encoder.lower(batch.numbers, batch.padding, 0)
                if kept is None
                else _padded_output([kept[i] for i in chosen])
            )
            hidden = model.encoder.upper(hidden, batch.padding, course.frozen)
            contact, pieces = model.answers(hidden, batch.padding, batch.own)
            loss = loss_of(contact, pieces, batch, course.positive_weight)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            done += 1
            if done % AVERAGED_EVERY == 0:
                average.update_parameters(model)
            lost += float(loss.detach())
            if done % 100 == 0:
                report(f"step {done}/{steps}, loss {lost / 100:.3f}, {time.monotonic() - started:.0f} s")
                lost = 0.0
    model.load_state_dict(average.module.state_dict())
    return model.eval()
