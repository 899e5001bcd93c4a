"""The landlord's side: directory, records, service standards and the freshness of their feed."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from triage.domain.customer import Customer
from triage.domain.record import ALLEGATION_OUTCOMES, OwnStandards, Record, RecordKind
from triage.domain.visit import Visit
from triage.store.codec import pack, unpack, unpack_known
from triage.store.quick import Quick, listed
from triage.store.tables import customer, feed, record, standards, visit

_CUSTOMERS = Quick(select(customer.c.ref, customer.c.body).where(customer.c.ref.in_(listed("refs"))))
_RECORDS = Quick(
    select(record.c.issue_id, record.c.body)
    .where(record.c.issue_id.in_(listed("issues")))
    .order_by(record.c.at, record.c.id)
)
_OUTCOMES = Quick(
    select(record.c.body)
    .where(
        record.c.customer_ref.in_(listed("people")),
        or_(*(record.c.kind == kind.value for kind in sorted(ALLEGATION_OUTCOMES))),
        record.c.issue_id != bindparam("issue"),
    )
    .order_by(record.c.at, record.c.id)
)
_STANDARDS = Quick(select(standards.c.body).order_by(standards.c.position))
_FEEDS = Quick(select(feed.c.source, feed.c.at, feed.c.state).order_by(feed.c.source))


class Landlord:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put_customer(self, item: Customer) -> None:
        if (
            self._connection.execute(
                update(customer).where(customer.c.ref == item.ref).values(body=pack(item))
            ).rowcount
            == 0
        ):
            self._connection.execute(insert(customer).values(ref=item.ref, body=pack(item)))

    def customers(self) -> list[Customer]:
        return [
            unpack(Customer, body)
            for body in self._connection.execute(select(customer.c.body).order_by(customer.c.ref)).scalars()
        ]

    def customers_by_ref(self, refs: Iterable[str]) -> dict[str, Customer]:
        found = _CUSTOMERS.rows(self._connection, {"refs": set(refs)})
        return {ref: unpack_known(Customer, body) for ref, body in found}

    def put_record(self, item: Record, issue_id: str | None) -> None:
        values = {
            "at": item.at,
            "kind": item.kind.value,
            "customer_ref": item.customer_ref,
            "ref": item.ref,
            "issue_id": issue_id,
            "body": pack(item),
        }
        if self._connection.execute(update(record).where(record.c.id == item.id).values(**values)).rowcount == 0:
            self._connection.execute(insert(record).values(id=item.id, **values))

    def record(self, record_id: str) -> tuple[Record, str | None] | None:
        """A record as it stands now, and the issue that it joined."""
        row = self._connection.execute(select(record.c.body, record.c.issue_id).where(record.c.id == record_id)).first()
        return (unpack(Record, row.body), row.issue_id) if row else None

    def known_records(self) -> set[str]:
        return set(self._connection.execute(select(record.c.id)).scalars())

    def records(self) -> list[Record]:
        return [
            unpack(Record, body)
            for body in self._connection.execute(select(record.c.body).order_by(record.c.at, record.c.id)).scalars()
        ]

    def records_of_issue(self, issue_id: str) -> tuple[Record, ...]:
        return self.records_of_issues([issue_id]).get(issue_id, ())

    def records_of_issues(self, issue_ids: Collection[str]) -> dict[str, tuple[Record, ...]]:
        """The records of each of these issues that has any, in time order."""
        found: dict[str, list[Record]] = {}
        for issue_id, body in _RECORDS.rows(self._connection, {"issues": issue_ids}):
            found.setdefault(issue_id, []).append(unpack_known(Record, body))
        return {issue_id: tuple(records) for issue_id, records in found.items()}

    def outcomes_elsewhere(self, people: Collection[str], issue_id: str) -> tuple[Record, ...]:
        """What came of allegations by these people on other issues than this one, in time order."""
        found = _OUTCOMES.values(self._connection, {"people": people, "issue": issue_id})
        return tuple(unpack_known(Record, body) for body in found)

    def records_of_kinds(self, kinds: Iterable[RecordKind]) -> list[tuple[Record, str | None]]:
        """Records of these kinds with the issue that each joined, oldest first."""
        here = record.c.kind.in_([kind.value for kind in kinds])
        query = select(record.c.body, record.c.issue_id).where(here).order_by(record.c.at, record.c.id)
        return [(unpack(Record, row.body), row.issue_id) for row in self._connection.execute(query)]

    def put_visit(self, item: Visit) -> None:
        """Adds a planned visit, or moves or cancels the one of that id."""
        values = {"at": item.at, "customer_ref": item.customer_ref, "body": pack(item)}
        if self._connection.execute(update(visit).where(visit.c.id == item.id).values(**values)).rowcount == 0:
            self._connection.execute(insert(visit).values(id=item.id, **values))

    def visits(self, start: datetime, end: datetime, refs: Iterable[str] | None = None) -> list[Visit]:
        """Planned visits from ``start`` until before ``end``, cancelled ones left out; to these customers, where named."""
        query = select(visit.c.body).where(visit.c.at >= start, visit.c.at < end).order_by(visit.c.at, visit.c.id)
        if refs is not None:
            query = query.where(visit.c.customer_ref.in_(set(refs)))
        found = [unpack(Visit, body) for body in self._connection.execute(query).scalars()]
        return [item for item in found if not item.cancelled]

    def put_standards(self, items: Iterable[OwnStandards]) -> None:
        """Replaces the landlord's own service standards."""
        self._connection.execute(delete(standards))
        rows = [{"position": position, "body": pack(item)} for position, item in enumerate(items)]
        if rows:
            self._connection.execute(insert(standards), rows)

    def standards(self) -> list[OwnStandards]:
        return [unpack_known(OwnStandards, body) for body in _STANDARDS.values(self._connection)]

    def note_feed(self, source: str, at: datetime, state: str) -> None:
        """A feed spoke at that moment: "ok", or "stale" when it says so itself."""
        if (
            self._connection.execute(update(feed).where(feed.c.source == source).values(at=at, state=state)).rowcount
            == 0
        ):
            self._connection.execute(insert(feed).values(source=source, at=at, state=state))

    def feed(self, source: str) -> tuple[datetime, str] | None:
        row = self._connection.execute(select(feed.c.at, feed.c.state).where(feed.c.source == source)).first()
        return (row.at, row.state) if row else None

    def feeds(self) -> list[tuple[str, datetime, str]]:
        """(source, when it last spoke, its state) of every feed that ever did."""
        return [(source, at, state) for source, at, state in _FEEDS.rows(self._connection)]
