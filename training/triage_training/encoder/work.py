"""A folder of fine-tuned encoders: one of all writers, others without a group of writers, and what those say unseen.

Nothing here needs torch: a folder that was made elsewhere, on a faster machine, can be carried here and used.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final, Protocol

import numpy as np

from triage_models.anybody import as_anybody
from triage_models.encoder import Encoded, Encoder
from triage_models.heads import Floats
from triage_models.labels import LABELS
from triage_models.scorer import ScoringInput
from triage_training.errors import BadExample
from triage_training.examples import REVIEWERS, Example

TOKENISER: Final = "tokenizer.json"
COURSE: Final = "course.json"
UNSEEN: Final = "unseen.npz"
UNSEEN_FILE: Final = "encoder_unseen.npz"
"""Beside the base set: what encoders that had not seen a text's writer say of it, so that candidates need no fine-tuning."""


def words_digest(contact: ScoringInput) -> str:
    """Names the words of a contact, so that outputs for words since changed are not used."""
    words = [contact.channel, contact.subject, contact.text, *((turn.speaker, turn.text) for turn in contact.turns)]
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenOutputs:
    """For texts of the base set, what an encoder that had not seen their writer says of them (2L log-odds)."""

    rows: dict[str, Floats]

    def of(self, examples: Sequence[Example], encoder: Encoder | None = None) -> Floats:
        """n x 2L in the order of the examples; NaN for a text of which nothing unseen is known. Reviewers' decisions were never
        shown to an encoder: `encoder`, where given, reads them now."""
        shown = [example for example in examples if example.origin == REVIEWERS]
        read = encoder.read([example.contact for example in shown]) if encoder is not None and shown else []
        found = self.rows | {words_digest(e.contact): one.outputs for e, one in zip(shown, read, strict=bool(read))}
        nothing = np.full(2 * len(LABELS), np.nan, dtype=np.float32)
        rows = [found.get(words_digest(example.contact), nothing) for example in examples]
        return np.stack(rows) if rows else np.zeros((0, 2 * len(LABELS)), dtype=np.float32)

    def write(self, path: Path) -> None:
        """Plain arrays, no objects."""
        keys = sorted(self.rows)
        values = np.stack([self.rows[key] for key in keys]).astype(np.float16)
        np.savez_compressed(path, keys=np.array(keys), values=values)

    @classmethod
    def read(cls, path: Path) -> "UnseenOutputs":
        """The file's rows; BadExample where it is missing or of other labels."""
        try:
            with np.load(path, allow_pickle=False) as content:
                keys, values = content["keys"], content["values"].astype(np.float32)
        except (OSError, ValueError, KeyError) as error:
            raise BadExample(f"{path.name} cannot be read ({type(error).__name__}): make it again with `triage-training encoder`") from error  # fmt: skip
        if values.shape != (len(keys), 2 * len(LABELS)):
            raise BadExample(f"{path.name} was made for other labels: make it again with `triage-training encoder`")
        return cls(rows=dict(zip(keys.tolist(), values, strict=True)))


class Encoders(Protocol):
    """Encoders of all writers but a group, and of all, as `leave_writers_out` asks for them. ``remark``: what a card has to say besides;
    ``taught``: what the encoder of all was taught (`triage_training.encoder.taught`)."""

    @property
    def remark(self) -> str: ...
    @property
    def taught(self) -> Mapping[str, Any]: ...
    @property
    def folds(self) -> int: ...
    @property
    def without(self) -> tuple[int, ...]: ...
    def made_without(self, fold: int) -> Encoder: ...
    def everything(self) -> Encoder: ...
    def unseen(self) -> UnseenOutputs: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldEncoders:
    """The folder's encoders: of `folds` groups of writers, one was made without each group of `without`, and one with all."""

    remark: ClassVar[str] = ""
    folder: Path
    folds: int
    without: tuple[int, ...]
    taught: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> "FoldEncoders":
        """The encoders of a folder that `triage-training encoder` filled."""
        try:
            course = json.loads((folder / COURSE).read_text(encoding="utf-8"))
            return cls(folder=folder, folds=int(course["folds"]), without=tuple(course["without"]), taught=course)
        except (OSError, ValueError, KeyError) as error:
            raise BadExample(f"{folder.name} holds no {COURSE} that can be read: run `triage-training encoder` first") from error  # fmt: skip

    def made_without(self, fold: int) -> Encoder:
        """The encoder that saw no writer of this group."""
        return self._named(f"fold-{fold}")

    def everything(self) -> Encoder:
        """The encoder of all writers: the one that ships."""
        return self._named("all")

    def unseen(self) -> UnseenOutputs:
        """What the encoders say of the texts they had not seen."""
        return UnseenOutputs.read(self.folder / UNSEEN)

    def _named(self, name: str) -> Encoder:
        try:
            return Encoder((self.folder / f"{name}.onnx").read_bytes(), (self.folder / TOKENISER).read_bytes())
        except OSError as error:
            raise BadExample(f"{self.folder.name} holds no {name}.onnx: run `triage-training encoder` first") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEncoder:
    """The encoder of the model in use, while only its heads are fitted anew, with what is kept of encoders that had not seen a
    text's writer. Its answers are those kept ones; where in the words it looks is its own."""

    remark: ClassVar[str] = (
        " Which words are shown was chosen by the packaged encoder, which had been taught most of these texts."
    )
    encoder: Encoder
    kept: UnseenOutputs
    anybodys: Mapping[str, Floats] = field(default_factory=dict)
    """What is said of a text as anybody's: the same as of the text itself."""
    folds: int = 5
    taught: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, encoder: Encoder, kept: Path, examples: Sequence[Example], taught: Mapping[str, Any] = MappingProxyType({})
    ) -> "KeptEncoder":
        """With what is kept beside the base set. Texts of which nothing is kept came after the encoder was taught: it reads them now."""
        known = UnseenOutputs.read(kept).rows
        later = [example.contact for example in examples if words_digest(example.contact) not in known]
        read = zip(later, encoder.read(later), strict=True)
        rows = known | {words_digest(contact): one.outputs for contact, one in read}
        anybodys = ((example.contact, as_anybody(example.contact)) for example in examples)
        beside = {words_digest(other): rows[words_digest(own)] for own, other in anybodys if other is not None}
        return cls(encoder=encoder, kept=UnseenOutputs(rows=rows), anybodys=beside, taught=taught)

    @property
    def without(self) -> tuple[int, ...]:
        """Every group: for each text there is an answer of an encoder that had not seen its writer."""
        return tuple(range(self.folds))

    def made_without(self, fold: int) -> Encoder:
        return _AsUnseen(self.encoder, UnseenOutputs(rows={**self.kept.rows, **self.anybodys}))

    def everything(self) -> Encoder:
        return self.encoder

    def unseen(self) -> UnseenOutputs:
        return self.kept


class _AsUnseen(Encoder):
    """Answers as an encoder that had not seen the text; raises BadExample for a text of which nothing is kept."""

    def __init__(self, encoder: Encoder, kept: UnseenOutputs) -> None:
        super().__init__(encoder.onnx_file, encoder.tokeniser)
        self._kept = kept

    def one(self, contact: ScoringInput) -> Encoded:
        one = super().one(contact)
        outputs = self._kept.rows.get(words_digest(contact))
        if outputs is None:
            raise BadExample(f"nothing unseen is kept of contact {contact.id}: the encoders have to be taught again")
        whole, loudest = outputs[: len(LABELS)], outputs[len(LABELS) :]
        return replace(one, contact=whole, loudest=loudest, bias=one.bias + whole - one.contact)
