"""One bad file, row, mail or setting costs itself and nothing else; what was not read in full is said."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from triage.bootstrap import build
from triage.config import read_settings
from triage.domain.counting import alike
from triage.domain.errors import PolicyError, SettingsError, StoreError
from triage.domain.policy import shipped_policy
from triage.intake import contact_of_row, moment
from triage.jobs.rounds import one_round
from triage.store import Store
from triage_models.parts import MOST_READ

SETTINGS = """
database = "sqlite:///t.sqlite"
[landlord]
records = "records.csv"
[[maildir]]
name = "repairs@hall.example"
folders = [{ name = "Inbox" }]
[[calls]]
name = "calls"
path = "calls"
settle_seconds = 0
"""
RECORDS = "id,at,record,customer_ref,ref,due,text\n"
CALL = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Customer>The boiler is broken, please call me back.\n"


def put_mail(folder, number, text="The boiler is broken again, please reply."):
    stamp = int(time.time()) - 3600 + number
    date = datetime.fromtimestamp(stamp, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    head = f"From: ivy@post.example\nTo: repairs@hall.example\nSubject: Boiler {number}\nMessage-ID: <{number}@post.example>\nDate: {date}\n"
    (folder / "Inbox" / "new" / f"{stamp}.M{number}.host").write_text(f"{head}\n{text}\n")


@pytest.fixture
def place(tmp_path):
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Inbox" / part).mkdir(parents=True)
    (tmp_path / "calls").mkdir()
    (tmp_path / "records.csv").write_text(RECORDS)
    (tmp_path / "triage.toml").write_text(SETTINGS)
    put_mail(tmp_path, 1)
    return tmp_path


def open_service(place):
    return build(read_settings(place / "triage.toml"))


def counts(service):
    with service.store.read() as unit:
        return unit.contacts.counts()


def test_mail_is_read_while_the_records_export_is_missing(place):
    (place / "records.csv").unlink()
    service = open_service(place)
    one_round(service)
    assert counts(service)["in"] == 1
    assert any("records.csv" in problem for problem in service.problems)


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_record_from_the_end_of_the_calendar_stops_no_mail(place, year):
    (place / "records.csv").write_text(f"{RECORDS}r1,{year}-12-31T23:59:59-05:00,case_opened,c1,RB-1,,\n")
    service = open_service(place)
    one_round(service)
    assert counts(service)["in"] == 1
    assert any("line 2" in problem and year.lstrip("0") in problem for problem in service.problems)
    with pytest.raises(ValueError, match="no plausible year"):
        moment(f"{year}-01-01T00:00:00+14:00")


def test_a_record_dated_ahead_of_now_is_told_and_waits(place):
    ahead = datetime.now(UTC) + timedelta(days=400)
    (place / "records.csv").write_text(f"{RECORDS}r1,{ahead.isoformat()},case_opened,c1,RB-1,,\n")
    service = open_service(place)
    one_round(service)
    with service.store.read() as unit:
        assert unit.landlord.known_records() == set()
    assert any("has not come yet" in problem for problem in service.problems)


def test_a_call_dated_after_its_transcript_arrived_is_taken_at_its_arrival(place):
    (place / "calls" / "one.vtt").write_text(CALL)
    (place / "calls" / "one.call.json").write_text(
        '{"call_id": "1", "started": "2049-01-01T00:00:00+00:00", "from": "07700 900123", "route": "line", "direction": "in"}'
    )
    service = open_service(place)
    one_round(service)
    with service.store.read() as unit:
        moments = [found.contact.at for found in unit.contacts.all()]
    assert len(moments) == 2
    assert max(moments) <= datetime.now(UTC) + timedelta(minutes=10)


def test_one_contact_that_breaks_the_model_is_set_aside_and_the_others_are_scored(place):
    put_mail(place, 2, "Breaks the model.")
    put_mail(place, 3)
    service = open_service(place)

    class Breaks:
        model = service.reader.model

        def read(self, contacts):
            if any("Breaks the model" in contact.text for contact in contacts):
                raise RuntimeError("no words here")
            return service.reader.read(contacts)

    service.pipeline.reader = Breaks()
    one_round(service)
    with service.store.read() as unit:
        placed = list(unit.contacts.all())
    assert sum(found.scores is not None for found in placed) == 2
    assert [found.contact.not_scored is not None for found in placed].count(True) == 1
    assert service.waiting() == 0


def test_a_chunk_of_waiting_messages_holds_no_bytes(place):
    service = open_service(place)
    service.pipeline.poll(service.sources)
    with service.store.read() as unit:
        waiting = unit.contacts.unread(limit=10)
        assert [raw.content for raw in waiting] == [b""]
        assert b"boiler is broken" in unit.contacts.content(waiting[0].sha256)


@pytest.mark.parametrize(
    ("said", "a_day_later"), [("2026-03-28T12:00", "2026-03-29T13:00"), ("2026-10-24T12:00", "2026-10-25T11:00")]
)
def test_a_day_over_a_change_of_clocks_has_as_many_hours_as_it_has(said, a_day_later):
    """Counted on the wall clock, 24 hours to make a hazard safe were 23 or 25, until the row was read from the store again."""
    at = contact_of_row({"id": "m1", "at": said, "direction": "in", "channel": "sms", "text": "Gas."}).at
    assert at + timedelta(hours=24) == moment(a_day_later)
    assert f"{at:%H:%M}" == "12:00" and moment(a_day_later) - at == timedelta(hours=24)


def test_two_mails_of_a_hundred_thousand_characters_are_compared_in_a_moment():
    started = time.process_time()
    assert alike("giant " * 16_000, "giant " * 16_000 + "more")
    assert not alike("giant " * 16_000, "giant")
    assert time.process_time() - started < 5


def test_words_beyond_what_the_model_reads_are_listed_for_a_person(place):
    put_mail(place, 2, "\n".join(["The boiler is broken again."] * (MOST_READ // 25)))
    service = open_service(place)
    one_round(service)
    assert counts(service) == {"in": 2, "out": 0, "not_scored": 1}
    with service.store.read() as unit:
        (listed,) = unit.contacts.not_scored()
        placed = unit.contacts.get(listed.id)
    assert (
        "Not read in full" in (listed.not_scored or "") and "the first 50,000 and the last 50,000" in listed.not_scored
    )
    assert placed is not None and placed.scores is not None
    assert placed.contact.not_scored is None and placed.contact.caveat == listed.not_scored


def test_the_same_account_and_folder_twice_is_refused(place):
    (place / "triage.toml").write_text(SETTINGS + SETTINGS[SETTINGS.index("[[maildir]]") : SETTINGS.index("[[calls]]")])
    with pytest.raises(SettingsError, match="twice"):
        open_service(place)


def test_a_policy_that_is_not_there_is_named():
    with pytest.raises(PolicyError, match="There is no policy 'nope'; there is"):
        shipped_policy("nope")
    with pytest.raises(PolicyError, match="no policy"):
        shipped_policy("../policies/unacceptable-behaviour")


def test_a_database_that_is_none_or_newer_is_told_in_a_sentence(tmp_path):
    (tmp_path / "bad.sqlite").write_bytes(b"this is no database at all" * 100)
    for url in (f"sqlite:///{tmp_path}/bad.sqlite", f"sqlite:///{tmp_path}/no/such/folder/x.sqlite"):
        with pytest.raises(StoreError, match="cannot be used"):
            Store(url).migrate()
    with pytest.raises(StoreError, match="no address"):
        Store("nonsense")
    newer = Store(f"sqlite:///{tmp_path}/newer.sqlite").migrate()
    with newer.begin() as unit:
        unit.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="another version"):
        newer.migrate()


def test_a_fault_of_the_database_never_repeats_what_was_written(desk):
    contact = contact_of_row(
        {"id": "m1", "at": "2026-05-01T10:00", "direction": "in", "channel": "sms", "text": "zebracanary words"}
    )
    with desk.store.begin() as unit:
        unit.connection.exec_driver_sql("ALTER TABLE contact RENAME TO gone")
    with desk.store.begin() as unit, pytest.raises(DBAPIError, match="no such table") as caught:
        unit.contacts.put(contact, "f")
    assert "zebracanary" not in str(caught.value)


def test_two_rounds_at_once_killed_and_started_again_lose_and_double_nothing(place):
    for number in range(2, 40):
        put_mail(place, number)
    command = [
        sys.executable,
        "-c",
        "from triage.cli import app; app()",
        "run",
        "--once",
        "-c",
        str(place / "triage.toml"),
    ]

    def start():
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ))

    first = [start(), start()]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and _taken(place) < 5 and any(process.poll() is None for process in first):
        time.sleep(0.05)
    for process in first:
        process.kill()
        process.wait()
    assert [process.wait(timeout=120) for process in [start(), start()]] == [0, 0]
    service = open_service(place)
    assert counts(service)["in"] == 39
    assert service.waiting() == 0


def _taken(place):
    if not (place / "t.sqlite").exists():
        return 0
    try:
        with Store(f"sqlite:///{place}/t.sqlite").read() as unit:
            return unit.contacts.counts()["in"]
    except Exception:  # its tables are still being made
        return 0
