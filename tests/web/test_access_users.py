"""People who sign in with a password and a one-time code."""

import contextlib
import re
from datetime import timedelta
from types import SimpleNamespace

import pyotp
import pytest

from triage.domain.errors import InputError, NotFoundError
from triage.store.access import Duty
from triage.web.app import create_app
from triage.web.second_factor import new_secret, step_of
from triage.web.users import add_user, disable_user, fault_of_password, reset_user
from triage.web.ways_in import WaysIn

SITE = {"Origin": "http://desk.example"}
WHERE = SimpleNamespace(host="127.0.0.1", port=8000, secure_cookies=False)
PASSWORD = "four plain words do well"


def _token(address):
    assert address.startswith("http://127.0.0.1:8000/enrol?token=")
    return address.partition("token=")[2]


def _code(desk, account="ana"):
    with desk.store.read() as unit:
        return pyotp.TOTP(unit.users.get(account).secret).at(desk.clock())


def _enrol(desk, token, code=None, password=PASSWORD):
    fields = {"enrolment": token, "password": password, "code": code or _code(desk)}
    return desk.anonymous().client.post("/enrol", data=fields, headers=SITE)


def _sign_in(desk, visitor=None, *, account="ana", password=PASSWORD, code=None):
    fields = {"account": account, "password": password, "code": code or _code(desk)}
    return (visitor or desk.anonymous()).client.post("/sign-in/password", data=fields, headers=SITE)


@pytest.fixture
def ana(desk):
    """Enrolled a minute ago, so that the code of enrolment is none of now's."""
    assert (
        _enrol(desk, _token(add_user(desk.store, WHERE, "ana", "Ana Silva", "manager", desk.clock()))).status_code
        == 303
    )
    desk.clock.pass_by(timedelta(minutes=1))


def test_a_new_user_enrols_once_and_signs_in_with_password_and_code(desk):
    token = _token(add_user(desk.store, WHERE, "ana", "Ana Silva", "manager", desk.clock()))
    assert _sign_in(desk).status_code == 401, "no account can sign in before it is enrolled"
    page = desk.anonymous().get(f"/enrol?token={token}").text
    secret = re.search(r"secret=(\w+)", page)[1]
    assert _enrol(desk, token, code=pyotp.TOTP(secret).at(desk.clock())).status_code == 303
    assert _enrol(desk, token).status_code == 404
    desk.clock.pass_by(timedelta(minutes=1))
    visitor = desk.anonymous()
    answer = _sign_in(desk, visitor)
    assert (answer.status_code, answer.headers["location"]) == (303, "/patterns")
    assert visitor.get("/patterns").status_code == 200
    assert desk.audit("user.enrolled") == [("Ana Silva", "ana")]
    assert desk.audit("person.signed_in") == [("Ana Silva", "Ana Silva")]


