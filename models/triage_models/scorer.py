"""The one shape every scorer has: contacts in, probabilities with the words that earned them out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, TypeVar, runtime_checkable

from triage_models.labels import LABELS, Speaker

Part = Literal["subject", "text"] | int
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one speaker said without a break."""

    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringInput:
    """One contact as a scorer sees it: the customer's own new words, and a call's other speakers as context only."""

    id: str
    channel: str
    subject: str | None = None
    text: str | None = None
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An exact substring of one part: `subject`, `text` or the turn with that index; `start` and `end` count characters."""

    part: Part
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One contribution to a label's log-odds: `weight` above nought speaks for the label, below nought against it."""

    kind: Literal["rule", "ngram", "feature", "sentence"]
    id: str
    weight: float
    text: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What a scorer found in one contact. Where `not_scored` holds a sentence, probabilities are empty and no model ran;
    `flagged` may then still hold what the safety rules found (S0 and HZ never wait for a model). `abstained` are labels that were not
    judged, and `caveat` is a sentence where that, or words that were not read, means that nothing found is no sign that nothing is there. `vector` is the contact's
    meaning for likeness: 384 signed bytes, an encoder's unit vector times 127, or None without an encoder; only vectors of one
    `model` compare. It can give words away and belongs in no log."""

    model: str
    probabilities: Mapping[str, float] = field(default_factory=dict)
    flagged: tuple[str, ...] = ()
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    reasons: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    not_scored: str | None = None
    abstained: tuple[str, ...] = ()
    caveat: str | None = None
    vector: bytes | None = field(default=None, repr=False)

    def taking(self, labels: Collection[str], other: "Scores") -> "Scores":
        """These scores, with all that is said of `labels` as the other has it."""
        flagged = {*(set(self.flagged) - set(labels)), *(set(other.flagged) & set(labels))}
        return replace(
            self,
            probabilities=_mixed(self.probabilities, other.probabilities, labels),
            flagged=tuple(label for label in LABELS if label in flagged),
            spans=_mixed(self.spans, other.spans, labels),
            reasons=_mixed(self.reasons, other.reasons, labels),
        )


def _mixed(own: Mapping[str, T], others: Mapping[str, T], labels: Collection[str]) -> dict[str, T]:
    return {label: found for label, found in own.items() if label not in labels} | {
        label: found for label, found in others.items() if label in labels
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What taking away the words that spoke most for a label does to it: `still` says that it is raised all the same.
    `before` and `after` are its probabilities; `after` is None where too little is left to read."""

    label: str
    span: Span
    before: float
    after: float | None
    still: bool


@runtime_checkable
class SaysWhatChanges(Protocol):
    """A scorer that can also say what would have changed a label; not every scorer can."""

    def without(self, contact: ScoringInput, label: str) -> Change | None: ...


@runtime_checkable
class Scorer(Protocol):
    """Anything that reads contacts: the champion, the safety rules alone, Detoxify, a fake.

    `score` answers in the order of its inputs and never raises because of one of them: a contact that cannot be read
    comes back with `not_scored`.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def labels(self) -> tuple[str, ...]: ...

    def score(self, inputs: Sequence[ScoringInput]) -> list[Scores]: ...
