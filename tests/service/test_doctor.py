"""triage doctor: what is wrong is said in words with what to do, nothing is changed, and no secret is printed."""

import os
import stat
import time
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from tests.components import require
from triage.bootstrap import build
from triage.cli import app
from triage.config import read_settings
from triage.doctor import State, examine, is_wrong
from triage.jobs.rounds import one_round
from triage.store import Store
from triage_mailbox.testing import DovecotServer, build_mail

PASSWORD = "a-test-password"
USER = "help@tarnside.example"
RECORDS = "id,at,record,customer_ref,ref,due,text\n"
PLAIN = 'database = "sqlite:///t.sqlite"\n[landlord]\nrecords = "records.csv"\n'


@pytest.fixture
def place(tmp_path):
    (tmp_path / "records.csv").write_text(RECORDS)
    (tmp_path / "triage.toml").write_text(PLAIN)
    return tmp_path


def checks(place, now=None):
    return list(examine(read_settings(place / "triage.toml"), now or datetime.now(UTC)))


def of(found, what):
    return [check for check in found if check.what == what]


def asked(place):
    return CliRunner().invoke(app, ["doctor", "-c", str(place / "triage.toml")])


def test_a_new_installation_is_told_what_is_still_to_come_and_nothing_is_made(place):
    found = checks(place)
    assert not is_wrong(found)
    assert [check.state for check in of(found, "database")] == [State.WARN]
    assert "first start" in of(found, "database")[0].todo
    assert "no mailbox" in of(found, "sources")[0].found
    assert [check.state for check in (*of(found, "model"), *of(found, "gist reader"))] == [State.OK, State.OK]
    assert sorted(path.name for path in place.iterdir()) == ["records.csv", "triage.toml"]


def test_a_refused_gist_reader_is_wrong(place, refused_gists):
    [found] = of(checks(place), "gist reader")
    assert found.state is State.WRONG
    assert "words alone" in found.found


def test_a_database_of_this_version_is_whole_and_one_that_is_none_is_wrong(place):
    Store(f"sqlite:///{place / 't.sqlite'}").migrate().close()
    [good] = of(checks(place), "database")
    assert good.state is State.OK
    assert "whole" in good.found
    (place / "t.sqlite").write_bytes(b"This is no database, whatever its name says." * 200)
    [bad] = of(checks(place), "database")
    assert bad.state is State.WRONG
    assert asked(place).exit_code == 1


def test_tables_of_a_newer_version_are_wrong_and_of_an_older_one_a_warning(place):
    store = Store(f"sqlite:///{place / 't.sqlite'}").migrate()
    for revision, state in (("9999", State.WRONG), ("0001", State.WARN)):
        with store.begin() as unit:
            unit.connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
        assert [check.state for check in of(checks(place), "database")] == [state]
    store.close()


def test_a_clock_behind_the_database_is_wrong(place):
    store = Store(f"sqlite:///{place / 't.sqlite'}").migrate()
    now = datetime.now(UTC)
    with store.begin() as unit:
        unit.audit.append(at=now + timedelta(days=2), actor="a", action="b", subject="c")
    store.close()
    [clock] = of(checks(place, now), "clock")
    assert clock.state is State.WRONG
    assert "NTP" in clock.todo


def test_records_over_a_day_old_are_wrong_because_nothing_can_be_judged(place):
    long_ago = time.time() - 30 * 3600
    os.utime(place / "records.csv", (long_ago, long_ago))
    [records] = of(checks(place), "records")
    assert records.state is State.WRONG
    assert "30 hours old: demands and persistence cannot be judged" in records.found
    (place / "records.csv").unlink()
    assert of(checks(place), "records")[0].state is State.WRONG


def test_a_secret_that_others_may_read_is_told_by_its_path_alone(place):
    (place / "secret").write_text(PASSWORD)
    (place / "secret").chmod(0o644)
    (place / "triage.toml").write_text(f'metrics_token_file = "secret"\n{PLAIN}')
    [secret] = of(checks(place), "secrets")
    assert secret.state is State.WARN
    assert "chmod 600" in secret.todo
    (place / "secret").chmod(0o600)
    assert of(checks(place), "secrets") == []
    assert PASSWORD not in asked(place).output


def test_a_password_that_is_to_come_from_the_environment_and_does_not_is_told(place, monkeypatch):
    account = f'[[imap]]\nname = "{USER}"\nhost = "localhost"\nport = 9\nuser = "u"\npassword_env = "A_PASSWORD"\n'
    (place / "triage.toml").write_text(PLAIN + account)
    assert "A_PASSWORD, which is not set" in of(checks(place), "secrets")[0].found
    monkeypatch.setenv("A_PASSWORD", PASSWORD)
    assert of(checks(place), "secrets") == []
    assert PASSWORD not in asked(place).output


