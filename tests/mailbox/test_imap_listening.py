"""A poller that stays: it listens with IDLE where it can, polls on where it cannot, and leaves servers alone when told."""

import random
import threading
import time
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from triage_mailbox.accounts import FolderReport, ImapAccount, ImapTimeouts, PollReport, Secret, open_source
from triage_mailbox.imap import FolderStatus, _windows
from triage_mailbox.imap_safety import TEMPORARY_SECONDS, wait_named
from triage_mailbox.messages import FolderRole
from triage_mailbox.polling import (
    AFTER_REFUSALS,
    LONGEST_BACKOFF,
    LONGEST_NAMED_WAIT,
    Pollers,
    pause_after,
    poll_once,
)
from triage_mailbox.testing import MemoryLedger, RecordingProxy, build_mail
from triage_mailbox.testing.ledger import NOW

QUICK = ImapTimeouts(connect=5, read=2, command=4, round=20)


def account(server, user, **options):
    given = {
        "name": user,
        "host": "localhost",
        "port": server.port,
        "user": user,
        "password": Secret.of("a-test-password"),
        "folders": (("INBOX", FolderRole.INBOX),),
        "ca_file": str(server.ca_file),
        "timeouts": QUICK,
    }
    return ImapAccount(**given | options)


def clock():
    return datetime.now(UTC)


def until(is_so, seconds=15.0):
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it did not come about in time"
        time.sleep(0.02)


def without(*names):
    def strip(answer):
        for name in names if b"CAPABILITY" in answer else ():
            answer = answer.replace(b" " + name, b"")
        return answer

    return strip


@pytest.mark.dovecot
def test_mail_that_arrives_wakes_a_poller_that_listens(dovecot, proxy, user):
    ledger = MemoryLedger()
    with Pollers([open_source(account(proxy, user))], ledger, clock, seconds=600).running() as pollers:
        until(lambda: "IDLE" in proxy.verbs)
        for number in range(3):
            dovecot.append(build_mail(f"Letter {number}"), "INBOX", user)
            until(lambda: len(ledger.messages) == number + 1)  # noqa: B023
        assert pollers.changed.is_set()
        assert pollers.states[0].problems == ()
    assert proxy.connections == 1
    assert proxy.verbs[-1] == "LOGOUT"


@pytest.mark.dovecot
def test_mail_that_comes_between_a_round_and_listening_is_not_waited_for(dovecot, user):
    ledger, late = MemoryLedger(), []

    def slip_one_in(answer):
        if answer.startswith(b"* SEARCH") and not late:
            late.append(1)
            dovecot.append(build_mail("Just then"), "INBOX", user)
        return answer

    dovecot.append(build_mail("First"), "INBOX", user)
    with (
        RecordingProxy(dovecot.plain_port, on_answer=slip_one_in) as proxy,
        Pollers([open_source(account(proxy, user))], ledger, clock, seconds=600).running(),
    ):
        until(lambda: len(ledger.messages) == 2)


@pytest.mark.dovecot
def test_what_another_folder_gets_is_found_by_the_polling_underneath(dovecot, user):
    ledger = MemoryLedger()
    dovecot.append(build_mail("An answer"), "Sent", user)
    settings = account(dovecot, user, folders=(("INBOX", FolderRole.INBOX), ("Sent", FolderRole.SENT)))
    with Pollers([open_source(settings)], ledger, clock, seconds=0.5).running():
        until(lambda: len(ledger.messages) == 1)
        dovecot.append(build_mail("Another answer"), "Sent", user)
        until(lambda: len(ledger.messages) == 2)


@pytest.mark.dovecot
@pytest.mark.parametrize(
    "missing", [(b"IDLE",), (b"CONDSTORE", b"QRESYNC"), (b"UIDPLUS",), (b"IDLE", b"CONDSTORE", b"UIDPLUS", b"ESEARCH")]
)
def test_the_result_is_the_same_whatever_the_server_cannot_do(dovecot, user, missing):
    ledger = MemoryLedger()
    dovecot.append(build_mail("Before"), "INBOX", user)
    with RecordingProxy(dovecot.plain_port, on_answer=without(*missing)) as proxy:
        with Pollers([open_source(account(proxy, user))], ledger, clock, seconds=0.5).running():
            until(lambda: len(ledger.messages) == 1)
            dovecot.append(build_mail("While polling"), "INBOX", user)
            dovecot.delete(1, "INBOX", user)
            until(lambda: ledger.counts(user, "INBOX").on_server == 1 and len(ledger.messages) == 2)
        assert ("IDLE" in proxy.verbs) == (b"IDLE" not in missing)


