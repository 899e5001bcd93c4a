import re
from datetime import timedelta

import pytest

from triage.store.access import Duty

A2 = {
    "answer-A2": "yes",
    "reason-A2": "He named Mr Poole and insulted him.",
    "limb-A2": "distress",
    "limb_evidence-A2": "Mr Poole's own statement",
    "out_of_character-A2": "unknown",
}
P3 = {"answer-P3": "no", "reason-P3": "We were late ourselves."}


def _version(desk, flag):
    with desk.store.read() as unit:
        return unit.flags.get(flag).version


def _form(desk, **changes):
    fields = {
        "flag_version": str(_version(desk, desk.landlord.behaviour)),
        **A2,
        **P3,
        **{name.replace("__", "-"): value for name, value in changes.items()},
    }
    return {name: value for name, value in fields.items() if value is not None}


def _body(desk, **changes):
    decisions = [
        {
            "code": "A2",
            "answer": "yes",
            "reason": A2["reason-A2"],
            "limb": "distress",
            "limb_evidence": "Mr Poole's own statement",
            "out_of_character": "unknown",
        },
        {"code": "P3", "answer": "no", "reason": P3["reason-P3"]},
    ]
    return {"flag_version": _version(desk, desk.landlord.behaviour), "decisions": decisions, **changes}


def _state(desk):
    with desk.store.read() as unit:
        return unit.flags.get(desk.landlord.behaviour).state.value


def _reviews(desk):
    with desk.store.read() as unit:
        return unit.flags.reviews(desk.landlord.behaviour)


@pytest.fixture
def page(desk):
    return f"/flags/{desk.landlord.behaviour}"


@pytest.fixture
def api(desk):
    return f"/api/flags/{desk.landlord.behaviour}/reviews"


@pytest.fixture
def reader(reviewer, page):
    """A reviewer who has opened the flag with its context."""
    assert reviewer.get(page).status_code == 200
    return reviewer


def test_a_whole_decision_is_kept_with_who_and_why(desk, reader, page):
    answer = reader.post(
        f"{page}/reviews",
        **_form(desk, circumstances_weighed="We missed the visit.", next_step="ending in-progress contact"),
    )
    assert answer.status_code == 303, answer.text
    (review,) = _reviews(desk)
    assert review.reviewer == "Test reviewer"
    assert review.circumstances_weighed == "We missed the visit."
    assert review.next_step == "ending in-progress contact"
    assert {decision.code: decision.answer.value for decision in review.decisions} == {"A2": "yes", "P3": "no"}
    assert _state(desk) == "decided"
    assert desk.audit("flag.decided") == [("Test reviewer", desk.landlord.behaviour)]
    assert "Nothing was sent or changed for the customer" in reader.get(answer.headers["location"]).text


def test_the_api_keeps_the_same_decision(desk, reader, api):
    answer = reader.send(api, _body(desk))
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "decided"
    assert _reviews(desk)[0].reviewer == "Test reviewer"


def test_nobody_decides_without_having_opened_the_context(desk, reviewer, api):
    answer = reviewer.send(api, _body(desk))
    assert answer.status_code == 422
    assert "Open the flag's context" in answer.json()["error"]
    assert _reviews(desk) == []


def test_somebody_elses_look_at_the_context_does_not_count(desk, reader, api):
    other = desk.signed_in(Duty.REVIEWER, "Other reviewer")
    assert other.send(api, _body(desk)).status_code == 422


def test_a_context_opened_too_long_ago_does_not_count(desk, reader, api):
    for _ in range(5):
        desk.clock.pass_by(timedelta(minutes=50))
        reader.get("/policy")
    answer = reader.send(api, _body(desk))
    assert answer.status_code == 422
    assert "too long ago" in answer.json()["error"]


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("reason-A2", "Give the reason for A2 in your own words."),
        ("limb-A2", "Say which limb of policy 2.0 is met by A2"),
        ("limb_evidence-A2", "Say by whose evidence the limb is met for A2."),
        ("out_of_character-A2", "Say whether A2 was out of character"),
        ("answer-P3", "Decide P3: yes, no or unsure."),
    ],
)
def test_a_form_that_lacks_something_is_a_422_that_names_it_and_leads_there(desk, reader, page, field, sentence):
    fields = {name: value for name, value in _form(desk).items() if name != field}
    answer = reader.post(f"{page}/reviews", **fields)
    assert answer.status_code == 422
    assert sentence in answer.text.replace("&#39;", "'")
    assert f'<a href="#{field}">' in answer.text
    assert f'id="{field}"' in answer.text
    assert _reviews(desk) == []


