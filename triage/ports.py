"""What the service asks of the outside: a clock and a reader of words. Adapters are built in bootstrap alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from triage.domain.contact import Contact
from triage.domain.score import Scores


class Clock(Protocol):
    """The present moment, aware. Live, replayed and demonstration time are the same to the pipeline."""

    def __call__(self) -> datetime: ...


class Reader(Protocol):
    """Reads contacts' own words: one Scores per contact, in order; a contact that cannot be read says why."""

    @property
    def model(self) -> str:
        """Name and version of the champion in use, or of the safety rules that stand in for it."""
        ...

    def read(self, contacts: Sequence[Contact]) -> list[Scores]: ...


class Progress(Protocol):
    """What a person watches while something long runs."""

    def expect(self, steps: int) -> None:
        """So many more steps will come."""
        ...

    def step(self) -> None: ...


class Unwatched:
    """Progress that nobody watches."""

    def expect(self, steps: int) -> None:
        return None

    def step(self) -> None:
        return None


class ModelState(StrEnum):
    CHAMPION = "champion"
    CANDIDATE = "candidate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFigure:
    """One figure on the frozen split, from 0 to 1: the model's own, and the champion's on the same items (None: not measured)."""

    label: str
    measure: str
    value: float
    champion: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """A model that is in use or could be. ``card`` is its card as plain text; ``problem`` says why it cannot be used."""

    name: str
    version: str
    state: ModelState
    created: str = ""
    summary: str = ""
    card: str = ""
    figures: tuple[ModelFigure, ...] = ()
    problem: str | None = None


class ModelDesk(Protocol):
    """What an analyst does with models; each act puts its own entry on record. A refusal is a TriageError that says why."""

    @property
    def problem(self) -> str | None:
        """Why no model reads contacts now, in a sentence; None while one does. Asked for each page, so it must cost nothing."""
        ...

    def models(self) -> Sequence[ModelEntry]:
        """The champion in use first, then every candidate."""
        ...

    def promote(self, name: str, version: str, by: str) -> None:
        """Puts a candidate in use, on a named person's word."""
        ...

    def rollback(self, by: str) -> None:
        """Puts back what was in use before."""
        ...
