"""Which issue a contact or record belongs to, and when it is a new one."""

from dataclasses import replace
from datetime import timedelta
from time import perf_counter

from triage.domain.contact import Channel, Direction
from triage.domain.customer import Customer
from triage.domain.record import Record, RecordKind
from triage.issues import link, title_of

GWEN = Customer(ref="gwen", name="Gwendoline Pascoe", tenancy_ref="PH-8801", address="8 Harbour Terrace, Porthenys")


def test_the_first_contact_of_a_household_opens_an_issue(contact, known):
    found = link(contact("My boiler has gone off"), known("gwen"), [])
    assert (found.issue_id, found.probability) == (None, 1.0)


def test_two_repairs_of_one_household_are_two_issues(contact, known, history_of):
    bath = contact(
        "I've a leak. It's coming through the bathroom ceiling whenever he upstairs has a bath.", subject="Leak"
    )
    past = [history_of("bath", "gwen", bath, customers=[GWEN])]
    hedge = contact("Could you please send somebody to cut the hedge by my gate?", day=4, subject="Hedge")
    assert link(hedge, known("gwen"), past).issue_id is None


def test_a_reply_in_a_thread_belongs_to_it_and_the_link_says_why(contact, known, history_of):
    ours = contact("A plumber is booked for Thursday.", direction=Direction.OUT, message_id="<o>", day=1)
    past = [
        history_of("sink", "gwen", contact("The pipe under my sink drips.", subject="Sink"), ours, customers=[GWEN]),
        history_of("gate", "gwen", contact("The side gate latch has parted.", subject="Gate", day=3), customers=[GWEN]),
    ]
    found = link(contact("Thursday suits.", subject="Re: Sink", in_reply_to="<o>", day=4), known("gwen"), past)
    assert found.issue_id == "sink"
    assert "thread" in {step.kind for step in found.evidence}


def test_an_old_thread_used_for_another_matter_opens_a_new_issue(contact, known, history_of):
    ours = contact(
        "Permit renewed. Closing this now.", direction=Direction.OUT, message_id="<o>", subject="Re: Permit", day=1
    )
    past = [
        history_of(
            "permit",
            "gwen",
            contact("Can you renew our parking permit, silver Corsa?", subject="Permit"),
            ours,
            customers=[GWEN],
        )
    ]
    other = contact(
        "Thanks for that. I have another thing: the boiler has stopped and there's no hot water.",
        subject="Re: Permit",
        in_reply_to="<o>",
        day=9,
    )
    assert link(other, known("gwen"), past).issue_id is None


def test_a_sentence_that_closes_one_matter_does_not_hide_the_other(contact, known, history_of):
    past = [
        history_of("sink", "gwen", contact("The kitchen sink pipe drips.", subject="Leak"), customers=[GWEN]),
        history_of(
            "roof",
            "gwen",
            contact("Rain comes in where the gutter has come down.", subject="Gutter", day=1),
            customers=[GWEN],
        ),
    ]
    found = link(
        contact("Sink is dry as a bone, thank him. The gutter still lets the rain in.", day=8), known("gwen"), past
    )
    assert found.issue_id == "roof"


def test_a_short_chaser_goes_to_what_was_active_last(contact, known, history_of):
    past = [
        history_of("hedge", "gwen", contact("Please cut the hedge."), customers=[GWEN]),
        history_of("heat", "gwen", contact("No heating since Sunday.", day=20), customers=[GWEN]),
    ]
    assert link(contact("Any news?", day=22, channel=Channel.SMS), known("gwen"), past).issue_id == "heat"


def test_who_asks_again_without_saying_after_what_means_what_is_still_open(contact, known, history_of):
    answered = contact("The heating engineer has been; all is well.", direction=Direction.OUT, day=20)
    past = [
        history_of("hedge", "gwen", contact("Please cut the hedge.", day=19), customers=[GWEN]),
        history_of("heat", "gwen", contact("No heating since Sunday.", day=18), answered, customers=[GWEN]),
    ]
    asks = link(contact("Nine weeks since I first asked. I ask again.", day=22), known("gwen"), past)
    assert asks.issue_id == "hedge"
    assert "asks after what is open" in {step.kind for step in asks.evidence}
    says = link(contact("Thank you for that.", day=22), known("gwen"), past)
    assert "asks after what is open" not in {step.kind for step in says.evidence}


def test_a_reference_outweighs_what_was_active_last_and_a_tenancy_reference_is_none(contact, known, history_of):
    record = Record(
        id="r", at=contact(day=0).at, kind=RecordKind.CASE_OPENED, customer_ref="gwen", ref="PL-2290", text="Hedge."
    )
    past = [
        history_of("hedge", "gwen", contact("Please cut the hedge."), record, customers=[GWEN]),
        history_of("heat", "gwen", contact("No heating. PH-8801", day=20), customers=[GWEN]),
    ]
    assert link(contact("PL-2290, still waiting", day=21), known("gwen"), past).issue_id == "hedge"
    assert "reference" not in {
        step.kind for step in link(contact("PH-8801 any news", day=21), known("gwen"), past).evidence
    }


