"""Keys of one-time codes are kept encrypted where the settings name a key, and sealed anew at the next use."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pyotp
import pytest
from starlette.testclient import TestClient

pytest.importorskip("cryptography", reason="cryptography is missing: it comes with the extra `oidc`")

from triage.cli.service import code_keys_of
from triage.config import read_settings
from triage.domain.errors import SettingsError
from triage.web.app import create_app
from triage.web.code_keys import SEALED, CodeKeys, new_key
from triage.web.users import add_user
from triage.web.ways_in import WaysIn

OLD, NEW = new_key(), new_key()
PASSWORD = "four plain words do well"
WHERE = SimpleNamespace(host="127.0.0.1", port=8000, secure_cookies=False)
SITE = "http://desk.example"


def _keys(*lines):
    return CodeKeys(keys=lambda: lines)


def _client(desk, codes):
    app = create_app(
        store=desk.store, policy=desk.landlord.policy, clock=desk.clock, models=None, secure_cookies=False,
        ways_in=WaysIn(codes=codes),
    )  # fmt: skip
    return TestClient(app, base_url=SITE, follow_redirects=False, headers={"Origin": SITE})


def _kept(desk):
    with desk.store.read() as unit:
        return unit.users.get("ana").secret


def _enrolled(desk, codes):
    """Ana, enrolled under these keys a minute ago; her secret as her phone has it."""
    token = add_user(desk.store, WHERE, "ana", "Ana Silva", "manager", desk.clock(), codes=codes).partition("token=")[2]
    secret = codes.opened("ana", _kept(desk))
    assert secret in _client(desk, codes).get(f"/enrol?token={token}").text
    fields = {"enrolment": token, "password": PASSWORD, "code": pyotp.TOTP(secret).at(desk.clock())}
    assert _client(desk, codes).post("/enrol", data=fields).status_code == 303
    desk.clock.pass_by(timedelta(minutes=1))
    return secret


def _sign_in(desk, codes, secret):
    fields = {"account": "ana", "password": PASSWORD, "code": pyotp.TOTP(secret).at(desk.clock())}
    return _client(desk, codes).post("/sign-in/password", data=fields).status_code


def test_what_lies_in_the_database_is_of_no_use_without_the_key(desk):
    secret = _enrolled(desk, _keys(NEW))
    assert _kept(desk).startswith(SEALED)
    assert secret not in _kept(desk)
    assert CodeKeys().opened("ana", _kept(desk)) is None
    assert _keys(OLD).opened("ana", _kept(desk)) is None
    assert _sign_in(desk, _keys(NEW), secret) == 303


def test_a_row_copied_to_another_account_opens_nothing():
    assert _keys(NEW).opened("bob", _keys(NEW).sealed("ana", "SECRET")) is None


def test_an_older_key_still_opens_and_the_next_use_seals_under_the_newest(desk):
    secret = _enrolled(desk, _keys(OLD))
    before = _kept(desk)
    assert _sign_in(desk, _keys(NEW, OLD), secret) == 303
    assert _kept(desk) != before
    assert _keys(NEW).opened("ana", _kept(desk)) == secret
    desk.clock.pass_by(timedelta(minutes=1))
    after = _kept(desk)
    assert _sign_in(desk, _keys(NEW), secret) == 303
    assert _kept(desk) == after, "nothing is sealed anew without need"


def test_what_was_kept_in_clear_is_sealed_at_the_next_use(desk):
    secret = _enrolled(desk, CodeKeys())
    assert _kept(desk) == secret
    assert _sign_in(desk, _keys(NEW), secret) == 303
    assert _kept(desk).startswith(SEALED)


def test_without_its_key_a_right_code_signs_nobody_in_and_says_no_more_than_a_wrong_one(desk):
    secret = _enrolled(desk, _keys(OLD))
    assert _sign_in(desk, _keys(NEW), secret) == 401
    assert _sign_in(desk, CodeKeys(), secret) == 401


def test_a_key_comes_from_a_file_beside_the_settings_or_from_the_environment(tmp_path, monkeypatch):
    (tmp_path / "codes").write_text(f"{NEW}\n{OLD}\n")
    (tmp_path / "triage.toml").write_text('[sign_in]\ncode_key_file = "codes"\n')
    keys = code_keys_of(read_settings(tmp_path / "triage.toml"))
    assert keys.opened("ana", _keys(OLD).sealed("ana", "SECRET")) == "SECRET"
    monkeypatch.setenv("CODES", OLD)
    keys = code_keys_of(read_settings(None, sign_in={"code_key_env": "CODES"}))
    assert keys.opened("ana", keys.sealed("ana", "SECRET")) == "SECRET"
    with pytest.raises(SettingsError, match="one place"):
        read_settings(None, sign_in={"code_key_env": "CODES", "code_key_file": "codes"})
    assert code_keys_of(read_settings(None)) == replace(CodeKeys())


@pytest.mark.parametrize("lines", [(), ("not a key",)], ids=["empty", "no key"])
def test_a_key_that_cannot_be_used_is_told_at_the_start(lines):
    with pytest.raises(SettingsError, match="triage user key"):
        _keys(*lines).check()


def test_a_key_file_that_is_not_there_is_told_at_the_start(tmp_path):
    with pytest.raises(SettingsError, match="cannot be used"):
        CodeKeys(keys=lambda: (tmp_path / "none").read_text().splitlines()).check()
