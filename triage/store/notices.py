"""Notices: which raised codes a place has been told of, and which are tried again."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from triage.domain.flag import FlagKind
from triage.domain.notice import Notice
from triage.store.tables import flag, notice, raised


class Notices:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def gather(self, place: str, kinds: Collection[FlagKind], since: datetime, now: datetime) -> int:
        """Puts down what was raised since and this place is not yet to be told of; returns how many."""
        newest = select(func.max(notice.c.raised_seq)).where(notice.c.place == place).scalar_subquery()
        query = (
            select(raised.c.seq)
            .join(flag, flag.c.id == raised.c.flag_id)
            .where(flag.c.kind.in_([kind.value for kind in kinds]), raised.c.at >= since)
            .where(raised.c.seq > func.coalesce(newest, 0))
        )
        rows = [
            {"raised_seq": seq, "place": place, "attempts": 0, "next_try": now}
            for seq in self._connection.execute(query).scalars()
        ]
        if rows:
            self._connection.execute(insert(notice), rows)
        return len(rows)

    def due(self, now: datetime, limit: int = 50) -> list[Notice]:
        query = (
            select(
                notice.c.raised_seq.label("number"),
                notice.c.place,
                notice.c.attempts,
                raised.c.flag_id,
                raised.c.at.label("raised_at"),
                flag.c.kind,
            )
            .join(raised, raised.c.seq == notice.c.raised_seq)
            .join(flag, flag.c.id == raised.c.flag_id)
            .where(notice.c.next_try <= now)
            .order_by(flag.c.urgency, notice.c.raised_seq)
            .limit(limit)
        )
        return [Notice(**row._asdict()) for row in self._connection.execute(query)]

    def told(self, item: Notice, now: datetime) -> None:
        self._write(item, told_at=now, next_try=None, attempts=item.attempts + 1, reason=None)

    def failed(self, item: Notice, reason: str, next_try: datetime | None) -> None:
        self._write(item, next_try=next_try, attempts=item.attempts + 1, reason=reason)

    def given_up(self) -> int:
        """How many were never told of: shown among the problems of the service."""
        query = select(func.count()).where(notice.c.next_try.is_(None), notice.c.told_at.is_(None))
        return self._connection.execute(query).scalar_one()

    def _write(self, item: Notice, **values: object) -> None:
        key = (notice.c.raised_seq == item.number, notice.c.place == item.place)
        self._connection.execute(update(notice).where(*key).values(**values))
