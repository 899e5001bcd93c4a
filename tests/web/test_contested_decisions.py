"""What a customer says of a flag stands beside the decision, and an appeal is answered by somebody who took no part in it."""

import pytest
from sqlalchemy.exc import IntegrityError

from triage.domain.contesting import AppealAnswer, Outcome
from triage.store.access import Duty
from triage.web.same_as import API

SAID = {"received": "2026-03-11", "made_by": "the customer", "text": "I was shouting at the boiler, not at Mr Poole."}
APPEAL = {**SAID, "asks": "to have the decision looked at again"}
NOTED = {**SAID, "asks": "to have it noted"}
STANDS = {"outcome": "the decision stands", "reason": "Two engineers say the same.", "not_involved": True}
TAKEN_BACK = {**STANDS, "outcome": "the decision is taken back"}


@pytest.fixture
def decided(desk, reviewer):
    """The insult, confirmed by a reviewer."""
    flag = reviewer.get(f"{API}/flags/{desk.landlord.behaviour}").json()
    yes = {"code": "A2", "answer": "yes", "reason": "He insulted Mr Poole.", "limb": "distress"}
    yes |= {"limb_evidence": "his statement", "out_of_character": "no"}
    decisions = [yes, {"code": "P3", "answer": "no", "reason": "We were late ourselves."}]
    sent = {"flag_version": flag["flag"]["version"], "decisions": decisions}
    assert reviewer.send(f"{API}/flags/{desk.landlord.behaviour}/reviews", sent).status_code == 201
    return desk.landlord.behaviour


def _appeal(visitor, flag_id):
    answer = visitor.send(f"{API}/flags/{flag_id}/representations", APPEAL)
    assert answer.status_code == 201, answer.text
    return f"/flags/{flag_id}/representations/{answer.json()['id']}/answer"


def test_what_a_customer_says_is_shown_to_whoever_decides_and_given_out_with_the_explanation(desk, reviewer):
    page = f"/flags/{desk.landlord.behaviour}"
    assert reviewer.post(f"{page}/representations", **NOTED).status_code == 303
    text = reviewer.get(page).text
    assert text.index("I was shouting at the boiler") < text.index('id="decision"')
    assert "I was shouting at the boiler, not at Mr Poole." in reviewer.get(f"{page}/sheet").text
    assert reviewer.get(f"{API}{page}").json()["representations"][0]["text"] == SAID["text"]


def test_before_a_decision_there_is_nothing_to_appeal_and_cards_are_held_against_nobody(desk, reviewer):
    page, card = (f"/flags/{flag}/representations" for flag in (desk.landlord.behaviour, desk.landlord.hazard))
    assert "nothing to appeal" in reviewer.post(page, **APPEAL).text
    assert "held against nobody" in reviewer.send(f"{API}{card}", NOTED).json()["error"]
    later = reviewer.post(page, **{**NOTED, "received": "2027-01-01"})
    assert later.status_code == 409 and "lies in the future" in later.text


def test_an_appeal_waits_for_somebody_who_did_not_decide(desk, reviewer, manager, decided):
    answer = _appeal(reviewer, decided)
    assert "By another person" in reviewer.get("/appeals").text
    assert "You can answer it" in manager.get("/appeals").text
    assert "You took part in this decision" in reviewer.send(f"{API}{answer}", STANDS).json()["error"]
    involved = manager.send(f"{API}{answer}", {**STANDS, "not_involved": False})
    assert involved.status_code == 409 and "not involved" in involved.json()["error"]
    assert manager.send(f"{API}{answer}", STANDS).status_code == 200
    assert manager.send(f"{API}{answer}", STANDS).status_code == 409
    text = manager.get(f"/flags/{decided}").text
    assert "Appeal answered: the decision stands." in text and "Two engineers say the same." in text
    assert desk.audit("appeal.answered") == [("Test manager", decided)]
    record = manager.get(f"{API}/flags/{decided}").json()["records"][0][0]
    told = "Received 11 March 2026, answered 12 March 2026 by Test manager: the decision stands."
    assert manager.get(f"{API}/incident-records/{record}").json()["appeals"] == [told]
    assert told in manager.get(f"/incident-records/{record}").text
    with desk.store.read() as unit:
        assert unit.flags.get(decided).state == "decided"


def test_an_appeal_that_is_upheld_takes_the_decision_and_its_record_back(desk, reviewer, manager, decided):
    answer = _appeal(manager, decided)
    form = {**TAKEN_BACK, "not_involved": "true"}
    assert manager.post(answer, **form).status_code == 303
    with desk.store.read() as unit:
        assert unit.flags.get(decided).state == "open"
        assert unit.outcomes.records(flag_id=decided) == []
    assert "Appeal answered: the decision is taken back." in reviewer.get(f"/flags/{decided}").text


def test_the_database_itself_refuses_an_answer_by_whoever_decided(desk, reviewer, decided):
    _appeal(reviewer, decided)
    with desk.store.read() as unit:
        (item,) = unit.outcomes.representations(decided)
        by = unit.flags.reviews(decided)[0].reviewer
    answer = AppealAnswer(reviewer=by, at=desk.clock(), outcome=Outcome.STANDS, reason="It is right.")
    from dataclasses import replace

    with desk.store.begin() as unit, pytest.raises(IntegrityError, match="took no part"):
        unit.outcomes.put_answer(replace(item, answer=answer))


def test_the_deadline_is_ten_working_days_and_the_ombudsman_is_named(desk, reviewer, decided):
    for text in (reviewer.get(f"/flags/{decided}").text, reviewer.get(f"/flags/{decided}/sheet").text):
        assert "26 Mar" in text and "Ombudsman" in text


@pytest.mark.parametrize("duty", [Duty.SAFEGUARDING, Duty.ANALYST, Duty.ADMINISTRATOR, Duty.AUDITOR])
def test_others_neither_see_nor_note_them(desk, duty):
    visitor = desk.signed_in(duty)
    assert visitor.get("/appeals").status_code == 403
    assert visitor.post(f"/flags/{desk.landlord.behaviour}/representations", **NOTED).status_code == 403
