"""A second, different IMAP server (pymap), so that nothing rests on what only Dovecot does."""

import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from triage_mailbox.accounts import ImapAccount, ImapTimeouts, Secret, open_source
from triage_mailbox.messages import FolderRole
from triage_mailbox.polling import Pollers
from triage_mailbox.testing import MemoryLedger
from triage_mailbox.testing.ledger import NOW


@pytest.fixture
def account(tmp_path, free_port):
    """pymap's demonstration mailbox over STARTTLS: four letters in INBOX, two in Sent."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    program = Path(sys.executable).with_name("pymap")
    where = ["--host", "127.0.0.1", "--port", str(free_port)]
    tls = ["--cert", str(tmp_path / "cert.pem"), "--key", str(tmp_path / "key.pem")]
    server = subprocess.Popen(
        [program, *where, *tls, "dict", "--demo-data"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(free_port)
        yield ImapAccount(
            name="demo",
            host="localhost",
            port=free_port,
            user="demouser",
            password=Secret.of("demopass"),
            folders=(("INBOX", FolderRole.INBOX), ("Sent", FolderRole.SENT)),
            ca_file=str(tmp_path / "ca.pem"),
            starttls=True,
            timeouts=ImapTimeouts(connect=10, read=10, command=20, round=60),
        )
    finally:
        server.kill()
        server.wait()


def _wait_for(port):
    ends = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < ends, "pymap did not start"
            time.sleep(0.1)


def test_everything_is_taken_once(account):
    ledger = MemoryLedger()
    report = open_source(account).poll(ledger, NOW)
    assert [(folder.stored, folder.problem) for folder in report.folders] == [(4, None), (2, None)]
    assert open_source(account).poll(ledger, NOW).stored == 0
    assert all(message.received.tzinfo for message in ledger.messages)


def test_it_is_listened_to_as_well(account):
    ledger = MemoryLedger()
    with Pollers([open_source(account)], ledger, lambda: datetime.now(UTC), seconds=0.5).running() as pollers:
        ends = time.monotonic() + 20
        while len(ledger.messages) < 6 and time.monotonic() < ends:
            time.sleep(0.05)
        time.sleep(1.5)
        assert pollers.states[0].problems == ()
    assert len(ledger.messages) == 6
