"""API tokens of sources, kept as hashes alone, and the answers to requests that may be sent again (idempotency keys)."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, insert, select, update

from triage.store.tables import api_token, idempotency

KEPT_FOR = timedelta(days=30)
PREFIX = "trg_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token allows: rows of these kinds in this source's name. The token itself is known to its holder alone."""

    id: str
    source: str
    kinds: frozenset[str]
    made_by: str
    made_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was answered to a request with this key, and the digest of what it sent."""

    digest: str
    status: int
    answer: str


class Tokens:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def make(self, source: str, kinds: Collection[str], *, by: str, at: datetime) -> tuple[str, Token]:
        """The new token, to be shown once and forgotten, and what is kept of it."""
        secret = PREFIX + secrets.token_urlsafe(32)
        token = Token(id=secrets.token_hex(4), source=source, kinds=frozenset(kinds), made_by=by, made_at=at)
        self._connection.execute(
            insert(api_token).values(
                id=token.id,
                token_hash=_hash(secret),
                source=source,
                kinds=" ".join(sorted(token.kinds)),
                made_by=by,
                made_at=at,
            )
        )
        return secret, token

    def find(self, secret: str) -> Token | None:
        """The token of a secret; None for one that was never made or is revoked."""
        row = self._connection.execute(select(api_token).where(api_token.c.token_hash == _hash(secret))).first()
        if row is None or row.revoked_at is not None or not hmac.compare_digest(row.token_hash, _hash(secret)):
            return None
        return _token(row)

    def used(self, token_id: str, at: datetime) -> None:
        self._connection.execute(update(api_token).where(api_token.c.id == token_id).values(used_at=at))

    def revoke(self, token_id: str, at: datetime) -> Token | None:
        """The token that is good no longer; None where there is none of that id or it was revoked before."""
        live = (api_token.c.id == token_id) & api_token.c.revoked_at.is_(None)
        if self._connection.execute(update(api_token).where(live).values(revoked_at=at)).rowcount != 1:
            return None
        return _token(self._connection.execute(select(api_token).where(api_token.c.id == token_id)).one())

    def all(self) -> list[Token]:
        return [_token(row) for row in self._connection.execute(select(api_token).order_by(api_token.c.made_at))]

    # requests that may be sent again

    def answered(self, source: str, key: str) -> Answered | None:
        here = (idempotency.c.source == source) & (idempotency.c.key == key)
        row = self._connection.execute(select(idempotency).where(here)).first()
        return Answered(digest=row.digest, status=row.status, answer=row.answer) if row else None

    def answer(self, source: str, key: str, answered: Answered, at: datetime) -> None:
        """Keeps an answer for 30 days; in the transaction of what it answers, so that both are kept or neither."""
        self._connection.execute(delete(idempotency).where(idempotency.c.at < at - KEPT_FOR))
        self._connection.execute(
            insert(idempotency).values(
                source=source, key=key, digest=answered.digest, status=answered.status, answer=answered.answer, at=at
            )
        )


def _token(row: Row[tuple[object, ...]]) -> Token:
    found = row._mapping
    return Token(
        id=found["id"],
        source=found["source"],
        kinds=frozenset(found["kinds"].split()),
        made_by=found["made_by"],
        made_at=found["made_at"],
        used_at=found["used_at"],
        revoked_at=found["revoked_at"],
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
