"""What would have changed a pattern is found by judging again, so each answer is checked by making that very change."""

from dataclasses import replace
from typing import Any

from triage.domain.otherwise import Change, Otherwise, what_would_have_changed
from triage.domain.owed import owed_replies
from triage.domain.persistence import measure
from triage.domain.signal import Judgement

ANSWER = "The bench stays where it is, because the families chose the spot. I am the person to write to."
PRESSES = (
    "A ballot is all very well, but I want it moved.",
    "The object remains. Kindly relocate it.",
    "Ten yards to the left would satisfy me.",
    "I see the backs of heads all day long.",
    "Have it shifted.",
    "My view has been taken from me by furniture.",
    "It ought to face the pond, not my lounge.",
)


def asked(story: Any, code: str, now: str) -> tuple[Otherwise, ...]:
    at = story.entries[0].contact.at.__class__.fromisoformat(now).replace(tzinfo=story.entries[0].contact.at.tzinfo)
    return what_would_have_changed(story.history(), story.policy, at, story.workdays, code=code, person="t")


def two_busy_days(story: Any, second: int) -> None:
    story.comes("2026-02-02T09:00", "Would you kindly have the bench moved?")
    story.we_say("2026-02-04T15:00", ANSWER)
    for index in range(6):
        story.comes(f"2026-02-10T{9 + index:02d}:05", PRESSES[index])
    story.we_say("2026-02-11T10:00", "The answer has not changed.")
    for index in range(second):
        story.comes(f"2026-02-12T{9 + index:02d}:05", PRESSES[index])


def test_each_contact_of_a_bare_burst_is_needed_and_one_sentence_says_so(story: Any) -> None:
    two_busy_days(story, 6)
    found = {each.change: each for each in asked(story, "P1", "2026-02-12T16:00")}
    assert len(found[Change.NOT_MADE].about) == 12
    assert "any one of its 12 contacts" in found[Change.NOT_MADE].sentence
    assert found[Change.FEWER].about == (story.entries[-1].contact.id,)


def test_a_burst_with_one_to_spare_falls_with_two_fewer(story: Any) -> None:
    two_busy_days(story, 7)
    fewer = next(each for each in asked(story, "P1", "2026-02-12T16:00") if each.change is Change.FEWER)
    assert "2 fewer of the 13" in fewer.sentence and len(fewer.about) == 2


def test_what_is_said_of_fewer_contacts_holds_when_they_are_taken_out(story: Any) -> None:
    two_busy_days(story, 7)
    fewer = next(each for each in asked(story, "P1", "2026-02-12T16:00") if each.change is Change.FEWER)
    story.entries = [entry for entry in story.entries if entry.contact.id not in fewer.about]
    assert "P1" not in story.raised("2026-02-12T16:00")


def test_the_answer_without_which_we_would_have_been_late_is_named(story: Any) -> None:
    two_busy_days(story, 6)
    facts = [each.about for each in asked(story, "P1", "2026-02-12T16:00") if each.change is Change.NO_FACT]
    for (gone,) in facts:
        history = replace(story.history(), entries=tuple(e for e in story.history().entries if e.contact.id != gone))
        now = story.entries[-1].contact.at
        patterns = measure(history, owed_replies(history, now, story.workdays), story.policy, now, story.workdays)
        assert not [p for p in patterns if p.code == "P1" and p.judgement is Judgement.LOOK]


def test_a_pattern_tells_the_day_on_which_it_ends(story: Any) -> None:
    two_busy_days(story, 6)
    quiet = next(each for each in asked(story, "P1", "2026-02-12T16:00") if each.change is Change.QUIET)
    assert quiet.sentence == "Ends on 12 March 2026 if nothing more comes."
    assert "P1" in story.raised("2026-03-12T14:00") and "P1" not in story.raised("2026-03-12T14:06")


def test_a_refused_outcome_rests_on_the_decision_on_record(story: Any) -> None:
    decision = story.record("2026-02-04T15:00", "final_response")
    for day in ("10", "14", "20"):
        story.comes(f"2026-02-{day}T09:00", "I still say the bench must go.")
        story.we_say(f"2026-02-{day}T16:00", "The answer has not changed, I am sorry.")
    facts = [each for each in asked(story, "P2", "2026-02-20T10:00") if each.change is Change.NO_FACT]
    assert facts[0].about == (decision,) and "final response" in facts[0].sentence


def test_our_failure_would_not_be_raised_had_the_reply_been_in_time(story: Any) -> None:
    source = story.comes("2026-03-02T09:00", "Would you kindly have the bench moved?")
    story.comes("2026-03-11T09:00", "Is anybody there about the bench?")
    (found,) = asked(story, "service_failure", "2026-03-11T09:00")
    assert found.change is Change.IN_TIME and found.about == (source,)
    assert "by the close of 9 March 2026" in found.sentence


def test_with_two_things_late_both_are_needed(story: Any) -> None:
    story.comes("2026-03-02T09:00", "Would you kindly have the bench moved?")
    story.comes("2026-03-03T09:00", "I wish to make a complaint about the bench.")
    story.comes("2026-03-11T09:00", "Is anybody there about the bench?")
    found = [each for each in asked(story, "service_failure", "2026-03-11T09:00") if each.change is Change.IN_TIME]
    assert len(found) == 1 and "all 2 things" in found[0].sentence


def test_what_is_not_put_forward_has_nothing_that_would_have_changed_it(story: Any) -> None:
    two_busy_days(story, 5)
    assert asked(story, "P1", "2026-02-12T16:00") == ()


def test_later_contacts_are_not_looked_at(story: Any) -> None:
    two_busy_days(story, 7)
    at_six = asked(story, "P1", "2026-02-12T14:30")
    assert "1 fewer of the 12" in next(each for each in at_six if each.change is Change.FEWER).sentence


def test_a_series_that_rests_on_an_outcome_on_another_issue_falls_without_it(story: Any) -> None:
    story.outcome_elsewhere("2025-07-01T10:00", "allegation_not_upheld")
    story.record("2025-08-20T10:00", "allegation_not_upheld", "Looked into.")
    story.comes("2025-11-03T10:00", "He is a thief and you all know it.", labels={"A3": 0.9})
    found = asked(story, "A3", "2025-11-03T10:00")
    assert ("e1",) in {each.about for each in found if each.change is Change.NO_FACT}
