"""One call from labels to a candidate on disk, with figures before and after on contacts that neither fit has seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from triage_models.artefact import write_artefact
from triage_models.card import Card, LabelFigures
from triage_models.heads import Heads
from triage_models.labels import LABELS
from triage_models.manifest import read_manifest
from triage_models.registry import packaged_folder
from triage_models.scorer import Scorer
from triage_models.trained import TrainedScorer
from triage_training.compare import Comparison, compare
from triage_training.design import build_design
from triage_training.errors import TrainingError
from triage_training.evaluate import Evaluation
from triage_training.examples import Example, fingerprint, read_base, read_decisions
from triage_training.fit import assemble, fit_base, fit_join, unseen_outputs
from triage_training.split import frozen_split, writer_folds
from triage_training.thresholds import AIM

INNER_FOLDS = 4
NAME = "heads"
Report = Callable[[str], None]

HOUSING: Mapping[str, str] = {
    "name": "housing",
    "what": "5,672 contacts written for this project by language models under written instructions, one by one; no customer's words",
    "licence": "as this project (Apache-2.0)",
    "attribution": "Committed under training/housing.",
}
KNOWN_FAILURES: Sequence[str] = (
    "Measured on texts written for this project: the figures say how well the intended distinctions are made, not how well a landlord's real mail is read.",
    "Calm menace without a hard word, irony and sarcasm are missed more often than plain threats and insults.",
    "Quoted and reported speech without quotation marks or a speaking verb may be taken for the customer's own.",
    "Reads English only; other languages are refused and only safety words are looked for.",
    "The least common labels (D3, D4, P3) rest on few texts, and their wording follows few writers.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainReport:
    """What a training run made. `before` and `after` are figures on the frozen split: the model in use (None where there is
    none), and heads fitted without that split. Where the model in use was itself trained on the frozen split, `before` flatters
    it, and `before_saw_the_split` says so."""

    name: str
    version: str
    path: Path
    before: Evaluation | None
    after: Evaluation
    before_saw_the_split: bool
    examples: int
    decisions: int

    def lines(self) -> list[str]:
        """The report for people."""
        lines = [
            f"candidate {self.name}/{self.version}: {self.examples} examples, {self.decisions} of them decided by reviewers",
            str(self.path),
        ]
        if self.before is None:
            return [*lines, *(f"{name:42} {value:.3f}" for name, value in self.after.overall().items())]
        if self.before_saw_the_split:
            lines.append("The model in use was trained on the frozen split as well: its figures flatter it.")
        return [*lines, *Comparison(before=self.before, after=self.after).lines()]


def fit_heads(examples: Sequence[Example], *, folds: int = INNER_FOLDS, report: Report = lambda _: None) -> Heads:
    """A model from these examples alone."""
    if len({example.origin for example in examples}) < 2:
        raise TrainingError(
            "training needs examples of at least two writers: thresholds are chosen on writers left out"
        )
    design = build_design(examples)
    everything = np.arange(len(examples))
    fold_of = writer_folds(examples, folds)
    report("contacts read")
    outputs = unseen_outputs(design, everything, fold_of)
    report("scores of unseen writers")
    join = fit_join(outputs, design.contact_marks, fold_of)
    return assemble(design, fit_base(design, everything), join)


def card_of(name: str, version: str, evaluation: Evaluation, heads: Heads, how: str, decisions: int) -> Card:
    """The card with these figures."""
    figures = {
        label: LabelFigures(
            positives=row.positives,
            precision=row.precision,
            recall=row.recall,
            f1=row.f1,
            average_precision=row.average_precision,
            precision_interval=row.precision_interval,
            recall_interval=row.recall_interval,
            calibration_error=row.calibration_error,
            threshold=float(heads.thresholds[column]),
        )
        for column, (label, row) in enumerate((label, evaluation.labels[label]) for label in LABELS)
    }
    sources: list[Mapping[str, str]] = [HOUSING]
    if decisions:
        sources.append(
            {
                "name": "reviewers",
                "what": f"{decisions} contacts decided by this landlord's reviewers",
                "licence": "the landlord's own",
                "attribution": "",
            }
        )
    return Card(
        name=name,
        version=version,
        summary="Linear heads over words, letter runs and the language layer's features; one log-odds a label, made of contributions that can be read.",
        how_measured=how,
        data=tuple(sources),
        figures=figures,
        overall=evaluation.overall(),
        known_failures=tuple(KNOWN_FAILURES),
        aim=AIM,
    )


def next_version(root: Path, name: str) -> str:
    """The day's date and a running number."""
    day = datetime.now(UTC).strftime("%Y.%m.%d")
    taken = {path.name for path in (root / name).glob(f"{day}.*")}
    number = 1
    while f"{day}.{number}" in taken:
        number += 1
    return f"{day}.{number}"


def train_candidate(
    decisions: Path | None, base: Path, models_root: Path, champion: Scorer | None, *, report: Report = lambda _: None
) -> TrainReport:
    """Fit on the base set and the reviewers' decisions, compare on the frozen split, and write the candidate.

    The figures come from heads that were fitted without the frozen split; the candidate itself is then fitted the same way:
    it never sees that split, so that later candidates can be compared with it honestly.
    """
    examples = read_base(base)
    decided = read_decisions(decisions) if decisions is not None else []
    training, frozen = frozen_split([*examples, *decided])
    if not frozen:
        raise TrainingError(f"{base.name} holds too few examples for a frozen split: give the whole base set")
    heads = fit_heads(training, report=report)
    version = next_version(models_root, NAME)
    scorer = TrainedScorer(heads, name=NAME, version=version)
    report("heads fitted")
    both = compare(champion if champion is not None else scorer, scorer, frozen)
    how = (
        f"On the frozen test split ({len(frozen)} contacts that no candidate is trained on, pairs kept together). Intervals are Wilson's, 95 %."
        " Texts of the same writers are in training, so other writers will be read less well: see the champion's card for writers left out."
    )
    card = card_of(NAME, version, both.after, heads, how, len(decided))
    training_facts = {
        "fingerprint": fingerprint(training),
        "examples": len(training),
        "decisions": len(decided),
        "saw_frozen_split": False,
    }
    path = write_artefact(models_root, heads, card, training_facts)
    return TrainReport(
        name=NAME,
        version=version,
        path=path,
        before=both.before if champion is not None else None,
        after=both.after,
        before_saw_the_split=saw_frozen_split(champion, models_root),
        examples=len(training),
        decisions=len(decided),
    )


def saw_frozen_split(scorer: Scorer | None, models_root: Path) -> bool:
    """Whether a scorer's manifest says that it was trained on the frozen split too; unknown scorers are taken to have been."""
    if scorer is None:
        return False
    for folder in (models_root / scorer.name / scorer.version, packaged_folder()):
        if (folder.parent.name, folder.name) == (scorer.name, scorer.version) and folder.is_dir():
            return bool(read_manifest(folder).training.get("saw_frozen_split", True))
    return True
