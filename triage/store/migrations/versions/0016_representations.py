"""What customers say of flags and decisions; the database itself refuses an appeal answered by somebody who decided (C16)."""

import sqlalchemy as sa
from alembic import op

from triage.store.tables import Moment

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TOOK_PART = "SELECT 1 FROM review WHERE review.flag_id = NEW.flag_id AND review.reviewer = NEW.answered_by"


def upgrade() -> None:
    op.create_table(
        "representation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("flag_id", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_representation_flag_id_flag")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representation")),
    )
    op.create_index(op.f("ix_representation_flag_id"), "representation", ["flag_id"])
    op.create_index(op.f("ix_representation_waits"), "representation", ["waits", "at"])
    for moment in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER representation_{moment.lower()}_by_another BEFORE {moment} ON representation "
            f"WHEN NEW.answered_by IS NOT NULL AND EXISTS ({TOOK_PART}) "
            "BEGIN SELECT RAISE(ABORT, 'an appeal is answered by somebody who took no part in the decision'); END"
        )


def downgrade() -> None:
    op.drop_table("representation")
