"""Messages whose reading failed: why, how often it was tried and with which version; their bytes stay in ``raw``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from triage.store.tables import ledger, quarantine, raw
from triage_mailbox.messages import FolderRole, RawMessage, SourceKind


class QuarantineState(StrEnum):
    """``WAITING`` for another try or a person; ``READ`` once a try succeeded, kept for the record."""

    WAITING = "waiting"
    READ = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One message that could not be read: where it lies, the contact that shows it, why, and the tries so far.

    ``size`` in bytes as kept; ``reader`` names the versions of service and parsers that tried last.
    """

    id: int
    account: str
    folder: str
    uidvalidity: int
    uid: str
    sha256: str
    size: int
    contact_id: str
    reason: str
    attempts: int
    first_at: datetime
    last_at: datetime
    reader: str
    state: QuarantineState


class Quarantine:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, message: RawMessage, contact_id: str, reason: str, reader: str, at: datetime) -> None:
        """Notes a failed try; the first time a message fails it is added."""
        values: dict[str, Any] = {
            "reason": reason,
            "reader": reader,
            "last_at": at,
            "state": QuarantineState.WAITING.value,
        }
        again = update(quarantine).where(_of(message)).values(
            attempts=quarantine.c.attempts + 1, contact_id=contact_id, **values
        )  # fmt: skip
        if self._connection.execute(again).rowcount == 0:
            self._connection.execute(
                insert(quarantine).values(
                    account=message.account,
                    folder=message.folder,
                    uidvalidity=message.uidvalidity,
                    uid=message.uid,
                    sha256=message.sha256,
                    contact_id=contact_id,
                    attempts=1,
                    first_at=at,
                    **values,
                )
            )

    def solved(self, message: RawMessage, contact_id: str, reader: str, at: datetime) -> None:
        """A try succeeded: the contact that it became is noted and the row stays for the record."""
        self._connection.execute(
            update(quarantine)
            .where(_of(message))
            .values(
                attempts=quarantine.c.attempts + 1,
                contact_id=contact_id,
                reader=reader,
                last_at=at,
                state=QuarantineState.READ.value,
            )
        )

    def replaced(self, contact_id: str, at: datetime) -> None:
        """Another version of the contact's file came: what could not be read of the earlier one is not tried again."""
        waits = and_(quarantine.c.contact_id == contact_id, quarantine.c.state == QuarantineState.WAITING.value)
        self._connection.execute(update(quarantine).where(waits).values(state=QuarantineState.READ.value, last_at=at))

    def get(self, id: int) -> Quarantined | None:
        return next(iter(self._listed(quarantine.c.id == id)), None)

    def waiting(self, limit: int = 1_000) -> list[Quarantined]:
        """What still cannot be read, oldest first."""
        return self._listed(quarantine.c.state == QuarantineState.WAITING.value, limit)

    def not_tried_with(self, reader: str) -> list[int]:
        """The ids of what waits and was last tried by other versions: after an upgrade each is tried once."""
        query = select(quarantine.c.id).where(
            quarantine.c.state == QuarantineState.WAITING.value, quarantine.c.reader != reader
        )
        return list(self._connection.execute(query.order_by(quarantine.c.id)).scalars())

    def counts(self) -> dict[str, int]:
        """How many messages of each account wait in quarantine."""
        query = (
            select(quarantine.c.account, func.count())
            .where(quarantine.c.state == QuarantineState.WAITING.value)
            .group_by(quarantine.c.account)
        )
        return dict(self._connection.execute(query).all())

    def message(self, found: Quarantined) -> RawMessage | None:
        """The raw message with its bytes, as it was stored; None where the ledger no longer has it."""
        query = (
            select(ledger, raw.c.content)
            .join(raw, raw.c.sha256 == ledger.c.sha256)
            .where(
                ledger.c.account == found.account,
                ledger.c.folder == found.folder,
                ledger.c.uidvalidity == found.uidvalidity,
                ledger.c.uid == found.uid,
            )
        )
        row = self._connection.execute(query).first()
        if row is None:
            return None
        return RawMessage(
            account=row.account,
            folder=row.folder,
            uidvalidity=row.uidvalidity,
            uid=row.uid,
            content=row.content,
            sha256=row.sha256,
            received=row.received,
            kind=SourceKind(row.kind),
            role=FolderRole(row.role),
            name=row.name,
            sidecar=row.sidecar,
            truncated_from=row.truncated_from,
        )

    def _listed(self, where: Any, limit: int = 1_000) -> list[Quarantined]:
        query = (
            select(quarantine, raw.c.size)
            .join(raw, raw.c.sha256 == quarantine.c.sha256)
            .where(where)
            .order_by(quarantine.c.first_at, quarantine.c.id)
            .limit(limit)
        )
        rows: Iterable[Any] = self._connection.execute(query)
        return [_quarantined(row._mapping) for row in rows]


def _quarantined(row: Any) -> Quarantined:
    return Quarantined(**{**row, "state": QuarantineState(row["state"])})


def _of(message: RawMessage) -> Any:
    return and_(
        quarantine.c.account == message.account,
        quarantine.c.folder == message.folder,
        quarantine.c.uidvalidity == message.uidvalidity,
        quarantine.c.uid == message.uid,
    )
