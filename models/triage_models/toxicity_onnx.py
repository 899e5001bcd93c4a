"""Detoxify's network as an ONNX folder, converted once: read with onnxruntime and tokenizers, without torch.

onnxruntime and tokenizers are imported on first use only.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from triage_models.errors import ModelRefused

FORMAT: Final = "detoxify-onnx 1"
NETWORK, TOKENISER, MANIFEST = "detoxify.onnx", "tokenizer.json", "manifest.json"
LARGEST: Final = {NETWORK: 2**30, TOKENISER: 2**25, MANIFEST: 2**20}
"""Most bytes each file may have; a larger one is refused unread. BERT-base in 32 bits has about 440 MB."""


class OnnxDetoxify:
    """What `DetoxifyScorer` asks of Detoxify: `class_names` and `predict`. ModelRefused where a byte differs from the manifest."""

    def __init__(self, folder: Path) -> None:
        manifest = _manifest(folder)
        files = {name: _checked(folder / name, manifest) for name in (NETWORK, TOKENISER)}
        self.class_names = tuple(str(name) for name in manifest["classes"])
        self._tokeniser = _tokeniser(files[TOKENISER], int(manifest["longest"]))
        self._session = _session(files[NETWORK])

    def predict(self, texts: str | Sequence[str]) -> dict[str, list[float]]:
        """Each class's probability for each text, in order."""
        encoded = self._tokeniser.encode_batch([texts] if isinstance(texts, str) else list(texts))
        log_odds: NDArray[np.float32] = self._session.run(
            None,
            {
                "pieces": np.array([one.ids for one in encoded], dtype=np.int64),
                "attention": np.array([one.attention_mask for one in encoded], dtype=np.int64),
            },
        )[0]
        chances = 1.0 / (1.0 + np.exp(-log_odds.astype(np.float64)))
        return {name: chances[:, column].tolist() for column, name in enumerate(self.class_names)}


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        content: Any = json.loads(_content(folder / MANIFEST))
        fits = content["format"] == FORMAT and content["classes"] and int(content["longest"]) > 2 and content["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelRefused(
            f"{folder.name} holds no manifest of a converted Detoxify ({type(error).__name__})"
        ) from error
    if not fits:
        raise ModelRefused(f"{folder.name} is not a converted Detoxify of the format {FORMAT!r}: convert it again")
    found: dict[str, Any] = content
    return found


def _content(path: Path) -> bytes:
    if path.stat().st_size > LARGEST[path.name]:
        raise ModelRefused(f"{path.name} has {path.stat().st_size} bytes, more than any Detoxify has: it is not loaded")
    return path.read_bytes()


def _checked(path: Path, manifest: dict[str, Any]) -> bytes:
    try:
        content = _content(path)
    except OSError as error:
        raise ModelRefused(f"{path.name} is missing from {path.parent.name}: convert the checkpoint again") from error
    if hashlib.sha256(content).hexdigest() != manifest["files"].get(path.name):
        raise ModelRefused(f"{path.name} is not the file that its manifest names: convert the checkpoint again")
    return content


def _tokeniser(content: bytes, longest: int) -> Any:
    from tokenizers import Tokenizer

    try:
        tokeniser = Tokenizer.from_buffer(content)
    except Exception as error:
        raise ModelRefused(f"{TOKENISER} cannot be read ({type(error).__name__})") from error
    tokeniser.enable_truncation(longest)
    if tokeniser.padding is None:
        tokeniser.enable_padding()
    return tokeniser


def _session(content: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(4, os.cpu_count() or 1)
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelRefused(f"{NETWORK} cannot be read ({type(error).__name__})") from error
