import re
import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from triage.domain.clocks import Clock, OwedReply
from triage.domain.issue import Issue
from triage.domain.record import Record, RecordKind
from triage.domain.signal import Assessment
from triage.domain.workdays import LONDON, WorkingDays
from triage.reports.owing import PAGE, owing_page
from triage.reports.people import pseudonym
from triage.store.access import Duty
from triage.testing import NOW, SECRET_SUBJECT, contact, put

POLICY = "unacceptable-behaviour 2019-1.0/2"


def _owe(unit, name: str, *owed: OwedReply, title: str = "The gate") -> None:
    unit.issues.add(Issue(id=f"i-{name}", household_ref=f"C-{name}", opened=NOW - timedelta(days=40), title=title))
    unit.issues.put_assessment(Assessment(at=NOW, issue_id=f"i-{name}", policy=POLICY, owed=owed))


def _reply(due: timedelta, met: timedelta | None = None, source: str = "none") -> OwedReply:
    return OwedReply(
        clock=Clock.GENERAL_REPLY,
        source=source,
        since=NOW - timedelta(days=30),
        due=NOW + due,
        sentence="A reply.",
        met_at=None if met is None else NOW + met,
    )


def _page(desk):
    with desk.store.read() as unit:
        return owing_page(unit, NOW, WorkingDays())


def test_the_longest_late_comes_first_and_what_is_due_soon_after_it(desk):
    with desk.store.begin() as unit:
        _owe(unit, "soon", _reply(timedelta(days=5)))  # Tuesday 17 March: the third working day
        _owe(unit, "old", _reply(-timedelta(days=29)))
    page = _page(desk)
    assert [row.issue_id for row in page.rows] == ["i-old", "i-late", "i-boiler", "i-soon"]
    assert [row.late for row in page.rows] == [True, True, True, False]
    assert (page.late, page.soon) == (3, 1)


def test_a_hazard_goes_before_any_letter_however_late(desk):
    with desk.store.begin() as unit:
        _owe(unit, "old", _reply(-timedelta(days=29)))
        _owe(unit, "gas", replace(_reply(-timedelta(hours=2)), clock=Clock.HAZARD))
        _owe(
            unit,
            "safe",
            _reply(-timedelta(days=28)),
            replace(_reply(-timedelta(days=29), met=-timedelta(days=29)), clock=Clock.HAZARD),
        )
    rows = [row.issue_id for row in _page(desk).rows]
    assert rows[:3] == ["i-gas", "i-old", "i-safe"]


def test_what_is_answered_or_due_later_is_not_on_it(desk):
    with desk.store.begin() as unit:
        _owe(unit, "done-late", _reply(-timedelta(days=9), met=-timedelta(days=1)))
        _owe(unit, "done", _reply(-timedelta(days=1), met=-timedelta(days=2)))
        _owe(unit, "later", _reply(timedelta(days=6)))
        _owe(unit, "nothing")
    assert {row.issue_id for row in _page(desk).rows} == {"i-late", "i-boiler"}


def test_only_the_last_look_at_an_issue_counts(desk):
    with desk.store.begin() as unit:
        answered = _reply(-timedelta(days=20), met=-timedelta(hours=1))
        unit.issues.put_assessment(
            Assessment(at=NOW, issue_id="i-late", policy=POLICY, contact_id=None, owed=(answered,))
        )
    assert "i-late" not in {row.issue_id for row in _page(desk).rows}


def test_contacts_since_are_the_customers_own_and_after_it_was_asked_for(desk):
    rows = {row.issue_id: row for row in _page(desk).rows}
    assert [item.contacts_since for item in rows["i-late"].items] == [1]


def test_a_promise_says_what_was_promised(desk, manager):
    with desk.store.begin() as unit:
        record = Record(
            id="r-gate", at=NOW, kind=RecordKind.PROMISE, customer_ref="C-gate", text="New lock for the gate."
        )
        _owe(unit, "gate", _reply(-timedelta(days=3), source="r-gate"))
        unit.landlord.put_record(record, "i-gate")
    assert "New lock for the gate." in manager.get("/owed").text


def test_a_row_says_what_since_when_how_late_and_leads_to_the_issue(desk, reviewer):
    row = reviewer.get("/owed").text.split("/issues/i-late")[1].split("</tbody>")[0]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))
    for part in (
        "When will the lift be mended?",
        pseudonym("C-300"),
        "Reply",
        "15 Feb 2026",
        "22 Feb 2026",
        "for 18 days",
        "1",
    ):
        assert part in text
    assert reviewer.get("/issues/i-late").status_code == 200


