"""Imports and tokens on the command line, and corrections: what is given again replaces, and what was first said stays."""

import json
import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from triage.bootstrap import build
from triage.cli import app
from triage.config import read_settings
from triage.jobs.rounds import one_round
from triage.store import Store

SETTINGS = """
database = "sqlite:///t.sqlite"
[landlord]
records = "records.csv"
customers = "customers.csv"
contacts = ["others.jsonl"]
[[calls]]
name = "calls"
path = "calls"
settle_seconds = 0
"""
RECORDS = "id,at,record,customer_ref,ref,due,text\n"
CUSTOMERS = "customer_ref,role,name,emails,phones,tenancy_ref,address,adjustments\nc-ivy,customer,Ivy Grimshaw,ivy@post.example,07700 900111,T/140/0066,2 Spinners Fold,\n"
AGO = (datetime.now(UTC) - timedelta(days=2)).replace(microsecond=0)
FORM = {"kind": "contact", "id": "w-1", "at": AGO.isoformat(), "direction": "in", "channel": "webform", "route": "form"}
CALL = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Customer>The boiler is broken, please call me back.\n"


@pytest.fixture
def place(tmp_path):
    (tmp_path / "calls").mkdir()
    (tmp_path / "records.csv").write_text(RECORDS)
    (tmp_path / "customers.csv").write_text(CUSTOMERS)
    (tmp_path / "others.jsonl").write_text("")
    (tmp_path / "triage.toml").write_text(SETTINGS)
    return tmp_path


@pytest.fixture
def service(place):
    service = build(read_settings(place / "triage.toml"))
    yield service
    service.store.close()


def triage(place, *words):
    done = CliRunner().invoke(app, [*words, "-c", str(place / "triage.toml")])
    assert "Traceback" not in done.output
    return done


def contacts(service):
    with service.store.read() as unit:
        return {found.contact.id: found for found in unit.contacts.all()}


def audited(service, action):
    with service.store.read() as unit:
        unit.audit.verify()
        return [entry for entry in unit.audit.entries() if entry.action == action]


def write_form(place, **changes):
    row = {**FORM, "from_addr": "ivy@post.example", "text": "The boiler is broken.", **changes}
    (place / "others.jsonl").write_text(json.dumps(row) + "\n")


# rows that are given again


def test_a_changed_contact_row_is_taken_up_in_place_and_the_first_version_stays_on_record(place, service):
    write_form(place)
    one_round(service)
    first = contacts(service)["w-1"]
    write_form(place, text="You are all going to regret this, I know where you park.")
    one_round(service)
    now = contacts(service)["w-1"]
    assert len(contacts(service)) == 1
    assert now.contact.text.startswith("You are all going to regret")
    assert now.issue_id == first.issue_id
    assert now.scores is not None and first.scores is not None and now.scores != first.scores
    (entry,) = audited(service, "contact.corrected")
    assert (entry.actor, entry.subject) == ("intake", "w-1")
    assert "boiler" not in json.dumps(dict(entry.detail))
    with service.store.read() as unit:
        assert [v.row["text"][:10] for v in unit.arrivals.versions("contact", "w-1")] == ["The boiler", "You are al"]


def test_a_row_that_stays_the_same_is_no_correction(place, service):
    write_form(place)
    for _ in range(3):
        one_round(service)
    assert audited(service, "contact.corrected") == []
    with service.store.read() as unit:
        assert len(unit.arrivals.versions("contact", "w-1")) == 1
        assert unit.arrivals.count_waiting() == 0


def test_a_contact_whose_sender_is_corrected_moves_to_that_persons_issue(place, service):
    write_form(place, from_addr="nobody@post.example")
    one_round(service)
    before = contacts(service)["w-1"]
    assert before.who.customer_ref == "addr:nobody@post.example"
    write_form(place)
    one_round(service)
    now = contacts(service)["w-1"]
    assert now.who.customer_ref == "c-ivy"
    assert now.issue_id != before.issue_id


