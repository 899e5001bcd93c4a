"""Issues have a mark that changes with whatever is on them, set by triggers (`triage/store/revisions.py`)."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CONTACT = "SELECT issue_id FROM contact WHERE id = "
MARKED = {
    "contact": ("of issue_id, at, who, body", "OLD.issue_id", "NEW.issue_id"),
    "record": ("", "OLD.issue_id", "NEW.issue_id"),
    "score": ("", f"({CONTACT}OLD.contact_id)", f"({CONTACT}NEW.contact_id)"),
}


def upgrade() -> None:
    op.add_column("issue", sa.Column("revision", sa.Integer))
    for table, (columns, old, new) in MARKED.items():
        for moment, which, issues in (("INSERT", "", new), ("UPDATE", columns, f"{old}, {new}"), ("DELETE", "", old)):
            op.execute(
                f"CREATE TRIGGER {table}_{moment.lower()}_marks AFTER {moment} {which} ON {table} "
                f"BEGIN UPDATE issue SET revision = random() WHERE id IN ({issues}); END"
            )


def downgrade() -> None:
    for table in MARKED:
        for moment in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER {table}_{moment}_marks")
    op.drop_column("issue", "revision")