def test_a_title_made_of_safeguarding_words_is_veiled(desk, manager):
    with desk.store.begin() as unit:
        last = unit.issues.last_assessment(desk.landlord.quiet_issue)
        unit.issues.put_assessment(
            Assessment(at=NOW, issue_id=last.issue_id, policy=POLICY, owed=(_reply(-timedelta(days=2)),))
        )
    text = manager.get("/owed").text
    assert f"/issues/{desk.landlord.quiet_issue}" in text
    assert SECRET_SUBJECT not in text


def test_a_stale_feed_is_said_on_the_list(desk, manager):
    assert "This list may be incomplete." not in manager.get("/owed").text
    with desk.store.begin() as unit:
        unit.landlord.note_feed("records", NOW - timedelta(hours=25), "ok")
    assert "This list may be incomplete." in manager.get("/owed").text


def test_with_nothing_owed_the_page_says_so(desk, manager):
    with desk.store.begin() as unit:
        for issue in ("i-late", "i-boiler"):
            unit.issues.put_assessment(Assessment(at=NOW, issue_id=issue, policy=POLICY))
    assert "Nothing is late, and nothing falls due within three working days." in manager.get("/owed").text


@pytest.mark.parametrize("duty", [Duty.ANALYST, Duty.ADMINISTRATOR, Duty.SAFEGUARDING])
def test_it_is_for_reviewers_and_managers(desk, duty):
    visitor = desk.signed_in(duty)
    assert visitor.get("/owed").status_code == 403
    assert 'href="/owed"' not in visitor.get("/policy").text


def test_a_long_list_is_cut_into_pages_and_read_in_one_pass(desk, manager):
    with desk.store.begin() as unit:
        for number in range(2 * PAGE):
            _owe(unit, f"n{number}", _reply(-timedelta(days=2 + number % 20)))
            put(unit, contact(f"c-n{number}", NOW, "Any news?"), f"i-n{number}", f"C-n{number}")
        for number in range(300):
            _owe(unit, f"m{number}", _reply(-timedelta(days=2), met=-timedelta(days=1)))
    started = time.perf_counter()
    first, last = manager.get("/owed").text, manager.get("/owed?page=3").text
    assert time.perf_counter() - started < 5
    assert first.count("<tbody") == PAGE
    assert last.count("<tbody") == 2
    assert "Late on 102 issues" in first


@pytest.mark.parametrize("due", ["2026-05-18T00:00", "2026-05-18T17:00", "2026-05-18T23:59"])
def test_a_due_day_is_shown_as_the_day_alone(desk, manager, due):
    at = datetime.fromisoformat(due).replace(tzinfo=LONDON)
    owed = replace(_reply(timedelta(days=3), source="r-day"), due=at)
    record = Record(id="r-day", at=NOW, kind=RecordKind.PROMISE, customer_ref="C-day", due=at, text="A new lock.")
    with desk.store.begin() as unit:
        _owe(unit, "day", owed)
        unit.landlord.put_record(record, "i-day")
    page = manager.get("/issues/i-day").text
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Due 18 May 2026. A new lock." in text and "due 18 May 2026, in time" in text
    assert not re.search(r"18 May 2026, \d", text)


def test_a_due_hour_is_shown_with_its_hour(desk, manager):
    owed = replace(_reply(timedelta(days=3)), due=datetime(2026, 5, 18, 12, tzinfo=LONDON))
    with desk.store.begin() as unit:
        _owe(unit, "noon", owed)
    assert "18 May 2026, 12:00pm" in manager.get("/issues/i-noon").text


def test_a_visit_that_found_nobody_in_is_shown_as_that_and_not_as_late(desk, manager):
    owed = replace(_reply(-timedelta(days=3)), clock=Clock.PROMISE, tried_at=NOW - timedelta(days=4))
    with desk.store.begin() as unit:
        _owe(unit, "tried", owed)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", manager.get("/issues/i-tried").text))
    assert "Nothing is owed now. For 1 we came in time and nobody was in." in text and "We are late" not in text
    assert "Nobody was in we came in time, noted on" in text
    assert "i-tried" not in {row.issue_id for row in _page(desk).rows}
