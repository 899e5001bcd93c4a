"""The hash-chained audit table: appended to in the transaction of the act itself."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, bindparam, insert, select

from triage.domain.audit import GENESIS, AuditEntry, chain_hash, verify_chain
from triage.domain.errors import AuditBrokenError, InputError
from triage.store.quick import Quick
from triage.store.tables import audit

_LAST = Quick(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1))
_ABOUT = Quick(select(audit).where(audit.c.subject == bindparam("of")).order_by(audit.c.seq))
_NAMES = tuple(column.name for column in audit.columns)
_ADD = Quick(insert(audit), ["seq", "at", "actor", "action", "subject", "detail", "previous", "hash"])


class AuditLog:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(
        self, *, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, str] | None = None
    ) -> AuditEntry:
        """Adds one entry; ``detail`` holds ids and codes, never a message's words."""
        last = _LAST.first(self._connection)
        seq, previous = (last[0] + 1, last[1]) if last else (1, GENESIS)
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
        _ADD.change(self._connection, {**row, "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True)})
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
        if subject is not None and limit is None:
            for found in _ABOUT.rows(self._connection, {"of": subject}):
                fields = dict(zip(_NAMES, found, strict=True))
                yield AuditEntry(**{**fields, "detail": json.loads(fields["detail"])})
            return
        query = select(audit).order_by(audit.c.seq)
        if subject is not None:
            query = query.where(audit.c.subject == subject)
        for row in self._connection.execute(query.limit(limit)):
            yield _entry(row)

    def newest(
        self, limit: int, *, before: int | None = None, actor: str = "", action: str = "", subject: str = ""
    ) -> list[AuditEntry]:
        """The last entries first; with ``before`` those of a smaller number alone. ``action`` is how it begins."""
        query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.seq < before)
        if actor:
            query = query.where(audit.c.actor == actor)
        if action:
            query = query.where(audit.c.action.startswith(action, autoescape=True))
        if subject:
            query = query.where(audit.c.subject == subject)
        return [_entry(row) for row in self._connection.execute(query)]

    def verify(self, *, since: str | None = None) -> int:
        """The number of entries in an unbroken chain; raises AuditBrokenError naming the first that does not fit.

        ``since`` is "number hash" of an entry as it was told before: it must be there and be the same.
        """
        count = verify_chain(self.entries())
        number, _, told = (since or "").strip().partition(" ")
        if since is not None:
            if not (number.isascii() and number.isdigit() and len(number) < 16 and told.strip()):
                raise InputError(f"--since {since!r} is not what an earlier run printed: a number, a space and a hash.")
            seq = int(number)
            found = self._connection.execute(select(audit.c.hash).where(audit.c.seq == seq)).scalar()
            if found is None or found != told.strip():
                raise AuditBrokenError(
                    f"Entry {number} is not as it was told before: entries were altered or taken off."
                )
        return count


def _entry(row: Row[tuple[object, ...]]) -> AuditEntry:
    fields = row._asdict()
    return AuditEntry(**{**fields, "detail": json.loads(fields["detail"])})


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
