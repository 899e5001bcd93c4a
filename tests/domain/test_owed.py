"""What we owe: each clock, what meets it, and what does not."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from triage.domain.clocks import Clock
from triage.domain.contact import Channel, Speaker, Turn
from triage.domain.owed import final_decisions, next_deadline, owed_replies
from triage.domain.record import OwnStandards
from triage.domain.workdays import LONDON


def said(speaker: str, text: str) -> Turn:
    return Turn(speaker=Speaker(speaker), text=text)


def call(theirs: str, ours: str) -> dict[str, Any]:
    return {"text": "", "channel": Channel.CALL, "turns": (said("customer", theirs), said("agent", ours))}


def when(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def only(owed: Any, clock: Clock) -> Any:
    (found,) = [reply for reply in owed if reply.clock is clock]
    return found


def test_a_written_contact_is_owed_a_reply_within_the_standard(story: Any) -> None:
    story.comes("2026-03-02T21:14")
    reply = only(story.owed("2026-03-03T09:00"), Clock.GENERAL_REPLY)
    assert f"{reply.due:%Y-%m-%d %H:%M}" == "2026-03-09 17:00" and reply.met_at is None


def test_a_reply_that_answers_meets_the_clock_and_says_which_contact_did(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    answer = story.we_say("2026-03-04T10:00", "The bench stays where it is, because the families chose the spot.")
    reply = only(story.owed("2026-03-20T10:00"), Clock.GENERAL_REPLY)
    assert reply.met_by == answer and not reply.overdue_at(reply.due + timedelta(days=1))


def test_automatic_mail_is_owed_no_answer(story: Any) -> None:
    story.comes("2026-03-02T10:00", auto=True)
    assert story.owed("2026-03-20T10:00") == ()


def test_an_auto_reply_meets_nothing(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    story.we_say("2026-03-02T10:01", "Thank you. We aim to reply in five working days.", auto=True)
    assert only(story.owed("2026-03-10T10:00"), Clock.GENERAL_REPLY).met_at is None


def test_a_holding_reply_without_a_date_meets_no_general_clock(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    story.we_say("2026-03-03T10:00", "Thank you for your message. I have passed it to the team.")
    assert only(story.owed("2026-03-10T10:00"), Clock.GENERAL_REPLY).met_at is None


def test_a_holding_reply_with_a_date_starts_a_promise_in_its_place(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    story.we_say("2026-03-03T10:00", "Thank you for your message. I will reply in full by 11 March.")
    owed = story.owed("2026-03-10T10:00")
    assert only(owed, Clock.GENERAL_REPLY).met_at is not None
    assert f"{only(owed, Clock.PROMISE).due:%Y-%m-%d %H:%M}" == "2026-03-11 17:00"


def test_a_question_back_puts_it_in_the_customers_court(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    story.we_say("2026-03-03T10:00", "I would sooner ring you. What is the best time?")
    assert only(story.owed("2026-03-10T10:00"), Clock.GENERAL_REPLY).met_at is not None


def test_thanks_and_calls_that_were_answered_open_no_clock(story: Any) -> None:
    story.comes("2026-03-02T10:00", "Very good. Thank you Miss Nandakumar.")
    assert story.owed("2026-03-20T10:00") == ()


def test_a_complaint_is_owed_an_acknowledgement_and_then_its_stage(story: Any) -> None:
    story.comes("2026-03-02T10:00", "I wish to complain about the repairs team.")
    record = story.record("2026-03-04T10:00", "acknowledged", "Acknowledged.", ref="C-1")
    owed = story.owed("2026-03-05T10:00")
    assert only(owed, Clock.COMPLAINT_ACK).met_by == record
    assert f"{only(owed, Clock.STAGE1).due:%Y-%m-%d}" == "2026-03-18"


def test_stage_two_runs_twenty_working_days_over_easter(story: Any) -> None:
    story.record("2026-03-02T10:00", "stage1_response", "Not upheld.", ref="C-1")
    story.record("2026-03-20T10:00", "acknowledged", "Stage 2 acknowledged.", ref="C-1/2")
    assert f"{only(story.owed('2026-03-21T10:00'), Clock.STAGE2).due:%Y-%m-%d}" == "2026-04-21"


def test_a_question_does_not_meet_a_stage_but_the_response_does(story: Any) -> None:
    story.record("2026-01-12T15:00", "acknowledged", "Logged, one calendar month.", due="2026-02-12", ref="DP-1")
    story.we_say("2026-01-26T12:00", "It did, thank you. Could you tell us roughly when you rang?")
    assert only(story.owed("2026-02-13T10:00"), Clock.STAGE1).met_at is None
    done = story.we_say("2026-02-26T14:45", "With apologies, two folders by secure link.", subject="DP-1 response")
    assert only(story.owed("2026-02-27T10:00"), Clock.STAGE1).met_by == done


def test_a_hazard_runs_by_the_hour_and_is_reported_once(story: Any) -> None:
    story.comes("2026-03-07T22:00", "There is a smell of gas in the hall.", labels={"HZ": 0.97})
    story.comes("2026-03-07T23:00", "Still that smell of gas.", labels={"HZ": 0.97})
    hazard = only(story.owed("2026-03-08T01:00"), Clock.HAZARD)
    assert hazard.due - hazard.since == timedelta(hours=24)


def test_a_recorded_deadline_takes_the_place_of_the_general_one(story: Any) -> None:
    story.comes("2026-02-09T16:20", "Black mould behind the bed.", labels={"HZ": 0.9})
    story.record("2026-02-09T16:21", "case_opened", "Damp and mould: investigation due.", due="2026-02-23", ref="R-1")
    (case,) = story.owed("2026-02-10T10:00")
    assert case.clock is Clock.CASE and f"{case.due:%Y-%m-%d %H:%M}" == "2026-02-23 17:00"


def test_work_on_site_is_not_done_by_writing_about_it(story: Any) -> None:
    story.record("2026-02-09T16:21", "promise", "Light fitting to be renewed 6 March.", due="2026-03-06", ref="R-1")
    story.we_say("2026-03-05T10:00", "The electrician has the new fitting on the van.")
    assert only(story.owed("2026-03-09T10:00"), Clock.PROMISE).met_at is None
    story.record("2026-03-10T12:45", "repair_completed", "New fitting, circuit tested.", ref="R-1")
    assert only(story.owed("2026-03-11T10:00"), Clock.PROMISE).met_at is not None


def test_the_hour_in_a_records_words_sets_the_deadline_on_its_day(story: Any) -> None:
    story.record("2026-01-05T07:18", "promise", "Engineer within 4 hours (by 11:15).", due="2026-01-05")
    assert f"{only(story.owed('2026-01-05T08:00'), Clock.PROMISE).due:%H:%M}" == "11:15"


def test_a_sentence_with_a_condition_or_a_request_is_no_promise(story: Any) -> None:
    story.we_say("2026-03-02T10:00", "If you send the form I will answer by 6 March. Please reply by 5 March.")
    assert story.owed("2026-03-03T10:00") == ()


def test_after_a_final_decision_only_something_new_is_owed_a_reply(story: Any) -> None:
    story.record("2026-03-02T10:00", "final_response", "Not upheld. Ombudsman route given.")
    story.comes("2026-03-04T10:00", "I do not accept it. Cancel the bill.")
    new = story.comes("2026-03-05T10:00", "Please see photo of the meter, the serial number is another one.")
    assert only(story.owed("2026-03-06T10:00"), Clock.GENERAL_REPLY).source == new


def test_the_landlords_own_standard_is_used(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    history = story.history()
    stricter = replace(history, standards=OwnStandards(general_reply_working_days=2).over(story.policy.standards))
    (reply,) = owed_replies(stricter, history.entries[0].contact.at, story.workdays)
    assert f"{reply.due:%Y-%m-%d}" == "2026-03-04"


def test_the_next_deadline_is_the_first_open_one_ahead(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    story.comes("2026-03-04T10:00", "And the gate, please?")
    owed = story.owed("2026-03-04T11:00")
    now = owed[0].since
    assert next_deadline(owed, now) == owed[0].due
    assert next_deadline(owed, owed[0].due) == owed[0].due, "late only after it, so that it must still wake us"
    assert next_deadline(owed, owed[0].due + timedelta(seconds=1)) == owed[1].due
    assert next_deadline(owed, owed[1].due + timedelta(seconds=1)) is None


def test_nothing_later_than_now_is_looked_at(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    story.we_say("2026-03-04T10:00", "The bench stays where it is.")
    assert only(story.owed("2026-03-03T10:00"), Clock.GENERAL_REPLY).met_at is None


def test_a_call_in_which_we_only_passed_it_on_still_waits_for_an_answer(story: Any) -> None:
    key = story.comes("2026-03-02T10:00", **call("When is my fence coming?", "I'll get somebody to call you back."))
    (owed,) = story.owed("2026-03-03T10:00")
    assert owed.clock is Clock.GENERAL_REPLY and owed.source == key and owed.due == when("2026-03-09T17:00")


def test_a_call_that_was_answered_on_the_spot_waits_for_nothing(story: Any) -> None:
    story.comes("2026-03-02T10:00", **call("Is my fence coming?", "It is booked for Tuesday the tenth."))
    assert story.owed("2026-03-20T10:00") == ()


def test_a_stage_two_response_is_final_where_no_final_response_is_recorded(story: Any) -> None:
    story.record("2026-03-02T10:00", "stage2_response", "Not upheld; Ombudsman named.")
    assert final_decisions(story.history()) == [when("2026-03-02T10:00")]


def test_a_stage_two_response_that_promises_a_remedy_is_not_final_yet(story: Any) -> None:
    story.record("2026-03-02T10:00", "stage2_response", "Upheld; new fence.", due="2026-03-20T17:00")
    assert final_decisions(story.history()) == []


def test_a_promised_deed_is_not_done_by_saying_that_it_stands(story: Any) -> None:
    story.we_say("2026-02-06T11:30", "The crew will have cut the hedge by Friday 27 February.")
    story.we_say("2026-02-25T09:20", "Yes, Friday as planned, thank you for moving the car.")
    assert only(story.owed("2026-03-02T10:00"), Clock.PROMISE).met_at is None
    done = story.we_say("2026-03-03T09:20", "The hedge has been cut, with our apologies.")
    assert only(story.owed("2026-03-04T10:00"), Clock.PROMISE).met_by == done


def test_a_promised_deed_is_done_when_the_customer_says_that_it_is(story: Any) -> None:
    story.we_say("2026-02-06T11:30", "The joiner will hang a new gate by Friday 20 February.")
    story.comes("2026-02-07T09:00", "Thank you, Friday works for me.")
    assert only(story.owed("2026-02-09T10:00"), Clock.PROMISE).met_at is None
    told = story.comes("2026-02-19T18:00", "Gate came this morning and shuts beautifully, thank you")
    assert only(story.owed("2026-02-25T10:00"), Clock.PROMISE).met_by == told


def test_a_promised_word_is_kept_by_an_answer(story: Any) -> None:
    story.we_say("2026-02-06T11:30", "You will have our answer by 20 February.")
    answer = story.we_say("2026-02-18T09:20", "The charge is right: the meter was read on 4 January.")
    assert only(story.owed("2026-02-21T10:00"), Clock.PROMISE).met_by == answer


def test_a_later_day_promised_in_time_takes_the_place_of_a_cases_date(story: Any) -> None:
    story.record("2026-09-01T09:00", "case_opened", "Replacement fob.", due="2026-09-08", ref="K-1")
    promise = story.record("2026-09-02T11:12", "promise", "New fob handed over.", due="2026-09-11", ref="K-1")
    owed = story.owed("2026-09-14T10:00")
    assert only(owed, Clock.CASE).met_by == promise and only(owed, Clock.PROMISE).met_at is None


def test_a_call_that_named_the_day_waits_for_no_further_word(story: Any) -> None:
    call = [said("customer", "The planter is full of cans."), said("agent", "I'll get them taken away on Thursday.")]
    story.comes("2026-02-24T16:15", channel=Channel.CALL, turns=tuple(call))
    assert story.owed("2026-03-09T10:00") == ()


def test_who_asks_again_before_a_promised_day_has_been_answered(story: Any) -> None:
    story.we_say("2026-03-04T10:00", "We will pay your refund by 20 March.")
    story.comes("2026-03-09T13:00", "Me again. Anything on the money?")
    assert [reply.clock for reply in story.owed("2026-03-16T10:00")] == [Clock.PROMISE]
    story.comes("2026-03-23T09:00", "It has not come.")
    assert only(story.owed("2026-03-24T10:00"), Clock.GENERAL_REPLY).met_at is None


def test_after_what_was_promised_is_done_a_question_is_owed_an_answer(story: Any) -> None:
    story.record("2026-03-04T10:00", "promise", "New fob handed over.", due="2026-03-20", ref="K-1")
    story.record("2026-03-06T10:00", "repair_completed", "Fob handed over.", ref="K-1")
    story.comes("2026-03-09T13:00", "The new fob does not open the gate.")
    assert only(story.owed("2026-03-10T10:00"), Clock.GENERAL_REPLY).met_at is None


def test_a_day_that_we_named_counts_as_kept_until_the_customer_says_that_it_was_not(story: Any) -> None:
    story.we_say("2026-03-06T11:00", "Bin store door: a joiner is booked for Friday 13 March.")
    story.comes("2026-03-16T09:00", "Thank you. Which bin day is it over Easter?")
    assert [reply.clock for reply in story.owed("2026-03-16T10:00")] == [Clock.GENERAL_REPLY]
    story.comes("2026-03-16T12:00", "Nobody came on Friday, and the door still hangs.")
    named = only(story.owed("2026-03-16T13:00"), Clock.PROMISE)
    assert (named.due, named.met_at) == (when("2026-03-13T17:00"), None)


def test_a_new_day_that_we_name_in_the_call_that_says_so_is_kept_for_the_next_time(story: Any) -> None:
    story.we_say("2026-03-06T11:00", "Bin store door: a joiner is booked for Friday 13 March.")
    sorry = "I am sorry. A joiner is booked for Friday 20 March."
    story.comes("2026-03-16T12:00", **call("Nobody came on Friday, and the door still hangs.", sorry))
    story.comes("2026-03-23T09:00", "Nobody came on Friday either.")
    named = [reply.due for reply in story.owed("2026-03-23T10:00") if reply.clock is Clock.PROMISE]
    assert named == [when("2026-03-13T17:00"), when("2026-03-20T17:00")]


def test_what_was_done_by_the_day_that_we_named_is_not_owed_whatever_is_said_later(story: Any) -> None:
    story.we_say("2026-03-06T11:00", "Bin store door: a joiner is booked for Friday 13 March.")
    done = story.record("2026-03-13T11:00", "repair_completed", "Door rehung.")
    story.comes("2026-03-16T12:00", "Nobody came, as far as I can see.")
    assert only(story.owed("2026-03-16T13:00"), Clock.PROMISE).met_by == done


def test_after_a_day_that_was_not_kept_our_answer_ends_it_and_confirming_it_before_does_not(story: Any) -> None:
    story.we_say("2026-03-06T11:00", "A joiner is booked for Friday 13 March.")
    story.we_say("2026-03-11T11:00", "Yes, that stands, thank you for clearing the hall.")
    story.comes("2026-03-16T12:00", "The joiner never turned up.")
    assert only(story.owed("2026-03-16T13:00"), Clock.PROMISE).met_at is None
    answer = story.we_say("2026-03-17T09:00", "I am sorry, he was ill, and the door has been rehung today.")
    assert only(story.owed("2026-03-18T13:00"), Clock.PROMISE).met_by == answer


def test_money_that_was_sent_keeps_a_promise_of_money_and_no_other(story: Any) -> None:
    panels = story.record("2026-03-12T16:05", "promise", "Fit acoustic panels", due="2026-04-30", ref="S-1")
    money = story.record("2026-03-12T16:06", "promise", "£200 to be paid", due="2026-03-31", ref="S-2")
    paid = story.record("2026-03-27T10:00", "repair_completed", "£200 paid", ref="S-3")
    met = {reply.source: reply.met_by for reply in story.owed("2026-05-05T10:00")}
    assert met == {panels: None, money: paid}


def test_yours_by_a_day_is_an_answer_promised(story: Any) -> None:
    story.we_say("2026-07-07T09:30", "We check the drains plan first. Yours will be with you by 14 July.")
    answer = story.we_say(
        "2026-07-13T15:10", "You have permission for a shed of 8 by 6 feet, one metre from the fence."
    )
    assert only(story.owed("2026-07-15T10:00"), Clock.PROMISE).met_by == answer


# What keeps a promise.


def promised(story: Any, words: str, later: str) -> Any:
    story.we_say("2026-03-03T10:00", words)
    story.we_say("2026-03-06T10:00", later)
    return only(story.owed("2026-03-20T10:00"), Clock.PROMISE)


def test_a_promise_to_write_is_kept_by_any_message(story: Any) -> None:
    assert promised(story, "I'll text you by Friday.", "I am still looking into it.").met_at is not None


def test_a_promised_answer_is_not_kept_by_a_holding_message(story: Any) -> None:
    assert promised(story, "I'll let you have our decision by Friday.", "I am still looking into it.").met_at is None


def test_a_promise_that_names_no_deed_is_kept_by_an_answer(story: Any) -> None:
    answer = "The answer is no: the bench stays where it is."
    assert promised(story, "You'll have it by Friday.", answer).met_at is not None


def test_what_is_done_every_day_and_what_waits_for_them_is_no_promise(story: Any) -> None:
    story.we_say("2026-03-03T10:00", "I'll do one round-up by 5 each day.")
    story.we_say("2026-03-03T11:00", "Pop to the desk before 8pm with the fob and we'll update it.")
    story.we_say("2026-03-03T12:00", "Nothing will change before 25 March.")
    assert [reply for reply in story.owed("2026-03-20T10:00") if reply.clock is Clock.PROMISE] == []


def test_a_note_of_a_visit_says_that_somebody_came(story: Any) -> None:
    story.record("2026-03-03T10:00", "promise", "Joiner will measure the stairs.", due="2026-03-06")
    story.comes("2026-03-06T14:00", "Measured for the second rail.", channel=Channel.VISIT_NOTE)
    assert only(story.owed("2026-03-20T10:00"), Clock.PROMISE).met_at is not None


def test_a_note_that_nobody_was_in_says_nothing_of_the_kind(story: Any) -> None:
    story.record("2026-03-03T10:00", "promise", "Joiner will measure the stairs.", due="2026-03-06")
    story.comes("2026-03-06T14:00", "No access, card left.", channel=Channel.VISIT_NOTE)
    assert only(story.owed("2026-03-20T10:00"), Clock.PROMISE).met_at is None


def test_a_promise_on_record_answers_for_now_as_its_words_would(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    story.record("2026-03-05T10:00", "promise", "Answer on the bench.", due="2026-03-20")
    assert only(story.owed("2026-03-12T10:00"), Clock.GENERAL_REPLY).met_at is not None


def test_an_answer_that_only_names_the_promised_day_again_keeps_nothing(story: Any) -> None:
    story.we_say("2026-04-22T11:30", "I can do that. I'll have the statement to you by Friday 8 May.")
    story.comes("2026-05-05T11:40", **call("Is it still Friday?", "He says it is done in time and goes out on Friday."))
    assert only(story.owed("2026-05-11T08:40"), Clock.PROMISE).met_at is None
    sent = story.we_say("2026-05-11T13:50", "Your statement is attached, signed, four pages.")
    assert only(story.owed("2026-05-12T08:40"), Clock.PROMISE).met_by == sent


def test_the_standard_told_is_no_promise(story: Any) -> None:
    story.we_say("2026-09-08T10:00", "Just reply to me. We'll answer anything in five working days.")
    assert story.owed("2026-09-16T10:00") == ()


def test_what_we_said_is_answered_together_starts_no_clock_each_time(story: Any) -> None:
    story.comes("2026-03-02T11:30", "The flat above drags furniture about at night.")
    told = "Please send me each time that it happens. They are logged and not answered one by one. I will write with my findings by 1 May."
    story.we_say("2026-03-04T10:00", told)
    story.comes("2026-03-19T04:20", "Five to four now, is it running? Children maybe. Still going.")
    assert all(reply.clock is not Clock.GENERAL_REPLY for reply in story.owed("2026-04-20T10:00")[1:])
    assert "service_failure" not in story.raised("2026-04-20T10:00")
    story.comes("2026-05-04T09:00", "What came of it?")
    assert "service_failure" in story.raised("2026-05-04T09:00")


def test_what_we_had_asked_for_needs_no_more_than_thanks(story: Any) -> None:
    story.comes("2026-03-02T10:00", subject="Noise")
    story.we_say("2026-03-03T10:00", "Could you send us your log on Sunday, please?", subject="Re: Noise")
    story.comes("2026-03-08T20:00", "The log for the week, as asked.", subject="Re: Noise")
    story.we_say("2026-03-09T09:00", "Got it, thank you.", subject="Re: Noise")
    assert all(reply.met_at is not None for reply in story.owed("2026-03-30T10:00"))


def test_who_is_content_after_the_day_that_we_named_waits_for_it_no_longer(story: Any) -> None:
    story.we_say("2026-03-06T11:00", "I will have the padlock changed by noon on Monday 16 March.")
    story.comes("2026-03-12T12:00", "Lovely, thank you.")
    assert only(story.owed("2026-03-16T12:10"), Clock.PROMISE).met_at is None
    thanks = story.comes("2026-03-16T12:35", "Both keys are lovely, thank you.")
    assert only(story.owed("2026-03-17T13:00"), Clock.PROMISE).met_by == thanks
    story.comes("2026-04-17T18:05", "One of the two will not turn now. Can you cut another?")
    assert "service_failure" not in story.raised("2026-04-17T18:05")


@pytest.mark.parametrize("words", ["Forget the swap, the other lad has pulled out.", "I withdraw my question."])
def test_what_is_withdrawn_is_owed_no_longer(story: Any, words: str) -> None:
    story.comes("2026-03-02T10:00", "Can I swap with a lad in Marrowby?")
    withdrawn = story.comes("2026-03-04T10:00", words)
    assert only(story.owed("2026-03-12T10:00"), Clock.GENERAL_REPLY).met_by == withdrawn


def test_who_says_that_no_reply_is_needed_is_owed_none(story: Any) -> None:
    story.comes("2026-03-02T10:00", "I see the credit on the October statement. Is it right? No need to reply.")
    assert not [reply for reply in story.owed("2026-03-20T10:00") if reply.clock is Clock.GENERAL_REPLY]


@pytest.mark.parametrize("note", ["the eighteenth", "the 18th", "18 May", "Monday the eighteenth"])
def test_reading_out_a_note_of_the_promised_day_neither_keeps_nor_closes_it(story: Any, note: str) -> None:
    """The demo's rent statement: promised for 18 May, read out by an agent on the 13th, sent on the 15th."""
    story.comes("2026-05-11T08:35", "Hi, please send my rent statement for April 2023 to date.")
    story.we_say("2026-05-11T11:02", "We answer these within our usual five working days, which is Monday 18 May.")
    promise = story.record("2026-05-11T11:03", "promise", "Statement request; told 18 May.", due="2026-05-18")
    ours = f"Petra's put a note saying {note}, Mr Bloom."
    story.comes("2026-05-13T09:04", **call("Rent statement. I've asked for it three times.", ours))
    (open_still,) = [reply for reply in story.owed("2026-05-14T09:00") if reply.source == promise]
    assert open_still.met_at is None
    sent = story.we_say("2026-05-15T10:15", "Hello, your statement is attached. Best wishes, Petra")
    (kept,) = [reply for reply in story.owed("2026-05-29T17:00") if reply.source == promise]
    assert kept.met_by == sent and not kept.overdue_at(when("2026-05-29T17:00"))