def test_a_changed_record_replaces_the_one_known_and_is_on_record(place, service):
    at = AGO.isoformat()
    (place / "records.csv").write_text(f"{RECORDS}r1,{at},case_opened,c-ivy,RB-1,,boiler\n")
    one_round(service)
    (place / "records.csv").write_text(f"{RECORDS}r1,{at},final_response,c-ivy,RB-1,,boiler\n")
    one_round(service)
    one_round(service)
    with service.store.read() as unit:
        assert [record.kind for record in unit.landlord.records()] == ["final_response"]
        assert [v.row["record"] for v in unit.arrivals.versions("record", "r1")] == ["case_opened", "final_response"]
    assert [entry.subject for entry in audited(service, "record.corrected")] == ["r1"]


def test_a_record_given_to_another_customer_leaves_the_first_ones_issue(place, service):
    at = AGO.isoformat()
    (place / "customers.csv").write_text(f"{CUSTOMERS}c-sam,customer,Sam Hale,sam@post.example,,,,\n")
    (place / "records.csv").write_text(f"{RECORDS}r1,{at},case_opened,c-ivy,RB-1,,boiler\n")
    one_round(service)
    (place / "records.csv").write_text(f"{RECORDS}r1,{at},case_opened,c-sam,RB-1,,boiler\n")
    one_round(service)
    with service.store.read() as unit:
        assert [issue.household_ref for issue in unit.issues.all()] == ["c-sam"]


def test_a_changed_customer_is_known_at_once(place, service):
    one_round(service)
    (place / "customers.csv").write_text(CUSTOMERS.replace("ivy@post.example", "ivy@new.example"))
    write_form(place, from_addr="ivy@new.example")
    one_round(service)
    assert contacts(service)["w-1"].who.customer_ref == "c-ivy"


def test_rows_of_before_this_version_are_not_taken_for_corrections(place, service):
    write_form(place)
    one_round(service)
    with service.store.begin() as unit:
        unit.connection.exec_driver_sql("DELETE FROM arrival")
    one_round(service)
    assert audited(service, "contact.corrected") == []
    assert len(contacts(service)) == 1


# a transcript that is replaced


def put_call(place, text, age):
    path = place / "calls" / "one.vtt"
    path.write_text(text)
    os.utime(path, (time.time() - age, time.time() - age))
    facts = {"call_id": "1", "started": AGO.isoformat(), "from": "07700 900111", "route": "line", "direction": "in"}
    (place / "calls" / "one.call.json").write_text(json.dumps(facts))


def test_a_replaced_transcript_is_the_same_call_in_a_new_version_and_the_first_bytes_are_kept(place, service):
    put_call(place, CALL, 500)
    one_round(service)
    ((contact_id, first),) = contacts(service).items()
    put_call(place, CALL.replace("broken", "broken and leaking"), 400)
    one_round(service)
    ((same_id, now),) = contacts(service).items()
    assert same_id == contact_id
    assert now.issue_id == first.issue_id
    assert "leaking" in now.contact.own_text
    assert len(audited(service, "contact.corrected")) == 1
    with service.store.read() as unit:
        kept = unit.connection.exec_driver_sql(
            "SELECT raw.content FROM ledger JOIN raw ON raw.sha256 = ledger.sha256 WHERE contact_id = ? ORDER BY stored_at",
            (contact_id,),
        ).scalars()
        assert [b"leaking" in content for content in kept] == [False, True]


def test_a_file_that_was_only_touched_is_no_correction(place, service):
    put_call(place, CALL, 500)
    one_round(service)
    put_call(place, CALL, 400)
    one_round(service)
    assert len(contacts(service)) == 1
    assert audited(service, "contact.corrected") == []


def test_a_call_that_could_not_be_read_is_mended_by_its_replacement(place, service):
    put_call(place, "WEBVTT\n\n", 500)
    one_round(service)
    with service.store.read() as unit:
        (broken,) = unit.contacts.not_scored()
    put_call(place, CALL, 400)
    one_round(service)
    ((contact_id, now),) = contacts(service).items()
    assert contact_id == broken.id
    with service.store.read() as unit:
        assert unit.quarantine.waiting() == []
    assert now.contact.not_scored is None and now.scores is not None


# how fresh the landlord's exports are


def age_of(path, hours):
    os.utime(path, (time.time() - hours * 3600,) * 2)


