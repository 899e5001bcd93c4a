"""A model's files: any changed byte refuses the model, nothing is unpickled, versions are never overwritten."""

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from triage_models.arrays import LARGEST_ARRAYS
from triage_models.artefact import SELF_TEST_TEXTS, _run_self_tests, load_artefact, renew_papers, write_artefact
from triage_models.card import Card
from triage_models.errors import ModelError, ModelRefused, UnknownModel
from triage_models.heads import Heads
from triage_models.labels import LABELS
from triage_models.manifest import MANIFEST_FILE, MODEL_FILE, FileMark, Manifest, marked, read_manifest
from triage_models.registry import Registry, load_champion, packaged_folder
from triage_models.scorer import ScoringInput

SHOWN = 0.9  # from here on a label counts as shown by a self-test


def small_heads(bias=-1.0):
    words = ("w|gas", "w|lift", "w|thanks", "w|the")
    labels, count = len(LABELS), len(words)
    join = np.hstack([np.eye(labels), np.zeros((labels, labels))])
    weights = np.zeros((labels, count))
    weights[LABELS.index("HZ"), 0] = 6.0
    numbers = {
        "idf": np.ones(count), "contact_weights": weights, "contact_bias": np.full(labels, bias), "clause_weights": weights,
        "clause_bias": np.full(labels, bias), "join": join, "join_bias": np.zeros(labels), "thresholds": np.full(labels, 0.5),
    }  # fmt: skip
    return Heads(vocabulary=words, **{name: array.astype(np.float32) for name, array in numbers.items()})


def card(version="1"):
    return Card(
        name="small",
        version=version,
        summary="s",
        how_measured="h",
        data=(),
        figures={},
        overall={},
        known_failures=(),
        aim="a",
    )


@pytest.fixture(scope="module")
def packaged_answers():
    tests = read_manifest(packaged_folder()).self_tests
    inputs = [ScoringInput(id=str(i), channel=test.channel, text=test.text) for i, test in enumerate(tests)]
    return load_champion(None).score(inputs)


@pytest.fixture
def folder(tmp_path):
    return write_artefact(tmp_path / "models", small_heads(), card(), {"examples": 0})


def test_a_written_model_loads_and_scores(folder):
    assert load_artefact(folder).name == "small"


@pytest.mark.parametrize("name", [MODEL_FILE, MANIFEST_FILE, "card.json", "card.md"])
@pytest.mark.parametrize("place", [0.0, 0.3, 0.999])
def test_any_changed_byte_refuses_the_model(folder, name, place):
    content = bytearray((folder / name).read_bytes())
    content[int(place * len(content))] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelRefused):
        load_artefact(folder)


@pytest.mark.parametrize("name", [MODEL_FILE, MANIFEST_FILE, "card.md"])
def test_a_missing_file_refuses_the_model(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelRefused, match=name):
        load_artefact(folder)


def test_a_file_beyond_its_size_is_refused_unread(folder):
    with (folder / MANIFEST_FILE).open("ab") as stream:
        stream.truncate(2 * 2**20)
    with pytest.raises(ModelRefused, match="larger than"):
        load_artefact(folder)


def resealed(folder, **changes):
    old = read_manifest(folder)
    facts = {
        name: getattr(old, name)
        for name in (
            "name",
            "version",
            "created",
            "labels",
            "files",
            "libraries",
            "training",
            "self_tests",
            "tolerance",
        )
    }
    (folder / MANIFEST_FILE).write_bytes(Manifest(**{**facts, **changes}).rendered())


