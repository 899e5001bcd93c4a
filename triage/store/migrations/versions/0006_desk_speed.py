"""Indexes by which the queue and the flag page stay quick over hundreds of thousands of contacts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UNREAD = sa.text("not_scored IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_audit_subject", "audit", ["subject", "seq"])
    op.create_index("ix_flag_customer", "flag", ["customer_ref", "state"])
    op.create_index("ix_ledger_stored", "ledger", ["stored_at"])
    op.create_index("ix_ledger_state", "ledger", ["state", "account", "folder", "uidvalidity"])
    op.create_index("ix_contact_inflow", "contact", ["direction", "received"])
    op.create_index(
        "ix_contact_not_scored", "contact", ["direction", "received"], sqlite_where=UNREAD, postgresql_where=UNREAD
    )


def downgrade() -> None:
    op.drop_index("ix_contact_not_scored", "contact")
    op.drop_index("ix_contact_inflow", "contact")
    op.drop_index("ix_ledger_state", "ledger")
    op.drop_index("ix_ledger_stored", "ledger")
    op.drop_index("ix_flag_customer", "flag")
    op.drop_index("ix_audit_subject", "audit")
