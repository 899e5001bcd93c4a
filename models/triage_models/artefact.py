"""One model version on disk: written whole or not at all, and read only after its hashes were checked."""

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from triage_models.arrays import read_arrays, write_arrays
from triage_models.card import Card
from triage_models.encoder import Encoder
from triage_models.errors import ModelRefused
from triage_models.heads import Heads
from triage_models.labels import LABELS
from triage_models.manifest import (
    CARD_FILES,
    ENCODER_FILE,
    MANIFEST_FILE,
    MODEL_FILE,
    TOKENISER_FILE,
    Manifest,
    SelfTest,
    checked_files,
    libraries_here,
    marked,
    read_manifest,
)
from triage_models.scorer import ScoringInput
from triage_models.trained import TrainedScorer

TOLERANCE: Final = 2e-3
SELF_TEST_TEXTS: Final = (
    ("email", "Good morning, could you tell me when the windows of Flat 4 will be cleaned? Many thanks."),
    ("sms", "hi its about the bins again they wernt collected tuesday thanks"),
    ("webform", "There is a strong smell of gas in the hallway and the alarm is sounding."),
    ("call_transcript", "i rang on monday and again yesterday and nobody has called me back about the lift"),
    ("email", "I do not accept the outcome of my complaint and I will take it to the Ombudsman."),
    ("visit_note", "Tenant offered tea. Meter read, no issues seen, dog kept in the kitchen throughout."),
    ("email", "If Dean comes to my flat again I will break his legs. I know where he parks."),
    ("email", "You are a thick, useless cow, Karen. I will only ever speak to Mrs Adeyemi from now on, nobody else."),
    ("email", "Your surveyor took a bribe from the roofing firm and forged my signature on the report."),
    ("live_chat", "mmm I love your voice, what are you wearing, come round and get in my bed"),
    ("visit_note", "Dog loose in the hall, lunged at the officer and bit his arm. Tenant refused to put it away."),
    ("webform", "This is a formal complaint. I want a written answer within the hour. You have until 4 o'clock today."),
    ("email", "The surveyor has inspected the wall three times and found nothing wrong, but there is damp and I want another survey."),
    ("email", "I know the pavement belongs to the council but I don't care. You are my landlord and you will mend it."),
    ("email", "I have sent this same email to repairs, complaints, the chief executive and Facebook as well."),
    ("call_transcript", "i want to kill myself, i have the tablets here and i am going to take them tonight"),
    ("email", "My neighbour shouted at me in the car park that I am a fat cow and that he will burn my car."),
    ("email", "I attach the photos of the leak and the plumber's report from Monday, which you had not seen before."),
    ("email", "I am deaf and cannot use the phone. Please write to me in large print, and send a copy of all the data you hold about me."),
)  # fmt: skip
"""Written for this, with every label in one of them: code that breaks the reading of a label must not pass."""


def self_tests(scorer: TrainedScorer) -> tuple[SelfTest, ...]:
    """The vectors that go into the manifest: what this model says of texts written for this."""
    inputs = [ScoringInput(id=str(i), channel=channel, text=text) for i, (channel, text) in enumerate(SELF_TEST_TEXTS)]
    return tuple(
        SelfTest(
            channel=contact.channel,
            text=contact.text or "",
            expected={label: round(p, 4) for label, p in scores.probabilities.items()},
        )
        for contact, scores in zip(inputs, scorer.score(inputs), strict=True)
    )


def renew_papers(folder: Path, card: Card | None = None) -> None:
    """The manifest of a model, with self-tests on the texts of today, and its card where one is given; ModelRefused where the model does
    not pass as it is. The numbers that read stay the same bytes; what is promoted is named by the old seal and would be refused."""
    scorer, manifest = load_artefact(folder), read_manifest(folder)
    if card is not None:
        _put(folder / "card.json", card.as_json())
        _put(folder / "card.md", card.as_markdown().encode())
    files = {name: marked(folder / name) if name in CARD_FILES else mark for name, mark in manifest.files.items()}
    _put(folder / MANIFEST_FILE, replace(manifest, files=files, self_tests=self_tests(scorer)).rendered())


