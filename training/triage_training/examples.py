"""Labelled contacts: the base set and reviewers' decisions, read from JSON lines."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from triage_models.labels import LABELS, Speaker
from triage_models.scorer import ScoringInput, Turn
from triage_training.errors import BadExample

REVIEWERS: Final = "reviewers"
"""The origin of examples that reviewers decided; writers of the base set have names of their own."""
LABELLED_ONCE: Final = frozenset({"za", "zc", "zd", "zi", "zj", "zk", "zl"})
"""Writers whose labels nobody but themselves has read: they teach, but no threshold rests on them."""

AS_IT_COMES: Final = frozenset({"zm", "zn", "zo", "zp", "zq", "zr", "zs", "zt", "zu", "zv"})
"""Writers of mail as it comes in, most of which shows nothing; the others wrote mostly what is hard."""
COUNTED: Final = 3
"""How often a contact of theirs counts in the join: with once, a quarter more of what shows nothing is flagged (docs/figures.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One labelled contact. `labels` holds only what was decided: a label that is not there is unknown, not absent.

    `evidence` label → exact substrings that show it · `origin` who wrote or decided it · `pair` examples that must never be
    parted over a split.
    """

    contact: ScoringInput
    labels: Mapping[str, bool]
    evidence: Mapping[str, tuple[str, ...]]
    origin: str
    pair: str | None = None
    lookalike: str | None = None

    @property
    def id(self) -> str:
        """The contact's id."""
        return self.contact.id


def contact_of(row: Mapping[str, Any]) -> ScoringInput:
    """A contact from its line of JSON: id, channel, subject, and text or turns."""
    turns = tuple(Turn(speaker=Speaker(turn["speaker"]), text=str(turn["text"])) for turn in row.get("turns") or ())
    return ScoringInput(
        id=str(row["id"]), channel=str(row["channel"]), subject=row.get("subject"), text=row.get("text"), turns=turns
    )


def _base_example(row: Mapping[str, Any]) -> Example:
    contact = contact_of(row)
    if not contact.text and not contact.turns:
        raise ValueError("it has neither text nor turns, and nothing can be learned from that")
    return Example(
        contact=contact,
        labels=MappingProxyType({label: label in row["labels"] for label in LABELS}),
        evidence=MappingProxyType({label: tuple(quotes) for label, quotes in row.get("evidence", {}).items()}),
        origin=str(row["origin"]),
        pair=row.get("pair"),
        lookalike=row.get("lookalike"),
    )


def _decided_example(row: Mapping[str, Any]) -> Example:
    labels = {label: bool(value) for label, value in row["labels"].items() if label in LABELS}
    if not labels:
        raise ValueError("no label of ours was decided")
    return Example(
        contact=contact_of(row),
        labels=MappingProxyType(labels),
        evidence=MappingProxyType({}),
        origin=REVIEWERS,
        pair=row.get("customer"),
    )


def lines_of(path: Path) -> Iterable[tuple[int, Mapping[str, Any]]]:
    """A file's JSON lines with their numbers, empty ones left out; BadExample where it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BadExample(f"{path.name} cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise BadExample(f"{path.name} line {number} is not JSON: {error}") from error


def read_base(path: Path) -> list[Example]:
    """The base set (housing/README.md describes its lines); BadExample names the line that cannot be used."""
    return [_made(_base_example, row, path, number) for number, row in lines_of(path)]


def read_decisions(path: Path) -> list[Example]:
    """Reviewers' decisions as the service exports them; the newest decision on a contact and label counts."""
    newest: dict[str, Example] = {}
    for number, row in sorted(lines_of(path), key=lambda item: str(item[1].get("decided_at", ""))):
        example = _made(_decided_example, row, path, number)
        old = newest.get(example.id)
        labels = {**(old.labels if old else {}), **example.labels}
        newest[example.id] = Example(
            contact=example.contact,
            labels=MappingProxyType(labels),
            evidence=example.evidence,
            origin=example.origin,
            pair=example.pair,
        )
    return list(newest.values())


def _made(make: Any, row: Mapping[str, Any], path: Path, number: int) -> Example:
    try:
        example: Example = make(row)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadExample(f"{path.name} line {number} cannot be used: {error!s} ({type(error).__name__})") from error
    return example


def times_counted(examples: Sequence[Example]) -> list[int]:
    """How often each contact counts where heads are joined and thresholds chosen."""
    return [COUNTED if example.origin in AS_IT_COMES else 1 for example in examples]


def fingerprint(examples: Sequence[Example]) -> str:
    """SHA-256 over what was trained on: ids, words and labels, in order."""
    digest = hashlib.sha256()
    for example in examples:
        contact = example.contact
        words = [contact.subject, contact.text, *(turn.text for turn in contact.turns)]
        digest.update(json.dumps([contact.id, words, sorted(example.labels.items())]).encode())
    return digest.hexdigest()
