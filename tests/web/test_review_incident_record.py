from datetime import timedelta

import pytest

from triage.domain.record import Record, RecordKind
from triage.store.access import Duty
from triage.testing import INSULT, SECRET

A2 = {
    "answer-A2": "yes",
    "reason-A2": "He named Mr Poole and insulted him.",
    "limb-A2": "distress",
    "limb_evidence-A2": "Mr Poole's own statement",
    "out_of_character-A2": "yes",
    "target-A2": "engineer 7",
    "answer-P3": "no",
    "reason-P3": "We were late ourselves.",
}
A1 = {
    "answer-A1": "yes",
    "reason-A1": "The words name a person and harm.",
    "limb-A1": "distress",
    "limb_evidence-A1": "my own reading",
    "out_of_character-A1": "yes",
}


def _decide(desk, visitor, flag, **fields):
    visitor.get(f"/flags/{flag}")
    with desk.store.read() as unit:
        version = unit.flags.get(flag).version
    return visitor.post(f"/flags/{flag}/reviews", flag_version=str(version), **fields)


def _record(desk, flag):
    with desk.store.read() as unit:
        (found,) = unit.outcomes.records(flag_id=flag)
    return found


@pytest.fixture
def decided(desk, reviewer):
    answer = _decide(desk, reviewer, desk.landlord.behaviour, **A2, circumstances_weighed="We missed the visit.")
    assert answer.status_code == 303, answer.text
    return _record(desk, desk.landlord.behaviour)


def test_a_confirmed_decision_writes_who_said_what_to_whom_and_who_decided(desk, decided):
    assert decided.targets == ("engineer 7",)
    assert decided.decided_by == "Test reviewer"
    (source,) = decided.sources
    assert source.contact_id == desk.landlord.abusive_contact
    assert [(one.words, one.attribution.value) for one in source.quotations] == [(INSULT, "own")]
    by_code = {one.code: one for one in decided.candidates}
    assert by_code["A2"].agrees
    assert by_code["A2"].score == 0.91
    assert not by_code["P3"].agrees


def test_the_record_keeps_what_we_owed_at_that_moment(decided):
    assert decided.known.late == ("We said that an engineer would come on Friday. Late by 2 days.",)
    assert decided.known.last_reply is not None
    assert "Large print letters" in decided.known.adjustments
    assert decided.proportionality == "We missed the visit."


def test_what_is_not_known_is_named_as_missing_on_its_page(reviewer, decided):
    text = reviewer.get(f"/incident-records/{decided.id}").text
    missing = text.split("Not known, and wanted:")[1].split("</ul>")[0]
    assert "hash of the message" in missing
    assert "statement of the member of staff" in missing
    assert "target" not in missing


def test_a_decision_that_confirms_nothing_writes_no_record(desk, reviewer):
    fields = {**A2, "answer-A2": "no"}
    assert _decide(desk, reviewer, desk.landlord.behaviour, **fields).status_code == 303
    with desk.store.read() as unit:
        assert unit.outcomes.records() == []


def test_a_card_of_safety_or_safeguarding_writes_no_record(desk, reviewer, safeguarding):
    hazard = {"answer-hazard": "yes", "reason-hazard": "Water near the light."}
    assert _decide(desk, reviewer, desk.landlord.hazard, **hazard).status_code == 303
    s0 = {"answer-S0": "yes", "reason-S0": "We rang and spoke at length."}
    assert _decide(desk, safeguarding, desk.landlord.safeguarding, **s0).status_code == 303
    with desk.store.read() as unit:
        assert unit.outcomes.records() == []


def test_a_threat_asks_whether_a_visit_is_planned(desk, reviewer):
    answer = _decide(desk, reviewer, desk.landlord.mixed, **A1)
    assert answer.status_code == 422
    assert "Say whether a visit to the address is planned, because of A1." in answer.text
    assert '<a href="#visit_planned-A1">' in answer.text
    assert _decide(desk, reviewer, desk.landlord.mixed, **A1, **{"visit_planned-A1": "unknown"}).status_code == 303
    record = _record(desk, desk.landlord.mixed)
    assert record.visit_planned == "unknown"
    assert "whether a visit is planned" in record.missing(weighty=False)


def test_no_word_that_is_with_safeguarding_enters_a_record(desk, reviewer):
    _decide(desk, reviewer, desk.landlord.mixed, **A1, **{"visit_planned-A1": "no"})
    record = _record(desk, desk.landlord.mixed)
    assert [one.words for source in record.sources for one in source.quotations] == [""]
    text = reviewer.get(f"/incident-records/{record.id}").text
    assert "I will hurt him" not in text
    assert SECRET not in text


def test_a_record_of_the_same_person_names_the_earlier_ones(desk, reviewer, decided):
    reviewer.post(f"/flags/{desk.landlord.behaviour}/reopen", reason="New facts have come.")
    _decide(desk, reviewer, desk.landlord.behaviour, **A2)
    assert _record(desk, desk.landlord.behaviour).known.earlier == ()  # the first was taken back with its decision


def test_views_of_records_are_on_record_and_for_reviewers_and_managers_alone(desk, manager, decided):
    assert manager.get(f"/incident-records/{decided.id}").status_code == 200
    assert desk.audit("incident.viewed") == [("Test manager", decided.id)]
    for duty in (Duty.SAFEGUARDING, Duty.ANALYST, Duty.ADMINISTRATOR):
        assert desk.signed_in(duty).get(f"/incident-records/{decided.id}").status_code == 403
    assert manager.get("/incident-records/none").status_code == 404


def test_a_staff_member_is_offered_support_and_it_is_noted_by_a_person(desk, reviewer):
    page = f"/flags/{desk.landlord.behaviour}"
    assert "is offered a debrief within a working day. Nothing is noted yet." in reviewer.get(page).text
    assert reviewer.post(f"{page}/support", staff="engineer 7", step="sacked").status_code == 422
    assert reviewer.post(f"{page}/support", staff="engineer 7", step="debrief offered").status_code == 303
    assert "engineer 7: debrief offered" in reviewer.get(page).text
    assert desk.audit("support.noted") == [("Test reviewer", desk.landlord.behaviour)]


def test_warnings_and_agreements_of_this_issue_stand_beside_adjustments_with_their_end(desk, reviewer):
    now = desk.clock()
    with desk.store.begin() as unit:
        for number, (kind, due) in enumerate(
            ((RecordKind.CONTACT_AGREEMENT, now + timedelta(days=30)), (RecordKind.WARNING, None))
        ):
            unit.landlord.put_record(
                Record(
                    id=f"r-agreed-{number}",
                    at=now - timedelta(days=3),
                    kind=kind,
                    customer_ref="C-100",
                    due=due,
                    text="One call a week.",
                ),
                desk.landlord.boiler_issue,
            )
    text = reviewer.get(f"/flags/{desk.landlord.behaviour}").text
    section = text.split("Warnings and agreements on this issue")[1].split("</ul>")[0]
    assert "One call a week." in section
    assert "its end or review on" in section
    assert "it names no end" in section
    assert "stay open to everybody" in text
    assert text.index("Warnings and agreements on this issue") < text.index("What was said and done?")
