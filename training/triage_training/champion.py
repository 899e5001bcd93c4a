"""The packaged champion: fitted on every text that may be used, its figures from models that had not seen the writer."""

from collections.abc import Callable, Sequence
from pathlib import Path

from triage_models.artefact import heads_in, renew_papers, write_artefact
from triage_models.card import card_in
from triage_models.encoder import Encoder
from triage_models.manifest import read_manifest
from triage_models.trained import TrainedScorer
from triage_training.candidate import NAME
from triage_training.cards import as_they_come, card_of, renewed, with_kept_heads
from triage_training.encoder.taught import Taught, learned_histories, taught_of
from triage_training.encoder.work import UNSEEN_FILE, Encoders
from triage_training.errors import TrainingError
from triage_training.examples import Example, fingerprint, read_base
from triage_training.out_of_fold import leave_writers_out, read_predictions, write_predictions
from triage_training.voices import read_voices


def make_champion(
    examples: Sequence[Example],
    base: Path,
    root: Path,
    version: str,
    *,
    folds: int,
    encoders: Encoders | None = None,
    predictions: Path | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Path:
    """Measure on writers left out, fit on everything, write the artefact with its card, and beside ``base``, the file that
    the examples came from, what encoders that had not seen a text's writer say of it."""
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
    taught = encoders.taught if encoders is not None else {}
    card = card_of(
        NAME,
        version,
        heads,
        held=held,
        answers=answers,
        how=how,
        base=len(examples),
        decisions=0,
        histories=learned_histories(taught),
        voices=read_voices(base),
    )
    encoder = encoders.everything() if encoders is not None else None
    card = as_they_come(card, TrainedScorer(heads, name=NAME, version=version, encoder=encoder), base, len(held))
    facts: dict[str, object] = {
        "fingerprint": fingerprint(examples),
        "examples": len(examples),
        "decisions": 0,
        "saw_frozen_split": True,
    }
    path = write_artefact(root, heads, card, facts | ({"encoder": dict(taught)} if taught else {}), encoder)
    if encoders is not None:
        encoders.unseen().write(base.with_name(UNSEEN_FILE))
    return path


def put_encoder_beside(folder: Path, base: Path, root: Path, version: str, encoder: Encoder, taught: Taught) -> Path:
    """Another encoder beside the heads, the join and the thresholds of the model in ``folder``, none of which is fitted anew. Its card keeps
    that model's figures and says so; what it flags among contacts as they come in is measured."""
    old, heads = read_manifest(folder), heads_in(folder)
    if not heads.with_encoder:
        raise TrainingError(
            f"the heads of {old.name}/{old.version} were fitted without an encoder: they cannot use one"
        )
    heads_of = str(old.training.get("heads_of", old.version))
    examples = int(old.training["examples"])
    card = with_kept_heads(card_in(folder), version, heads_of, base=examples, histories=learned_histories(taught))
    card = as_they_come(card, TrainedScorer(heads, name=old.name, version=version, encoder=encoder), base, examples)
    facts = {**old.training, "heads_of": heads_of, "encoder": dict(taught)}
    return write_artefact(root, heads, card, facts, encoder)


def renew_card(folder: Path, base: Path, scorer: TrainedScorer, predictions: Path | None = None) -> None:
    """Write a model's card and self-tests anew. Its figures, groups and failures are counted where the ``predictions`` are given that
    `champion --predictions` or `out-of-fold` wrote for all of the base set, and kept where not; nothing is fitted."""
    card, heads = card_in(folder), heads_in(folder)
    examples, histories = read_base(base), learned_histories(taught_of(folder))
    if predictions is not None:
        answers = read_predictions(predictions, examples)
        card = renewed(card, heads, held=examples, answers=answers, histories=histories, voices=read_voices(base))
    renew_papers(folder, as_they_come(card, scorer, base, len(examples)))
