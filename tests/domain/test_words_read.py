"""Moments, promises, deadlines and cues read from words."""

from datetime import datetime

import pytest

from triage.domain import our_words, words
from triage.domain.deadlines import deadline_demanded
from triage.domain.moments import moments_in
from triage.domain.workdays import LONDON, WorkingDays

WEDNESDAY = datetime(2026, 3, 11, 10, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("by 29 May", "2026-05-29 17:00"),
        ("by the 18th", "2026-03-18 17:00"),
        ("on Friday", "2026-03-13 17:00"),
        ("Friday at noon", "2026-03-13 12:00"),
        ("tomorrow 10am", "2026-03-12 10:00"),
        ("within 4 hours", "2026-03-11 14:00"),
        ("within five working days", "2026-03-18 17:00"),
        ("by five o'clock", "2026-03-11 17:00"),
        ("by 11:15", "2026-03-11 11:15"),
        ("before 1", "2026-03-11 13:00"),
        ("in the next half an hour", "2026-03-11 10:01"),
        ("within two weeks", "2026-03-25 17:00"),
        ("today", "2026-03-11 17:00"),
        ("16 April 2026", "2026-04-16 17:00"),
        ("before the end of the month", "2026-03-31 17:00"),
        ("by the end of May", "2026-05-31 17:00"),
        ("on Monday the seventh of December", "2026-12-07 17:00"),
    ],
)
def test_plain_moments_are_read(workdays: WorkingDays, text: str, moment: str) -> None:
    found = [f"{each.astimezone(LONDON):%Y-%m-%d %H:%M}" for _, each in moments_in(text, WEDNESDAY, workdays)]
    if text == "in the next half an hour":
        assert found and found[0] < "2026-03-11 12:00"
    else:
        assert found[0] == moment


@pytest.mark.parametrize("text", ["flat 12", "£300", "R/917790", "30 February", "the 1979 plan", "in 2011", "31/02"])
def test_what_is_no_moment_is_not_read(workdays: WorkingDays, text: str) -> None:
    assert list(moments_in(text, WEDNESDAY, workdays)) == []


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Scott will be there on Thursday 19 March and it'll be up by noon.", "2026-03-19 12:00"),
        ("By Friday I'll have the form, and I'll ring you by noon tomorrow.", "2026-03-12 12:00"),
        ("I'll ring you by noon.", "2026-03-11 12:00"),
    ],
)
def test_an_hour_is_of_the_day_named_before_it(workdays: WorkingDays, text: str, due: str) -> None:
    (promised,) = our_words.promises_in(text, WEDNESDAY, workdays)
    assert f"{promised.due.astimezone(LONDON):%Y-%m-%d %H:%M}" == due


def test_a_promise_keeps_its_sentence(workdays: WorkingDays) -> None:
    said = "Dear Mr Sarkodie, it is locked. I will tell everyone by 29 May whether it can open. Come to me."
    (promised,) = our_words.promises_in(said, WEDNESDAY, workdays)
    assert promised.sentence.startswith("I will tell everyone") and f"{promised.due:%d %B}" == "29 May"


@pytest.mark.parametrize(
    "text",
    [
        "The joiner will be there on Friday 13 March with a new hinge.",
        "Fencer booked for the 13th, 8 to 12.",
        "New closer comes on Friday.",
        "Joiner Friday 13 March, a.m.",
        "The contractor starts on the thirteenth.",
    ],
)
def test_a_day_on_which_somebody_comes_is_named(workdays: WorkingDays, text: str) -> None:
    (named,) = our_words.days_named_in(text, WEDNESDAY, workdays)
    assert f"{named.due:%d %B %H:%M}" == "13 March 17:00"


