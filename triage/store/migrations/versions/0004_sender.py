"""Who sent a stored message, so that a flood from one sender is read in turn with everybody else's mail."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger", sa.Column("sender", sa.String(length=320), nullable=True))


def downgrade() -> None:
    op.drop_column("ledger", "sender")
