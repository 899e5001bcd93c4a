"""What is known of contacts, people and issues, and of the landlord's side."""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from triage.store.tables.base import Moment, metadata

contact = Table(
    "contact",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("received", Moment, nullable=False),
    Column("direction", String(3), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("message_id", Text, index=True),
    Column("fingerprint", String(64), nullable=False, index=True),
    Column("customer_ref", String),
    Column("issue_id", String(32), ForeignKey("issue.id")),
    Column("not_scored", Text),
    Column("body", Text, nullable=False),
    Column("who", Text),
    Column("link", Text),
    Column("zone", String(4)),
)
Index("ix_contact_at", contact.c.at)
Index("ix_contact_customer", contact.c.customer_ref, contact.c.at, contact.c.issue_id)
Index("ix_contact_inflow", contact.c.direction, contact.c.received)
Index(
    "ix_contact_not_scored",
    contact.c.direction,
    contact.c.received,
    sqlite_where=contact.c.not_scored.is_not(None),
    postgresql_where=contact.c.not_scored.is_not(None),
)
Index("ix_contact_zone", contact.c.zone, contact.c.at)
Index("ix_contact_issue_at", contact.c.issue_id, contact.c.at)
Index("ix_contact_issue_people", contact.c.issue_id, contact.c.customer_ref)

contact_place = Table(
    "contact_place",
    metadata,
    Column("contact_id", String(32), ForeignKey("contact.id"), nullable=False),
    Column("place", String, nullable=False),
    PrimaryKeyConstraint("contact_id", "place"),
    sqlite_with_rowid=False,
)

score = Table(
    "score",
    metadata,
    Column("contact_id", String(32), ForeignKey("contact.id"), nullable=False),
    Column("model", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("contact_id", "model"),
)

customer = Table("customer", metadata, Column("ref", String, primary_key=True), Column("body", Text, nullable=False))

issue = Table(
    "issue",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("household_ref", String, nullable=False, index=True),
    Column("opened", Moment, nullable=False),
    Column("wake_at", Moment, index=True),
    Column("body", Text, nullable=False),
    Column("revision", Integer),
)
Index("ix_issue_next", issue.c.wake_at, issue.c.id)

record = Table(
    "record",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("customer_ref", String, index=True),
    Column("ref", String),
    Column("issue_id", String(32), ForeignKey("issue.id"), index=True),
    Column("body", Text, nullable=False),
)

standards = Table(
    "standards", metadata, Column("position", Integer, primary_key=True), Column("body", Text, nullable=False)
)

feed = Table(
    "feed",
    metadata,
    Column("source", String, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("state", String(8), nullable=False),
)

visit = Table(
    "visit",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("customer_ref", String, index=True),
    Column("body", Text, nullable=False),
)

assessment = Table(
    "assessment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", String(32), ForeignKey("issue.id"), nullable=False, index=True),
    Column("contact_id", String(32), index=True),
    Column("at", Moment, nullable=False),
    Column("policy", String, nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_assessment_cause", assessment.c.issue_id, assessment.c.contact_id)

ruling = Table(
    "ruling",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("seq", Integer, nullable=False, server_default="0"),
    Column("kind", String(12), nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),
    Column("undone_at", Moment),
    Column("undone_by", String),
)
Index("ix_ruling_seq", ruling.c.seq, unique=True)

ruling_contact = Table(
    "ruling_contact",
    metadata,
    Column("ruling_id", String(32), ForeignKey("ruling.id"), nullable=False),
    Column("contact_id", String(32), ForeignKey("contact.id"), nullable=False, index=True),
    PrimaryKeyConstraint("ruling_id", "contact_id"),
)
