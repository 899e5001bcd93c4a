"""The queue as people work it: order, filters in the address, sharing out, who is looking, saved views."""

import json
import re
from datetime import timedelta

from triage.reports.people import pseudonym
from triage.reports.queue import near_copies
from triage.store.access import Duty
from triage.testing import NOW

ROW = re.compile(r'href="/flags/([0-9a-f]+)" data-open')


def _rows(visitor, address="/"):
    answer = visitor.get(address)
    assert answer.status_code == 200, answer.text
    return ROW.findall(answer.text)


def _pick(visitor, act, *flags, **more):
    return visitor.post("/queue", act=act, **more, **{f"pick-{flag}": "yes" for flag in flags})


def _age(desk, flag_id, days):
    """The same flag, opened so many days before it was."""
    from dataclasses import replace

    with desk.store.begin() as unit:
        flag = unit.flags.get(flag_id)
        unit.flags.update(replace(flag, opened=flag.opened - timedelta(days=days)), was=flag.version)


def test_a_flag_with_a_clock_comes_before_an_older_one_without(desk, reviewer):
    _age(desk, desk.landlord.service_failure, 400)
    assert _rows(reviewer).index(desk.landlord.hazard) < _rows(reviewer).index(desk.landlord.service_failure)


def test_an_old_flag_of_little_urgency_is_not_passed_for_ever(desk, reviewer):
    urgent, quiet = desk.landlord.behaviour, desk.landlord.service_failure
    rows = _rows(reviewer)
    assert rows.index(urgent) < rows.index(quiet)
    _age(desk, quiet, 30)
    rows = _rows(reviewer)
    assert rows.index(quiet) < rows.index(urgent)


def test_a_person_is_found_by_the_pseudonym_that_the_page_shows(desk, reviewer):
    mark = pseudonym("C-100").split()[-1]
    assert desk.landlord.behaviour in _rows(reviewer, f"/?text={mark}")
    assert _rows(reviewer, "/?text=nobody-is-called-this") == []


def test_a_flag_is_found_by_a_word_of_its_subject(desk, reviewer):
    assert desk.landlord.behaviour in _rows(reviewer, "/?text=boiler")


def test_a_search_never_tells_what_a_subject_with_safeguarding_says(desk, reviewer):
    with desk.store.read() as unit:
        issue = unit.issues.get(unit.flags.get(desk.landlord.safeguarding).issue_id)
        beside = [flag.id for flag in unit.flags.listed(issue_id=issue.id) if flag.kind.value != "safeguarding"]
    word = max(issue.title.split(), key=len)
    assert not set(beside) & set(_rows(reviewer, f"/?text={word}"))


def test_an_address_with_unknown_filters_still_opens_the_list(reviewer):
    assert _rows(reviewer, "/?held=%3Cx%3E&shown=none&kind=people&overdue=perhaps") == _rows(reviewer)


def test_what_is_assigned_is_listed_as_mine_and_is_not_free_to_others(desk, reviewer):
    flag = desk.landlord.behaviour
    assert _pick(reviewer, "assign", flag).status_code == 303
    assert _rows(reviewer, "/?held=mine") == [flag]
    other = desk.signed_in(Duty.REVIEWER, "Lee Marsh")
    assert flag not in _rows(other, "/?held=free")
    assert flag in _rows(other)
    assert "flag.assigned" in _actions(desk, flag)


def test_what_is_put_off_leaves_the_list_is_counted_and_comes_back_by_itself(desk, reviewer):
    flag = desk.landlord.service_failure
    _pick(reviewer, "snooze", flag, days="3")
    assert flag not in _rows(reviewer)
    assert "1 put off" in reviewer.get("/").text
    assert _rows(reviewer, "/?shown=snoozed") == [flag]
    with desk.store.read() as unit:
        until = unit.working.marks([flag])[flag].snoozed_until
    assert until == NOW + timedelta(days=3)


def test_new_evidence_brings_back_what_was_put_off(desk, reviewer):
    from dataclasses import replace

    flag_id = desk.landlord.service_failure
    _pick(reviewer, "snooze", flag_id)
    with desk.store.begin() as unit:
        flag = unit.flags.get(flag_id)
        unit.flags.update(replace(flag, version=flag.version + 1), was=flag.version)
    assert flag_id in _rows(reviewer)


def test_a_flag_with_a_clock_can_be_neither_put_off_nor_folded_away(desk, reviewer):
    answer = _pick(reviewer, "snooze", desk.landlord.hazard, desk.landlord.service_failure)
    assert answer.status_code == 409
    assert "clock" in answer.text
    assert desk.landlord.service_failure in _rows(reviewer)