@pytest.mark.parametrize(
    ("records", "customers", "judged"), [(1, 1, True), (25, 1, False), (1, 25, False), (25, 25, False)]
)
def test_an_export_older_than_a_day_means_cannot_judge(place, service, records, customers, judged):
    write_form(place, at=(datetime.now(UTC) - timedelta(minutes=2)).isoformat())
    age_of(place / "records.csv", records)
    age_of(place / "customers.csv", customers)
    one_round(service)
    with service.store.read() as unit:
        (issue,) = unit.issues.all()
        assessment = unit.issues.last_assessment(issue.id)
    assert (not assessment.cannot_judge) is judged


def test_what_could_not_be_judged_is_looked_at_again_when_the_export_comes(place, service):
    write_form(place, at=(datetime.now(UTC) - timedelta(minutes=2)).isoformat())
    age_of(place / "records.csv", 30)
    one_round(service)
    with service.store.read() as unit:
        assert len(unit.issues.not_judged()) == 1
    age_of(place / "records.csv", 0)
    one_round(service)
    with service.store.read() as unit:
        assert unit.issues.not_judged() == []


# imports


def test_an_import_takes_good_rows_and_keeps_each_bad_one_with_its_sentence(place, service):
    csv = place / "texts.csv"
    csv.write_text(
        "id,at,from_addr,text\n"
        f"s-1,{AGO.isoformat()},07700 900111,The boiler is broken\n"
        "s-2,yesterday,07700 900111,Still broken\n"
        f"s-3,{AGO.isoformat()},07700 900111\n"
        f"s-4,{AGO.isoformat()},07700 900111,\n",
    )
    done = triage(place, "import", str(csv), "--kind", "contacts", "--source", "texts", "--channel", "sms")
    assert done.exit_code == 1
    assert "1 new" in done.output
    rejected = [json.loads(line) for line in (place / "texts.csv.rejected.jsonl").read_text().splitlines()]
    assert [row["line"] for row in rejected] == [3, 4, 5]
    assert (
        "at" in rejected[0]["reason"] and "fewer cells" in rejected[1]["reason"] and "no words" in rejected[2]["reason"]
    )
    assert oct((place / "texts.csv.rejected.jsonl").stat().st_mode)[-3:] == "600"
    one_round(service)
    (found,) = contacts(service).values()
    assert (found.contact.channel, found.who.customer_ref) == ("sms", "c-ivy")
    with service.store.read() as unit:
        assert [(row.file, row.line) for row in unit.arrivals.refused()] == [("texts.csv", n) for n in (5, 4, 3)]


def test_a_corrected_reject_file_is_imported_as_it_is(place, service):
    (place / "a.csv").write_text(f"id,at,text\ns-1,soon,The boiler is broken\ns-2,{AGO.isoformat()},Hello there\n")
    options = ("--kind", "contacts", "--source", "texts", "--channel", "sms")
    triage(place, "import", str(place / "a.csv"), *options)
    rejects = place / "a.csv.rejected.jsonl"
    rejects.write_text(rejects.read_text().replace("soon", AGO.isoformat()))
    done = triage(place, "import", str(rejects), *options)
    assert (done.exit_code, "1 new" in done.output) == (0, True)
    one_round(service)
    assert len(contacts(service)) == 2


def test_an_import_is_safe_to_repeat(place, service):
    (place / "a.jsonl").write_text(json.dumps({"id": "1", "at": AGO.isoformat(), "channel": "sms", "text": "Hi there"}))
    for counted in ("1 new", "1 as before"):
        done = triage(place, "import", str(place / "a.jsonl"), "--kind", "contacts", "--source", "x")
        assert counted in done.output
    one_round(service)
    assert len(contacts(service)) == 1


def test_the_landlords_exports_come_by_import_too(place, service):
    (place / "v.csv").write_text("id;at;customer_ref;staff;cancelled\nv1;2026-12-01T09:00;c-ivy;engineer;no\n")
    (place / "c.csv").write_text("customer_ref,emails,adjustments\nc-new,a@x.example; b@x.example,large print\n")
    assert triage(place, "import", str(place / "v.csv"), "--kind", "visits", "--source", "jobs").exit_code == 0
    assert triage(place, "import", str(place / "c.csv"), "--kind", "customers", "--source", "crm").exit_code == 0
    one_round(service)
    with service.store.read() as unit:
        (visit,) = unit.landlord.visits(datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 2, tzinfo=UTC), ["c-ivy"])
        assert visit.staff == "engineer"
        (customer,) = unit.landlord.customers_by_ref(["c-new"]).values()
        assert customer.emails == ("a@x.example", "b@x.example")
        assert unit.landlord.feed("visits") is not None


