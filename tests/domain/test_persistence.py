"""P1, P2 and P3: each raised, and each exclusion that keeps it from being raised."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from triage.domain.contact import Channel, Speaker, Turn
from triage.domain.customer import Customer, Role
from triage.domain.signal import ElementState, Judgement

ANSWER = "The bench stays where it is, because the families chose the spot. I am the person to write to."
PRESSES = (
    "A ballot is all very well, but I want it moved.",
    "The object remains. Kindly relocate it.",
    "Ten yards to the left would satisfy me.",
    "I see the backs of heads all day long.",
    "Have it shifted.",
    "My view has been taken from me by furniture.",
    "It ought to face the pond, not my lounge.",
    "You will know why I write to you this week.",
    "Please take the seat from under my window.",
    "I ask again that it be moved.",
    "The trellis does not interest me at all.",
    "Nine weeks since I first asked about this.",
    "Would your superior authorise a move?",
    "Please have it moved, as I keep asking.",
)


def answered(story: Any) -> None:
    story.comes("2026-02-02T09:00", "Would you kindly have the bench moved?")
    story.we_say("2026-02-04T15:00", ANSWER)


def busy_day(story: Any, day: str, count: int = 6, **more: Any) -> None:
    for index in range(count):
        words = PRESSES[(index + int(day[-2:])) % len(PRESSES)]
        story.comes(
            f"{day}T{9 + index:02d}:05", more.get("text", words), **{k: v for k, v in more.items() if k != "text"}
        )


def weekly(story: Any, count: int = 12, *, reply: bool = True) -> None:
    """``count`` contacts, two a week, each answered the next day."""
    at = datetime.fromisoformat("2026-02-09T10:00")
    for index in range(count):
        story.comes(at.isoformat(), PRESSES[index])
        if reply:
            story.we_say((at + timedelta(days=1)).isoformat(), "It stays, I am sorry.")
        at += timedelta(days=3 if index % 2 == 0 else 4)


def test_two_busy_days_after_an_answer_raise_p1(story: Any) -> None:
    answered(story)
    busy_day(story, "2026-02-10")
    story.we_say("2026-02-11T10:00", "The answer has not changed.")
    busy_day(story, "2026-02-19", 5)
    assert "P1" not in story.raised("2026-02-19T13:30")
    story.comes("2026-02-19T14:05", PRESSES[5])
    assert "P1" in story.raised("2026-02-19T14:05")


def test_twelve_steady_contacts_all_answered_in_time_raise_p1(story: Any) -> None:
    answered(story)
    weekly(story, 11)
    assert "P1" not in story.raised("2026-03-18T12:00")
    story.comes("2026-03-19T10:00", PRESSES[12])
    pattern = story.pattern("P1", "2026-03-19T10:00")
    assert pattern.judgement is Judgement.LOOK and len(pattern.contacts) == 12 and pattern.what_would_change


def test_why_a_contact_is_counted_does_not_say_again_that_it_is(story: Any) -> None:
    answered(story)
    weekly(story, 12)
    whys = [each.why for each in story.pattern("P1", "2026-03-19T10:00").counted if each.counted]
    assert whys and not [why for why in whys if why.startswith("Counted")]


def test_p1_ends_when_the_contacts_have_stopped(story: Any) -> None:
    answered(story)
    weekly(story, 12)
    assert "P1" in story.raised("2026-03-25T10:00")
    assert "P1" not in story.raised("2026-05-25T10:00")


def test_chasers_of_an_overdue_reply_are_our_failure_and_not_theirs(story: Any) -> None:
    story.comes("2026-02-02T09:00", "Would you kindly have the bench moved?")
    busy_day(story, "2026-02-10")
    busy_day(story, "2026-02-19")
    assert story.raised("2026-02-19T16:00") == {"service_failure"}
    late = [each for each in story.pattern("P1", "2026-02-19T16:00").counted if "we were late" in each.why]
    assert len(late) == 12


def test_half_while_late_dampens_what_would_otherwise_be_raised(story: Any) -> None:
    story.comes("2026-01-05T09:00", "Would you kindly have the bench moved?")
    busy_day(story, "2026-01-15", 8)
    busy_day(story, "2026-01-16", 8)
    story.we_say("2026-01-19T10:00", ANSWER)
    busy_day(story, "2026-01-20")
    busy_day(story, "2026-01-22")
    pattern = story.pattern("P1", "2026-01-22T16:00")
    assert pattern.judgement is Judgement.NOTHING and "our failure" in pattern.why


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("Attached is a photo of the crack behind it.", "new information"),
        ("I wish to complain about your team.", "complaint"),
        ("Please take this to stage 2.", "complaint"),
        ("I have now written to the Ombudsman about this.", "Ombudsman"),
        ("This is a subject access request for my file.", "right"),
        ("There is a smell of gas by the bench.", "hazard"),
        ("He put his hands round my throat last night.", "safeguarding"),
    ],
)
def test_what_is_excluded_before_counting_raises_no_burst(story: Any, words: str, why: str) -> None:
    answered(story)
    for day in ("2026-02-10", "2026-02-12"):
        for index in range(6):
            story.comes(f"{day}T{9 + index:02d}:05", f"{words} {PRESSES[index]}")
    assert "P1" not in story.raised("2026-02-12T16:00")
    assert any(why in each.why for each in story.pattern("P1", "2026-02-12T16:00").counted)


def busy_twice(story: Any, **signs: float) -> None:
    """Two busy days of seven contacts each; ``signs`` are what the model gives S0 on one contact or more of the first."""
    answered(story)
    for day in ("2026-02-10", "2026-02-12"):
        for index in range(7):
            chance = signs.get(f"c{index}", 0.0) if day == "2026-02-10" else 0.0
            words = PRESSES[index % len(PRESSES)]
            story.comes(f"{day}T{9 + index:02d}:05", words, labels={"S0": chance} if chance else {})


def test_a_sign_that_is_most_likely_none_is_told_where_its_contact_is_counted(story: Any) -> None:
    busy_twice(story, c3=0.2)
    lines = [each.why for each in story.pattern("P1", "2026-02-12T16:00").counted if each.counted]
    assert len([why for why in lines if "its card comes first" in why]) == 1


def test_a_doubtful_sign_of_safeguarding_takes_its_own_contact_out_of_the_count_and_no_other(story: Any) -> None:
    busy_twice(story, c3=0.4)
    assert "P1" in story.raised("2026-02-12T16:00")
    spared = [each.why for each in story.pattern("P1", "2026-02-12T16:00").counted if not each.counted]
    assert len(spared) == 1 and "safeguarding" in spared[0]


def test_likely_safeguarding_sets_the_whole_issue_apart(story: Any) -> None:
    busy_twice(story, c3=0.6)
    assert "P1" not in story.raised("2026-02-12T16:00")
    why = [each.why for each in story.pattern("P1", "2026-02-12T16:00").counted if not each.counted]
    assert why and all("safeguarding" in each for each in why)


def test_several_doubtful_signs_together_are_taken_as_one_that_is_real(story: Any) -> None:
    busy_twice(story, c0=0.3, c4=0.3)
    assert "P1" not in story.raised("2026-02-12T16:00")
    assert not story.pattern("P1", "2026-02-12T16:00").counted[1].counted


def test_messages_sent_again_within_half_an_hour_are_one(story: Any) -> None:
    answered(story)
    for day in ("2026-02-10", "2026-02-12"):
        for minute in range(0, 54, 9):
            story.comes(f"{day}T09:{minute:02d}", "Have it shifted. C Adjaye" + "." * (minute % 2))
    assert "P1" not in story.raised("2026-02-12T16:00")


@pytest.mark.parametrize(("channel", "raised"), [(Channel.VISIT_NOTE, False), (Channel.EMAIL, True)])
def test_our_own_visits_are_no_approaches_of_theirs(story: Any, channel: Channel, raised: bool) -> None:
    answered(story)
    busy_day(story, "2026-02-10", channel=channel)
    story.we_say("2026-02-11T10:00", "The answer has not changed.")
    busy_day(story, "2026-02-19", channel=channel)
    assert ("P1" in story.raised("2026-02-19T15:00")) is raised


def test_a_line_that_keeps_dropping_is_one_call(story: Any) -> None:
    answered(story)
    turns = (Turn(speaker=Speaker.AGENT, text="Hello"), Turn(speaker=Speaker.CUSTOMER, text="It's about the bench"))
    for day in ("2026-02-10", "2026-02-12"):
        for minute in range(0, 48, 6):
            story.comes(f"{day}T09:{minute:02d}", channel=Channel.CALL, turns=turns)
    assert "P1" not in story.raised("2026-02-12T16:00")


def test_auto_replies_are_never_counted(story: Any) -> None:
    answered(story)
    busy_day(story, "2026-02-10", auto=True)
    busy_day(story, "2026-02-12", auto=True)
    assert "P1" not in story.raised("2026-02-12T16:00")


def test_automatic_mail_that_a_model_read_is_still_never_counted(story: Any) -> None:
    answered(story)
    cues = {"P1": 0.9, "P2": 0.9, "P3": 0.9, "D1": 0.9, "D2": 0.9, "D3": 0.9, "D4": 0.9}
    for day in ("2026-02-10", "2026-02-11", "2026-02-12"):
        busy_day(story, day, auto=True, labels=cues)
    assert not story.raised("2026-02-12T16:00") & set(cues)


def test_a_reply_to_our_question_is_not_counted(story: Any) -> None:
    answered(story)
    story.we_say("2026-02-11T10:30", "If your hands or eyesight make the buttons difficult please tell me.")
    asked = story.comes("2026-02-13T17:20", "There is nothing wrong with my hands or my eyesight.")
    (shown,) = [each for each in story.pattern("P1", "2026-02-14T10:00").counted if each.contact_id == asked]
    assert not shown.counted and "asked for" in shown.why


def test_an_agreed_contact_adjustment_is_respected(story: Any) -> None:
    story.customers = {"t": Customer(ref="t", adjustments=("ADHD: sends several short messages in a row",))}
    answered(story)
    busy_day(story, "2026-02-10")
    busy_day(story, "2026-02-12")
    assert "P1" not in story.raised("2026-02-12T16:00")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CUSTOMER])
def test_somebody_elses_contacts_are_not_the_tenants(story: Any, role: Role) -> None:
    answered(story)
    busy_day(story, "2026-02-10", by="other", role=role)
    busy_day(story, "2026-02-12", by="other", role=role)
    assert not story.raised("2026-02-12T16:00")


def test_below_nine_tenths_sure_of_the_person_nothing_counts(story: Any) -> None:
    answered(story)
    busy_day(story, "2026-02-10", probability=0.85)
    busy_day(story, "2026-02-12", probability=0.85)
    assert "P1" not in story.raised("2026-02-12T16:00")


def test_two_people_on_one_issue_are_counted_apart(story: Any) -> None:
    answered(story)
    for day in ("2026-02-10", "2026-02-12"):
        busy_day(story, day, 3)
        busy_day(story, day, 3, by="u", text="Do move that bench for us now.")
    assert "P1" not in story.raised("2026-02-12T16:00")


def test_a_busy_weekend_day_is_not_a_busy_working_day(story: Any) -> None:
    answered(story)
    busy_day(story, "2026-02-14")
    busy_day(story, "2026-02-15", 5)
    burst = story.pattern("P1", "2026-02-15T16:00").elements[0]
    assert burst.state is ElementState.NOT_MET and "P1" not in story.raised("2026-02-15T16:00")


def test_a_stale_feed_makes_every_demand_and_persistence_unknown(story: Any) -> None:
    answered(story)
    busy_day(story, "2026-02-10")
    busy_day(story, "2026-02-12")
    story.fresh = False
    judged = {p.code: p.judgement for p in story.patterns("2026-02-12T16:00") if p.code != "service_failure"}
    assert set(judged) == {"P1", "P2", "P3", "D1", "D2", "D3", "D4", "A3"}
    assert set(judged.values()) == {Judgement.CANNOT_JUDGE}
    assert set(story.assessed("2026-02-12T16:00").cannot_judge) == set(judged)


def test_a_stale_feed_leaves_met_only_what_our_own_words_show(story: Any) -> None:
    story.we_say("2026-02-02T10:00", "This is our final decision on the bench. You may go to the Ombudsman.")
    for index in range(3):
        story.comes(f"2026-02-{9 + 4 * index:02d}T10:00", f"I do not accept it. {PRESSES[index]}")
    story.fresh = False
    pattern = story.pattern("P2", "2026-02-17T10:00")
    states = {each.name: each.state for each in pattern.elements}
    assert states.pop("A final decision") is ElementState.MET
    assert states.pop("The next route was told") is ElementState.MET
    assert set(states.values()) == {ElementState.CANNOT_KNOW} and not pattern.contacts
    assert "P2" not in [finding.code for finding in story.assessed("2026-02-17T10:00").findings]


def test_a_letter_of_ours_that_they_have_is_nothing_new(story: Any) -> None:
    answered(story)
    story.comes("2026-02-10T10:00", "I got the letter. The bench must go.")
    story.comes("2026-02-12T10:00", "I got a letter from my doctor about the bench.")
    old, new = story.pattern("P1", "2026-02-12T12:00").counted[1:]
    assert old.counted and not new.counted and "new information" in new.why


# P2.


def refused(story: Any, count: int = 3, words: str = "I do not accept it. It should be nil.") -> None:
    story.record("2026-02-02T10:00", "final_response", "Bill upheld. Ombudsman route given.")
    for index in range(count):
        story.comes(f"2026-02-{9 + 4 * index:02d}T10:00", f"{words} {PRESSES[index]}")


def test_a_third_contact_with_nothing_new_after_a_final_decision_raises_p2(story: Any) -> None:
    refused(story)
    assert "P2" not in story.raised("2026-02-14T10:00")
    assert "P2" in story.raised("2026-02-17T10:00")


def _pressed(story: Any) -> None:
    for index in range(3):
        story.comes(f"2026-02-{9 + 4 * index:02d}T10:00", f"I do not accept it. It should be nil. {PRESSES[index]}")


def _route(story: Any) -> ElementState:
    [found] = [
        each for each in story.pattern("P2", "2026-02-17T10:00").elements if each.name == "The next route was told"
    ]
    return found.state


def test_a_final_decision_whose_record_says_that_no_route_was_told_is_none_to_refuse(story: Any) -> None:
    story.record("2026-02-02T10:00", "final_response", "Bill upheld. No route told to customer yet.")
    _pressed(story)
    assert _route(story) is ElementState.NOT_MET
    assert "P2" not in story.raised("2026-02-17T10:00")


def test_a_letter_of_ours_that_names_no_next_route_leaves_nothing_to_refuse(story: Any) -> None:
    story.we_say("2026-02-02T09:00", "We have decided that the bill stands.")
    story.record("2026-02-02T10:00", "final_response", "Bill upheld.")
    _pressed(story)
    assert _route(story) is ElementState.NOT_MET
    assert "P2" not in story.raised("2026-02-17T10:00")


def test_a_decision_on_record_without_its_letter_is_to_be_checked(story: Any) -> None:
    story.record("2026-02-02T10:00", "final_response", "Bill upheld.")
    _pressed(story)
    assert _route(story) is ElementState.CANNOT_KNOW
    assert "P2" in story.raised("2026-02-17T10:00")


def test_what_came_before_the_next_route_was_told_does_not_count_towards_p2(story: Any) -> None:
    story.record("2026-02-02T10:00", "final_response", "Bill upheld. No route told to customer yet.")
    _pressed(story)
    story.we_say("2026-02-18T10:00", "If you disagree you may take this to the Housing Ombudsman.")
    story.comes("2026-02-20T10:00", f"I do not accept it. {PRESSES[4]}")
    pattern = story.pattern("P2", "2026-02-20T12:00")
    assert pattern.judgement is Judgement.NOTHING
    assert [line.counted for line in pattern.counted] == [False, False, False, True]
    assert "next route" in pattern.counted[0].why


def test_each_clause_shows_what_it_counted_itself(story: Any) -> None:
    """What counts as continual contact is one thing, what presses a decided point another."""
    answered(story)
    story.comes("2026-02-06T10:00", PRESSES[3])
    story.record("2026-02-08T10:00", "final_response", "The bench stays. Ombudsman route given.")
    _pressed(story)
    continual = [line.counted for line in story.pattern("P1", "2026-02-17T12:00").counted]
    refused_lines = [line.counted for line in story.pattern("P2", "2026-02-17T12:00").counted]
    assert continual[-4:] == [True, True, True, True]
    assert refused_lines[-4:] == [False, True, True, True]


def test_without_a_final_decision_there_is_no_p2(story: Any) -> None:
    for index in range(5):
        story.comes(f"2026-02-{9 + index:02d}T10:00", f"I do not accept it. {PRESSES[index]}")
    assert "P2" not in story.raised("2026-02-16T10:00")


def test_a_final_decision_in_our_own_letter_counts_as_one(story: Any) -> None:
    story.we_say("2026-02-02T10:00", "The bill stands. This is our final response; you may go to the Ombudsman.")
    for index in range(3):
        story.comes(f"2026-02-{9 + 4 * index:02d}T10:00", f"I do not accept it. {PRESSES[index]}")
    assert "P2" in story.raised("2026-02-17T10:00")


def test_new_evidence_each_time_raises_no_p2(story: Any) -> None:
    refused(story, words="Please find a signed statement from my neighbour attached.")
    assert "P2" not in story.raised("2026-02-17T12:00")


def test_a_remedy_that_was_promised_and_not_delivered_raises_no_p2(story: Any) -> None:
    story.record("2026-02-02T10:00", "final_response", "Remedy: re-plaster by 6 February.", due="2026-02-06")
    for index in range(4):
        story.comes(f"2026-02-{9 + 4 * index:02d}T10:00", f"The plaster is not done. {PRESSES[index]}")
    assert story.raised("2026-02-21T12:00") == {"service_failure"}


def test_a_decision_that_we_opened_again_is_not_final(story: Any) -> None:
    story.record("2026-02-02T10:00", "final_response", "Bill upheld. Ombudsman route given.")
    story.comes("2026-02-05T10:00", "Please see photo. The serial number on my meter is another one.")
    story.we_say("2026-02-06T10:00", "Thank you, that is important. We'll reopen this and test both meters.")
    for index in range(3):
        story.comes(f"2026-02-{9 + index:02d}T10:00", f"It should be nil. {PRESSES[index]}")
    assert "P2" not in story.raised("2026-02-12T10:00")


def test_a_revised_decision_starts_the_count_again(story: Any) -> None:
    refused(story, 2)
    story.record("2026-02-16T10:00", "final_response", "Revised. Final.")
    story.comes("2026-02-18T10:00", "It should be nil.")
    assert "P2" not in story.raised("2026-02-18T10:00")


# P3.


def spread(story: Any, *routes: str, words: str = "Send someone with bolt cutters.", start: int = 10) -> None:
    for index, route in enumerate(routes):
        story.comes(f"2026-02-{start + index:02d}T10:00", f"{words} {PRESSES[index]}", route=route)


def test_three_routes_after_the_owner_was_told_raise_p3(story: Any) -> None:
    answered(story)
    story.record("2026-02-04T15:01", "owner_told", "Owner P. Nandakumar.")
    spread(story, "repairs@x.example", "contact centre line", "ceo@x.example")
    pattern = story.pattern("P3", "2026-02-12T10:00")
    assert pattern.judgement is Judgement.LOOK and len(pattern.contacts) == 3


def test_the_owners_own_mailbox_is_no_further_route(story: Any) -> None:
    answered(story)
    story.record("2026-02-04T15:01", "owner_told", "Owner P. Nandakumar.")
    spread(story, "hello@landlord.example", "repairs@x.example", "contact centre line")  # our answer came from hello@
    assert "P3" not in story.raised("2026-02-12T10:00")


def test_an_owner_who_asks_to_be_asked_for_sends_them_nowhere_else(story: Any) -> None:
    story.comes("2026-02-02T09:00", "Would you kindly have the bench moved?")
    said = f"{ANSWER} It is mine, and repairs can only pass it on: please use this address or ring and ask for me."
    story.we_say("2026-02-04T15:00", said)
    spread(story, "repairs@x.example", "contact centre line", "ceo@x.example", start=5)
    assert "P3" in story.raised("2026-02-07T10:00")


def test_without_an_owner_named_three_routes_are_nothing(story: Any) -> None:
    story.comes("2026-02-02T09:00", "Would you kindly have the bench moved?")
    story.we_say("2026-02-04T15:00", "The bench stays where it is.")
    spread(story, "repairs@x.example", "contact centre line", "ceo@x.example")
    assert "P3" not in story.raised("2026-02-12T10:00")


@pytest.mark.parametrize(
    "words",
    [
        "Your contact centre advised me to write here.",
        "The form on the website would not send.",
        "Nobody has answered me at the other address.",
        "I have been told to ring you.",
    ],
)
def test_routes_that_we_sent_them_to_or_that_failed_are_not_counted(story: Any, words: str) -> None:
    answered(story)
    spread(story, "repairs@x.example", "contact centre line", "ceo@x.example", words=words)
    assert "P3" not in story.raised("2026-02-12T10:00")


def test_routes_spread_over_more_than_ten_working_days_raise_no_p3(story: Any) -> None:
    answered(story)
    for at, route in (("2026-02-09", "a"), ("2026-02-24", "b"), ("2026-03-11", "c")):
        story.comes(f"{at}T10:00", "Do move it.", route=route)
        story.we_say(f"{at}T15:00", "It stays.")
    assert "P3" not in story.raised("2026-03-11T16:00")


def test_two_mails_to_five_of_our_addresses_raise_p3(story: Any) -> None:
    answered(story)
    everybody = [f"{name}@landlord.example" for name in ("a", "b", "c", "d", "e")]
    story.comes("2026-02-10T10:00", PRESSES[0], to=everybody)
    assert "P3" not in story.raised("2026-02-10T10:00")
    story.comes("2026-02-13T10:00", PRESSES[1], to=everybody)
    assert "P3" in story.raised("2026-02-13T10:00")


# What two busy days, a dropped call and an answer that is still to come do not do.


def test_two_busy_days_are_a_burst_and_no_habit(story: Any) -> None:
    """Seven and five in two days are twelve in ninety, but only the sixth of the second day makes the burst."""
    answered(story)
    busy_day(story, "2026-02-10", 7)
    story.we_say("2026-02-11T10:00", "The answer has not changed.")
    busy_day(story, "2026-02-19", 5)
    assert "P1" not in story.raised("2026-02-19T13:30")
    story.comes("2026-02-19T15:05", "Please have the bench moved.")
    assert "P1" in story.raised("2026-02-19T15:05")


def test_who_says_by_when_the_answer_comes_has_not_answered_yet(story: Any) -> None:
    story.comes("2026-02-02T09:00", "Would you kindly have the bench moved?")
    story.we_say("2026-02-04T15:00", "The bench is for the panel. You will have our answer by 10 July.")
    weekly(story, reply=False)
    assert "P1" not in story.raised("2026-03-19T12:00")


def test_a_message_on_the_answerphone_is_an_approach_and_a_place_in_the_queue_is_none(story: Any) -> None:
    def rings(at: str, note: str) -> None:
        asks = Turn(speaker=Speaker.CUSTOMER, text="Only ringing to see if there is any word on the bench.")
        turns = (Turn(speaker=Speaker.SYSTEM, text=note), asks)
        story.comes(at, "", channel=Channel.CALL, turns=turns)

    answered(story)
    rings("2026-02-10T09:00", "Lines are closed. Message left 09.00.")
    rings("2026-02-11T09:00", "You are number nine in the queue.")
    assert [each.counted for each in story.pattern("P1", "2026-02-12T10:00").counted[-2:]] == [True, False]


def test_a_call_that_dropped_and_the_call_again_are_one_that_counts(story: Any) -> None:
    answered(story)
    lost = (
        Turn(speaker=Speaker.AGENT, text="Hello."),
        Turn(speaker=Speaker.CUSTOMER, text="It's about the bench."),
        Turn(speaker=Speaker.SYSTEM, text="Call ended: line dropped."),
    )
    again = (
        Turn(speaker=Speaker.AGENT, text="Hello."),
        Turn(speaker=Speaker.CUSTOMER, text="I got cut off. Will you move the bench?"),
        Turn(speaker=Speaker.AGENT, text="No, it stays."),
    )
    story.comes("2026-02-10T09:00", channel=Channel.CALL, turns=lost)
    second = story.comes("2026-02-10T09:03", channel=Channel.CALL, turns=again)
    story.comes("2026-02-10T09:08", channel=Channel.CALL, turns=again)
    counted = [each.contact_id for each in story.pattern("P1", "2026-02-10T10:00").counted if each.counted]
    assert counted[1:] == [second]


def test_who_will_not_go_to_the_ombudsman_has_not_gone(story: Any) -> None:
    answered(story)
    key = story.comes(
        "2026-02-10T09:00", "I have taken advice and decline to take it to the Ombudsman. Move the bench."
    )
    (line,) = [each for each in story.pattern("P1", "2026-02-10T10:00").counted if each.contact_id == key]
    assert line.counted
