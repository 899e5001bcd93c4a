"""One call from labels to a candidate on disk, with figures before and after on contacts that neither fit has seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from triage_models.artefact import write_artefact
from triage_models.encoder import Encoder
from triage_models.heads import Floats, Heads
from triage_models.manifest import read_manifest
from triage_models.registry import packaged_folder
from triage_models.scorer import Scorer
from triage_models.trained import TrainedScorer
from triage_training.cards import as_they_come, card_of
from triage_training.compare import Comparison
from triage_training.design import build_design
from triage_training.encoder.taught import learned_histories, taught_of
from triage_training.encoder.work import UNSEEN_FILE, UnseenOutputs
from triage_training.errors import TrainingError
from triage_training.evaluate import Evaluation, evaluate
from triage_training.examples import LABELLED_ONCE, Example, fingerprint, read_base, read_decisions, times_counted
from triage_training.fit import assemble, fit_base, fit_join, unseen_outputs
from triage_training.split import frozen_split, writer_folds
from triage_training.voices import read_voices

INNER_FOLDS = 4
NAME = "heads"
Report = Callable[[str], None]


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


def fit_heads(
    examples: Sequence[Example],
    *,
    encoded: Floats | None = None,
    folds: int = INNER_FOLDS,
    report: Report = lambda _: None,
) -> Heads:
    """A model from these examples alone; `encoded` (n x 2L) what an encoder that had not
    seen them says of them, NaN where that is not known: the join then rests on the others."""
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
    beside = np.zeros((len(examples), 0), dtype=np.float32) if encoded is None else encoded
    known = np.isfinite(beside).all(axis=1)
    inputs = np.hstack([outputs, beside])[known]
    sure = np.array([example.origin not in LABELLED_ONCE for example in examples])
    times = np.array(times_counted(examples))[known].tolist()
    join = fit_join(inputs, design.contact_marks[known], np.asarray(fold_of)[known].tolist(), sure[known], times)
    return assemble(design, fit_base(design, everything), join)


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
    encoder, encoded = _encoded(training, base, champion)
    kept_of = _folder_of(champion, models_root) if champion is not None and encoder is not None else None
    taught = taught_of(kept_of) if kept_of is not None else {}
    heads = fit_heads(training, encoded=encoded, report=report)
    version = next_version(models_root, NAME)
    scorer = TrainedScorer(heads, name=NAME, version=version, encoder=encoder)
    report("heads fitted")
    contacts = [example.contact for example in frozen]
    answers = scorer.score(contacts)
    before = evaluate(frozen, champion.score(contacts)) if champion is not None else None
    after = evaluate(frozen, answers)
    how = (
        f"On the frozen test split ({len(frozen)} contacts that no candidate is trained on, pairs kept together). Intervals are Wilson's, 95 %."
        " Texts of the same writers are in training, so other writers will be read less well: see the champion's card for writers left out."
    )
    card = card_of(
        NAME,
        version,
        heads,
        held=frozen,
        answers=answers,
        how=how,
        base=len(examples),
        decisions=len(decided),
        histories=learned_histories(taught),
        voices=read_voices(base),
    )
    card = as_they_come(card, scorer, base, len(frozen))
    facts: dict[str, object] = {
        "fingerprint": fingerprint(training),
        "examples": len(training),
        "decisions": len(decided),
        "saw_frozen_split": False,
    }
    path = write_artefact(models_root, heads, card, facts | ({"encoder": dict(taught)} if taught else {}), encoder)
    return TrainReport(
        name=NAME,
        version=version,
        path=path,
        before=before,
        after=after,
        before_saw_the_split=saw_frozen_split(champion, models_root),
        examples=len(training),
        decisions=len(decided),
    )


def _encoded(training: Sequence[Example], base: Path, champion: Scorer | None) -> tuple[Encoder | None, Floats | None]:
    """The encoder in use, which a candidate keeps, and what it says of each training text, as if it had not seen it: for the
    base set that is kept beside it, and reviewers' decisions were never shown to an encoder."""
    encoder = champion.encoder if isinstance(champion, TrainedScorer) else None
    kept = base.with_name(UNSEEN_FILE)
    if encoder is None or not kept.exists():
        return None, None
    return encoder, UnseenOutputs.read(kept).of(training, encoder)


def saw_frozen_split(scorer: Scorer | None, models_root: Path) -> bool:
    """Whether a scorer's manifest says that it was trained on the frozen split too; unknown scorers are taken to have been."""
    if scorer is None:
        return False
    folder = _folder_of(scorer, models_root)
    return folder is None or bool(read_manifest(folder).training.get("saw_frozen_split", True))


def _folder_of(scorer: Scorer, models_root: Path) -> Path | None:
    for folder in (models_root / scorer.name / scorer.version, packaged_folder()):
        if (folder.parent.name, folder.name) == (scorer.name, scorer.version) and folder.is_dir():
            return folder
    return None
