"""A changed policy is rehearsed on history: who would be newly flagged or no longer, by clause, with reviewer hours."""

from triage.domain.flag import FlagState
from triage.domain.policy import shipped_policy
from triage.rehearsing import Change, StoredScores, compare, history_of, rehearse, rows_of
from triage.store import Store
from triage.testing import small_landlord


def row(code, customer, issue, *contacts, at="2026-03-02T09:00:00+00:00"):
    return {"code": code, "at": at, "contacts": list(contacts), "customer": customer, "issue": issue, "why": "So."}


BEFORE = [row("P1", "C1", "i1", "m1", "m2"), row("A2", "C2", "i2", "m3"), row("A2", "C2", "i2", "m4")]


def test_a_pattern_that_is_only_raised_with_other_evidence_is_no_difference():
    done = compare(BEFORE, [row("P1", "C1", "i1", "m1", "m2", "m9"), *BEFORE[1:]], minutes=12)
    assert done.differences == ()
    assert done.hours == 0


def test_words_are_told_apart_by_their_contact_and_people_by_themselves():
    done = compare(BEFORE, [BEFORE[0], BEFORE[1], row("P1", "C3", "i3", "m7")], minutes=30)
    assert [(item.change, item.code, item.customer_ref) for item in done.differences] == [
        (Change.GONE, "A2", "C2"),
        (Change.NEW, "P1", "C3"),
    ]
    assert done.count(Change.NEW, "P1") == 1
    assert done.count(Change.GONE, "A2") == 1


def test_hours_are_what_is_raised_more_times_the_minutes_a_flag():
    assert compare(BEFORE, BEFORE[:1], minutes=15).hours == -0.5


def test_a_line_for_each_difference_names_person_issue_and_contacts():
    assert rows_of(compare([], BEFORE[:1], minutes=12)) == [
        ["newly raised", "P1", "2026-03-02T09:00:00+00:00", "C1", "i1", "m1 m2", "So."]
    ]


def test_history_is_rehearsed_from_the_store_and_live_flags_stay_as_they_are(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/live.sqlite", durable=False).migrate()
    small_landlord(store)
    with store.read() as unit:
        history, stored = history_of(unit)
        live = unit.flags.listed(states=tuple(FlagState))
    policy, nothing_flagged = shipped_policy(), StoredScores({})
    same = rehearse(history, (stored, policy), (stored, policy))
    other = rehearse(history, (stored, policy), (nothing_flagged, policy))
    with store.read() as unit:
        assert unit.flags.listed(states=tuple(FlagState)) == live
    store.close()
    assert same.differences == ()
    assert same.before["A2"] > 0
    assert {item.change for item in other.differences if item.code == "A2"} == {Change.GONE}
