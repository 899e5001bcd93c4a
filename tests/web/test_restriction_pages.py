"""Restrictions on flag and issue pages, and the manager's list of reviews due: dates are shown, and nothing is done."""

import re
from datetime import timedelta

import pytest

from triage.domain.record import Record, RecordKind
from triage.store.access import Duty
from triage.testing import NOW, SECRET


def _agreed(desk, days_ago, due_in=None, *, issue="i-boiler", id="agreed", text="E-mail twice a week, to one address."):
    with desk.store.begin() as unit:
        due = None if due_in is None else NOW + timedelta(days=due_in)
        record = Record(
            id=id, at=NOW - timedelta(days=days_ago), kind=RecordKind.CONTACT_AGREEMENT, customer_ref="C-100", due=due,
            text=text,
        )  # fmt: skip
        unit.landlord.put_record(record, issue)


def _words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_flag_and_issue_say_until_when_and_by_when(desk, reviewer):
    _agreed(desk, 20, 70)
    for path in (f"/flags/{desk.landlord.behaviour}", "/issues/i-boiler"):
        text = _words(reviewer.get(path).text)
        assert "Contact agreement of 20 Feb 2026. In force until its end or review on 21 May 2026" in text, path
        assert "the Ombudsman and requests for one’s own records stay open" in text


def test_a_date_that_has_passed_is_shown_until_people_record_what_they_did(desk, reviewer, manager):
    _agreed(desk, 100, -3)
    assert "Overdue Its review or end was due on 9 Mar 2026" in _words(reviewer.get("/issues/i-boiler").text)
    page = manager.get("/api/v1/restrictions").json()
    assert (page["overdue"], [row["issue_id"] for row in page["rows"]]) == (1, ["i-boiler"])
    assert "1 overdue" in _words(manager.get("/restrictions").text)
    _agreed(desk, 0, 90, id="again")
    assert manager.get("/api/v1/restrictions").json()["overdue"] == 0


def test_what_nobody_reviewed_for_two_weeks_counts_as_lapsed_and_a_letter_can_be_drafted(desk, reviewer, manager):
    _agreed(desk, 100, -20)
    assert "Lapsed Its review or end was due on 20 Feb 2026" in _words(reviewer.get("/issues/i-boiler").text)
    assert "1 lapsed, 0 overdue" in _words(manager.get("/restrictions").text)
    path = "/restrictions/agreed/sheet"
    page, twin = manager.get(path), manager.get(f"/api/v1{path}")
    assert page.content == twin.content
    assert "It has ended." in page.text and "Ombudsman" in page.text and "E-mail twice a week" not in page.text
    assert desk.audit("restriction.letter_drafted") == [("Test manager", "agreed")] * 2
    assert reviewer.get(path).status_code == 403


def test_no_letter_says_that_what_is_in_force_has_ended(desk, manager):
    _agreed(desk, 20, 70)
    assert manager.get("/restrictions/agreed/sheet").status_code == 404


def test_what_needs_a_person_comes_first(desk, manager):
    _agreed(desk, 10, 80, issue="i-leak", id="far")
    _agreed(desk, 80, 7, issue="i-late", id="soon")
    _agreed(desk, 100, -3, id="over")
    _agreed(desk, 5, issue=None, id="loose")
    rows = manager.get("/api/v1/restrictions").json()["rows"]
    assert [row["restriction"]["state"] for row in rows] == ["overdue", "due soon", "in force", "in force"]
    assert rows[-1]["issue_id"] is None or rows[-2]["issue_id"] is None
    assert manager.get("/restrictions").status_code == 200


STEP = {
    "circumstances_weighed": "We were late, and it was said to a person.", "next_step": "contact agreements",
    "less_intrusive": "A call and a letter were tried.", "equality": "No adjustment bears on it.", "not_involved": "true",
    "answer-A2": "yes", "reason-A2": "He named Mr Poole and insulted him.", "limb-A2": "distress",
    "limb_evidence-A2": "his statement", "out_of_character-A2": "no", "answer-P3": "no", "reason-P3": "We were late.",
}  # fmt: skip


def _decide(desk, visitor):
    flag = desk.landlord.behaviour
    visitor.get(f"/flags/{flag}")
    with desk.store.read() as unit:
        version = unit.flags.get(flag).version
    answer = visitor.post(f"/flags/{flag}/reviews", flag_version=str(version), **STEP)
    assert answer.status_code == 303, answer.text


@pytest.fixture
def agreed_by_two(desk, reviewer):
    _decide(desk, reviewer)
    return desk.signed_in(Duty.REVIEWER, "Ida Fenn")


def test_one_opinion_is_no_decision_and_is_told_to_nobody(desk, reviewer, manager, agreed_by_two):
    assert manager.get("/api/v1/restrictions").json()["rows"] == []
    assert "Not on record" not in agreed_by_two.get("/issues/i-boiler").text


def test_a_decision_that_is_not_on_record_yet_is_listed_and_gone_when_it_is_taken_back(desk, manager, agreed_by_two):
    _decide(desk, agreed_by_two)
    (row,) = manager.get("/api/v1/restrictions").json()["rows"]
    assert row["restriction"]["state"] == "not on record"
    assert row["restriction"]["flag_id"] == desk.landlord.behaviour
    text = _words(manager.get("/restrictions").text)
    assert "Contact agreements The decision" in text
    assert "Write down its start, its end (within twelve months) and its review" in text
    assert agreed_by_two.post(f"/flags/{desk.landlord.behaviour}/undo").status_code == 303
    assert manager.get("/api/v1/restrictions").json()["rows"] == []


def test_a_record_beside_safeguarding_tells_its_dates_and_no_word(desk, manager, reviewer):
    _agreed(desk, 100, -3, issue="i-quiet", text=f"Agreed after: {SECRET}")
    for text in (manager.get("/restrictions").text, reviewer.get("/issues/i-quiet").text):
        assert SECRET not in text
        assert "9 Mar 2026" in text
    assert SECRET not in reviewer.get(f"/flags/{desk.landlord.mixed}").text


def test_looking_at_the_list_is_on_record(desk, manager):
    manager.get("/restrictions")
    assert desk.audit("restrictions.viewed") == [("Test manager", "restrictions")]
