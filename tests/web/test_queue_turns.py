"""The queue says when a flag is another reader's turn, whose it is not, and finds what is one's own turn."""

from triage.domain.flag import FlagKind
from triage.store.access import Duty

WARNING = {
    "answer-A2": "yes",
    "reason-A2": "He named Mr Poole and insulted him.",
    "limb-A2": "distress",
    "limb_evidence-A2": "Mr Poole's own statement",
    "out_of_character-A2": "unknown",
    "answer-P3": "no",
    "reason-P3": "We were late ourselves.",
    "next_step": "contact agreements",
    "less_intrusive": "We rang and explained; it went on all the same.",
    "equality": "No disability known; large print was offered and kept to.",
    "not_involved": "true",
}
UNSURE = {
    "answer-A2": "unsure",
    "reason-A2": "It may be quoted from another mail.",
    "answer-P3": "no",
    "reason-P3": "Late ourselves.",
}


def _decide(desk, visitor, fields):
    flag_id = desk.landlord.behaviour
    visitor.get(f"/flags/{flag_id}")
    with desk.store.read() as unit:
        version = str(unit.flags.get(flag_id).version)
    assert visitor.post(f"/flags/{flag_id}/reviews", flag_version=version, **fields).status_code == 303


def _rows(visitor, query):
    rows = visitor.client.get(f"/api/v1/queue?{query}").json()["rows"]
    return {row["id"]: (row["awaits"], row["given_by"], row["may_give"]) for row in rows}


def test_a_flag_that_waits_for_a_second_opinion_says_so_and_from_whom_not(desk, reviewer):
    flag_id, other = desk.landlord.behaviour, desk.signed_in(Duty.REVIEWER, "Bea Long")
    _decide(desk, reviewer, WARNING)
    assert "Waits for a second opinion" in other.get("/").text
    assert "Not from Test reviewer" in other.get("/").text
    assert "You have had your turn" in reviewer.get("/").text
    assert _rows(other, "held=second") == {flag_id: ("second opinion", ["Test reviewer"], True)}
    assert _rows(reviewer, "held=second") == {flag_id: ("second opinion", ["Test reviewer"], False)}


def test_what_waits_for_another_reader_is_found_by_those_whose_turn_it_can_be(desk, reviewer):
    flag_id, other = desk.landlord.behaviour, desk.signed_in(Duty.REVIEWER, "Bea Long")
    assert _rows(other, "held=second") == _rows(other, "held=give") == {}
    _decide(desk, reviewer, WARNING)
    assert list(_rows(other, "held=give")) == [flag_id]
    assert _rows(reviewer, "held=give") == {}
    assert "Waits for a second opinion" in other.get("/?held=give").text


def test_the_first_reader_is_not_led_on_to_a_flag_that_waits_for_another(desk, reviewer):
    flag_id = desk.landlord.behaviour
    assert flag_id in _rows(reviewer, "held=free")
    _decide(desk, reviewer, WARNING)
    assert flag_id not in _rows(reviewer, "held=free")
    assert flag_id in _rows(desk.signed_in(Duty.REVIEWER, "Bea Long"), "held=free")


def test_a_flag_of_which_its_reader_was_unsure_waits_for_a_second_reader(desk, reviewer):
    flag_id, other = desk.landlord.behaviour, desk.signed_in(Duty.REVIEWER, "Bea Long")
    _decide(desk, reviewer, UNSURE)
    assert _rows(other, "held=give") == {flag_id: ("second reader", ["Test reviewer"], True)}
    assert _rows(reviewer, "held=second") == {flag_id: ("second reader", ["Test reviewer"], False)}
    assert _rows(reviewer, "held=give") == {}


def test_a_decided_flag_is_nobodys_turn(desk, reviewer):
    _decide(desk, reviewer, UNSURE | {"answer-A2": "no"})
    assert _rows(reviewer, "held=second") == {}
    assert _rows(reviewer, "state=decided")[desk.landlord.behaviour] == (None, [], False)


def test_every_flag_of_which_a_reader_was_unsure_is_found_not_the_last_alone(desk, reviewer):
    first = desk.landlord.behaviour
    _decide(desk, reviewer, UNSURE)
    with desk.store.read() as unit:
        second = next(flag for flag in unit.flags.listed(kinds=(FlagKind.HAZARD, FlagKind.STAFF_SAFETY)))
    reviewer.get(f"/flags/{second.id}")
    fields = {f"answer-{code.code}": "unsure" for code in second.codes}
    fields |= {f"reason-{code.code}": "Somebody else should look." for code in second.codes}
    sent = reviewer.post(f"/flags/{second.id}/reviews", flag_version=str(second.version), **fields)
    assert sent.status_code == 303
    assert set(_rows(reviewer, "held=second")) == {first, second.id}
