"""Polling a real Dovecot: read-only, nothing lost, nothing twice, and every fault said in a sentence."""

import contextlib
import random
import re
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from triage_mailbox import imap, imap_source
from triage_mailbox.accounts import ImapAccount, ImapTimeouts, Secret, open_source
from triage_mailbox.errors import SettingError
from triage_mailbox.imap import ALLOWED_VERBS
from triage_mailbox.ledger import LedgerCounts, LedgerState
from triage_mailbox.messages import FolderRole
from triage_mailbox.testing import DovecotServer, MemoryLedger, RecordingProxy, build_mail

pytestmark = pytest.mark.dovecot

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def ledger():
    return MemoryLedger()


def account(server, user, **options):
    given = {
        "name": "help",
        "host": "localhost",
        "port": server.port,
        "user": user,
        "password": Secret.of("a-test-password"),
        "folders": (("INBOX", FolderRole.INBOX),),
        "ca_file": str(server.ca_file),
        "timeouts": ImapTimeouts(connect=10, read=10, command=20, round=60),
    }
    return ImapAccount(**given | options)


def poll(settings, ledger, now=NOW):
    return open_source(settings).poll(ledger, now)


def fill(server, user, count, folder="INBOX"):
    for number in range(count):
        server.append(build_mail(f"Letter {number}", message_id=f"<{number}@x.example>"), folder, user)


def only(report):
    (folder,) = report.folders
    return folder


def test_every_message_of_every_folder_is_stored_byte_for_byte(dovecot, user, ledger):
    fill(dovecot, user, 3)
    dovecot.append(build_mail("We will come."), "Sent", user)
    report = poll(account(dovecot, user, folders=(("INBOX", FolderRole.INBOX), ("Sent", FolderRole.SENT))), ledger)
    assert [(folder.discovered, folder.stored, folder.problem) for folder in report.folders] == [
        (3, 3, None),
        (1, 1, None),
    ]
    expected = build_mail("Letter 1", message_id="<1@x.example>").replace(b"\n", b"\r\n")
    assert ledger.messages[1].content == expected
    assert [message.role for message in ledger.messages] == [*[FolderRole.INBOX] * 3, FolderRole.SENT]
    assert abs(ledger.messages[0].received - datetime.now(UTC)) < timedelta(minutes=5)
    assert ledger.counts("help", "INBOX") == LedgerCounts(on_server=3, stored=3, waiting=0, gone=0, unfetchable=0)


def test_only_allowed_verbs_are_sent_and_no_folder_is_opened_to_write(proxy, user, dovecot, ledger):
    fill(dovecot, user, 3)
    settings = account(proxy, user, folders=(("INBOX", FolderRole.INBOX), ("Nowhere", FolderRole.SENT)))
    poll(settings, ledger)
    dovecot.append(build_mail("One more"), "INBOX", user)
    poll(settings, ledger)
    assert len(ledger.messages) == 4
    assert set(proxy.verbs) <= ALLOWED_VERBS
    assert {"EXAMINE", "FETCH", "SEARCH"} <= set(proxy.verbs)
    assert "SELECT" not in proxy.verbs
    fetched = [line for line in proxy.lines if " FETCH " in line]
    assert fetched
    assert not any("BODY[" in line or "RFC822 " in line or "RFC822)" in line for line in fetched)


def test_flags_on_the_server_never_change(dovecot, user, ledger):
    fill(dovecot, user, 2)
    dovecot.append(build_mail("Read already"), "INBOX", user, r"(\Seen \Flagged)")
    before = dovecot.flags(user=user)
    assert before == {1: frozenset(), 2: frozenset(), 3: frozenset({"\\Seen", "\\Flagged"})}
    for _ in range(3):
        poll(account(dovecot, user), ledger)
    assert dovecot.flags(user=user) == before


def test_a_second_round_stores_nothing_and_a_third_only_what_is_new(dovecot, user, ledger):
    fill(dovecot, user, 3)
    poll(account(dovecot, user), ledger)
    assert only(poll(account(dovecot, user), ledger)).stored == 0
    dovecot.append(build_mail("New"), "INBOX", user)
    report = only(poll(account(dovecot, user), ledger))
    assert (report.discovered, report.stored) == (1, 1)


