"""The Policy page says to a manager, and to an Ombudsman, what is looked for, from which numbers on and why, since when, and what is off."""

import hashlib
import re
from datetime import timedelta

import pytest

from triage.domain.policy import shipped_policy, shipped_text
from triage.domain.record import STANDARDS, OwnStandards
from triage.policy_on_record import put_on_record
from triage.reports.policy_page import in_words
from triage.store.access import Duty
from triage.testing import NOW
from triage.web.same_as import API


def _words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&#39;", "'")


def test_every_number_of_the_policy_has_a_meaning_and_a_reason():
    policy = shipped_policy()
    used = {name for clause in policy.clauses.values() for name in clause.thresholds}
    assert used | set(STANDARDS) == set(policy.numbers)
    assert all(one.what and one.why.endswith(".") for one in policy.numbers.values())


@pytest.mark.parametrize(
    ("name", "number", "words"),
    [
        ("first_look_minutes", 60, "60 minutes"), ("window_working_days", 10, "10 working days"), ("late_share", 0.5, "50%"),
        ("repeat_count", 1, "1"), ("window_days", 1, "1 day"),
    ],
)  # fmt: skip
def test_a_number_is_told_with_its_unit(name, number, words):
    assert in_words(name, number) == words


def test_the_page_has_numbers_reasons_standards_days_and_the_on_call_text(desk, manager):
    text = _words(manager.get("/policy").text)
    for part in (
        "A person looks first within 60 minutes", "Chasers of an overdue reply are our failure", "Policy Group, 5 February 2019",
        "A reply to whoever asks for something 5 working days", "without the bank holidays of England", "Danger to life now: 999 first",
        "Only contacts together with our own records can put it before a person", "Service standards of our own: none are on file",
    ):  # fmt: skip
        assert part in text, part


def test_our_own_standards_are_told_by_their_routes(desk, manager):
    with desk.store.begin() as unit:
        unit.landlord.put_standards([OwnStandards(applies_to=("heron.example",), general_reply_working_days=7)])
    text = _words(manager.get("/policy").text)
    assert "For routes at heron.example" in text and "asks for something 7 working days The landlord’s own." in text
    assert "A complaint at stage 1 is answered 10 working days The Complaint Handling Code of 2024, 6.3" in text
    assert "For all other routes" in text and "asks for something 5 working days No law and no code" in text
    assert "none are on file" not in text


def test_what_is_off_while_records_are_stale_is_said(desk, manager):
    assert "Demands, persistence and allegations over time" not in manager.get("/policy").text
    with desk.store.begin() as unit:
        unit.landlord.note_feed("records", NOW - timedelta(hours=25), "ok")
    assert "Demands, persistence and allegations over time" in manager.get("/policy").text


def test_since_when_this_very_file_is_in_use_is_on_record_once(desk, manager):
    policy = shipped_policy()
    assert "Not on record yet" in manager.get("/policy").text
    for days in (9, 3):
        put_on_record(desk.store, policy, NOW - timedelta(days=days))
    assert len(desk.audit("policy.in_use")) == 1
    found = manager.get(f"{API}/policy/document").json()
    assert found["fingerprint"] == hashlib.sha256(shipped_text().encode()).hexdigest()
    assert found["since"].startswith("2026-03-03")
    assert found["fingerprint"] in manager.get("/policy").text


@pytest.mark.parametrize("duty", Duty)
def test_the_file_itself_is_everybodys_and_the_same_by_both_ways(desk, duty):
    visitor = desk.signed_in(duty)
    page, twin = visitor.get("/policy/sheet"), visitor.get(f"{API}/policy/sheet")
    assert page.content == twin.content == shipped_text().encode()
    assert "attachment" in page.headers["content-disposition"]
