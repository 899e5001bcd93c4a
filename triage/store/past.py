"""What the store holds of a period, in the order in which a replay takes it, read in small parts: no long look holds the log."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, select, tuple_

from triage.domain.contact import Contact, Direction
from triage.domain.score import Scores
from triage.store.codec import unpack
from triage.store.tables import Moment, contact, score

_RANK = case((contact.c.direction == Direction.IN.value, 1), else_=0)
"""At one moment what we wrote is known to what was written to us, as in `triage.history.order`."""
_SCORES = select(score.c.body).order_by(score.c.at.desc(), score.c.model).limit(1)


class Past:
    """Contacts that have been placed, from ``start`` until before ``end``."""

    def __init__(self, connection: Connection, start: datetime, end: datetime) -> None:
        self._connection = connection
        self._within = and_(contact.c.who.is_not(None), contact.c.at >= start, contact.c.at < end)

    def count(self) -> int:
        return int(self._connection.execute(select(func.count()).where(self._within)).scalar_one())

    def part(self, last: Contact | None, most: int) -> Iterator[Contact]:
        """The next contacts after ``last``, or the first where it is None."""
        query = select(contact.c.body).where(self._within).order_by(contact.c.at, _RANK, contact.c.id).limit(most)
        if last is not None:
            query = query.where(_after(last))
        return (unpack(Contact, body) for body in self._connection.execute(query).scalars())

    def scores(self, contact_id: str) -> Scores | None:
        """What a model said of a contact when it was read last."""
        body = self._connection.execute(_SCORES.where(score.c.contact_id == contact_id)).scalar()
        return unpack(Scores, body) if body else None


def _after(last: Contact) -> ColumnElement[bool]:
    place = tuple_(contact.c.at, _RANK, contact.c.id)
    of_last = tuple_(literal(last.at, Moment), literal(int(last.direction is Direction.IN)), literal(last.id))
    return and_(contact.c.at >= last.at, place > of_last)
