"""What people say of links sticks, is followed by everything that hangs on it, and is undone as if it had never been."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.linking.ruled_landlord import ALL, BOILER_AGAIN, INSULT, Landlord, mail
from triage.bootstrap import recall
from triage.domain.customer import Zone
from triage.domain.errors import ConflictError, NotFoundError
from triage.domain.flag import FlagKind, FlagState
from triage.domain.ruling import Ruling, RulingKind


def test_a_question_answered_with_yes_joins_and_is_learned(landlord):
    assert landlord.who("a4") == ("c-ann", Zone.ASK)
    landlord.rule(RulingKind.FROM, "a4", person="c-ann")
    assert landlord.who("a4") == ("c-ann", Zone.SURE)
    landlord.take(mail("a5", 12, "Any news of the boiler?", "new@elsewhere.example"))
    assert landlord.who("a5") == ("c-ann", Zone.SURE)


def test_a_question_answered_with_no_makes_a_stranger_of_whom_it_is_not_asked_again(landlord):
    landlord.rule(RulingKind.NOT_FROM, "a4", person="c-ann", other="new@elsewhere.example")
    assert landlord.who("a4")[0] != "c-ann"
    landlord.take(mail("a5", 12, "The boiler is still off. Ann Reed", "new@elsewhere.example", from_name="Ann Reed"))
    assert landlord.who("a5")[0] != "c-ann"


def test_a_stranger_said_to_be_a_customer_brings_their_contacts_to_the_customers_issue(landlord):
    assert landlord.who("s1")[0].startswith("addr:")
    landlord.rule(RulingKind.JOINED, person="c-ann", other=landlord.who("s1")[0])
    assert [landlord.who(id)[0] for id in ("s1", "s2")] == ["c-ann", "c-ann"]
    assert landlord.issue("s1") == landlord.issue("a1") == landlord.issue("k1")


def test_two_entries_said_to_be_one_person_are_no_rivals(landlord):
    landlord.rule(RulingKind.JOINED, person="c-ann", other="c-ann2")
    assert landlord.who("a4") == ("c-ann", Zone.SURE)


def test_a_moved_contact_stays_where_a_person_put_it_through_later_contacts_and_a_restart(landlord):
    landlord.rule(RulingKind.MOVED, "a2", anchor="a3")
    assert landlord.issue("a2") == landlord.issue("a3") != landlord.issue("a1")
    landlord.take(mail("a0", 0.5, "The boiler again, no hot water."))  # came late: everything after is linked again
    landlord.take(mail("a6", 20, "No hot water from the boiler."))
    landlord.pipeline = landlord.started()
    recall(landlord.pipeline)
    landlord.rule(RulingKind.JOINED, person="c-ann", other=landlord.who("s1")[0])
    assert landlord.issue("a2") == landlord.issue("a3") != landlord.issue("a1")


def test_of_two_rulings_in_the_same_moment_the_later_holds_whatever_they_are_called(landlord):
    for id, place in (("z", {"anchor": "a3"}), ("a", {"issue_id": "i-own"})):
        ruling = Ruling(id=id, kind=RulingKind.MOVED, at=landlord.now, by="Kim Lee", contacts=("a2",), **place)
        landlord.pipeline.rule(ruling)
    assert landlord.issue("a2") not in {landlord.issue("a1"), landlord.issue("a3")}
    assert [found.ruling.id for found in landlord.rulings()] == ["a", "z"]


def test_a_corrected_contact_stays_where_a_person_put_it(landlord):
    landlord.rule(RulingKind.MOVED, "a2", anchor="a3")
    landlord.take(replace(BOILER_AGAIN, text="No hot water from the boiler at all.", from_addr="ann.reed@post.example"))
    assert landlord.issue("a2") == landlord.issue("a3")


def test_the_flag_of_a_moved_contact_goes_with_it_and_comes_back(landlord):
    before, boiler = landlord.flags(), landlord.issue("a1")
    assert ("c-ann", boiler, FlagKind.BEHAVIOUR) in before
    ruling = landlord.rule(RulingKind.MOVED, "a2", issue_id="n1")
    assert ("c-ann", boiler, FlagKind.BEHAVIOUR) not in landlord.flags()
    assert ("c-ann", "n1", FlagKind.BEHAVIOUR) in landlord.flags()
    landlord.undo(ruling)
    assert landlord.flags() == before


def test_what_was_moved_to_a_contact_goes_with_it_when_that_is_moved(landlord):
    landlord.rule(RulingKind.MOVED, "a1", anchor="a3")
    before = landlord.links()
    moved = landlord.rule(RulingKind.MOVED, "a3", issue_id="n1")
    assert landlord.issue("a1") == landlord.issue("a3") == "n1"
    landlord.undo(moved)
    assert landlord.links() == before


def test_of_two_insults_on_one_flag_each_stays_before_people_when_one_is_moved(landlord):
    landlord.take(mail("a9", 20, f"The boiler is off again, {INSULT}.", subject="Boiler"))
    before = {each[0] for each in landlord.everything()["flags"]}
    moved = landlord.rule(RulingKind.MOVED, "a9", anchor="a3")
    with landlord.store.read() as unit:
        open_ones = unit.flags.listed(kinds=(FlagKind.BEHAVIOUR,))
    held = {flag.issue_id: [(code.code, code.contacts) for code in flag.codes] for flag in open_ones}
    assert held == {landlord.issue("a2"): [("A2", ("a2",))], landlord.issue("a3"): [("A2", ("a9",))]}
    landlord.take(mail("a10", 21, f"The boiler, {INSULT}.", subject="Boiler"))
    landlord.undo(moved)
    with landlord.store.read() as unit:
        (flag,) = unit.flags.listed(kinds=(FlagKind.BEHAVIOUR,))
    assert set(flag.codes[0].contacts) == {"a2", "a9", "a10"}
    assert flag.id in before


def test_a_decided_flag_is_not_put_before_anybody_again_when_its_contact_is_moved(landlord):
    with landlord.store.begin() as unit:
        for flag in unit.flags.listed(kinds=(FlagKind.BEHAVIOUR,)):
            unit.flags.update(replace(flag, state=FlagState.DECIDED, version=flag.version + 1), was=flag.version)
    landlord.rule(RulingKind.MOVED, "a2", issue_id="n1")
    assert not [flag for flag in landlord.flags() if flag[2] is FlagKind.BEHAVIOUR]


def test_every_ruling_and_its_undoing_is_on_record(landlord):
    landlord.undo(landlord.rule(RulingKind.MOVED, "a2", anchor="a3"))
    with landlord.store.read() as unit:
        entries = [
            (entry.actor, entry.action, entry.subject) for entry in unit.audit.entries() if "link." in entry.action
        ]
    assert entries == [("Kim Lee", "link.ruled", "a2"), ("Kim Lee", "link.undone", "a2")]


def test_what_is_not_there_is_refused_and_changes_nothing(landlord):
    before = landlord.everything()
    for contact, anchor in (("nobody", "a3"), ("a2", "nothing")):
        with pytest.raises(NotFoundError):
            landlord.rule(RulingKind.MOVED, contact, anchor=anchor)
    with pytest.raises(NotFoundError):
        landlord.undo("none")
    ruling = landlord.rule(RulingKind.FROM, "a4", person="c-ann")
    landlord.undo(ruling)
    with pytest.raises(ConflictError):
        landlord.undo(ruling)
    assert landlord.everything() == before


RULINGS = (
    (RulingKind.FROM, ("a4",), {"person": "c-ann"}),
    (RulingKind.FROM, ("s1",), {"person": "c-bo"}),
    (RulingKind.NOT_FROM, ("a4",), {"person": "c-ann", "other": "new@elsewhere.example"}),
    (RulingKind.NOT_FROM, ("a2",), {"person": "c-ann"}),
    (RulingKind.JOINED, (), {"person": "c-ann", "other": "addr:+447700900555"}),
    (RulingKind.JOINED, (), {"person": "c-ann", "other": "c-ann2"}),
    (RulingKind.JOINED, (), {"person": "c-ann", "other": "c-bo"}),
    (RulingKind.MOVED, ("a2",), {"anchor": "a3"}),
    (RulingKind.MOVED, ("a1",), {"anchor": "a3"}),
    (RulingKind.MOVED, ("a1",), {"issue_id": "n1"}),
    (RulingKind.MOVED, ("a2",), {"issue_id": "n2"}),
)


@pytest.mark.parametrize("ruling", RULINGS, ids=lambda ruling: f"{ruling[0].value} {ruling[1]} {ruling[2]}")
def test_a_ruling_undone_leaves_everything_as_it_was(landlord, ruling):
    kind, contacts, fields = ruling
    before = landlord.everything()
    made = landlord.rule(kind, *contacts, **fields)
    landlord.undo(made)
    assert landlord.everything() == before


quick = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))


@quick
@given(st.lists(st.sampled_from(RULINGS), min_size=2, max_size=3, unique_by=str), st.randoms(use_true_random=False))
def test_rulings_undone_in_any_order_leave_everything_as_it_was(rulings, random):
    landlord = Landlord().take(*ALL)
    before = landlord.links()
    made = [landlord.rule(kind, *contacts, **fields) for kind, contacts, fields in rulings]
    random.shuffle(made)
    for ruling in made:
        landlord.undo(ruling)
    assert landlord.links() == before


@quick
@given(st.permutations(ALL))
def test_any_order_of_arrivals_gives_the_same_links(items):
    assert Landlord().take(*items).links() == Landlord().take(*ALL).links()


@quick
@given(st.permutations(ALL), st.sampled_from([ruling for ruling in RULINGS[4:] if "anchor" not in ruling[2]]))
def test_a_ruling_made_before_or_after_the_rest_comes_gives_the_same_links(items, ruling):
    kind, contacts, fields = ruling
    early, late = Landlord(), Landlord().take(*items)
    needed = {*contacts, fields.get("anchor")}
    early.take(*(item for item in items if item.id in needed))
    for landlord in (early, late):
        landlord.rule(kind, *contacts, **fields)
    early.take(*(item for item in items if item.id not in needed))
    assert early.links() == late.links()


def test_whose_message_is_answered_is_known_after_a_restart(landlord):
    landlord.pipeline = landlord.started()
    recall(landlord.pipeline)
    assert not landlord.pipeline.directory.message_owners
    landlord.take(mail("a8", 21, "Any news? Ann", "third@elsewhere.example", in_reply_to="<a1@x>"))
    with landlord.store.read() as unit:
        who = unit.contacts.get("a8").who
    assert who.customer_ref == "c-ann" and "thread" in {step.kind for step in who.evidence}
