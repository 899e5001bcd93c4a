"""What follows from decisions: incident records, the support of staff, and notices of what was raised."""

import sqlalchemy as sa
from alembic import op

from triage.store.tables import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incident_record",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("flag_id", sa.String(length=32), nullable=False),
        sa.Column("customer_ref", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_incident_record_flag_id_flag")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_record")),
    )
    op.create_index(op.f("ix_incident_record_flag_id"), "incident_record", ["flag_id"])
    op.create_index(op.f("ix_incident_record_customer_ref"), "incident_record", ["customer_ref"])
    op.create_table(
        "support",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("flag_id", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_support_flag_id_flag")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support")),
    )
    op.create_index(op.f("ix_support_flag_id"), "support", ["flag_id"])
    op.create_table(
        "notice",
        sa.Column("raised_seq", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", Moment(), nullable=True),
        sa.Column("told_at", Moment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["raised_seq"], ["raised.seq"], name=op.f("fk_notice_raised_seq_raised")),
        sa.PrimaryKeyConstraint("raised_seq", "place", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_waiting", "notice", ["next_try"])


def downgrade() -> None:
    op.drop_table("notice")
    op.drop_table("support")
    op.drop_table("incident_record")
