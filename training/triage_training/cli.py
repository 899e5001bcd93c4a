"""The training commands: thin over the functions that do the work."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from triage_models.errors import ModelError
from triage_models.registry import Registry, load_champion, packaged_folder
from triage_training.bench.commands import app as bench
from triage_training.errors import TrainingError

if TYPE_CHECKING:
    from triage_models.encoder import Encoder
    from triage_training.encoder.taught import Taught as TaughtFacts
    from triage_training.encoder.work import Encoders
    from triage_training.examples import Example

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Labels in, a candidate model and its card out. Never changes which model is in use.",
)

app.add_typer(bench, name="bench")

Base = Annotated[Path, typer.Option(help="The base set: JSON lines as in training/housing.")]
Models = Annotated[Path, typer.Option(help="The models folder that candidates are written to.")]
HOUSING = Path("training/housing/messages.jsonl")


def _fail(error: Exception) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(2)


@app.command()
def fit(
    base: Base = HOUSING,
    decisions: Annotated[Path | None, typer.Option(help="Reviewers' decisions, as the service exports them.")] = None,
    models: Models = Path("models"),
) -> None:
    """Train a candidate and print its figures before and after on the frozen split."""
    from triage_training.candidate import train_candidate

    try:
        champion = load_champion(models)
    except ModelError as error:
        typer.echo(f"No model to compare with: {error}", err=True)
        champion = None
    try:
        made = train_candidate(decisions, base, models, champion, report=lambda step: typer.echo(step, err=True))
    except (TrainingError, ModelError) as error:
        raise _fail(error) from error
    for line in made.lines():
        typer.echo(line)


def _recipe() -> ModuleType:
    """What teaches encoders; it needs torch, which only the extra brings."""
    try:
        from triage_training.encoder import recipe
    except ModuleNotFoundError as error:
        raise _fail(TrainingError(f"fine-tuning needs {error.name}: install the extra `encoder` first")) from error
    return recipe


@app.command()
def encoder(
    data: Annotated[Path, typer.Option(help="The folder of the public data sets.")],
    work: Annotated[Path, typer.Option(help="Where to keep the encoders; a run that was stopped goes on from here.")],
    base: Base = HOUSING,
) -> None:
    """Fine-tune the encoders: one of all writers and one without each group of them, side by side. Eight minutes on a GPU, three days on two cores; needs the extra `encoder`."""
    recipe = _recipe()
    from triage_training.examples import read_base

    try:
        recipe.make_encoders(read_base(base), data, work, report=lambda step: typer.echo(step, err=True))
    except (TrainingError, OSError) as error:
        raise _fail(error) from error


@app.command()
def further(
    output: Annotated[
        Path, typer.Option(help="Where to write the encoder, an ONNX file; what it was taught is written beside it.")
    ],
    start: Annotated[
        Path | None, typer.Option(help="The encoder's ONNX file that is taught on; the packaged one where left out.")
    ] = None,
    later: Annotated[
        list[str] | None, typer.Option(help="A writer of whom the packaged encoder was taught nothing.")
    ] = None,
    histories: Annotated[
        list[Path] | None, typer.Option(help="Timelines whose contacts are learned beside: mail as it comes in.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="The folder of the public sets: 3,600 rows of ordinary language stay beside.")
    ] = None,
    teacher: Annotated[
        list[Path] | None, typer.Option(help="An encoder's ONNX file; what their mean says is learned besides.")
    ] = None,
    passes: Annotated[int | None, typer.Option(min=1, help="How often all of it is read, if not as usual.")] = None,
    rate: Annotated[float | None, typer.Option(help="How fast it learns at most, if not as usual.")] = None,
    base: Base = HOUSING,
) -> None:
    """Teach an encoder on: some 25 minutes a pass on one core; needs the extra `encoder`."""
    recipe = _recipe()
    from triage_training.encoder import taught
    from triage_training.examples import fingerprint, read_base
    from triage_training.histories import read_histories
    from triage_training.public import ordinary

    try:
        examples, usual = read_base(base), recipe.FURTHER
        first, known = _packaged()
        if start is not None:
            first, known = _encoder_of(start, first.tokeniser, examples[0]), taught.told_beside(start) or {}
        teachers = [_encoder_of(path, first.tokeniser, examples[0]) for path in teacher or ()]
        course = replace(usual, epochs=passes or usual.epochs, rate=rate or usual.rate)
        made = recipe.teach_further(
            first,
            examples,
            frozenset(later or ()),
            histories=read_histories(histories or ()),
            beside=ordinary(data) if data is not None else (),
            teachers=teachers,
            course=course,
            report=lambda step: typer.echo(step, err=True),
        )
        output.write_bytes(made)
        lessons = taught.further(
            known,
            histories=histories or (),
            start_sha256=taught.sha256(first.onnx_file),
            texts=fingerprint(examples),
            later=sorted(later or ()),
            ordinary=data is not None,
            teachers=[taught.sha256(one.onnx_file) for one in teachers],
            course=asdict(course),
        )
        taught.write_taught(output, lessons)
    except (TrainingError, ModelError, OSError) as error:
        raise _fail(error) from error


def _packaged() -> "tuple[Encoder, TaughtFacts]":
    """The encoder that travels with the package and what it was taught; TrainingError where the model has none."""
    from triage_training.encoder.taught import taught_of

    encoder = load_champion(None).encoder
    if encoder is None:
        raise TrainingError("the packaged model has no encoder to keep: give --encoders")
    return encoder, taught_of(packaged_folder())


Taught = Annotated[
    Path | None, typer.Option(help="The folder that `triage-training encoder` filled; without it no encoder is used.")
]
Keep = Annotated[
    bool, typer.Option("--keep-encoder", help="Keep the packaged encoder, and fit its heads and the join anew.")
]
One = Annotated[
    Path | None,
    typer.Option("--encoder", help="With an encoder that `triage-training encoder` or `further` wrote, in its place."),
]


def _encoder_of(file: Path, tokeniser: bytes, example: "Example") -> "Encoder":
    """The encoder of a file, tried on one contact: else a run would stop at a wrong file after some minutes."""
    from triage_models.encoder import Encoder

    try:
        encoder = Encoder(file.read_bytes(), tokeniser)
        encoder.read([example.contact])
    except Exception as error:  # onnxruntime's have no root of their own
        raise TrainingError(
            f"{file} is no encoder that `triage-training encoder` or `further` wrote ({type(error).__name__}): nothing was fitted"
        ) from error
    return encoder


def _encoders(
    folder: Path | None, keep: bool, base: Path, examples: "Sequence[Example]", one: Path | None = None
) -> "Encoders | None":
    from triage_training.encoder.taught import taught_beside
    from triage_training.encoder.work import UNSEEN_FILE, FoldEncoders, KeptEncoder

    if [keep, folder is not None, one is not None].count(True) > 1:
        raise TrainingError(
            "--encoders brings new encoders, --encoder brings one and --keep-encoder keeps the packaged one: give only one of them"
        )
    if keep or one is not None:
        encoder, taught = _packaged()
        if one is not None:
            encoder, taught = _encoder_of(one, encoder.tokeniser, examples[0]), taught_beside(one)
        return KeptEncoder.of(encoder, base.with_name(UNSEEN_FILE), examples, taught)
    return FoldEncoders.of(folder) if folder is not None else None


@app.command()
def champion(
    root: Annotated[Path, typer.Option(help="Where to write it: models/triage_models/champion in a checkout.")],
    version: Annotated[str, typer.Option(help="Its version, such as 1.0.0; candidates carry dates.")],
    base: Base = HOUSING,
    folds: Annotated[
        int, typer.Option(help="Folds of writers for the card's figures; as many as writers leaves out one at a time.")
    ] = 7,
    predictions: Annotated[
        Path | None, typer.Option(help="Also write the out-of-fold predictions here, for tools/evaluate_messages.py.")
    ] = None,
    encoders: Taught = None,
    keep_encoder: Keep = False,
    encoder: One = None,
    keep_heads: Annotated[
        bool, typer.Option("--keep-heads", help="With --encoder: put it beside the packaged heads, and fit nothing.")
    ] = False,
) -> None:
    """Refit the packaged champion on the whole base set; its card's figures are out of fold."""
    from triage_training.champion import make_champion, put_encoder_beside
    from triage_training.encoder.taught import taught_beside
    from triage_training.examples import read_base

    try:
        examples = read_base(base)
        if keep_heads:
            if encoder is None or keep_encoder or encoders is not None or predictions is not None:
                raise TrainingError("--keep-heads fits and measures nothing: give it --encoder, and no other encoder or --predictions")  # fmt: skip
            made = _encoder_of(encoder, _packaged()[0].tokeniser, examples[0])
            path = put_encoder_beside(packaged_folder(), base, root, version, made, taught_beside(encoder))
        else:
            path = make_champion(
                examples,
                base,
                root,
                version,
                folds=folds,
                encoders=_encoders(encoders, keep_encoder, base, examples, encoder),
                predictions=predictions,
                report=lambda step: typer.echo(step, err=True),
            )
    except (TrainingError, ModelError, OSError) as error:
        raise _fail(error) from error
    typer.echo(str(path))


