"""Flags are raised, joined, decided and lapse as the policy of looking demands; people decide, once and with reasons."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from triage import deciding, queue
from triage.domain.errors import ConflictError, DecisionRefusedError, NotFoundError
from triage.domain.flag import FlagKind, FlagState
from triage.domain.issue import Issue
from triage.domain.policy import shipped_policy
from triage.domain.review import Answer, ClauseDecision, OutOfCharacter, Review, VisitPlanned
from triage.domain.signal import Assessment, Finding
from triage.intake import contact_of_row
from triage.store import Store

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
POLICY = shipped_policy()
REASON = "She says it herself in the second line."


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'triage.sqlite'}").migrate()
    with store.begin() as unit:
        unit.issues.add(Issue(id="i1", household_ref="c1", opened=NOW))
        for number in range(9):
            row = {
                "id": f"m{number}",
                "at": NOW.isoformat(),
                "direction": "in",
                "channel": "sms",
                "route": "text line",
                "text": "words",
            }
            unit.contacts.put(contact_of_row(row), f"f{number}")
    yield store
    store.close()


def finding(code, *contacts, event=None):
    return Finding(code=code, customer_ref="c1", why="because", contacts=contacts, event=event)


def assessed(*findings, at=NOW):
    return Assessment(at=at, issue_id="i1", policy="p/1", findings=findings)


def settle(store, *findings, at=NOW):
    with store.begin() as unit:
        return queue.settle(unit, assessed(*findings, at=at), POLICY)


def flags(store, **wanted):
    with store.read() as unit:
        return unit.flags.listed(**wanted)


def yes(code="A2"):
    return ClauseDecision(
        code=code,
        answer=Answer.YES,
        reason=REASON,
        limb="distress",
        limb_evidence="statement of the call handler",
        out_of_character=OutOfCharacter.UNKNOWN,
    )


def review(flag, *decisions, **changes):
    wanted = {
        "id": "r1",
        "flag_id": flag.id,
        "flag_version": flag.version,
        "reviewer": "Ana",
        "context_viewed_at": NOW,
        "at": NOW + timedelta(minutes=5),
    }
    return Review(**{**wanted, **changes}, decisions=decisions)


def decide(store, item):
    with store.begin() as unit:
        return deciding.decide(unit, item, POLICY)


def test_one_flag_is_open_per_person_and_issue_and_it_lists_its_codes(store):
    settle(store, finding("A2", "m0", event="m0"))
    settle(store, finding("P1", "m0", "m1", "m2"))
    [flag] = flags(store)
    assert [code.code for code in flag.codes] == ["A2", "P1"]


def test_cards_are_flags_of_their_own(store):
    settle(store, finding("S0", "m0", event="m0"), finding("A1", "m0", event="m0"), finding("hazard", "m0", event="m0"))
    assert {flag.kind for flag in flags(store)} == {FlagKind.SAFEGUARDING, FlagKind.HAZARD, FlagKind.BEHAVIOUR}


def test_the_most_urgent_comes_first_then_the_oldest(store):
    settle(store, finding("A2", "m0", event="m0"))
    settle(store, finding("S0", "m1", event="m1"), at=NOW + timedelta(hours=1))
    assert [flag.kind for flag in flags(store)] == [FlagKind.SAFEGUARDING, FlagKind.BEHAVIOUR]


def test_a_pattern_is_raised_once_and_more_evidence_only_joins(store):
    assert [raised.code for raised in settle(store, finding("P1", "m0", "m1")).raised] == ["P1"]
    assert settle(store, finding("P1", "m0", "m1", "m2")).raised == ()
    assert flags(store)[0].code("P1").contacts == ("m0", "m1", "m2")


def test_each_new_threat_is_raised_and_the_same_one_never_twice(store):
    assert len(settle(store, finding("A1", "m0", event="m0")).raised) == 1
    assert settle(store, finding("A1", "m0", event="m0")).raised == ()
    assert len(settle(store, finding("A1", "m1", event="m1")).raised) == 1


def test_a_pattern_that_has_ended_lapses_after_its_time(store):
    settle(store, finding("P1", "m0", "m1"))
    settle(store, at=NOW + timedelta(days=27))
    assert flags(store)
    [lapsed] = settle(store, at=NOW + timedelta(days=28)).lapsed
    with store.read() as unit:
        assert unit.flags.get(lapsed).state is FlagState.LAPSED


def test_what_words_alone_raised_never_lapses_unread(store):
    settle(store, finding("A1", "m0", event="m0"))
    settle(store, at=NOW + timedelta(days=400))
    assert flags(store)


def test_our_own_failure_lapses_when_we_have_answered(store):
    settle(store, finding("service_failure", "m0"))
    settle(store, at=NOW + timedelta(minutes=1))
    assert flags(store) == []


def test_our_own_failure_is_back_when_what_seemed_to_answer_it_belongs_elsewhere(store):
    assert settle(store, finding("service_failure", "m0")).raised
    settle(store, at=NOW + timedelta(minutes=1))
    assert settle(store, finding("service_failure", "m0"), at=NOW + timedelta(minutes=2)).raised == ()
    assert [flag.kind for flag in flags(store)] == [FlagKind.SERVICE_FAILURE]


def test_a_decided_pattern_stays_quiet_until_something_new_and_a_while_has_passed(store):
    settle(store, finding("P1", "m0", "m1"))
    decide(store, review(flags(store)[0], ClauseDecision(code="P1", answer=Answer.NO, reason=REASON)))
    settle(store, finding("P1", "m0", "m1", "m2"), at=NOW + timedelta(days=2))
    assert flags(store) == []
    settle(store, finding("P1", "m0", "m1", "m2"), at=NOW + timedelta(days=29))
    assert len(flags(store)) == 1


def test_a_new_threat_after_a_decision_opens_a_new_flag_at_once(store):
    settle(store, finding("A1", "m0", event="m0"))
    decide(store, review(flags(store)[0], replace(yes("A1"), limb="harassed", visit_planned=VisitPlanned.UNKNOWN)))
    settle(store, finding("A1", "m1", event="m1"), at=NOW + timedelta(hours=1))
    assert len(flags(store)) == 1


def test_a_decision_is_kept_with_its_reasons_and_in_the_audit_chain(store):
    settle(store, finding("A2", "m0", event="m0"))
    flag = flags(store)[0]
    decide(store, review(flag, yes()))
    with store.read() as unit:
        assert unit.flags.get(flag.id).state is FlagState.DECIDED
        assert unit.flags.reviews(flag.id)[0].decisions == (yes(),)
        done = [entry.action for entry in unit.audit.entries(subject=flag.id)]
        assert done == ["flag.raised", "flag.decided", "incident.recorded"]
        assert unit.audit.verify() == 3


@pytest.mark.parametrize(
    ("changes", "decision", "says"),
    [
        ({"reviewer": " "}, yes(), "named reviewer"),
        ({"context_viewed_at": None}, yes(), "context"),
        ({"context_viewed_at": NOW - timedelta(days=1)}, yes(), "too long ago"),
        ({}, replace(yes(), reason="no"), "reason"),
        ({}, replace(yes(), limb=None), "limb"),
        ({}, replace(yes(), limb="annoyance"), "limb"),
        ({}, replace(yes(), limb_evidence=""), "whose evidence"),
        ({}, replace(yes(), out_of_character=None), "out of character"),
        ({}, yes("A1"), "A1 is not on this flag"),
        ({"next_step": "send an e-mail to the customer"}, yes(), "not in the policy's list"),
    ],
)
def test_a_decision_that_lacks_something_is_refused_with_a_sentence(store, changes, decision, says):
    settle(store, finding("A2", "m0", event="m0"))
    flag = flags(store)[0]
    with pytest.raises(DecisionRefusedError, match=says):
        decide(store, review(flag, decision, **changes))
    assert flags(store) == [flag]


def test_every_clause_of_a_flag_must_be_decided(store):
    settle(store, finding("A2", "m0", event="m0"), finding("P1", "m0", "m1"))
    with pytest.raises(DecisionRefusedError, match="Decide P1"):
        decide(store, review(flags(store)[0], yes()))


def test_two_people_never_decide_the_same_state(store):
    settle(store, finding("A2", "m0", event="m0"))
    seen = flags(store)[0]
    settle(store, finding("A2", "m1", event="m1"))
    with pytest.raises(ConflictError, match="changed since"):
        decide(store, review(seen, yes()))


def test_what_somebody_else_has_claimed_cannot_be_decided(store):
    settle(store, finding("A2", "m0", event="m0"))
    flag = flags(store)[0]
    with store.begin() as unit:
        queue.claim(unit, flag.id, "Ben", NOW)
    with pytest.raises(ConflictError, match="Ben is looking"):
        decide(store, review(flag, yes()))


def test_a_claim_ends_by_itself(store):
    settle(store, finding("A2", "m0", event="m0"))
    flag = flags(store)[0]
    with store.begin() as unit:
        queue.claim(unit, flag.id, "Ben", NOW - timedelta(hours=1))
        assert queue.claim(unit, flag.id, "Ana", NOW).claimed_by == "Ana"


def test_an_unsure_leaves_the_flag_open_for_a_second_reader(store):
    settle(store, finding("A2", "m0", event="m0"))
    decided = decide(store, review(flags(store)[0], ClauseDecision(code="A2", answer=Answer.UNSURE, reason=REASON)))
    assert decided.state is FlagState.OPEN


def test_a_decided_flag_can_be_reopened_and_keeps_its_history(store):
    settle(store, finding("A2", "m0", event="m0"))
    flag = decide(store, review(flags(store)[0], yes()))
    with store.begin() as unit:
        assert deciding.reopen(unit, flag.id, "Ana", "new facts", NOW).state is FlagState.OPEN
        assert len(unit.flags.reviews(flag.id)) == 1


def test_there_is_no_deciding_of_what_is_not_there(store):
    settle(store, finding("A2", "m0", event="m0"))
    with pytest.raises(NotFoundError):
        decide(store, review(replace(flags(store)[0], id="other"), yes()))


def test_a_statement_is_a_persons_and_is_kept_apart(store):
    settle(store, finding("A2", "m0", event="m0"))
    flag = flags(store)[0]
    with store.begin() as unit:
        queue.state_effect(
            unit, flag_id=flag.id, staff="call handler 3", text="I felt shaken.", written_by="Ana", now=NOW
        )
        assert [statement.text for statement in unit.flags.statements(flag.id)] == ["I felt shaken."]


def test_safeguarding_and_the_rest_never_see_each_other():
    assert set(queue.visible_kinds(safeguarding=True)) == {FlagKind.SAFEGUARDING}
    assert FlagKind.SAFEGUARDING not in set(queue.visible_kinds(safeguarding=False))
