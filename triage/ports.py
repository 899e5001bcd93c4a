"""What the service asks of the outside: a clock and a reader of words. Adapters are built in bootstrap alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from triage.domain.contact import Contact
from triage.domain.gist import Gist
from triage.domain.ruling import Ruling
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


class Gists(Protocol):
    """Says what a contact does and is about: one `Gist` each, in order, or None where it has no words or nothing can read them."""

    def read(self, contacts: Sequence[Contact]) -> list[Gist | None]: ...


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
    """A model that is in use or could be. ``card`` is its card as plain text; ``problem`` says why it cannot be used;
    ``lacking`` says of each label that is measured on too few examples how many are missing."""

    name: str
    version: str
    state: ModelState
    created: str = ""
    summary: str = ""
    card: str = ""
    figures: tuple[ModelFigure, ...] = ()
    lacking: tuple[str, ...] = ()
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

    def without(self, contact: Contact, label: str) -> str | None:
        """Whether the label would be raised without the words that spoke most for it, in a sentence; None where no model can say."""
        ...


class ReaderInUse(Protocol):
    """The model that reads contacts now, wherever it is held."""

    @property
    def problem(self) -> str | None:
        """Why no model reads contacts; None while one does. It must cost nothing."""
        ...

    def reload(self) -> None:
        """Takes up the champion that is in use now."""
        ...

    def without(self, contact: Contact, label: str) -> str | None:
        """As `ModelDesk.without`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNow:
    """A source that the settings name, and how polling it goes.

    ``reached`` is the end of the last round without a problem, ``tried`` of the last one; both None before the first.
    ``failures`` counts rounds in a row with a problem, ``rounds`` and ``stored`` everything since the start.
    """

    account: str
    kind: str
    folders: tuple[str, ...]
    tried: datetime | None = None
    reached: datetime | None = None
    problems: tuple[str, ...] = ()
    failures: int = 0
    rounds: int = 0
    stored: int = 0


class IntakeDesk(Protocol):
    """What an administrator sees of the sources and does with what could not be read."""

    @property
    def poll_seconds(self) -> float:
        """How often every source is polled at least."""
        ...

    @property
    def is_polling(self) -> bool:
        """Whether sources are polled beside the pages at all."""
        ...

    @property
    def problem(self) -> str | None:
        """Why nothing is taken in at the moment, in a sentence; None while it is."""
        ...

    def sources(self) -> Sequence[SourceNow]:
        """Every source of the settings, in their order."""
        ...

    def retry(self, ids: Sequence[int] | None, by: str) -> tuple[int, int, int]:
        """Reads these messages of the quarantine again, or all: (read, still not read, not tried for want of time).

        On record under that name.

        Raises ConflictError while the service is busy reading, InputError for an id that does not wait.
        """
        ...


class LinkDesk(Protocol):
    """Takes up what a person says of a link, with all that follows, and takes it back; both go on record."""

    def rule(self, ruling: Ruling) -> None:
        """Raises NotFoundError for what is not there, ConflictError while the service is busy reading."""
        ...

    def undo(self, ruling_id: str, by: str) -> None:
        """Raises NotFoundError, or ConflictError where it was undone before or the service is busy reading."""
        ...