def test_who_chases_a_promise_that_was_only_read_out_shows_our_failure(story: Any) -> None:
    story.record("2026-05-11T11:03", "promise", "Statement request; told 18 May.", due="2026-05-18")
    story.comes("2026-05-13T09:04", **call("Where is my statement?", "Petra's put a note saying the eighteenth."))
    story.comes("2026-05-26T09:00", "Please send me the statement.")
    assert "service_failure" in story.raised("2026-05-26T09:00")


# Came, and nobody was in.


@pytest.mark.parametrize(
    ("subject", "note"),
    [
        ("Missed you yesterday", "Sorry not to have met you. I have 23 or 28 April free."),
        ("Your form", "I called on Thursday and nobody was in."),
        ("Your form", "We knocked on the 16th and got no answer."),
    ],
)
def test_who_was_out_when_we_came_in_time_was_not_kept_waiting_by_us(story: Any, subject: str, note: str) -> None:
    """The demo's joint tenancy: she cancelled on the day, and was missed."""
    story.we_say("2026-04-10T09:44", "I look after your block now. I will come on Thursday 16 April with the form.")
    story.we_say("2026-04-17T10:10", note, subject=subject)
    story.we_say(
        "2026-04-23T16:30", "My letter of the 15th still applies. Ifeoma is here to help as soon as you are ready."
    )
    story.comes("2026-05-05T10:50", "It is a fortnight now, and I am still waiting for Gareth.")
    named = only(story.owed("2026-05-20T10:00"), Clock.PROMISE)
    assert (named.tried_at, named.met_at) == (when("2026-04-17T10:10"), None)
    assert not named.overdue_at(when("2026-05-20T10:00")) and not named.went_late(when("2026-05-20T10:00"))
    assert "service_failure" not in story.raised("2026-05-05T10:50")


