import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from triage.domain.clocks import Clock, OwedReply
from triage.domain.issue import Issue
from triage.domain.record import Record, RecordKind
from triage.domain.signal import Assessment
from triage.domain.workdays import WorkingDays
from triage.reports.owing import Show, owing_page, standard_of
from triage.reports.sheet import neutral, sheet
from triage.testing import NOW, SECRET_SUBJECT, contact, put

POLICY = "unacceptable-behaviour 2019-1.0/2"


def _reply(due: float, met: float | None = None, clock: Clock = Clock.GENERAL_REPLY) -> OwedReply:
    return OwedReply(
        clock=clock,
        source="none",
        since=NOW - timedelta(days=60),
        due=NOW + timedelta(days=due),
        sentence="A reply to the contact on 3 March 2026 was due by the close of 10 March 2026 (5 working days).",
        met_at=None if met is None else NOW + timedelta(days=met),
    )


def _owe(desk, name: str, *owed: OwedReply, title: str = "The gate", route: str = "") -> None:
    with desk.store.begin() as unit:
        unit.issues.add(Issue(id=f"i-{name}", household_ref=f"C-{name}", opened=NOW - timedelta(days=70), title=title))
        unit.issues.put_assessment(Assessment(at=NOW, issue_id=f"i-{name}", policy=POLICY, owed=owed))
        if route:
            said = contact(f"c-{name}", NOW - timedelta(days=60), "Any news?", routes=(route,))
            put(unit, said, f"i-{name}", f"C-{name}")


def _page(desk, show: Show = Show.ALL, team: str = ""):
    with desk.store.read() as unit:
        return owing_page(unit, NOW, WorkingDays(), show=show, team=team)


