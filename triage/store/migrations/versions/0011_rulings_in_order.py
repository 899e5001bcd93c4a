"""Rulings keep the order in which they were made: two of one moment were told apart by their ids, which say nothing of it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ruling", sa.Column("seq", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE ruling SET seq = (SELECT count(*) FROM ruling AS other"
        " WHERE other.at < ruling.at OR (other.at = ruling.at AND other.id <= ruling.id))"
    )
    op.create_index("ix_ruling_seq", "ruling", ["seq"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_ruling_seq", "ruling")
    op.drop_column("ruling", "seq")
