"""What an encoder was taught: told in a file beside it by whatever taught it, and by the manifest of the model that has it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from triage_models.card import card_in
from triage_models.manifest import read_manifest
from triage_training.encoder.work import COURSE
from triage_training.errors import BadExample

Taught = Mapping[str, Any]
HISTORIES = "histories"
"""File name to SHA-256 of the histories whose contacts it was taught; empty or absent where it was taught none."""


def sha256(content: bytes) -> str:
    """What names a file in such a course."""
    return hashlib.sha256(content).hexdigest()


def files_named(paths: Iterable[Path]) -> dict[str, str]:
    """File name to SHA-256."""
    return {path.name: sha256(path.read_bytes()) for path in paths}


def learned_histories(taught: Taught) -> bool:
    """Whether contacts of histories are among it: only then does a card claim them."""
    return bool(taught.get(HISTORIES))


def taught_of(folder: Path) -> Taught:
    """Of a model's encoder. Models that were made before manifests told it have it in the data that their card names."""
    told = read_manifest(folder).training.get("encoder")
    if isinstance(told, dict):
        return told
    named = any(source["name"] == HISTORIES for source in card_in(folder).data)
    return {HISTORIES: {"named by the card": ""}} if named else {}


def further(start: Taught, *, histories: Iterable[Path], **facts: object) -> Taught:
    """Of an encoder that was taught on from one with the course ``start``: what that had learned is still in it."""
    return {"start": dict(start), **facts, HISTORIES: dict(start.get(HISTORIES, {})) | files_named(histories)}


def write_taught(encoder: Path, taught: Taught) -> None:
    """Beside the encoder's file, under its name."""
    encoder.with_suffix(".json").write_text(json.dumps(taught, indent=1) + "\n", encoding="utf-8")


def told_beside(encoder: Path) -> Taught | None:
    """Of an encoder's file, as `triage-training encoder` or `further` wrote it there; None where nothing is told."""
    for path in (encoder.with_suffix(".json"), encoder.with_name(COURSE)):
        if path.exists():
            try:
                found: Taught = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise BadExample(f"{path.name} cannot be read ({type(error).__name__})") from error
            return found
    return None


def taught_beside(encoder: Path) -> Taught:
    """The same, of an encoder that is to ship: BadExample where nothing is told, because a card must say what a model was made of."""
    found = told_beside(encoder)
    if found is None:
        raise BadExample(
            f"{encoder.with_suffix('.json').name} is not beside {encoder.name}: it says what the encoder was taught, and the card must say that"
        )
    return found
