"""The recipe of the shipped encoder: public sets first, then the housing texts without a third of the writers (the encoder that is
measured), then once over all of them (the one that ships)."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from triage_models.encoder import Encoder, Floats
from triage_training.encoder.export import exported, narrowed
from triage_training.encoder.learning import Course, fine_tune, kept_output
from triage_training.encoder.network import ContactReader, pretrained_encoder, pretrained_tokeniser
from triage_training.encoder.rows import rows_of
from triage_training.encoder.work import COURSE, TOKENISER, UNSEEN, UnseenOutputs, words_digest
from triage_training.examples import Example, fingerprint
from triage_training.public import complaints, ordinary, public_examples
from triage_training.split import encoder_folds

FIRST: Final = Course(epochs=1, frozen=0, rate=5e-5, size=32)
"""On the public sets: rough speech in general."""
SECOND: Final = Course(epochs=4, frozen=1, rate=1e-4, size=24)
"""On the housing texts: who says what to whom. The lowest layer and the word vectors keep what they learned first."""
THIRD: Final = Course(epochs=1, frozen=1, rate=6e-5, size=24)
"""On all of them, from the encoder that was measured: the writers whom it had not seen join the others."""
FOLDS: Final = 3
"""Groups of writers; the figures and the join come from those that an encoder was made without."""
COMPLAINTS: Final = 800
"""Complaints to a regulator among the first stage's rows."""
Report = Callable[[str], None]


def _fresh() -> ContactReader:
    torch.manual_seed(FIRST.seed)
    return ContactReader(pretrained_encoder())


def first_stage(data: Path, folder: Path, report: Report) -> ContactReader:
    """The model after the public sets; read from the folder where it is there already."""
    from safetensors.torch import load_file, save_file

    path, model = folder / "public.safetensors", _fresh()
    if path.exists():
        model.load_state_dict(load_file(path))
        return model
    encoding = Encoder(b"", pretrained_tokeniser()).encoding
    examples = [*public_examples(data), *list(complaints(data, measure=False))[:COMPLAINTS]]
    report(f"{len(examples)} public rows")
    fine_tune(model, rows_of(encoding, examples), FIRST, report=report)
    save_file(model.state_dict(), path)
    return model


def make_encoders(
    examples: Sequence[Example],
    data: Path,
    folder: Path,
    *,
    without: Sequence[int] = (0,),
    report: Report = lambda _: None,
) -> None:
    """Fill `folder` with public.safetensors, all.onnx, one fold-N.onnx for each group of writers in `without` (of `FOLDS`),
    tokenizer.json, unseen.npz and course.json. What is there already is kept: an interrupted run goes on where it stopped."""
    from safetensors.torch import load_file, save_file

    folder.mkdir(parents=True, exist_ok=True)
    (folder / TOKENISER).write_bytes(pretrained_tokeniser())
    started = {name: value.clone() for name, value in first_stage(data, folder, report).state_dict().items()}
    rows = rows_of(Encoder(b"", pretrained_tokeniser()).encoding, [*examples, *ordinary(data)])
    fold_of = encoder_folds(examples, FOLDS)
    kept: list[Tensor] = []
    for fold in [*without, None]:
        path = folder / ("all.onnx" if fold is None else f"fold-{fold}.onnx")
        if path.exists():
            continue
        model, course = _fresh(), THIRD if fold is None else SECOND
        model.load_state_dict(load_file(folder / f"fold-{without[0]}.safetensors") if fold is None else started)
        kept = kept or kept_output(model, rows, SECOND.frozen)
        report(f"fine-tuning {path.stem}")
        chosen = [
            place for place, row in enumerate(rows) if row.example >= len(fold_of) or fold_of[row.example] != fold
        ]
        fine_tune(model, [rows[i] for i in chosen], course, kept=[kept[i] for i in chosen], report=report)
        save_file(model.state_dict(), path.with_suffix(".safetensors"))
        path.write_bytes(narrowed(exported(model)))
    unseen: dict[str, Floats] = {}
    for fold in without:
        read = Encoder((folder / f"fold-{fold}.onnx").read_bytes(), pretrained_tokeniser())
        mine = [example for example, its in zip(examples, fold_of, strict=True) if its == fold]
        found = read.read([example.contact for example in mine])
        unseen |= {words_digest(e): one.outputs for e, one in zip(mine, found, strict=True)}
    UnseenOutputs(rows=unseen).write(folder / UNSEEN)
    facts = {"folds": FOLDS, "without": list(without), "first": asdict(FIRST), "second": asdict(SECOND), "third": asdict(THIRD), "texts": fingerprint(examples), "torch": torch.__version__}  # fmt: skip
    (folder / COURSE).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
