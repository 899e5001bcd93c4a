"""Where each contact came in or went out, beside it, so that teams can be asked for; and who belongs to which teams."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MANY = 1_000
PEOPLE = ("local_user", "session", "sign_in")


def upgrade() -> None:
    place = op.create_table(
        "contact_place",
        sa.Column("contact_id", sa.String(32), sa.ForeignKey("contact.id"), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", "place"),
        sqlite_with_rowid=False,
    )
    for table in PEOPLE:
        op.add_column(table, sa.Column("teams", sa.Text(), nullable=False, server_default="[]"))
    connection, last = op.get_bind(), ""
    known = sa.table("contact", sa.column("id"), sa.column("body"))
    while rows := connection.execute(
        sa.select(known.c.id, known.c.body).where(known.c.id > last).order_by(known.c.id).limit(MANY)
    ).all():
        last = rows[-1].id
        if found := [{"contact_id": row.id, "place": name} for row in rows for name in _places(row.body)]:
            connection.execute(sa.insert(place), found)


def _places(body: str) -> list[str]:
    """As `triage.store.sight.keep_places` notes them."""
    deliveries = json.loads(body).get("deliveries", [])
    names = {str(one.get(key) or "").strip().casefold() for one in deliveries for key in ("route", "account")}
    return sorted(names - {""})


def downgrade() -> None:
    for table in PEOPLE:
        op.drop_column(table, "teams")
    op.drop_table("contact_place")
