"""Which contacts are evidence on a flag: each once a code, whatever versions of the code stand on it."""

from dataclasses import replace

from triage.domain.flag import Flag, FlaggedCode, FlagKind, FlagState
from triage.domain.issue import Issue
from triage.store import Store
from triage.store.tables import flag_contact
from triage.testing import NOW, contact, put


def coded(*contacts):
    return FlaggedCode(code="P1", raised_at=NOW, policy="p", why="many", contacts=contacts, last_evidence_at=NOW)


def test_two_versions_of_one_code_that_share_a_contact_note_it_once():
    """A flag of which nothing stands any more keeps what was set aside beside what fell last."""
    store = Store("sqlite://", durable=False).migrate()
    with store.begin() as unit:
        unit.issues.add(Issue(id="i", household_ref="C1", opened=NOW))
        for name in ("a", "b"):
            put(unit, contact(name, NOW, "Any news?"), "i", "C1")
        common = {"kind": FlagKind.BEHAVIOUR, "customer_ref": "C1", "issue_id": "i", "opened": NOW, "updated": NOW}
        flag = Flag(id="f", state=FlagState.OPEN, urgency=3, codes=(coded("a"),), **common)
        unit.flags.add(flag)
        both = replace(flag, state=FlagState.UNDONE, codes=(coded("a", "b"), coded("b")), version=flag.version + 1)
        unit.flags.update(both, was=flag.version)
        rows = unit.connection.execute(flag_contact.select().order_by(flag_contact.c.contact_id)).all()
    assert [tuple(row) for row in rows] == [("f", "P1", "a"), ("f", "P1", "b")]
    store.close()
