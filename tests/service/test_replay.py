"""`triage replay` and `triage score` read and write exactly the formats of the tools, whatever a line holds."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from triage.cli import app
from triage.following import standards_for
from triage.history import order, read_history
from triage.intake import contact_of_row
from triage.replay import replay
from triage.scoring import open_reader
from triage.scoring_files import GivenScores, score_lines

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


def scored(tmp_path, *given, options=()):
    done = run("score", "--input", write(tmp_path / "in.jsonl", given), "--output", tmp_path / "out.jsonl", *options)
    assert done.exit_code == 0, done.output
    return done.output, lines(tmp_path / "out.jsonl")


def test_what_was_not_judged_is_no_clean_row(tmp_path):
    polish = {"id": "pl", "channel": "sms", "text": "Jak jeszcze raz przyjdziesz do mojego domu to cię zabiję"}
    short = {"id": "few", "channel": "sms", "text": "Zabiję cię jutro wieczorem przed domem"}
    told = {"id": "s0", "channel": "sms", "text": "samobójstwo zrobię jutro wieczorem przed domem"}
    _, (other, few, found) = scored(tmp_path, polish, short, told)
    for row in (other, few):
        assert (row["scores"], row["flagged"], row["evidence"]) == ({}, [], {})
    assert "another language (pl)" in other["not_scored"]
    assert "too few of its words" in few["not_scored"]
    assert found["flagged"] == ["S0"] and "too few of its words" in found["caveat"]


def test_what_the_safety_rules_found_in_another_language_is_said(tmp_path):
    polish = "Dzień dobry, nie mogę już tak dłużej, ciągle myślę o samobójstwo i nie wiem, co robić dalej."
    _, [row] = scored(tmp_path, {"id": "pl", "channel": "sms", "text": polish})
    assert row["not_scored"].endswith("The safety and hazard rules found S0.")


def test_a_refused_model_is_said_once_and_in_each_row(tmp_path):
    (tmp_path / "models").mkdir()
    entry = {"act": "promoted", "name": "heads", "version": "9", "seal": None, "by": "Ana", "at": "2026-05-05"}
    (tmp_path / "models" / "champion.json").write_text(json.dumps({"history": [entry]}))
    threat = {"id": "a", "channel": "sms", "text": "I will stab you Karen"}
    harm = {"id": "b", "channel": "sms", "text": "I want to die."}
    output, (a, b) = scored(tmp_path, threat, harm, options=("--models", tmp_path / "models"))
    assert "The model in use was refused" in " ".join(output.split())
    assert "only the safety and hazard rules looked at it" in a["not_scored"] and a["scores"] == {}
    assert b["flagged"] == ["S0"] and "only the safety and hazard rules looked at it" in b["caveat"]


def test_scores_of_what_was_not_judged_replay_as_they_were_read(tmp_path):
    contact = contact_of_row({**CONTACT, "text": "Zabiję cię jutro wieczorem przed domem"})
    [row] = score_lines([json.dumps({**CONTACT, "text": contact.text})], open_reader(None))
    [scores] = GivenScores([json.dumps(row)]).read([contact])
    assert scores.not_scored is None and "too few of its words" in scores.caveat


def test_a_text_that_is_too_long_says_so_beside_its_scores(tmp_path):
    words = "The lift went off on the Monday and I carried two prams and the shopping to the fourth floor. " * 1_100
    threat = "I know where you park, Karen, and I will stab you tonight."
    _, [row] = scored(tmp_path, {"id": "long", "channel": "email", "text": words + threat})
    assert "A1" in row["flagged"] and "not_scored" not in row
    assert row["caveat"].startswith("Not read in full")


@pytest.mark.parametrize("odd", ["\x00", "\ud83d"])
def test_evidence_is_exact_whatever_characters_stand_in_it(tmp_path, odd):
    text = f"I will come to your office tonight{odd} and stab you, Karen."
    _, [row] = scored(tmp_path, {"id": "x", "channel": "email", "subject": odd, "text": text})
    assert row["evidence"]["A1"] and all(quote in text for quote in row["evidence"]["A1"])
    assert any(odd in quote for quotes in row["evidence"].values() for quote in quotes)


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
