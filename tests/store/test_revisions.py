"""An issue's mark changes with whatever is on it, in a database that was migrated and in one made from its tables."""

import pytest
from sqlalchemy import text

from triage.domain.issue import Issue
from triage.domain.record import Record, RecordKind
from triage.domain.score import Scores
from triage.store import Store
from triage.store.tables import metadata
from triage.testing import NOW, contact, put


def made():
    store = Store("sqlite://", durable=False)
    metadata.create_all(store.engine)
    return store


def migrated():
    return Store("sqlite://", durable=False).migrate()


@pytest.fixture(params=[made, migrated])
def store(request):
    store = request.param()
    with store.begin() as unit:
        for id in ("i1", "i2"):
            unit.issues.add(Issue(id=id, household_ref="C1", opened=NOW))
        put(unit, contact("m1", NOW, "words"), "i1", "C1")
        unit.landlord.put_record(Record(id="r1", at=NOW, kind=RecordKind.PROMISE), "i1")
    yield store
    store.close()


def move(unit):
    placed = unit.contacts.get("m1")
    unit.contacts.place("m1", placed.who, "i2", None)


CHANGES = {
    "scores": lambda unit: unit.contacts.put_scores("m1", Scores(model="m"), NOW),
    "words": lambda unit: unit.contacts.describe(contact("m1", NOW, "other words")),
    "moved": move,
    "taken out": lambda unit: unit.contacts.unplace("m1"),
    "record": lambda unit: unit.landlord.put_record(Record(id="r2", at=NOW, kind=RecordKind.WARNING), "i1"),
    "record moved": lambda unit: unit.landlord.put_record(Record(id="r1", at=NOW, kind=RecordKind.PROMISE), "i2"),
    "joined": lambda unit: put(unit, contact("m2", NOW, "more"), "i1", "C1"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_on_an_issue_gives_it_another_mark(store, change):
    with store.begin() as unit:
        before = unit.issues.revision("i1")
        change(unit)
        assert before is not None
        assert unit.issues.revision("i1") != before


def test_a_move_marks_the_issue_that_is_joined_as_well_and_no_third(store):
    with store.begin() as unit:
        assert unit.issues.revision("i2") is None
        move(unit)
        assert unit.issues.revision("i2") is not None
        assert unit.issues.revision("i3") is None


def test_when_an_issue_is_to_be_looked_at_again_changes_no_mark(store):
    with store.begin() as unit:
        before = unit.issues.revision("i1")
        unit.issues.wake("i1", NOW)
        assert unit.issues.revision("i1") == before


def test_both_ways_of_making_a_database_give_it_the_same_triggers():
    found = []
    for make in (made, migrated):
        with make().read() as unit:
            rows = unit.connection.execute(text("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"))
            found.append({tuple(row) for row in rows})
    assert len(found[0]) == 11
    assert found[0] == found[1]
