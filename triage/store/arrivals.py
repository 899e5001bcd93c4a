"""Every row that came by another route than mail, in each version in which it was given, and rows that were refused.

The log is only ever added to: a row that changed is a new version, and what was first said stays as it was said.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from triage.store.tables import arrival, rejected

FEW = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A row as a source gave it; ``item_id`` is the id under which what it says is kept."""

    kind: str
    item_id: str
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One version of a row. ``taken_at`` is None while it waits to be taken in."""

    seq: int
    source: str
    kind: str
    item_id: str
    version: int
    at: datetime
    taken_at: datetime | None
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """How many rows were new, how many were another version of one known, and how many said nothing new."""

    new: int = 0
    changed: int = 0
    same: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A row that could not be used, where it stood and why."""

    source: str
    file: str
    line: int
    reason: str
    body: str
    at: datetime


class Arrivals:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(
        self, source: str, rows: Sequence[Given], at: datetime, *, taken: Collection[tuple[str, str]] = ()
    ) -> Noted:
        """Adds what is new or changed since this source's last version; the same row again adds nothing.

        ``taken`` names (kind, item_id) that are known from before and need no taking in at their first version here.
        """
        last = self._last(source, {(given.kind, given.item_id) for given in rows})
        new = changed = same = 0
        for given in rows:
            key, body = (given.kind, given.item_id), _body(given.row)
            digest = hashlib.sha256(body.encode()).hexdigest()
            version, known = last.get(key, (0, None))
            if known == digest:
                same += 1
                continue
            new, changed = new + (version == 0), changed + (version > 0)
            last[key] = (version + 1, digest)
            self._connection.execute(
                insert(arrival).values(
                    source=source,
                    kind=given.kind,
                    item_id=given.item_id,
                    version=version + 1,
                    digest=digest,
                    at=at,
                    body=body,
                    taken_at=at if version == 0 and key in taken else None,
                )
            )
        return Noted(new=new, changed=changed, same=same)

    def _last(self, source: str, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str | None]]:
        found: dict[tuple[str, str], tuple[int, str | None]] = {}
        for kind in {kind for kind, _ in keys}:
            ids = [item_id for of, item_id in keys if of == kind]
            for start in range(0, len(ids), FEW):
                mine = and_(
                    arrival.c.source == source,
                    arrival.c.kind == kind,
                    arrival.c.item_id.in_(ids[start : start + FEW]),
                )
                query = select(arrival.c.item_id, arrival.c.version, arrival.c.digest).where(mine)
                for row in self._connection.execute(query.order_by(arrival.c.version)):
                    found[kind, row.item_id] = (row.version, row.digest)
        return found

    def waiting(self, limit: int) -> list[Arrival]:
        """What has not been taken in yet, first come first; what a crash left is still here."""
        query = select(arrival).where(arrival.c.taken_at.is_(None)).order_by(arrival.c.seq).limit(limit)
        return [_arrival(row) for row in self._connection.execute(query)]

    def take(self, seqs: Sequence[int], at: datetime) -> None:
        for start in range(0, len(seqs), FEW):
            some = arrival.c.seq.in_(seqs[start : start + FEW])
            self._connection.execute(update(arrival).where(some).values(taken_at=at))

    def ids(self, kind: str) -> set[str]:
        """Every id of this kind that any source ever gave."""
        return set(self._connection.execute(select(arrival.c.item_id).where(arrival.c.kind == kind)).scalars())

    def count_waiting(self) -> int:
        query = select(func.count()).select_from(arrival).where(arrival.c.taken_at.is_(None))
        return self._connection.execute(query).scalar_one()

    def versions(self, kind: str, item_id: str) -> list[Arrival]:
        """Everything that was ever given under this id, oldest first."""
        here: ColumnElement[bool] = and_(arrival.c.kind == kind, arrival.c.item_id == item_id)
        return [_arrival(row) for row in self._connection.execute(select(arrival).where(here).order_by(arrival.c.seq))]

    def sources(self) -> list[tuple[str, str, int, int, datetime]]:
        """(source, kind, rows, waiting, last arrival) of every source that ever gave anything."""
        query = (
            select(
                arrival.c.source,
                arrival.c.kind,
                func.count(),
                func.count().filter(arrival.c.taken_at.is_(None)),
                func.max(arrival.c.at),
            )
            .group_by(arrival.c.source, arrival.c.kind)
            .order_by(arrival.c.source, arrival.c.kind)
        )
        return [(row[0], row[1], row[2], row[3], row[4]) for row in self._connection.execute(query)]

    # rows that were refused

    def refuse(self, rows: Iterable[Refused]) -> None:
        values = [
            {
                "source": row.source,
                "file": row.file,
                "line": row.line,
                "reason": row.reason,
                "body": row.body,
                "at": row.at,
            }
            for row in rows
        ]
        if values:
            self._connection.execute(insert(rejected), values)

    def refused(self, limit: int = 200) -> list[Refused]:
        """Newest first."""
        query = select(rejected).order_by(rejected.c.seq.desc()).limit(limit)
        return [
            Refused(source=row.source, file=row.file, line=row.line, reason=row.reason, body=row.body, at=row.at)
            for row in self._connection.execute(query)
        ]


def _body(row: Mapping[str, Any]) -> str:
    """One way to write a row, in ASCII: NUL and lone surrogates are escapes that every database can hold."""
    return json.dumps(row, sort_keys=True, ensure_ascii=True, default=str)


def _arrival(row: Row[Any]) -> Arrival:
    return Arrival(
        seq=row.seq,
        source=row.source,
        kind=row.kind,
        item_id=row.item_id,
        version=row.version,
        at=row.at,
        taken_at=row.taken_at,
        row=json.loads(row.body),
    )