def test_mail_that_a_colleague_has_read_is_taken_too(dovecot, user, ledger):
    dovecot.append(build_mail("Seen by a colleague"), "INBOX", user, r"(\Seen)")
    assert only(poll(account(dovecot, user), ledger)).stored == 1


def test_the_same_message_id_twice_is_two_messages(dovecot, user, ledger):
    dovecot.append(build_mail("One"), "INBOX", user)
    dovecot.append(build_mail("Another"), "INBOX", user)
    assert only(poll(account(dovecot, user), ledger)).stored == 2


def test_a_new_uidvalidity_is_a_new_generation(dovecot, user, ledger):
    fill(dovecot, user, 2)
    first = only(poll(account(dovecot, user), ledger)).uidvalidity
    dovecot.set_uidvalidity(1_900_000_000, user=user)
    second = only(poll(account(dovecot, user), ledger))
    assert (second.uidvalidity, second.stored) == (1_900_000_000, 2)
    assert set(ledger.known("help", "INBOX", first).values()) == {LedgerState.STORED}
    hashes = [message.sha256 for message in ledger.messages]
    assert hashes[:2] == hashes[2:]


def test_a_folder_replaced_while_the_line_was_down_gives_nothing_to_the_old_generation(
    dovecot, user, ledger, monkeypatch
):
    monkeypatch.setattr(imap_source, "MESSAGES_A_COMMAND", 1)
    for text in ("First", "Second"):
        dovecot.append(build_mail(text), "Box", user)
    breaks = []

    def replaced(answer):
        if b"BODY[]" not in answer or len(breaks) == 2:
            return answer
        breaks.append(answer)
        if len(breaks) == 2:  # alone, after it broke its batch: what follows finds the connection down
            dovecot.drop("Box", user)
            for text in ("Third", "Fourth"):
                dovecot.append(build_mail(text), "Box", user)
        return cut

    with RecordingProxy(dovecot.plain_port, on_answer=replaced) as between:
        source = open_source(account(between, user, folders=(("Box", FolderRole.INBOX),)))
        first, second = only(source.poll(ledger, NOW)), only(source.poll(ledger, NOW))
    assert "was replaced while it was read" in first.problem
    assert first.stored == 0
    assert (second.stored, second.uidvalidity != first.uidvalidity) == (2, True)
    assert {message.uidvalidity for message in ledger.messages} == {second.uidvalidity}


def cut(client):
    raise ConnectionResetError


def test_a_message_expunged_after_it_was_stored_stays_stored(dovecot, user, ledger):
    fill(dovecot, user, 2)
    poll(account(dovecot, user), ledger)
    dovecot.delete(1, user=user)
    source = open_source(account(dovecot, user))
    report = only(source.poll(ledger, NOW))
    assert (report.gone, report.stored) == (1, 0)
    assert only(source.poll(ledger, NOW)).gone == 0
    assert ledger.counts("help", "INBOX") == LedgerCounts(on_server=1, stored=2, waiting=0, gone=0, unfetchable=0)


def test_a_message_expunged_before_it_was_fetched_is_gone_not_empty(dovecot, user, ledger):
    fill(dovecot, user, 2)
    deleted = []

    def delete_one(answer):
        if b"RFC822.SIZE" in answer and not deleted:
            deleted.append(1)
            dovecot.delete(1, user=user)
        return answer

    with RecordingProxy(dovecot.plain_port, on_answer=delete_one) as proxy:
        report = only(poll(account(proxy, user), ledger))
    assert deleted
    assert [message.uid for message in ledger.messages] == ["2"]
    assert report.failed == 1
    report = only(poll(account(dovecot, user), ledger))
    assert report.gone == 1
    assert ledger.known("help", "INBOX", report.uidvalidity) == {"1": LedgerState.GONE, "2": LedgerState.STORED}


