"""The tables. What is queried is a column; the rest of a domain value is JSON in ``body``."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"A moment needs a time zone: {value!r}.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


raw = Table(
    "raw",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("account", String, nullable=False),
    Column("folder", String, nullable=False),
    Column("uidvalidity", Integer, nullable=False),
    Column("uid", String, nullable=False),
    Column("state", String(12), nullable=False),
    Column("discovered_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try", Moment),
    Column("reason", Text),
    Column("sha256", String(64), ForeignKey("raw.sha256")),
    Column("kind", String(12)),
    Column("role", String(12)),
    Column("name", Text),
    Column("sidecar", LargeBinary),
    Column("received", Moment),
    Column("truncated_from", Integer),
    Column("stored_at", Moment),
    Column("present", Boolean, nullable=False, default=True),
    Column("contact_id", String(32), ForeignKey("contact.id")),
    Column("sender", String(320)),
    PrimaryKeyConstraint("account", "folder", "uidvalidity", "uid"),
)
Index("ix_ledger_work", ledger.c.state, ledger.c.contact_id)
Index("ix_ledger_stored", ledger.c.stored_at)
Index("ix_ledger_state", ledger.c.state, ledger.c.account, ledger.c.folder, ledger.c.uidvalidity)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", String, nullable=False),
    Column("folder", String, nullable=False),
    Column("uidvalidity", Integer, nullable=False),
    Column("uid", String, nullable=False),
    Column("sha256", String(64), ForeignKey("raw.sha256"), nullable=False),
    Column("contact_id", String(32), ForeignKey("contact.id"), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("reader", String, nullable=False),
    Column("state", String(8), nullable=False, index=True),
    UniqueConstraint("account", "folder", "uidvalidity", "uid"),
)

folder = Table(
    "folder",
    metadata,
    Column("account", String, nullable=False),
    Column("folder", String, nullable=False),
    Column("uidvalidity", Integer, nullable=False),
    Column("seen_at", Moment, nullable=False),
    PrimaryKeyConstraint("account", "folder"),
)

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

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("previous"),
)
Index("ix_audit_subject", audit.c.subject, audit.c.seq)

sign_in = Table(
    "sign_in",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person", String, nullable=False),
    Column("role", String, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("used", Boolean, nullable=False, default=False),
    Column("teams", Text, nullable=False, server_default="[]"),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person", String, nullable=False),
    Column("role", String, nullable=False),
    Column("started", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("teams", Text, nullable=False, server_default="[]"),
)

local_user = Table(
    "local_user",
    metadata,
    Column("account", String, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("role", String, nullable=False),
    Column("secret", String, nullable=False),
    Column("password", Text),
    Column("last_step", Integer),
    Column("disabled", Boolean, nullable=False),
    Column("enrol_hash", String(64)),
    Column("enrol_until", Moment),
    Column("teams", Text, nullable=False, server_default="[]"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("until", Moment),
)

provider_start = Table(
    "provider_start",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    Column("nonce", String, nullable=False),
    Column("verifier", String, nullable=False),
    Column("expires", Moment, nullable=False),
)

arrival = Table(
    "arrival",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("item_id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),
    Column("taken_at", Moment),
    UniqueConstraint("source", "kind", "item_id", "version"),
)
Index("ix_arrival_waiting", arrival.c.taken_at, arrival.c.seq)
Index("ix_arrival_item", arrival.c.kind, arrival.c.item_id)

rejected = Table(
    "rejected",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("file", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

visit = Table(
    "visit",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("customer_ref", String, index=True),
    Column("body", Text, nullable=False),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("source", String, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("source", String, nullable=False),
    Column("key", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("source", "key"),
)

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

desk_mark = Table(
    "desk_mark",
    metadata,
    Column("flag_id", String(32), ForeignKey("flag.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("assigned_to", String),
    Column("snoozed_until", Moment),
    Column("duplicate_of", String(32), ForeignKey("flag.id"), index=True),
)

presence = Table(
    "presence",
    metadata,
    Column("flag_id", String(32), ForeignKey("flag.id"), nullable=False),
    Column("person", String, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("flag_id", "person"),
)

saved_view = Table(
    "saved_view",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
)

reveal = Table(
    "reveal",
    metadata,
    Column("subject", String(32), nullable=False),
    Column("person", String, nullable=False),
    Column("until", Moment, nullable=False),
    PrimaryKeyConstraint("subject", "person"),
)

desk_choice = Table(
    "desk_choice",
    metadata,
    Column("person", String, primary_key=True),
    Column("veiled", Boolean, nullable=False),
    Column("skip", Text, nullable=False),
    Column("break_at", Moment),
)
Index("ix_view_person", view.c.person, view.c.at)
