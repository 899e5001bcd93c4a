"""Detoxify behind the same protocol, from a local checkpoint (an optional extra, imported on first use only) or its ONNX folder."""

import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from triage_models.errors import ModelRefused
from triage_models.labels import LABELS
from triage_models.parts import customer_parts
from triage_models.scorer import Reason, Scores, ScoringInput, Span
from triage_models.toxicity_onnx import OnnxDetoxify

OURS: Final[Mapping[str, tuple[str, ...]]] = {
    "A1": ("threat",),
    "A2": ("toxicity", "severe_toxicity", "obscene", "insult", "identity_attack"),
    "A4": ("sexual_explicit",),
}
"""Which of its seven labels speak for ours: the highest counts. It knows nothing of who speaks or of whom."""
THRESHOLD: Final = 0.5
LONGEST: Final = 4000
"""Characters of a part it is given; the model itself reads 512 word pieces."""


class DetoxifyScorer:
    """Detoxify as a `Scorer`: a baseline, never the champion by itself.

    `checkpoint` a file in Detoxify's format, read with weights_only=True (nothing is unpickled freely), with `config_dir`, the
    folder with config.json and vocabulary of its encoder; or, alone, a folder that `triage-training detoxify-onnx` made of
    them, which needs no torch. Nothing is fetched: Detoxify 0.5.4 asks a hub for a model type by
    name even where a folder is given, so the folder is written into the checkpoint's own configuration first.
    """

    name = "detoxify"

    def __init__(self, checkpoint: Path, config_dir: Path | None = None, *, version: str = "local") -> None:
        self.version = version
        self._model: Any
        if checkpoint.is_dir():
            self._model = OnnxDetoxify(checkpoint)
        elif config_dir is not None:
            self._model = open_checkpoint(checkpoint, config_dir)
        else:
            raise ModelRefused(
                f"the checkpoint {checkpoint.name} needs the folder of its encoder's configuration beside it"
            )
        known = {str(name) for name in self._model.class_names}
        self._ours = {label: tuple(name for name in theirs if name in known) for label, theirs in OURS.items()}

    @property
    def labels(self) -> tuple[str, ...]:
        """Those of our labels for which the checkpoint has one of its own."""
        return tuple(label for label in LABELS if self._ours.get(label))

    def score(self, inputs: Sequence[ScoringInput]) -> list[Scores]:
        """One answer per contact: each of the customer's parts is read, and the highest probability counts."""
        return [self._one(contact) for contact in inputs]

    def _one(self, contact: ScoringInput) -> Scores:
        model = f"{self.name}/{self.version}"
        parts = [
            (part, words[:LONGEST], offset)
            for part, words, offset in customer_parts(contact)[0]
            if any(char.isalnum() for char in words)
        ]
        if not parts:
            return Scores(model=model, not_scored="not assessed: the customer said nothing that can be read")
        try:
            predicted = self._predict([words.encode("utf-8", "replace").decode() for _, words, _ in parts])
        except Exception as error:  # one unreadable contact must not stop the next
            return Scores(
                model=model, not_scored=f"not assessed: Detoxify failed on this contact ({type(error).__name__})"
            )
        best = {
            label: max((predicted[name][i], i, name) for name in self._ours[label] for i in range(len(parts)))
            for label in self.labels
        }
        places = {
            label: Span(part=parts[i][0], start=parts[i][2], end=parts[i][2] + len(parts[i][1]), text=parts[i][1])
            for label, (_, i, _) in best.items()
        }
        flagged = tuple(label for label in self.labels if best[label][0] >= THRESHOLD)
        return Scores(
            model=model,
            probabilities={label: chance for label, (chance, _, _) in best.items()},
            flagged=flagged,
            spans={label: (places[label],) for label in flagged},
            reasons={label: (_reason(best[label][2], best[label][0], places[label]),) for label in flagged},
        )

    def _predict(self, texts: list[str]) -> dict[str, list[float]]:
        # A list of one comes back as a bare number from Detoxify 0.5.4, an empty list raises.
        answer: Mapping[str, Any] = self._model.predict(texts if len(texts) > 1 else texts[0])
        return {
            name: [float(value) for value in values] if isinstance(values, list) else [float(values)]
            for name, values in answer.items()
        }


def _reason(theirs: str, chance: float, place: Span) -> Reason:
    bounded = min(max(chance, 1e-6), 1 - 1e-6)
    return Reason(
        kind="feature",
        id=f"detoxify:{theirs}",
        weight=math.log(bounded / (1 - bounded)),
        text=f"Detoxify's label {theirs} for this part.",
        spans=(place,),
    )


def open_checkpoint(checkpoint: Path, config_dir: Path) -> Any:
    """Detoxify's own object of a checkpoint; ModelRefused where it is not plain weights, or Detoxify is not installed."""
    try:
        import torch
        from detoxify import Detoxify
    except ImportError as error:
        raise ModelRefused(
            "Detoxify is not installed: install this service with its extra, `pip install .[detoxify]`"
        ) from error
    try:
        content = torch.load(checkpoint, map_location="cpu", weights_only=True)
        arguments = content["config"]["arch"]["args"]
    except Exception as error:
        raise ModelRefused(
            f"the checkpoint {checkpoint.name} cannot be read as plain weights ({type(error).__name__}): it is not loaded"
        ) from error
    arguments["model_type"] = str(config_dir)
    with tempfile.TemporaryDirectory() as folder:
        rewritten = Path(folder) / "checkpoint.ckpt"
        torch.save(content, rewritten)
        return Detoxify(checkpoint=str(rewritten), huggingface_config_path=str(config_dir))
