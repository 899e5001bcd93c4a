"""Beside a threat the flag page says whether somebody is about to go there, and how old that knowledge is."""

import re
from datetime import timedelta

import pytest

from triage.domain.customer import Customer
from triage.domain.visit import Visit
from triage.testing import NOW


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)).replace(" ,", ",").replace(" )", ")")


@pytest.fixture
def told(desk, reviewer):
    """Tells the landlord's visits, and gives the words of the page of a flag with a threat (A1)."""

    def of(*visits, heard=None, flag=desk.landlord.mixed):
        with desk.store.begin() as unit:
            person = unit.flags.get(flag).customer_ref
            unit.landlord.put_customer(Customer(ref=person, address="4 Mill Row, Heron"))
            for number, (at, fields) in enumerate(visits):
                known = {"customer_ref": person} if "address" not in fields else {}
                unit.landlord.put_visit(Visit(id=f"v{number}", at=at, **{**known, **fields}))
            if heard is not None:
                unit.landlord.note_feed("visits", heard, "ok")
        return words(reviewer.get(f"/flags/{flag}"))

    return of


def test_a_visit_that_is_planned_stands_above_the_behaviour(told):
    page = told((NOW + timedelta(days=1), {"staff": "gas engineer 7"}), heard=NOW - timedelta(hours=1))
    assert re.search(r"A visit to this address is planned: [^.]+, gas engineer 7\.", page)
    assert page.index("A visit to this address is planned") < page.index("What was said and done?")
    assert "The list of visits is fresh" in page


def test_a_visit_that_names_the_address_alone_is_found(told):
    page = told((NOW + timedelta(days=2), {"address": "4 MILL ROW Heron", "staff": "caretaker"}))
    assert "caretaker" in page


@pytest.mark.parametrize(
    ("heard", "sentence"),
    [
        (NOW - timedelta(hours=2), "The list of visits is fresh"),
        (NOW - timedelta(hours=30), "The list of visits is old"),
        (None, "Nothing has ever told us of visits"),
    ],
)
def test_where_no_visit_is_known_the_page_says_how_good_that_knowledge_is(told, heard, sentence):
    page = told(heard=heard)
    assert "No visit to this address is known." in page
    assert sentence in page


@pytest.mark.parametrize(
    ("at", "fields"),
    [
        (NOW - timedelta(hours=6), {}),
        (NOW + timedelta(days=40), {}),
        (NOW + timedelta(days=1), {"cancelled": True}),
        (NOW + timedelta(days=1), {"address": "9 Other Street"}),
    ],
)
def test_visits_that_are_over_far_off_cancelled_or_elsewhere_are_left_out(told, at, fields):
    assert "No visit to this address is known." in told((at, fields))


def test_a_visit_that_has_begun_is_still_shown(told):
    assert "is planned" in told((NOW - timedelta(hours=1), {"until": NOW + timedelta(hours=1)}))


def test_beside_an_insult_visits_are_nobodys_business(told, desk):
    page = told((NOW + timedelta(days=1), {}), flag=desk.landlord.behaviour)
    assert "visit to this address" not in page