@pytest.mark.dovecot
def test_a_server_that_offers_idle_and_refuses_it_is_polled(dovecot, user):
    ledger = MemoryLedger()

    def refuse(answer):
        return b"" if answer.startswith(b"+ idling") else answer

    with RecordingProxy(dovecot.plain_port, on_answer=refuse) as proxy:
        settings = account(proxy, user, timeouts=ImapTimeouts(connect=5, read=0.5, command=1, round=20))
        with Pollers([open_source(settings)], ledger, clock, seconds=0.5).running():
            until(lambda: "IDLE" in proxy.verbs)
            dovecot.append(build_mail(), "INBOX", user)
            until(lambda: len(ledger.messages) == 1)


@pytest.mark.dovecot
def test_a_connection_that_dies_unnoticed_while_listening_is_given_up_and_made_again(dovecot, user):
    ledger = MemoryLedger()
    settings = account(dovecot, user, timeouts=ImapTimeouts(connect=5, read=1, command=2, round=20))
    with Pollers([open_source(settings)], ledger, clock, seconds=1.0).running():
        until(lambda: len(dovecot.sessions()) > 0)
        time.sleep(0.5)
        with dovecot.paused_sessions():  # no FIN, no answer: as a network that is gone
            dovecot_session_is_new = len(dovecot.sessions())
            until(lambda: len(dovecot.sessions()) > dovecot_session_is_new)
            dovecot.append(build_mail(), "INBOX", user)
            until(lambda: len(ledger.messages) == 1)


@pytest.mark.dovecot
def test_a_stopped_poller_signs_off_at_once(dovecot, proxy, user):
    with Pollers([open_source(account(proxy, user))], MemoryLedger(), clock, seconds=600).running():
        until(lambda: "IDLE" in proxy.verbs)
        began = time.monotonic()
    assert time.monotonic() - began < 3
    assert proxy.verbs[-2:] == ["DONE", "LOGOUT"]


@pytest.mark.dovecot
def test_a_dead_server_delays_no_other_account(dovecot, user):
    ledger = MemoryLedger()
    with RecordingProxy(dovecot.plain_port, on_answer=lambda answer: time.sleep(30)) as dead:
        slow = account(dead, user, name="slow", timeouts=ImapTimeouts(connect=20, read=20, command=20, round=40))
        sources = [open_source(slow), open_source(account(dovecot, user))]
        with Pollers(sources, ledger, clock, seconds=600).running(stop_seconds=0.1) as pollers:
            dovecot.append(build_mail(), "INBOX", user)
            began = time.monotonic()
            until(lambda: len(ledger.messages) == 1)
            assert time.monotonic() - began < 10
            assert pollers.states[0].tried is None


@pytest.mark.dovecot
def test_a_connection_that_stands_since_the_last_round_and_has_died_costs_nothing(dovecot, user):
    ledger, source = MemoryLedger(), open_source(account(dovecot, user))
    source.stay()
    assert source.poll(ledger, NOW).problems == ()
    dovecot.kill_sessions()
    dovecot.append(build_mail(), "INBOX", user)
    report = source.poll(ledger, NOW)
    assert (report.problems, report.stored) == ((), 1)
    source.close()


@pytest.mark.dovecot
def test_a_folder_with_a_backlog_lets_the_next_one_have_its_turn(dovecot, user, monkeypatch):
    from triage_mailbox import imap_source

    monkeypatch.setattr(imap_source, "SIZES_A_COMMAND", 2)
    for number in range(5):
        dovecot.append(build_mail(f"Old {number}"), "INBOX", user)
    dovecot.append(build_mail("An answer"), "Sent", user)
    folders = (("INBOX", FolderRole.INBOX), ("Sent", FolderRole.SENT))
    timeouts = ImapTimeouts(connect=5, read=5, command=5, round=20, folder=0.0)
    ledger, source = MemoryLedger(), open_source(account(dovecot, user, folders=folders, timeouts=timeouts))
    source.stay()
    first = source.poll(ledger, NOW)
    assert [(folder.stored, folder.left) for folder in first.folders] == [(0, 5), (0, 1)]
    assert open_source(account(dovecot, user, folders=folders, timeouts=timeouts)).poll(ledger, NOW).stored == 6
    source.close()


@pytest.mark.dovecot
def test_a_broken_line_is_not_held_against_a_message_that_is_alone(dovecot, user):
    dovecot.append(build_mail(), "INBOX", user)
    broken = lambda answer: b"* 1 FETCH ((((\r\n" if b"BODY[]" in answer else answer  # noqa: E731
    ledger = MemoryLedger()
    with RecordingProxy(dovecot.plain_port, on_answer=broken) as proxy:
        source = open_source(account(proxy, user))
        for _ in range(10):
            assert source.poll(ledger, NOW).folders[0].failed == 1
        assert ledger.unfetched() == ()
        for _ in range(3):
            source.poll(ledger, NOW)
        assert ledger.counts(user, "INBOX").unfetchable == 1


