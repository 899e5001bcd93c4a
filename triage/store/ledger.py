"""The ledger of every message ever listed by a server, on the same database as the messages themselves (faults 0.1, 0.2)."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, or_, select, update

from triage.store.engine import Store
from triage.store.tables import folder as folder_table
from triage.store.tables import ledger, raw
from triage_mailbox.ledger import RETRY_UNFETCHABLE_AFTER, TRIES_BEFORE_UNFETCHABLE, LedgerCounts, LedgerState
from triage_mailbox.messages import RawMessage


class SqlLedger:
    """Keeps one row per UID; a message's bytes and its row are committed together, so a kill loses neither."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def discover(self, account: str, folder: str, uidvalidity: int, uids: Collection[str], now: datetime) -> None:
        with self._store.begin() as unit:
            connection = unit.connection
            _make_newest(connection, account, folder, uidvalidity, now)
            here = _in(account, folder, uidvalidity)
            known = {
                uid: (state, present)
                for uid, state, present in connection.execute(
                    select(ledger.c.uid, ledger.c.state, ledger.c.present).where(here)
                )
            }
            back = [uid for uid in uids if uid in known and known[uid] == (LedgerState.GONE.value, False)]
            for few in batched(back):
                again = {"state": LedgerState.DISCOVERED.value, "attempts": 0, "present": True}
                connection.execute(update(ledger).where(here, ledger.c.uid.in_(few)).values(**again))
            unseen = [uid for uid in uids if uid in known and known[uid] == (LedgerState.STORED.value, False)]
            for few in batched(unseen):
                connection.execute(update(ledger).where(here, ledger.c.uid.in_(few)).values(present=True))
            rows = [
                {
                    "account": account,
                    "folder": folder,
                    "uidvalidity": uidvalidity,
                    "uid": uid,
                    "state": LedgerState.DISCOVERED.value,
                    "discovered_at": now,
                    "attempts": 0,
                    "present": True,
                }
                for uid in dict.fromkeys(uids)
                if uid not in known
            ]
            if rows:
                connection.execute(insert(ledger), rows)

    def known(self, account: str, folder: str, uidvalidity: int) -> dict[str, LedgerState]:
        with self._store.read() as unit:
            rows = unit.connection.execute(
                select(ledger.c.uid, ledger.c.state).where(_in(account, folder, uidvalidity))
            )
            return {uid: LedgerState(state) for uid, state in rows}

    def waiting(self, account: str, folder: str, uidvalidity: int, now: datetime) -> list[str]:
        due = or_(
            ledger.c.state == LedgerState.DISCOVERED.value,
            and_(ledger.c.state == LedgerState.UNFETCHABLE.value, ledger.c.next_try <= now),
        )
        with self._store.read() as unit:
            query = select(ledger.c.uid, ledger.c.discovered_at).where(_in(account, folder, uidvalidity), due)
            rows = unit.connection.execute(query).all()
            return [uid for uid, _ in sorted(rows, key=lambda row: (row[1], len(row[0]), row[0]))]

    def store(self, message: RawMessage, now: datetime) -> bool:
        key = _row(message.account, message.folder, message.uidvalidity, message.uid)
        values = {
            "state": LedgerState.STORED.value,
            "sha256": message.sha256,
            "kind": message.kind.value,
            "role": message.role.value,
            "name": message.name,
            "sidecar": message.sidecar,
            "received": message.received,
            "truncated_from": message.truncated_from,
            "stored_at": now,
            "reason": None,
            "next_try": None,
        }
        with self._store.begin() as unit:
            connection = unit.connection
            state = connection.execute(select(ledger.c.state).where(key)).scalar()
            if state == LedgerState.STORED.value:
                return False
            if not connection.execute(select(raw.c.size).where(raw.c.sha256 == message.sha256)).first():
                connection.execute(
                    insert(raw).values(sha256=message.sha256, size=len(message.content), content=message.content)
                )
            if state is None:
                identity = {
                    "account": message.account,
                    "folder": message.folder,
                    "uidvalidity": message.uidvalidity,
                    "uid": message.uid,
                }
                connection.execute(
                    insert(ledger).values(**identity, **values, discovered_at=now, attempts=0, present=True)
                )
            else:
                connection.execute(update(ledger).where(key).values(**values))
        return True

    def failed(self, account: str, folder: str, uidvalidity: int, uid: str, reason: str, now: datetime) -> None:
        attempts = ledger.c.attempts + 1
        given_up = attempts >= TRIES_BEFORE_UNFETCHABLE
        with self._store.begin() as unit:
            unit.connection.execute(
                update(ledger)
                .where(_row(account, folder, uidvalidity, uid), ledger.c.state != LedgerState.STORED.value)
                .values(
                    attempts=attempts,
                    reason=reason,
                    state=case((given_up, LedgerState.UNFETCHABLE.value), else_=LedgerState.DISCOVERED.value),
                    next_try=now + RETRY_UNFETCHABLE_AFTER,
                )
            )

    def gone(self, account: str, folder: str, uidvalidity: int, uids: Collection[str], now: datetime) -> None:
        here, unfinished = _in(account, folder, uidvalidity), ledger.c.state != LedgerState.STORED.value
        with self._store.begin() as unit:
            for few in batched(list(uids)):
                unit.connection.execute(update(ledger).where(here, ledger.c.uid.in_(few)).values(present=False))
                unit.connection.execute(
                    update(ledger)
                    .where(here, ledger.c.uid.in_(few), unfinished)
                    .values(state=LedgerState.GONE.value, next_try=None)
                )

    def counts(self, account: str, folder: str) -> LedgerCounts:
        newest = select(folder_table.c.uidvalidity).where(
            folder_table.c.account == account, folder_table.c.folder == folder
        )
        here = and_(
            ledger.c.account == account, ledger.c.folder == folder, ledger.c.uidvalidity == newest.scalar_subquery()
        )
        with self._store.read() as unit:
            row = unit.connection.execute(
                select(
                    func.count().filter(ledger.c.present).label("on_server"),
                    *(
                        func.count().filter(ledger.c.state == state.value).label(name)
                        for name, state in COUNTED.items()
                    ),
                ).where(here)
            ).one()
        return LedgerCounts(**row._mapping)


MOST_PARAMETERS = 500
COUNTED = {
    "stored": LedgerState.STORED,
    "waiting": LedgerState.DISCOVERED,
    "gone": LedgerState.GONE,
    "unfetchable": LedgerState.UNFETCHABLE,
}


def batched(uids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Lists that a database takes as parameters of one statement."""
    return (uids[start : start + MOST_PARAMETERS] for start in range(0, len(uids), MOST_PARAMETERS))


def _make_newest(connection: Connection, account: str, folder: str, uidvalidity: int, now: datetime) -> None:
    key = and_(folder_table.c.account == account, folder_table.c.folder == folder)
    if connection.execute(update(folder_table).where(key).values(uidvalidity=uidvalidity, seen_at=now)).rowcount == 0:
        connection.execute(
            insert(folder_table).values(account=account, folder=folder, uidvalidity=uidvalidity, seen_at=now)
        )


def _in(account: str, folder: str, uidvalidity: int) -> ColumnElement[bool]:
    return and_(ledger.c.account == account, ledger.c.folder == folder, ledger.c.uidvalidity == uidvalidity)


def _row(account: str, folder: str, uidvalidity: int, uid: str) -> ColumnElement[bool]:
    return and_(_in(account, folder, uidvalidity), ledger.c.uid == uid)
