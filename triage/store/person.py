"""Everything that is kept of one person, by the references under which it is kept (requirement C25)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from triage.domain.record import Record
from triage.domain.ruling import Ruling
from triage.domain.score import Scores
from triage.domain.visit import Visit
from triage.store.codec import unpack
from triage.store.tables import (
    arrival,
    audit,
    contact,
    issue,
    ledger,
    raw,
    record,
    ruling,
    ruling_contact,
    score,
    visit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBytes:
    """A message as it came, by its place and hash."""

    contact_id: str
    account: str
    folder: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRow:
    """A row as another route gave it, in one version."""

    source: str
    kind: str
    item_id: str
    version: int
    at: datetime
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One line of the audit about something of theirs."""

    at: datetime
    actor: str
    action: str
    subject: str


class OfPerson:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def contacts(self, ref: str) -> list[str]:
        """Ids of the contacts from or to them, and of all on the issues of their household, in time order."""
        theirs = select(issue.c.id).where(issue.c.household_ref == ref)
        query = select(contact.c.id).where(or_(contact.c.customer_ref == ref, contact.c.issue_id.in_(theirs)))
        return list(self._connection.execute(query.order_by(contact.c.at, contact.c.id)).scalars())

    def scores(self, contact_ids: Collection[str]) -> list[tuple[str, datetime, Scores]]:
        """What every model said of these contacts, not the newest alone."""
        query = select(score.c.contact_id, score.c.at, score.c.body).where(score.c.contact_id.in_(contact_ids))
        rows = self._connection.execute(query.order_by(score.c.contact_id, score.c.at))
        return [(row.contact_id, row.at, unpack(Scores, row.body)) for row in rows]

    def stored(self, contact_ids: Collection[str]) -> list[KeptBytes]:
        query = (
            select(ledger.c.contact_id, ledger.c.account, ledger.c.folder, ledger.c.sha256, raw.c.size)
            .join(raw, raw.c.sha256 == ledger.c.sha256)
            .where(ledger.c.contact_id.in_(contact_ids))
            .order_by(ledger.c.received)
        )
        return [KeptBytes(**row._mapping) for row in self._connection.execute(query)]

    def records(self, ref: str, issue_ids: Collection[str]) -> list[tuple[Record, str | None]]:
        """Of the person, or on these issues; each with its issue."""
        here = or_(record.c.customer_ref == ref, record.c.issue_id.in_(issue_ids))
        query = select(record.c.body, record.c.issue_id).where(here).order_by(record.c.at, record.c.id)
        return [(unpack(Record, row.body), row.issue_id) for row in self._connection.execute(query)]

    def visits(self, ref: str) -> list[Visit]:
        query = select(visit.c.body).where(visit.c.customer_ref == ref).order_by(visit.c.at, visit.c.id)
        return [unpack(Visit, body) for body in self._connection.execute(query).scalars()]

    def rows(self, ref: str, item_ids: Collection[str]) -> list[KeptRow]:
        """Rows as they arrived: of the directory entry, and of these contacts, records and visits."""
        theirs = or_(arrival.c.item_id.in_(item_ids), and_(arrival.c.kind == "customer", arrival.c.item_id == ref))
        names = ("source", "kind", "item_id", "version", "at", "body")
        query = select(*(arrival.c[name] for name in names)).where(theirs).order_by(arrival.c.seq)
        return [KeptRow(**row._mapping) for row in self._connection.execute(query)]

    def rulings(self, contact_ids: Collection[str]) -> list[tuple[Ruling, datetime | None]]:
        """What people said of links of these contacts, and when it was undone."""
        query = (
            select(ruling.c.body, ruling.c.undone_at)
            .join(ruling_contact, ruling_contact.c.ruling_id == ruling.c.id)
            .where(ruling_contact.c.contact_id.in_(contact_ids))
            .order_by(ruling.c.seq)
        )
        return [(unpack(Ruling, row.body), row.undone_at) for row in self._connection.execute(query)]

    def trail(self, subjects: Collection[str]) -> list[Trace]:
        query = select(audit.c.at, audit.c.actor, audit.c.action, audit.c.subject)
        rows = self._connection.execute(query.where(audit.c.subject.in_(subjects)).order_by(audit.c.seq))
        return [Trace(**row._mapping) for row in rows]
