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
from triage_training.encoder.learning import Course, teach
from triage_training.encoder.network import ContactReader, pretrained_encoder, pretrained_tokeniser
from triage_training.encoder.rows import Row, rows_of
from triage_training.encoder.stack import Stack
from triage_training.encoder.work import COURSE, TOKENISER, UNSEEN, UnseenOutputs, words_digest
from triage_training.examples import Example, fingerprint
from triage_training.public import complaints, ordinary, public_examples
from triage_training.split import writer_folds

FIRST: Final = Course(epochs=1, rate=5e-5, size=32, positive_weight=2.0)
"""On the public sets: rough speech in general. The word vectors learn here and then rest."""
TEACHERS: Final = (
    Course(epochs=3, rate=2e-4, hidden=0.15, joined=0.5, seed=1),
    Course(epochs=3, rate=2e-4, hidden=0.3, joined=0.5, seed=2),
    Course(epochs=3, rate=3e-4, hidden=0.15, joined=0.25, seed=3),
)
"""On the housing texts: who says what to whom. Unlike each other, so that their mean knows more than any of them."""
SECOND: Final = Course(epochs=6, rate=2e-4, hidden=0.15, joined=0.5)
"""On the same texts, for the readers that are kept: from the marks and from what the mean of the teachers says. What each part
brought is in docs/figures.md."""
FURTHER: Final = Course(epochs=2, rate=1.5e-4, head_rate=3e-4, hidden=0.15, joined=0.5)
"""A taught encoder goes on with these texts: what it has not seen twice a pass, the rest once."""
FOLDS: Final = 5
"""Groups of writers: the figures, the join and the thresholds come from encoders that had not seen a contact's writer."""
COMPLAINTS: Final = 800
"""Complaints to a regulator among the first stage's rows."""
Report = Callable[[str], None]


def _fresh(seed: int) -> ContactReader:
    torch.manual_seed(seed)
    return ContactReader(pretrained_encoder())


def _rows(examples: Sequence[Example]) -> list[Row]:
    return rows_of(Encoder(b"", pretrained_tokeniser()).encoding, examples)


def first_rows(data: Path) -> list[Row]:
    """The public sets' rows."""
    return _rows([*public_examples(data), *list(complaints(data, measure=False))[:COMPLAINTS]])


def first_stage(rows: Sequence[Row], report: Report = lambda _: None) -> ContactReader:
    """One reader, taught the public sets' rows; its word vectors learn too."""
    report(f"{len(rows)} public rows")
    stack = Stack([_fresh(FIRST.seed)], letters=True)
    teach(stack, rows, np.ones((1, len(rows)), dtype=bool), FIRST, report=report)
    return stack.write_back()[0]


def _after_public_sets(data: Path, folder: Path, report: Report) -> ContactReader:
    """The reader after the first stage; read from the folder where it is there already."""
    from safetensors.torch import load_file, save_file

    path = folder / "public.safetensors"
    if path.exists():
        reader = _fresh(FIRST.seed)
        reader.load_state_dict(load_file(path))
        return reader
    reader = first_stage(first_rows(data), report)
    save_file(reader.state_dict(), path)
    return reader


def second_rows(examples: Sequence[Example], data: Path) -> tuple[list[Row], list[int | None]]:
    """The housing texts' rows with rows of ordinary language beside, and the group of writers of each: None beside."""
    beside = ordinary(data)
    groups: list[int | None] = [*writer_folds(examples, FOLDS), *[None] * len(beside)]
    rows = _rows([*examples, *beside])
    return rows, [groups[row.example] for row in rows]


def second_stage(
    first: ContactReader, rows: Sequence[Row], groups: Sequence[int | None], report: Report = lambda _: None
) -> list[ContactReader]:
    """One reader made without each group of writers, in order, and last the reader of all, taught side by side. Each has teachers of its
    own, who were shown what it is shown."""
    shown = np.array([[group != fold for group in groups] for fold in range(FOLDS + 1)])

    def taught(course: Course, seed: int, teachers: Sequence[Stack]) -> Stack:
        readers = [_fresh(seed + fold) for fold in range(FOLDS + 1)]
        for reader in readers:
            reader.encoder.load_state_dict(first.encoder.state_dict())
        stack = Stack(readers, letters=False)
        report(f"{len(rows)} rows, {len(stack)} readers, {len(teachers)} teachers each")
        teach(stack, rows, shown, course, groups=groups, teachers=teachers, report=report)
        return stack

    teachers = [taught(course, 100 * number, ()) for number, course in enumerate(TEACHERS)]
    return taught(SECOND, 100 * len(teachers), teachers).write_back()


def make_encoders(examples: Sequence[Example], data: Path, folder: Path, *, report: Report = lambda _: None) -> None:
    """Fill `folder` with public.safetensors, all.onnx, one fold-N.onnx for each group of writers, tokenizer.json, unseen.npz and
    course.json. A folder that is full already is left alone."""
    if (folder / COURSE).exists():
        report(f"{folder.name} is there already")
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TOKENISER).write_bytes(pretrained_tokeniser())
    made = second_stage(_after_public_sets(data, folder, report), *second_rows(examples, data), report=report)
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
    facts = {"folds": FOLDS, "without": list(range(FOLDS)), "first": asdict(FIRST), "teachers": [asdict(course) for course in TEACHERS], "second": asdict(SECOND), "texts": fingerprint(examples), "torch": torch.__version__}  # fmt: skip
    (folder / COURSE).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def teach_further(
    start: Encoder,
    examples: Sequence[Example],
    later: Container[str],
    *,
    histories: Sequence[Example] = (),
    beside: Sequence[Example] = (),
    teachers: Sequence[Encoder] = (),
    course: Course = FURTHER,
    report: Report = lambda _: None,
) -> bytes:
    """An encoder taught on from ``start``: the ONNX file. ``later``: the writers of whom it has not been taught a text; ``histories``: contacts as
    they come in, joined among themselves; ``beside``: rows of ordinary language, which are read alone; ``teachers``: encoders whose mean it
    learns besides, such as the start, or those without a group of writers."""
    reader = read_back(start.onnx_file)
    rows = rows_of(start.encoding, [*examples, *histories, *beside])
    unseen = [row for row in rows if row.example < len(examples) and examples[row.example].origin in later]
    rows += unseen
    report(f"{len(rows)} rows, {len(unseen)} of them twice")
    stack = Stack([reader], letters=False)
    group_of: list[int | None] = [*[0] * len(examples), *[1] * len(histories), *[None] * len(beside)]
    groups = [group_of[row.example] for row in rows]
    frozen = [Stack([read_back(teacher.onnx_file)], letters=False) for teacher in teachers]
    shown = np.ones((1, len(rows)), dtype=bool)
    teach(stack, rows, shown, course, groups=groups, teachers=frozen, report=report)
    return narrowed(exported(stack.write_back()[0]))
