"""The audit chain: each entry's hash covers the one before, so that a changed or missing row is seen."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from triage.domain.errors import AuditBrokenError

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what to which thing; ``detail`` holds ids and codes, never a message's words (S34)."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, str]
    previous: str
    hash: str


def chain_hash(
    *, seq: int, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, str], previous: str
) -> str:
    """SHA-256 over the canonical JSON of the entry and the hash before it."""
    body = [seq, at.isoformat(), actor, action, subject, dict(sorted(detail.items())), previous]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def verify_chain(entries: Iterable[AuditEntry]) -> int:
    """Counts the entries of an unbroken chain; raises AuditBrokenError naming the first that does not fit."""
    previous, count = GENESIS, 0
    for entry in entries:
        count += 1
        expected = chain_hash(
            seq=entry.seq,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            detail=entry.detail,
            previous=previous,
        )
        if entry.seq != count or entry.previous != previous or entry.hash != expected:
            raise AuditBrokenError(
                f"Audit entry {entry.seq} does not fit the chain at position {count}: the record was altered."
            )
        previous = entry.hash
    return count
