"""The intake page: counts by source, problems in sentences, and the quarantine with what an administrator can do."""

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from triage.domain.errors import ConflictError, InputError
from triage.ports import SourceNow
from triage.store import SqlLedger
from triage.store.access import Duty
from triage.store.arrivals import Given, Refused
from triage.testing import NOW, contact, put
from triage.web.app import create_app
from triage_mailbox.testing import raw_mail

ACCOUNT = "repairs@heron.example"
HOSTILE = b"From: x@y.example\n\n<script>alert(1)</script>\x00\xff"


class Intake:
    """Sources and a quarantine that answer as they are told."""

    def __init__(self):
        self.poll_seconds, self.is_polling, self.tried, self.error = 60.0, True, [], None
        self.problem = None
        self.now = [
            SourceNow(
                account=ACCOUNT, kind="IMAP", folders=("INBOX", "Sent"), problems=("Sent: not reached.",), failures=4
            ),
            SourceNow(account="calls", kind="Transcripts, SFTP", folders=("calls",)),
        ]

    def sources(self):
        return self.now

    def retry(self, ids, by):
        if self.error:
            raise self.error
        self.tried.append((ids, by))
        return (1, 2, 3)


@pytest.fixture
def intake():
    return Intake()


@pytest.fixture
def desk(desk, intake):
    """The small landlord with a mailbox of which one message is stored, one waits, one is unfetchable and one unreadable."""
    ledger = SqlLedger(desk.store)
    for folder, uids in (("INBOX", ["1", "2", "3", "4"]), ("Old", ["1"])):
        ledger.discover(ACCOUNT, folder, 5, uids, NOW - timedelta(minutes=1))
    bad = raw_mail(HOSTILE, account=ACCOUNT, uidvalidity=5, uid="4")
    ledger.store_all([raw_mail(account=ACCOUNT, uidvalidity=5, uid="1"), bad], NOW)
    for _ in range(3):
        ledger.failed(ACCOUNT, "INBOX", 5, "2", "The server answered OK and sent nothing.", NOW)
    with desk.store.begin() as unit:
        unit.quarantine.put(bad, desk.landlord.not_scored_contact, "The parser took longer than 20 s.", "triage 1", NOW)
    app = create_app(
        store=desk.store,
        policy=desk.landlord.policy,
        clock=desk.clock,
        models=desk.models,
        secure_cookies=False,
        intake=intake,
    )
    desk.new_client = lambda: TestClient(
        app, base_url="http://desk.example", follow_redirects=False, raise_server_exceptions=False
    )
    return desk


def words(text):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def row(page, name):
    return next(words(part) for part in page.split("<tr")[1:] if name in words(part.split("</tr>")[0]))


def test_each_folder_says_when_it_was_reached_and_what_it_holds(desk, administrator):
    page = administrator.get("/intake").text
    inbox = row(page, f"{ACCOUNT} INBOX")
    assert "IMAP Reached 1 minute ago 4 2 1 1 1 now" in inbox
    assert "Not reached never 0 0 0 0 0 never" in row(page, f"{ACCOUNT} Sent")
    assert "Not polled The settings do not name it." in row(page, f"{ACCOUNT} Old")
    assert "Transcripts, SFTP" in row(page, "calls")
    assert "The server answered OK and sent nothing." in row(page, "uid 2")


def test_a_folder_that_was_not_listed_for_some_rounds_is_late(desk, administrator):
    desk.clock.pass_by(timedelta(minutes=10))
    page = administrator.get("/intake").text
    assert "Late" in row(page, f"{ACCOUNT} INBOX")
    assert "are late." in words(page) or "is late." in words(page)


def test_where_nothing_is_polled_nothing_is_late_and_the_page_says_so(desk, administrator, intake):
    intake.is_polling = False
    desk.clock.pass_by(timedelta(minutes=10))
    page = words(administrator.get("/intake").text)
    assert "Late" not in page
    assert "Nothing is polled beside these pages" in page


def test_why_nothing_is_taken_in_at_the_moment_is_said_before_all_else(desk, administrator, intake):
    assert "Nothing is taken in" not in administrator.get("/intake").text
    intake.problem = "The process that takes mail in ended (killed by SIGKILL) and is started again."
    page = words(administrator.get("/intake").text)
    assert "Nothing is taken in at the moment. The process that takes mail in ended (killed by SIGKILL)" in page


def test_a_problem_is_told_in_a_sentence_with_how_long_it_lasts(desk, administrator):
    assert f"{ACCOUNT} has a problem. Sent: not reached. In this state for 4 rounds." in words(
        administrator.get("/intake").text
    )


