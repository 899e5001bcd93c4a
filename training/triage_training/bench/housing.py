"""Housing texts that no model has learned, reader by reader: what the language layer and the housing texts bring beside what reads anything."""

from collections.abc import Mapping, Sequence

from triage_models.scorer import Scorer
from triage_training.bench.measures import f1, roc_auc
from triage_training.bench.readers import AGGRESSIVE, aggressive, is_flagged, loudest
from triage_training.bench.tables import Cell, Table
from triage_training.evaluate import average_precision
from triage_training.examples import Example
from triage_training.out_of_fold import Report


def measure_housing(
    readers: Mapping[str, Scorer | str], examples: Sequence[Example], report: Report = lambda _: None
) -> Table:
    """All readers side by side. A reader that is a sentence stands for one that is not here."""
    rows: list[tuple[Cell, ...]] = []
    for name, scorer in readers.items():
        if isinstance(scorer, str):
            continue
        rows.append((name, *_row(scorer, examples)))
        report(name)
    absent = " ".join(f"{name}: {why}." for name, why in readers.items() if isinstance(why, str))
    positives = sum(aggressive(example) for example in examples)
    return Table(
        title="Housing texts kept out of training",
        note=f"{len(examples)} contacts, {positives} of them with A1, A2 or A4. Score: the highest of the three; F1, look-alikes (contacts written to look like one"
        f" of them) and false flags: any of them flagged at the reader's own threshold. A reader with one class of its own has no average precision for ours. {absent}".strip(),
        columns=("reader", "ROC AUC", "average precision", "F1", "false flags", "look-alikes flagged", *(f"{label} average precision" for label in AGGRESSIVE), "not scored"),
        rows=tuple(rows),
    )  # fmt: skip


def _row(scorer: Scorer, examples: Sequence[Example]) -> tuple[Cell, ...]:
    answers = scorer.score([example.contact for example in examples])
    wanted = [aggressive(example) for example in examples]
    flags = [is_flagged(scores) for scores in answers]
    pairs = [(loudest(scores), positive) for scores, positive in zip(answers, wanted, strict=True)]
    clean = [flag for flag, positive in zip(flags, wanted, strict=True) if not positive]
    alike = [f for e, f, positive in zip(examples, flags, wanted, strict=True) if e.lookalike in AGGRESSIVE and not positive]  # fmt: skip
    each = [
        average_precision(
            (scores.probabilities.get(label, 0.0), e.labels[label]) for e, scores in zip(examples, answers, strict=True)
        )
        if len(scorer.labels) > 1 and label in scorer.labels
        else None
        for label in AGGRESSIVE
    ]
    return (
        roc_auc(pairs),
        average_precision(pairs),
        f1(flags, wanted),
        _share(clean),
        _share(alike),
        *each,
        sum(scores.not_scored is not None for scores in answers),
    )


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else float("nan")
