"""What the pages refuse: words beside safeguarding in a download, tokens that are no token, and a port in use."""

import socket
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from triage.cli.service import check_free
from triage.domain.errors import SettingsError
from triage.intake import RawMessage
from triage.store import SqlLedger, Store
from triage.store.access import Duty
from triage.testing import NOW, FakeModels, SetClock, invited, small_landlord
from triage.web.app import create_app
from triage.web.edge import TOO_LARGE, _refusal
from triage.web.signed_in import form_token

SITE = {"Origin": "http://desk.example"}


@pytest.fixture
def rooms(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/desk.sqlite", durable=False).migrate()
    landlord, clock = small_landlord(store), SetClock(NOW)
    app = create_app(store=store, policy=landlord.policy, clock=clock, models=FakeModels(), secure_cookies=False)
    client = TestClient(app, base_url=SITE["Origin"], follow_redirects=False, raise_server_exceptions=False)
    client.post("/sign-in", data={"sign_in": invited(store, Duty.ADMINISTRATOR, clock(), "Ada")}, headers=SITE)
    yield store, client, form_token(client.cookies["triage"])
    store.close()


def _with_bytes(store, contact_id):
    raw = RawMessage.of(
        f"raw of {contact_id}".encode(), account="a", folder="INBOX", uidvalidity=1, uid=contact_id, received=NOW
    )
    SqlLedger(store).store(raw, NOW)
    with store.begin() as unit:
        unit.contacts.mark_read(raw, contact_id)


def test_mail_that_may_quote_a_safeguarding_contact_is_not_downloaded(rooms):
    store, client, token = rooms
    with store.read() as unit:
        placed = list(unit.contacts.all())
        secret = unit.contacts.safeguarded([found.contact.id for found in placed])
        issues = {found.issue_id for found in placed if found.contact.id in secret}
    beside = [found.contact.id for found in placed if found.issue_id in issues and found.contact.id not in secret]
    apart = [found.contact.id for found in placed if found.issue_id not in issues]
    assert beside
    assert apart
    for contact_id in (beside[0], apart[0]):
        _with_bytes(store, contact_id)
    assert client.post(f"/contacts/{beside[0]}/raw", data={"token": token}, headers=SITE).status_code == 404
    assert f"/contacts/{beside[0]}/raw" not in client.get(f"/contacts/{beside[0]}").text
    assert client.post(f"/contacts/{apart[0]}/raw", data={"token": token}, headers=SITE).status_code == 200


def test_a_token_beyond_ascii_is_a_wrong_token(rooms):
    _, client, _ = rooms
    assert client.post("/sign-out", data={"token": "é"}, headers=SITE).status_code == 403
    assert client.post("/health/verify", data={"token": "é\U0001f600"}, headers=SITE).status_code == 403


@pytest.mark.parametrize("length", ["²", "9" * 5_000, "-1", "1e3"])
def test_a_length_that_is_no_length_is_too_large(length):
    assert _refusal("POST", "/sign-in", {"content-length": length}) == TOO_LARGE


def test_a_port_in_use_is_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match="choose another host or port"):
            check_free("127.0.0.1", taken.getsockname()[1])


def test_an_unread_reply_does_not_show_the_subject_of_a_safeguarding_contact(rooms):
    store, client, _ = rooms
    with store.begin() as unit:
        placed = list(unit.contacts.all())
        secret = unit.contacts.safeguarded([found.contact.id for found in placed])
        told = next(found for found in placed if found.contact.id in secret)
        reply = replace(
            told.contact, id="unread", subject=f"Re: {told.contact.subject}", text="", not_scored="It is encrypted."
        )
        unit.contacts.put(reply, "mark")
        unit.contacts.place(reply.id, told.who, told.issue_id, None)
    page = client.get("/not-scored").text
    assert "It is encrypted." in page
    assert told.contact.subject
    assert told.contact.subject not in page
