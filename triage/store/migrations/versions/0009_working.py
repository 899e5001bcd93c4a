"""How people work through the queue: marks, who is looking, saved views, reveals and choices."""

import sqlalchemy as sa
from alembic import op

from triage.store.tables import Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_mark",
        sa.Column("flag_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("assigned_to", sa.String(), nullable=True),
        sa.Column("snoozed_until", Moment(), nullable=True),
        sa.Column("duplicate_of", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("flag_id", name=op.f("pk_desk_mark")),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_desk_mark_flag_id_flag")),
        sa.ForeignKeyConstraint(["duplicate_of"], ["flag.id"], name=op.f("fk_desk_mark_duplicate_of_flag")),
    )
    op.create_index(op.f("ix_desk_mark_duplicate_of"), "desk_mark", ["duplicate_of"])
    op.create_table(
        "presence",
        sa.Column("flag_id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("flag_id", "person", name=op.f("pk_presence")),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_presence_flag_id_flag")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index(op.f("ix_saved_view_owner"), "saved_view", ["owner"])
    op.create_table(
        "reveal",
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "person", name=op.f("pk_reveal")),
    )
    op.create_table(
        "desk_choice",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("veiled", sa.Boolean(), nullable=False),
        sa.Column("skip", sa.Text(), nullable=False),
        sa.Column("break_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_desk_choice")),
    )
    op.create_index("ix_view_person", "view", ["person", "at"])


def downgrade() -> None:
    op.drop_index("ix_view_person", "view")
    for name in ("desk_choice", "reveal", "saved_view", "presence", "desk_mark"):
        op.drop_table(name)