def test_an_answer_that_omits_one_message_loses_nothing(dovecot, user, ledger):
    fill(dovecot, user, 3)
    drop_body_of_2 = lambda answer: None if b"UID 2 " in answer and b"BODY[]" in answer else answer  # noqa: E731
    with RecordingProxy(dovecot.plain_port, on_answer=drop_body_of_2) as proxy:
        report = only(poll(account(proxy, user), ledger))
        assert (report.stored, report.failed) == (2, 1)
        assert ledger.counts("help", "INBOX").waiting == 1
        poll(account(proxy, user), ledger)
        poll(account(proxy, user), ledger)
        assert ledger.known("help", "INBOX", report.uidvalidity)["2"] is LedgerState.UNFETCHABLE
        assert "left this message out" in ledger.reason("help", "INBOX", report.uidvalidity, "2")
    assert only(poll(account(dovecot, user), ledger)).stored == 0
    assert only(poll(account(dovecot, user), ledger, NOW + timedelta(hours=1))).stored == 1
    assert len(ledger.messages) == 3


@pytest.mark.parametrize("nothing", [b"NIL", b'""', b"{0}\r\n"])
def test_an_empty_body_is_a_failure_and_never_stored(dovecot, user, ledger, nothing):
    fill(dovecot, user, 1)

    def emptied(answer):
        return re.sub(rb"BODY\[\] \{\d+\}\r\n.*\)\r\n$", b"BODY[] " + nothing + b")\r\n", answer, flags=re.DOTALL)

    with RecordingProxy(dovecot.plain_port, on_answer=emptied) as proxy:
        report = only(poll(account(proxy, user), ledger))
    assert (report.stored, report.failed) == (0, 1)
    assert ledger.messages == []
    assert only(poll(account(dovecot, user), ledger)).stored == 1


def test_a_body_cut_short_is_a_failure(dovecot, user, ledger):
    fill(dovecot, user, 1)
    cuts = iter(range(5, 50))

    def shortened(answer):
        found = re.match(rb"(.*BODY\[\] )\{(\d+)\}\r\n(.*)\)\r\n$", answer, re.DOTALL)
        if found is None:
            return answer
        body = found.group(3)[: -next(cuts)]
        return found.group(1) + b"{%d}\r\n" % len(body) + body + b")\r\n"

    with RecordingProxy(dovecot.plain_port, on_answer=shortened) as proxy:
        report = only(poll(account(proxy, user), ledger))
    assert (report.stored, report.failed) == (0, 1)
    assert only(poll(account(dovecot, user), ledger)).stored == 1


def test_a_size_that_is_only_an_estimate_keeps_no_message_out(dovecot, user, ledger):
    fill(dovecot, user, 1)
    estimated = lambda answer: re.sub(rb"RFC822.SIZE (\d+)", lambda found: b"RFC822.SIZE 9%s" % found.group(1), answer)  # noqa: E731
    with RecordingProxy(dovecot.plain_port, on_answer=estimated) as proxy:
        assert only(poll(account(proxy, user), ledger)).stored == 1


def test_exchanges_notice_in_place_of_a_message_is_a_failure(dovecot, user, ledger):
    fill(dovecot, user, 1)
    notice = build_mail(subject="Retrieval using the IMAP4 protocol failed for the following message: 1")

    def replaced(answer):
        found = re.match(rb"(.*BODY\[\] )\{(\d+)\}\r\n", answer, re.DOTALL)
        return answer if found is None else found.group(1) + b"{%d}\r\n" % len(notice) + notice + b")\r\n"

    with RecordingProxy(dovecot.plain_port, on_answer=replaced) as proxy:
        report = only(poll(account(proxy, user), ledger))
    assert (report.stored, report.failed) == (0, 1)
    assert "Exchange" in ledger.reason("help", "INBOX", report.uidvalidity, "1")


def test_one_message_that_breaks_the_connection_stops_no_other(dovecot, user, ledger):
    fill(dovecot, user, 4)
    garbled = lambda answer: b"* 2 FETCH (((((\r\n" if b"UID 2 " in answer and b"BODY[]" in answer else answer  # noqa: E731
    with RecordingProxy(dovecot.plain_port, on_answer=garbled) as proxy:
        report = only(poll(account(proxy, user), ledger))
    assert (report.stored, report.failed) == (3, 1)
    assert ledger.known("help", "INBOX", report.uidvalidity)["2"] is LedgerState.DISCOVERED