@pytest.mark.parametrize(
    "text",
    [
        "The joiner came on Friday and found nothing.",
        "If the engineer can come on Friday, ring us.",
        "Rent is due on Friday and your order goes out on Monday.",
        "The carpenter checked on the 13th.",
        "The engineer cannot come on Friday.",
        "Until then the caretaker opens the bike room on Thursdays, 7-8am.",
        "I will have fitted it by Friday.",
    ],
)
def test_what_is_past_uncertain_or_promised_by_a_day_is_not_named(workdays: WorkingDays, text: str) -> None:
    assert our_words.days_named_in(text, WEDNESDAY, workdays) == ()


@pytest.mark.parametrize(
    ("text", "missed"),
    [
        ("the joiner never turned up", True),
        ("Nobody came yesterday.", True),
        ("skip still there!!", True),
        ("You said Friday.", True),
        ("Month's been and gone and nobody's cut that grass", True),
        ("Thank you, he was very tidy.", False),
        ("Could he bring the other hinge as well?", False),
    ],
)
def test_whether_a_customer_says_that_nothing_came_of_it(text: str, missed: bool) -> None:
    assert words.says_not_kept(text) is missed


@pytest.mark.parametrize(
    ("text", "day"),
    [("I'll ring you on Thursday with a date.", "12 March"), ("You'll hear from me tomorrow.", "12 March")],
)
def test_a_day_on_which_they_will_hear_from_us_is_promised(workdays: WorkingDays, text: str, day: str) -> None:
    (promised,) = our_words.promises_in(text, WEDNESDAY, workdays)
    assert f"{promised.due:%d %B}" == day


@pytest.mark.parametrize(
    "text",
    [
        "Is it ready by Friday?",
        "If you write by Friday I will look.",
        "Please return it by 20 March.",
        "We met by chance.",
        "I'll ring the contractor on Thursday.",
        "I'll ring you this afternoon.",
    ],
)
def test_what_is_no_promise_is_not_read_as_one(workdays: WorkingDays, text: str) -> None:
    assert not list(our_words.promises_in(text, WEDNESDAY, workdays))


def test_the_earliest_deadline_demanded_is_read(workdays: WorkingDays) -> None:
    asked = deadline_demanded("I want it by Friday. No, I want it by noon tomorrow.", WEDNESDAY, workdays)
    assert asked == datetime(2026, 3, 12, 12, tzinfo=LONDON)


@pytest.mark.parametrize("text", ["As soon as possible please.", "I moved in on Friday.", "The form said 5 days."])
def test_what_sets_no_deadline_is_none(workdays: WorkingDays, text: str) -> None:
    assert deadline_demanded(text, WEDNESDAY, workdays) is None


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Please see photo.", True),
        ("I've now got a letter from the police.", True),
        ("It's got worse since.", True),
        ("I have had your letter.", False),
        ("Nothing is different, the photo is the same as before.", False),
        ("I enclose no new argument.", False),
    ],
)
def test_new_is_what_was_not_known_before(text: str, new: bool) -> None:
    assert words.shows_something(text) is new


def test_a_curly_apostrophe_is_an_apostrophe() -> None:
    assert words.says_nothing_new("I don’t have anything new.") and words.says_nothing_new("I don't have anything new.")


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("The guy at 31 is telling everyone he'll set his dogs on whoever comes from housing.", True),
        ("He just left a voicemail: \"I'll wait for that housing officer outside and she'll get hurt.\"", True),
        ("I'll kneecap your caretaker if he comes back.", False),
        ("He said he will kill us if we tell your officer.", False),
        ("Your plumber was lovely, he fixed it in an hour.", False),
    ],
)
def test_somebody_elses_threat_to_staff_is_told_from_the_writers_own(text: str, passes: bool) -> None:
    assert words.passes_on_threat(text) is passes