def test_an_incident_file_raises_what_the_form_would(place, service):
    row = {
        "id": "i-1",
        "at": AGO.isoformat(),
        "place": "visit",
        "by": "animal",
        "attribution": "own",
        "target": "engineer",
        "happened": "His dog lunged at the engineer and bit his hand. He would not hold it back when he was asked.",
        "customer_ref": "c-ivy",
    }
    (place / "i.jsonl").write_text(json.dumps(row))
    assert triage(place, "import", str(place / "i.jsonl"), "--kind", "incidents", "--source", "forms").exit_code == 0
    one_round(service)
    (found,) = contacts(service).values()
    assert found.contact.channel == "visit_note"
    assert found.who.customer_ref == "c-ivy"


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        (b"", ("--kind", "contacts"), "is empty"),
        (b"id\n1\n", ("--kind", "pigeons"), "none of contacts"),
        (b"id\n1\n", ("--kind", "contacts", "--channel", "fax"), "none of webform"),
        (b"id\n1\n", ("--kind", "records", "--as-of", "soon"), "ISO 8601"),
        (None, ("--kind", "contacts"), "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_imported_says_why(place, content, options, says):
    if content is not None:
        (place / "x.csv").write_bytes(content)
    done = triage(place, "import", str(place / "x.csv"), *options, "--source", "x")
    assert done.exit_code == 2
    assert says in " ".join(done.output.split())


@pytest.mark.parametrize(
    "content",
    [
        b"\x00" * 50,
        b'"' * 999,
        b"{" * 50_000,
        b"a,b\n" + b'"' + b"x" * 2_000_000,
        b'{"id": 1}\n\xff\xfe',
        b"{}\n[]\nnull\n5",
    ],
)
def test_no_file_is_a_fault_of_ours(place, content):
    (place / "x.csv").write_bytes(content)
    done = triage(place, "import", str(place / "x.csv"), "--kind", "contacts", "--source", "x")
    assert done.exit_code in (0, 1, 2)
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_a_file_of_which_nothing_can_be_used_makes_no_feed_fresh(place):
    (place / "r.csv").write_text("id,at,record\nr1,never,nothing\n")
    triage(place, "import", str(place / "r.csv"), "--kind", "records", "--source", "x")
    with Store(f"sqlite:///{place}/t.sqlite").read() as unit:
        assert unit.landlord.feed("records") is None


# tokens


def test_tokens_are_made_listed_and_revoked_by_a_named_person(place):
    made = triage(place, "token", "new", "web forms", "--kinds", "webform,sms", "--by", "Ana")
    assert "trg_" in made.output
    listed = triage(place, "token", "list")
    assert "web forms: sms, webform (made by Ana, never used)" in listed.output.replace("\n", " ")
    assert "trg_" not in listed.output
    token_id = listed.output.split()[0]
    assert "good no longer" in triage(place, "token", "revoke", token_id, "--by", "Ana").output
    assert "revoked" in triage(place, "token", "list").output
    assert triage(place, "token", "revoke", token_id, "--by", "Ana").exit_code == 2
    wrong = triage(place, "token", "new", "x", "--kinds", "everything", "--by", "Ana")
    assert wrong.exit_code == 2 and "everything" in wrong.output


def test_a_flag_on_words_that_were_corrected_can_still_be_opened(place, service):
    from triage.domain.flag import FlagKind
    from triage.reports.flag import flag_page

    write_form(place, text="If he comes back I will smash his face in, I know where he parks. You useless idiot.")
    one_round(service)
    with service.store.read() as unit:
        flags = unit.flags.listed()
    assert flags
    write_form(place, text="Sorry.")
    one_round(service)
    with service.store.read() as unit:
        for flag in flags:
            now = unit.flags.get(flag.id)
            page = flag_page(unit, now, service.policy, kinds=tuple(FlagKind), now=service.clock(), safeguarding=True)
            assert "smash" not in repr(page.words)
