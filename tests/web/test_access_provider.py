"""Signing in at an organisation's own provider, end to end against a provider that runs here."""

import warnings
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from triage.domain.errors import SettingsError
from triage.store.access import Duty
from triage.web.app import create_app
from triage.web.oidc import Provider
from triage.web.ways_in import WaysIn

pytest.importorskip("oidc_provider_mock", reason="oidc-provider-mock is missing: it is in the test group")
SITE = {"Origin": "http://desk.example"}
ROLES = {"Triage.Manager": Duty.MANAGER, "Triage.Reviewer": Duty.REVIEWER}


@pytest.fixture(scope="module")
def issuer():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import User, run_server_in_thread
    users = (
        User(sub="ana", claims={"name": "Ana Silva", "roles": ["Other", "Triage.Manager"]}),
        User(sub="bob", claims={"name": "Bob", "roles": ["Other"]}),
    )
    with run_server_in_thread(user_claims=users, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


def _provider(issuer):
    return Provider(
        name="Heron Homes",
        issuer=issuer,
        client_id="triage",
        secret=lambda: "kept elsewhere",
        redirect="http://desk.example/sign-in/callback",
        roles=ROLES,
    )


@pytest.fixture
def browser(desk, issuer):
    """Makes browsers, each with cookies of its own, before an installation that signs in at the provider alone."""
    app = create_app(
        store=desk.store,
        policy=desk.landlord.policy,
        clock=desk.clock,
        models=desk.models,
        secure_cookies=False,
        ways_in=WaysIn(invitations=False, passwords=False, provider=_provider(issuer)),
    )
    return lambda: TestClient(app, base_url="http://desk.example", follow_redirects=False)


def _out(client):
    """Where the page leads: the provider's address with everything that it is asked."""
    page = client.post("/sign-in/provider", data={}, headers=SITE)
    assert page.status_code == 200, page.text
    return page.headers["refresh"].partition("url=")[2]


def _back(address, sub):
    """The person says who they are at the provider; gives the way back."""
    answer = httpx2.post(address, data={"sub": sub}, follow_redirects=False)
    assert answer.status_code in (302, 303), answer.text
    return answer.headers["location"].removeprefix("http://desk.example")


def test_a_person_of_the_provider_signs_in_with_the_role_that_the_provider_names(browser, desk):
    client = browser()
    address = _out(client)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert len(asked["state"][0]) >= 22 and len(asked["nonce"][0]) >= 22
    answer = client.get(_back(address, "ana"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["refresh"] == "0; url=/patterns"
    assert client.get("/patterns").status_code == 200
    assert client.get("/api/session").json()["person"] == "Ana Silva"
    assert desk.audit("person.signed_in") == [("Ana Silva", "Ana Silva")]


def test_somebody_without_a_role_here_is_not_let_in(browser, desk):
    client = browser()
    answer = client.get(_back(_out(client), "bob"))
    assert answer.status_code == 401
    assert "no role here" in answer.text
    assert client.get("/patterns").status_code == 401
    assert desk.audit("person.sign_in_failed") == [("nobody", "provider")]


def test_the_way_back_counts_once_and_in_the_browser_that_set_out_alone(browser):
    client, other = browser(), browser()
    back = _back(_out(client), "ana")
    assert other.get(back).status_code == 401
    assert client.get(back).status_code == 200
    assert client.get(back).status_code == 401


def test_a_code_of_another_start_is_not_believed(browser):
    """PKCE and nonce: what was given to one start is of no use to another."""
    client = browser()
    stolen = parse_qs(urlsplit(_back(_out(client), "ana")).query)["code"][0]
    own = parse_qs(urlsplit(_back(_out(client), "ana")).query)["state"][0]
    assert client.get("/sign-in/callback", params={"code": stolen, "state": own}).status_code == 401
    assert client.get("/patterns").status_code == 401


def test_a_start_is_forgotten_after_ten_minutes(browser, desk):
    from datetime import timedelta

    client = browser()
    back = _back(_out(client), "ana")
    desk.clock.pass_by(timedelta(minutes=10))
    assert client.get(back).status_code == 401


def test_a_provider_that_calls_itself_otherwise_or_is_away_is_not_asked_further(issuer):
    from triage.web.oidc import ProviderError

    with pytest.raises(ProviderError, match="another name"):
        _provider(issuer + "/").start()
    with pytest.raises(ProviderError, match="cannot be reached"):
        _provider("http://localhost:9").start()


def test_a_provider_over_plain_http_is_no_provider():
    with pytest.raises(SettingsError, match="not https"):
        _provider("http://login.example")


def test_without_a_provider_its_routes_are_not_there(desk):
    visitor = desk.anonymous()
    assert visitor.client.post("/sign-in/provider", data={}, headers=SITE).status_code == 404
    assert visitor.get("/sign-in/callback?code=x&state=y").status_code == 404


def test_the_providers_groups_say_of_which_teams_somebody_is():
    from dataclasses import replace

    provider = replace(
        _provider("http://localhost:9"), teams={"g-1": "Repairs", "g-2": "Lettings"}, roles={"m": Duty.MANAGER}
    )
    named = {"roles": "m", "name": "Ana Silva"}
    assert provider._person({**named, "groups": ["g-2", "g-1", "g-9", 7]}).teams == ("Lettings", "Repairs")
    assert provider._person({**named, "groups": "g-1"}).teams == ("Repairs",)
    assert provider._person({**named, "groups": {"g-1": 1}}).teams == ()
    assert provider._person(named).teams == ()
