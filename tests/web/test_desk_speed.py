"""Pages that people open all day read by index alone, so that they cost the same over a large store as over a small one."""

import re

import pytest
from sqlalchemy import event

LARGE = {
    "contact",
    "ledger",
    "raw",
    "audit",
    "flag",
    "flag_contact",
    "score",
    "assessment",
    "record",
    "issue",
    "raised",
}
NEWEST = "ORDER BY audit.seq DESC"
"""The last row by its key: called a scan, and over after one row."""
_SCAN = re.compile(r"SCAN (\w+)")


@pytest.fixture
def plans(desk):
    """The plan of every SELECT that the store runs, by statement, once `watch` was called."""
    found = {}

    def watch(path, visitor):
        asked = []

        @event.listens_for(desk.store.engine, "checkout")
        def _note(connection, record, proxy):
            connection.set_trace_callback(asked.append)

        assert visitor.get(path).status_code == 200
        event.remove(desk.store.engine, "checkout", _note)
        with desk.store.engine.connect() as connection:
            driver = connection.connection.driver_connection
            driver.set_trace_callback(None)
            for statement in {one for one in asked if one.lstrip().upper().startswith(("SELECT", "WITH"))}:
                rows = driver.execute(f"EXPLAIN QUERY PLAN {statement}")
                found[statement] = [row[3] for row in rows]
        return found

    return watch


@pytest.mark.parametrize("path", ["/", "/?kind=behaviour&code=A2", "/flags/{flag}"])
def test_no_large_table_is_read_from_end_to_end(desk, reviewer, plans, path):
    found = plans(path.replace("{flag}", desk.landlord.behaviour), reviewer)
    assert len(found) > 5
    scans = [
        f"{step}: {statement}"
        for statement, steps in found.items()
        for step in steps
        if (table := _SCAN.match(step)) and table.group(1) in LARGE and NEWEST not in statement
    ]
    assert scans == []