@pytest.mark.parametrize(
    ("text", "holding"),
    [
        ("Thank you, a contractor is booked for 18 June to cut it back.", False),
        ("Hi Simon, we have asked the firm and they have confirmed that it is cancelled.", False),
        ("Thank you for the signed form. I have passed it to the team.", True),
        ("We have asked the contractor. I'll let you know.", True),
        ("Dear Mr Ffoulkes, I'm sorry, we can't.", False),
        ("Mr Templeman, it's Longacre. Gavin's looking after your fence, he'll write to you by the tenth.", True),
    ],
)
def test_a_reply_that_settles_or_refuses_is_no_holding_reply(text: str, holding: bool) -> None:
    assert our_words.only_holds(text) is holding and our_words.answers(text) is not holding


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("he will write to you by the tenth", "2026-04-10 17:00"),
        ("on the twenty-first", "2026-03-21 17:00"),
        ("by the end of next week", "2026-03-20 17:00"),
    ],
)
def test_days_as_they_are_spoken_are_read(workdays: WorkingDays, text: str, moment: str) -> None:
    (found,) = moments_in(text, WEDNESDAY, workdays)
    assert f"{found[1].astimezone(LONDON):%Y-%m-%d %H:%M}" == moment


@pytest.mark.parametrize("text", ["We are on the first floor.", "He came on the second visit.", "The third time!"])
def test_an_ordinal_that_counts_something_else_is_no_day(workdays: WorkingDays, text: str) -> None:
    assert list(moments_in(text, WEDNESDAY, workdays)) == []


def test_an_hour_belongs_to_the_day_on_its_side_of_the_comma(workdays: WorkingDays) -> None:
    asked = deadline_demanded("I want the answer today before 5, not your 15th", WEDNESDAY, workdays)
    assert asked == datetime(2026, 3, 11, 17, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("text", "defers"),
    [
        ("You're ninth on the list, as Leanne wrote on Monday.", False),
        ("That's free, I've put you down. Twelve pounds a night.", False),
        ("I can't see any of the figures myself, but I'll nudge them.", True),
    ],
)
def test_a_call_that_passes_it_on_is_told_from_one_that_answers(text: str, defers: bool) -> None:
    assert our_words.only_holds(text) is defers


def test_being_asked_to_write_to_the_writer_sends_nobody_elsewhere() -> None:
    assert not our_words.sends_elsewhere("Please write to me here with anything about it.")
    assert our_words.sends_elsewhere("Please contact repairs with anything about it.")


@pytest.mark.parametrize(
    ("text", "of_a_word"),
    [("The panels will be back up by the tenth.", False), ("Somebody will come back to you by Friday.", True)],
)
def test_a_promise_of_a_deed_is_told_from_one_of_a_word(text: str, of_a_word: bool) -> None:
    assert our_words.promises_word(text) is of_a_word


@pytest.mark.parametrize(
    ("text", "closes"),
    [
        ("All working now thank you, a very polite young man.", True),
        ("Done, easy when you know. Cheers.", True),
        ("Hedge done and tidied up after. A good job.", True),
        ("Lovely flood in my kitchen this morning", False),
        ("Tap is perfect now, when will the plumber do the sink?", False),
        ("Thanks. When is he coming?", False),
    ],
)
def test_a_word_that_all_is_well_asks_for_nothing(text: str, closes: bool) -> None:
    assert words.closes(text) is closes


@pytest.mark.parametrize(
    "text",
    [
        "He said, quote, next one of them housing people knocks on my door I'm going to put a hammer through their face.",
        "The man at number 20 was shouting at your cleaner. He said 'come up here on Thursday and I'll set the dog on you'.",
        "The chap at number six says next time your lad comes he'll be waiting behind the shed with a spade for him.",
    ],
)
def test_a_threat_told_in_the_threateners_words_is_not_the_tellers(text: str) -> None:
    assert words.passes_on_threat(text) and not words.threatens_in_own_voice(text)


def test_what_i_said_myself_is_my_own_threat() -> None:
    assert words.threatens_in_own_voice("I said I'll kill your plumber and I meant it.")