def test_facts_over_a_day_old_are_called_cannot_judge(desk, administrator):
    assert "Fresh" in row(administrator.get("/intake").text, "Records")
    desk.clock.pass_by(timedelta(hours=23))
    page = desk.signed_in(Duty.ADMINISTRATOR).get("/intake").text
    assert "Cannot judge Older than 24 hours" in row(page, "Records")
    assert "Cannot judge demands or persistence." in words(page)


def test_rows_of_other_routes_and_reject_files_are_listed(desk, administrator):
    with desk.store.begin() as unit:
        unit.arrivals.note("web forms", [Given(kind="contact", item_id="1", row={"id": "1"})], NOW)
        refused = [
            Refused(
                source="web forms", file="forms.csv", line=line, reason="It has no id.", body='{"a": "secret"}', at=NOW
            )
            for line in (2, 3)
        ]
        unit.arrivals.refuse(refused)
    page = administrator.get("/intake").text
    assert "web forms contact 1 1 12 Mar 2026" in row(page, "contact 1")
    assert "forms.csv.rejected.jsonl web forms 2" in row(page, "forms.csv")
    assert "secret" not in page


def test_the_quarantine_shows_the_reason_and_no_byte_of_the_message(desk, administrator):
    page = administrator.get("/intake").text
    shown = row(page, "The parser took longer")
    assert f"{ACCOUNT} INBOX, uid 4, {len(HOSTILE)} bytes" in shown
    assert "alert(1)" not in page
    assert f"/contacts/{desk.landlord.not_scored_contact}" in page


def test_an_administrator_tries_one_or_all_again_and_is_told_what_came_of_it(desk, administrator, intake):
    answer = administrator.post("/intake/quarantine/retry", id="1")
    assert answer.status_code == 303
    administrator.post("/intake/quarantine/retry")
    assert [ids for ids, _ in intake.tried] == [[1], None]
    assert "administrator" in intake.tried[0][1]
    told = words(administrator.get(answer.headers["location"]).text)
    assert "1 read, 2 still cannot be read. 3 were not tried for want of time" in told


def test_a_retry_that_cannot_be_is_told_in_words(desk, administrator, intake):
    intake.error = ConflictError("The service is busy reading what came in; try again in some minutes.")
    answer = administrator.post("/intake/quarantine/retry", id="1")
    assert (answer.status_code, "busy reading" in answer.text) == (409, True)
    intake.error = InputError("There is no message 9 in quarantine.")
    assert administrator.post("/intake/quarantine/retry", id="9").status_code == 404
    assert administrator.post("/intake/quarantine/retry", id="x").status_code == 422


def test_the_bytes_are_an_attachment_as_they_came_and_the_download_is_on_record(desk, administrator):
    answer = administrator.post("/intake/quarantine/1/raw")
    assert answer.content == HOSTILE
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="quarantine-1.bin"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert [subject for _, subject in desk.audit("quarantine.downloaded")] == ["1"]
    assert administrator.post("/intake/quarantine/77/raw").status_code == 404


def test_what_lies_beside_safeguarding_is_given_to_nobody_here(desk, administrator):
    bad = raw_mail(HOSTILE, account=ACCOUNT, uidvalidity=5, uid="4")
    with desk.store.begin() as unit:
        put(unit, contact("c-near", NOW, not_scored="It could not be read."), desk.landlord.quiet_issue, "C-300")
        unit.quarantine.put(bad, "c-near", "The parser took longer than 20 s.", "triage 1", NOW)
    assert administrator.post("/intake/quarantine/1/raw").status_code == 404
    assert desk.audit("quarantine.downloaded") == []


def test_a_manager_sees_the_page_and_has_no_buttons(desk, manager):
    page = manager.get("/intake")
    assert page.status_code == 200
    assert "Retry" not in page.text
    assert "/raw" not in page.text
    assert manager.post("/intake/quarantine/retry").status_code == 403
    assert manager.post("/intake/quarantine/1/raw").status_code == 403


def test_a_button_without_the_forms_token_does_nothing(desk, administrator, intake):
    administrator.token = "another"
    assert administrator.post("/intake/quarantine/retry").status_code == 403
    assert administrator.post("/intake/quarantine/1/raw").status_code == 403
    assert intake.tried == []


def test_a_made_up_result_in_the_address_is_no_result(desk, administrator):
    assert "0 read, 0 still" in words(administrator.get("/intake?read=<b>&failed=9999999999").text)
