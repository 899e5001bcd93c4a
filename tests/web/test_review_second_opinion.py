import pytest

from triage.store.access import Duty

WEIGHTY = {
    "next_step": "contact agreements",
    "less_intrusive": "We rang and explained; it went on all the same.",
    "equality": "No disability known; large print was offered and kept to.",
    "not_involved": "true",
}
CLEAR = {
    "answer-A2": "yes",
    "reason-A2": "He named Mr Poole and insulted him.",
    "limb-A2": "distress",
    "limb_evidence-A2": "Mr Poole's own statement",
    "out_of_character-A2": "unknown",
    "target-A2": "engineer 7",
    "answer-P3": "no",
    "reason-P3": "We were late ourselves.",
}


@pytest.fixture
def page(desk):
    return f"/flags/{desk.landlord.behaviour}"


def _flag(desk):
    with desk.store.read() as unit:
        return unit.flags.get(desk.landlord.behaviour)


def _records(desk, *, withdrawn=False):
    with desk.store.read() as unit:
        return unit.outcomes.records(flag_id=desk.landlord.behaviour, withdrawn=withdrawn)


def _decide(desk, visitor, page, **changes):
    visitor.get(page)
    fields = {**CLEAR, **{name.replace("__", "-"): value for name, value in changes.items()}}
    return visitor.post(f"{page}/reviews", flag_version=str(_flag(desk).version), **fields)


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("less_intrusive", "Say which less intrusive options you considered"),
        ("equality", "Say how you weighed the Equality Act"),
        ("not_involved", "Declare that you are not involved"),
    ],
)
def test_a_warning_or_more_is_refused_without_what_it_needs(desk, reviewer, page, field, sentence):
    answer = _decide(desk, reviewer, page, **{name: value for name, value in WEIGHTY.items() if name != field})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'<a href="#{field}">' in answer.text
    assert f'id="{field}"' in answer.text
    assert _flag(desk).opinions == ()


def test_a_weighty_step_needs_a_clause_that_was_confirmed(desk, reviewer, page):
    answer = _decide(desk, reviewer, page, **WEIGHTY, answer__A2="no")
    assert answer.status_code == 422
    assert "needs a clause that you confirmed" in answer.text


def test_a_weighty_step_waits_for_another_person_and_writes_no_record_yet(desk, reviewer, page):
    assert _decide(desk, reviewer, page, **WEIGHTY).status_code == 303
    assert _flag(desk).state.value == "open"
    assert _flag(desk).awaits == "second opinion"
    assert _records(desk) == []


def test_the_second_reader_is_shown_nothing_of_what_the_first_decided(desk, reviewer, page):
    _decide(desk, reviewer, page, **WEIGHTY)
    second = desk.signed_in(Duty.REVIEWER, "Bea Long")
    text = second.get(page).text
    assert "He named Mr Poole and insulted him." not in text
    assert "It has to be another person" not in text
    assert "What they decided is hidden until you have given your own" in text
    told = second.client.get(f"/api/v1{page}").json()
    assert told["reviews"] == []
    assert "insulted him" not in second.get(f"/issues/{desk.landlord.boiler_issue}").text


def test_a_manager_who_only_looks_is_not_told_either(desk, reviewer, manager, page):
    _decide(desk, reviewer, page, **WEIGHTY)
    assert "He named Mr Poole and insulted him." not in manager.get(page).text


def test_the_same_person_never_gives_the_second_opinion(desk, reviewer, page):
    _decide(desk, reviewer, page, **WEIGHTY)
    assert "Record my decision" not in reviewer.get(page).text
    answer = _decide(desk, reviewer, page, **WEIGHTY)
    assert answer.status_code == 422
    assert "the next one is another person" in answer.text
    assert _flag(desk).state.value == "open"


def test_two_people_who_came_to_the_same_decide_it_and_the_record_names_both(desk, reviewer, page):
    _decide(desk, reviewer, page, **WEIGHTY)
    second = desk.signed_in(Duty.REVIEWER, "Bea Long")
    assert _decide(desk, second, page, **WEIGHTY, reason__A2="An insult, at a person.").status_code == 303
    assert _flag(desk).state.value == "decided"
    (record,) = _records(desk)
    assert (record.second_by, record.decided_by) == ("Test reviewer", "Bea Long")
    assert record.next_step == "contact agreements"


def test_where_two_differ_a_third_reader_sees_both_and_settles_it(desk, reviewer, page):
    _decide(desk, reviewer, page, **WEIGHTY)
    second = desk.signed_in(Duty.REVIEWER, "Bea Long")
    assert (
        _decide(desk, second, page, answer__A2="no", reason__A2="Said once, at the end of a tether.").status_code == 303
    )
    assert _flag(desk).awaits == "third reader"
    third = desk.signed_in(Duty.REVIEWER, "Cem Oak")
    text = third.get(page).text
    assert "He named Mr Poole and insulted him." in text
    assert "Said once, at the end of a tether." in text
    assert _decide(desk, third, page, answer__A2="no", reason__A2="One outburst, and we were late.").status_code == 303
    assert _flag(desk).state.value == "decided"
    assert _records(desk) == []


def test_a_decision_can_be_undone_by_whoever_took_it_and_its_record_is_taken_back(desk, reviewer, page):
    _decide(desk, reviewer, page)
    (record,) = _records(desk)
    assert "Undo my decision" in reviewer.get(f"{page}?done=decided").text
    assert reviewer.post(f"{page}/undo").status_code == 303
    assert _flag(desk).state.value == "open"
    assert _records(desk) == []
    assert [one.id for one in _records(desk, withdrawn=True)] == [record.id]
    text = reviewer.get(page).text
    assert "Taken back" in text
    assert "Decision taken back, by Test reviewer" in text
    assert "Taken back" in reviewer.get(f"/incident-records/{record.id}").text
    assert _decide(desk, reviewer, page).status_code == 303


def test_nobody_undoes_another_persons_decision(desk, reviewer, page):
    _decide(desk, reviewer, page)
    other = desk.signed_in(Duty.REVIEWER, "Bea Long")
    assert "Undo my decision" not in other.get(page).text
    assert other.post(f"{page}/undo").status_code == 409
    assert _flag(desk).state.value == "decided"


def test_undoing_the_second_opinion_leaves_the_first_waiting(desk, reviewer, page):
    _decide(desk, reviewer, page, **WEIGHTY)
    second = desk.signed_in(Duty.REVIEWER, "Bea Long")
    _decide(desk, second, page, **WEIGHTY)
    assert second.post(f"{page}/undo").status_code == 303
    assert _flag(desk).awaits == "second opinion"
    assert _records(desk) == []
    third = desk.signed_in(Duty.REVIEWER, "Cem Oak")
    _decide(desk, third, page, **WEIGHTY)
    assert _flag(desk).state.value == "decided"


def test_a_reopened_flag_takes_its_record_back_and_starts_afresh(desk, reviewer, page):
    _decide(desk, reviewer, page)
    assert reviewer.post(f"{page}/reopen", reason="Mr Poole has written to us.").status_code == 303
    assert _records(desk) == []
    assert _flag(desk).opinions == ()
    assert _decide(desk, reviewer, page).status_code == 303
    assert len(_records(desk)) == 1


def test_whoever_only_looks_neither_undoes_nor_notes(desk, analyst, page):
    assert analyst.post(f"{page}/undo").status_code == 403
    assert analyst.post(f"{page}/support", staff="engineer 7", step="debrief offered").status_code == 403