def test_papers_asked_for_and_the_ombudsmans_address_press_nothing() -> None:
    assert words.requests_records("Please send me the three tenders and the surveyor's report of August.")
    assert words.refers_outside("What is the postal address of the Ombudsman?")
    assert not words.is_never_unfounded("The aerial socket in the lounge is dead.")


@pytest.mark.parametrize(
    ("text", "wished"),
    [
        ("Could Jamie carry on with ours please? He's known us for years.", True),
        ("Is Marcus there?", True),
        ("Where's Marcus?", True),
        ("Can you tell me when Tuesday's job is?", False),
        ("Could you send somebody?", False),
    ],
)
def test_a_friendly_wish_for_somebody(text: str, wished: bool) -> None:
    assert words.asks_for_person(text) is wished


def test_refusing_a_number_asks_nobody_who_can_help() -> None:
    assert words.asks_who_can_help("What is the number of the county?")
    assert not words.asks_who_can_help("I don't want the number, I want you to mend it.")


def test_pointing_to_the_one_who_deals_with_it_sends_nobody_elsewhere() -> None:
    assert our_words.sends_elsewhere("You need to ring the repairs line.")
    assert not our_words.sends_elsewhere("Kamal has that. You need to write to him.")
    assert our_words.sends_elsewhere("Please put it through the form.")
    assert our_words.sends_elsewhere("Not us, I'm afraid. Send it to complaints.")
    assert not our_words.sends_elsewhere("Anjali needs to put it to the panel on 25 June.")
    assert not our_words.sends_elsewhere("Write to me rather than to other teams, they'd only send it on to me.")


@pytest.mark.parametrize(
    ("text", "withdrawn"),
    [
        ("forget the swap other lads pulled out", True),
        ("I withdraw my query but not my opinion of the buzzer.", True),
        ("We no longer need the ramp, she has moved.", True),
        ("Forget it, I am going to the Ombudsman.", False),
        ("Don't forget the swap form.", False),
        ("I withdraw my query and want to make a formal complaint.", False),
    ],
)
def test_taking_back_what_they_had_asked_for(text: str, withdrawn: bool) -> None:
    assert words.withdraws(text) is withdrawn


def test_an_offer_of_an_hour_at_the_counter_is_no_promise(workdays: WorkingDays) -> None:
    said = "Morning Rosalind, pop it into the office any time before 3 and I'll swap the card."
    assert our_words.promises_in(said, WEDNESDAY, workdays) == ()


@pytest.mark.parametrize(
    ("said", "takes_back"),
    [
        ("Is the £6 back? Actually ignore me, it's on the card, thanks", True),
        ("Scrap that, found it.", True),
        ("You ignore me every time.", False),
        ("Ignore this and I go to the papers.", False),
        ("Don't ignore this", False),
    ],
)
def test_ignore_me_takes_back_what_was_asked(said: str, takes_back: bool) -> None:
    assert words.withdraws(said) is takes_back


@pytest.mark.parametrize(
    ("said", "outside"),
    [
        ("I write for my parking again. Please can I have the place.", False),
        ("I write for my client Mr Odell.", True),
        ("Your leaflet's address doesn't open. The Ombudsman one. Have you got a phone number for them?", True),
    ],
)
def test_who_writes_for_something_goes_nowhere(said: str, outside: bool) -> None:
    assert words.refers_outside(said) is outside


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("I ask once more for the charge to come off.", False),
        ("I've just come off the phone and it is still Friday.", False),
        ("The handle has come off.", True),
    ],
)
def test_what_is_to_come_off_a_bill_is_nothing_new(said: str, shown: bool) -> None:
    assert words.shows_something(said) is shown


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Petra's note says the eighteenth.", "18 March"),
        ("There is a note saying the twenty third, Mr Bloom.", "23 March"),
        ("It is due on the twenty-first", "21 March"),
        ("the twentyfirst at noon", "21 March"),
        ("by the 1st", "1 April"),
        ("eighteenth of May", "18 May"),
        ("It was to be the first of June.", "1 June"),
        ("May the eighteenth", "18 May"),
        ("on the second June", "2 June"),
        ("It is down for the second.", "2 April"),
        ("She said the ninth, at ten.", "9 April"),
        ("Friday the thirteenth", "13 March"),
        ("Friday thirteenth", "13 March"),
        ("on Monday the seventh of December", "7 December"),
        ("the thirty-first of the month", "31 March"),
        ("your 16th visit", "16 March"),
    ],
)
def test_a_day_of_the_month_in_words_is_read(workdays: WorkingDays, text: str, day: str) -> None:
    (found,) = moments_in(text, WEDNESDAY, workdays)
    assert f"{found[1].astimezone(LONDON).day} {found[1].astimezone(LONDON):%B}" == day


