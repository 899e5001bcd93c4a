"""Which model is in use: the packaged champion, or the version a person promoted in a models folder."""

import json
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from triage_models.artefact import load_artefact
from triage_models.errors import ModelError, ModelRefused, UnknownModel
from triage_models.manifest import MANIFEST_FILE, Manifest, read_manifest
from triage_models.trained import TrainedScorer

POINTER: Final = "champion.json"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model version in the models folder; `problem` says why it cannot be used."""

    name: str
    version: str
    created: str
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointerEntry:
    """One act on the pointer: which version was put in use, by whom, when. No name means the packaged champion."""

    act: str
    name: str | None
    version: str | None
    seal: str | None
    by: str
    at: str


def packaged_folder() -> Path:
    """The folder of the one champion that travels with this package."""
    root = Path(str(files("triage_models").joinpath("champion")))
    found = sorted(path.parent for path in root.glob(f"*/*/{MANIFEST_FILE}"))
    if len(found) != 1:
        raise ModelRefused(f"the package should hold one champion and holds {len(found)}: install it again")
    return found[0]


def load_champion(root: Path | None) -> TrainedScorer:
    """The champion in use: the models folder's, or the packaged one where there is no folder or no pointer in it."""
    return load_artefact(packaged_folder()) if root is None else Registry(root).champion()


class Registry:
    """A models folder: candidates as `<name>/<version>/` and the pointer `champion.json` with its whole history.

    Only `promote` and `rollback` change what is in use, and both want the name of the person who does it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def champion(self) -> TrainedScorer:
        """The scorer in use; ModelRefused where its files were changed since it was promoted."""
        entry = self.in_use()
        if entry is None or entry.name is None or entry.version is None:
            return load_artefact(packaged_folder())
        return load_artefact(self._folder(entry.name, entry.version), seal=entry.seal)

    def in_use(self) -> PointerEntry | None:
        """The last act on the pointer, or None where there was none."""
        history = self.history()
        return history[-1] if history else None

    def candidates(self) -> list[Candidate]:
        """Every version in the folder, those that would be refused among them, by name and version."""
        found: list[Candidate] = []
        for path in sorted(self.root.glob(f"*/*/{MANIFEST_FILE}")):
            folder = path.parent
            if (
                folder.name.startswith(".")
                or not _NAME.fullmatch(folder.parent.name)
                or folder.parent.name == "triage_models"
            ):
                continue
            try:
                manifest = read_manifest(folder)
                found.append(Candidate(name=manifest.name, version=manifest.version, created=manifest.created))
            except ModelError as error:
                found.append(Candidate(name=folder.parent.name, version=folder.name, created="", problem=str(error)))
        return found

    def promote(self, name: str, version: str, by: str) -> PointerEntry:
        """Put a candidate in use, after it loaded and passed its self-test."""
        folder = self._folder(name, version)
        load_artefact(folder)
        return self._append("promote", name, version, read_manifest(folder).seal, by)

    def rollback(self, by: str) -> PointerEntry:
        """Put back what was in use before the last promotion that was not yet rolled back; the packaged champion if none was."""
        stack: list[PointerEntry] = []
        for entry in self.history():
            if entry.act == "promote":
                stack.append(entry)
            elif stack:
                stack.pop()
        if not stack:
            raise ModelError("there is nothing to roll back: the packaged champion is in use")
        before = stack[-2] if len(stack) > 1 else None
        if before is None or before.name is None or before.version is None:
            return self._append("rollback", None, None, None, by)
        load_artefact(self._folder(before.name, before.version), seal=before.seal)
        return self._append("rollback", before.name, before.version, before.seal, by)

    def manifest(self, name: str, version: str) -> Manifest:
        """A candidate's manifest."""
        return read_manifest(self._folder(name, version))

    def history(self) -> list[PointerEntry]:
        """Every act on the pointer, oldest first."""
        path = self.root / POINTER
        if not path.exists():
            return []
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return [PointerEntry(**entry) for entry in content["history"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ModelRefused(
                f"{POINTER} in the models folder cannot be read ({type(error).__name__}): put back a copy, or remove it to use the packaged champion"
            ) from error

    def _folder(self, name: str, version: str) -> Path:
        if not _NAME.fullmatch(name) or not _NAME.fullmatch(version):
            raise UnknownModel(f"{name!r}/{version!r} is no model's name: small letters, digits, dots and dashes only")
        folder = self.root / name / version
        if not (folder / MANIFEST_FILE).is_file():
            raise UnknownModel(f"no model {name}/{version} in the models folder: `models list` shows those there are")
        return folder

    def _append(self, act: str, name: str | None, version: str | None, seal: str | None, by: str) -> PointerEntry:
        if not by.strip():
            raise ModelError("a promotion or rollback needs the name of the person who does it")
        entry = PointerEntry(
            act=act, name=name, version=version, seal=seal, by=by, at=datetime.now(UTC).isoformat(timespec="seconds")
        )
        history: list[dict[str, Any]] = [_plain(old) for old in [*self.history(), entry]]
        _write_whole(self.root / POINTER, json.dumps({"history": history}, indent=1) + "\n")
        return entry


def _plain(entry: PointerEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ("act", "name", "version", "seal", "by", "at")}


def _write_whole(path: Path, text: str) -> None:
    """Replace a file in one step: a reader sees the old or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.chmod(draft, 0o644)
    os.replace(draft, path)
