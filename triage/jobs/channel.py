"""What the pages' process and the one that takes in say to each other: frozen values as JSON over one pipe, never a pickle."""

import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

from triage.domain.contact import Contact
from triage.domain.ruling import Ruling
from triage.ports import SourceNow
from triage.store.codec import pack, unpack


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """The first words: the settings as JSON, secrets left where they are (only their files are named)."""

    settings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How taking in goes; sent when it has changed, and before every answer. ``model_problem`` says why no model reads."""

    sources: tuple[SourceNow, ...] = ()
    problems: tuple[str, ...] = ()
    model_problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    """Said every few seconds, however busy the process is: one that no longer says it hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    ids: tuple[int, ...] | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    ruling: Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    ruling_id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload:
    """Another model is in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    contact: Contact
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of it: the numbers of a retry, or the model's sentence; nothing for the rest."""

    numbers: tuple[int, int, int] = (0, 0, 0)
    sentence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The name of the service's own error, and its sentence."""

    error: str
    sentence: str


Question = Retry | Rule | Undo | Reload | Without
Answer = Done | Refused
Message = Begin | State | Alive | Question | Answer
_KINDS: Final[dict[str, type[Any]]] = {
    kind.__name__: kind for kind in (Begin, State, Alive, Retry, Rule, Undo, Reload, Without, Done, Refused)
}
LARGEST: Final = 64 * 2**20


class Channel:
    """One end of the pipe. Any thread may send; one receives. ``number`` says which question an answer is to."""

    def __init__(self, connection: "Connection[bytes, bytes]") -> None:
        self._connection, self._sending = connection, threading.Lock()

    def send(self, message: Message, number: int = 0) -> None:
        """Raises OSError where the other process is gone."""
        head = f"{type(message).__name__} {number}\n"
        with self._sending:
            self._connection.send_bytes((head + pack(message)).encode())

    def receive(self) -> tuple[int, Message]:
        """Waits for the next message; raises EOFError or OSError where the other process is gone."""
        head, _, body = self._connection.recv_bytes(LARGEST).decode().partition("\n")
        name, _, number = head.partition(" ")
        return int(number), unpack(_KINDS[name], body)

    def close(self) -> None:
        self._connection.close()
