"""Fitting on a few hundred contacts: a candidate with its card comes out, and the figures are the tools' own."""

import importlib.util
import json
import tomllib
from hashlib import sha256

import numpy as np
import pytest

from triage_models.artefact import load_artefact
from triage_models.labels import LABELS
from triage_models.registry import load_champion
from triage_models.scorer import Scores, Span
from triage_training import train_candidate
from triage_training.candidate import fit_heads
from triage_training.design import UNKNOWN, build_design
from triage_training.errors import TrainingError
from triage_training.evaluate import average_precision, calibration_error, evaluate, wilson
from triage_training.examples import read_base
from triage_training.out_of_fold import leave_writers_out, prediction_row, write_predictions
from triage_training.thresholds import best_threshold


@pytest.fixture(scope="module")
def base(request, tmp_path_factory):
    lines = (request.config.rootpath / "training/housing/messages.jsonl").read_text(encoding="utf-8").splitlines()
    path = tmp_path_factory.mktemp("base") / "messages.jsonl"
    path.write_text("\n".join(lines[::28]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(base, tmp_path_factory):
    return train_candidate(None, base, tmp_path_factory.mktemp("models"), load_champion(None))


def test_a_candidate_comes_out_with_figures_before_and_after(trained):
    assert trained.before is not None and trained.before.contacts == trained.after.contacts > 0
    assert load_artefact(trained.path).version == trained.version
    assert trained.examples > trained.after.contacts


def test_the_report_says_where_the_model_in_use_had_seen_the_split(trained):
    assert trained.before_saw_the_split
    assert any("flatters" in line or "flatter" in line for line in trained.lines())


def test_the_card_names_data_use_and_every_label(trained):
    card = (trained.path / "card.md").read_text(encoding="utf-8")
    assert "never decides" in card and "housing" in card
    assert all(f"| {label} |" in card for label in LABELS)


def test_decisions_are_learned_from_and_counted(base, tmp_path):
    decisions = tmp_path / "decisions.jsonl"
    rows = [
        {
            "id": f"c{i}",
            "channel": "email",
            "text": f"the lift is out, matter {i}",
            "labels": {"A1": i % 2 == 0},
            "customer": f"p{i}",
            "decided_at": "2026-01-01T00:00:00+00:00",
            "reviewer": "r",
        }
        for i in range(12)
    ]
    decisions.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    few = tmp_path / "base.jsonl"
    few.write_text("\n".join(base.read_text(encoding="utf-8").splitlines()[::3]) + "\n", encoding="utf-8")
    made = train_candidate(decisions, few, tmp_path / "models", None)
    assert made.decisions == 12 and made.before is None


def test_writers_out_of_fold_are_scored_in_order_by_the_real_scorer(base, tmp_path):
    examples = read_base(base)[::3]
    answers = leave_writers_out(examples, 3).answers(examples)
    assert [bool(scores.probabilities) or bool(scores.not_scored) for scores in answers] == [True] * len(examples)
    write_predictions(tmp_path / "p.jsonl", examples, answers)
    rows = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == [example.id for example in examples]


def test_one_writer_is_too_few(base):
    only = [example for example in read_base(base) if example.origin == "dev"]
    with pytest.raises(TrainingError, match="two writers"):
        fit_heads(only)


def test_a_label_nobody_decided_is_unknown_to_contact_and_clauses(base):
    example = read_base(base)[0]
    without = type(example)(contact=example.contact, labels={"A1": False}, evidence={}, origin="x")
    design = build_design([without], rarest=1)
    column = LABELS.index("A2")
    assert design.contact_marks[0, column] == UNKNOWN
    assert (design.clause_marks[:, column] == UNKNOWN).all()
    assert (design.clause_marks[:, LABELS.index("A1")] == 0).all()


def test_gold_evidence_marks_the_clauses_it_covers(base):
    examples = [example for example in read_base(base) if example.evidence][:40]
    marks = build_design(examples, rarest=1).clause_marks
    assert (marks == 1).any(axis=1).sum() >= 40


def test_wilsons_interval_of_nine_in_ten():
    assert wilson(9, 10) == pytest.approx((0.596, 0.982), abs=0.001)


def test_average_precision_counts_ties_against_the_model():
    assert average_precision([(0.9, True), (0.5, True), (0.5, False)]) == pytest.approx((1 + 2 / 3) / 2)


def test_calibration_error_is_nought_where_chances_are_shares():
    assert calibration_error([(0.5, True), (0.5, False)]) == pytest.approx(0.0)
    assert calibration_error([(0.9, False)] * 4) == pytest.approx(0.9)


def test_a_threshold_parts_what_can_be_parted():
    chances = np.array([0.9, 0.8, 0.7, 0.6, 0.2, 0.1], dtype=np.float32)
    assert 0.2 < best_threshold(chances, np.array([1, 1, 1, 1, 0, 0], dtype=np.int8)) < 0.6


def test_the_measures_agree_with_the_tools(request, base, tmp_path):
    tool = request.config.rootpath.parent / "shared/tools/evaluate_messages.py"
    if not tool.exists():
        pytest.skip("the shared tools are not beside the checkout")
    spec = importlib.util.spec_from_file_location("evaluate_messages_tool", tool)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    examples = read_base(base)
    answers = load_champion(None).score([example.contact for example in examples])
    write_predictions(tmp_path / "p.jsonl", examples, answers)
    gold, predicted = module.read(base), module.read(tmp_path / "p.jsonl")
    ours = evaluate(examples, answers)
    a1 = [(predicted[key]["scores"].get("A1", 0.0), "A1" in gold[key]["labels"]) for key in gold]
    assert ours.labels["A1"].average_precision == pytest.approx(module.average_precision(a1), abs=1e-3)
    hits = [
        key
        for key in gold
        if "A2" in gold[key]["labels"] and "A2" in predicted[key]["flagged"] and gold[key]["evidence"].get("A2")
    ]
    assert ours.labels["A2"].shown == sum(
        module.shows(gold[key], gold[key]["evidence"]["A2"], predicted[key]["evidence"].get("A2", [])) for key in hits
    )
    assert ours.labels["A2"].showable == len(hits)


def test_a_row_that_was_not_scored_says_why():
    row = prediction_row(
        "x",
        Scores(
            model="m/1",
            not_scored="because",
            flagged=("S0",),
            spans={"S0": (Span(part="text", start=0, end=2, text="hm"),)},
        ),
    )
    assert row["not_scored"] == "because" and row["evidence"] == {"S0": ["hm"]}


def test_the_project_file_names_the_data_that_is_there(request):
    root = request.config.rootpath
    project = tomllib.loads((root / "training/project.toml").read_text(encoding="utf-8"))
    housing = project["inputs"]["housing"]
    assert sha256((root / housing["path"]).read_bytes()).hexdigest() == housing["sha256"]
