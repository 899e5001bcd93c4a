"""What follows from decisions: incident records, and the support of staff."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from triage.domain.incident import IncidentRecord, Support
from triage.store.codec import pack, unpack
from triage.store.tables import incident_record, support


class Outcomes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_record(self, item: IncidentRecord) -> None:
        values = {"flag_id": item.flag_id, "customer_ref": item.customer_ref, "at": item.created, "body": pack(item)}
        self._connection.execute(insert(incident_record).values(id=item.id, **values))

    def record(self, record_id: str) -> IncidentRecord | None:
        query = select(incident_record.c.body).where(incident_record.c.id == record_id)
        body = self._connection.execute(query).scalar()
        return unpack(IncidentRecord, body) if body else None

    def records(
        self, *, flag_id: str | None = None, people: Collection[str] | None = None, withdrawn: bool = False
    ) -> list[IncidentRecord]:
        """In the order in which they were written; those taken back only where asked for."""
        query = select(incident_record.c.body).order_by(incident_record.c.at, incident_record.c.id)
        if flag_id is not None:
            query = query.where(incident_record.c.flag_id == flag_id)
        if people is not None:
            query = query.where(incident_record.c.customer_ref.in_(set(people)))
        found = [unpack(IncidentRecord, body) for body in self._connection.execute(query).scalars()]
        return [item for item in found if withdrawn or item.withdrawn is None]

    def withdraw_records(self, flag_id: str, at: datetime) -> None:
        """The decision behind them was taken back or is looked at again: they stay, and count as nothing."""
        for item in self.records(flag_id=flag_id):
            body = pack(replace(item, withdrawn=at))
            self._connection.execute(update(incident_record).where(incident_record.c.id == item.id).values(body=body))

    def add_support(self, item: Support) -> None:
        values = {"flag_id": item.flag_id, "at": item.at, "body": pack(item)}
        self._connection.execute(insert(support).values(id=item.id, **values))

    def support(self, flag_id: str) -> list[Support]:
        query = select(support.c.body).where(support.c.flag_id == flag_id).order_by(support.c.at, support.c.id)
        return [unpack(Support, body) for body in self._connection.execute(query).scalars()]
