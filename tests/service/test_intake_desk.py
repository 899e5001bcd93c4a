"""What the pages are told of a running service, and what they may ask of it."""

import threading
import time

import pytest

from triage.bootstrap import build
from triage.config import read_settings
from triage.domain.errors import ConflictError, InputError
from triage.intake import FolderRole, RawMessage
from triage.intake_desk import RunningIntake
from triage.jobs.rounds import keep_going, one_round
from triage.reports.intake import intake_page
from triage_mailbox.messages import SourceKind

SETTINGS = """database = "sqlite:///t.sqlite"
poll_seconds = 0.3
[[maildir]]
name = "repairs@hall.example"
folders = [{ name = "mail/Inbox" }, { name = "mail/Lost" }]
[[calls]]
name = "line"
path = "calls"
"""


@pytest.fixture
def service(tmp_path):
    for part in ("cur", "new", "tmp"):
        (tmp_path / "mail" / "Inbox" / part).mkdir(parents=True)
    (tmp_path / "calls").mkdir()
    mail = "From: ivy@post.example\nTo: repairs@hall.example\nMessage-ID: <1@x>\n\nThe gate is broken.\n"
    (tmp_path / "mail" / "Inbox" / "new" / "1700000000.M1.host").write_text(mail)
    (tmp_path / "triage.toml").write_text(SETTINGS)
    return build(read_settings(tmp_path / "triage.toml"))


def test_every_source_of_the_settings_is_told_before_it_was_ever_polled(service):
    intake = RunningIntake(service)
    assert [(now.account, now.kind, now.folders, now.rounds) for now in intake.sources()] == [
        ("repairs@hall.example", "Maildir", ("Inbox", "Lost"), 0),
        ("line", "Transcripts, folder", ("calls",), 0),
    ]
    assert not intake.is_polling
    page = intake_page(service.store, service.clock(), intake)
    assert [(row.account, row.folder, row.reached, row.late) for row in page.folders] == [
        ("repairs@hall.example", "Inbox", None, False),
        ("repairs@hall.example", "Lost", None, False),
        ("line", "calls", None, False),
    ]


def test_while_it_polls_rounds_messages_and_problems_are_told(service):
    intake, stop = RunningIntake(service), threading.Event()
    thread = threading.Thread(target=keep_going, args=(service, stop), daemon=True)
    thread.start()
    ends = time.monotonic() + 60
    try:
        while not intake.is_polling or intake.sources()[0].rounds < 2:
            assert time.monotonic() < ends
            time.sleep(0.05)
        mail = intake.sources()[0]
    finally:
        stop.set()
        thread.join(20)
    assert mail.stored == 1
    assert "Lost" in " ".join(mail.problems)
    assert mail.failures >= 1
    page = intake_page(service.store, service.clock(), intake)
    counts = {(row.account, row.folder): (row.on_server, row.stored) for row in page.folders}
    assert counts["repairs@hall.example", "Inbox"] == (1, 1)
    assert [trouble.account for trouble in page.troubles] == ["repairs@hall.example"]


def test_a_retry_waits_for_the_reading_and_gives_up_in_words(service):
    one_round(service)
    intake = RunningIntake(service, busy_seconds=0.05)
    with service.reading, pytest.raises(ConflictError, match="busy reading"):
        intake.retry([1], "Ana")
    with pytest.raises(InputError):
        intake.retry([77], "Ana")
    assert not service.reading.locked()


def test_a_retry_reads_what_waits_and_is_on_record_under_a_name(service):
    one_round(service)
    with service.store.begin() as unit:
        [placed] = list(unit.contacts.all())
        [delivery] = placed.contact.deliveries
        content = unit.contacts.raw_of(placed.contact.id)
        raw = RawMessage.of(
            account=delivery.account,
            folder=delivery.folder,
            uidvalidity=delivery.uidvalidity,
            uid=delivery.uid,
            content=content,
            received=delivery.received,
            kind=SourceKind.MAIL,
            role=FolderRole.INBOX,
        )
        unit.quarantine.put(raw, placed.contact.id, "It could not be read.", "an older version", service.clock())
    intake = RunningIntake(service)
    assert intake_page(service.store, service.clock(), intake).in_quarantine == 1
    assert RunningIntake(service, retry_seconds=-1).retry(None, "Ana") == (1, 0, 0)
    assert intake_page(service.store, service.clock(), intake).in_quarantine == 0
    with service.store.read() as unit:
        [entry] = [entry for entry in unit.audit.entries() if entry.action == "quarantine.retried"]
    assert (entry.actor, entry.subject, entry.detail) == ("Ana", "all", {"read": "1", "failed": "0", "left": "0"})
