"""`triage-training bench …`: one command a measurement, each printing Markdown and, with --output, writing JSON."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from triage_models.errors import ModelError
from triage_models.scorer import Scorer
from triage_models.trained import TrainedScorer
from triage_training.bench.tables import Table, write_tables
from triage_training.errors import TrainingError
from triage_training.examples import Example

app = typer.Typer(no_args_is_help=True, help="Measure the reading; nothing is tuned on it.")

PublicSets = Annotated[Path, typer.Option(help="The folder of the public data sets.")]
Base = Annotated[Path, typer.Option(help="The base set: JSON lines as in training/housing.")]
Output = Annotated[Path | None, typer.Option(help="Also write the figures here, as JSON.")]
Encoders = Annotated[
    Path | None, typer.Option(help="The folder that `triage-training encoder` filled, for models that had not seen the writer.")
]  # fmt: skip
Unseen = Annotated[
    bool, typer.Option(help="Fit models without each group of writers first and let each text be read by one that had not seen its writer.")
]  # fmt: skip
Checkpoint = Annotated[
    Path | None, typer.Option(help="Detoxify: the folder that `triage-training detoxify-onnx` made, or a checkpoint file with --config.")
]  # fmt: skip
Config = Annotated[Path | None, typer.Option(help="The folder with the configuration of a checkpoint file's encoder.")]
HOUSING = Path("training/housing/messages.jsonl")
UNSEEN = Path("training/housing/messages_unseen.jsonl")


def _report(step: str) -> None:
    typer.echo(step, err=True)


def _given(measure: Callable[[], Sequence[Table]], output: Path | None) -> None:
    try:
        tables = measure()
    except (TrainingError, ModelError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    for table in tables:
        typer.echo(table.markdown())
    if output is not None:
        write_tables(output, tables)


def _champion() -> TrainedScorer:
    from triage_models.registry import load_champion

    return load_champion(None)


def _housing_reader(base: Path, unseen: bool, folds: int, encoders: Path | None) -> Scorer:
    from triage_training.bench.readers import unseen_reader
    from triage_training.encoder.work import FoldEncoders
    from triage_training.examples import read_base

    if not unseen:
        _report("the model in use may have been trained on these texts: --unseen measures models that were not")
        return _champion()
    return unseen_reader(read_base(base), folds, FoldEncoders.of(encoders) if encoders is not None else None, _report)


def _known(scorer: Scorer, examples: Sequence[Example]) -> list[Example]:
    """The examples that this reader may be measured on."""
    from triage_training.bench.readers import ByWriter

    return [e for e in examples if not isinstance(scorer, ByWriter) or scorer.knows(e.id)]


def _detoxify(checkpoint: Path | None, config: Path | None) -> Scorer | str:
    """The baseline; a sentence where none was given."""
    if checkpoint is None:
        return "no checkpoint here"
    from triage_models.toxicity import DetoxifyScorer

    return DetoxifyScorer(checkpoint, config)


def _readers(data: Path, base: Path, detoxify: Scorer | str) -> dict[str, Scorer | str]:
    """What is measured side by side, by name; a sentence in the place of one that is not here."""
    from triage_training.bench.readers import EncoderAlone, WordsAlone
    from triage_training.examples import read_base
    from triage_training.public import public_examples

    champion = _champion()
    words = WordsAlone([*public_examples(data), *read_base(base)])
    alone = EncoderAlone(champion.encoder) if champion.encoder is not None else "the model in use has none"
    return {"the reader": champion, "TF-IDF + logistic regression": words, "encoder alone": alone, "Detoxify": detoxify}


@app.command("public-sets")
def public_sets(
    data: PublicSets,
    base: Base = HOUSING,
    cap: Annotated[int, typer.Option(help="Rows of a set at most, chosen by hash.")] = 3000,
    checkpoint: Checkpoint = None,
    config: Config = None,
    output: Output = None,
) -> None:
    """Other people's sets: the reader, TF-IDF, the encoder alone, Detoxify where there is one."""

    def measured() -> list[Table]:
        from triage_training.bench.other_sets import other_sets
        from triage_training.bench.public_sets import measure_public_sets

        readers = _readers(data, base, _detoxify(checkpoint, config))
        return measure_public_sets(readers, other_sets(data, cap=cap), _report)

    _given(measured, output)


@app.command()
def housing(
    data: PublicSets,
    base: Base = HOUSING,
    texts: Annotated[Path, typer.Option(help="Housing texts kept out of training.")] = UNSEEN,
    cap: Annotated[int, typer.Option(help="Texts at most, chosen by hash.")] = 3000,
    checkpoint: Checkpoint = None,
    config: Config = None,
    output: Output = None,
) -> None:
    """Housing texts that no model learned: the same readers side by side."""

    def measured() -> list[Table]:
        from triage_training.bench.housing import measure_housing
        from triage_training.bench.measures import by_hash
        from triage_training.examples import read_base

        examples = by_hash(read_base(texts), cap, lambda example: example.id)
        return [measure_housing(_readers(data, base, _detoxify(checkpoint, config)), examples, _report)]

    _given(measured, output)