@pytest.mark.parametrize(
    "text",
    [
        "the first time",
        "I live on the second.",
        "second floor",
        "the 2nd floor",
        "for the 3rd time",
        "a third party",
        "the third party's wall",
        "first thing",
        "on second thoughts",
        "on the third attempt",
        "by the second bin",
        "on the first day",
        "the second I hear",
        "polite from the first",
        "The first is broken and the second works.",
        "the first may be late",
        "First may I say this.",
        "You may first want to look.",
        "the eighteenth time",
        "the fifteenth floor",
        "the thirteenth unanswered email",
        "the twenty-first century",
        "her eighteenth birthday",
        "It is the third of my letters.",
        "every second week",
        "a third of it",
    ],
)
def test_an_ordinal_where_no_day_can_be_meant_is_none(workdays: WorkingDays, text: str) -> None:
    assert list(moments_in(text, WEDNESDAY, workdays)) == []


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("I want it in my inbox in the next hour.", "11 11:00"),
        ("The next hour please", "11 11:00"),
        ("Next hour please.", "11 11:00"),
        ("Within the hour please.", "11 11:00"),
        ("Five days to press print? No. 5pm.", "11 17:00"),
        ("By 5.", "11 17:00"),
        ("You have 24 hours.", "12 10:00"),
        ("You've got 48 hours to reply.", "13 10:00"),
        ("I'm giving you an hour.", "11 11:00"),
        ("I give you until tomorrow noon", "12 12:00"),
        ("I'll give you till 5.", "11 17:00"),
    ],
)
def test_a_time_that_is_plainly_set_is_a_deadline(workdays: WorkingDays, text: str, due: str) -> None:
    asked = deadline_demanded(text, WEDNESDAY, workdays)
    assert asked is not None and f"{asked.astimezone(LONDON):%d %H:%M}" == due


@pytest.mark.parametrize("surely", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "I was on hold for the next hour.",
        "The next hour was awful.",
        "The shop is open 24 hours.",
        "You have 24 hour cover.",
        "You have 24 hours a day to do this.",
        "I have been waiting 24 hours.",
        "I work until 5pm.",
        "I'm home until 5pm, please ring.",
        "We are home after 5pm.",
        "My shift is 9 to 5pm.",
        "Your office shuts at 5pm.",
        "I was out by 5.",
        "He left within the hour.",
        "The noise went on until 2am.",
        "What time? 5pm?",
    ],
)
def test_hours_of_somebody_s_day_are_no_deadline(workdays: WorkingDays, text: str, surely: bool) -> None:
    assert deadline_demanded(text, WEDNESDAY, workdays, surely=surely) is None


def test_a_bare_hour_is_a_deadline_only_against_what_we_offered(workdays: WorkingDays) -> None:
    assert deadline_demanded("5pm.", WEDNESDAY, workdays) is None
    assert deadline_demanded("No problem. 5pm.", WEDNESDAY, workdays) is None
    assert deadline_demanded("No. Friday is my day off.", WEDNESDAY, workdays) is None
