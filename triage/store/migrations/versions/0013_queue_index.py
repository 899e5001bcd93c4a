"""The index of the queue holds all that it is counted and ordered by, so that no flag is read that is not shown."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_flag_queue", "flag")
    op.create_index("ix_flag_queue", "flag", ["state", "urgency", "opened", "kind", "id"])


def downgrade() -> None:
    op.drop_index("ix_flag_queue", "flag")
    op.create_index("ix_flag_queue", "flag", ["state", "urgency", "opened"])
