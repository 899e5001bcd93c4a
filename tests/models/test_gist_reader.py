"""The gist reader as it is shipped: what it says of plain messages, what it is bounded by, and that a changed byte refuses it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from triage.domain.gist import OURS, THEIRS
from triage_models.errors import ModelRefused
from triage_models.gist_reader import HEAD, WINDOW, GistReader, Side, Vocabulary, load_gist_reader, packaged_folder
from triage_models.manifest import sealed


@pytest.fixture(scope="module")
def reader() -> GistReader:
    return load_gist_reader()


def theirs(words: str, subject: str = "") -> Side:
    return Side(ours=False, subject=subject, words=words)


def says(reader: GistReader, side: Side, act: str) -> float:
    return float(reader.read([side])[0].says[(OURS if side.ours else THEIRS).index(act)])


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("All sorted now, thank you.", "closing"),
        ("Still nobody has rung me about the damp. What is going on?", "press"),
        ("I am taking this to the Ombudsman.", "outside"),
        ("Please escalate my complaint to stage two.", "stage"),
        ("new parcel locker: code they sent is not open", "first"),
    ],
)
def test_what_a_customer_does_is_told(reader: GistReader, words: str, act: str) -> None:
    assert says(reader, theirs(words), act) > 0


def test_what_we_do_is_told(reader: GistReader) -> None:
    ours = Side(ours=True, subject="", words="I have passed this to the repairs team and somebody will be in touch.")
    assert says(reader, ours, "hold") > says(reader, ours, "answer")


def test_the_same_matter_is_nearer_than_another_by_the_same_person(reader: GistReader) -> None:
    one, same, other = (
        reader.read([theirs(words)])[0].about
        for words in (
            "My shower has no hot water.",
            "It's stone cold again when I wash.",
            "When will my rent statement come?",
        )
    )
    assert one @ same > one @ other
    assert np.linalg.norm(one) == pytest.approx(1.0, abs=1e-3)


def test_a_message_reads_the_same_in_any_company(reader: GistReader) -> None:
    side = theirs("The gate is stuck.")
    alone, (_, among, _) = (
        reader.read([side])[0],
        reader.read([theirs("Hello " * 200), side, theirs("Thanks")]),
    )
    assert np.array_equal(alone.says, among.says) and np.array_equal(alone.about, among.about)


def test_a_novel_costs_one_window_and_its_end_is_read() -> None:
    vocabulary = Vocabulary((packaged_folder() / "tokenizer.json").read_bytes())
    novel = vocabulary.pieces(theirs("the lift is out and " * 5_000, subject="Lift " * 500))
    assert len(novel) == WINDOW
    assert len(vocabulary.head(theirs("", subject="Lift " * 500))) == HEAD
    letter = "word " * 400 + "please ring me"
    assert vocabulary.pieces(theirs(letter))[-4:-1] == vocabulary.pieces(theirs("please ring me"))[-4:-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(packaged_folder(), tmp_path / "gist"))


@pytest.mark.parametrize("name", ["encoder.onnx", "tokenizer.json", "manifest.json"])
@pytest.mark.parametrize("place", [0.0, 0.3, 0.7, 0.999])
def test_a_changed_byte_refuses_it(folder: Path, name: str, place: float) -> None:
    content = bytearray((folder / name).read_bytes())
    content[int(len(content) * place)] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelRefused, match="manifest" if name == "manifest.json" else name):
        load_gist_reader(folder)


def test_another_answer_to_its_own_text_refuses_it(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["self_tests"][0]["says"][0] += 1.0
    del manifest["seal"]
    (folder / "manifest.json").write_bytes(sealed(manifest))
    with pytest.raises(ModelRefused, match="self-test"):
        load_gist_reader(folder)


@pytest.mark.parametrize("held", ["", "{}", "[]", '{"model": 1}'])
def test_a_manifest_that_is_none_refuses_it(folder: Path, held: str) -> None:
    (folder / "manifest.json").write_text(held, "utf-8")
    with pytest.raises(ModelRefused):
        load_gist_reader(folder)


def test_a_missing_file_refuses_it(folder: Path) -> None:
    (folder / "encoder.onnx").unlink()
    with pytest.raises(ModelRefused):
        load_gist_reader(folder)