@app.command()
def papers(
    base: Base = HOUSING,
    predictions: Annotated[
        Path | None, typer.Option(help="Out-of-fold predictions of all of the base set: the card's figures are counted anew.")
    ] = None,
) -> None:  # fmt: skip
    """Write the packaged champion's self-tests and card anew. Nothing is fitted, and nothing that reads changes."""
    from triage_training.champion import renew_card

    try:
        renew_card(packaged_folder(), base, load_champion(None), predictions)
    except (TrainingError, ModelError, OSError) as error:
        raise _fail(error) from error
    typer.echo(str(packaged_folder()))


@app.command("out-of-fold")
def out_of_fold(
    output: Annotated[Path, typer.Option(help="Where to write the predictions, for tools/evaluate_messages.py.")],
    base: Base = HOUSING,
    folds: Annotated[
        int, typer.Option(help="Groups of writers left out in turn; as many as writers leaves out one at a time.")
    ] = 7,
    encoders: Taught = None,
    keep_encoder: Keep = False,
) -> None:
    """Predict contacts with a model that saw none of their writer: all of them, or with --encoders those of the groups left out there."""
    from triage_training.examples import read_base
    from triage_training.out_of_fold import leave_writers_out, write_predictions

    try:
        examples = read_base(base)
        made = _encoders(encoders, keep_encoder, base, examples)
        unseen = leave_writers_out(examples, folds, made, lambda step: typer.echo(step, err=True))
    except (TrainingError, ModelError) as error:
        raise _fail(error) from error
    write_predictions(output, [examples[place] for place in unseen.places], unseen.answers(examples))


