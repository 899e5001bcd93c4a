"""How a model reads groups of contacts: by voice, by channel, by batch of writers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from triage_models.card import GroupFigures, Share
from triage_models.labels import ABUSE
from triage_models.scorer import Scores
from triage_training.evaluate import wilson
from triage_training.examples import Example
from triage_training.voices import UNNAMED

FEWEST: Final = 50
"""Contacts below which nothing is said of a group."""
Pair = tuple[Example, Scores]


def share_of(flags: Sequence[bool]) -> Share:
    """The share of flags that are set."""
    hits = sum(flags)
    return Share(of=len(flags), share=hits / len(flags) if flags else 0.0, interval=wilson(hits, len(flags)))


def is_abuse(example: Example) -> bool:
    """Whether it is labelled with any of A1 to A5."""
    return any(example.labels.get(label, False) for label in ABUSE)


def flagged_abuse(scores: Scores) -> bool:
    """Whether any of A1 to A5 is flagged."""
    return bool(set(ABUSE) & set(scores.flagged))


def batch_of(origin: str) -> str:
    """The batch that a writer came with: the first letter of the two that name writers; training/housing/README.md tells of each."""
    return f"{origin[0]}…" if len(origin) == 2 else origin


def group_figures(
    examples: Sequence[Example], answers: Sequence[Scores], voices: Mapping[str, str]
) -> tuple[GroupFigures, ...]:
    """The groups with at least FEWEST contacts. ``voices``: contact id to voice group; where none is known there is no such table."""
    pairs = list(zip(examples, answers, strict=True))
    kinds: list[tuple[str, Callable[[Example], str]]] = [
        ("channel", lambda example: example.contact.channel),
        ("writers", lambda example: batch_of(example.origin)),
    ]
    if voices:
        kinds.insert(0, ("voice", lambda example: voices.get(example.id, UNNAMED)))
    return tuple(row for kind, of in kinds for row in _of_kind(kind, of, pairs))


def _of_kind(kind: str, of: Callable[[Example], str], pairs: Sequence[Pair]) -> list[GroupFigures]:
    members: dict[str, list[Pair]] = {}
    for pair in pairs:
        members.setdefault(of(pair[0]), []).append(pair)
    return [_figures(kind, name, mine) for name, mine in sorted(members.items()) if len(mine) >= FEWEST]


def _figures(kind: str, name: str, mine: Sequence[Pair]) -> GroupFigures:
    return GroupFigures(
        kind=kind,
        name=name,
        contacts=len(mine),
        abuse_found=share_of([flagged_abuse(scores) for example, scores in mine if is_abuse(example)]),
        false_alarms=share_of([flagged_abuse(scores) for example, scores in mine if not is_abuse(example)]),
        risk_found=share_of(["S0" in scores.flagged for example, scores in mine if example.labels.get("S0", False)]),
    )
