"""Moments, promises, deadlines and cues read from words."""

from datetime import datetime

import pytest

from triage.domain import our_words, words
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


def test_a_promise_keeps_its_sentence(workdays: WorkingDays) -> None:
    said = "Dear Mr Sarkodie, it is locked. I will tell everyone by 29 May whether it can open. Come to me."
    (promised,) = our_words.promises_in(said, WEDNESDAY, workdays)
    assert promised.sentence.startswith("I will tell everyone") and f"{promised.due:%d %B}" == "29 May"


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
    asked = words.deadline_demanded("I want it by Friday. No, I want it by noon tomorrow.", WEDNESDAY, workdays)
    assert asked == datetime(2026, 3, 12, 12, tzinfo=LONDON)


@pytest.mark.parametrize("text", ["As soon as possible please.", "I moved in on Friday.", "The form said 5 days."])
def test_what_sets_no_deadline_is_none(workdays: WorkingDays, text: str) -> None:
    assert words.deadline_demanded(text, WEDNESDAY, workdays) is None


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
    assert words.brings_new(text) is new


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
    ],
)
def test_a_reply_that_says_what_is_settled_is_no_holding_reply(text: str, holding: bool) -> None:
    assert our_words.is_holding(text) is holding
