"""What people say of links: rulings, the zone of each contact, and flags whose evidence has gone elsewhere."""

import sqlalchemy as sa
from alembic import op

from triage.store.tables import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ruling",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("undone_at", Moment(), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruling")),
    )
    op.create_table(
        "ruling_contact",
        sa.Column("ruling_id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["ruling_id"], ["ruling.id"], name=op.f("fk_ruling_contact_ruling_id_ruling")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_ruling_contact_contact_id_contact")),
        sa.PrimaryKeyConstraint("ruling_id", "contact_id", name=op.f("pk_ruling_contact")),
    )
    op.create_index(op.f("ix_ruling_contact_contact_id"), "ruling_contact", ["contact_id"])
    op.add_column("contact", sa.Column("zone", sa.String(length=4), nullable=True))
    op.execute("UPDATE contact SET zone = json_extract(who, '$.zone') WHERE who IS NOT NULL")
    op.create_index("ix_contact_zone", "contact", ["zone", "at"])
    op.create_index("ix_contact_issue_at", "contact", ["issue_id", "at"])
    op.drop_index(op.f("ix_contact_issue_id"), "contact")
    op.add_column("raised", sa.Column("undone", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("raised", "undone")
    op.create_index(op.f("ix_contact_issue_id"), "contact", ["issue_id"])
    op.drop_index("ix_contact_issue_at", "contact")
    op.drop_index("ix_contact_zone", "contact")
    op.drop_column("contact", "zone")
    op.drop_table("ruling_contact")
    op.drop_table("ruling")
