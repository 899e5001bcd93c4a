"""What every arrival asks stays as quick with a million contacts: what a contact's words have raised, and a person's issues."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_raised_event", "raised", ["event", "code"])
    op.create_index("ix_contact_customer", "contact", ["customer_ref", "at", "issue_id"])
    op.drop_index("ix_contact_customer_ref", "contact")


def downgrade() -> None:
    op.create_index("ix_contact_customer_ref", "contact", ["customer_ref"])
    op.drop_index("ix_contact_customer", "contact")
    op.drop_index("ix_raised_event", "raised")
