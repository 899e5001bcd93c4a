from datetime import timedelta
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from triage.domain.errors import InputError
from triage.store.access import Duty
from triage.testing import FakeModels, invited
from triage.web.app import create_app
from triage.web.duties import HOME
from triage.web.invitations import invitation

SITE = "http://desk.example"


def test_opening_a_sign_in_address_uses_nothing_up_and_shows_one_button(desk):
    token = invited(desk.store, Duty.REVIEWER, desk.clock())
    visitor = desk.anonymous()
    for _ in range(2):
        page = visitor.get(f"/sign-in?token={token}")
        assert page.status_code == 200
        assert page.text.count("<button") == 1
    assert visitor.client.post("/sign-in", data={"sign_in": token}, headers={"Origin": SITE}).status_code == 303


def test_a_sign_in_works_once(desk):
    token = invited(desk.store, Duty.REVIEWER, desk.clock())
    first = desk.anonymous().client.post("/sign-in", data={"sign_in": token}, headers={"Origin": SITE})
    second = desk.anonymous().client.post("/sign-in", data={"sign_in": token}, headers={"Origin": SITE})
    assert first.status_code == 303
    assert second.status_code == 401
    assert "Ask your administrator for a new one" in second.text


def test_a_sign_in_ends_after_its_day(desk):
    token = invited(desk.store, Duty.REVIEWER, desk.clock())
    desk.clock.pass_by(timedelta(days=1, minutes=1))
    assert (
        desk.anonymous().client.post("/sign-in", data={"sign_in": token}, headers={"Origin": SITE}).status_code == 401
    )


@pytest.mark.parametrize("duty", Duty)
def test_each_duty_arrives_at_a_page_that_it_may_open(desk, duty):
    visitor = desk.signed_in(duty)
    assert visitor.get(HOME[duty]).status_code == 200


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(desk):
    token = invited(desk.store, Duty.REVIEWER, desk.clock())
    answer = desk.anonymous().client.post("/sign-in", data={"sign_in": token}, headers={"Origin": SITE})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie


def test_behind_tls_the_cookie_is_bound_to_the_host_and_secure(desk):
    app = create_app(
        store=desk.store, policy=desk.landlord.policy, clock=desk.clock, models=FakeModels(), secure_cookies=True
    )
    client = TestClient(app, base_url="https://desk.example", follow_redirects=False)
    token = invited(desk.store, Duty.REVIEWER, desk.clock())
    answer = client.post("/sign-in", data={"sign_in": token}, headers={"Origin": "https://desk.example"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-triage=")
    assert "secure" in cookie.lower()
    assert "domain" not in cookie.lower()
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_signing_out_ends_the_session_on_the_server_too(desk, reviewer):
    secret = reviewer.client.cookies["triage"]
    assert reviewer.post("/sign-out").status_code == 303
    other = desk.anonymous()
    other.client.cookies["triage"] = secret
    assert other.get("/").status_code == 401


def test_an_idle_session_ends_and_a_used_one_does_not(desk):
    idle, used = desk.signed_in(Duty.REVIEWER, "Idle"), desk.signed_in(Duty.REVIEWER, "Used")
    for _ in range(3):
        desk.clock.pass_by(timedelta(minutes=30))
        assert used.get("/").status_code == 200
    assert idle.get("/").status_code == 401


def test_no_session_outlives_twelve_hours(desk, reviewer):
    for _ in range(26):
        desk.clock.pass_by(timedelta(minutes=28))
        answer = reviewer.get("/")
    assert answer.status_code == 401


def test_signing_in_and_out_are_on_record(desk, reviewer):
    reviewer.post("/sign-out")
    assert desk.audit("person.signed_in") == [("Test reviewer", "Test reviewer")]
    assert desk.audit("person.signed_out") == [("Test reviewer", "Test reviewer")]


def test_an_invitation_is_an_address_that_signs_that_person_in(desk):
    where = SimpleNamespace(host="127.0.0.1", port=8000, secure_cookies=False)
    address = invitation(desk.store, where, "Sam Field", "manager", desk.clock())
    assert address.startswith("http://127.0.0.1:8000/sign-in?token=")
    token = address.partition("token=")[2]
    assert (
        desk.anonymous().client.post("/sign-in", data={"sign_in": token}, headers={"Origin": SITE}).headers["location"]
        == "/patterns"
    )
    with pytest.raises(InputError, match="'owner' is no role; it is one of reviewer"):
        invitation(desk.store, where, "Sam Field", "owner", desk.clock())


def test_the_api_says_who_is_signed_in(reviewer):
    assert reviewer.get("/api/session").json() == {
        "person": "Test reviewer",
        "role": "reviewer",
        "token": reviewer.token,
    }