def test_a_literal_of_three_gigabytes_is_refused_before_it_is_read(dovecot, user, ledger):
    fill(dovecot, user, 2)

    def announced(answer):
        return (
            re.sub(rb"\{\d+\}", b"{3000000000}", answer, count=1)
            if b"UID 2 " in answer and b"BODY[]" in answer
            else answer
        )

    with RecordingProxy(dovecot.plain_port, on_answer=announced) as proxy:
        report = only(poll(account(proxy, user), ledger))
    assert (report.stored, report.failed) == (1, 1)
    assert "3,000,000,000" in ledger.reason("help", "INBOX", report.uidvalidity, "2")


def test_a_search_that_lists_too_few_makes_nothing_gone(dovecot, user, ledger):
    fill(dovecot, user, 3)
    poll(account(dovecot, user), ledger)
    with RecordingProxy(dovecot.plain_port, on_answer=lambda a: b"* SEARCH 1\r\n" if b"* SEARCH" in a else a) as proxy:
        assert only(poll(account(proxy, user), ledger)).gone == 0
    assert ledger.counts("help", "INBOX").on_server == 3


def test_a_search_that_lists_other_uids_than_asked_for_is_filtered(dovecot, user, ledger):
    fill(dovecot, user, 2)
    with RecordingProxy(
        dovecot.plain_port, on_answer=lambda a: b"* SEARCH 1 2 77\r\n" if b"* SEARCH" in a else a
    ) as proxy:
        report = only(poll(account(proxy, user), ledger))
    assert set(ledger.known("help", "INBOX", report.uidvalidity)) == {"1", "2"}


def test_a_message_too_large_is_cut_and_says_so(dovecot, user, ledger):
    dovecot.append(build_mail("Small"), "INBOX", user)
    dovecot.append(build_mail("Large " * 20_000), "INBOX", user)
    poll(account(dovecot, user, max_bytes=50_000, keep_bytes=4_000), ledger)
    small, large = ledger.messages
    assert small.truncated_from is None
    assert len(large.content) == 4_000
    assert large.truncated_from > 100_000
    assert large.content.startswith(b"Subject: Lift")


def test_a_missing_folder_stops_no_other(dovecot, user, ledger):
    fill(dovecot, user, 1)
    settings = account(dovecot, user, folders=(("Nowhere", FolderRole.SENT), ("INBOX", FolderRole.INBOX)))
    missing, found = poll(settings, ledger).folders
    assert "Nowhere" in missing.problem
    assert found.stored == 1


def test_a_folder_with_accents_and_an_ampersand_is_polled(dovecot, user, ledger):
    name = "Réclamations & plaintes"
    dovecot.append(build_mail(), "R&AOk-clamations &- plaintes", user)
    assert only(poll(account(dovecot, user, folders=((name, FolderRole.INBOX),)), ledger)).stored == 1


def test_a_server_of_an_unknown_authority_gets_no_password(dovecot, proxy, user, ledger):
    report = only(poll(account(proxy, user, ca_file=str(dovecot.ca_file)), ledger))
    assert "not trusted" in report.problem
    assert "no password was sent" in report.problem
    assert proxy.verbs == []


def test_a_server_of_another_name_gets_no_password(proxy, user, ledger):
    with socket.socket() as listener:
        listener.bind(("127.0.0.2", 0))
        listener.listen()
        port = listener.getsockname()[1]
        threading.Thread(target=_forward, args=[listener, proxy.port], daemon=True).start()
        report = only(poll(account(proxy, user, host="127.0.0.2", port=port), ledger))
    assert "not trusted" in report.problem
    assert proxy.verbs == []


def _forward(listener, port):
    """Pass bytes on to another port, so that the name connected to is not the one in the certificate."""
    client, _ = listener.accept()
    server = socket.create_connection(("127.0.0.1", port))

    def copy(source, target):
        with contextlib.suppress(OSError):
            while chunk := source.recv(65_536):
                target.sendall(chunk)
        target.close()

    threading.Thread(target=copy, args=[server, client], daemon=True).start()
    copy(client, server)


