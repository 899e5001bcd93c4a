from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from triage.reports.first_look import is_blind
from triage.store.access import Duty
from triage.testing import INSULT
from triage.web.app import create_app

A2 = {
    "answer-A2": "no",
    "reason-A2": "Said in anger about a late visit.",
}


@pytest.fixture
def words_alone(desk):
    """The flag with the clause that words raised, and no pattern beside it."""
    with desk.store.begin() as unit:
        flag = unit.flags.get(desk.landlord.behaviour)
        only = replace(flag, codes=tuple(code for code in flag.codes if code.code == "A2"), version=flag.version + 1)
        unit.flags.update(only, was=flag.version)
    return only


@pytest.fixture
def blind(desk, words_alone):
    """A reviewer at a desk where every first look is blind."""
    landlord = desk.landlord
    app = create_app(
        store=desk.store,
        policy=landlord.policy,
        clock=desk.clock,
        models=desk.models,
        secure_cookies=False,
        blind_share=1.0,
    )
    desk.new_client = lambda: TestClient(
        app, base_url="http://desk.example", follow_redirects=False, raise_server_exceptions=False
    )
    return desk.signed_in(Duty.REVIEWER)


def test_a_blind_first_look_shows_the_words_and_nothing_that_the_model_said(desk, blind):
    page = f"/flags/{desk.landlord.behaviour}"
    text = blind.get(page).text
    assert "A first look without the suggestion." in text
    assert INSULT in text
    assert "desk-mark" not in text
    assert "desk-suggestion" not in text
    assert "confidence is" not in text
    assert "The words name a member of staff." not in text
    told = blind.get(f"/api/v1{page}").text
    assert "The words name a member of staff." not in told
    assert "Words that may be an insult" not in told


def test_what_we_owe_is_shown_blind_or_not(desk, blind):
    assert "We are late" in blind.get(f"/flags/{desk.landlord.behaviour}").text


def test_once_decided_the_suggestion_is_shown_and_the_review_says_that_it_was_blind(desk, blind, words_alone):
    page = f"/flags/{desk.landlord.behaviour}"
    blind.get(page)
    assert blind.post(f"{page}/reviews", flag_version=str(words_alone.version), **A2).status_code == 303
    with desk.store.read() as unit:
        (review,) = unit.flags.reviews(desk.landlord.behaviour)
    assert review.blind
    text = blind.get(page).text
    assert "A first look without" not in text
    assert "desk-mark" in text
    assert "Decided before the suggestion was shown." in text


def test_patterns_and_cards_of_safety_are_never_blind(desk):
    with desk.store.read() as unit:
        flags = [unit.flags.get(one) for one in (desk.landlord.behaviour, desk.landlord.hazard)]
    assert [is_blind(flag, (), desk.landlord.policy, "Ana", 1.0) for flag in flags] == [False, False]


def test_about_the_share_that_was_asked_for_is_blind(desk, words_alone):
    drawn = [
        is_blind(replace(words_alone, id=f"flag {number}"), (), desk.landlord.policy, "Ana", 0.05)
        for number in range(2000)
    ]
    assert 60 < sum(drawn) < 140
    assert not any(
        is_blind(replace(words_alone, id=f"flag {number}"), (), desk.landlord.policy, "Ana", 0.0)
        for number in range(200)
    )
