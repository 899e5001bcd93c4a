"""What encoders said of texts that they had not seen, kept beside the base set."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from typer.testing import CliRunner

from triage_models.anybody import as_anybody
from triage_models.encoder import Encoder
from triage_models.labels import LABELS
from triage_models.registry import load_champion
from triage_models.scorer import ScoringInput
from triage_training.cli import app
from triage_training.encoder.work import KeptEncoder, UnseenOutputs, words_digest
from triage_training.errors import BadExample
from triage_training.examples import Example
from triage_training.fit import fit_join
from triage_training.thresholds import NEVER, best_threshold, choose_thresholds, shared_threshold


@pytest.fixture(scope="module")
def champion_encoder() -> Encoder:
    encoder = load_champion(None).encoder
    assert encoder is not None
    return encoder


def _example(number: int) -> Example:
    return Example(
        contact=ScoringInput(id=str(number), channel="sms", text=f"The lift is out for the {number}th day."),
        labels=MappingProxyType(dict.fromkeys(LABELS, False)),
        evidence=MappingProxyType({}),
        origin="tests",
    )


def test_kept_outputs_are_used_for_the_words_they_were_made_for_and_for_no_others(tmp_path):
    examples = [_example(number) for number in range(6)]
    outputs = {
        words_digest(e.contact): np.full(2 * len(LABELS), i, dtype=np.float32) for i, e in enumerate(examples[:-1])
    }
    UnseenOutputs(rows=outputs).write(tmp_path / "unseen.npz")
    read = UnseenOutputs.read(tmp_path / "unseen.npz")
    assert read.of(examples[:-1])[5 - 1].tolist() == [4.0] * (2 * len(LABELS))
    assert np.isnan(read.of(examples)[-1]).all()


def test_a_damaged_file_of_outputs_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "unseen.npz").write_bytes(b"PK but no archive")
    with pytest.raises(BadExample, match="make it again"):
        UnseenOutputs.read(tmp_path / "unseen.npz")


def test_the_join_listens_to_the_encoder_where_only_the_encoder_knows():
    rng = np.random.default_rng(3)
    marks = np.zeros((400, len(LABELS)), dtype=np.int8)
    marks[:, 1] = rng.random(400) < 0.4
    outputs = rng.normal(size=(400, 4 * len(LABELS))).astype(np.float32)
    outputs[:, 2 * len(LABELS) + 1] += 4 * marks[:, 1]
    join = fit_join(outputs, marks, [i % 4 for i in range(400)])
    weights = np.abs(join.weights[1])
    assert weights.argmax() == 2 * len(LABELS) + 1
    assert (join.log_odds(outputs)[:, 1] > 0).astype(int).tolist() != [0] * 400


def test_where_all_score_the_same_nothing_is_flagged():
    marks = np.array([1, 1, 1, 1, 0, 0, 0, 0], dtype=np.int8)
    assert best_threshold(np.full(8, 0.3, dtype=np.float32), marks) == NEVER
    parted = best_threshold(np.array([0.9, 0.8, 0.7, 0.6, 0.2, 0.2, 0.1, 0.1], dtype=np.float32), marks)
    assert 0.2 < parted < 0.6


def test_a_label_that_everybody_has_teaches_the_join_nothing():
    marks = np.ones((12, len(LABELS)), dtype=np.int8)
    join = fit_join(np.zeros((12, 2 * len(LABELS)), dtype=np.float32), marks, [i % 3 for i in range(12)])
    assert not join.weights.any()


def test_labels_of_one_kind_share_a_threshold_where_each_has_examples_enough():
    marks = np.zeros((40, len(LABELS)), dtype=np.int8)
    demands = [LABELS.index(label) for label in ("D1", "D2", "D3", "D4")]
    marks[:8, demands] = 1
    chances = np.where(marks == 1, 0.7, 0.1).astype(np.float32)
    chances[:8, demands[0]] = 0.3
    chosen = choose_thresholds(chances, marks)
    assert len(set(chosen[demands].tolist())) == 1
    assert 0.1 < chosen[demands[0]] <= 0.3
    marks[:6, demands[0]] = 0
    assert shared_threshold(chances[:, demands], marks[:, demands]) is None


def test_a_threat_begins_earlier_than_abuse_and_neither_without_examples():
    marks = np.zeros((40, len(LABELS)), dtype=np.int8)
    marks[:8, :2] = 1
    chosen = choose_thresholds(np.where(marks == 1, 0.3, 0.1).astype(np.float32), marks)
    assert chosen[:3].tolist() == [np.float32(0.35), 0.5, np.float32(NEVER)]


def test_thresholds_rest_on_sure_labels_alone():
    rng = np.random.default_rng(5)
    marks = np.zeros((400, len(LABELS)), dtype=np.int8)
    one = LABELS.index("CI")
    marks[:, one] = rng.random(400) < 0.4
    outputs = rng.normal(size=(400, 2 * len(LABELS))).astype(np.float32)
    outputs[:, one] += 4 * marks[:, one]
    wrong = marks.copy()
    wrong[:200, one] = 1
    sure = np.arange(400) >= 200
    groups = [i % 4 for i in range(400)]
    every, chosen = fit_join(outputs, wrong, groups), fit_join(outputs, wrong, groups, sure)
    assert np.allclose(every.weights, chosen.weights)
    assert chosen.thresholds[one] > every.thresholds[one]


def test_a_contact_that_counts_twice_weighs_as_two():
    rng = np.random.default_rng(7)
    marks = (rng.random((120, len(LABELS))) < 0.4).astype(np.int8)
    outputs = rng.normal(size=(120, 2 * len(LABELS))).astype(np.float32)
    groups = [i % 4 for i in range(120)]
    times = [1 + i % 2 for i in range(120)]
    again = np.repeat(np.arange(120), times)
    counted = fit_join(outputs, marks, groups, times=times)
    repeated = fit_join(outputs[again], marks[again], [groups[i] for i in again])
    assert np.allclose(counted.weights, repeated.weights) and np.allclose(counted.thresholds, repeated.thresholds)


def test_a_kept_encoder_answers_as_one_that_had_not_seen_the_text(champion_encoder):
    known, later = _example(1), _example(2)
    outputs = np.linspace(-3, 3, 2 * len(LABELS)).astype(np.float32)
    kept = KeptEncoder(encoder=champion_encoder, kept=UnseenOutputs(rows={words_digest(known.contact): outputs}))
    unseen = kept.made_without(0)
    (one,) = unseen.read([known.contact])
    assert np.allclose(one.outputs, outputs)
    assert np.allclose(one.parts.sum(axis=0) + one.bias, one.contact, atol=1e-3)
    with pytest.raises(BadExample, match="taught again"):
        unseen.read([later.contact])


def test_texts_that_came_after_the_encoder_was_taught_are_read_by_it(champion_encoder, tmp_path):
    known, later = _example(1), _example(2)
    rows = {words_digest(known.contact): np.zeros(2 * len(LABELS), dtype=np.float32)}
    UnseenOutputs(rows=rows).write(tmp_path / "unseen.npz")
    kept = KeptEncoder.of(champion_encoder, tmp_path / "unseen.npz", [known, later])
    found = kept.unseen().of([known, later])
    assert not found[0].any()
    assert np.allclose(found[1], champion_encoder.read([later.contact])[0].outputs)


def test_a_text_read_as_anybodys_is_answered_as_the_text_itself(champion_encoder, tmp_path):
    said = replace(_example(1), contact=replace(_example(1).contact, text="I am Sikh. The lift is out again."))
    outputs = np.linspace(-3, 3, 2 * len(LABELS)).astype(np.float32)
    UnseenOutputs(rows={words_digest(said.contact): outputs}).write(tmp_path / "unseen.npz")
    kept = KeptEncoder.of(champion_encoder, tmp_path / "unseen.npz", [said])
    (one,) = kept.made_without(0).read([as_anybody(said.contact)])
    assert np.allclose(one.outputs, outputs, atol=0.01)
    assert len(kept.unseen().rows) == 1


def test_new_encoders_and_the_kept_one_are_not_asked_for_together(tmp_path):
    both = ["--encoders", str(tmp_path), "--keep-encoder"]
    asked = CliRunner().invoke(app, ["champion", "--root", str(tmp_path), "--version", "9.0.0", *both])
    assert asked.exit_code == 2
    assert "give only one of them" in asked.output
    assert not list(tmp_path.iterdir())
