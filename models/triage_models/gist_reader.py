"""The gist reader: a small encoder that says what one side does in a message, and what the message is about (ADR 0020).

Its folder travels with the package and holds the network, its vocabulary and a manifest; it is refused where a byte was changed or
its own texts read otherwise than they did. onnxruntime and tokenizers are imported on first use only.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from triage_models.encoder import AT_ONCE, Floats, session_of
from triage_models.encoding import tokeniser_of
from triage_models.errors import ModelRefused
from triage_models.manifest import ENCODER_FILE, MANIFEST_FILE, TOKENISER_FILE, bounded, sealed

WINDOW: Final = 128
"""Word pieces that are read of one side; of a longer one the first, and the last ENDING."""
ENDING: Final = 30
HEAD: Final = 40
"""Word pieces of who speaks and under which subject, at most."""
MOST_READ: Final = 4_000
"""Characters that are looked at."""
TOLERANCE: Final = 0.3
"""Log-odds by which a text of the manifest may read otherwise on another processor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one side says in a message. ``subject`` without reply marks."""

    ours: bool
    subject: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """``says``: log-odds of each act of that side (those of the manifest, in its order) · ``about`` (128): a direction of length one."""

    says: Floats
    about: Floats


class Vocabulary:
    """From one side's words to the word pieces that the network is given; the same for teaching and for reading."""

    def __init__(self, tokeniser: bytes) -> None:
        self._tokeniser = tokeniser_of(tokeniser)
        (self._first,), (self._last,) = (self._ids(mark) for mark in ("[CLS]", "[SEP]"))

    def head(self, side: Side) -> list[int]:
        """Who speaks, and under which subject."""
        speaker = "landlord" if side.ours else "customer"
        return self._ids(f"{speaker} : {side.subject} . " if side.subject else f"{speaker} : ")[:HEAD]

    def pieces(self, side: Side) -> list[int]:
        """At most WINDOW, the marks of beginning and end among them."""
        head, body = self.head(side), self._ids(side.words[:MOST_READ])
        if len(body) > (room := WINDOW - 2 - len(head)):
            body = [*body[: room - ENDING], *body[-ENDING:]]
        return [self._first, *head, *body, self._last]

    def _ids(self, words: str) -> list[int]:
        found: list[int] = self._tokeniser.encode(words, add_special_tokens=False).ids
        return found


class GistReader:
    """A network and its vocabulary. Safe to share between threads."""

    def __init__(self, onnx_file: bytes, tokeniser: bytes, *, model: str, acts: Mapping[str, Sequence[str]]) -> None:
        self.model, self.acts = model, {side: tuple(names) for side, names in acts.items()}
        self._vocabulary = Vocabulary(tokeniser)
        self._session = session_of(onnx_file)

    def read(self, sides: Sequence[Side]) -> list[Read]:
        """One answer a side, in order; each is read alone, so that it reads the same in any company."""
        if len(sides) < 2:
            return [self._one(side) for side in sides]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self._one, sides))

    def _one(self, side: Side) -> Read:
        pieces = np.array([self._vocabulary.pieces(side)], dtype=np.int64)
        says, about = self._session.run(None, {"pieces": pieces})
        ours = len(self.acts["ours"])
        return Read(says=says[0, :ours] if side.ours else says[0, ours:], about=about[0])


def packaged_folder() -> Path:
    return Path(str(files("triage_models").joinpath("gist")))


def load_gist_reader(folder: Path | None = None) -> GistReader:
    """The gist reader of a folder (the packaged one). Raises ModelRefused where a file is not the one that its manifest was written for, or a
    text of the manifest reads otherwise."""
    folder = folder or packaged_folder()
    try:
        raw = bounded(folder / MANIFEST_FILE)
        manifest: dict[str, Any] = json.loads(raw)
        is_whole = sealed({name: value for name, value in manifest.items() if name != "seal"}) == raw
        model, acts, marks = manifest["model"], manifest["acts"], manifest["files"]
        contents = {name: bounded(folder / name) for name in (ENCODER_FILE, TOKENISER_FILE)}
        changed = [name for name, held in contents.items() if hashlib.sha256(held).hexdigest() != marks[name]]
        tests = [(Side(**test["side"]), test["says"]) for test in manifest["self_tests"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelRefused(f"the manifest of the gist reader cannot be read ({type(error).__name__})") from error
    if not is_whole:
        raise ModelRefused("the manifest of the gist reader was changed after it was written: its seal does not fit")
    if changed:
        raise ModelRefused(f"{', '.join(changed)} of the gist reader is not the file its manifest was written for")
    reader = GistReader(contents[ENCODER_FILE], contents[TOKENISER_FILE], model=model, acts=acts)
    for (_, expected), got in zip(tests, reader.read([side for side, _ in tests]), strict=True):
        if not np.allclose(got.says, expected, atol=TOLERANCE):
            raise ModelRefused(f"the gist reader {model} reads its own self-test otherwise than it should")
    return reader
