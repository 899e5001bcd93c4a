"""The landlord's exports are read again when one of them changed, and only then; what is wrong with them is told each time."""

import os

import pytest

from triage.bootstrap import build
from triage.config import read_settings
from triage.jobs.rounds import one_round

SETTINGS = 'database = "sqlite:///t.sqlite"\n[landlord]\nrecords = "records.csv"\n'
HEAD = "id,at,record,customer_ref,ref,due,text\n"
ROW = "{},2026-03-02T09:00:00+00:00,case_opened,c-ivy,,,Boiler\n"
WRONG = "r-bad,not a time,case_opened,c-ivy,,,Boiler\n"


@pytest.fixture
def place(tmp_path):
    (tmp_path / "triage.toml").write_text(SETTINGS)
    (tmp_path / "records.csv").write_text(HEAD + ROW.format("r1"))
    return tmp_path


def known(service):
    with service.store.read() as unit:
        return unit.landlord.known_records()


def write_unseen(path, text):
    """Other words under the very time and size that the file had: only a reading of its content would notice."""
    before = path.stat()
    assert len(text.encode()) == before.st_size
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_an_export_of_the_same_time_and_size_is_not_read_again(place):
    service = build(read_settings(place / "triage.toml"))
    one_round(service)
    write_unseen(place / "records.csv", HEAD + ROW.format("r2"))
    one_round(service)
    assert known(service) == {"r1"}
    (place / "records.csv").write_text(HEAD + ROW.format("r2") + ROW.format("r3"))
    one_round(service)
    assert known(service) == {"r1", "r2", "r3"}


def test_a_row_that_cannot_be_used_is_told_in_every_round(place):
    (place / "records.csv").write_text(HEAD + ROW.format("r1") + WRONG)
    service = build(read_settings(place / "triage.toml"))
    told = []
    for _ in range(2):
        one_round(service)
        told.append([problem for problem in service.problems if "records.csv" in problem])
    assert told[0] == told[1] != []


def test_an_export_that_went_away_is_told_and_read_when_it_is_back(place):
    service = build(read_settings(place / "triage.toml"))
    one_round(service)
    (place / "records.csv").unlink()
    for _ in range(2):
        one_round(service)
        assert any("records.csv" in problem for problem in service.problems)
    (place / "records.csv").write_text(HEAD + ROW.format("r1") + ROW.format("r4"))
    one_round(service)
    assert known(service) == {"r1", "r4"}
    assert not any("records.csv" in problem for problem in service.problems)


def test_rows_that_could_not_be_kept_are_read_again_though_the_file_did_not_change(place):
    service = build(read_settings(place / "triage.toml"))
    service.exports_read = None
    service._landlord_files_or_why_not()  # read, and then the round ended before its rows were kept
    one_round(service)
    assert known(service) == {"r1"}