def _lines(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_only_what_is_late_or_only_what_is_due_soon_can_be_shown(desk):
    _owe(desk, "late2", _reply(-3))
    _owe(desk, "soon", _reply(3))
    assert {row.issue_id for row in _page(desk, Show.SOON).rows} == {"i-soon"}
    late = {row.issue_id for row in _page(desk, Show.LATE).rows}
    assert "i-late2" in late and "i-soon" not in late


def test_what_was_answered_late_is_shown_for_four_weeks_with_how_late_it_was(desk):
    _owe(desk, "tardy", _reply(-12, met=-5))
    _owe(desk, "old", _reply(-60, met=-40))
    _owe(desk, "prompt", _reply(-12, met=-13))
    rows = {row.issue_id: row for row in _page(desk, Show.ANSWERED_LATE).rows}
    assert "i-tardy" in rows and not {"i-old", "i-prompt"} & set(rows)
    (item,) = rows["i-tardy"].items
    assert item.answered == NOW - timedelta(days=5) and item.late and item.working_days == 5


def test_what_was_answered_late_can_be_shown_for_a_longer_period_on_page_sheet_and_api(desk, manager):
    _owe(desk, "old", _reply(-60, met=-40))
    query = "show=answered-late&weeks="
    for weeks, there in ((4, False), (12, True)):
        page = manager.get(f"/owed?{query}{weeks}").text
        assert ("/issues/i-old" in page) is there and f"in the last {weeks} weeks" in page
        assert f'href="/owed/sheet?show=answered-late&amp;team=&amp;weeks={weeks}"' in page
        assert ("i-old" in manager.get(f"/owed/sheet?{query}{weeks}").text) is there
        assert ("i-old" in manager.get(f"/api/v1/owed?{query}{weeks}").text) is there
        assert ("i-old" in manager.get(f"/api/v1/owed/sheet?{query}{weeks}").text) is there


def test_a_team_sees_the_issues_that_last_reached_its_own_route(desk):
    _owe(desk, "lifts", _reply(-3), route="lifts@heron.example")
    _owe(desk, "doors", _reply(-3), route="doors@heron.example")
    page = _page(desk, team="lifts@heron.example")
    assert [row.issue_id for row in page.rows] == ["i-lifts"] and page.late == 1
    assert ("doors@heron.example", 1) in page.teams


def test_an_issue_without_any_contact_is_listed_under_no_route(desk):
    _owe(desk, "bare", _reply(-3))
    assert "i-bare" in {row.issue_id for row in _page(desk, team="no route known").rows}


def test_each_thing_names_the_standard_that_it_is_owed_by(desk, manager):
    assert standard_of(_reply(-3)) == "Service standard, 5 working days"
    _owe(desk, "gate", _reply(-3, clock=Clock.PROMISE))
    assert "Our own promise" in manager.get("/owed?show=late").text


def test_the_sheet_holds_the_whole_list_and_is_put_on_record(desk, manager):
    for number in range(60):
        _owe(desk, f"n{number}", _reply(-3))
    answer = manager.get("/owed/sheet?show=late")
    assert answer.headers["content-type"].startswith("text/csv")
    assert sum(line[0].startswith("i-n") for line in _lines(answer.text)) == 60
    with desk.store.read() as unit:
        assert any(entry.action == "owed.exported" for entry in unit.audit.entries())


def test_a_title_that_is_a_formula_stays_words_in_the_sheet(desk, manager):
    _owe(desk, "trick", _reply(-3), title='=HYPERLINK("http://evil.example","Open")')
    row = next(line for line in _lines(manager.get("/owed/sheet").text) if line[0] == "i-trick")
    assert row[2].startswith("'=HYPERLINK")


def test_words_with_safeguarding_are_in_no_sheet(desk, manager):
    with desk.store.begin() as unit:
        quiet = desk.landlord.quiet_issue
        unit.issues.put_assessment(Assessment(at=NOW, issue_id=quiet, policy=POLICY, owed=(_reply(-2),)))
    text = manager.get("/owed/sheet").text
    assert quiet in text and SECRET_SUBJECT not in text


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\uff1d1", "\r\n=1", "\x00=1"])
def test_what_a_spreadsheet_would_run_is_made_plain(cell):
    assert neutral(cell).startswith("'")


def test_ordinary_words_are_left_as_they_are():
    assert neutral("The lift, again - 3 times = too many") == "The lift, again - 3 times = too many"
    assert _lines(sheet(("a", "b"), [('say "hello"', "x\ny")])) == [["a", "b"], ['say "hello"', "x\ny"]]


def test_an_unknown_choice_is_refused(manager):
    assert manager.get("/owed?show=people").status_code in (400, 422)


def test_a_record_that_speaks_of_harm_is_told_without_its_words(desk, manager):
    record = Record(
        id="r-dv", at=NOW, kind=RecordKind.PROMISE, customer_ref="C-dv", text="Domestic abuse; moves Friday."
    )
    owed = replace(_reply(-3, clock=Clock.PROMISE), source="r-dv")
    _owe(desk, "dv", owed, title="Domestic abuse; moves Friday")
    with desk.store.begin() as unit:
        unit.landlord.put_record(record, "i-dv")
    for path in ("/owed", "/owed/sheet", "/issues/i-dv"):
        text = manager.get(path).text
        assert "moves Friday" not in text and "With safeguarding" in text


def test_records_beside_a_safeguarded_contact_are_told_without_their_words(desk, manager):
    quiet = desk.landlord.quiet_issue
    record = Record(id="r-q", at=NOW, kind=RecordKind.PROMISE, customer_ref="C-400", text="Lead Simone, new lock.")
    with desk.store.begin() as unit:
        unit.landlord.put_record(record, quiet)
        owed = replace(_reply(-2, clock=Clock.PROMISE), source="r-q")
        unit.issues.put_assessment(Assessment(at=NOW, issue_id=quiet, policy=POLICY, owed=(owed,)))
    assert "new lock" not in manager.get("/owed").text
    assert "new lock" not in manager.get(f"/issues/{quiet}").text
