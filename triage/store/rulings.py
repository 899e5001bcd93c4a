"""Rulings on links, kept for ever in the order in which they were made; one that was undone says when and by whom."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from triage.domain.ruling import Ruled, Ruling
from triage.store.codec import pack, unpack
from triage.store.quick import Quick
from triage.store.tables import contact, issue, ruling, ruling_contact

_OF_CONTACTS = (
    select(ruling_contact.c.contact_id, ruling.c.body)
    .join(ruling, ruling.c.id == ruling_contact.c.ruling_id)
    .where(ruling.c.undone_at.is_(None), ruling_contact.c.contact_id.in_(bindparam("contacts", expanding=True)))
    .order_by(ruling.c.seq)
)

_OF_PERSON = Quick(
    select(issue.c.household_ref, contact.c.at, contact.c.zone)
    .join(issue, issue.c.id == contact.c.issue_id)
    .where(contact.c.customer_ref == bindparam("person"))
)


class Rulings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, item: Ruling) -> None:
        seq = select(func.coalesce(func.max(ruling.c.seq), 0) + 1).scalar_subquery()
        row = {"id": item.id, "seq": seq, "kind": item.kind.value, "at": item.at, "body": pack(item)}
        self._connection.execute(insert(ruling).values(row))
        rows = [{"ruling_id": item.id, "contact_id": contact_id} for contact_id in dict.fromkeys(item.contacts)]
        if rows:
            self._connection.execute(insert(ruling_contact), rows)

    def undo(self, ruling_id: str, at: datetime, by: str) -> None:
        self._connection.execute(update(ruling).where(ruling.c.id == ruling_id).values(undone_at=at, undone_by=by))

    def get(self, ruling_id: str) -> Ruled | None:
        return next(iter(self._found(ruling.c.id == ruling_id)), None)

    def standing(self) -> list[Ruling]:
        """Every ruling that was not undone, oldest first."""
        return [found.ruling for found in self._found(ruling.c.undone_at.is_(None))]

    def of_contacts(self, contact_ids: Collection[str]) -> dict[str, list[Ruling]]:
        """The standing rulings on each of these contacts, oldest first."""
        found: dict[str, list[Ruling]] = {}
        for row in self._connection.execute(_OF_CONTACTS, {"contacts": list(contact_ids)}):
            found.setdefault(row.contact_id, []).append(unpack(Ruling, row.body))
        return found

    def newest(self, limit: int = 100) -> list[Ruled]:
        """The last rulings, undone ones among them, newest first."""
        query = select(ruling).order_by(ruling.c.seq.desc()).limit(limit)
        return [_ruled(row) for row in self._connection.execute(query)]

    def questions(self, limit: int = 200) -> list[str]:
        """Contacts that wait for a person to say who wrote (zone *ask*), newest first."""
        query = select(contact.c.id).where(contact.c.zone == "ask").order_by(contact.c.at.desc(), contact.c.id)
        return list(self._connection.execute(query.limit(limit)).scalars())

    def waited_for(self, customer_ref: str, stranger: str | None) -> list[tuple[str, datetime]]:
        """(household, when) of contacts asked of this person, and of those from an address that nobody was known to use."""
        found = [row for row in _OF_PERSON.rows(self._connection, {"person": customer_ref}) if row[2] == "ask"]
        found += _OF_PERSON.rows(self._connection, {"person": stranger}) if stranger else []
        return list(dict.fromkeys((household, at) for household, at, _ in found))

    def count_questions(self) -> int:
        query = select(func.count()).select_from(contact).where(contact.c.zone == "ask")
        return self._connection.execute(query).scalar_one()

    def _found(self, where: object) -> list[Ruled]:
        query = select(ruling).where(where).order_by(ruling.c.seq)  # type: ignore[arg-type]
        return [_ruled(row) for row in self._connection.execute(query)]


def _ruled(row: object) -> Ruled:
    return Ruled(ruling=unpack(Ruling, row.body), undone_at=row.undone_at, undone_by=row.undone_by)  # type: ignore[attr-defined]
