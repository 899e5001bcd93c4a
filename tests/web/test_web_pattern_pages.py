from dataclasses import replace
from datetime import timedelta

import pytest

from triage.domain.clocks import day_of
from triage.domain.flag import FlagState
from triage.domain.issue import Issue
from triage.domain.owed import owed_replies
from triage.domain.persistence import measure
from triage.domain.record import Record, RecordKind
from triage.domain.signal import Assessment, Finding
from triage.domain.workdays import WorkingDays
from triage.queue import settle
from triage.reports.issues import by_clause, issue_page, pattern_rows
from triage.reports.otherwise import otherwise_views
from triage.reports.veil import Veil
from triage.reports.volume import FEWEST, volume
from triage.store.access import Duty
from triage.testing import NOW, contact, put

POLICY = "unacceptable-behaviour 2019-1.0/2"


def _look_again(desk, unit, issue_id):
    """What the pipeline does at each look, on what the small landlord holds."""
    history = unit.issues.history(unit.issues.get(issue_id), feed_fresh=True)
    history = replace(history, standards=desk.landlord.policy.standards)
    owed = owed_replies(history, NOW, WorkingDays())
    patterns = measure(history, owed, desk.landlord.policy, NOW, WorkingDays())
    unit.issues.put_assessment(Assessment(at=NOW, issue_id=issue_id, policy=POLICY, owed=owed))
    return {pattern.code: pattern.judgement.value for pattern in patterns}


def test_our_failure_says_which_reply_in_time_would_have_changed_it(desk):
    with desk.store.begin() as unit:
        put(unit, contact("c-late-9", NOW - timedelta(days=1), "Any news of the lift?"), "i-late", "C-300")
        assert _look_again(desk, unit, "i-late")["service_failure"] == "look"
        flag = unit.flags.get(desk.landlord.service_failure)
        views = otherwise_views(unit, flag, desk.landlord.policy, WorkingDays(), Veil())
    assert views["service_failure"][0].what == "Had we been in time"
    assert "been done by then" in views["service_failure"][0].sentence


def test_what_a_contact_with_safeguarding_would_have_changed_is_not_said(desk):
    with desk.store.begin() as unit:
        put(unit, contact("c-late-9", NOW - timedelta(days=1), "Any news of the lift?"), "i-late", "C-300")
        _look_again(desk, unit, "i-late")
        flag = unit.flags.get(desk.landlord.service_failure)
        secret = [entry.contact for entry in unit.contacts.of_issue("i-late")]
        views = otherwise_views(unit, flag, desk.landlord.policy, WorkingDays(), Veil(secret))
    assert views == {"service_failure": ()}


def test_the_issue_page_says_what_would_have_changed_its_open_flag(desk, manager):
    with desk.store.begin() as unit:
        put(unit, contact("c-late-9", NOW - timedelta(days=1), "Any news of the lift?"), "i-late", "C-300")
        _look_again(desk, unit, "i-late")
    text = manager.get("/issues/i-late").text
    assert "What would have changed this" in text and "Not raised had what was due by" in text
    assert "Not raised had what was due by" in manager.get("/api/v1/issues/i-late").text


def test_the_patterns_page_counts_what_was_done_in_the_policys_three_parts(desk, manager):
    with desk.store.begin() as unit:
        for name, kind in (("r-1", RecordKind.WARNING), ("r-2", RecordKind.ADJUSTMENT_AGREED)):
            record = Record(id=name, at=NOW - timedelta(days=1), kind=kind, customer_ref="C-100", text="Agreed.")
            unit.landlord.put_record(record, desk.landlord.boiler_issue)
    with desk.store.read() as unit:
        rows = pattern_rows(unit, desk.landlord.policy, NOW)
    row = next(row for row in rows if row.issue_id == desk.landlord.boiler_issue)
    assert row.response >= 1 and row.support >= 1
    text = manager.get("/patterns").text
    assert "What was done, by clause" in text and "Prevention" in text and "Support" in text


def test_by_clause_counts_issues_and_not_things_done(desk):
    with desk.store.read() as unit:
        rows = pattern_rows(unit, desk.landlord.policy, NOW)
    for each in by_clause(rows, desk.landlord.policy):
        assert 0 < each.issues <= len(rows)
        assert max(each.late, each.prevention, each.response, each.support) <= each.issues


def test_an_issues_volume_is_told_beside_the_landlords_own_issues_and_raises_nothing(desk):
    with desk.store.begin() as unit:
        before = len(unit.flags.listed())
        assert volume(unit, "i-late", NOW) is None  # too few issues to compare with
        for number in range(FEWEST):
            issue = f"i-v{number}"
            unit.issues.add(unit.issues.get("i-late").__class__(id=issue, household_ref=f"C-v{number}", opened=NOW))
            put(unit, contact(f"c-v{number}", NOW - timedelta(days=2), "Hello."), issue, f"C-v{number}")
        for number in range(12):
            said = contact(f"c-many{number}", NOW - timedelta(days=3, minutes=number), "Again.")
            put(unit, said, "i-v0", "C-v0")
        found = volume(unit, "i-v0", NOW)
        assert found is not None and found.contacts == 13 and found.issues >= FEWEST
        assert "had fewer" in found.sentence and "raises nothing" in found.sentence
        assert len(unit.flags.listed()) == before
        assert issue_page(unit, desk.landlord.policy, "i-v0", NOW, WorkingDays()).volume == found


