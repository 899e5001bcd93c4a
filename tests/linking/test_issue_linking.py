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


def test_a_subject_that_names_what_nothing_before_has_named_is_of_something_new(contact, known, history_of):
    past = [history_of("dogs", "gwen", contact("Dogs foul the green.", subject="Dogs on the green"), customers=[GWEN])]
    item = contact("What is the £2.10 for, I do my own.", subject="Window cleaning charge", day=3)
    found = link(item, known("gwen"), past)
    assert found.issue_id is None
    assert "new, under a subject of its own" in {step.kind for step in found.evidence}
    for subject in (
        "Tomorrow",
        "Green",
        "Re: Window cleaning charge",
        "Puppies",
    ):  # says nothing, known, answers, of a kind
        item = contact("What is the £2.10 for, I do my own.", subject=subject, day=3)
        assert "new, under a subject of its own" not in {step.kind for step in link(item, known("gwen"), past).evidence}


def test_who_answers_in_the_thread_of_a_finished_matter_means_it(contact, known, history_of):
    final = contact("Our final response.", direction=Direction.OUT, message_id="<f>", subject="Re: Floor", day=20)
    end = Record(id="r", at=final.at, kind=RecordKind.FINAL_RESPONSE, customer_ref="gwen")
    past = [
        history_of("floor", "gwen", contact("My floor is ruined.", subject="Floor"), final, end, customers=[GWEN]),
        history_of("entry", "gwen", contact("The buzzer has no sound.", subject="Buzzer", day=24), customers=[GWEN]),
    ]
    item = contact("The fitter's paper has turned up as well.", subject="Re: Floor", in_reply_to="<f>", day=26)
    found = link(item, known("gwen"), past)
    assert found.issue_id == "floor"
    assert "closed" not in {step.kind for step in found.evidence}


def test_a_closing_word_is_of_what_was_finished_last(contact, known, history_of):
    done = Record(id="r", at=contact(day=9).at, kind=RecordKind.REPAIR_COMPLETED, customer_ref="gwen")
    past = [
        history_of("tap", "gwen", contact("The tap drips.", day=2), done, customers=[GWEN]),
        history_of("fob", "gwen", contact("My fob is dead.", day=5), customers=[GWEN]),
    ]
    item = contact("All done, very tidy.", day=9.3, channel=Channel.SMS)
    found = link(item, known("gwen"), past)
    assert found.issue_id == "tap"
    assert "thanks for what was done" in {step.kind for step in found.evidence}
    asks = link(contact("Is it done?", day=9.3, channel=Channel.SMS), known("gwen"), past)
    assert "thanks for what was done" not in {step.kind for step in asks.evidence}


def test_an_appointment_is_asked_after_by_its_day(contact, known, history_of):
    ours = contact("A plumber is booked for 12 March.", direction=Direction.OUT, day=1)
    past = [
        history_of("basin", "gwen", contact("The washbasin judders."), ours, customers=[GWEN]),
        history_of("light", "gwen", contact("The stair light is out.", day=8), customers=[GWEN]),
    ]
    found = link(contact("is it tmrw you're coming", day=9, channel=Channel.SMS), known("gwen"), past)
    assert found.issue_id == "basin"  # 12 March is the day after
    assert "same day named" in {step.kind for step in found.evidence}


def test_who_waited_in_for_nobody_means_what_somebody_was_to_come_for(contact, known, history_of):
    ours = contact("The men come on 12 March.", direction=Direction.OUT, day=8)
    past = [
        history_of("tree", "gwen", contact("Please prune the sycamore."), ours, customers=[GWEN]),
        history_of("fob", "gwen", contact("My fob is dead.", day=9), customers=[GWEN]),
    ]
    found = link(contact("I stayed in and nobody came.", day=11), known("gwen"), past)
    assert "somebody was to come" in {step.kind for step in found.evidence}
    assert found.issue_id == "tree"


def test_a_mailbox_by_which_several_matters_came_tells_none_of_them(contact, known, history_of):
    chairs = history_of("chairs", "gwen", contact("A chair broke.", route="grounds@l.example"), customers=[GWEN])
    lights = history_of("lights", "gwen", contact("It is dark.", route="grounds@l.example", day=1), customers=[GWEN])
    item = contact("And another time.", route="grounds@l.example", day=3)
    assert "same route" in {step.kind for step in link(item, known("gwen"), [chairs]).evidence}
    assert "same route" not in {step.kind for step in link(item, known("gwen"), [chairs, lights]).evidence}


def test_the_street_of_a_household_tells_of_no_kind_of_thing(contact, known, history_of):
    steps = Customer(ref="gwen", name="Gwen Pascoe", address="5 Ceiling Gate, Porthenys")
    past = [history_of("x", "gwen", contact("It is odd. Gwen Pascoe, 5 Ceiling Gate"), customers=[steps])]
    kinds = {step.kind for step in link(contact("Rats! 5 Ceiling Gate", day=1), known("gwen"), past).evidence}
    assert not kinds & {"same family", "same family, perhaps", "other family", "other family, perhaps", "same thing"}


