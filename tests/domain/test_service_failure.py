"""Our own failures: a card for us before any flag for them."""

from typing import Any

from triage.domain.contact import Channel, Speaker, Turn
from triage.domain.customer import Role
from triage.domain.signal import Judgement


def test_the_first_contact_after_a_missed_deadline_raises_a_card_for_us(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    assert story.raised("2026-03-10T08:00") == set()
    story.comes("2026-03-10T09:00", "Is there any news?")
    pattern = story.pattern("service_failure", "2026-03-10T09:00")
    assert pattern.judgement is Judgement.LOOK and pattern.contacts == ("c1", "c2")


def test_a_chaser_on_the_evening_of_the_last_day_is_not_yet_after_it(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    story.comes("2026-03-09T20:00", "Is there any news?")
    assert "service_failure" not in story.raised("2026-03-09T20:00")


def test_an_advocates_chaser_shows_our_failure_too(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    story.comes("2026-03-10T09:00", "Any news for Ms Tenant?", by="adv", role=Role.ADVOCATE)
    assert story.pattern("service_failure", "2026-03-10T09:00").customer_ref == "t"


def test_thanks_after_a_deadline_is_not_chasing(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    story.comes("2026-03-10T09:00", "Thank you, all sorted now.")
    assert "service_failure" not in story.raised("2026-03-10T09:00")


def test_the_card_lapses_once_it_is_done(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    story.comes("2026-03-10T09:00", "Is there any news?")
    story.we_say("2026-03-11T09:00", "The bench stays, with apologies for the wait.")
    assert "service_failure" not in story.raised("2026-03-11T09:00")


def test_a_call_that_chases_us_late_shows_the_failure_even_if_it_is_answered_in_it(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    turns = (
        Turn(speaker=Speaker.AGENT, text="Hello."),
        Turn(speaker=Speaker.CUSTOMER, text="I wrote about the bench. When will I have an answer?"),
        Turn(speaker=Speaker.AGENT, text="The bench stays where it is, because the families chose the spot."),
    )
    story.comes("2026-03-12T09:00", channel=Channel.CALL, turns=turns)
    assert "service_failure" in story.raised("2026-03-12T09:00")
    assert "service_failure" not in story.raised("2026-03-13T09:00")