def test_an_object_that_python_would_unpickle_is_refused_even_where_the_hashes_fit(folder, tmp_path):
    trap = tmp_path / "unpickled"

    class Odd:
        def __reduce__(self):
            return (Path.touch, (trap,))

    replaced(folder, {**small_heads().state(), "vocabulary": np.array([Odd()], dtype=object)})
    with pytest.raises(ModelRefused, match="plain arrays"):
        load_artefact(folder)
    assert not trap.exists()


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(folder):
    with (
        zipfile.ZipFile(folder / MODEL_FILE, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("idf.npy", "w") as part,
    ):
        for _ in range(LARGEST_ARRAYS // 2**20 + 1):
            part.write(bytes(2**20))
    resealed(folder, files={**read_manifest(folder).files, MODEL_FILE: marked(folder / MODEL_FILE)})
    with pytest.raises(ModelRefused, match="unpacks to"):
        load_artefact(folder)


def test_what_is_no_archive_is_refused(folder):
    (folder / MODEL_FILE).write_bytes(b"no archive")
    resealed(folder, files={**read_manifest(folder).files, MODEL_FILE: marked(folder / MODEL_FILE)})
    with pytest.raises(ModelRefused, match="plain arrays"):
        load_artefact(folder)


def test_numbers_of_another_shape_are_refused(folder):
    replaced(folder, {**small_heads().state(), "idf": np.ones(3, dtype=np.float32)})
    with pytest.raises(ModelRefused, match="idf"):
        load_artefact(folder)


def replaced(folder, arrays):
    """Put other arrays into the model file and seal the folder again, as an attacker with the same tools could."""
    np.savez_compressed(folder / MODEL_FILE, **arrays)
    resealed(folder, files={**read_manifest(folder).files, MODEL_FILE: marked(folder / MODEL_FILE)})


def test_a_model_that_scores_its_self_test_differently_is_refused(folder):
    tests = read_manifest(folder).self_tests
    resealed(
        folder,
        self_tests=(
            type(tests[0])(channel="email", text=tests[0].text, expected={**tests[0].expected, "A1": 0.9}),
            *tests[1:],
        ),
    )
    with pytest.raises(ModelRefused, match="self-test"):
        load_artefact(folder)


def test_the_packaged_self_tests_show_every_label_and_so_do_the_texts_of_today():
    tests = read_manifest(packaged_folder()).self_tests
    assert {label for label in LABELS if max(test.expected[label] for test in tests) < SHOWN} == set()
    assert [(test.channel, test.text) for test in tests] == list(SELF_TEST_TEXTS)


@pytest.mark.parametrize("label", LABELS)
def test_a_reading_that_is_deaf_to_one_label_is_refused(label, packaged_answers):
    manifest = read_manifest(packaged_folder())

    class Deaf:
        name, version = "heads", "deaf"

        def score(self, inputs):
            return [replace(one, probabilities={**one.probabilities, label: 0.0}) for one in packaged_answers]

    with pytest.raises(ModelRefused, match=f"gives {label} 0"):
        _run_self_tests(Deaf(), manifest.self_tests, manifest.tolerance)


def test_renewed_papers_change_nothing_that_reads(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    old = read_manifest(folder)
    resealed(folder, self_tests=old.self_tests[:2])
    renew_papers(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_card_is_renewed_with_its_hashes_alone(folder):
    old = read_manifest(folder)
    renew_papers(folder, replace(card(), summary="another"))
    new = read_manifest(folder)
    assert "another" in (folder / "card.md").read_text(encoding="utf-8") and load_artefact(folder).version == "1"
    assert replace(new, files=old.files) == old
    assert {name for name in new.files if new.files[name] != old.files[name]} == {"card.json", "card.md"}


def test_a_model_that_is_refused_gets_no_new_papers(folder):
    replaced(folder, {**small_heads().state(), "idf": np.ones(3, dtype=np.float32)})
    before = (folder / MANIFEST_FILE).read_bytes()
    with pytest.raises(ModelRefused):
        renew_papers(folder)
    assert (folder / MANIFEST_FILE).read_bytes() == before


def test_a_manifest_may_name_no_file_outside_the_folder(folder):
    resealed(folder, files={**read_manifest(folder).files, "../secret": FileMark(sha256="0" * 64, size=1)})
    with pytest.raises(ModelRefused, match=r"\.\./secret"):
        load_artefact(folder)


def test_a_renamed_folder_is_refused(folder):
    other = folder.parent / "2"
    shutil.move(folder, other)
    with pytest.raises(ModelRefused, match="renamed"):
        load_artefact(other)


def test_a_version_is_never_overwritten(folder):
    with pytest.raises(FileExistsError, match="small/1"):
        write_artefact(folder.parent.parent, small_heads(), card(), {})


def test_without_a_pointer_the_packaged_champion_is_in_use(tmp_path):
    assert Registry(tmp_path).champion().version == load_champion(None).version


def test_a_person_promotes_and_rolls_back_and_the_history_is_kept(folder):
    registry = Registry(folder.parent.parent)
    write_artefact(registry.root, small_heads(-2.0), card("2"), {})
    registry.promote("small", "1", by="ana")
    registry.promote("small", "2", by="ana")
    assert registry.champion().version == "2"
    registry.rollback(by="ben")
    assert registry.champion().version == "1"
    registry.rollback(by="ben")
    assert registry.champion().version == load_champion(None).version
    assert [(entry.act, entry.by) for entry in registry.history()] == [
        ("promote", "ana"),
        ("promote", "ana"),
        ("rollback", "ben"),
        ("rollback", "ben"),
    ]
    with pytest.raises(ModelError, match="nothing to roll back"):
        registry.rollback(by="ben")


def test_a_promotion_wants_a_name(folder):
    with pytest.raises(ModelError, match="name of the person"):
        Registry(folder.parent.parent).promote("small", "1", by=" ")


@pytest.mark.parametrize(("name", "version"), [("small", "9"), ("..", "1"), ("small/1", "1"), ("Small", "1")])
def test_only_a_model_in_the_folder_can_be_promoted(folder, name, version):
    with pytest.raises(UnknownModel):
        Registry(folder.parent.parent).promote(name, version, by="ana")


def test_a_model_that_was_exchanged_after_its_promotion_is_refused(folder):
    registry = Registry(folder.parent.parent)
    registry.promote("small", "1", by="ana")
    shutil.rmtree(folder)
    write_artefact(registry.root, small_heads(-3.0), card(), {})
    with pytest.raises(ModelRefused, match="seal differs"):
        registry.champion()


def test_a_broken_candidate_is_listed_with_its_problem(folder):
    (folder / MANIFEST_FILE).write_text(json.dumps({}), encoding="utf-8")
    assert [(c.name, bool(c.problem)) for c in Registry(folder.parent.parent).candidates()] == [("small", True)]


def test_the_cards_words_say_what_a_model_is_for():
    assert "never decides" in card().as_markdown()
