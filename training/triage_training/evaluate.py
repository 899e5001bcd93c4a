"""How well labels are found: the measures of tools/evaluate_messages.py, with intervals and calibration."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage_models.labels import ABUSE, DEMANDS, LABELS, PERSISTENCE
from triage_models.scorer import Scores
from triage_training.examples import Example

JUDGED = (*ABUSE, *DEMANDS, *PERSISTENCE, "S0")
"""The labels of the macro F1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelResult:
    """One label over a set of contacts; NaN where nothing can be said. Intervals are Wilson's, 95 %."""

    positives: int
    flagged: int
    hits: int
    precision: float
    recall: float
    f1: float
    average_precision: float
    precision_interval: tuple[float, float]
    recall_interval: tuple[float, float]
    calibration_error: float
    lookalikes: int
    lookalikes_flagged: int
    shown: int
    showable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All labels, and the figures that sum them up."""

    labels: Mapping[str, LabelResult]
    contacts: int
    macro_f1: float
    abuse_false_alarms: float
    abuse_lookalikes_flagged: float
    evidence_shown: float

    def overall(self) -> dict[str, float]:
        """The summing-up, by name."""
        return {
            "macro F1 (A, D, P, S0)": self.macro_f1,
            "contacts without abuse flagged as abuse": self.abuse_false_alarms,
            "A look-alikes flagged": self.abuse_lookalikes_flagged,
            "evidence shown": self.evidence_shown,
        }


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    if total == 0:
        return (0.0, 1.0)
    z = 1.96
    share = hits / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    reach = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return (max(0.0, middle - reach), min(1.0, middle + reach))


def average_precision(pairs: Iterable[tuple[float, bool]]) -> float:
    """Area under the precision-recall steps; ties count against the model."""
    hits, total = 0, 0.0
    for rank, (_, positive) in enumerate(sorted(pairs, key=lambda pair: (-pair[0], pair[1])), 1):
        if positive:
            hits += 1
            total += hits / rank
    return total / hits if hits else math.nan


def calibration_error(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error over equally wide bins."""
    if not pairs:
        return math.nan
    groups: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for chance, positive in pairs:
        groups[min(bins - 1, int(chance * bins))].append((chance, positive))
    gaps = (abs(sum(p for p, _ in group) - sum(y for _, y in group)) for group in groups)
    return sum(gaps) / len(pairs)


def _covered(text: str, quotes: Iterable[str]) -> set[int]:
    covered: set[int] = set()
    for quote in quotes:
        start = text.find(quote)
        if quote.strip() and start >= 0:
            covered.update(range(start, start + len(quote)))
    return covered


def _shows(example: Example, label: str, scores: Scores) -> bool:
    contact = example.contact
    text = "\n".join(filter(None, [contact.subject, contact.text, *(turn.text for turn in contact.turns)]))
    shown = _covered(text, (span.text for span in scores.spans.get(label, ())))
    gold = [found for quote in example.evidence[label] if (found := _covered(text, [quote]))]
    if not shown or not gold:
        return False
    return any(len(shown & span) / len(shown | span) >= 0.3 for span in [*gold, set().union(*gold)])


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def label_result(label: str, examples: Sequence[Example], answers: Sequence[Scores]) -> LabelResult:
    """One label's figures over the contacts where it was decided."""
    decided = [(example, scores) for example, scores in zip(examples, answers, strict=True) if label in example.labels]
    true = [example.labels[label] for example, _ in decided]
    flags = [label in scores.flagged for _, scores in decided]
    pairs = [
        (float(scores.probabilities.get(label, 0.0)), positive)
        for (_, scores), positive in zip(decided, true, strict=True)
    ]
    hits = sum(t and f for t, f in zip(true, flags, strict=True))
    fooled = [
        f for (example, _), t, f in zip(decided, true, flags, strict=True) if example.lookalike == label and not t
    ]
    shows = [
        _shows(e, label, s)
        for (e, s), t, f in zip(decided, true, flags, strict=True)
        if t and f and e.evidence.get(label)
    ]
    return LabelResult(
        positives=sum(true),
        flagged=sum(flags),
        hits=hits,
        precision=_ratio(hits, sum(flags)),
        recall=_ratio(hits, sum(true)),
        f1=_ratio(2 * hits, sum(flags) + sum(true)),
        average_precision=average_precision(pairs),
        precision_interval=wilson(hits, sum(flags)),
        recall_interval=wilson(hits, sum(true)),
        calibration_error=calibration_error(pairs),
        lookalikes=len(fooled),
        lookalikes_flagged=sum(fooled),
        shown=sum(shows),
        showable=len(shows),
    )


def evaluate(examples: Sequence[Example], answers: Sequence[Scores]) -> Evaluation:
    """Every measure over these contacts and their scores."""
    labels = {label: label_result(label, examples, answers) for label in LABELS}
    clean = [
        scores
        for example, scores in zip(examples, answers, strict=True)
        if not any(example.labels.get(label, False) for label in ABUSE)
    ]
    alarms = sum(bool(set(ABUSE) & set(scores.flagged)) for scores in clean)
    judged = [labels[label].f1 for label in JUDGED if labels[label].positives]
    return Evaluation(
        labels=labels,
        contacts=len(examples),
        macro_f1=_ratio_sum([0.0 if math.isnan(f1) else f1 for f1 in judged]),
        abuse_false_alarms=_ratio(alarms, len(clean)),
        abuse_lookalikes_flagged=_ratio(
            sum(labels[label].lookalikes_flagged for label in ABUSE), sum(labels[label].lookalikes for label in ABUSE)
        ),
        evidence_shown=_ratio(
            sum(labels[label].shown for label in JUDGED), sum(labels[label].showable for label in JUDGED)
        ),
    )


def _ratio_sum(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