def test_a_wrong_password_a_wrong_code_and_a_wrong_name_are_answered_alike(desk, ana):
    answers = [
        _sign_in(desk, password="x" * 20),
        _sign_in(desk, code="000000"),
        _sign_in(desk, account="bob", code="1"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert [subject for _, subject in desk.audit("person.sign_in_failed")] == ["ana", "ana", "unknown account"]


def test_a_code_counts_once(desk, ana):
    assert _sign_in(desk).status_code == 303
    assert _sign_in(desk).status_code == 401
    desk.clock.pass_by(timedelta(seconds=30))
    assert _sign_in(desk).status_code == 303


def test_guessing_is_slowed_more_each_time_and_a_right_answer_does_not_help_meanwhile(desk, ana):
    for _ in range(5):
        assert _sign_in(desk, password="wrong wrong wrong").status_code == 401
    assert _sign_in(desk).status_code == 429
    desk.clock.pass_by(timedelta(minutes=1, seconds=1))
    assert _sign_in(desk, password="wrong wrong wrong").status_code == 401
    desk.clock.pass_by(timedelta(minutes=1, seconds=1))
    assert _sign_in(desk).status_code == 429, "the second wait is twice as long"
    desk.clock.pass_by(timedelta(minutes=1))
    assert _sign_in(desk).status_code == 303


def test_an_account_that_is_not_there_makes_wait_like_one_that_is(desk):
    answers = [_sign_in(desk, account="nobody", code="1").status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


def test_one_address_cannot_try_many_accounts(desk):
    answers = [_sign_in(desk, account=f"user{number}", code="1").status_code for number in range(31)]
    assert answers == [401] * 30 + [429]


def test_each_sign_in_has_a_new_secret_and_ends_the_session_before(desk, ana):
    visitor = desk.anonymous()
    _sign_in(desk, visitor)
    first = visitor.client.cookies["triage"]
    desk.clock.pass_by(timedelta(minutes=1))
    _sign_in(desk, visitor)
    assert visitor.client.cookies["triage"] != first
    other = desk.anonymous()
    other.client.cookies["triage"] = first
    assert other.get("/patterns").status_code == 401


def test_disabling_ends_every_session_at_once_and_no_sign_in_works(desk, ana):
    visitor = desk.anonymous()
    _sign_in(desk, visitor)
    code = _code(desk)
    disable_user(desk.store, "ana", desk.clock())
    assert visitor.get("/patterns").status_code == 401
    assert _sign_in(desk, code=code).status_code == 401


def test_a_reset_voids_password_codes_and_sessions(desk, ana):
    visitor = desk.anonymous()
    _sign_in(desk, visitor)
    old = _code(desk)
    token = _token(reset_user(desk.store, WHERE, "ana", desk.clock()))
    assert _code(desk) != old
    assert visitor.get("/patterns").status_code == 401
    assert _sign_in(desk).status_code == 401
    assert _enrol(desk, token, password="another four words then").status_code == 303
    desk.clock.pass_by(timedelta(minutes=1))
    assert _sign_in(desk, password="another four words then").status_code == 303


def test_an_enrolment_ends_after_its_day(desk):
    token = _token(add_user(desk.store, WHERE, "ana", "Ana Silva", "reviewer", desk.clock()))
    desk.clock.pass_by(timedelta(hours=24))
    assert desk.anonymous().get(f"/enrol?token={token}").status_code == 404


def test_an_enrolment_says_what_is_wrong_and_keeps_nothing(desk):
    token = _token(add_user(desk.store, WHERE, "ana", "Ana Silva", "reviewer", desk.clock()))
    assert "15 to 200 characters" in _enrol(desk, token, password="short").text
    assert "The code is not right" in _enrol(desk, token, code="123").text
    with desk.store.read() as unit:
        user = unit.users.get("ana")
    assert not user.enrolled
    assert fault_of_password("ana silva ana silva triage", user)
    assert fault_of_password("aaaaaaaaaaaaaaaaaaaa", user)
    assert fault_of_password(PASSWORD, user) is None


def test_there_is_no_default_account_and_no_second_of_a_name(desk, ana):
    with desk.store.read() as unit:
        assert [user.account for user in unit.users.all()] == ["ana"]
    for account, name, role in (
        ("ana", "B", "reviewer"),
        ("b2", "Ana Silva", "reviewer"),
        ("b2", "B", "owner"),
        ("Ä b", "B", "auditor"),
    ):
        with pytest.raises(InputError):
            add_user(desk.store, WHERE, account, name, role, desk.clock())
    for act in (
        lambda: disable_user(desk.store, "b", desk.clock()),
        lambda: reset_user(desk.store, WHERE, "b", desk.clock()),
    ):
        with pytest.raises(NotFoundError, match="'b'"):
            act()


def test_neither_password_nor_code_nor_token_is_kept_in_clear(desk, ana):
    path = desk.store.engine.url.database
    kept = b""
    for name in (path, f"{path}-wal"):
        with contextlib.suppress(OSError), open(name, "rb") as file:
            kept += file.read()
    assert b"$argon2id$" in kept
    assert PASSWORD.encode() not in kept


def test_codes_follow_the_clock_and_allow_for_one_step_either_way(desk):
    secret, now = new_secret(), desk.clock()
    for skew, good in ((-60, False), (-30, True), (0, True), (30, True), (60, False)):
        code = pyotp.TOTP(secret).at(now + timedelta(seconds=skew))
        assert (step_of(secret, code, now) is not None) is good
    assert step_of(secret, "", now) is None
    assert step_of(secret, "１２３４５６", now) is None


def test_invitations_open_nothing_where_the_settings_do_not_say_so(desk):
    from starlette.testclient import TestClient

    app = create_app(
        store=desk.store,
        policy=desk.landlord.policy,
        clock=desk.clock,
        models=desk.models,
        secure_cookies=False,
        ways_in=WaysIn(invitations=False),
    )
    client = TestClient(app, base_url="http://desk.example", follow_redirects=False)
    with desk.store.begin() as unit:
        token = unit.access.invite("Eve", Duty.MANAGER, expires=desk.clock() + timedelta(hours=1))
    assert client.post("/sign-in", data={"sign_in": token}, headers=SITE).status_code == 404
    assert 'name="sign_in"' not in client.get(f"/sign-in?token={token}").text