class Breaks:
    account = "help"

    def poll(self, ledger, now):
        raise OSError("no space left")


def test_what_nobody_foresaw_is_a_problem_of_the_account_and_raises_nothing():
    report = poll_once(Breaks(), MemoryLedger(), NOW)
    assert "OSError" in report.problems[0]
    assert "no space left" not in report.problems[0]


class Fails:
    """Has a problem in each of the first rounds, then none."""

    account = "help"
    rounds: ClassVar[list[float]] = []

    def __init__(self, times):
        self.times = times
        self.rounds = []

    def poll(self, ledger, now):
        self.rounds.append(time.monotonic())
        problem = "broken" if len(self.rounds) <= self.times else None
        return PollReport(account="help", folders=(FolderReport(folder="INBOX", problem=problem),))


def test_a_source_with_problems_is_tried_again_until_it_has_none():
    source = Fails(2)
    with Pollers([source], MemoryLedger(), clock, seconds=600).running() as pollers:
        until(lambda: len(source.rounds) == 3)
        until(lambda: pollers.states[0].failures == 0)
        (state,) = pollers.states
    assert state.reached is not None
    assert state.problems == ()


def report_of(*, wait=None, refused=False):
    folders = (FolderReport(folder="INBOX", problem="x"),)
    return PollReport(account="help", folders=folders, wait_seconds=wait, is_refused=refused)


def test_back_off_doubles_up_to_a_minute_and_has_full_jitter():
    longest = [pause_after(report_of(), failures, 0, lambda low, high: high) for failures in range(1, 9)]
    assert longest == [1, 2, 4, 8, 16, LONGEST_BACKOFF, LONGEST_BACKOFF, LONGEST_BACKOFF]
    chance = random.Random(1)
    drawn = [pause_after(report_of(), 5, 0, chance.uniform) for _ in range(200)]
    assert min(drawn) < 2 and max(drawn) > 14


def test_what_the_server_named_is_never_undercut_and_never_longer_than_an_hour():
    assert pause_after(report_of(wait=300), 1, 0, lambda low, high: low) == 300
    assert pause_after(report_of(wait=9e9), 1, 0, lambda low, high: low) == LONGEST_NAMED_WAIT


def test_after_three_refusals_the_credentials_rest_for_an_hour():
    pauses = [pause_after(report_of(refused=True), number, number, lambda low, high: high) for number in (1, 2, 3, 4)]
    assert pauses == [1, 2, AFTER_REFUSALS, AFTER_REFUSALS]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Request is throttled. Suggested Backoff Time: 299961 milliseconds", 299.961),
        ("[UNAVAILABLE] Backoff 12345 milliseconds", 12.345),
        ("throttled, back off for 90 seconds", 90),
        ("[UNAVAILABLE] Temporary authentication failure", TEMPORARY_SECONDS),
        ("[LIMIT] Maximum number of connections from user+IP exceeded", TEMPORARY_SECONDS),
        ("User is authenticated but not connected.", TEMPORARY_SECONDS),
        ("[AUTHENTICATIONFAILED] Authentication failed.", None),
        ("Mailbox doesn't exist: backoffice", None),
    ],
)
def test_a_wait_that_a_server_names_is_read(said, seconds):
    assert wait_named(said) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.dovecot
def test_a_server_that_is_unavailable_has_not_refused_the_password(dovecot, user):
    def unavailable(answer):
        tag = answer.partition(b" ")[0]
        return tag + b" NO [UNAVAILABLE] Backoff 1500 milliseconds\r\n" if b"Logged in" in answer else answer

    with RecordingProxy(dovecot.plain_port, on_answer=unavailable) as proxy:
        report = open_source(account(proxy, user)).poll(MemoryLedger(), NOW)
    assert not report.is_refused
    assert report.wait_seconds == pytest.approx(1.5)


@pytest.mark.dovecot
def test_pollers_of_one_mailbox_by_mistake_double_nothing(dovecot, user):
    ledger, stop = MemoryLedger(), threading.Event()
    for number in range(20):
        dovecot.append(build_mail(f"Letter {number}"), "INBOX", user)
    sources = [open_source(account(dovecot, user)) for _ in range(3)]
    with Pollers(sources, ledger, clock, seconds=0.2).running():
        until(lambda: ledger.counts(user, "INBOX").stored == 20)
        stop.wait(0.5)
    assert ledger.counts(user, "INBOX").stored == 20


