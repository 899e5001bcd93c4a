"""`triage replay` and `triage score` read and write exactly the formats of the tools, whatever a line holds."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from triage.cli import app
from triage.following import standards_for
from triage.history import order, read_history
from triage.replay import replay

ROOT = Path(__file__).parents[2]
CONTACT = {
    "kind": "contact",
    "id": "m1",
    "at": "2026-05-05T10:00",
    "direction": "in",
    "channel": "sms",
    "route": "text line",
    "from_addr": "07700 900111",
    "text": "I will kill you all, I know where you park.",
}


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def write(path, rows):
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


def test_scores_come_in_the_order_of_the_lines_with_exact_evidence(tmp_path):
    turns = [
        {"speaker": "agent", "text": "Hello, you idiot"},
        {"speaker": "customer", "text": "You are a useless stupid cow, do you hear me"},
    ]
    given = [
        {"id": "a", "channel": "sms", "text": "Thank you for the new tap."},
        {"id": "b", "channel": "call_transcript", "turns": turns},
    ]
    done = run("score", "--input", write(tmp_path / "in.jsonl", given), "--output", tmp_path / "out.jsonl")
    assert done.exit_code == 0, done.output
    first, second = lines(tmp_path / "out.jsonl")
    assert [first["id"], second["id"]] == ["a", "b"]
    assert len(first["scores"]) == 20
    assert first["flagged"] == []
    assert "A2" in second["flagged"]
    assert all(
        any(quote in turn["text"] for turn in turns) for quotes in second["evidence"].values() for quote in quotes
    )


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("{not json", None),
        ("[1, 2]", None),
        ('{"id": "x", "text": "no channel"}', None),
        ('{"id": "x", "channel": "carrier pigeon", "text": "coo"}', None),
        ('{"id": "x", "channel": "sms", "text": 7}', None),
        ('{"id": "x", "channel": "sms", "turns": [{"text": "no speaker"}]}', None),
        ("[" * 100_000, None),
        ('{"id": "x", "channel": "sms", "text": ""}', "x"),
        ('{"id": "x", "channel": "sms", "text": "\\u0000\\ud800"}', "x"),
    ],
)
def test_a_bad_line_is_a_row_that_says_why_and_stops_no_other(tmp_path, line, known):
    good = {"id": "good", "channel": "sms", "text": "Thank you for the new tap."}
    done = run("score", "--input", write(tmp_path / "in.jsonl", [line, good]), "--output", tmp_path / "out.jsonl")
    assert done.exit_code == 0, done.output
    bad, fine = lines(tmp_path / "out.jsonl")
    assert fine["id"] == "good"
    assert bad["id"] == known
    if known is None:
        assert bad["line"] == 1
        assert bad["not_scored"]
        assert (bad["scores"], bad["flagged"]) == ({}, [])


@pytest.mark.parametrize("command", ["score", "replay"])
def test_a_file_that_is_not_there_is_one_sentence_and_exit_2(tmp_path, command):
    outputs = (
        ["--output", tmp_path / "o"] if command == "score" else ["--flags", tmp_path / "f", "--links", tmp_path / "l"]
    )
    done = run(command, "--input", tmp_path / "missing.jsonl", *outputs)
    assert done.exit_code == 2
    assert "cannot be read" in done.output
    assert "Traceback" not in done.output


def test_a_replay_writes_flags_and_links(tmp_path):
    history = write(
        tmp_path / "h.jsonl", [CONTACT, {**CONTACT, "id": "m2", "at": "2026-05-06T10:00", "text": "Is my tap fixed?"}]
    )
    done = run("replay", "--input", history, "--flags", tmp_path / "f.jsonl", "--links", tmp_path / "l.jsonl")
    assert done.exit_code == 0, done.output
    [flag] = [flag for flag in lines(tmp_path / "f.jsonl") if flag["code"] == "A1"]
    assert set(flag) == {"code", "at", "contacts", "customer", "issue", "why"}
    assert flag["contacts"] == ["m1"]
    assert flag["at"].startswith("2026-05-05T10:00")
    links = lines(tmp_path / "l.jsonl")
    assert [link["id"] for link in links] == ["m1", "m2"]
    assert links[0]["customer"] == links[1]["customer"]


def test_a_replay_says_that_its_gist_reader_was_refused_and_goes_on_by_words(tmp_path, refused_gists):
    history = write(tmp_path / "h.jsonl", [CONTACT])
    done = run("replay", "--input", history, "--flags", tmp_path / "f.jsonl", "--links", tmp_path / "l.jsonl")
    assert done.exit_code == 0
    assert "gist reader was refused" in " ".join(done.output.split())
    assert [flag["code"] for flag in lines(tmp_path / "f.jsonl")] == ["A1"]


def test_a_replay_wakes_at_our_deadlines_and_stops_after_the_last_line(desk):
    question = {**CONTACT, "text": "My tap drips. When will somebody come?"}
    later = {
        **CONTACT,
        "id": "m2",
        "at": "2026-06-30T10:00",
        "from_addr": "07700 900222",
        "text": "Hello, I would like a parking permit.",
    }
    replay(read_history([json.dumps(question), json.dumps(later)]), desk.pipeline, desk.clock)
    with desk.store.read() as unit:
        late, open_still = unit.issues.last_assessment("im1"), unit.issues.last_assessment("im2")
    assert late.contact_id is None
    assert "2026-05-12" in late.at.isoformat()
    assert open_still.at.isoformat().startswith("2026-06-30")


def test_a_history_with_bad_lines_reports_each_and_reads_the_rest():
    history = read_history(
        [
            "{",
            json.dumps({"kind": "pigeon"}),
            json.dumps({"kind": "record", "id": "r", "at": "soon", "record": "promise"}),
            json.dumps(CONTACT),
            "",
        ]
    )
    assert len(history.items) == 1
    assert [problem.split(":")[0] for problem in history.problems] == ["Line 1", "Line 2", "Line 3"]


def test_a_channel_of_another_name_is_reported_with_the_names_there_are():
    row = {
        "kind": "contact",
        "id": "m1",
        "at": "2026-05-05T10:00",
        "direction": "in",
        "channel": "letter",
        "text": "Hello",
    }
    (problem,) = read_history([json.dumps(row)]).problems
    assert "'letter' is no channel; write one of email, " in problem and "letter_scan" in problem


def test_a_reply_by_a_program_comes_after_what_came_in_the_same_minute():
    def row(id, **more):
        return {"kind": "contact", "at": "2026-05-05T10:00", "channel": "email", "id": id, "text": "Hello", **more}

    rows = (row("auto", direction="out", auto=True), row("theirs", direction="in"), row("ours", direction="out"))
    items = sorted(read_history(map(json.dumps, rows)).items, key=order)
    assert [item.id for item in items] == ["ours", "theirs", "auto"]


def test_a_stale_feed_line_silences_demands_and_persistence(desk):
    stale = {"kind": "feed", "source": "records", "at": "2026-05-04T00:00", "state": "stale"}
    replay(read_history([json.dumps(stale), json.dumps(CONTACT)]), desk.pipeline, desk.clock)
    with desk.store.read() as unit:
        assert {"D1", "P1"} <= set(unit.issues.assessment_of("m1").cannot_judge)


def test_standards_are_those_of_the_domain_that_was_reached(desk):
    rows = [
        {"kind": "standards", "applies_to": ["hall.example"], "general_reply_working_days": 3},
        {"kind": "standards", "applies_to": [], "general_reply_working_days": 9, "mutual_exchange_calendar_days": 42},
    ]
    offered = read_history(json.dumps(row) for row in rows).standards
    desk.contact("2026-05-05T10:00", "Hello")
    desk.contact("2026-05-05T11:00", "Hello", route="text line", channel="sms", from_addr="07700 900999", to=[])
    with desk.store.read() as unit:
        mine, other = (desk.pipeline._history(unit, issue, desk.clock()) for issue in unit.issues.all())
    usual = replace(desk.pipeline.policy.standards, hazard_hours=12)
    assert standards_for(mine, offered, usual) == replace(usual, general_reply_working_days=3)
    others = {"mutual_exchange_calendar_days": 42}
    assert standards_for(other, offered, usual) == replace(usual, general_reply_working_days=9, others=others)
    assert standards_for(mine, [], usual) == usual


@pytest.mark.shared
def test_the_tools_own_history_is_read_without_a_problem():
    from tests.components import require

    require("shared")
    tool = ROOT.parent / "shared" / "tools" / "timelines_to_history.py"
    import subprocess
    import sys

    made = subprocess.run(
        [sys.executable, tool, ROOT / "training" / "housing" / "timelines.jsonl"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert read_history(made.stdout.splitlines()).problems == []
