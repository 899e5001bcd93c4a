"""Where a model is known to fail: measured on the same contacts as its figures, in sentences for its card."""

from collections.abc import Callable, Sequence

from triage_models.labels import ABUSE
from triage_models.scorer import Scores
from triage_training.evaluate import evaluate
from triage_training.examples import Example

GENERAL = (
    "Measured on texts written for this project: the figures say how well the intended distinctions are made, not how well a landlord's real mail is read.",
    "Reads English only; what is surely another language is refused, and only safety words are looked for in it.",
    "Indirect words are what it misses most: a threat or a wish to die that no usual word gives away.",
)
FEWEST = 50
"""Contacts below which nothing is said of a group."""

Pair = tuple[Example, Scores]


def _false_alarms(pairs: Sequence[Pair], chosen: Callable[[Example], bool]) -> tuple[float, int]:
    """The share of chosen contacts without abuse that are flagged as abuse, and their number."""
    clean = [s for e, s in pairs if chosen(e) and not any(e.labels.get(label, False) for label in ABUSE)]
    return (sum(bool(set(ABUSE) & set(scores.flagged)) for scores in clean) / len(clean) if clean else 0.0), len(clean)


def _by_channel(pairs: Sequence[Pair]) -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    for channel in sorted({example.contact.channel for example, _ in pairs}):
        mine = [pair for pair in pairs if pair[0].contact.channel == channel]
        share, count = _false_alarms(mine, lambda _: True)
        if count >= FEWEST:
            found.append((share, channel))
    return sorted(found)


def _by_writer(pairs: Sequence[Pair]) -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    for origin in sorted({example.origin for example, _ in pairs}):
        mine = [pair for pair in pairs if pair[0].origin == origin]
        if len(mine) >= FEWEST:
            found.append((evaluate([e for e, _ in mine], [s for _, s in mine]).macro_f1, origin))
    return sorted(found)


def known_failures(examples: Sequence[Example], answers: Sequence[Scores]) -> tuple[str, ...]:
    """General limits, then the groups of contacts that are read worst."""
    pairs = list(zip(examples, answers, strict=True))
    lines = list(GENERAL)
    quoted, count = _false_alarms(pairs, lambda example: example.labels.get("QA", False))
    if count >= FEWEST:
        lines.append(
            f"Of {count} contacts that only pass on somebody else's abuse, {quoted:.0%} are flagged as the sender's."
        )
    none, count = _false_alarms(pairs, lambda example: not any(example.labels.values()))
    if count >= FEWEST:
        lines.append(
            f"Of {count} ordinary contacts, many of them written to look like abuse, {none:.0%} are flagged as abuse."
        )
    large = _by_channel(pairs)
    if large:
        lines.append(
            f"False alarms of abuse differ by channel: {large[0][0]:.0%} in {large[0][1]}, {large[-1][0]:.0%} in {large[-1][1]}."
        )
    writers = _by_writer(pairs)
    if len(writers) > 1:
        lines.append(
            f"It depends on who writes: macro F1 is {writers[0][0]:.2f} for one writer and {writers[-1][0]:.2f} for another."
        )
    return tuple(lines)
