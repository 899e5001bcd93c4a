"""Detoxify's checkpoint to an ONNX folder, once, in an environment that has torch and detoxify (extra `detoxify`, and onnx)."""

import hashlib
import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import torch

from triage_models.toxicity import open_checkpoint
from triage_models.toxicity_onnx import FORMAT, MANIFEST, NETWORK, TOKENISER
from triage_training.errors import TrainingError

LONGEST = 512
"""Word pieces that Detoxify's networks read; their tokenisers name a larger number where they name none."""


def convert(checkpoint: Path, config_dir: Path, output: Path) -> Path:
    """Writes `output` with the network, its tokeniser and a manifest of both. TrainingError where it is there already;
    ModelRefused where the checkpoint is not plain weights (it is read with weights_only=True)."""
    if output.exists():
        raise TrainingError(f"{output} is there already: choose another folder or delete it")
    detoxify = open_checkpoint(checkpoint, config_dir)
    output.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    try:
        _export(detoxify.model, draft / NETWORK)
        _tokeniser(detoxify.tokenizer).save(str(draft / TOKENISER))
        content = {
            "format": FORMAT,
            "classes": [str(name) for name in detoxify.class_names],
            "longest": min(LONGEST, int(detoxify.tokenizer.model_max_length)),
            "checkpoint_sha256": _sha256(checkpoint),
            "files": {name: _sha256(draft / name) for name in (NETWORK, TOKENISER)},
        }
        (draft / MANIFEST).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        draft.chmod(0o755)
        draft.rename(output)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return output


def _export(network: Any, path: Path) -> None:
    """Word pieces and what to attend to in, log-odds out. The older exporter: the newer one wants a further package."""
    network.config.return_dict = False
    example = (torch.ones(2, 8, dtype=torch.long), torch.ones(2, 8, dtype=torch.long))
    axes = {name: {0: "batch", 1: "length"} for name in ("pieces", "attention")}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network.eval(), example, path, input_names=["pieces", "attention"], output_names=["log_odds"],
            dynamic_axes={**axes, "log_odds": {0: "batch"}}, opset_version=17, dynamo=False,
        )  # fmt: skip


def _tokeniser(theirs: Any) -> Any:
    """The tokeniser as the `tokenizers` library has it, with its own padding mark."""
    backend = getattr(theirs, "backend_tokenizer", None)
    if backend is None:
        from transformers.convert_slow_tokenizer import convert_slow_tokenizer

        backend = convert_slow_tokenizer(theirs)
    backend.enable_padding(pad_id=theirs.pad_token_id, pad_token=theirs.pad_token)
    return backend


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
