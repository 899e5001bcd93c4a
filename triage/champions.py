"""What an analyst does with models: see the champion and candidates, promote, roll back; each act is a named person's."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from triage.domain.contact import Contact
from triage.domain.errors import SettingsError, TriageError
from triage.ports import Clock, ModelEntry, ModelFigure, ModelState, ReaderInUse
from triage.scoring import ModelError, Registry, lacking, packaged_champion, read_card
from triage.store import Store

MEASURES = ("precision", "recall", "average_precision", "calibration_error")


class Champions:
    """The models folder of the settings, with every act in the audit chain; the next round reads again with what is in use."""

    def __init__(self, folder: Path | None, store: Store, reader: ReaderInUse, clock: Clock) -> None:
        self._folder, self._store, self._reader, self._clock = folder, store, reader, clock

    @property
    def problem(self) -> str | None:
        """Why the champion in use does not read contacts; None while it does."""
        return self._reader.problem

    def models(self) -> list[ModelEntry]:
        """The champion in use first, then every candidate."""
        in_use = self._registry.in_use() if self._folder is not None else None
        packaged = in_use is None or in_use.name is None
        entries = [self._packaged(ModelState.CHAMPION if packaged else ModelState.CANDIDATE)]
        for found in self._registry.candidates() if self._folder is not None else ():
            champion = in_use is not None and (found.name, found.version) == (in_use.name, in_use.version)
            state = ModelState.REFUSED if found.problem else ModelState.CHAMPION if champion else ModelState.CANDIDATE
            entries.append(
                _entry(
                    found.name,
                    found.version,
                    state,
                    self._path / found.name / found.version,
                    found.created,
                    found.problem,
                )
            )
        if self._reader.problem:
            entries = [
                replace(entry, problem=self._reader.problem, state=ModelState.REFUSED)
                if entry.state is ModelState.CHAMPION
                else entry
                for entry in entries
            ]
        return sorted(entries, key=lambda entry: (entry.state is not ModelState.CHAMPION, entry.name, entry.version))

    def promote(self, name: str, version: str, by: str) -> None:
        """Puts a candidate in use; raises TriageError where its files are not what its manifest says."""
        with _sentences():
            self._registry.promote(name, version, by)
        self._changed("model.promoted", f"{name}/{version}", by)

    def rollback(self, by: str) -> None:
        """Puts back what was in use before."""
        with _sentences():
            entry = self._registry.rollback(by)
        self._changed("model.rolled_back", f"{entry.name}/{entry.version}" if entry.name else "packaged champion", by)

    def without(self, contact: Contact, label: str) -> str | None:
        """What would have changed a label, as the model in use reads it now."""
        return self._reader.without(contact, label)

    def _changed(self, action: str, subject: str, by: str) -> None:
        self._reader.reload()
        with self._store.begin() as unit:
            unit.audit.append(at=self._clock(), actor=by, action=action, subject=subject)

    def _packaged(self, state: ModelState) -> ModelEntry:
        folder = packaged_champion()
        return _entry(folder.parent.name, folder.name, state, folder, "", None)

    @property
    def _path(self) -> Path:
        if self._folder is None:
            raise SettingsError('Name a models folder in the settings (models = "…"): there is none to promote in.')
        return self._folder

    @property
    def _registry(self) -> Registry:
        return Registry(self._path)


@contextmanager
def _sentences() -> Iterator[None]:
    """A model's refusal becomes the service's own error, with the same sentence."""
    try:
        yield
    except ModelError as error:
        raise TriageError(f"{str(error)[:1].upper()}{str(error)[1:].rstrip('.')}.") from error


def _entry(name: str, version: str, state: ModelState, folder: Path, created: str, problem: str | None) -> ModelEntry:
    card = read_card(folder)
    text = folder / "card.md"
    return ModelEntry(
        name=name,
        version=version,
        state=state,
        created=created,
        summary=str(card.get("summary", "")),
        card=text.read_text("utf-8") if text.is_file() else "",
        figures=tuple(_figures(card)),
        lacking=tuple(lacking({label: int(row["positives"]) for label, row in (card.get("figures") or {}).items()})),
        problem=problem,
    )


def _figures(card: Mapping[str, Any]) -> Iterator[ModelFigure]:
    before = card.get("before") or {}
    for name, value in (card.get("overall") or {}).items():
        yield ModelFigure(
            label="all",
            measure=name.replace("_", " "),
            value=float(value),
            champion=_number(before.get("overall", {}).get(name)),
        )
    for label, row in (card.get("figures") or {}).items():
        for measure in MEASURES:
            old = before.get("figures", {}).get(label, {}).get(measure)
            yield ModelFigure(
                label=label, measure=measure.replace("_", " "), value=float(row[measure]), champion=_number(old)
            )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
