"""One text holds everything kept about a person: every model, every decision, who looked; what is another's is marked."""

import pytest
from typer.testing import CliRunner

from triage.cli import app
from triage.domain.score import Scores
from triage.store.access import Duty
from triage.testing import INSULT, NOW, SECRET, SECRET_SUBJECT
from triage.web.same_as import API

WHY = {"reason": "She asked by letter on 3 March."}


def _text(visitor, ref):
    answer = visitor.post("/own-records/sheet", ref=ref, **WHY)
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    return answer.text


def test_it_holds_words_scores_of_every_model_suggestions_records_and_who_looked(desk, manager):
    with desk.store.begin() as unit:
        unit.contacts.put_scores("c-boiler-5", Scores(model="older 0.9", probabilities={"A2": 0.4}), NOW)
    desk.signed_in(Duty.REVIEWER).get(f"/flags/{desk.landlord.behaviour}")
    text = _text(manager, "C-100")
    for part in (INSULT, "ade@post.example", "Model older 0.9", "[SUGGESTED BY A PROGRAM] A2: 0.910", "Repairs desk deals with it.",
                 "Boiler locks out every night", "flag.viewed", "By: Test reviewer", "Large print letters"):  # fmt: skip
        assert part in text, part
    assert desk.audit("own_records.exported") == [("Test manager", "C-100")]


def test_decisions_are_opinions_and_a_no_and_what_was_taken_back_are_in_it(desk, reviewer, manager):
    page = f"/flags/{desk.landlord.behaviour}"
    reviewer.get(page)
    with desk.store.read() as unit:
        version = str(unit.flags.get(desk.landlord.behaviour).version)
    sent = {"answer-A2": "no", "reason-A2": "It was the boiler.", "answer-P3": "no", "reason-P3": "We were late."}
    assert reviewer.post(f"{page}/reviews", flag_version=version, **sent).status_code == 303
    assert "[OPINION] Test reviewer on A2: no. It was the boiler." in _text(manager, "C-100")
    reviewer.post(f"{page}/undo")
    assert "[OPINION] Test reviewer on A2, taken back: no. It was the boiler." in _text(manager, "C-100")


def test_what_is_another_persons_is_marked(desk, reviewer, manager):
    reviewer.post(f"/flags/{desk.landlord.behaviour}/statements", staff="Mr Poole", text="It upset me.")
    text = _text(manager, "C-100")
    assert "[SOMEBODY ELSE'S] Statement of Mr Poole: It upset me." in text
    assert "[SOMEBODY ELSE'S] Quoted from an earlier message: > An engineer will come on Friday." in text
    assert "[SOMEBODY ELSE'S] Words: Nobody came." not in text


def test_a_manager_gets_no_word_that_is_with_safeguarding_and_its_role_gets_that_alone(desk, manager, safeguarding):
    told = _text(manager, "C-400")
    assert SECRET not in told and SECRET_SUBJECT not in told and "With safeguarding" in told
    theirs = _text(safeguarding, "C-400")
    assert SECRET in theirs and "NOT IN IT: Everything that is not with safeguarding" in theirs
    assert INSULT not in _text(safeguarding, "C-100")


def test_the_twin_gives_the_same_items_and_both_refuse_whom_they_do_not_know(desk, manager):
    found = manager.send(f"{API}/own-records", {"ref": "C-100", **WHY}).json()
    text = _text(manager, "C-100")
    for part in found["parts"]:
        assert f"{part['name']} ({len(part['items'])})" in text or part["name"].startswith("Who looked")
    assert manager.send(f"{API}/own-records", {"ref": "C-none", **WHY}).status_code == 404
    assert manager.post("/own-records/sheet", ref="C-none", **WHY).status_code == 404
    assert manager.post("/own-records/sheet", ref="C-100", reason="").status_code == 422


@pytest.mark.parametrize("duty", [Duty.REVIEWER, Duty.ANALYST, Duty.ADMINISTRATOR, Duty.AUDITOR])
def test_nobody_else_takes_it_out(desk, duty):
    assert desk.signed_in(duty).post("/own-records/sheet", ref="C-100", **WHY).status_code == 403


def test_the_command_writes_all_of_it_and_leaves_its_line(desk, tmp_path):
    (tmp_path / "triage.toml").write_text('database = "sqlite:///desk.sqlite"\n', "utf-8")
    output = tmp_path / "records.txt"
    given = [
        "--output",
        str(output),
        "--by",
        "Ana Silva",
        "--reason",
        WHY["reason"],
        "-c",
        str(tmp_path / "triage.toml"),
    ]
    done = CliRunner().invoke(app, ["own-records", "C-400", *given])
    assert done.exit_code == 0, done.output
    assert SECRET in output.read_text("utf-8")
    assert desk.audit("own_records.exported") == [("Ana Silva", "C-400")]
    assert CliRunner().invoke(app, ["own-records", "C-none", *given]).exit_code == 2