def test_a_persistence_flag_tells_the_volume_as_of_its_own_last_evidence_and_not_as_of_today(desk, manager):
    flag = f"/flags/{desk.landlord.behaviour}"
    with desk.store.begin() as unit:
        raised = unit.flags.get(desk.landlord.behaviour).code("P3").last_evidence_at
        for number in range(FEWEST):
            issue = f"i-v{number}"
            unit.issues.add(Issue(id=issue, household_ref=f"C-v{number}", opened=NOW))
            put(unit, contact(f"c-v{number}", raised - timedelta(days=2), "Hello."), issue, f"C-v{number}")
        then = volume(unit, desk.landlord.boiler_issue, raised)
        put(unit, contact("c-later", raised + timedelta(minutes=5), "Again."), desk.landlord.boiler_issue, "C-100")
    assert then is not None and then.contacts == 5
    sentence = f"5 contacts in on this issue in the 28 days to {day_of(raised)}: "
    assert sentence in manager.get(flag).text and "raises nothing" in manager.get(flag).text
    assert manager.get(f"/api/v1{flag}").json()["volume"]["contacts"] == 5
    assert "in on this issue" not in manager.get(f"/flags/{desk.landlord.service_failure}").text


def _answered(desk, at):
    """The service-failure card of the lift ends by itself, because the late answer has gone out."""
    with desk.store.begin() as unit:
        settle(unit, Assessment(at=at, issue_id="i-late", policy=POLICY), desk.landlord.policy)
        assert unit.flags.get(desk.landlord.service_failure).state is FlagState.LAPSED


def test_a_failure_of_ours_stays_on_patterns_after_it_has_ended_without_a_decision(desk, manager):
    assert "Ended without a decision</strong>" not in manager.get("/patterns").text
    _answered(desk, NOW - timedelta(days=1))
    text = manager.get("/patterns").text
    assert text.count("Ended without a decision</strong>") == 1 and "When will the lift be mended?" in text
    rows = {row["issue_id"]: row for row in manager.get("/api/v1/patterns").json()}
    assert [code for code, _ in rows["i-late"]["ended"]] == ["service_failure"] and rows["i-boiler"]["ended"] == []
    assert "ended without a decision" in manager.get("/issues/i-late").text


@pytest.mark.parametrize(("weeks", "there"), [("", False), ("?weeks=4", False), ("?weeks=26", True)])
def test_what_has_ended_is_listed_for_the_period_that_is_chosen(desk, manager, weeks, there):
    _answered(desk, NOW)
    desk.clock.pass_by(timedelta(weeks=13))
    manager = desk.signed_in(Duty.MANAGER)
    assert ("When will the lift be mended?" in manager.get(f"/patterns{weeks}").text) is there
    assert ("i-late" in manager.get(f"/api/v1/patterns{weeks}").text) is there
    assert "Boiler locks out" in manager.get(f"/patterns{weeks}").text, "what nobody has decided yet stays"


def test_a_period_that_is_not_on_offer_is_refused(manager):
    assert [manager.get(f"{page}?weeks=7").status_code for page in ("/patterns", "/owed", "/owed/sheet")] == [422] * 3


def test_a_code_that_was_raised_again_has_not_ended(desk):
    _answered(desk, NOW - timedelta(days=2))
    finding = Finding(code="service_failure", customer_ref="C-300", why="Late again.", contacts=("c-late-1",))
    with desk.store.begin() as unit:
        settle(unit, Assessment(at=NOW, issue_id="i-late", policy=POLICY, findings=(finding,)), desk.landlord.policy)
        rows = {row.issue_id: row for row in pattern_rows(unit, desk.landlord.policy, NOW)}
    assert rows["i-late"].codes and rows["i-late"].ended == ()


def test_what_has_ended_comes_last_but_for_where_we_are_late_now(desk):
    with desk.store.begin() as unit:
        for issue in ("i-late", desk.landlord.boiler_issue):
            unit.issues.put_assessment(Assessment(at=NOW, issue_id=issue, policy=POLICY))
    _answered(desk, NOW)
    with desk.store.read() as unit:
        rows = pattern_rows(unit, desk.landlord.policy, NOW)
    assert [row.we_are_late for row in rows] == [False] * len(rows)
    assert [row.issue_id for row in rows][-1] == "i-late" and min(rows, key=lambda row: row.opened) is rows[-1]
