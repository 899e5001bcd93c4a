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


def test_a_closing_word_presses_nothing(contact, known, history_of):
    offered = contact("Engineer on Thursday, 10 to 12?", direction=Direction.OUT, channel=Channel.SMS, day=20)
    suits = contact("10-12 is good cheers", channel=Channel.SMS, day=20.1)
    past = [
        history_of("hedge", "gwen", contact("Please cut the hedge.", day=19), customers=[GWEN]),
        history_of("entry", "gwen", contact("The buzzer is dead.", day=18), offered, suits, customers=[GWEN]),
    ]
    assert link(contact("Has anybody decided yet?", day=20.2), known("gwen"), past).issue_id == "hedge"


def test_another_name_for_it_names_nothing_that_one_could_ask_after(contact, known, history_of):
    past = [
        history_of("locker", "gwen", contact("Can locker six be mine alone?", day=10), customers=[GWEN]),
        history_of(
            "heat",
            "gwen",
            contact("No heating since Sunday.", day=9),
            contact("The heating engineer has been.", direction=Direction.OUT, day=11),
            customers=[GWEN],
        ),
    ]
    asks = link(contact("Has anybody decided about the cubby yet?", day=12), known("gwen"), past)
    assert asks.issue_id == "locker"


LEAK = "The joint under my sink lets water down the cupboard back and the boards have swollen, so a plumber would be welcome."
TREE = "Roots of the sycamore have lifted two slabs by the gate, somebody with a pushchair nearly went over and I would like it seen to."


def test_a_reply_under_a_subject_that_no_issue_has_had_answers_a_thread_that_we_do_not_hold(contact, known, history_of):
    past = [history_of("sink", "gwen", contact(LEAK, subject="Water in the cupboard"), customers=[GWEN])]
    words = "Mine is the same age as theirs, and I have seen it swell as well."
    found = link(contact(words, subject="Re: Summer fete", day=2), known("gwen"), past)
    assert found.issue_id is None
    assert "new, answers what is not held" in {step.kind for step in found.evidence}
    assert link(contact(words, subject="Re: Cupboard water", day=2), known("gwen"), past).issue_id == "sink"


def test_who_says_much_under_another_subject_writes_of_something_new(contact, known, history_of):
    past = [history_of("sink", "gwen", contact(LEAK, subject="Water in the cupboard"), customers=[GWEN])]
    found = link(contact(TREE, subject="Slabs by the gate", day=2), known("gwen"), past)
    assert found.issue_id is None
    assert "new, says much under another subject" in {step.kind for step in found.evidence}


def test_short_letters_on_one_matter_may_each_have_a_subject_of_their_own(contact, known, history_of):
    first = contact("The privet outside my window wants cutting.", subject="The hedge")
    past = [history_of("hedge", "gwen", first, customers=[GWEN])]
    assert link(
        contact("I ask once more for an earlier date.", subject="After Easter", day=6), known("gwen"), past
    ).issue_id


def test_a_tag_of_a_mail_system_makes_no_other_subject(contact, known, history_of):
    past = [
        history_of("sink", "gwen", contact("It drips.", subject="Sink"), customers=[GWEN]),
        history_of("gate", "gwen", contact("It sticks.", subject="Gate", day=3), customers=[GWEN]),
    ]
    found = link(contact("Thursday suits.", subject="[EXTERNAL] Re: [Public] Sink", day=4), known("gwen"), past)
    assert found.issue_id == "sink"
    assert title_of(contact("x", subject="[EXTERNAL] RE: Sink")) == "Sink"
    assert title_of(contact("x", subject="[R-7741] Sink")) == "[R-7741] Sink"


def test_who_has_mostly_written_of_something_new_is_expected_to_again(contact, known, history_of):
    past = [
        history_of(f"i{day}", "gwen", contact(words, day=day), customers=[GWEN])
        for day, words in enumerate(
            ("The sink drips.", "My fob is dead.", "Moss on the roof.", "A rat.", "The lift stuck.")
        )
    ]
    busy = [history_of("i0", "gwen", *(contact("The sink drips.", day=day) for day in range(5)), customers=[GWEN])]
    item = contact("The trellis has come down.", day=9)
    assert "new, as often before" in {step.kind for step in link(item, known("gwen"), past).evidence}
    assert "new, as often before" not in {step.kind for step in link(item, known("gwen"), busy).evidence}


def test_what_closes_one_matter_does_not_point_back_to_it_for_the_next(contact, known, history_of):
    gutter = contact("Rain comes in where the gutter has come down.", subject="Gutter")
    past = [history_of("gutter", "gwen", gutter, customers=[GWEN])]
    found = link(contact("They did my gutter well. The latch of the gate has parted.", day=9), known("gwen"), past)
    assert found.issue_id is None
    assert "new, refers back" not in {step.kind for step in found.evidence}


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


def test_the_outcome_of_an_allegation_goes_with_the_allegation(contact, known, history_of):
    repair = contact("The gate latch has parted, could a joiner come?", subject="Gate", day=3)
    accusation = contact("Your joiner took a bribe from number nine and you all know it.", subject="Mr Vane", day=1)
    past = [
        history_of("gate", "gwen", repair, customers=[GWEN]),
        history_of("vane", "gwen", accusation, customers=[GWEN]),
    ]
    kinds = {"vane": RecordKind.ALLEGATION_NOT_UPHELD, "gate": RecordKind.REPAIR_COMPLETED}
    for issue, kind in kinds.items():
        record = Record(id="r", at=contact(day=9).at, kind=kind, customer_ref="gwen", text="Closed, letter sent.")
        found = link(record, known("gwen"), past)
        assert found.issue_id == issue
    settles = link(replace(record, kind=kinds["vane"]), known("gwen"), past)
    assert "of what it settles" in {step.kind for step in settles.evidence}


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
