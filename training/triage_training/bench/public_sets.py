"""Other people's labels against ours: each set's aggressive class beside the loudest of A1, A2 and A4, reader by reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage_models.scorer import Scorer
from triage_training.bench.measures import f1, roc_auc
from triage_training.bench.other_sets import OtherSet
from triage_training.bench.readers import is_flagged, loudest
from triage_training.bench.tables import Cell, Table
from triage_training.evaluate import average_precision
from triage_training.out_of_fold import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class SetResult:
    """One reader on one set. The areas and F1 are NaN where a set has no positive rows; `false_flags` is the flagged share of the others."""

    roc_auc: float
    average_precision: float
    f1: float
    false_flags: float
    not_scored: int


def measure_set(scorer: Scorer, one: OtherSet) -> SetResult:
    """Score every row of a set."""
    answers = scorer.score([contact for contact, _ in one.rows])
    wanted = [positive for _, positive in one.rows]
    flags = [is_flagged(scores) for scores in answers]
    pairs = [(loudest(scores), positive) for scores, positive in zip(answers, wanted, strict=True)]
    clean = [flag for flag, positive in zip(flags, wanted, strict=True) if not positive]
    return SetResult(
        roc_auc=roc_auc(pairs),
        average_precision=average_precision(pairs),
        f1=f1(flags, wanted),
        false_flags=sum(clean) / len(clean) if clean else float("nan"),
        not_scored=sum(scores.not_scored is not None for scores in answers),
    )


def measure_public_sets(
    readers: Mapping[str, Scorer | str], sets: Sequence[OtherSet], report: Report = lambda _: None
) -> list[Table]:
    """All readers on all sets, row by row, and their areas and F1 side by side. A reader that is a sentence stands for one that is not here."""
    rows: list[tuple[Cell, ...]] = []
    for one in sets:
        positives = sum(positive for _, positive in one.rows)
        for name, scorer in readers.items():
            if not isinstance(scorer, str):
                result = measure_set(scorer, one)
                report(f"{one.name}: {name}")
                rows.append((one.name, one.meaning, len(one.rows), positives, one.seen, name, result.roc_auc, result.average_precision, result.f1, result.false_flags, result.not_scored))  # fmt: skip
    absent = " ".join(f"{name}: {why}." for name, why in readers.items() if isinstance(why, str))
    table = Table(
        title="Other people's sets",
        note="Each set cut to the same rows by hash; rows whose letters training held are left out (`seen`). Score: the highest of A1, A2, A4;"
        " F1 and false flags: any of them flagged at the reader's own threshold. A set's class is not ours: abuse of absent groups, or"
        f" swearing at nobody, is positive in several and rightly unflagged here. {absent}".strip(),
        columns=("set", "positive rows are", "rows", "positive", "seen", "reader", "ROC AUC", "average precision", "F1", "false flags", "not scored"),
        rows=tuple(rows),
    )  # fmt: skip
    return [_side_by_side(table), table]


def _side_by_side(table: Table) -> Table:
    cells = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    readers = list(dict.fromkeys(str(cell["reader"]) for cell in cells))
    sets: dict[str, dict[str, str]] = {}
    for cell in cells:
        shown = " / ".join(_rounded(cell[what]) for what in ("ROC AUC", "F1", "false flags"))
        sets.setdefault(str(cell["set"]), {})[str(cell["reader"])] = shown
    return Table(
        title="Other people's sets side by side: ROC AUC / F1 / false flags",
        note="",
        columns=("set", *readers),
        rows=tuple((name, *(by_reader.get(reader) for reader in readers)) for name, by_reader in sets.items()),
    )


def _rounded(value: Cell) -> str:
    return f"{value:.2f}" if isinstance(value, float) and value == value else "-"
