"""A clock that is set by hand, and a desk of models without files."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from triage.domain.contact import Contact
from triage.domain.errors import ConflictError
from triage.ports import ModelEntry, ModelFigure, ModelState

NOW = datetime(2026, 3, 12, 10, 30, tzinfo=UTC)


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta) -> None:
        self.now += time


class FakeModels:
    """A desk of models in memory: one champion, one candidate; it keeps what it was told."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, ...]] = []
        self.problem: str | None = None
        self.changes: dict[tuple[str, str], str] = {}
        figures = (
            ModelFigure(label="A2", measure="recall", value=0.874, champion=0.851),
            ModelFigure(label="A2", measure="precision", value=0.902, champion=0.911),
            ModelFigure(label="S0", measure="recall", value=0.985, champion=0.981),
        )
        own = tuple(replace(figure, value=figure.champion or 0.0, champion=None) for figure in figures)
        self._entries = [
            ModelEntry(
                name="linear",
                version="1.0",
                state=ModelState.CHAMPION,
                created="1 Mar 2026",
                summary="The packaged champion.",
                card="# Card\nKnown failures: sarcasm.",
                figures=own,
            ),
            ModelEntry(
                name="linear",
                version="1.1",
                state=ModelState.CANDIDATE,
                created="10 Mar 2026",
                summary="Trained with 41 decisions of reviewers.",
                card="# Card\nKnown failures: dialect.",
                figures=figures,
                lacking=("S0 (somebody may be at risk of harm): 31 examples, 19 too few to judge it.",),
            ),
        ]

    def models(self) -> Sequence[ModelEntry]:
        return sorted(self._entries, key=lambda entry: entry.state is not ModelState.CHAMPION)

    def promote(self, name: str, version: str, by: str) -> None:
        if not any((entry.name, entry.version) == (name, version) for entry in self._entries):
            raise ConflictError(f"There is no candidate {name} {version}; choose one of the list.")
        self.acts.append(("promote", name, version, by))
        self._entries = [
            replace(entry, state=ModelState.CHAMPION if entry.version == version else ModelState.CANDIDATE)
            for entry in self._entries
        ]

    def without(self, contact: Contact, label: str) -> str | None:
        """What a test has put into ``changes`` under the contact's id and the label."""
        return self.changes.get((contact.id, label))

    def rollback(self, by: str) -> None:
        self.acts.append(("rollback", by))
