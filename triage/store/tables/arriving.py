"""What arrives: bytes with their ledger, rows of other routes, and who may send them."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from triage.store.tables.base import Moment, metadata

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
