"""Checked rows into the log of arrivals, and the mark that says how fresh a landlord's export is."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from triage.routes_in.rows import FEEDS, Row, RowKind
from triage.store import Unit
from triage.store.arrivals import Given, Noted

_KEPT_AS = {
    RowKind.CONTACTS: "contact",
    RowKind.INCIDENTS: "incident",
    RowKind.CUSTOMERS: "customer",
    RowKind.VISITS: "visit",
    RowKind.RECORDS: "record",
}


def as_given(kind: RowKind, source: str, row: Row) -> Given:
    """A row with the id under which it is kept: a source's ids are its own, the landlord's are shared by all sources."""
    plain = row.model_dump(mode="json", exclude_none=True)
    theirs = str(plain["customer_ref"] if kind is RowKind.CUSTOMERS else plain["id"])
    own = kind in (RowKind.CONTACTS, RowKind.INCIDENTS)
    item_id = hashlib.sha256(f"{source}\x00{theirs}".encode("utf-8", "replace")).hexdigest()[:32] if own else theirs
    return Given(kind=_KEPT_AS[kind], item_id=item_id, row=plain)


def take_in(
    unit: Unit, *, source: str, kind: RowKind, rows: Sequence[Row], now: datetime, as_of: datetime | None = None
) -> Noted:
    """Keeps rows for the next round. Of the landlord's exports, ``as_of`` (else now) says how old the facts are.

    A delivery without a row is a delivery: "nothing has changed until then" keeps a feed fresh.
    """
    noted = unit.arrivals.note(source, [as_given(kind, source, row) for row in rows], now)
    if kind in FEEDS:
        unit.landlord.note_feed(kind.value, min(as_of or now, now), "ok")
    return noted