def test_starttls_is_used_where_asked_for(dovecot, user, ledger):
    fill(dovecot, user, 1)
    assert only(poll(account(dovecot, user, port=dovecot.plain_port, starttls=True), ledger)).stored == 1


def test_a_server_stripped_of_starttls_gets_no_password(dovecot, user, ledger):
    strip = lambda answer: answer.replace(b" STARTTLS", b"")  # noqa: E731
    with RecordingProxy(dovecot.plain_port, on_answer=strip, plain=True) as proxy:
        settings = account(proxy, user, starttls=True, ca_file=str(dovecot.ca_file))
        report = only(poll(settings, ledger))
    assert "STARTTLS" in report.problem
    assert "LOGIN" not in proxy.verbs
    assert "AUTHENTICATE" not in proxy.verbs


def test_a_wrong_password_is_said_once_for_all_folders(proxy, user, ledger):
    settings = account(
        proxy, user, password=Secret.of("canary-word"), folders=(("INBOX", FolderRole.INBOX), ("Sent", FolderRole.SENT))
    )
    report = poll(settings, ledger)
    assert all("refused" in problem for problem in report.problems)
    assert len(report.problems) == 2
    assert proxy.verbs.count("LOGIN") == 1
    assert not any("canary-word" in problem for problem in report.problems)


def test_a_server_that_goes_away_while_signing_in_has_not_refused_the_password(dovecot, user, ledger):
    def bye(answer):
        return b"* BYE going down\r\n" if b"Logged in" in answer else answer

    with RecordingProxy(dovecot.plain_port, on_answer=bye) as proxy:
        report = only(poll(account(proxy, user, timeouts=ImapTimeouts(connect=5, read=2, command=3, round=9)), ledger))
    assert report.problem
    assert "Check the account's user and password" not in report.problem


def test_a_server_that_is_not_there_is_a_problem_in_the_report(dovecot, user, ledger):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert "not reached" in only(poll(account(dovecot, user, port=port), ledger)).problem


def test_a_server_that_drips_is_cut_off_by_the_deadline(dovecot, user, ledger):
    fill(dovecot, user, 1)

    def dripped(answer):
        if b"* SEARCH" in answer:
            time.sleep(30)
        return answer

    timeouts = ImapTimeouts(connect=5, read=20, command=1, round=20)
    with RecordingProxy(dovecot.plain_port, on_answer=dripped) as proxy:
        begun = time.monotonic()
        report = only(poll(account(proxy, user, timeouts=timeouts), ledger))
    assert time.monotonic() - begun < 10
    assert "longer than 1 s" in report.problem


def test_a_drip_in_the_greeting_is_cut_off_too(dovecot, user, ledger):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def drip():
            client, _ = listener.accept()
            try:
                for _ in range(100):
                    client.sendall(b"*")
                    time.sleep(0.1)
            except OSError:
                client.close()

        threading.Thread(target=drip, daemon=True).start()
        timeouts = ImapTimeouts(connect=5, read=5, command=1, round=20)
        settings = account(dovecot, user, port=listener.getsockname()[1], starttls=True, timeouts=timeouts)
        begun = time.monotonic()
        report = only(poll(settings, ledger))
    assert time.monotonic() - begun < 5
    assert report.problem


def test_a_throttled_server_says_how_long_to_wait(dovecot, user, ledger):
    fill(dovecot, user, 1)

    def throttled(answer):
        if answer.startswith(b"* SEARCH"):
            return b""
        if b"OK Search" in answer:
            tag = answer.split()[0]
            return tag + b" BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds\r\n"
        return answer

    with RecordingProxy(dovecot.plain_port, on_answer=throttled) as proxy:
        report = poll(account(proxy, user), ledger)
    assert report.wait_seconds == pytest.approx(299.961)
    assert "throttled" in only(report).problem


def test_a_server_that_is_killed_costs_one_round_and_no_message(user, ledger):
    with DovecotServer([(user, "a-test-password")]) as server:
        fill(server, user, 3)
        settings = account(server, user)
        poll(settings, ledger)
        server.append(build_mail("New"), "INBOX", user)
        server.kill()
        assert only(poll(settings, ledger)).problem
        server.start()
        assert only(poll(settings, ledger)).stored == 1
    assert len(ledger.messages) == 4


