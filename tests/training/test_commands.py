"""Every command that the bench or the recipe names exists and takes the options that it is given; nothing is run."""

import importlib.util
import shlex
import subprocess
import sys
import tomllib
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from tests.components import require, shared_folder
from triage.cli import app as service
from triage_training.cli import app as training

ROOT = Path(__file__).parents[2]
APPS = {"triage": service, "triage-training": training}
PROJECT = tomllib.loads((ROOT / "training/project.toml").read_text(encoding="utf-8"))


def understood(words):
    """Raises where no such command or option is there, or one that is needed is missing."""
    name, *rest = words
    if name in APPS:
        command = typer.main.get_command(APPS[name])
        while hasattr(command, "commands") and rest != ["--help"]:
            if rest[0] not in command.commands:
                raise LookupError(f"No such command: {rest[0]}")
            command, rest = command.commands[rest[0]], rest[1:]
        if rest != ["--help"]:
            command.make_context(name, list(rest))
    else:
        script = (ROOT / rest[0]).read_text(encoding="utf-8")
        given = [word for word in rest[1:] if word.startswith("--")]
        assert [word for word in given if f'"{word}"' not in script] == [], words


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["triage", "no-such"], "No such command"),
        (["triage-training", "bench", "curve", "--encoders", "x"], "No such option"),
        (["triage-training", "further"], "Missing parameter"),
    ],
    ids=["command", "option", "missing"],
)
def test_what_is_not_there_is_not_understood(wrong, said):
    with pytest.raises(Exception, match=said):  # typer has its own copy of click
        understood(wrong)


def test_an_option_that_a_script_does_not_take_is_not_understood():
    with pytest.raises(AssertionError):
        understood(["python", "tests/bench/acts.py", "--no-such"])


@pytest.mark.parametrize("name", PROJECT["commands"])
def test_the_recipes_commands_are_there(name):
    understood([word for word in shlex.split(PROJECT["commands"][name]) if word != "..."])


@pytest.fixture
def bench(monkeypatch, tmp_path):
    """The bench with every command kept in a list and none of them run."""
    spec = importlib.util.spec_from_file_location("bench_by_path", ROOT / "tests/bench/bench.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    told = []

    def keep(*command, **_):
        words = [str(part) for part in (command[0] if isinstance(command[0], list) else command)]
        told.append([Path(words[0]).name.replace(Path(sys.executable).name, "python"), *words[1:]])
        return SimpleNamespace(stdout="{}\n", returncode=0)

    for name in ("messages.jsonl", "timelines.jsonl", "timelines_more.jsonl", "timelines_blind.jsonl"):
        (tmp_path / name).write_text('{"id": "ta-1"}\n', encoding="utf-8")
    monkeypatch.setattr(module, "HOUSING", tmp_path)
    monkeypatch.setattr(module, "run", lambda *command: keep(*command).stdout)
    monkeypatch.setattr(subprocess, "run", keep)
    module.told = told
    return module


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("beside", [{}, {"TRIAGE_ENCODERS": "work", "TRIAGE_DETOXIFY": "folder", "TRIAGE_DETOXIFY_PYTHON": "python"}], ids=["alone", "all there"])  # fmt: skip
def test_the_benchs_commands_are_there(bench, beside, quick, monkeypatch, tmp_path):
    for name in ("TRIAGE_ENCODERS", "TRIAGE_DETOXIFY", "TRIAGE_DETOXIFY_PYTHON"):
        monkeypatch.delenv(name, raising=False)
    for name, value in beside.items():
        monkeypatch.setenv(name, value)
    bench.messages(tmp_path, quick)
    bench.timelines(tmp_path)
    bench.demo(tmp_path)
    bench.replaying(quick)
    bench.intake(quick)
    bench.campaigns()
    bench.reading_measured(tmp_path, quick)
    bench.linking()
    ours = [words for words in bench.told if words[0] in APPS or "/tests/bench/" in words[1]]
    assert {words[0] for words in ours} == {"triage", "triage-training", "python"} and len(ours) > 15
    for words in ours:
        understood(words)
    out_of_fold = [words for words in ours if "out-of-fold" in words]
    assert quick or {"--encoders", "--keep-encoder"} & {*out_of_fold[0]}
    compared = [words for words in ours if {"public-sets", "housing", "streams"} & {*words}]
    assert len(compared) == 3 and all(("--checkpoint" in words) is bool(beside) for words in compared)


FILES = [(name, path, found) for name, one in PROJECT["inputs"].items() for path, found in one.get("files", {}).items()]


@pytest.mark.parametrize(("name", "path", "found"), FILES, ids=[path for _, path, _ in FILES])
def test_an_input_is_the_file_that_the_recipe_names(name, path, found):
    if name == "public":
        require("shared")
    file = (shared_folder() / "data" if name == "public" else ROOT) / path
    assert sha256(file.read_bytes()).hexdigest() == found


@pytest.mark.parametrize(
    "path", [path for one in PROJECT["outputs"].values() for path in one.get("in_the_package", [])]
)
def test_an_output_that_travels_with_the_package_is_there(path):
    assert (ROOT / path).exists()