def _put(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}-new")
    draft.write_bytes(content)
    os.replace(draft, path)


def write_artefact(
    root: Path, heads: Heads, card: Card, training: Mapping[str, Any], encoder: Encoder | None = None
) -> Path:
    """Write `<root>/<name>/<version>/`; FileExistsError where that version is there already: versions are never overwritten."""
    folder = root / card.name / card.version
    if folder.exists():
        raise FileExistsError(f"model {card.name}/{card.version} is there already: choose another version")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{card.version}-", dir=folder.parent))
    try:
        state = heads.state()
        write_arrays(draft / MODEL_FILE, state)
        encoder_files = (ENCODER_FILE, TOKENISER_FILE) if encoder is not None else ()
        if encoder is not None:
            (draft / ENCODER_FILE).write_bytes(encoder.onnx_file)
            (draft / TOKENISER_FILE).write_bytes(encoder.tokeniser)
        (draft / "card.json").write_bytes(card.as_json())
        (draft / "card.md").write_text(card.as_markdown(), encoding="utf-8")
        scorer = TrainedScorer(Heads.from_state(state), name=card.name, version=card.version, encoder=encoder)
        manifest = Manifest(
            name=card.name,
            version=card.version,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            labels=LABELS,
            files={name: marked(draft / name) for name in (MODEL_FILE, *encoder_files, *CARD_FILES)},
            libraries=libraries_here(),
            training=dict(training),
            self_tests=self_tests(scorer),
            tolerance=TOLERANCE,
        )
        (draft / MANIFEST_FILE).write_bytes(manifest.rendered())
        draft.chmod(0o755)
        os.rename(draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return folder


def heads_in(folder: Path) -> Heads:
    """The numbers of a model's folder, checked as `load_artefact` does, without its encoder."""
    manifest = read_manifest(folder)
    return Heads.from_state(
        read_arrays(checked_files(folder, manifest)[MODEL_FILE], f"{manifest.name}/{manifest.version}")
    )


def _run_self_tests(scorer: TrainedScorer, tests: Sequence[SelfTest], tolerance: float) -> None:
    inputs = [ScoringInput(id=str(i), channel=test.channel, text=test.text) for i, test in enumerate(tests)]
    for test, scores in zip(tests, scorer.score(inputs), strict=True):
        for label, expected in test.expected.items():
            got = scores.probabilities.get(label, -1.0)
            if abs(got - expected) > tolerance:
                raise ModelRefused(
                    f"model {scorer.name}/{scorer.version} gives {label} {got:.4f} for a self-test text and should give {expected:.4f}:"
                    " the code that reads texts is not the one it was trained with; train it again"
                )


def load_artefact(folder: Path, *, seal: str | None = None) -> TrainedScorer:
    """The scorer of a model's folder. ModelRefused where a byte was changed, the model file holds anything but plain arrays, the seal is not the one
    expected, or the self-test gives other scores."""
    manifest = read_manifest(folder)
    if seal is not None and manifest.seal != seal:
        raise ModelRefused(
            f"model {manifest.name}/{manifest.version} is not the one that was promoted: its seal differs"
        )
    contents, full_name = checked_files(folder, manifest), f"{manifest.name}/{manifest.version}"
    heads = Heads.from_state(read_arrays(contents[MODEL_FILE], full_name))
    encoder = None
    if heads.with_encoder:
        if not {ENCODER_FILE, TOKENISER_FILE} <= contents.keys():
            raise ModelRefused(f"the heads of model {full_name} want an encoder and its folder holds none")
        encoder = Encoder(contents[ENCODER_FILE], contents[TOKENISER_FILE])
    scorer = TrainedScorer(heads, name=manifest.name, version=manifest.version, encoder=encoder)
    _run_self_tests(scorer, manifest.self_tests, manifest.tolerance)
    return scorer
