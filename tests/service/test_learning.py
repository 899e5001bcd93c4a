"""From decisions to a candidate to the champion in use and back: each a named person's act, on record."""

import json
from pathlib import Path

import pytest

from triage.champions import Champions
from triage.domain.errors import InputError, TriageError
from triage.export import train_candidate
from triage.ports import ModelState
from triage.scoring import ModelReader

HOUSING = Path(__file__).parents[2] / "training" / "housing"


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A small base set: enough to run every step, too little to be good."""
    rows = [json.loads(line) for line in (HOUSING / "messages.jsonl").open(encoding="utf-8")]
    folder = tmp_path_factory.mktemp("housing")
    kept = [row for number, row in enumerate(rows) if number % 18 == 0]
    (folder / "messages.jsonl").write_text("".join(json.dumps(row) + "\n" for row in kept), "utf-8")
    return folder


def test_a_candidate_is_trained_promoted_and_rolled_back_on_record(desk, few, tmp_path):
    models = tmp_path / "models"
    said = train_candidate(desk.store, few, models, desk.clock())
    assert "0 of them decided by reviewers" in said
    reader = ModelReader(models)
    champions = Champions(models, desk.store, reader, desk.clock)
    champion, candidate = champions.models()
    assert (champion.state, candidate.state) == (ModelState.CHAMPION, ModelState.CANDIDATE)
    assert candidate.figures
    assert candidate.card
    assert "Learned from too few examples:" in said and "A5 (an animal not controlled around staff): " in said
    assert any(sentence.startswith("SAR ") and "too few to judge it" in sentence for sentence in candidate.lacking)
    assert "Measured on too few examples:" in candidate.card
    assert champion.lacking == ()

    champions.promote(candidate.name, candidate.version, "Ana")
    assert reader.model == f"{candidate.name}/{candidate.version}"
    assert champions.models()[0].version == candidate.version
    champions.rollback("Ana")
    assert reader.model == f"{champion.name}/{champion.version}"
    with desk.store.read() as unit:
        done = [(entry.actor, entry.action) for entry in unit.audit.entries() if entry.action.startswith("model.")]
        assert unit.audit.verify() == len(list(unit.audit.entries()))
    assert done == [("command line", "model.trained"), ("Ana", "model.promoted"), ("Ana", "model.rolled_back")]


def test_a_changed_byte_refuses_the_model_and_the_safety_rules_read_on(desk, few, tmp_path):
    models = tmp_path / "models"
    train_candidate(desk.store, few, models, desk.clock())
    reader = ModelReader(models)
    champions = Champions(models, desk.store, reader, desk.clock)
    candidate = champions.models()[1]
    champions.promote(candidate.name, candidate.version, "Ana")
    path = models / candidate.name / candidate.version / "model.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    reader.reload()
    assert "refused" in reader.problem
    assert reader.model.startswith("safety-rules")
    desk.pipeline.reader = reader
    desk.contact("2026-05-05T10:00", "I am going to kill myself tonight.")
    assert "S0" in desk.codes()
    with pytest.raises(TriageError):
        champions.promote(candidate.name, candidate.version, "Ana")


def test_base_texts_that_are_not_there_are_one_sentence(desk, tmp_path):
    with pytest.raises(InputError, match="No candidate was trained"):
        train_candidate(desk.store, tmp_path / "none", tmp_path / "models", desk.clock())