def test_a_promised_visit_with_a_card_left_in_time_is_open_and_not_late(story: Any) -> None:
    story.record("2026-03-03T10:00", "promise", "Joiner will measure the stairs.", due="2026-03-06")
    story.comes("2026-03-06T14:00", "No access, card left.", channel=Channel.VISIT_NOTE)
    story.comes("2026-03-09T14:00", "Please send the joiner.")
    assert "service_failure" not in story.raised("2026-03-09T14:00")
    assert not only(story.owed("2026-03-09T15:00"), Clock.PROMISE).overdue_at(when("2026-03-09T15:00"))
    came = story.comes("2026-03-12T10:00", "Stairs measured.", channel=Channel.VISIT_NOTE)
    kept = only(story.owed("2026-03-20T10:00"), Clock.PROMISE)
    assert kept.met_by == came and not kept.went_late(when("2026-03-20T10:00"))


@pytest.mark.parametrize(
    "note",
    [
        "We came today and you were out.",
        "Sorry we missed you on Friday, the joiner was ill.",
        "Sorry that we missed you off the list.",
        "If we missed you, ring us.",
        "We could not come on Friday.",
        "I missed your call.",
    ],
)
def test_a_visit_after_the_day_or_missed_by_us_leaves_us_late(story: Any, note: str) -> None:
    story.record("2026-03-03T10:00", "promise", "Joiner will measure the stairs.", due="2026-03-06")
    story.we_say("2026-03-09T14:00", note)
    assert only(story.owed("2026-03-20T10:00"), Clock.PROMISE).overdue_at(when("2026-03-20T10:00"))


@pytest.mark.parametrize("words", ["Nobody came, I was home all day.", "He never turned up.", "There was no card."])
def test_who_says_that_nobody_came_is_believed_over_our_note(story: Any, words: str) -> None:
    story.record("2026-03-03T10:00", "promise", "Joiner will measure the stairs.", due="2026-03-06")
    story.comes("2026-03-06T14:00", "No access, card left.", channel=Channel.VISIT_NOTE)
    story.comes("2026-03-09T09:00", words + " Please send him.")
    assert "service_failure" in story.raised("2026-03-09T09:00")


def test_an_answer_that_we_promised_is_not_given_by_calling_at_the_door(story: Any) -> None:
    story.we_say("2026-03-03T10:00", "I will write to you by Friday with my decision.")
    story.we_say("2026-03-06T12:00", "I called today and nobody was in.")
    assert only(story.owed("2026-03-20T10:00"), Clock.PROMISE).tried_at is None
