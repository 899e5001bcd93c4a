"""The packaged champion: fitted on every text that may be used, its figures from models that had not seen the writer."""

from collections.abc import Callable
from pathlib import Path

from triage_models.artefact import write_artefact
from triage_training.candidate import NAME
from triage_training.cards import card_of
from triage_training.evaluate import evaluate
from triage_training.examples import fingerprint, read_base
from triage_training.failures import known_failures
from triage_training.out_of_fold import predict_out_of_fold, write_predictions


def make_champion(
    base: Path,
    root: Path,
    version: str,
    *,
    folds: int,
    predictions: Path | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Path:
    """Measure out of fold, fit on everything, write the artefact with its card."""
    examples = read_base(base)
    unseen = predict_out_of_fold(examples, folds, report)
    if predictions is not None:
        write_predictions(predictions, examples, unseen.answers)
    heads = unseen.full_model()
    writers = len({example.origin for example in examples})
    how = (
        f"Out of fold: {writers} writers in {min(folds, writers)} groups, each group scored by a model that had seen none of its writers, pairs together, thresholds"
        " chosen inside the training writers. The packaged model is then fitted on all of them. Intervals are Wilson's, 95 %."
    )
    card = card_of(
        NAME,
        version,
        heads,
        evaluation=evaluate(examples, unseen.answers),
        how=how,
        failures=known_failures(examples, unseen.answers),
        base=len(examples),
        decisions=0,
    )
    facts = {"fingerprint": fingerprint(examples), "examples": len(examples), "decisions": 0, "saw_frozen_split": True}
    return write_artefact(root, heads, card, facts)