def test_hidden_idle_is_hidden():
    assert without(b"IDLE")(b"* CAPABILITY IMAP4rev1 IDLE MOVE\r\n") == b"* CAPABILITY IMAP4rev1 MOVE\r\n"


@pytest.mark.dovecot
def test_an_account_has_one_connection_however_many_its_folders(dovecot, proxy, user):
    folders = (("INBOX", FolderRole.INBOX), ("Sent", FolderRole.SENT), ("Old", FolderRole.INBOX))
    for folder in ("INBOX", "Sent", "Old"):
        dovecot.append(build_mail(folder), folder, user)
    ledger = MemoryLedger()
    with Pollers([open_source(account(proxy, user, folders=folders))], ledger, clock, seconds=0.3).running():
        until(lambda: len(ledger.messages) == 3 and proxy.verbs.count("EXAMINE") > 12)
    assert (proxy.connections, proxy.most_at_once) == (1, 1)


@pytest.mark.dovecot
def test_what_is_said_before_tls_is_not_believed(dovecot, user):
    """Answers slipped in behind the one to STARTTLS, before encryption, must not count as the server's own."""
    ledger = MemoryLedger()

    def slip_in(answer):
        forged = b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n"
        return answer + forged if b"OK Begin TLS" in answer else answer

    dovecot.append(build_mail(), "INBOX", user)
    with RecordingProxy(dovecot.plain_port, on_answer=slip_in, plain=True) as proxy:
        settings = account(proxy, user, starttls=True, ca_file=str(dovecot.ca_file))
        report = open_source(settings).poll(ledger, NOW)
    assert (report.problems, report.stored) == ((), 1)
    assert "STARTTLS" in proxy.verbs
    assert "LOGIN" not in proxy.verbs  # the proxy cannot read what came after


def test_sparse_uids_are_listed_by_number_so_that_windows_stay_few():
    dense = list(_windows(FolderStatus(uidvalidity=1, exists=120_000, uidnext=130_001)))
    assert [criteria for criteria, _, _ in dense] == ["UID 1:50000", "UID 50001:100000", "UID 100001:130000"]
    sparse = list(_windows(FolderStatus(uidvalidity=1, exists=120_000, uidnext=4_000_000_001)))
    assert [criteria for criteria, _, _ in sparse] == ["1:50000", "50001:100000", "100001:120000"]
    assert {(first, last) for _, first, last in sparse} == {(1, 4_000_000_000)}
    assert [*_windows(FolderStatus(uidvalidity=1, exists=3, uidnext=None))] == [("UID 1:4294967295", 1, 4_294_967_295)]


@pytest.mark.dovecot
def test_a_folder_that_is_missing_keeps_no_other_from_being_listened_to(dovecot, proxy, user):
    folders = (("INBOX", FolderRole.INBOX), ("Nowhere", FolderRole.SENT))
    ledger = MemoryLedger()
    with Pollers([open_source(account(proxy, user, folders=folders))], ledger, clock, seconds=600).running() as pollers:
        until(lambda: proxy.verbs.count("IDLE") >= 3)
        assert "Nowhere" in pollers.states[0].problems[0]
        dovecot.append(build_mail(), "INBOX", user)
        until(lambda: len(ledger.messages) == 1, seconds=10)


@pytest.mark.dovecot
def test_a_certificate_that_ran_out_gets_no_password(dovecot, user):
    with RecordingProxy(dovecot.plain_port, valid_until=datetime(2020, 1, 1, tzinfo=UTC)) as proxy:
        (folder,) = open_source(account(proxy, user)).poll(MemoryLedger(), NOW).folders
    assert "not trusted" in folder.problem
    assert "expired" in folder.problem
    assert proxy.verbs == []


@pytest.mark.dovecot
@pytest.mark.parametrize(("offered", "is_refused"), [(b" LOGINDISABLED", False), (b" LOGINDISABLED AUTH=NONE", True)])
def test_where_login_is_disabled_the_password_goes_by_authenticate_or_not_at_all(dovecot, user, offered, is_refused):
    def disable(answer):
        if b"CAPABILITY" not in answer:
            return answer
        hidden = answer.replace(b" AUTH=PLAIN", b"") if is_refused else answer
        return hidden.replace(b" SASL-IR", offered)

    with RecordingProxy(dovecot.plain_port, on_answer=disable) as proxy:
        report = open_source(account(proxy, user)).poll(MemoryLedger(), NOW)
    assert report.is_refused is is_refused
    assert "LOGIN" not in proxy.verbs
    assert ("AUTHENTICATE" in proxy.verbs) is not is_refused
