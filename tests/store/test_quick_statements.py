"""What every arrival asks is found by an index, gives what SQLAlchemy would give, and is refused without its values."""

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from triage.domain.issue import Issue
from triage.store import (
    Store,
    access,
    audit,
    contacts,
    flags,
    issues,
    landlord,
    listing,
    outcomes,
    rulings,
    sight,
    working,
)
from triage.store.quick import Quick, listed
from triage.store.tables import issue
from triage.testing import NOW

FEW = {
    "SCAN standards",
    "SCAN feed USING INDEX sqlite_autoindex_feed_1",
    "SCAN audit",
    "SCAN folder",
    "SCAN session",
    "SCAN saved_view",
    "SCAN ledger USING COVERING INDEX ix_ledger_work",
}
"""Tables of a handful of rows, those of the day's sign-ins among them; the audit, of which the last entry is read from its end; and
the ledger of a contact whose id changes, which is planned for beside the triggers on `contact` and happens to none."""


@pytest.fixture(scope="module")
def store():
    store = Store("sqlite://", durable=False).migrate()
    yield store
    store.close()


def statements():
    for module in (access, audit, contacts, flags, issues, landlord, listing, outcomes, rulings, sight, working):
        for name, found in vars(module).items():
            many = found if isinstance(found, list) else [found]
            for number, one in enumerate(one for one in many if isinstance(one, Quick)):
                yield pytest.param(one, id=f"{module.__name__}.{name}.{number}")


@pytest.mark.parametrize("statement", list(statements()))
def test_no_statement_of_an_arrival_walks_through_a_table(store, statement):
    with store.read() as unit:
        plan = statement.plan(unit.connection)
    walks = {step for step in plan if step.startswith("SCAN") and "VIRTUAL TABLE" not in step}
    assert walks <= FEW


def test_moments_and_lists_are_asked_and_given_as_by_sqlalchemy(store):
    later = NOW.replace(year=NOW.year + 1)
    with store.begin() as unit:
        for name, opened in (("a", NOW), ("b", later)):
            unit.issues.add(Issue(id=name, household_ref="C1", opened=opened))
        plain = select(issue.c.id, issue.c.opened).where(issue.c.id.in_(["a", "b"]), issue.c.opened <= NOW)
        quick = Quick(
            select(issue.c.id, issue.c.opened).where(
                issue.c.id.in_(listed("ids")), issue.c.opened <= bindparam("moment")
            )
        )
        found = quick.rows(unit.connection, {"ids": {"a", "b"}, "moment": NOW})
        assert found == [tuple(row) for row in unit.connection.execute(plain)] == [("a", NOW)]


def test_a_parameter_that_is_missing_is_an_error(store):
    with store.read() as unit, pytest.raises(KeyError):
        Quick(select(issue.c.id).where(issue.c.id == bindparam("issue"))).rows(unit.connection, {})


def test_a_refused_row_is_told_as_ever_and_without_what_it_held(store):
    def add():
        with store.begin() as unit:
            unit.issues.add(Issue(id="same", household_ref="C-secret", opened=NOW))

    add()
    with pytest.raises(IntegrityError) as told:
        add()
    assert "C-secret" not in str(told.value)