def test_a_large_folder_is_listed_in_windows(proxy, dovecot, user, ledger, monkeypatch):
    monkeypatch.setattr(imap, "UIDS_A_SEARCH", 2)
    fill(dovecot, user, 5)
    assert only(poll(account(proxy, user), ledger)).stored == 5
    windows = [line.split("UID SEARCH ")[1] for line in proxy.lines if "SEARCH" in line]
    assert windows == ["UID 1:2", "UID 3:4", "UID 5:5"]


class Saboteur:
    """Spoils about one answer in eight: cut short, garbled, lost, or the end of the connection."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self.done = 0

    def __call__(self, answer):
        if self._random.random() > 0.12:
            return answer
        self.done += 1
        how = self._random.choice(["cut", "garble", "lose", "bye", "flip"])
        if how == "cut":
            raise ConnectionResetError
        if how == "garble":
            return bytes(self._random.randrange(256) for _ in range(40)) + b"\r\n"
        if how == "bye":
            return b"* BYE going down\r\n"
        if how == "flip":
            return re.sub(rb"\{(\d+)\}", lambda found: b"{%d}" % (int(found.group(1)) + 7), answer)
        return answer if answer.split()[-1:] == [b"completed."] else None


def test_forty_spoilt_answers_lose_double_and_change_nothing(dovecot, user, ledger):
    sent = []
    timeouts = ImapTimeouts(connect=5, read=0.5, command=1, round=5)
    saboteur = Saboteur(seed=7)
    with RecordingProxy(dovecot.plain_port, on_answer=saboteur) as proxy:
        for number in range(400):
            if saboteur.done >= 40:
                break
            if number % 4 == 0:
                sent.append(build_mail(f"Letter {number} " + "x" * number, message_id=f"<{number}@x.example>"))
                dovecot.append(sent[-1], "INBOX", user)
            poll(account(proxy, user, timeouts=timeouts), ledger, NOW + timedelta(hours=number))
    assert saboteur.done >= 40
    report = only(poll(account(dovecot, user), ledger, NOW + timedelta(days=100)))
    assert report.problem is None
    stored = sorted(message.content.replace(b"\r\n", b"\n") for message in ledger.messages)
    assert stored == sorted(sent)


def test_a_password_is_never_shown(dovecot, user):
    settings = account(dovecot, user, password=Secret.of("canary-word"))
    assert "canary-word" not in repr(settings)
    assert "canary-word" not in str(settings.password)


@pytest.mark.parametrize("password", ["pässwörd", "a-test-password"])
def test_a_password_of_any_letters_signs_in(ledger, password):
    with DovecotServer([("ada@tarnside.example", password)]) as server:
        settings = account(server, "ada@tarnside.example", password=Secret.of(password))
        assert only(poll(settings, ledger)).problem is None


def _no_password():
    raise FileNotFoundError("no such file")


@pytest.mark.parametrize("password", [Secret.of("x\r\nA1 DELETE INBOX"), Secret(_no_password), Secret.of("")])
def test_a_password_that_cannot_be_used_is_said_and_nothing_is_sent(proxy, user, ledger, password):
    report = only(poll(account(proxy, user, password=password), ledger))
    assert "password" in report.problem
    assert "DELETE" not in report.problem
    assert set(proxy.verbs) <= {"CAPABILITY", "LOGOUT"}


@pytest.mark.parametrize("folder", ["INBOX\r\nA1 DELETE INBOX", "IN\0BOX", "\x7f"])
def test_a_folder_name_cannot_carry_a_command(dovecot, user, folder):
    with pytest.raises(SettingError, match="control character"):
        account(dovecot, user, folders=((folder, FolderRole.INBOX),))


def test_a_folder_name_with_quotes_stays_one_name(proxy, user, ledger):
    report = only(poll(account(proxy, user, folders=(('a" b\\c {5}', FolderRole.INBOX),)), ledger))
    assert report.problem
    assert set(proxy.verbs) <= ALLOWED_VERBS
