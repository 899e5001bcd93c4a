"""Several contact readers as one set of stacked tensors, so that those taught without one group of writers each learn side by side.

A batch is laid out once and every sum is made for all of them together: on a GPU thirteen cost little more than one.
"""

import math
from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from triage_models.labels import LABELS
from triage_training.encoder.network import HEADS, LAYERS, WIDTH, ContactReader

_LETTERS: Final = ("encoder.words.", "encoder.places.", "encoder.norm.")
"""What turns word pieces into vectors; shared by all readers where they do not learn it."""


class Stack:
    """M readers of one shape. `flat` (M x P) holds what they learn, `places` where each named weight lies in it.

    With `letters` the word vectors are learned too, else they are the first reader's for all. Sums are made in bfloat16, which
    many processors are quicker at as well (10 rows a second for 6.5 on one core with AVX-512 BF16), unless ``exact``.
    """

    def __init__(self, readers: Sequence[ContactReader], *, letters: bool, exact: bool = False) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.kind = torch.float32 if exact else torch.bfloat16
        self.readers = list(readers)
        states = [reader.state_dict() for reader in self.readers]
        learned = [name for name in states[0] if letters or not name.startswith(_LETTERS)]
        self.shared = {name: value for name, value in states[0].items() if name not in learned}
        self._fixed = {name: value.to(self.device, self.kind)[None] for name, value in self.shared.items()}
        self.places: dict[str, tuple[int, torch.Size]] = {}
        at = 0
        for name in sorted(learned, key=lambda name: not name.startswith("encoder.")):
            self.places[name] = (at, states[0][name].shape)
            at += states[0][name].numel()
        self.inner = min(start for name, (start, _) in self.places.items() if not name.startswith("encoder."))
        self.flat = torch.stack([torch.cat([state[name].reshape(-1) for name in self.places]) for state in states]).to(
            self.device
        )
        self.used = self.flat.to(self.kind)
        self.slopes = torch.zeros_like(self.used)
        self._leaves = {name: self._leaf(name) for name in self.places}

    def __len__(self) -> int:
        return len(self.readers)

    def _leaf(self, name: str) -> Tensor:
        start, shape = self.places[name]
        part = slice(start, start + math.prod(shape))
        leaf = self.used[:, part].view(len(self), *shape).detach().requires_grad_()
        leaf.grad = self.slopes[:, part].view(len(self), *shape)
        return leaf

    def follow(self) -> None:
        """Use what `flat` holds now."""
        self.used.copy_(self.flat)

    def write_back(self) -> list[ContactReader]:
        """The readers, with what they have learned."""
        for one, reader in zip(self.flat.cpu(), self.readers, strict=True):
            learned = {name: one[at : at + math.prod(shape)].view(shape) for name, (at, shape) in self.places.items()}
            reader.load_state_dict({**self.shared, **learned})
            reader.eval()
        return self.readers

    def _weight(self, name: str) -> Tensor:
        if name in self._leaves:
            return self._leaves[name]
        fixed = self._fixed[name]
        return fixed.expand(len(self), *fixed.shape[1:])

    def _linear(self, hidden: Tensor, name: str) -> Tensor:
        weight, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return torch.baddbmm(bias[:, None], hidden, weight.transpose(1, 2))

    def _normed(self, hidden: Tensor, name: str) -> Tensor:
        plain = functional.layer_norm(hidden, (WIDTH,), None, None, 1e-12)
        return torch.addcmul(self._weight(f"{name}.bias")[:, None], plain, self._weight(f"{name}.weight")[:, None])

    def _embedded(self, numbers: Tensor) -> Tensor:
        count, length = len(self), numbers.shape[-1]
        words, places = self._weight("encoder.words.weight"), self._weight("encoder.places.weight")
        found = torch.stack([functional.embedding(numbers[m % len(numbers)], words[m]) for m in range(count)])
        return self._normed((found + places[:, None, :length]).reshape(count, -1, WIDTH), "encoder.norm")

    def _layer(self, hidden: Tensor, name: str, hides: Tensor, length: int, drop: float) -> Tensor:
        count, width = hidden.shape[0], WIDTH // HEADS
        three = self._linear(hidden, f"{name}.three").view(-1, length, 3, HEADS, width).permute(2, 0, 3, 1, 4)
        looked = self._looked(three[0], three[1], three[2], hides)
        joined = self._linear(looked.transpose(1, 2).reshape(count, -1, WIDTH), f"{name}.joined")
        hidden = self._normed(hidden + functional.dropout(joined, drop, drop > 0), f"{name}.first_norm")
        narrow = self._linear(functional.gelu(self._linear(hidden, f"{name}.wide")), f"{name}.narrow")
        return self._normed(hidden + functional.dropout(narrow, drop, drop > 0), f"{name}.second_norm")

    def _looked(self, query: Tensor, key: Tensor, value: Tensor, hides: Tensor) -> Tensor:
        if self.device.type == "cuda":
            return functional.scaled_dot_product_attention(query, key, value, attn_mask=hides)
        # torch's kernel for processors spends two fifths of a step on its way back
        near = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1]) + hides
        return torch.softmax(near, dim=-1) @ value

    def answers(self, numbers: Tensor, padding: Tensor, own: Tensor, drop: float = 0.0) -> tuple[Tensor, Tensor]:
        """Contact log-odds (M x B x L) and piece log-odds (M x B x T x L), as `ContactReader` computes them one at a time.

        `numbers` is 1 x B x T, or M x B x T where each reader sees other pieces.
        """
        batch, length = padding.shape
        shape = (len(self), batch, length, len(LABELS))
        hides = torch.where(padding, -1e4, 0.0).to(self.kind)[None, :, None, None, :]
        hides = hides.expand(len(self), batch, 1, length, length).reshape(-1, 1, length, length)
        hidden = self._embedded(numbers)
        for number in range(LAYERS):
            hidden = self._layer(hidden, f"encoder.layers.{number}", hides, length, drop)
        hidden = functional.dropout(hidden, drop, drop > 0)
        pieces = self._linear(hidden, "evidence").float().view(shape)
        shares = torch.softmax(pieces.masked_fill(~own[None, :, :, None], -1e4), dim=2)
        focus = torch.bmm(hidden, self._weight("focus").transpose(1, 2)).float().view(shape)
        whole = torch.bmm(hidden, self._weight("whole.weight").transpose(1, 2)).float().view(shape)
        kept = (~padding).float()[None, :, :, None]
        bias = self._weight("whole.bias").float()[:, None]
        return (shares * focus).sum(2) + (whole * kept).sum(2) / kept.sum(2) + bias, pieces