@pytest.mark.parametrize("field", ["reason", "limb", "limb_evidence", "out_of_character"])
def test_the_api_refuses_what_the_form_refuses(desk, reader, api, field):
    body = _body(desk)
    del body["decisions"][0][field]
    answer = reader.send(api, body)
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert _reviews(desk) == []


def test_the_reviewer_is_who_is_signed_in_and_cannot_be_named(desk, reader, api):
    answer = reader.send(api, {**_body(desk), "reviewer": "Somebody else"})
    assert answer.status_code == 422
    assert "reviewer" in answer.json()["error"]
    assert _reviews(desk) == []


@pytest.mark.parametrize("name", ["reviewer", "state", "answer-A9", "score-A2"])
def test_a_form_with_a_field_too_many_is_refused(desk, reader, page, name):
    fields = (
        {**_form(desk), name: "yes", "reason-A9": "because of this"}
        if name == "answer-A9"
        else {**_form(desk), name: "yes"}
    )
    assert reader.post(f"{page}/reviews", **fields).status_code == 422
    assert _reviews(desk) == []


def test_a_limb_that_the_policy_does_not_have_is_refused(desk, reader, page):
    assert reader.post(f"{page}/reviews", **_form(desk, limb__A2="annoying")).status_code == 422


def test_a_next_step_that_is_not_in_the_policy_is_refused(desk, reader, page):
    answer = reader.post(f"{page}/reviews", **_form(desk, next_step="block the customer's number"))
    assert answer.status_code == 422
    assert "is not in the policy" in answer.text


def test_a_limb_beside_a_no_is_what_the_page_folds_away_and_is_left_out(desk, reader, page):
    assert reader.post(f"{page}/reviews", **_form(desk, answer__A2="no")).status_code == 303
    decision = next(decision for decision in _reviews(desk)[0].decisions if decision.code == "A2")
    assert decision.limb is None
    assert decision.out_of_character is None


def test_nothing_is_chosen_before_a_person_chooses(reader, page):
    text = reader.get(page).text
    assert text.count('type="radio"') > 10
    assert " checked" not in text


def test_what_was_typed_is_still_there_after_a_refusal(desk, reader, page):
    answer = reader.post(
        f"{page}/reviews", **_form(desk, limb__A2=None, circumstances_weighed="A night without heating")
    )
    assert "He named Mr Poole and insulted him." in answer.text
    assert "A night without heating" in answer.text
    assert answer.text.count(" checked") == 3


def test_of_two_reviewers_the_second_gets_a_409_and_keeps_the_words(desk, reader, page):
    second = desk.signed_in(Duty.REVIEWER, "Second reviewer")
    second.get(page)
    fields = _form(desk)
    assert reader.post(f"{page}/reviews", **fields).status_code == 303
    answer = second.post(f"{page}/reviews", **{**fields, "reason-A2": "My own reading of these words."})
    assert answer.status_code == 409
    assert "somebody decided it, or new evidence joined" in answer.text
    assert "My own reading of these words." in answer.text
    assert len(_reviews(desk)) == 1


def test_over_the_api_too_the_second_gets_a_409(desk, reader, api, page):
    second = desk.signed_in(Duty.REVIEWER, "Second reviewer")
    second.get(page)
    body = _body(desk)
    assert reader.send(api, body).status_code == 201
    assert second.send(api, body).status_code == 409


def test_a_decision_on_an_older_version_is_a_409_and_the_form_comes_back_with_the_new_one(desk, reader, page):
    answer = reader.post(f"{page}/reviews", **_form(desk, flag_version="0"))
    assert answer.status_code == 409
    assert "what you typed is still in the form" in answer.text
    assert f'name="flag_version" value="{_version(desk, desk.landlord.behaviour)}"' in answer.text


def test_while_one_has_claimed_a_flag_another_cannot_decide_it(desk, reader, page):
    second = desk.signed_in(Duty.REVIEWER, "Second reviewer")
    second.get(page)
    assert reader.post(f"{page}/claim").status_code == 303
    assert second.post(f"{page}/claim").status_code == 409
    assert second.post(f"{page}/reviews", **_form(desk)).status_code == 409
    assert "Test reviewer" in second.get("/").text
    desk.clock.pass_by(timedelta(minutes=11))
    second.get(page)
    assert second.post(f"{page}/reviews", **_form(desk)).status_code == 303