def test_duplicates_are_folded_under_the_oldest_and_can_be_brought_back(desk, reviewer):
    first, second = desk.landlord.behaviour, _second_behaviour(desk)
    assert _pick(reviewer, "duplicate", first, second).status_code == 303
    rows = _rows(reviewer)
    assert first in rows
    assert second not in rows
    assert f'href="/flags/{second}">duplicate 1' in reviewer.get("/").text
    _pick(reviewer, "bring-back", second)
    assert second in _rows(reviewer)


def _second_behaviour(desk):
    """A later flag of the same kind and no clock, on another issue."""
    from dataclasses import replace

    with desk.store.begin() as unit:
        flag = unit.flags.get(desk.landlord.behaviour)
        other = next(f.issue_id for f in unit.flags.listed() if f.issue_id != flag.issue_id)
        copy = replace(flag, id="c" * 32, issue_id=other, customer_ref="C-999", opened=flag.opened + timedelta(hours=1))
        unit.flags.add(copy)
    return "c" * 32


def test_nothing_in_the_sharing_form_can_decide_a_flag(desk, reviewer):
    for act in ("confirm", "dismiss", "yes", "decide"):
        assert _pick(reviewer, act, desk.landlord.behaviour).status_code == 422


def test_a_reviewer_cannot_arrange_a_safeguarding_card(desk, reviewer):
    assert _pick(reviewer, "assign", desk.landlord.safeguarding).status_code == 404


def test_others_see_who_is_looking_and_the_person_themselves_does_not(desk, reviewer):
    flag = desk.landlord.behaviour
    lee = desk.signed_in(Duty.REVIEWER, "Lee Marsh")
    lee.get(f"/flags/{flag}")
    assert "Lee Marsh is looking" in reviewer.get("/").text
    assert "is looking" not in lee.get("/").text
    desk.clock.now = desk.clock() + timedelta(minutes=5)
    assert "is looking" not in reviewer.get("/").text
    assert lee.post(f"/flags/{flag}/presence").status_code == 204
    assert "Lee Marsh is looking" in reviewer.get("/").text


def test_an_open_page_keeps_a_claim_going_and_giving_it_back_frees_it(desk, reviewer):
    flag = desk.landlord.behaviour
    reviewer.post(f"/flags/{flag}/claim")
    desk.clock.now = desk.clock() + timedelta(minutes=9)
    reviewer.post(f"/flags/{flag}/presence")
    desk.clock.now = desk.clock() + timedelta(minutes=9)
    other = desk.signed_in(Duty.REVIEWER, "Lee Marsh")
    assert other.post(f"/flags/{flag}/claim").status_code == 409
    assert other.post(f"/flags/{flag}/release").status_code == 409
    assert reviewer.post(f"/flags/{flag}/release").status_code == 303
    assert other.post(f"/flags/{flag}/claim").status_code == 303


def test_a_saved_view_is_its_owners_until_shared_and_keeps_known_filters_alone(desk, reviewer):
    other = desk.signed_in(Duty.REVIEWER, "Lee Marsh")
    reviewer.post("/queue/views", name="Late hazards", query="kind=hazard&overdue=yes&page=7&x=javascript:1")
    page = reviewer.get("/").text
    assert 'href="/?kind=hazard&amp;overdue=yes">Late hazards' in page
    assert "Late hazards" not in other.get("/").text
    reviewer.post("/queue/views", name="All verbal abuse", query="code=A2", shared="yes")
    assert "All verbal abuse" in other.get("/").text
    view = re.search(r"/queue/views/([0-9a-f]{32})/remove", page).group(1)
    assert other.post(f"/queue/views/{view}/remove").status_code == 404
    assert reviewer.post(f"/queue/views/{view}/remove").status_code == 303


def test_near_copies_are_counted_and_different_words_are_not():
    same = "I have asked four times now when somebody comes about the boiler please answer me today"
    assert near_copies([same, f"{same} thanks", "The lift is stuck again on floor two", same]) == 2
    assert near_copies(["", ""]) == 0


def _actions(desk, subject):
    with desk.store.read() as unit:
        return [entry.action for entry in unit.audit.entries(subject=subject)]


def test_all_of_it_is_in_an_unbroken_audit_without_words_of_customers(desk, reviewer):
    _pick(reviewer, "snooze", desk.landlord.service_failure)
    _pick(reviewer, "bring-back", desk.landlord.service_failure)
    with desk.store.read() as unit:
        assert unit.audit.verify() > 0
        entries = list(unit.audit.entries(subject=desk.landlord.service_failure))
    assert {"flag.snoozed", "flag.brought_back"} <= {entry.action for entry in entries}
    assert all(len(json.dumps(dict(entry.detail))) < 200 for entry in entries)
