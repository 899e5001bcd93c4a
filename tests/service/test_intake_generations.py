"""A mailbox that is rebuilt on the server (another UIDVALIDITY) tells nobody anything that was known before."""

import pytest

from tests.components import require
from triage.bootstrap import build
from triage.config import read_settings
from triage.jobs.rounds import one_round
from triage_mailbox.testing import DovecotServer, build_mail

pytestmark = pytest.mark.dovecot
USER, PASSWORD = "repairs@hall.example", "a-test-password"


@pytest.fixture
def server():
    require("dovecot")
    with DovecotServer([(USER, PASSWORD)]) as running:
        yield running


@pytest.fixture
def service(server, tmp_path):
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "triage.toml").write_text(
        'database = "sqlite:///t.sqlite"\n[[imap]]\n'
        f'name = "{USER}"\nhost = "localhost"\nport = {server.port}\nuser = "{USER}"\n'
        f'password_file = "password"\nca_file = "{server.ca_file}"\nfolders = [{{ name = "INBOX" }}]\n'
    )
    return build(read_settings(tmp_path / "triage.toml"))


def letter(number):
    return build_mail(f"The boiler is broken again, day {number}.", message_id=f"<{number}@larkpost.example>")


def known(service):
    with service.store.read() as unit:
        contacts = {placed.contact.id: placed.contact.deliveries for placed in unit.contacts.all()}
        return contacts, unit.flags.raised_counts(), unit.audit.verify()


def test_a_rebuilt_mailbox_adds_nothing_but_what_is_new(service, server):
    for number in range(5):
        server.append(letter(number))
    one_round(service)
    before = known(service)
    assert len(before[0]) == 5
    server.set_uidvalidity(1_900_000_000)
    one_round(service)
    assert known(service) == before
    (folder,) = service.pipeline.ledger.folders()
    assert (folder.uidvalidity, folder.counts.on_server, folder.counts.stored) == (1_900_000_000, 5, 5)
    server.append(letter(5))
    one_round(service)
    contacts, *_ = known(service)
    assert len(contacts) == 6
    assert {contact: contacts[contact] for contact in before[0]} == before[0]
