"""Who signs in, how people work, and the record of who did what."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from triage.store.tables.base import Moment, metadata

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

erased = Table(
    "erased",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("what", String(24), nullable=False),
    Column("code", String(16), nullable=False),
    Column("answer", String(24), nullable=False),
    Column("number", Integer, nullable=False),
)

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
