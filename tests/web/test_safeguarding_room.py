from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from triage.bootstrap import england
from triage.config import read_settings
from triage.domain.acknowledging import Hours, first_look_by
from triage.domain.customer import Customer
from triage.domain.errors import PolicyError, SettingsError
from triage.domain.flag import FlagKind
from triage.domain.policy import read_policy, shipped_policy
from triage.domain.signal import Assessment, Finding
from triage.queue import settle
from triage.store.access import Duty
from triage.testing import SECRET

DESK = Hours(workdays=england())
POLICY = shipped_policy()


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
    assert first_look_by("S0", raised, POLICY, DESK) == by


def test_out_of_hours_is_said():
    assert DESK.is_open(_at(12, 10))
    assert not DESK.is_open(_at(12, 17))
    assert not DESK.is_open(_at(14, 10))


@pytest.mark.parametrize(
    ("code", "by"),
    [
        ("staff_safety", _at(16, 10)),
        ("A1", _at(16, 10)),
        ("hazard", _at(13, 19)),
        ("A2", None),
    ],
)
def test_a_friday_evenings_first_look_waits_for_the_desk_unless_it_is_a_hazard(code, by):
    assert first_look_by(code, _at(13, 18), POLICY, DESK) == by


def test_the_desks_own_hours_count():
    late = Hours(workdays=england(), opens=time(8), closes=time(20))
    assert late.is_open(_at(12, 19))
    assert first_look_by("S0", _at(12, 19, 50), POLICY, late) == _at(13, 8, 5)
    assert late.starts(_at(14, 12)) == _at(16, 8)


def test_a_bank_holiday_is_no_day_of_the_desk():
    assert DESK.starts(datetime(2026, 4, 3, 10, tzinfo=UTC)) == datetime(2026, 4, 7, 8, tzinfo=UTC)


def test_a_flag_raised_out_of_hours_is_due_when_the_desk_has_had_its_minutes(desk):
    friday = _at(13, 18)
    finding = Finding(code="A1", customer_ref="C-200", why="Made.", contacts=("c-leak-1",), event="c-leak-1")
    made = Assessment(at=friday, issue_id="i-leak", policy="p", contact_id="c-leak-1", findings=(finding,))
    with desk.store.begin() as unit:
        settle(unit, made, POLICY, DESK)
        flag = unit.flags.latest("C-200", "i-leak", FlagKind.BEHAVIOUR)
    assert flag.due == _at(16, 10)
    desk.clock.pass_by(_at(13, 20) - desk.clock())
    reviewer = desk.signed_in(Duty.REVIEWER)
    text = reviewer.get(f"/flags/{flag.id}").text
    assert "the clock runs from 16 Mar 2026, 9:00am" in text
    assert POLICY.on_call in text
    assert POLICY.on_call in reviewer.get("/").text


def test_out_of_hours_the_room_says_when_the_clock_starts_and_who_is_on_call(desk):
    desk.clock.pass_by(_at(13, 20) - desk.clock())
    with desk.store.begin() as unit:
        card = unit.flags.get(desk.landlord.safeguarding)
        unit.flags.update(replace(card, opened=_at(13, 19), version=card.version + 1), was=card.version)
    room = desk.signed_in(Duty.SAFEGUARDING)
    text = room.get("/safeguarding").text
    assert "begins at the next opening, 16 Mar 2026, 9:00am" in text
    assert "its clock starts" in text
    assert "Overdue" not in text
    assert POLICY.on_call in text
    told = room.get("/api/v1/safeguarding").json()
    assert (told["open_now"], told["opens"]) == (False, "2026-03-16T09:00:00Z")
    assert told["waiting"][0]["by"] == "2026-03-16T09:15:00Z"


def test_a_policy_that_names_an_unknown_clause_in_hours_is_refused():
    from importlib.resources import files

    text = files("triage.domain").joinpath("policies/unacceptable-behaviour.toml").read_text("utf-8")
    with pytest.raises(PolicyError, match="'Z9' under in_hours"):
        read_policy(text.replace('in_hours = ["S0"', 'in_hours = ["Z9"'))


def test_a_desk_that_closes_before_it_opens_is_refused():
    with pytest.raises(SettingsError, match="opens before it closes"):
        read_settings(None, desk_hours={"opens": "17:00", "closes": "09:00"})


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
