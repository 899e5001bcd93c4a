"""Settings and the landlord's files are read once, relative to themselves, and every fault is a sentence that says what to do."""

import pytest
from typer.testing import CliRunner

from triage.bootstrap import open_sources
from triage.cli import app
from triage.config import read_settings
from triage.domain.errors import InputError, SettingsError
from triage.landlord_files import read_landlord_files


def write(folder, text):
    path = folder / "triage.toml"
    path.write_text(text, "utf-8")
    return path


def test_paths_are_relative_to_the_settings_file(tmp_path):
    settings = read_settings(
        write(
            tmp_path,
            'database = "sqlite:///t.sqlite"\nmodels = "m"\n[landlord]\nrecords = "r.csv"\n[[calls]]\nname = "c"\npath = "calls"\n',
        )
    )
    assert settings.database == f"sqlite:///{tmp_path / 't.sqlite'}"
    assert settings.models == tmp_path / "m"
    assert settings.landlord.records == tmp_path / "r.csv"
    assert settings.calls[0].path == tmp_path / "calls"


def test_the_environment_overrules_the_file_and_arguments_overrule_both(tmp_path, monkeypatch):
    path = write(tmp_path, "port = 1\n")
    monkeypatch.setenv("TRIAGE_PORT", "2")
    assert read_settings(path).port == 2
    assert read_settings(path, port=3).port == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("port = 700000", "port"),
        ("prot = 8000", "prot"),
        ("port = [", "TOML"),
        ('[[imap]]\nname = "x"', "imap"),
        ("poll_seconds = 0", "poll_seconds"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, text, says):
    with pytest.raises(SettingsError, match=says):
        read_settings(write(tmp_path, text))


def test_a_missing_settings_file_says_what_to_copy(tmp_path):
    done = CliRunner().invoke(app, ["run", "--once", "-c", str(tmp_path / "none.toml")])
    assert done.exit_code == 2
    assert "triage.example.toml" in done.output.replace("\n", "")
    assert "Traceback" not in done.output


def test_the_example_settings_can_be_read():
    from pathlib import Path

    settings = read_settings(Path(__file__).parents[2] / "docs" / "triage.example.toml")
    assert settings.imap[0].folders[1].role == "sent"


def test_an_account_without_a_password_is_refused(tmp_path):
    settings = read_settings(write(tmp_path, '[[imap]]\nname = "a@x.example"\nhost = "h"\nuser = "u"\n'))
    with pytest.raises(SettingsError, match="password"):
        list(open_sources(settings))


def test_a_password_is_nowhere_in_settings_or_accounts(tmp_path, monkeypatch):
    monkeypatch.setenv("CANARY", "s3cret-canary")
    settings = read_settings(
        write(tmp_path, '[[imap]]\nname = "a@x.example"\nhost = "h"\nuser = "u"\npassword_env = "CANARY"\n')
    )
    assert "s3cret-canary" not in repr(settings) + repr(list(open_sources(settings)))


def test_the_landlords_files_are_read_and_each_bad_row_is_named(tmp_path):
    (tmp_path / "customers.csv").write_text(
        "customer_ref,role,name,emails,phones,tenancy_ref,address,adjustments\nc1,customer,Ivy,a@x.example;b@x.example,,,,large print\n,customer,Nobody,,,,,\nc3,wizard,Merlin,,,,,\n"
    )
    (tmp_path / "records.csv").write_text(
        "id,at,record,customer_ref,ref,due,text\nr1,2026-05-01T10:00,promise,c1,RB-1,2026-05-08,\nr2,soon,promise,c1,,,\nr3,2026-05-01,nonsense,c1,,,\n"
    )
    (tmp_path / "standards.toml").write_text(
        '[[standards]]\napplies_to = ["x.example"]\ngeneral_reply_working_days = 3\n'
    )
    found = read_landlord_files(
        customers=tmp_path / "customers.csv",
        records=tmp_path / "records.csv",
        standards=tmp_path / "standards.toml",
        contacts=(),
    )
    assert found.customers[0].emails == ("a@x.example", "b@x.example")
    assert found.customers[0].adjustments == ("large print",)
    assert [record.id for record in found.items] == ["r1"]
    assert found.items[0].due is not None
    assert found.standards[0].general_reply_working_days == 3
    assert len(found.problems) == 4
    assert all("line" in problem for problem in found.problems)


def test_a_named_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_landlord_files(customers=tmp_path / "none.csv", records=None, standards=None, contacts=())
