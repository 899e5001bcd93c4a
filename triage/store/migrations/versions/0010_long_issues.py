"""Indexes that keep taking one contact as cheap on an issue of thousands as on a new one."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_contact_issue_people", "contact", ["issue_id", "customer_ref"])
    op.create_index("ix_assessment_cause", "assessment", ["issue_id", "contact_id"])
    op.create_index("ix_issue_next", "issue", ["wake_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_issue_next", "issue")
    op.drop_index("ix_assessment_cause", "assessment")
    op.drop_index("ix_contact_issue_people", "contact")