@app.command()
def streams(
    data: PublicSets,
    cap: Annotated[int, typer.Option(help="Texts of a stream at most, chosen by hash.")] = 12_000,
    checkpoint: Checkpoint = None,
    config: Config = None,
    output: Output = None,
) -> None:
    """Flags of A1, A2, A4 and A5 per 1,000 ordinary contacts; Detoxify's beside where there is one."""

    def measured() -> list[Table]:
        from triage_training.bench.streams import measure_streams, ordinary_streams

        readers = {"the reader": _champion(), "Detoxify": _detoxify(checkpoint, config)}
        found = ordinary_streams(data, cap=cap)
        return [
            measure_streams(scorer, found, _report, name=name)
            for name, scorer in readers.items()
            if not isinstance(scorer, str)
        ]

    _given(measured, output)


@app.command()
def evasion(
    base: Base = HOUSING,
    unseen: Unseen = False,
    folds: int = 4,
    encoders: Encoders = None,
    output: Output = None,
) -> None:
    """Flags kept under eight disguises, over the frozen split."""

    def measured() -> list[Table]:
        from triage_training.bench.evasion import measure_evasion
        from triage_training.examples import read_base
        from triage_training.split import frozen_split

        scorer = _housing_reader(base, unseen, folds, encoders)
        return [measure_evasion(scorer, _known(scorer, frozen_split(read_base(base))[1]), _report)]

    _given(measured, output)


@app.command()
def fairness(
    base: Base = HOUSING,
    texts: Annotated[int, typer.Option(help="Texts of the frozen split that are swapped.")] = 300,
    unseen: Unseen = False,
    folds: int = 4,
    encoders: Encoders = None,
    output: Output = None,
) -> None:
    """Swapped names, identities and Englishes over the frozen split, and false alarms by voice over all texts."""

    def measured() -> list[Table]:
        from triage_training.bench.fairness import measure_swaps, measure_voices
        from triage_training.examples import read_base
        from triage_training.split import frozen_split
        from triage_training.voices import read_voices

        scorer = _housing_reader(base, unseen, folds, encoders)
        examples = _known(scorer, read_base(base))
        swaps = measure_swaps(scorer, frozen_split(examples)[1], texts=texts, report=_report)
        answers = scorer.score([example.contact for example in examples])
        return [swaps, measure_voices(examples, answers, read_voices(base))]

    _given(measured, output)


@app.command()
def speed(
    data: PublicSets,
    base: Base = HOUSING,
    detoxify_python: Annotated[Path | None, typer.Option(help="An interpreter that has torch, transformers and tokenizers.")] = None,
    tokeniser: Annotated[Path | None, typer.Option(help="A tokenizer.json of BERT's vocabulary; the encoder's where left out.")] = None,
    texts: Annotated[int, typer.Option(help="Contacts of each set.")] = 400,
    rounds: int = 3,
    output: Output = None,
) -> None:  # fmt: skip
    """Contacts/s against Detoxify's architecture on the same texts, p95, load, memory, cost of length."""

    def measured() -> list[Table]:
        from triage_training.bench.speed import measure_speed
        from triage_training.examples import read_base

        encoder = _champion().encoder
        given = tokeniser.read_bytes() if tokeniser is not None else encoder.tokeniser if encoder is not None else None
        return measure_speed(
            data,
            read_base(base),
            detoxify_python=detoxify_python,
            tokeniser=given,
            texts=texts,
            rounds=rounds,
            report=_report,
        )

    _given(measured, output)


@app.command()
def curve(
    base: Base = HOUSING,
    folds: int = 4,
    cap: Annotated[int | None, typer.Option(help="Texts at most, chosen by hash with pairs together; all where left out.")] = None,
    keep_encoder: Annotated[bool, typer.Option("--keep-encoder", help="Also with what encoders that had not seen a text's writer say of it.")] = False,
    output: Output = None,
) -> None:  # fmt: skip
    """Macro F1 over the share of texts that the heads learn from, writers left out."""

    def measured() -> list[Table]:
        from triage_training.bench.curve import capped, measure_curve
        from triage_training.encoder.work import UNSEEN_FILE, UnseenOutputs
        from triage_training.examples import read_base

        examples = capped(read_base(base), cap)
        beside = UnseenOutputs.read(base.with_name(UNSEEN_FILE)).of(examples) if keep_encoder else None
        return [measure_curve(examples, folds=folds, beside=beside, report=_report)]

    _given(measured, output)
