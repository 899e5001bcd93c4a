"""A changed policy is rehearsed on history: who would be newly flagged or no longer, by clause, with reviewer hours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from triage.domain.contact import Direction
from triage.domain.customer import Customer
from triage.domain.flag import FlagKind, FlagState
from triage.domain.policy import shipped_policy
from triage.domain.record import OwnStandards
from triage.domain.score import Scores
from triage.rehearsing import (
    Change,
    Outcome,
    Period,
    StoredScores,
    Work,
    carry_out,
    compare,
    history_of,
    rehearse,
    rows_of,
)
from triage.store import Store
from triage.testing import NOW, contact, put, small_landlord

EVERYTHING = Period.until(NOW)


def row(code, customer, issue, *contacts, at="2026-03-02T09:00:00+00:00"):
    return {"code": code, "at": at, "contacts": list(contacts), "customer": customer, "issue": issue, "why": "So."}


def outcome(*rows, **flags):
    return Outcome(rows=rows, flags={FlagKind(kind): count for kind, count in flags.items()})


BEFORE = [row("P1", "C1", "i1", "m1", "m2"), row("A2", "C2", "i2", "m3"), row("A2", "C2", "i2", "m4")]


def test_a_pattern_that_is_only_raised_with_other_evidence_is_no_difference():
    done = compare(outcome(*BEFORE), outcome(row("P1", "C1", "i1", "m1", "m2", "m9"), *BEFORE[1:]), minutes=12)
    assert done.differences == ()
    assert done.hours == 0


def test_a_pattern_on_the_same_evidence_is_no_difference_where_its_issue_has_another_name():
    done = compare(outcome(BEFORE[0]), outcome(row("P1", "C1", "i9", "m2", "m3")), minutes=12)
    assert done.differences == ()
    assert compare(outcome(BEFORE[0]), outcome(row("P1", "C4", "i9", "m2")), minutes=12).count(Change.NEW, "P1") == 1


def test_words_are_told_apart_by_their_contact_and_people_by_themselves():
    done = compare(outcome(*BEFORE), outcome(BEFORE[0], BEFORE[1], row("P1", "C3", "i3", "m7")), minutes=30)
    assert [(item.change, item.code, item.customer_ref) for item in done.differences] == [
        (Change.GONE, "A2", "C2"),
        (Change.NEW, "P1", "C3"),
    ]
    assert done.count(Change.NEW, "P1") == 1
    assert done.count(Change.GONE, "A2") == 1


def test_hours_count_flags_and_not_the_clauses_on_them_and_no_safeguarding_card():
    one_flag_less = compare(outcome(*BEFORE, behaviour=2, safeguarding=1), outcome(BEFORE[0], behaviour=1), minutes=15)
    assert one_flag_less.hours == -0.25
    one_clause_less = compare(outcome(*BEFORE, behaviour=2), outcome(*BEFORE[:2], behaviour=2), minutes=15)
    assert (one_clause_less.hours, len(one_clause_less.differences)) == (0, 1)


def test_a_line_for_each_difference_names_person_issue_and_contacts():
    assert rows_of(compare(outcome(), outcome(BEFORE[0]), minutes=12)) == [
        ["newly raised", "P1", "2026-03-02T09:00:00+00:00", "C1", "i1", "m1 m2", "So."]
    ]


@pytest.fixture
def live(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/live.sqlite", durable=False).migrate()
    small_landlord(store)
    yield store
    store.close()


class Nothing(StoredScores):
    """A model that reads all and finds nothing."""

    def read(self, contacts):
        return [Scores(model="nothing/1") for _ in contacts]


def test_history_is_rehearsed_from_the_store_and_live_flags_stay_as_they_are(live):
    with live.read() as unit:
        before = unit.flags.listed(states=tuple(FlagState))
        said = len(unit.audit.newest(1000))
    history, policy, stored = history_of(live, EVERYTHING), shipped_policy(), StoredScores(live, EVERYTHING)
    done = rehearse(history, (stored, policy), (Nothing(live, EVERYTHING), policy), EVERYTHING)
    with live.read() as unit:
        assert unit.flags.listed(states=tuple(FlagState)) == before
        assert len(unit.audit.newest(1000)) == said
    assert done.before["A2"] > 0
    assert {item.change for item in done.differences if item.code == "A2"} == {Change.GONE}
    assert done.flags_before[FlagKind.BEHAVIOUR] > done.flags_after.get(FlagKind.BEHAVIOUR, 0)
    assert done.hours < 0


@pytest.mark.parametrize(("own", "before"), [(None, 1), (30, 0)])
def test_a_changed_standard_is_rehearsed_unless_the_landlord_gives_its_own(live, own, before):
    """One lift in the small landlord is asked for twice, 23 days apart."""
    with live.begin() as unit:
        unit.landlord.put_standards([OwnStandards(general_reply_working_days=own)])
    policy, stored = shipped_policy(), StoredScores(live, EVERYTHING)
    patient = replace(policy, standards=replace(policy.standards, general_reply_working_days=30))
    done = rehearse(history_of(live, EVERYTHING), (stored, policy), (stored, patient), EVERYTHING)
    late = [item for item in done.differences if (item.code, item.issue_id) == ("service_failure", "ic-late-1")]
    assert [item.change for item in late] == [Change.GONE] * before


class Steps:
    def __init__(self):
        self.expected, self.done = 0, 0

    def expect(self, steps):
        self.expected += steps

    def step(self):
        self.done += 1


def test_only_what_was_raised_in_the_period_is_counted_and_every_step_is_told(live):
    policy, steps = shipped_policy(), Steps()
    late = Period(start=NOW - timedelta(hours=3), end=NOW)
    work = Work(database=str(live.engine.url), policy=policy, changed=policy, period=late)
    done = carry_out(work, steps)
    assert done.differences == ()
    assert done.before["hazard"] == 1
    assert "A2" not in done.before
    assert steps.done == steps.expected > 20


def test_a_history_comes_in_order_whole_and_without_what_is_too_old_or_too_new(live):
    with live.begin() as unit:
        moment = NOW - timedelta(days=2)
        for number in range(450):
            put(unit, contact(f"m{number:04}", moment + timedelta(minutes=number // 7), "Hello."), "i-late", "C-300")
        put(unit, contact("too-old", NOW - timedelta(days=800), "Hello."), "i-late", "C-300")
        put(unit, contact("too-new", NOW + timedelta(days=1), "Hello."), "i-late", "C-300")
    items = history_of(live, Period(start=NOW - timedelta(days=90), end=NOW)).items
    given = list(items)
    assert len(given) == len(items)
    moments = [item.at for item in given]
    assert moments == sorted(moments)
    ids = [item.id for item in given[:-1]]
    assert len(set(ids)) == len(ids)
    assert {"m0000", "m0449", "c-boiler-1", "r-1"} <= set(ids)
    assert not {"too-old", "too-new"} & set(ids)


SAID = (
    "A ballot is all very well, I am the sixteenth.",
    "The object remains. Kindly relocate it.",
    "Ten yards to the left would satisfy me.",
    "I see the backs of heads all day long.",
    "Have it shifted.",
    "It ought to face the pond, not my lounge.",
)


def _bench(store):
    """A question that was answered in time, and one busy day after it: the policy in use wants two."""
    asked, busy = datetime(2026, 2, 2, 9, tzinfo=UTC), datetime(2026, 2, 10, 9, tzinfo=UTC)
    who = {"subject": "The bench", "from_name": "Ivo Lark", "from_addr": "ivo@bench.example"}
    ours = {"subject": "Re: The bench", "direction": Direction.OUT, "from_addr": "housing@heron.example"}
    with store.begin() as unit:
        unit.landlord.put_customer(Customer(ref="C-500", name="Ivo Lark", emails=("ivo@bench.example",)))
        put(unit, contact("b-0", asked, "Would you kindly have the bench moved?", **who), "i-late", "C-500")
        answer = "The bench stays where it is, because the families chose the spot."
        put(unit, contact("b-a", asked + timedelta(days=2), answer, **ours), "i-late", "C-500")
        for number, words in enumerate(SAID, 1):
            put(unit, contact(f"b-{number}", busy + timedelta(hours=number), words, **who), "i-late", "C-500")


def test_a_number_of_the_policy_that_is_lower_raises_what_the_policy_in_use_does_not(live):
    _bench(live)
    policy = shipped_policy()
    eager = replace(policy.clause("P1"), thresholds={**policy.clause("P1").thresholds, "burst_days_count": 1})
    changed = replace(policy, version="trial", clauses={**policy.clauses, "P1": eager})
    done = carry_out(Work(database=str(live.engine.url), policy=policy, changed=changed, period=EVERYTHING))
    ((change, code, person, contacts),) = [
        (one.change, one.code, one.customer_ref, one.contacts) for one in done.differences
    ]
    assert (change, code, person) == (Change.NEW, "P1", "C-500")
    assert {"b-1", "b-6"} <= set(contacts)
    assert done.hours == done.minutes / 60
