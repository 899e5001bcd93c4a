"""What a model's folder must hold, to the byte: hashes are checked before anything is parsed, and nothing is unpickled."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from triage_models.errors import ModelRefused
from triage_models.labels import LABELS

FORMAT: Final = 2
MODEL_FILE: Final = "model.npz"
MANIFEST_FILE: Final = "manifest.json"
CARD_FILES: Final = ("card.json", "card.md")
ENCODER_FILE: Final = "encoder.onnx"
TOKENISER_FILE: Final = "tokenizer.json"
LARGEST: Final[Mapping[str, int]] = {
    MODEL_FILE: 32 * 2**20, ENCODER_FILE: 128 * 2**20, TOKENISER_FILE: 4 * 2**20, MANIFEST_FILE: 2**20,
    "card.json": 2**20, "card.md": 2**20,
}  # fmt: skip
"""Most bytes each file may have; a larger one is refused unread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMark:
    """A file's SHA-256 and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """A text written for this, and the probabilities that the model must give it, within the manifest's tolerance."""

    channel: str
    text: str
    expected: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The bill of lading of one model version. `seal` is the SHA-256 of all the rest of it."""

    name: str
    version: str
    created: str
    labels: tuple[str, ...]
    files: Mapping[str, FileMark]
    libraries: Mapping[str, str]
    training: Mapping[str, Any]
    self_tests: tuple[SelfTest, ...]
    tolerance: float

    def rendered(self) -> bytes:
        """The file's exact bytes: canonical JSON with the seal in it."""
        return sealed({"format": FORMAT, **asdict(self)})

    @property
    def seal(self) -> str:
        """Names these exact bytes; a pointer to the champion keeps it."""
        return str(json.loads(self.rendered())["seal"])


def _canonical(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def sealed(content: dict[str, Any]) -> bytes:
    """Canonical JSON of it with the SHA-256 of all of it as its ``seal``: a file of just these bytes is the one that was written."""
    return _canonical({**content, "seal": hashlib.sha256(_canonical(content)).hexdigest()})


def marked(path: Path) -> FileMark:
    """The mark of a file on disk."""
    content = path.read_bytes()
    return FileMark(sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def libraries_here() -> dict[str, str]:
    """The versions that made or read a model."""
    found: dict[str, str] = {}
    for name in ("scikit-learn", "numpy", "scipy", "spacy", "onnxruntime", "tokenizers"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def bounded(path: Path) -> bytes:
    """A file's bytes; ModelRefused where it is missing, no plain file or over its size."""
    limit = LARGEST.get(path.name, 0)
    if path.is_symlink() or not path.is_file():
        raise ModelRefused(
            f"{path.name} of model {path.parent.parent.name}/{path.parent.name} is missing or no plain file: install the model again"
        )
    if path.stat().st_size > limit:
        raise ModelRefused(
            f"{path.name} of model {path.parent.parent.name}/{path.parent.name} is larger than {limit} bytes"
        )
    return path.read_bytes()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a model's folder, its own seal checked first."""
    raw = bounded(folder / MANIFEST_FILE)
    where = f"the manifest of model {folder.parent.name}/{folder.name}"
    try:
        content = json.loads(raw)
        seal = content.pop("seal")
        if content.pop("format") != FORMAT:
            raise ModelRefused(f"{where} is of another format: this version reads format {FORMAT}")
        manifest = Manifest(
            name=content.pop("name"),
            version=content.pop("version"),
            created=content.pop("created"),
            labels=tuple(content.pop("labels")),
            files={name: FileMark(**mark) for name, mark in content.pop("files").items()},
            libraries=content.pop("libraries"),
            training=content.pop("training"),
            self_tests=tuple(SelfTest(**test) for test in content.pop("self_tests")),
            tolerance=float(content.pop("tolerance")),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelRefused(
            f"{where} cannot be read ({type(error).__name__}): the file was changed or is not a manifest"
        ) from error
    if content or manifest.seal != seal or manifest.rendered() != raw:
        raise ModelRefused(f"{where} was changed after it was written: its seal does not fit")
    if (manifest.name, manifest.version) != (folder.parent.name, folder.name):
        raise ModelRefused(f"{where} speaks of {manifest.name}/{manifest.version}: the folder was renamed")
    if manifest.labels != LABELS:
        raise ModelRefused(f"{where} lists other labels, or another order, than this version of the service")
    return manifest


def checked_files(folder: Path, manifest: Manifest) -> dict[str, bytes]:
    """The bytes of every file of the folder, after each was found to be what the manifest says."""
    if MODEL_FILE not in manifest.files:
        raise ModelRefused(f"the manifest of {manifest.name}/{manifest.version} names no {MODEL_FILE}")
    contents: dict[str, bytes] = {}
    for name, mark in manifest.files.items():
        if name not in LARGEST:
            raise ModelRefused(
                f"the manifest of {manifest.name}/{manifest.version} names a file that no model has: {name!r}"
            )
        found = bounded(folder / name)
        if len(found) != mark.size or hashlib.sha256(found).hexdigest() != mark.sha256:
            raise ModelRefused(
                f"{name} of model {manifest.name}/{manifest.version} is not the file its manifest was written for: SHA-256 differs"
            )
        contents[name] = found
    return contents
