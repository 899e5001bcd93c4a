"""What could not be read: kept byte for byte, shown, tried again by hand and after an upgrade, given out to a person."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from triage import intake, quarantine
from triage.cli import app
from triage.domain.errors import InputError
from triage.intake import ParserChild
from triage.store.quarantine import QuarantineState
from triage_mailbox.child import parse_here, unreadable
from triage_mailbox.testing import build_mail, raw_mail

AT = datetime(2026, 5, 5, 9, 0, tzinfo=UTC)
THREAT = "If your man comes here again I will break his legs, I mean it."


class Stubborn(ParserChild):
    """A parser that cannot read certain messages until it is told to."""

    def __init__(self, *, refuses=b"") -> None:
        super().__init__()
        self.refuses = refuses

    def parse(self, raw):
        if self.refuses and self.refuses in raw.content:
            return unreadable(raw, "It is broken in a way that the parser does not know (StubError).")
        return parse_here(raw)


def store_mail(desk, text, uid="1", **fields):
    given = {"sender": "Ivy <ivy@post.example>", "subject": "Boiler", "message_id": f"<{uid}@post.example>", "sent": AT}
    content = build_mail(text, **{**given, **fields})
    raw = raw_mail(content, account="repairs@hall.example", folder="INBOX", uid=uid, received=AT)
    desk.pipeline.ledger.discover("repairs@hall.example", "INBOX", raw.uidvalidity, [uid], AT)
    desk.pipeline.ledger.store(raw, AT)
    return content


@pytest.fixture
def broken(desk):
    desk.clock.put("2026-05-05T12:00")
    content = store_mail(desk, THREAT)
    store_mail(desk, "The gate is broken. Can somebody look at it?", uid="2")
    parser = Stubborn(refuses=b"break his legs")
    desk.pipeline.take_stored(parser)
    return parser, content


def contacts(desk):
    with desk.store.read() as unit:
        return {found.contact.id: found for found in unit.contacts.all()}


def test_what_fails_is_shown_and_kept_and_stops_no_other(desk, broken):
    [waiting] = quarantine.listed(desk.store)
    assert waiting.attempts == 1
    assert "StubError" in waiting.reason
    assert quarantine.raw_bytes(desk.store, waiting.id) == broken[1]
    assert waiting.size == len(broken[1])
    shown = contacts(desk)[waiting.contact_id].contact
    assert shown.quarantined
    assert "could not be read" in shown.not_scored
    assert len(contacts(desk)) == 2
    with desk.store.read() as unit:
        assert unit.quarantine.counts() == {"repairs@hall.example": 1}
        assert [contact.id for contact in unit.contacts.not_scored()] == [waiting.contact_id]


def test_a_retry_that_fails_counts_one_attempt_more(desk, broken):
    desk.clock.put("2026-05-05T13:00")
    [waiting] = quarantine.listed(desk.store)
    assert quarantine.retry(desk.pipeline, broken[0], [waiting.id]) == quarantine.Retried(failed=1)
    [again] = quarantine.listed(desk.store)
    assert (again.attempts, again.first_at, again.last_at > waiting.last_at) == (2, waiting.first_at, True)


def test_what_a_retry_reads_takes_the_place_of_the_failure_under_the_same_id_and_is_flagged(desk, broken):
    parser, _ = broken
    [waiting] = quarantine.listed(desk.store)
    parser.refuses = b""
    assert quarantine.retry(desk.pipeline, parser) == quarantine.Retried(read=1)
    assert quarantine.listed(desk.store) == []
    found = contacts(desk)
    assert len(found) == 2
    read = found[waiting.contact_id]
    assert not read.contact.quarantined
    assert read.contact.not_scored is None
    assert THREAT in read.contact.own_text
    assert read.contact.routes == ("repairs@hall.example",)
    assert "A1" in desk.codes()
    with desk.store.read() as unit:
        assert unit.quarantine.get(waiting.id).state is QuarantineState.READ
        assert unit.contacts.not_scored() == []
    assert desk.pipeline.take_stored(parser) == 0


def test_a_further_copy_of_a_known_message_joins_it_when_it_can_be_read(desk):
    desk.clock.put("2026-05-05T12:00")
    store_mail(desk, "The gate is broken.", uid="1")
    store_mail(desk, "The gate is broken.", uid="9", message_id="<1@post.example>", headers={"X-Trace": "unreadable"})
    parser = Stubborn(refuses=b"X-Trace")
    desk.pipeline.take_stored(parser)
    assert len(contacts(desk)) == 2
    parser.refuses = b""
    assert quarantine.retry(desk.pipeline, parser).read == 1
    told = [found.contact for found in contacts(desk).values()]
    [whole] = [contact for contact in told if contact.not_scored is None]
    assert len(whole.deliveries) == 2
    [copy] = [contact for contact in told if contact.not_scored]
    assert whole.id in copy.not_scored
    assert copy.auto


def test_after_an_upgrade_each_is_tried_once_without_anybody_asking(desk, broken, monkeypatch):
    parser, _ = broken
    assert quarantine.retry_after_upgrade(desk.pipeline, parser) == quarantine.Retried()
    for module in (intake, quarantine, __import__("triage.pipeline", fromlist=["pipeline"])):
        monkeypatch.setattr(module, "reader_version", lambda: "triage 99")
    assert quarantine.retry_after_upgrade(desk.pipeline, parser) == quarantine.Retried(failed=1)
    assert quarantine.retry_after_upgrade(desk.pipeline, parser) == quarantine.Retried()


def test_a_contact_that_breaks_the_pipeline_is_quarantined_and_read_later(desk):
    desk.clock.put("2026-05-05T12:00")
    store_mail(desk, "The gate is broken.")

    class Breaks:
        model = desk.pipeline.reader.model

        def read(self, items):
            raise RuntimeError("no words here")

    reader, desk.pipeline.reader = desk.pipeline.reader, Breaks()
    desk.pipeline.take_stored(Stubborn())
    [waiting] = quarantine.listed(desk.store)
    assert "RuntimeError" in waiting.reason
    assert "no words here" not in waiting.reason
    assert quarantine.retry(desk.pipeline, Stubborn()).failed == 1
    desk.pipeline.reader = reader
    assert quarantine.retry(desk.pipeline, Stubborn()).read == 1
    [found] = contacts(desk).values()
    assert found.scores is not None


def test_the_next_contact_joins_the_issue_of_what_was_read_late(desk, broken):
    parser, _ = broken
    parser.refuses = b""
    quarantine.retry(desk.pipeline, parser)
    desk.contact("2026-05-06T10:00", "What about my boiler?", in_reply_to="<1@post.example>")
    assert all(found.issue_id for found in contacts(desk).values())


def test_an_unknown_number_is_refused_with_a_sentence(desk):
    with pytest.raises(InputError, match="no message 77 in quarantine"):
        quarantine.raw_bytes(desk.store, 77)


def test_the_commands_list_retry_and_export(tmp_path):
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Inbox" / part).mkdir(parents=True)
    (tmp_path / "triage.toml").write_text(
        'database = "sqlite:///t.sqlite"\n[[maildir]]\nname = "a@hall.example"\nfolders = [{ name = "Inbox" }]\n'
    )
    opening = b"From: ivy@post.example\nSubject: Bad\nContent-Type: multipart/mixed; boundary=b0\n\n"
    for level in range(1, 5_000):
        opening += b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (level - 1, level)
    (tmp_path / "Inbox" / "new" / "1777950000.M1.host").write_bytes(opening)
    settings = ["-c", str(tmp_path / "triage.toml")]
    run = CliRunner()
    assert run.invoke(app, ["run", "--once", *settings]).exit_code == 0
    listed = run.invoke(app, ["quarantine", "list", *settings])
    assert "nest too deeply" in listed.output.replace("\n", " ")
    assert "1 in quarantine" in listed.output
    assert "0 read, 1 still" in run.invoke(app, ["quarantine", "retry", *settings]).output
    assert run.invoke(app, ["quarantine", "export", "1", "--output", str(tmp_path / "m.eml"), *settings]).exit_code == 0
    assert (tmp_path / "m.eml").read_bytes() == opening
    assert run.invoke(app, ["quarantine", "export", "9", "--output", "x", *settings]).exit_code == 2


def test_quarantined_mail_is_never_read_as_clean(desk, broken):
    [waiting] = quarantine.listed(desk.store)
    placed = contacts(desk)[waiting.contact_id]
    assert placed.scores is None
    assert replace(placed.contact, not_scored=None).own_text == ""
