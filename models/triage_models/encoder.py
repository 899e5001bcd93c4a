"""The encoder at work: one forward pass per window in onnxruntime gives log-odds, the pieces that earned them and a vector.

onnxruntime and tokenizers are imported on first use only.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from triage_models.encoding import MOST_WINDOWS, Encoding, Window, read_windows
from triage_models.labels import LABELS
from triage_models.scorer import Part, ScoringInput

Floats = NDArray[np.float32]
AT_ONCE: Final = min(4, os.cpu_count() or 1)
"""Windows that are read at the same time, one thread each: two threads to a window bring a third, two windows beside each other the double."""
SILENT: Final = -12.0
"""Log-odds of the loudest piece where a contact has no word of the customer's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """What the encoder says of one contact with P word pieces, over L labels.

    `contact` (L) log-odds, the highest over its windows · `loudest` (L) of its own pieces' log-odds · `evidence` (P x L) each
    piece's log-odds · `parts` (P x L) each piece's part in `contact`, nought in windows that were not the highest: with
    `bias` (L) they add up to it · `places` (P) where each piece stands, None for context · `vector` (384), its meaning, of length one ·
    `passed_over` windows with the customer's own words that were not read, because there were too many.
    """

    contact: Floats
    loudest: Floats
    evidence: Floats
    parts: Floats
    bias: Floats
    places: tuple[tuple[Part, int, int] | None, ...]
    vector: Floats
    passed_over: int = 0

    @property
    def outputs(self) -> Floats:
        """What the heads join: contact and loudest piece side by side (2L)."""
        return np.concatenate([self.contact, self.loudest])


def session_of(onnx_file: bytes) -> Any:
    """A network of an ONNX file's bytes, on one thread: contacts are read beside each other instead."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(onnx_file, options, providers=["CPUExecutionProvider"])


class Encoder:
    """A model's encoder file and its tokeniser. Safe to share between threads."""

    def __init__(self, onnx_file: bytes, tokeniser: bytes) -> None:
        self.onnx_file, self.tokeniser = onnx_file, tokeniser
        self._loading = Lock()

    @property
    def _session(self) -> Any:
        with self._loading:  # loaded once, whichever thread is first
            return self._loaded

    @cached_property
    def _loaded(self) -> Any:
        return session_of(self.onnx_file)

    @cached_property
    def encoding(self) -> Encoding:
        """How contacts become pieces for this encoder."""
        return Encoding.of_file(self.tokeniser)

    def read(self, contacts: Sequence[ScoringInput]) -> list[Encoded]:
        """One answer per contact, in order. Each window is read alone: batches are no quicker on a processor, and a contact
        must read the same in any company."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self.one, contacts))

    def one(self, contact: ScoringInput) -> Encoded:
        """The answer for one contact; the windows of a long one are read beside each other."""
        every = self.encoding.every_window(contact)
        windows = read_windows(every)
        forward = partial(_forward, self._session)
        if len(windows) == 1:
            return _joined(windows, [forward(windows[0])])
        with ThreadPoolExecutor(AT_ONCE) as pool:
            read = _joined(windows, list(pool.map(forward, windows)))
        over = sum(any(window.own) for window in every) - len(windows) if len(every) > MOST_WINDOWS else 0
        return replace(read, passed_over=max(0, over))


def _forward(session: Any, window: Window) -> tuple[Floats, Floats, Floats, Floats]:
    numbers = np.array([[piece.number for piece in window.pieces]], dtype=np.int64)
    nothing = np.zeros(numbers.shape, dtype=bool)
    own = np.array([window.own], dtype=bool)
    outputs = session.run(None, {"pieces": numbers, "padding": nothing, "own": own})
    contact, evidence, parts, mean = (output[0] for output in outputs)
    return contact, evidence, parts, mean


def _joined(windows: Sequence[Window], answers: Sequence[tuple[Floats, Floats, Floats, Floats]]) -> Encoded:
    contacts = np.stack([contact for contact, _, _, _ in answers])
    best = contacts.argmax(axis=0)
    evidence = np.concatenate([found for _, found, _, _ in answers])
    kept = [np.where(best == row, found, 0.0) for row, (_, _, found, _) in enumerate(answers)]
    parts = np.concatenate(kept).astype(np.float32)
    contact = contacts.max(axis=0)
    own = np.concatenate([np.asarray(window.own, dtype=bool) for window in windows])
    mean = np.mean([vector for _, _, _, vector in answers], axis=0)
    return Encoded(
        contact=contact,
        loudest=evidence[own].max(axis=0) if own.any() else np.full(len(LABELS), SILENT, dtype=np.float32),
        evidence=evidence,
        parts=parts,
        bias=contact - parts.sum(axis=0),
        places=tuple(piece.place for window in windows for piece in window.pieces),
        vector=(mean / max(1e-9, float(np.linalg.norm(mean)))).astype(np.float32),
    )
