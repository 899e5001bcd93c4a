from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from triage.bootstrap import england
from triage.domain.acknowledging import acknowledge_by, in_hours
from triage.domain.customer import Customer
from triage.store.access import Duty
from triage.testing import SECRET

WEEK = england()


def _at(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raised", "by"),
    [
        (_at(12, 10), _at(12, 10, 15)),
        (_at(12, 16, 50), _at(13, 9, 5)),
        (_at(12, 20), _at(13, 9, 15)),
        (_at(14, 12), _at(16, 9, 15)),
    ],
    ids=["in hours", "over the close", "in the evening", "at a weekend"],
)
def test_the_clock_counts_opening_time(raised, by):
    assert acknowledge_by(raised, 15, WEEK) == by


def test_out_of_hours_is_said():
    assert in_hours(_at(12, 10), WEEK)
    assert not in_hours(_at(12, 17), WEEK)
    assert not in_hours(_at(14, 10), WEEK)


@pytest.mark.parametrize("duty", [Duty.REVIEWER, Duty.MANAGER, Duty.ANALYST, Duty.ADMINISTRATOR])
def test_the_room_is_for_its_own_role(desk, duty):
    visitor = desk.signed_in(duty)
    assert visitor.get("/safeguarding").status_code == 403
    assert visitor.post(f"/safeguarding/{desk.landlord.safeguarding}/acknowledge").status_code == 403


def test_the_room_says_whom_to_turn_to_and_until_when(desk, safeguarding):
    text = safeguarding.get("/safeguarding").text
    assert desk.landlord.policy.on_call in text
    assert f"/flags/{desk.landlord.safeguarding}" in text
    assert "Overdue" in text
    assert "9:45am" in text


def test_no_behaviour_stands_in_the_room(desk, safeguarding):
    text = safeguarding.get("/safeguarding").text
    for other in (desk.landlord.behaviour, desk.landlord.mixed, desk.landlord.hazard):
        assert other not in text
    assert "A1" not in text.split("<main")[1].split("</main")[0]


def test_the_words_are_read_on_the_card_and_not_in_the_room(safeguarding):
    assert SECRET not in safeguarding.get("/safeguarding").text


def test_one_person_takes_a_card_on_and_a_second_is_told_who(desk, safeguarding):
    path = f"/safeguarding/{desk.landlord.safeguarding}/acknowledge"
    assert safeguarding.post(path).status_code == 303
    text = safeguarding.get("/safeguarding").text
    assert "Taken on by Test safeguarding" in text
    assert "Later than the clock" in text
    assert desk.audit("flag.acknowledged") == [("Test safeguarding", desk.landlord.safeguarding)]
    other = desk.signed_in(Duty.SAFEGUARDING, "Dee Ash")
    answer = other.post(path)
    assert answer.status_code == 409
    assert "Test safeguarding has taken this on already." in answer.text


def test_a_card_that_was_taken_on_is_still_open_to_be_decided(desk, safeguarding):
    safeguarding.post(f"/safeguarding/{desk.landlord.safeguarding}/acknowledge")
    page = f"/flags/{desk.landlord.safeguarding}"
    assert "Record my decision" in safeguarding.get(page).text


def test_only_safeguarding_cards_can_be_taken_on(desk, safeguarding):
    assert safeguarding.post(f"/safeguarding/{desk.landlord.behaviour}/acknowledge").status_code == 404


def test_how_somebody_can_be_reached_safely_is_said_before_any_reply(desk, safeguarding, reviewer):
    with desk.store.begin() as unit:
        unit.landlord.put_customer(Customer(ref="C-400", safe_contact="Only by text, and never after six"))
        known = unit.landlord.customers_by_ref({"C-100"})["C-100"]
        unit.landlord.put_customer(replace(known, safe_contact="Do not ring the home line"))
    assert "Only by text, and never after six" in safeguarding.get("/safeguarding").text
    text = reviewer.get(f"/flags/{desk.landlord.behaviour}").text
    assert text.index("Do not ring the home line") < text.index("What do we owe")
    assert text.rindex("Do not ring the home line") > text.index("Next step, by a person")


def test_the_clock_has_not_run_out_before_its_minutes(desk, safeguarding):
    desk.clock.pass_by(timedelta(minutes=-50))
    assert "Overdue" not in safeguarding.get("/safeguarding").text
