"""The packaged champion: fitted on every text that may be used, its figures from models that had not seen the writer."""

from collections.abc import Callable, Sequence
from pathlib import Path

from triage_models.artefact import write_artefact
from triage_training.candidate import NAME
from triage_training.cards import card_of
from triage_training.encoder.work import Encoders
from triage_training.evaluate import evaluate
from triage_training.examples import Example, fingerprint
from triage_training.failures import known_failures
from triage_training.out_of_fold import leave_writers_out, write_predictions


def make_champion(
    examples: Sequence[Example],
    root: Path,
    version: str,
    *,
    folds: int,
    encoders: Encoders | None = None,
    unseen_file: Path,
    predictions: Path | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Path:
    """Measure on writers left out, fit on everything, write the artefact with its card, and to ``unseen_file`` what encoders
    that had not seen a text's writer say of it."""
    unseen = leave_writers_out(examples, folds, encoders, report)
    held = [examples[place] for place in unseen.places]
    answers = unseen.answers(examples)
    report("contacts of unseen writers scored")
    if predictions is not None:
        write_predictions(predictions, held, answers)
    heads = unseen.full_model()
    how = (
        f"On {len(held):,} contacts by {len({e.origin for e in held})} of {len({e.origin for e in examples})} writers, each read by a model whose heads, encoder,"
        " join and thresholds had seen no text of its writer, pairs together. The packaged model is then fitted on all writers. Intervals are Wilson's, 95 %."
        + (encoders.remark if encoders is not None else "")
    )
    card = card_of(
        NAME,
        version,
        heads,
        evaluation=evaluate(held, answers),
        how=how,
        failures=known_failures(held, answers),
        base=len(examples),
        decisions=0,
    )
    facts = {"fingerprint": fingerprint(examples), "examples": len(examples), "decisions": 0, "saw_frozen_split": True}
    path = write_artefact(root, heads, card, facts, encoders.everything() if encoders is not None else None)
    if encoders is not None:
        encoders.unseen().write(unseen_file)
    return path
