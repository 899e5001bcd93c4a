"""Looking people and records up by what others call them; all of it is read, and what fits is chosen by whoever asks."""

from collections.abc import Collection

from sqlalchemy import Connection, func, or_, select

from triage.domain.contact import Direction
from triage.store.quick import Quick, listed
from triage.store.tables import contact, customer, issue, record

_RECORDS = Quick(
    select(record.c.issue_id)
    .distinct()
    .where(record.c.ref.in_(listed("refs")), record.c.issue_id.is_not(None))
    .order_by(record.c.issue_id)
)


class Search:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def strangers(self) -> list[tuple[str, str]]:
        """(reference, the name under which they wrote) of everybody who is not in the directory."""
        unknown = or_(*(contact.c.customer_ref.between(kind, f"{kind}\uffff") for kind in ("addr:", "contact:")))
        name = func.json_extract(contact.c.body, "$.from_name")
        query = select(contact.c.customer_ref, name).distinct()
        query = query.where(unknown, contact.c.direction == Direction.IN.value, name.is_not(None))
        return [(ref, told) for ref, told in self._connection.execute(query)]

    def references(self) -> set[str]:
        """Under which references anything is kept, in the directory or not."""
        columns = (customer.c.ref, issue.c.household_ref, contact.c.customer_ref)
        found: set[str] = set()
        for column in columns:
            found.update(ref for ref in self._connection.execute(select(column).distinct()).scalars() if ref)
        return found

    def case_references(self) -> list[str]:
        """What our systems call their cases, as they gave it."""
        query = select(record.c.ref).distinct().where(record.c.ref.is_not(None))
        return list(self._connection.execute(query).scalars())

    def issues_of_cases(self, refs: Collection[str]) -> list[str]:
        """The issues that records under these references are on."""
        return _RECORDS.values(self._connection, {"refs": refs})
