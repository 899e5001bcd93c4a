"""The database itself refuses an appeal that is answered by somebody who gave an opinion on the flag (requirement C16)."""

from typing import Any

from sqlalchemy import Connection, event, text

from triage.store.tables import metadata


def triggers() -> list[str]:
    """The statements that make the database refuse it, whatever writes to it."""
    took_part = "SELECT 1 FROM review WHERE review.flag_id = NEW.flag_id AND review.reviewer = NEW.answered_by"
    return [
        f"CREATE TRIGGER IF NOT EXISTS representation_{moment.lower()}_by_another BEFORE {moment} ON representation "
        f"WHEN NEW.answered_by IS NOT NULL AND EXISTS ({took_part}) "
        "BEGIN SELECT RAISE(ABORT, 'an appeal is answered by somebody who took no part in the decision'); END"
        for moment in ("INSERT", "UPDATE")
    ]


@event.listens_for(metadata, "after_create")
def _create(_target: Any, connection: Connection, **_more: Any) -> None:
    for statement in triggers():
        connection.execute(text(statement))