def test_a_complaint_about_the_handling_of_a_matter_is_the_same_issue(contact, known, history_of):
    past = [history_of("heat", "gwen", contact("No heating since Sunday, boiler dead."), customers=[GWEN])]
    complaint = contact(
        "I want to complain. Nobody came about the boiler and I was promised four hours.",
        day=3,
        channel=Channel.WEBFORM,
        route="complaints form",
    )
    assert link(complaint, known("gwen"), past).issue_id == "heat"


def test_our_reply_goes_with_what_it_answers(contact, known, history_of):
    asked = contact(
        "May I have a visitor permit for Saturday?",
        channel=Channel.SMS,
        from_addr="07700 900305",
        route="text line",
        day=9,
    )
    past = [
        history_of(
            "heat", "gwen", contact("No hot water again.", day=9.1, from_addr="gwen@post.example"), customers=[GWEN]
        ),
        history_of("permit", "gwen", asked, customers=[GWEN]),
    ]
    reply = contact(
        "Done, VP-866.", direction=Direction.OUT, channel=Channel.SMS, to=("07700 900305",), route="text line", day=9.2
    )
    assert link(reply, known("gwen"), past).issue_id == "permit"


def test_a_record_goes_by_its_reference_else_by_words_and_time(contact, known, history_of):
    buzzer = contact(said=[("customer", "My door entry handset is dead"), ("agent", "Engineer Thursday")], day=6)
    past = [
        history_of("locker", "gwen", contact("Can locker six be mine?", day=1), customers=[GWEN]),
        history_of("buzzer", "gwen", buzzer, customers=[GWEN]),
    ]
    opened = Record(
        id="r1",
        at=buzzer.at + timedelta(minutes=3),
        kind=RecordKind.CASE_OPENED,
        customer_ref="gwen",
        ref="R-7741",
        text="Handset dead.",
    )
    assert link(opened, known("gwen"), past).issue_id == "buzzer"
    past[1] = replace(past[1], records=(opened,))
    done = Record(
        id="r2",
        at=buzzer.at + timedelta(days=30),
        kind=RecordKind.REPAIR_COMPLETED,
        customer_ref="gwen",
        ref="R-7741/2",
        text="Done.",
    )
    assert link(done, known("gwen"), past).issue_id == "buzzer"


def test_the_likeness_of_an_encoder_counts_when_it_is_given(contact, known, history_of):
    past = [
        history_of("a", "gwen", contact("Aaa bbb ccc."), customers=[GWEN]),
        history_of("b", "gwen", contact("Ddd eee fff."), customers=[GWEN]),
    ]
    item = contact("Ggg hhh.", day=1)
    assert link(item, known("gwen"), past, lambda left, right: 1.0 if "Aaa" in right else 0.0).issue_id == "a"
    assert link(item, known("gwen"), past, lambda left, right: 1.0 if "Ddd" in right else 0.0).issue_id == "b"


def test_the_order_in_which_past_issues_are_given_does_not_matter(contact, known, history_of):
    past = [
        history_of(name, "gwen", contact(text, day=day), customers=[GWEN])
        for name, text, day in (("a", "Hedge too high", 0), ("b", "Sink drips", 1), ("c", "Gate stuck", 2))
    ]
    item = contact("The hedge is still too high", day=5)
    assert link(item, known("gwen"), past) == link(item, known("gwen"), past[::-1])


def test_a_customer_with_five_thousand_contacts_is_linked_as_fast_as_another(contact, known, history_of):
    many = history_of(
        "long", "gwen", *(contact(f"The bench, week {week}", day=week / 100) for week in range(5000)), customers=[GWEN]
    )
    item = contact("The bench must go", day=51, in_reply_to="<none>")
    link(item, known("gwen"), [many])
    begin = perf_counter()
    assert link(item, known("gwen"), [many]).issue_id == "long"
    assert perf_counter() - begin < 0.1


def test_a_title_is_the_subject_or_the_first_words_and_never_long(contact):
    assert title_of(contact("x", subject="Re: RE: Bin store, Cobbett Court")) == "Bin store, Cobbett Court"
    assert (
        title_of(contact("Good morning, our letterbox lock has snapped. The post is fine."))
        == "our letterbox lock has snapped"
    )
    assert len(title_of(contact("word " * 80))) <= 60
    assert title_of(Record(id="r", at=contact().at, kind=RecordKind.PROMISE, text="")) == "promise"


def test_hostile_and_enormous_words_are_linked_in_bounded_time(contact, known, history_of):
    past = [history_of("a", "gwen", contact("Please cut the hedge."), customers=[GWEN])]
    for text in (
        "\x00\ud800 nul and a lone surrogate",
        "not " * 100_000,
        "a" * 300_000,
        "tap " * 100_000,
        "!?." * 100_000,
    ):
        begin = perf_counter()
        found = link(contact(text, subject=text[:200], day=1), known("gwen"), past)
        assert 0 <= found.probability <= 1
        assert perf_counter() - begin < 5
