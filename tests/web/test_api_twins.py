"""Every page has its twin in the API; what people say of links, files and incidents go both ways under the same refusals."""

import pytest

from triage.store.access import Duty
from triage.web.api.giving import IncidentIn
from triage.web.duties import NOBODY, OPEN, PAGES
from triage.web.same_as import API, SAME_AS

ALONE = {
    ("POST", "/sign-out"): "a program lets its session end",
    ("GET", "/keys"): "help for a keyboard",
    ("GET", "/incidents/new"): "an empty form",
    ("GET", "/own-records"): "an empty form",
    ("GET", "/search"): "an empty form",
    ("GET", "/api/session"): "itself of the API, for the pages' own scripts",
    ("POST", "/api/flags/{flag_id}/reviews"): "the decision's first address, kept for who uses it",
}
"""Pages without a twin, and why."""
CONTACT = "c-boiler-1"


def test_every_page_and_every_act_of_a_page_has_its_twin():
    pages = {page for page, who in PAGES.items() if who is not OPEN and who is not NOBODY}
    assert pages - set(SAME_AS.values()) == set(ALONE)
    assert set(SAME_AS.values()) <= pages


class Links:
    """Keeps what it was told, as the reading service would take it up."""

    def __init__(self, store):
        self.store, self.undone = store, []

    def rule(self, ruling):
        with self.store.begin() as unit:
            unit.rulings.add(ruling)

    def undo(self, ruling_id, by):
        self.undone.append((ruling_id, by))


@pytest.fixture
def linked(desk):
    from dataclasses import replace

    from starlette.testclient import TestClient

    from triage.web.app import create_app

    links = Links(desk.store)
    app = create_app(
        store=desk.store, policy=desk.landlord.policy, clock=desk.clock, models=desk.models, secure_cookies=False,
        links=links,
    )  # fmt: skip
    other = replace(desk, new_client=lambda: TestClient(app, base_url="http://desk.example", follow_redirects=False))
    return other, links


def _rulings(desk):
    with desk.store.read() as unit:
        return [found.ruling for found in unit.rulings.newest()]


def test_a_ruling_by_the_api_is_the_one_that_the_page_makes_and_is_undone_by_either(linked):
    desk, links = linked
    visitor = desk.signed_in(Duty.REVIEWER)
    for act, sent in (("same", {"person": "C-100"}), ("not", {}), ("move", {"issue": "new"})):
        answer = visitor.send(f"{API}/people/{CONTACT}/{act}", {**sent, "reason": "She rang to say so."})
        assert answer.status_code == 201, answer.text
        assert visitor.post(f"/people/{CONTACT}/{act}", **sent, reason="She rang to say so.").status_code == 303
        by_page, by_api = _rulings(desk)[:2]
        assert by_api.id == answer.json()["id"]
        same = ("kind", "by", "contacts", "person", "other", "anchor", "reason")
        assert [getattr(by_page, name) for name in same] == [getattr(by_api, name) for name in same]
    ruling = _rulings(desk)[0].id
    assert visitor.send(f"{API}/people/rulings/{ruling}/undo", {}).status_code == 204
    assert visitor.post(f"/people/rulings/{ruling}/undo").status_code == 303
    assert links.undone == [(ruling, "Test reviewer")] * 2
    said = visitor.get(f"{API}/people").json()["said"]
    assert {row["id"] for row in said} == {one.id for one in _rulings(desk)}


def test_both_refuse_what_is_not_there_and_what_is_with_safeguarding(linked):
    desk, _ = linked
    visitor, secret = desk.signed_in(Duty.REVIEWER), desk.landlord.safeguarded_contact
    for contact in ("none", secret):
        for act, sent in (
            ("same", {"person": "C-100"}),
            ("not", {}),
            ("join", {"person": "C-100"}),
            ("move", {"issue": "new"}),
        ):
            assert visitor.send(f"{API}/people/{contact}/{act}", sent).status_code == 404, act
            assert visitor.post(f"/people/{contact}/{act}", **sent).status_code == 404, act
        assert visitor.get(f"{API}/people/{contact}").status_code == 404
    assert visitor.send(f"{API}/people/rulings/none/undo", {}).status_code == 404
    assert visitor.send(f"{API}/people/{CONTACT}/join", {"person": "C-100"}).status_code == 422
    assert _rulings(desk) == []


def test_where_nothing_is_taken_up_the_api_says_so_as_the_page_does(desk, reviewer):
    sent = {"person": "C-100", "reason": ""}
    assert reviewer.send(f"{API}/people/{CONTACT}/same", sent).status_code == 409
    assert reviewer.post(f"/people/{CONTACT}/same", **sent).status_code == 409


def test_the_owed_sheet_and_its_twin_are_one_file_and_both_on_record(desk, manager):
    page, twin = manager.get("/owed/sheet?show=late"), manager.get(f"{API}/owed/sheet?show=late")
    assert (page.status_code, twin.status_code) == (200, 200)
    assert page.content == twin.content
    assert desk.audit("owed.exported") == [("Test manager", "late")] * 2


def test_raw_bytes_beside_safeguarding_are_given_to_nobody_by_either(desk, administrator):
    path = f"/contacts/{desk.landlord.safeguarded_contact}/raw"
    assert administrator.post(path).status_code == 404
    assert administrator.send(f"{API}{path}", {}).status_code == 404
    assert desk.audit("contact.raw_downloaded") == []


INCIDENT = {
    "id": "visit-7", "at": "2026-03-11T15:00", "place": "visit", "by": "animal", "attribution": "own",
    "target": "engineer", "happened": "The dog was loose.",
}  # fmt: skip


def test_an_incident_sent_twice_is_one_and_nobody_corrects_anothers(desk, reviewer, manager):
    first = reviewer.send(f"{API}/incidents", INCIDENT)
    assert first.status_code == 201, first.text
    assert reviewer.send(f"{API}/incidents", INCIDENT).json() == first.json()
    other = manager.send(f"{API}/incidents", {**INCIDENT, "happened": "Nothing at all."})
    assert other.json() != first.json()
    with desk.store.read() as unit:
        assert [row[:3] for row in unit.arrivals.sources()] == [("incident form", "incident", 2)]
    assert reviewer.send(f"{API}/incidents", {**INCIDENT, "at": "2026-03-13T15:00"}).status_code == 422
    assert reviewer.send(f"{API}/incidents", {**INCIDENT, "score": 1}).status_code == 422


def test_the_incident_of_the_api_asks_what_the_form_asks():
    from triage.web.incidents import ASKED

    assert set(IncidentIn.model_fields) == {"id", "at", *ASKED}


def test_other_routes_say_whose_tokens_are_good_and_never_what_they_are(desk, administrator):
    from triage.routes_in.tokens import make_token

    secret, token = make_token(desk.store, "web form", ["webform"], by="Ana", now=desk.clock())
    answer = administrator.get(f"{API}/routes")
    assert [one["id"] for one in answer.json()["tokens"]] == [token.id]
    assert secret not in answer.text
