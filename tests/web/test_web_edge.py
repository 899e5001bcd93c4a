import pytest
from starlette.testclient import TestClient

from triage.testing import FakeModels
from triage.web.app import create_app
from triage.web.edge import LARGEST_BODY

SITE = "http://desk.example"


def _claim(desk, visitor, headers, token=None):
    return visitor.client.post(
        f"/flags/{desk.landlord.behaviour}/claim",
        data={"token": visitor.token if token is None else token},
        headers=headers,
    )


def test_every_answer_carries_the_strict_policy(desk, reviewer):
    answers = [
        reviewer.get("/"),
        reviewer.get("/nowhere"),
        reviewer.get("/models"),
        desk.anonymous().get("/"),
        desk.anonymous().get("/sign-in"),
        reviewer.get("/api/session"),
        reviewer.get("/static/desk.css"),
        reviewer.client.post("/sign-out", headers={"Origin": "http://elsewhere.example"}),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        for part in ("form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_pages_are_never_kept_and_static_files_are(reviewer):
    assert reviewer.get("/").headers["cache-control"] == "no-store"
    assert reviewer.get("/static/desk.css").headers["cache-control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "http://desk.example.evil.example"},
        {"Origin": "null"},
        {"Origin": SITE, "Sec-Fetch-Site": "cross-site"},
        {"Origin": SITE, "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_form_of_another_site_is_refused(desk, reviewer, headers):
    answer = _claim(desk, reviewer, headers)
    assert answer.status_code == 403
    assert desk.audit("flag.claimed") == []


@pytest.mark.parametrize("headers", [{"Origin": SITE}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}])
def test_our_own_form_is_taken(desk, reviewer, headers):
    assert _claim(desk, reviewer, headers).status_code == 303


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_form_without_its_sessions_token_is_refused(desk, reviewer, token):
    answer = _claim(desk, reviewer, {"Origin": SITE}, token)
    assert answer.status_code in (403, 422)
    assert desk.audit("flag.claimed") == []


def test_the_token_of_somebody_elses_session_is_refused(desk, reviewer, manager):
    assert _claim(desk, reviewer, {"Origin": SITE}, manager.token).status_code == 403


def test_the_json_api_wants_the_token_too(desk, reviewer):
    answer = reviewer.client.post(
        f"/api/flags/{desk.landlord.behaviour}/reviews", json={"flag_version": 1}, headers={"Origin": SITE}
    )
    assert answer.status_code == 403


def test_a_get_with_a_forms_fields_changes_nothing(desk, reviewer):
    assert reviewer.get(f"/flags/{desk.landlord.behaviour}/claim?token={reviewer.token}").status_code == 405
    assert desk.audit("flag.claimed") == []


def test_a_field_that_no_form_has_is_refused(desk, reviewer):
    answer = reviewer.post(f"/flags/{desk.landlord.behaviour}/claim", person="Somebody else")
    assert answer.status_code == 422
    assert desk.audit("flag.claimed") == []


def test_a_field_sent_twice_is_refused(desk, reviewer):
    body = f"token={reviewer.token}&token={reviewer.token}"
    headers = {"Origin": SITE, "Content-Type": "application/x-www-form-urlencoded"}
    assert (
        reviewer.client.post(f"/flags/{desk.landlord.behaviour}/claim", content=body, headers=headers).status_code
        == 422
    )


def test_files_are_never_taken(desk, reviewer):
    answer = reviewer.client.post(
        f"/flags/{desk.landlord.behaviour}/claim", files={"token": b"x"}, headers={"Origin": SITE}
    )
    assert answer.status_code == 415


@pytest.mark.parametrize("told", [True, False])
def test_a_body_past_the_limit_is_refused_whether_or_not_it_says_its_size(desk, reviewer, told):
    body = b"token=" + b"x" * LARGEST_BODY
    headers = {"Origin": SITE, "Content-Type": "application/x-www-form-urlencoded"}
    content = body if told else iter([body[: len(body) // 2], body[len(body) // 2 :]])
    answer = reviewer.client.post(f"/flags/{desk.landlord.behaviour}/claim", content=content, headers=headers)
    assert answer.status_code == 413
    assert answer.headers["content-security-policy"]


def test_the_documentation_is_closed_unless_it_is_opened(desk, reviewer):
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert reviewer.get(path).status_code == 404
    open_app = create_app(
        store=desk.store,
        policy=desk.landlord.policy,
        clock=desk.clock,
        models=None,
        secure_cookies=False,
        open_docs=True,
    )
    assert TestClient(open_app, base_url=SITE).get("/openapi.json").json()["info"]["title"] == "triage"


WORDS = "/secret/path of the models folder"


class _BrokenModels(FakeModels):
    def models(self):
        raise OSError(WORDS)


def test_a_fault_of_ours_is_answered_with_a_number_and_nothing_else(desk, analyst, caplog):
    app = create_app(
        store=desk.store, policy=desk.landlord.policy, clock=desk.clock, models=_BrokenModels(), secure_cookies=False
    )
    client = TestClient(app, base_url=SITE, raise_server_exceptions=False, cookies=dict(analyst.client.cookies))
    answer = client.get("/models")
    assert answer.status_code == 500
    assert "tell your administrator the number" in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["content-security-policy"]
    number = answer.text.split("the number ")[1][:12]
    assert number in caplog.text
    assert "OSError" in caplog.text
    assert WORDS not in caplog.text
