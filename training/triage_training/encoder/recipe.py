"""The recipe of the shipped encoder: public sets first, then the housing texts, for all writers and without each group of them in turn."""

import json
from collections.abc import Callable, Container, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
import torch

from triage_models.encoder import Encoder, Floats
from triage_training.encoder.export import exported, narrowed, read_back
from triage_training.encoder.learning import Course, Taught, teach
from triage_training.encoder.network import ContactReader, pretrained_encoder, pretrained_tokeniser
from triage_training.encoder.rows import rows_of
from triage_training.encoder.stack import Stack
from triage_training.encoder.work import COURSE, TOKENISER, UNSEEN, UnseenOutputs, words_digest
from triage_training.examples import Example, fingerprint
from triage_training.public import complaints, ordinary, public_examples
from triage_training.split import writer_folds

FIRST: Final = Course(epochs=1, rate=5e-5, size=32, positive_weight=2.0)
"""On the public sets: rough speech in general. The word vectors learn here and then rest."""
SECOND: Final = Course(epochs=3, rate=2e-4, hidden=0.15, joined=0.5)
"""On the housing texts: who says what to whom. What each part brought is in docs/figures.md."""
FURTHER: Final = Course(epochs=2, rate=1.5e-4, head_rate=3e-4, hidden=0.15, joined=0.5)
"""A taught encoder goes on with these texts: what it has not seen twice a pass, the rest once."""
FOLDS: Final = 5
"""Groups of writers: the figures, the join and the thresholds come from encoders that had not seen a contact's writer."""
TEAM: Final = 2
"""Readers that are taught the same and learn from each other; the first of a team is kept."""
COMPLAINTS: Final = 800
"""Complaints to a regulator among the first stage's rows."""
Report = Callable[[str], None]


def _fresh(seed: int) -> ContactReader:
    torch.manual_seed(seed)
    return ContactReader(pretrained_encoder())


def first_stage(data: Path, folder: Path, report: Report) -> ContactReader:
    """The model after the public sets; read from the folder where it is there already."""
    from safetensors.torch import load_file, save_file

    path, model = folder / "public.safetensors", _fresh(FIRST.seed)
    if path.exists():
        model.load_state_dict(load_file(path))
        return model
    examples = [*public_examples(data), *list(complaints(data, measure=False))[:COMPLAINTS]]
    report(f"{len(examples)} public rows")
    rows = rows_of(Encoder(b"", pretrained_tokeniser()).encoding, examples)
    stack = Stack([model], letters=True)
    teach(stack, rows, Taught(shown=np.ones((1, len(rows)), dtype=bool), teams=(0,)), FIRST, report=report)
    stack.write_back()
    save_file(model.state_dict(), path)
    return model


def second_stage(first: ContactReader, examples: Sequence[Example], data: Path, report: Report) -> list[ContactReader]:
    """One reader made without each group of writers, in order, and last the reader of all; all are taught side by side."""
    beside = ordinary(data)
    groups: list[int | None] = [*writer_folds(examples, FOLDS), *[None] * len(beside)]
    rows = rows_of(Encoder(b"", pretrained_tokeniser()).encoding, [*examples, *beside])
    group_of = [groups[row.example] for row in rows]
    teams = [team for team in range(FOLDS + 1) for _ in range(TEAM)]
    readers = [_fresh(SECOND.seed + number) for number in range(len(teams))]
    for reader in readers:
        reader.encoder.load_state_dict(first.encoder.state_dict())
    shown = np.array([[group != team for group in group_of] for team in teams])
    stack = Stack(readers, letters=False)
    report(f"{len(rows)} rows, {len(stack)} readers")
    teach(stack, rows, Taught(shown=shown, teams=tuple(teams)), SECOND, groups=group_of, report=report)
    return stack.write_back()[::TEAM]


def make_encoders(examples: Sequence[Example], data: Path, folder: Path, *, report: Report = lambda _: None) -> None:
    """Fill `folder` with public.safetensors, all.onnx, one fold-N.onnx for each group of writers, tokenizer.json, unseen.npz and
    course.json. A folder that is full already is left alone."""
    if (folder / COURSE).exists():
        report(f"{folder.name} is there already")
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TOKENISER).write_bytes(pretrained_tokeniser())
    made = second_stage(first_stage(data, folder, report), examples, data, report)
    names = [*(f"fold-{fold}" for fold in range(FOLDS)), "all"]
    for name, reader in zip(names, made, strict=True):
        (folder / f"{name}.onnx").write_bytes(narrowed(exported(reader)))
    fold_of = writer_folds(examples, FOLDS)
    unseen: dict[str, Floats] = {}
    for fold in range(FOLDS):
        read = Encoder((folder / f"fold-{fold}.onnx").read_bytes(), pretrained_tokeniser())
        mine = [example for example, its in zip(examples, fold_of, strict=True) if its == fold]
        found = read.read([example.contact for example in mine])
        unseen |= {words_digest(e.contact): one.outputs for e, one in zip(mine, found, strict=True)}
    UnseenOutputs(rows=unseen).write(folder / UNSEEN)
    facts = {"folds": FOLDS, "without": list(range(FOLDS)), "first": asdict(FIRST), "second": asdict(SECOND), "team": TEAM, "texts": fingerprint(examples), "torch": torch.__version__}  # fmt: skip
    (folder / COURSE).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def teach_further(
    packaged: Encoder,
    examples: Sequence[Example],
    later: Container[str],
    *,
    beside: Sequence[Example] = (),
    course: Course = FURTHER,
    report: Report = lambda _: None,
) -> bytes:
    """The packaged encoder, taught on: the ONNX file. ``later``: the writers of whom it has not been taught a text; ``beside``: rows of
    ordinary language, which are read alone."""
    reader = read_back(packaged.onnx_file)
    rows = rows_of(packaged.encoding, [*examples, *beside])
    unseen = [row for row in rows if row.example < len(examples) and examples[row.example].origin in later]
    rows += unseen
    report(f"{len(rows)} rows, {len(unseen)} of them twice")
    stack = Stack([reader], letters=False)
    shown = Taught(shown=np.ones((1, len(rows)), dtype=bool), teams=(0,))
    groups = [0 if row.example < len(examples) else None for row in rows]
    teach(stack, rows, shown, course, groups=groups, report=report)
    return narrowed(exported(stack.write_back()[0]))
