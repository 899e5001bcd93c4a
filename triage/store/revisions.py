"""A mark on each issue that is another one whenever anything on it is: whoever has read it knows whether that still holds.

Marks are random, so that none comes again after a transaction that was rolled back. They are set by the database itself,
whatever writes to it.
"""

from typing import Any, Final

from sqlalchemy import Connection, event, text

from triage.store.tables import metadata

_OF_CONTACT: Final = "SELECT issue_id FROM contact WHERE id = "
_MARKED: Final = {
    "contact": ("of issue_id, at, who, body", "OLD.issue_id", "NEW.issue_id"),
    "record": ("", "OLD.issue_id", "NEW.issue_id"),
    "score": ("", f"({_OF_CONTACT}OLD.contact_id)", f"({_OF_CONTACT}NEW.contact_id)"),
}


def triggers() -> list[str]:
    """The statements that make the database set the marks."""
    found = []
    for table, (columns, old, new) in _MARKED.items():
        for moment, which, issues in (
            ("INSERT", "", new),
            ("UPDATE", columns, f"{old}, {new}"),
            ("DELETE", "", old),
        ):
            found.append(
                f"CREATE TRIGGER IF NOT EXISTS {table}_{moment.lower()}_marks AFTER {moment} {which} ON {table} "
                f"BEGIN UPDATE issue SET revision = random() WHERE id IN ({issues}); END"
            )
    return found


@event.listens_for(metadata, "after_create")
def _create(_target: Any, connection: Connection, **_more: Any) -> None:
    for statement in triggers():
        connection.execute(text(statement))
