"""The ledger of every message ever listed by a server, on the same database as the messages themselves (faults 0.1, 0.2)."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, insert, or_, select, update

from triage.store.engine import Store
from triage.store.folders import COUNTED, folder_counts, of_newest
from triage.store.tables import folder as folder_table
from triage.store.tables import ledger, raw
from triage_mailbox.addresses import sender_of
from triage_mailbox.ledger import (
    RETRY_UNFETCHABLE_AFTER,
    TRIES_BEFORE_UNFETCHABLE,
    FolderCounts,
    LedgerCounts,
    LedgerState,
    Unfetched,
)
from triage_mailbox.messages import RawMessage, SourceKind

T = TypeVar("T")


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
            and_(
                ledger.c.state == LedgerState.UNFETCHABLE.value,
                or_(ledger.c.next_try <= now, ledger.c.next_try > now + RETRY_UNFETCHABLE_AFTER),
            ),
        )
        with self._store.read() as unit:
            query = select(ledger.c.uid, ledger.c.discovered_at).where(_in(account, folder, uidvalidity), due)
            rows = unit.connection.execute(query).all()
            return [uid for uid, _ in sorted(rows, key=lambda row: (row[1], len(row[0]), row[0]))]

    def store(self, message: RawMessage, now: datetime) -> bool:
        return self.store_all([message], now) == 1

    def store_all(self, messages: Sequence[RawMessage], now: datetime) -> int:
        if not messages:
            return 0
        by_folder = sorted(messages, key=_generation)
        with self._store.begin() as unit:
            _put_bytes(unit.connection, messages)
            return sum(
                _store_generation(unit.connection, key, list(few), now)
                for key, group in groupby(by_folder, key=_generation)
                for few in batched(list(group))
            )

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

    def folders(self) -> tuple[FolderCounts, ...]:
        with self._store.read() as unit:
            return folder_counts(unit.connection)

    def unfetched(self, limit: int = 200) -> tuple[Unfetched, ...]:
        unfinished = (LedgerState.DISCOVERED.value, LedgerState.UNFETCHABLE.value)
        query = (
            select(
                ledger.c.account,
                ledger.c.folder,
                ledger.c.uidvalidity,
                ledger.c.uid,
                ledger.c.state,
                ledger.c.attempts,
                ledger.c.reason,
                case((ledger.c.state == LedgerState.UNFETCHABLE.value, ledger.c.next_try)).label("next_try"),
            )
            .join(folder_table, of_newest)
            .where(ledger.c.state.in_(unfinished), ledger.c.attempts > 0)
            .order_by(ledger.c.attempts.desc(), ledger.c.account, ledger.c.folder, ledger.c.uid)
            .limit(limit)
        )
        with self._store.read() as unit:
            rows = unit.connection.execute(query).all()
        return tuple(
            Unfetched(**{**row._mapping, "state": LedgerState(row.state), "reason": row.reason or ""}) for row in rows
        )


MOST_PARAMETERS = 500


def batched(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Lists that a database takes as parameters of one statement."""
    return (items[start : start + MOST_PARAMETERS] for start in range(0, len(items), MOST_PARAMETERS))


def _generation(message: RawMessage) -> tuple[str, str, int]:
    return message.account, message.folder, message.uidvalidity


def _put_bytes(connection: Connection, messages: Sequence[RawMessage]) -> None:
    """Bytes that are not kept yet; the same bytes are kept once, whatever brings them."""
    by_hash = {message.sha256: message.content for message in messages}
    for few in batched(list(by_hash)):
        held = set(connection.execute(select(raw.c.sha256).where(raw.c.sha256.in_(few))).scalars())
        rows = [
            {"sha256": sha256, "size": len(by_hash[sha256]), "content": by_hash[sha256]}
            for sha256 in few
            if sha256 not in held
        ]
        if rows:
            connection.execute(insert(raw), rows)


def _store_generation(
    connection: Connection, key: tuple[str, str, int], messages: Sequence[RawMessage], now: datetime
) -> int:
    here = _in(*key)
    by_uid = {message.uid: message for message in reversed(messages)}  # of two under one key the first is kept
    query = select(ledger.c.uid, ledger.c.state).where(here, ledger.c.uid.in_(by_uid))
    states: dict[str, str] = {row.uid: row.state for row in connection.execute(query)}
    fresh = [message for uid, message in by_uid.items() if states.get(uid) != LedgerState.STORED.value]
    contacts = _contacts_of_older(connection, key, fresh)
    values = {message.uid: _stored(message, now, contacts.get(message.sha256)) for message in fresh}
    account, folder, uidvalidity = key
    identity = {"account": account, "folder": folder, "uidvalidity": uidvalidity}
    unknown = [
        {**identity, "uid": uid, "discovered_at": now, "attempts": 0, "present": True, **row}
        for uid, row in values.items()
        if uid not in states
    ]
    if unknown:
        connection.execute(insert(ledger), unknown)
    known = [{"its_uid": uid, **row} for uid, row in values.items() if uid in states]
    if known:
        connection.execute(update(ledger).where(here, ledger.c.uid == bindparam("its_uid")), known)
    return len(fresh)


def _stored(message: RawMessage, now: datetime, contact_id: str | None) -> dict[str, object]:
    return {
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
        "contact_id": contact_id,
        "sender": sender_of(message.content) if message.kind is SourceKind.MAIL else None,
    }


def _contacts_of_older(
    connection: Connection, key: tuple[str, str, int], messages: Sequence[RawMessage]
) -> dict[str, str]:
    """Contacts that the same bytes already are, from this folder's other generations: a rebuilt mailbox tells nothing new.

    Asked only where there is another generation, which the primary key answers at once.
    """
    account, folder, uidvalidity = key
    found: dict[str, str] = {}
    for other in (ledger.c.uidvalidity < uidvalidity, ledger.c.uidvalidity > uidvalidity):
        elsewhere = and_(ledger.c.account == account, ledger.c.folder == folder, other)
        if connection.execute(select(ledger.c.uid).where(elsewhere).limit(1)).first() is None:
            continue
        hashes = [message.sha256 for message in messages]
        query = select(ledger.c.sha256, ledger.c.contact_id)
        rows = connection.execute(query.where(elsewhere, ledger.c.sha256.in_(hashes), ledger.c.contact_id.is_not(None)))
        found |= {row.sha256: row.contact_id for row in rows}
    return found


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