@app.command("detoxify-onnx")
def detoxify_onnx(
    checkpoint: Annotated[Path, typer.Option(help="Detoxify's checkpoint file; it is read as plain weights.")],
    config_dir: Annotated[Path, typer.Option(help="The folder with config.json and the vocabulary of its encoder.")],
    output: Annotated[Path, typer.Option(help="The folder to write; the service opens it without torch.")],
) -> None:
    """Convert a Detoxify checkpoint to ONNX, once. Needs the extra `detoxify`, and onnx."""
    try:
        from triage_training.detoxify_onnx import convert
    except ModuleNotFoundError as error:
        raise _fail(TrainingError(f"the conversion needs {error.name}: install the extra `detoxify` first")) from error
    try:
        typer.echo(str(convert(checkpoint, config_dir, output)))
    except (TrainingError, ModelError, OSError) as error:
        raise _fail(error) from error


@app.command()
def evaluate(
    base: Base = HOUSING,
    models: Models = Path("models"),
    frozen: Annotated[bool, typer.Option(help="Only the frozen test split.")] = True,
) -> None:
    """Figures of the model in use on labelled contacts. The packaged champion was trained on the housing texts: see its card for honest ones."""
    from triage_training.evaluate import evaluate as measured
    from triage_training.examples import read_base
    from triage_training.split import frozen_split

    try:
        examples = read_base(base)
        scorer = load_champion(models)
    except (TrainingError, ModelError) as error:
        raise _fail(error) from error
    chosen = frozen_split(examples)[1] if frozen else examples
    result = measured(chosen, scorer.score([example.contact for example in chosen]))
    typer.echo(json.dumps(result.overall(), indent=1))


@app.command()
def compare(name: str, version: str, base: Base = HOUSING, models: Models = Path("models")) -> None:
    """The model in use and a candidate, on the frozen split."""
    from triage_models.artefact import load_artefact
    from triage_training.compare import compare as compared
    from triage_training.examples import read_base
    from triage_training.split import frozen_split

    try:
        frozen = frozen_split(read_base(base))[1]
        both = compared(Registry(models).champion(), load_artefact(models / name / version), frozen)
    except (TrainingError, ModelError) as error:
        raise _fail(error) from error
    for line in both.lines():
        typer.echo(line)


if __name__ == "__main__":
    app()
