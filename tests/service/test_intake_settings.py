"""Accounts in the settings: one way to sign in each, secrets beside the settings file and never in them."""

import pytest

from triage.bootstrap import open_sources
from triage.config import read_settings
from triage.domain.errors import SettingsError

ACCOUNT = '[[imap]]\nname = "a@x.example"\nhost = "h"\nuser = "u"\n'
WAYS = {
    "token_file": 'token_file = "secrets/token"\n',
    "token_command": 'token_command = ["get-token", "a@x.example"]\n',
    "microsoft": '[imap.microsoft]\ntenant = "t"\nclient_id = "c"\nclient_secret_file = "secrets/app"\n',
    "token_endpoint": '[imap.token_endpoint]\nclient_id = "c"\nclient_secret_file = "secrets/app"\n'
    'refresh_token_file = "secrets/refresh"\n',
}


def settings_of(folder, text):
    path = folder / "triage.toml"
    path.write_text(ACCOUNT + text, "utf-8")
    return read_settings(path)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_get_tokens_opens_an_account(tmp_path, way):
    (source,) = open_sources(settings_of(tmp_path, WAYS[way]))
    assert source.account == "a@x.example"


def test_secrets_are_found_beside_the_settings_file(tmp_path):
    microsoft = settings_of(tmp_path, WAYS["microsoft"]).imap[0].microsoft
    endpoint = settings_of(tmp_path, WAYS["token_endpoint"]).imap[0].token_endpoint
    assert microsoft.client_secret_file == tmp_path / "secrets" / "app"
    assert endpoint.refresh_token_file == tmp_path / "secrets" / "refresh"
    assert settings_of(tmp_path, WAYS["token_file"]).imap[0].token_file == tmp_path / "secrets" / "token"


@pytest.mark.parametrize("second", ['password_env = "P"\n', WAYS["token_file"]])
def test_two_ways_to_sign_in_are_refused_by_name(tmp_path, second):
    settings = settings_of(tmp_path, second + WAYS["microsoft"])
    with pytest.raises(SettingsError, match="and microsoft"):
        list(open_sources(settings))


def test_a_token_endpoint_without_https_is_refused(tmp_path):
    text = WAYS["token_endpoint"].replace("client_id", 'url = "http://x.example/token"\nclient_id', 1)
    with pytest.raises(SettingsError, match="https"):
        list(open_sources(settings_of(tmp_path, text)))
