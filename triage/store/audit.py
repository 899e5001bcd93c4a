"""The hash-chained audit table: appended to in the transaction of the act itself."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, insert, select

from triage.domain.audit import GENESIS, AuditEntry, chain_hash, verify_chain
from triage.store.tables import audit


class AuditLog:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(
        self, *, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, str] | None = None
    ) -> AuditEntry:
        """Adds one entry; ``detail`` holds ids and codes, never a message's words."""
        last = self._connection.execute(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).first()
        seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
        detail = dict(detail or {})
        digest = chain_hash(
            seq=seq, at=_utc(at), actor=actor, action=action, subject=subject, detail=detail, previous=previous
        )
        row = {
            "seq": seq,
            "at": at,
            "actor": actor,
            "action": action,
            "subject": subject,
            "previous": previous,
            "hash": digest,
        }
        self._connection.execute(
            insert(audit).values(**row, detail=json.dumps(detail, ensure_ascii=False, sort_keys=True))
        )
        return AuditEntry(
            seq=seq,
            at=_utc(at),
            actor=actor,
            action=action,
            subject=subject,
            detail=detail,
            previous=previous,
            hash=digest,
        )

    def entries(self, *, subject: str | None = None, limit: int | None = None) -> Iterator[AuditEntry]:
        """In order of time; with ``subject`` only those about it."""
        query = select(audit).order_by(audit.c.seq)
        if subject is not None:
            query = query.where(audit.c.subject == subject)
        for row in self._connection.execute(query.limit(limit)):
            yield _entry(row)

    def verify(self) -> int:
        """The number of entries in an unbroken chain; raises AuditBrokenError naming the first that does not fit."""
        return verify_chain(self.entries())


def _entry(row: Row[tuple[object, ...]]) -> AuditEntry:
    fields = row._asdict()
    return AuditEntry(**{**fields, "detail": json.loads(fields["detail"])})


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
