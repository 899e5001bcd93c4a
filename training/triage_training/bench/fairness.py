"""Whether it matters who writes: swapped names, identities and Englishes, and false alarms voice by voice."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from triage_models.heads import Floats
from triage_models.labels import ABUSE
from triage_models.scorer import Scorer, Scores, ScoringInput
from triage_training.bench.measures import by_hash, quantile
from triage_training.bench.readers import chances_of
from triage_training.bench.swaps import (
    ENGLISHES,
    IDENTITIES,
    NAMES,
    REFERENCE_IDENTITY,
    REFERENCE_NAMES,
    as_person,
    name_for,
    rewritten,
    signed,
)
from triage_training.bench.tables import Cell, Table
from triage_training.evaluate import wilson
from triage_training.examples import Example
from triage_training.out_of_fold import Report
from triage_training.voices import UNNAMED

FEWEST: Final = 50
"""Contacts without abuse below which a voice's false-alarm rate does not count for the ratio."""
TEXTS: Final = 300


def _shifts(before: Sequence[Scores], after: Sequence[Scores]) -> Floats:
    one, other = (np.stack([chances_of(scores, ABUSE) for scores in side]) for side in (before, after))
    shifts: Floats = np.abs(other - one)
    return shifts


def _flips(before: Sequence[Scores], after: Sequence[Scores]) -> tuple[int, int]:
    """(contacts with an A flag more, contacts with an A flag less)."""
    pairs = [(set(ABUSE) & set(a.flagged), set(ABUSE) & set(b.flagged)) for a, b in zip(before, after, strict=True)]
    return sum(bool(b - a) for a, b in pairs), sum(bool(a - b) for a, b in pairs)


def _families(contacts: Sequence[ScoringInput]) -> list[tuple[str, str, list[ScoringInput], list[ScoringInput]]]:
    """(family, variant, the contacts it is held against, the swapped contacts); those that did not change are left out."""
    change = Callable[[ScoringInput], ScoringInput]

    def beside(family: str, variant: str, one: change, other: change) -> tuple[str, str, list[ScoringInput], list[ScoringInput]]:  # fmt: skip
        pairs = [(one(contact), other(contact)) for contact in contacts]
        kept = [(a, b) for a, b in pairs if a != b]
        return family, variant, [a for a, _ in kept], [b for _, b in kept]

    def named(group: str) -> change:
        return lambda contact: signed(contact, name_for(group, contact.id))

    def being(identity: str) -> change:
        return lambda contact: as_person(contact, identity)

    def speaking(english: str) -> change:
        return lambda contact: rewritten(contact, english)

    return [
        *(beside("name", group, named(REFERENCE_NAMES), named(group)) for group in NAMES if group != REFERENCE_NAMES),
        *(beside("identity", who, being(REFERENCE_IDENTITY), being(who)) for who in IDENTITIES),
        *(beside("English", english, lambda contact: contact, speaking(english)) for english in ENGLISHES),
    ]


def measure_swaps(scorer: Scorer, examples: Sequence[Example], *, texts: int = TEXTS, report: Report = lambda _: None) -> Table:  # fmt: skip
    """How far each swap moves the A scores (95th percentile of the difference) and how many A flags it flips."""
    contacts = [example.contact for example in by_hash(examples, texts, lambda e: e.id)]
    rows: list[tuple[Cell, ...]] = []
    pooled: dict[str, list[tuple[list[Scores], list[Scores]]]] = {}
    known: dict[ScoringInput, Scores] = {}
    for family, variant, old, new in _families(contacts):
        fresh = [contact for contact in dict.fromkeys(old) if contact not in known]
        known.update(zip(fresh, scorer.score(fresh), strict=True))
        before, after = [known[contact] for contact in old], scorer.score(new)
        pooled.setdefault(family, []).append((before, after))
        rows.append(_swap_row(family, variant, before, after))
        report(f"{family}: {variant}")
    for family, sides in pooled.items():
        before, after = ([scores for side in sides for scores in side[which]] for which in (0, 1))
        rows.append(_swap_row(family, "all", before, after))
    return Table(
        title="Swaps of who writes",
        note=f"{len(contacts)} housing texts. Names: signed by somebody of the group against signed by somebody of `{REFERENCE_NAMES}`. Identity: `I am …` against"
        f" `I am {REFERENCE_IDENTITY}`. English: some words of another English against the text as written; the tables are small and coarse, no such"
        " speaker wrote them. Shift: 95th percentile of the absolute difference of a probability; flips: contacts that gain or lose a flag of A1 to A5.",
        columns=("swap", "variant", "texts", *(f"{label} shift" for label in ABUSE), "highest shift", "flags gained", "flags lost"),
        rows=tuple(rows),
    )  # fmt: skip


def _swap_row(family: str, variant: str, before: Sequence[Scores], after: Sequence[Scores]) -> tuple[Cell, ...]:
    if not before:
        return (family, variant, 0, *[None] * (len(ABUSE) + 3))
    shifts = _shifts(before, after)
    each = [quantile(shifts[:, column].tolist(), 0.95) for column in range(len(ABUSE))]
    return (family, variant, len(before), *each, float(shifts.max()), *_flips(before, after))


def measure_voices(examples: Sequence[Example], answers: Sequence[Scores], voices: Mapping[str, str]) -> Table:
    """False alarms of abuse by voice, and the ratio of the highest rate to the lowest among groups with `FEWEST` contacts."""
    counts: dict[str, tuple[int, int]] = {}
    for example, scores in zip(examples, answers, strict=True):
        if not any(example.labels.get(label, False) for label in ABUSE):
            group = voices.get(example.id, UNNAMED)
            alarms, total = counts.get(group, (0, 0))
            counts[group] = alarms + bool(set(ABUSE) & set(scores.flagged)), total + 1
    rows: list[tuple[Cell, ...]] = []
    for group, (alarms, total) in sorted(counts.items()):
        low, high = wilson(alarms, total)
        rows.append((group, total, alarms, alarms / total, f"{low:.3f}–{high:.3f}"))
    rates = [alarms / total for alarms, total in counts.values() if total >= FEWEST]
    ratio = max(rates) / min(rates) if len(rates) > 1 and min(rates) else float("nan")
    rows.append((f"highest / lowest ({len(rates)} groups)", None, None, ratio, None))
    return Table(
        title="False alarms by voice",
        note=f"Contacts without any A label; an alarm is a flag of A1 to A5. Voices as their writers described them, gathered by key word; the ratio is over"
        f" groups with at least {FEWEST} contacts and is not given where the lowest rate is nought.",
        columns=("voice", "contacts without abuse", "alarms", "rate", "95 % interval"),
        rows=tuple(rows),
    )
