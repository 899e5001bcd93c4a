"""Predictions from models that had not seen the contact's writer: heads, encoder, join and thresholds from others alone."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from triage_models.heads import Floats, Heads
from triage_models.labels import LABELS
from triage_models.scorer import Scores, Span
from triage_models.trained import TrainedScorer
from triage_training.design import Design, Indices, build_design
from triage_training.encoder.work import Encoders
from triage_training.errors import BadExample
from triage_training.examples import LABELLED_ONCE, Example, lines_of, times_counted
from triage_training.fit import assemble, fit_base, fit_join
from triage_training.split import writer_folds

Report = Callable[[str], None]
JOIN_GROUPS: Final = 5
"""Groups of writers among those left out: each group's join and thresholds come from the other groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenModel:
    """A model and the contacts (`here`) of whose writers neither its heads, nor its encoder, nor its join has seen a word."""

    here: Indices
    scorer: TrainedScorer


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """What is known of contacts whose writers were left out: `places` (m) among the examples, whether
    their labels are `sure` (m) and how many `times` each counts (m), the unseen log-odds `outputs`
    before the join (m x 2L, or 4L with an encoder), the writers' `groups` (m), and the models."""

    design: Design
    places: Indices
    sure: NDArray[np.bool_]
    times: Indices
    outputs: Floats
    groups: tuple[int, ...]
    models: tuple[UnseenModel, ...]

    def full_model(self) -> Heads:
        """A model of all the examples; its join and thresholds come from these unseen log-odds."""
        marks, times = self.design.contact_marks[self.places], self.times.tolist()
        join = fit_join(self.outputs, marks, self.groups, self.sure, times)
        return assemble(self.design, fit_base(self.design, np.arange(len(self.design.contact_marks))), join)

    def answers(self, examples: Sequence[Example]) -> list[Scores]:
        """One answer for each of `places`, from the real scorer of the model that had not seen its writer."""
        found: dict[int, Scores] = {}
        for model in self.models:
            scored = model.scorer.score([examples[index].contact for index in model.here])
            found.update(zip(model.here.tolist(), scored, strict=True))
        return [found[place] for place in self.places.tolist()]


def leave_writers_out(
    examples: Sequence[Example], folds: int, encoders: Encoders | None = None, report: Report = lambda _: None
) -> Unseen:
    """Leave groups of writers out in turn: all of them, or with encoders those that an encoder was made without."""
    fold_of = np.asarray(writer_folds(examples, folds if encoders is None else encoders.folds))
    design = build_design(examples)
    report("contacts read")
    left_out = sorted(set(fold_of.tolist())) if encoders is None else list(encoders.without)
    places = np.flatnonzero(np.isin(fold_of, left_out))
    outputs = np.zeros((len(examples), 2 * len(LABELS)), dtype=np.float32)
    fitting = (delayed(fit_base)(design, np.flatnonzero(fold_of != fold)) for fold in left_out)
    bases = dict(zip(left_out, Parallel(n_jobs=-1)(fitting), strict=True))
    for fold, base in bases.items():
        here = np.flatnonzero(fold_of == fold)
        outputs[here] = base.outputs(design, here)
    report("heads without each group")
    held = [examples[place] for place in places.tolist()]
    beside = encoders.unseen().of(held) if encoders is not None else np.zeros((len(held), 0), dtype=np.float32)
    inputs = np.hstack([outputs[places], beside])
    groups = np.asarray(writer_folds(held, JOIN_GROUPS))
    marks = design.contact_marks[places]
    sure = np.array([example.origin not in LABELLED_ONCE for example in held])
    times = np.array(times_counted(held))
    blind = {fold: encoders.made_without(fold) for fold in left_out} if encoders is not None else {}
    models = []
    for group in sorted(set(groups.tolist())):
        rest = groups != group
        join = fit_join(inputs[rest], marks[rest], groups[rest].tolist(), sure[rest], times[rest].tolist())
        for fold in left_out:
            here = places[(groups == group) & (fold_of[places] == fold)]
            if len(here):
                heads = assemble(design, bases[fold], join)
                scorer = TrainedScorer(heads, name="unseen", version=f"{fold}.{group}", encoder=blind.get(fold))
                models.append(UnseenModel(here=here, scorer=scorer))
    return Unseen(
        design=design,
        places=places,
        sure=sure,
        times=times,
        outputs=inputs,
        groups=tuple(groups.tolist()),
        models=tuple(models),
    )


def prediction_row(key: str, scores: Scores) -> Mapping[str, Any]:
    """One line of the tools' prediction format."""
    row: dict[str, Any] = {
        "id": key,
        "scores": {label: round(p, 5) for label, p in scores.probabilities.items()},
        "flagged": list(scores.flagged),
        "evidence": {label: [span.text for span in scores.spans.get(label, ())] for label in scores.flagged},
    }
    if scores.abstained:
        row["abstained"] = list(scores.abstained)
    if scores.not_scored is not None:
        row["not_scored"] = scores.not_scored
    return row


def write_predictions(path: Path, examples: Sequence[Example], answers: Sequence[Scores]) -> None:
    """JSON lines for evaluate_messages.py."""
    lines = [
        json.dumps(prediction_row(example.id, scores), ensure_ascii=False)
        for example, scores in zip(examples, answers, strict=True)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_predictions(path: Path, examples: Sequence[Example]) -> list[Scores]:
    """What `write_predictions` wrote of these examples, in their order; BadExample where one is missing. Where words stand is not kept in
    it: a span is of the words alone, in no part."""
    rows = {str(row["id"]): row for _, row in lines_of(path)}
    missing = [example.id for example in examples if example.id not in rows]
    if missing:
        raise BadExample(
            f"{path.name} says nothing of {len(missing):,} of {len(examples):,} contacts, {missing[0]} among them"
        )
    return [_scores(rows[example.id]) for example in examples]


def _scores(row: Mapping[str, Any]) -> Scores:
    spans = {
        label: tuple(Span(part="text", start=0, end=len(words), text=words) for words in found)
        for label, found in row["evidence"].items()
    }
    return Scores(
        model="predictions",
        probabilities=row["scores"],
        flagged=tuple(row["flagged"]),
        spans=spans,
        not_scored=row.get("not_scored"),
        abstained=tuple(row.get("abstained", ())),
    )
