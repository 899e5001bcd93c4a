"""What is put before people, and what they decide of it."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text, false

from triage.store.tables.base import Moment, metadata

flag = Table(
    "flag",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("customer_ref", String, nullable=False),
    Column("issue_id", String(32), ForeignKey("issue.id"), nullable=False, index=True),
    Column("state", String(8), nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("opened", Moment, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_flag_queue", flag.c.state, flag.c.urgency, flag.c.opened, flag.c.kind, flag.c.id)
Index("ix_flag_customer", flag.c.customer_ref, flag.c.state)
Index(
    "uq_flag_open",
    flag.c.customer_ref,
    flag.c.issue_id,
    flag.c.kind,
    unique=True,
    sqlite_where=flag.c.state == "open",
    postgresql_where=flag.c.state == "open",
)

flag_contact = Table(
    "flag_contact",
    metadata,
    Column("flag_id", String(32), ForeignKey("flag.id"), nullable=False),
    Column("code", String(16), nullable=False),
    Column("contact_id", String(32), ForeignKey("contact.id"), nullable=False, index=True),
    PrimaryKeyConstraint("flag_id", "code", "contact_id"),
)

raised = Table(
    "raised",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("flag_id", String(32), ForeignKey("flag.id"), nullable=False, index=True),
    Column("code", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("customer_ref", String, nullable=False),
    Column("issue_id", String(32), nullable=False),
    Column("event", String(32)),
    Column("contacts", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("undone", Boolean, nullable=False, default=False, server_default=false()),
)
Index("ix_raised_first", raised.c.customer_ref, raised.c.issue_id, raised.c.code)
Index("ix_raised_event", raised.c.event, raised.c.code)

review = Table(
    "review",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("flag_id", String(32), ForeignKey("flag.id"), nullable=False, index=True),
    Column("reviewer", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),
)

statement = Table(
    "statement",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("flag_id", String(32), ForeignKey("flag.id"), nullable=False, index=True),
    Column("staff", String, nullable=False),
    Column("written_by", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("text", Text, nullable=False),
)

view = Table(
    "view",
    metadata,
    Column("flag_id", String(32), ForeignKey("flag.id"), nullable=False),
    Column("person", String, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("flag_id", "person"),
)
Index("ix_view_person", view.c.person, view.c.at)

incident_record = Table(
    "incident_record",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("flag_id", String(32), ForeignKey("flag.id"), nullable=False, index=True),
    Column("customer_ref", String, nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),
)

support = Table(
    "support",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("flag_id", String(32), ForeignKey("flag.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),
)

representation = Table(
    "representation",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("flag_id", String(32), ForeignKey("flag.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("waits", Boolean, nullable=False),
    Column("answered_by", String),
    Column("body", Text, nullable=False),
)
Index("ix_representation_waits", representation.c.waits, representation.c.at)

notice = Table(
    "notice",
    metadata,
    Column("raised_seq", Integer, ForeignKey("raised.seq"), nullable=False),
    Column("place", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", Moment),
    Column("told_at", Moment),
    Column("reason", Text),
    PrimaryKeyConstraint("raised_seq", "place"),
)
Index("ix_notice_waiting", notice.c.next_try)