def test_an_unsure_leaves_the_flag_for_a_second_reader(desk, reader, page):
    answer = reader.post(f"{page}/reviews", **_form(desk, answer__P3="unsure"))
    assert answer.status_code == 303
    assert _state(desk) == "open"
    text = reader.get(page).text
    assert "P3 Different routes about the same issue: unsure." in text
    assert "He named Mr Poole and insulted him." in text


def test_a_decided_flag_can_be_reopened_with_a_reason_and_keeps_its_history(desk, reader, page):
    reader.post(f"{page}/reviews", **_form(desk))
    assert reader.post(f"{page}/reopen", reason="").status_code == 422
    assert reader.post(f"{page}/reopen", reason="Mr Poole has written to us.").status_code == 303
    assert _state(desk) == "open"
    text = reader.get(page).text
    assert "He named Mr Poole and insulted him." in text
    assert "Reopened, by Test reviewer" in text
    assert reader.post(f"{page}/reopen", reason="Once more, please.").status_code == 409


def test_a_staff_statement_is_added_by_a_person_and_shown(desk, reader, page):
    assert "None on file." in reader.get(page).text
    assert reader.post(f"{page}/statements", staff="Mr Poole", text="I was shaken by it.").status_code == 303
    text = reader.get(page).text
    assert "I was shaken by it." in text
    assert "written down by Test reviewer" in text
    assert desk.audit("statement.added") == [("Test reviewer", desk.landlord.behaviour)]


def test_every_view_is_on_record(desk, reader, page):
    reader.get(f"/contacts/{desk.landlord.abusive_contact}")
    assert desk.audit("flag.viewed") == [("Test reviewer", desk.landlord.behaviour)]
    assert desk.audit("contact.viewed") == [("Test reviewer", desk.landlord.abusive_contact)]


def test_a_manager_reads_a_flag_but_finds_no_form(manager, page):
    text = manager.get(page).text
    assert "reviewers decide it." in text
    assert "Record my decision" not in text


def test_a_card_is_decided_without_a_limb(desk, reviewer):
    page = f"/flags/{desk.landlord.hazard}"
    text = reviewer.get(page).text
    assert 'name="limb-' not in text
    answer = reviewer.post(
        f"{page}/reviews",
        **{
            "flag_version": "1",
            "answer-hazard": "yes",
            "reason-hazard": "Water near the light.",
            "next_step": "emergency job raised",
        },
    )
    assert answer.status_code == 303


def test_the_safeguarding_role_decides_its_own_card(desk, safeguarding):
    page = f"/flags/{desk.landlord.safeguarding}"
    safeguarding.get(page)
    answer = safeguarding.post(
        f"{page}/reviews",
        **{
            "flag_version": "1",
            "answer-S0": "yes",
            "reason-S0": "We rang and spoke at length.",
            "next_step": "safeguarding contact the same day",
        },
    )
    assert answer.status_code == 303, answer.text


def test_nothing_can_be_decided_in_bulk(desk, reader):
    text = reader.get("/").text
    actions = {
        action for action in re.findall(r'method="post"[^>]*action="([^"]+)"', text) if not action.endswith("/claim")
    }
    assert actions == {"/sign-out", "/queue", "/queue/views"}
    assert reader.post("/queue", pick=desk.landlord.behaviour, act="decide").status_code >= 400
    assert "answer-" not in text


def test_after_a_decision_the_next_flag_is_one_step_away(desk, reader, page):
    assert "data-next" not in reader.get(page).text
    reader.post(f"{page}/reviews", **_form(desk))
    text = reader.get(f"{page}?done=decided").text
    assert "Your decision is recorded." in text
    assert f'href="/flags/{desk.landlord.service_failure}" data-next>Next flag' in text


def test_a_flag_that_somebody_else_has_claimed_is_not_the_next(desk, reader, page):
    other = desk.signed_in(Duty.REVIEWER, "Bea")
    other.post(f"/flags/{desk.landlord.service_failure}/claim")
    reader.post(f"{page}/reviews", **_form(desk))
    text = reader.get(f"{page}?done=decided").text
    assert f'href="/flags/{desk.landlord.hazard}" data-next>Next flag' in text


def test_nobody_is_told_of_a_decision_that_they_did_not_take(desk, reader, page):
    assert "Your decision is recorded." not in reader.get(f"{page}?done=decided").text