def test_since_when_a_fault_has_been_there_continues_nothing_and_since_my_last_call_does(contact, known, history_of):
    past = [history_of("fan", "gwen", contact("The fan grinds."), customers=[GWEN])]
    fresh = link(contact("A bowl under it since Sunday, I've had a cloth round it.", day=2), known("gwen"), past)
    assert "new, continues a matter" not in {step.kind for step in fresh.evidence}
    for words in ("Not a soul since my last call.", "I've had no answer.", "I ask once more."):
        assert _weighs_on_new(link(contact(words, day=2), known("gwen"), past))


def _weighs_on_new(found):
    return found.issue_id is not None


def test_the_subject_of_a_form_is_the_forms_own(contact, known, history_of):
    form = contact("The bedroom socket is dead.", subject="Repair", channel=Channel.WEBFORM)
    past = [history_of("bedroom", "gwen", form, customers=[GWEN])]
    item = contact("That bedroom socket is dead again.", subject="Repair", channel=Channel.WEBFORM, day=2)
    found = link(item, known("gwen"), past)
    assert found.issue_id == "bedroom" and "same subject" not in {step.kind for step in found.evidence}


def test_the_words_with_which_we_pick_up_a_call_name_no_matter(contact, known, history_of):
    past = [
        history_of(
            "piano", "gwen", contact(said=[("agent", "Zebedee Homes"), ("customer", "Scales!")]), customers=[GWEN]
        )
    ]
    item = contact(said=[("agent", "Zebedee Homes"), ("customer", "The lino is lifting.")], day=1)
    assert "agent's words" not in {step.kind for step in link(item, known("gwen"), past).evidence}


def test_what_points_back_to_nothing_and_has_no_known_word_is_rather_new(contact, known, history_of):
    past = [history_of("ramp", "gwen", contact("The two steps are too much for me."), customers=[GWEN])]
    item = contact("My red cord answers nobody when pulled, the lamp on it blinks.", day=2)
    found = link(item, known("gwen"), past)
    assert found.issue_id is None
    assert "new, points back to nothing" in {step.kind for step in found.evidence}
    back = link(contact("Since my last call the red cord answers nobody when pulled.", day=2), known("gwen"), past)
    assert "new, points back to nothing" not in {step.kind for step in back.evidence}


def test_the_day_that_we_give_in_a_call_is_not_what_the_customer_asks_after(contact, known, history_of):
    ours = contact("The money goes out on 12 March.", direction=Direction.OUT, day=1)
    past = [history_of("deposit", "gwen", contact("Where is my deposit?"), ours, customers=[GWEN])]
    call = contact(said=[("customer", "Drum full of water."), ("agent", "Somebody comes tomorrow.")], day=9)
    assert "same day named" not in {step.kind for step in link(call, known("gwen"), past).evidence}


def test_who_has_pressed_one_matter_all_day_is_most_likely_still_about_it(contact, known, history_of):
    pressed = [contact(words, day=hour / 24) for hour, words in enumerate(("Take the bay out.", "The bay.", "Bay!"))]
    past = [history_of("bay", "gwen", *pressed, customers=[GWEN])]
    same_day = link(contact("A Nissan now.", subject="Cordwainer Row", day=5 / 24), known("gwen"), past)
    assert same_day.issue_id == "bay"
    assert "pressed all day" in {step.kind for step in same_day.evidence}
    later = link(contact("A Nissan now.", subject="Cordwainer Row", day=3), known("gwen"), past)
    assert "pressed all day" not in {step.kind for step in later.evidence}


def test_a_day_that_our_own_reply_names_draws_it_to_no_other_matter(contact, known, history_of):
    booked = contact("The joiner is booked for 12 March.", direction=Direction.OUT, day=1)
    past = [
        history_of("rods", "gwen", contact("A stair rod is loose."), booked, customers=[GWEN]),
        history_of("pan", "gwen", contact("Wet round the pan.", day=8), customers=[GWEN]),
    ]
    reply = contact("A plumber comes on 12 March.", direction=Direction.OUT, day=9)
    assert "same day named" not in {step.kind for step in link(reply, known("gwen"), past).evidence}


def test_who_says_that_it_is_another_matter_does_not_mean_the_thread(contact, known, history_of):
    ours = contact("Valuations hold three months.", direction=Direction.OUT, message_id="<v>", day=1)
    first = contact("Will you take my valuation of the flat?", subject="Staircasing, valuation")
    past = [history_of("valuation", "gwen", first, ours, customers=[GWEN])]
    item = contact(
        "A separate matter: the bin store door will not lock.",
        subject="Staircasing, valuation",
        in_reply_to="<v>",
        day=3,
    )
    found = link(item, known("gwen"), past)
    assert found.issue_id is None
    assert not {"thread", "same subject"} & {step.kind for step in found.evidence}


def test_a_matter_is_known_by_what_it_is_about_where_no_word_is_shared(contact, known, history_of):
    past = [
        history_of("tap", "gwen", contact("The kitchen tap drips."), customers=[GWEN]),
        history_of("rent", "gwen", contact("My rent statement is wrong.", day=1), customers=[GWEN]),
    ]
    found = link(contact("Has the plumber got the washer?", day=2), known("gwen"), past)
    assert found.issue_id == "tap"
    assert "topic alike" in {step.kind for step in found.evidence}
