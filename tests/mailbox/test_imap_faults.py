"""The fault campaign in short: two hundred faults between a real Dovecot and the poller, and its judge on made-up books."""

import hashlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench import fault_campaign
from tests.bench.fault_campaign import Campaign, Sent, is_clean, judge, schedule
from tests.bench.faults import ANSWERS, DEEDS
from tests.components import require
from triage_mailbox.testing import RecordingProxy

CAMPAIGN = Path(__file__).parents[1] / "bench" / "fault_campaign.py"


@pytest.mark.dovecot
def test_two_hundred_faults_lose_double_alter_and_hold_up_nothing(tmp_path):
    require("dovecot")
    result = tmp_path / "result.json"
    done = subprocess.run(
        [sys.executable, str(CAMPAIGN), "--faults", "202", "--seed", "3", "--output", str(result)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result.exists(), done.stderr[-3000:]
    found = json.loads(result.read_text())
    assert is_clean(found), fault_campaign.one_line(found)
    assert found["faults"] - found["not_sprung"] >= 200
    assert found["most_connections_at_once"] <= 2
    assert found["messages"] >= 300
    assert done.returncode == 0


@pytest.mark.dovecot
def test_a_folder_replaced_before_any_round_saw_its_newest_message_loses_nothing(tmp_path, monkeypatch):
    require("dovecot")
    monkeypatch.setattr(fault_campaign, "ALLOWED_SECONDS", 1.0)
    with fault_campaign.prepared(tmp_path, 1) as (campaign, (proxy,)):
        driver = fault_campaign.Driver(campaign, campaign.server.users[0][0], proxy, "1")
        driver.send("before", folder="INBOX")
        os.kill(campaign.poller.pid, signal.SIGSTOP)
        driver.run(["UIDVALIDITY changed"])
        assert campaign.tallies["UIDVALIDITY changed"].stuck > 0
        os.kill(campaign.poller.pid, signal.SIGCONT)
        monkeypatch.setattr(fault_campaign, "ALLOWED_SECONDS", 60.0)
        campaign.wait_for_the_rest()
        judge(campaign)
    assert campaign.replaced
    assert campaign.lost == []


@pytest.fixture
def campaign(tmp_path):
    """Books in which two messages are on the server and both are stored as they should be."""
    made = Campaign(tmp_path, None, None, None)
    contents = [b"one", b"two"]
    with sqlite3.connect(made.database) as books:
        books.execute("CREATE TABLE raw (sha256 TEXT, content BLOB)")
        books.execute(
            "CREATE TABLE ledger (account TEXT, folder TEXT, uidvalidity INT, uid TEXT, state TEXT, sha256 TEXT)"
        )
        for uid, content in enumerate(contents, 1):
            sha256 = hashlib.sha256(content).hexdigest()
            made.sent.append(Sent("ann", "INBOX", 7, uid, sha256, "drip"))
            books.execute("INSERT INTO raw VALUES (?, ?)", [sha256, content])
            books.execute("INSERT INTO ledger VALUES ('ann', 'INBOX', 7, ?, 'stored', ?)", [str(uid), sha256])
    return made


def judged(campaign, *statements):
    with sqlite3.connect(campaign.database) as books:
        for statement in statements:
            books.execute(statement)
    judge(campaign)
    tally = campaign.tallies["drip"]
    return tally.lost, tally.duplicated, tally.altered


def test_the_judge_finds_nothing_where_all_is_well(campaign):
    assert judged(campaign) == (0, 0, 0)


@pytest.mark.parametrize(
    "statement", ["DELETE FROM ledger WHERE uid = '1'", "UPDATE ledger SET state = 'gone' WHERE uid = '1'"]
)
def test_the_judge_finds_what_is_lost(campaign, statement):
    assert judged(campaign, statement) == (1, 0, 0)


def test_the_judge_finds_what_is_there_twice(campaign):
    twice = "INSERT INTO ledger SELECT account, folder, uidvalidity, '9', state, sha256 FROM ledger WHERE uid = '1'"
    assert judged(campaign, twice) == (0, 1, 0)


def test_the_judge_finds_what_is_stored_under_another_messages_uid(campaign):
    swapped = "UPDATE ledger SET sha256 = (SELECT sha256 FROM ledger WHERE uid = '2') WHERE uid = '1'"
    assert judged(campaign, swapped) == (0, 1, 1)


def test_the_judge_finds_bytes_that_are_not_those_of_their_hash(campaign):
    assert judged(campaign, "UPDATE raw SET content = x'00' WHERE content = CAST('one' AS BLOB)") == (0, 0, 1)


def test_what_a_colleague_expunged_before_it_was_fetched_is_not_lost(campaign):
    campaign.expunged.add(("ann", "INBOX", 7, 1))
    assert judged(campaign, "UPDATE ledger SET state = 'gone' WHERE uid = '1'") == (0, 0, 0)


def test_what_was_replaced_before_it_was_fetched_is_owed_under_the_new_uidvalidity(campaign):
    one = campaign.sent[0]
    campaign.replaced.add(("ann", "INBOX", 7, 1))
    campaign.sent.append(replace(one, uidvalidity=8))
    rebuilt = "UPDATE ledger SET uidvalidity = 8 WHERE uid = '1'"
    assert judged(campaign, rebuilt) == (0, 0, 0)
    assert judged(campaign, "DELETE FROM ledger WHERE uid = '1'") == (1, 0, 0)
    assert campaign.lost == [campaign.sent[-1]]


def test_a_reset_reaches_the_client_as_one_and_the_proxy_keeps_the_socket_to_itself():
    """A fault that closed the socket itself left its number to the database's log while another thread spoke TLS through it."""
    fits, make = ANSWERS["reset in a message"]
    answer = b"* 1 FETCH (UID 1 BODY[] {5}\r\nhello)\r\n"
    assert fits(answer)
    numbers = []

    def reset(client):
        try:
            make(None)(answer)(client)
        finally:
            numbers.append(client.fileno())

    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        RecordingProxy(server.getsockname()[1], on_answer=lambda answer: reset, plain=True) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), 10) as client,
    ):
        mail, _ = server.accept()
        with mail:
            mail.sendall(answer)
            with pytest.raises(ConnectionResetError):  # a FIN would end it without
                list(iter(lambda: client.recv(1000), b""))
            assert mail.recv(1000) == b""
    assert numbers[0] > 0


def test_every_kind_of_fault_is_injected_and_the_seed_decides_the_order():
    drivers = schedule(200, 8, seed=5)
    kinds = [kind for driver in drivers for kind in driver]
    assert len(kinds) == 200
    assert set(kinds) == {*ANSWERS, *DEEDS}
    assert drivers == schedule(200, 8, seed=5)
    assert drivers != schedule(200, 8, seed=6)
