"""Detoxify in the champion's place, where the settings or the command name its folder."""

import json

from typer.testing import CliRunner

import triage.scoring
from triage.cli import app
from triage.config import read_settings
from triage.scoring import open_reader
from triage_models.testing import KeywordScorer


class Fake(KeywordScorer):
    name, version = "detoxify", "fake"

    def __init__(self, folder):
        super().__init__({"A2": "idiot"})


def rows(tmp_path, text):
    given, made = tmp_path / "given.jsonl", tmp_path / "made.jsonl"
    given.write_text(json.dumps({"id": "1", "channel": "email", "text": text}) + "\n", encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir(exist_ok=True)
    asked = ["score", "--input", str(given), "--output", str(made), "--detoxify", str(folder)]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    return json.loads(made.read_text(encoding="utf-8"))


def test_the_folder_of_the_settings_is_beside_them(tmp_path):
    (tmp_path / "triage.toml").write_text('detoxify = "d"\n', encoding="utf-8")
    assert read_settings(tmp_path / "triage.toml").detoxify == tmp_path / "d"


def test_it_reads_with_the_safety_rules_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr(triage.scoring, "DetoxifyScorer", Fake)
    row = rows(tmp_path, "You idiot. I want to die.")
    assert set(row["flagged"]) == {"A2", "S0"} and "A1" not in row["scores"]


def test_it_goes_on_reading_when_the_champion_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(triage.scoring, "DetoxifyScorer", Fake)
    reader = open_reader(tmp_path, tmp_path)
    reader.reload()
    assert reader.model == "detoxify/fake" and reader.problem is None


def test_a_folder_that_holds_none_leaves_the_safety_rules(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        reader = open_reader(None, folder)
        assert reader.model == "safety-rules/1" and "converted Detoxify" in reader.problem