def test_pages_in_the_clear_for_everybody_are_wrong(place):
    (place / "triage.toml").write_text(f'host = "0.0.0.0"\nsecure_cookies = false\nmetrics = true\n{PLAIN}')
    found = checks(place)
    assert of(found, "pages")[0].state is State.WRONG
    assert of(found, "metrics")[0].state is State.WARN


def test_settings_that_cannot_be_read_end_with_status_one_and_a_sentence(place):
    (place / "triage.toml").write_text("colour = 3\n")
    done = asked(place)
    assert done.exit_code == 1
    assert "Traceback" not in done.output


def test_a_place_of_transcripts_that_is_not_there_and_one_that_is(place):
    (place / "triage.toml").write_text(f'{PLAIN}[[calls]]\nname = "line"\npath = "calls"\n')
    assert of(checks(place), "transcripts line")[0].state is State.WRONG
    (place / "calls").mkdir()
    (place / "calls" / "a.vtt").write_text("WEBVTT\n")
    [good] = of(checks(place), "transcripts line")
    assert (good.state, good.found) == (State.OK, "1 files.")


def test_a_maildir_that_is_none_is_wrong(place):
    folders = 'folders = [{ name = "Inbox", role = "inbox" }]'
    (place / "triage.toml").write_text(f'{PLAIN}[[maildir]]\nname = "repairs"\n{folders}\n')
    assert of(checks(place), "mailbox repairs")[0].state is State.WRONG
    for part in ("cur", "new", "tmp"):
        (place / "Inbox" / part).mkdir(parents=True)
    assert of(checks(place), "mailbox repairs")[0].state is State.OK


@pytest.fixture(scope="module")
def server():
    require("dovecot")
    with DovecotServer() as server:
        server.append(build_mail("Words that are nobody's business."))
        yield server


def mailbox(place, server, *, password=PASSWORD, port=None, ca=True, folders=("INBOX",)):
    (place / "secret").write_text(f"{password}\n")
    (place / "secret").chmod(stat.S_IRUSR | stat.S_IWUSR)
    named = ", ".join(f'{{ name = "{name}", role = "inbox" }}' for name in folders)
    authority = f'ca_file = "{server.ca_file}"\n' if ca else ""
    (place / "triage.toml").write_text(
        f'{PLAIN}[[imap]]\nname = "{USER}"\nhost = "localhost"\nport = {port or server.port}\nuser = "{USER}"\n'
        f'password_file = "secret"\n{authority}folders = [{named}]\n'
    )
    return of(checks(place), f"mailbox {USER}")


@pytest.mark.dovecot
def test_a_mailbox_that_works_says_how_it_is_protected_and_what_it_holds(place, server):
    reached, folder = mailbox(place, server)
    assert reached.state is State.OK
    assert "TLSv1.3, signed in; told of new mail at once (IDLE); CONDSTORE offered" in reached.found
    assert (folder.state, folder.found) == (State.WARN, "Folder INBOX: 1 on the server, never polled yet.")
    one_round(build(read_settings(place / "triage.toml")))
    assert mailbox(place, server)[1].found == "Folder INBOX: 1 on the server, all of them known."
    assert server.flags() == {1: frozenset()}


@pytest.mark.dovecot
@pytest.mark.parametrize(
    ("change", "todo"),
    [
        ({"password": "another"}, "Check user and password"),
        ({"ca": False}, "No password was sent"),
        ({"port": 9}, "firewall"),
    ],
)
def test_a_mailbox_that_does_not_work_says_which_part_of_it(place, server, change, todo):
    [wrong] = mailbox(place, server, **change)
    assert wrong.state is State.WRONG
    assert todo in wrong.todo
    done = asked(place)
    assert done.exit_code == 1
    assert not {PASSWORD, "another"} & set(done.output.split())


@pytest.mark.dovecot
def test_a_folder_that_is_not_there_is_told_with_those_that_are(place, server):
    _, good, missing = mailbox(place, server, folders=("INBOX", "Gesendet"))
    assert good.state is State.WARN
    assert missing.state is State.WRONG
    assert "INBOX" in missing.todo


@pytest.mark.dovecot
def test_the_command_prints_one_line_a_check_and_ends_well_where_nothing_is_wrong(place, server):
    mailbox(place, server)
    done = asked(place)
    assert done.exit_code == 0
    assert all(line.split()[0] in ("ok", "warn", "wrong") for line in done.output.splitlines())
    assert "nobody's business" not in done.output
