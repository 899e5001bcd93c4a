"""What follows from decisions: incident records, the support of staff, and what customers say of it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from triage.domain.contesting import Representation
from triage.domain.incident import IncidentRecord, Support
from triage.store.codec import pack, unpack, unpack_known
from triage.store.quick import Quick, listed
from triage.store.tables import incident_record, representation, support

_RECORDS = select(incident_record.c.body).order_by(incident_record.c.at, incident_record.c.id)
_OF_FLAG = Quick(_RECORDS.where(incident_record.c.flag_id == bindparam("flag")))
_OF_PEOPLE = Quick(_RECORDS.where(incident_record.c.customer_ref.in_(listed("people"))))
_SUPPORT = Quick(
    select(support.c.body).where(support.c.flag_id == bindparam("flag")).order_by(support.c.at, support.c.id)
)
_REPRESENTATIONS = Quick(
    select(representation.c.body)
    .where(representation.c.flag_id == bindparam("flag"))
    .order_by(representation.c.at, representation.c.id)
)


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
        if flag_id is not None:
            bodies = _OF_FLAG.values(self._connection, {"flag": flag_id})
        elif people is not None:
            bodies = _OF_PEOPLE.values(self._connection, {"people": set(people)})
        else:
            bodies = list(self._connection.execute(_RECORDS).scalars())
        found = [unpack_known(IncidentRecord, body) for body in bodies]
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
        return [unpack(Support, body) for body in _SUPPORT.values(self._connection, {"flag": flag_id})]

    def add_representation(self, item: Representation) -> None:
        values = {"flag_id": item.flag_id, "at": item.noted_at, "waits": item.waits, "body": pack(item)}
        self._connection.execute(insert(representation).values(id=item.id, **values))

    def put_answer(self, item: Representation) -> None:
        """Writes an appeal anew with its answer. The database refuses one by somebody who took part in the decision (C16)."""
        by = item.answer.reviewer if item.answer else None
        values = {"waits": item.waits, "answered_by": by, "body": pack(item)}
        self._connection.execute(update(representation).where(representation.c.id == item.id).values(**values))

    def representations(self, flag_id: str) -> list[Representation]:
        """In the order in which they were noted."""
        return [unpack(Representation, body) for body in _REPRESENTATIONS.values(self._connection, {"flag": flag_id})]

    def all_representations(self, limit: int) -> list[Representation]:
        """Appeals that wait first, the oldest before all; then the others, newest first."""
        query = select(representation.c.body)
        waiting = query.where(representation.c.waits.is_(True)).order_by(representation.c.at, representation.c.id)
        others = query.where(representation.c.waits.is_(False)).order_by(
            representation.c.at.desc(), representation.c.id
        )
        bodies = [
            *self._connection.execute(waiting).scalars(),
            *self._connection.execute(others.limit(limit)).scalars(),
        ]
        return [unpack(Representation, body) for body in bodies[:limit]]
