"""Fills a store with as many contacts and open flags as a bench asks for: one small landlord, many times over, with its own ids.

Every table is copied row by row from that landlord, so a column that is added later is filled like the real one.
"""

import argparse
import hashlib
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import Table, insert, select

from triage.domain.audit import chain_hash
from triage.domain.customer import Customer
from triage.store import Store
from triage.store.codec import pack
from triage.store.tables import metadata
from triage.testing import NOW, SetClock, small_landlord
from triage.testing.contacts import MODEL

Row = dict[str, Any]
ISSUES: Final = {"boiler": "C-100", "leak": "C-200", "late": "C-300", "quiet": "C-400"}
SHARES: Final = (("boiler", 0.70), ("leak", 0.10), ("late", 0.15), ("quiet", 0.025))
"""Of the open flags; an issue with safeguarding has two, its card and a threat."""
PER_ISSUE: Final = {"boiler": 7, "leak": 1, "late": 2, "quiet": 2}
OPEN_FLAGS: Final = {"boiler": 1, "leak": 1, "late": 1, "quiet": 2}
FLAGS: Final = frozenset({"flag", "flag_contact", "raised", "incident"})
DAYS: Final = 120
ROUTES: Final = ("repairs@heron.example", "housing@heron.example", "complaints@heron.example")
APART: Final = frozenset({"audit", "feed", "customer", "ledger", "raw", "folder"})
ADDRESS: Final = "ade@post.example"
_STAMP = re.compile(r"20\d\d-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    contacts: int
    open_flags: int
    flag_ids: tuple[str, ...]


def address_of(number: int) -> str:
    return f"tenant{number}@post.example"


def seed(store: Store, *, contacts: int, open_flags: int, now: datetime, model: str = MODEL, chance: int = 1) -> Seeded:
    """Writes it all in one transaction for every thousand issues; ``model`` is the one that is said to have read them."""
    original = _original()
    order = [table for table in metadata.sorted_tables if original.rows.get(table.name)]
    plan = list(_plan(contacts, open_flags, random.Random(chance)))
    found: list[str] = []
    made = 0
    for start in range(0, len(plan), 1000):
        batch: dict[str, list[Row]] = {table.name: [] for table in order}
        for number, (name, is_open, is_flagged) in enumerate(plan[start : start + 1000], start):
            clone = _Clone(number=number, issue=name, age=number * 7919 % DAYS, now=now, model=model, original=original)
            for table in order:
                if is_flagged or table.name not in FLAGS:
                    batch[table.name] += clone.rows(table, is_open=is_open)
            found += clone.flags if is_flagged and is_open else []
            made += PER_ISSUE[name]
            batch.setdefault("customer", []).append(_customer(number))
        _write(store, order, batch)
        _write_mail(store, batch.get("contact", []), now)
    _write_audit(store, found, now)
    with store.begin() as unit:
        unit.landlord.note_feed("records", now, "ok")
        unit.landlord.note_feed("customers", now, "ok")
        unit.connection.exec_driver_sql("ANALYZE")
    return Seeded(contacts=made, open_flags=len(found), flag_ids=tuple(found))


def _plan(contacts: int, open_flags: int, chance: random.Random) -> Iterator[tuple[str, bool, bool]]:
    """(issue, still open, flagged): the open ones, as many decided ones, and quiet history up to the number of contacts."""
    flagged = [name for name, share in SHARES for _ in range(int(open_flags * share))]
    flagged += ["boiler"] * (open_flags - sum(OPEN_FLAGS[name] for name in flagged))
    left = contacts - 2 * sum(PER_ISSUE[name] for name in flagged)
    plan = [(name, is_open, True) for name in flagged for is_open in (True, False)]
    while left > 0:
        name = chance.choice(("boiler", "late"))
        plan.append((name, False, False))
        left -= PER_ISSUE[name]
    chance.shuffle(plan)
    return iter(plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Original:
    """The small landlord's rows by table, its open flags by issue, and what in its texts is a name or a moment."""

    rows: dict[str, list[Row]]
    flags: dict[str, list[str]]
    names: dict[str, re.Pattern[str]]


def _original() -> _Original:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/one.sqlite", durable=False).migrate()
        small_landlord(store)
        with store.read() as unit:
            rows = {
                table.name: [
                    dict(row._mapping) for row in unit.connection.execute(select(table)) if "c-broken" not in row
                ]
                for table in metadata.sorted_tables
                if table.name not in APART
            }
        store.close()
    flags = {name: [row["id"] for row in rows["flag"] if row["issue_id"] == f"i-{name}"] for name in ISSUES}
    return _Original(rows=rows, flags=flags, names={name: _names(name, flags[name]) for name in ISSUES})


def _names(issue: str, flags: Sequence[str]) -> re.Pattern[str]:
    fixed = "|".join(re.escape(name) for name in (*flags, f"i-{issue}", ISSUES[issue], MODEL, ADDRESS))
    return re.compile(rf"(?P<moment>{_STAMP.pattern})|{fixed}|c-{issue}-\w+|\br-[12]\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clone:
    """One issue with an id of its own: texts keep their words, and every moment moves by the same time."""

    number: int
    issue: str
    age: int
    now: datetime
    model: str
    original: _Original

    @property
    def shift(self) -> timedelta:
        return self.now - NOW - timedelta(days=self.age)

    @property
    def flags(self) -> list[str]:
        return [self.id_of(f"flag {place}") for place in range(OPEN_FLAGS[self.issue])]

    def id_of(self, name: str) -> str:
        return hashlib.sha256(f"{self.number}/{name}".encode()).hexdigest()[:32]

    def rows(self, table: Table, *, is_open: bool) -> list[Row]:
        mine = [row for row in self.original.rows[table.name] if self._is_mine(row)]
        return [self._row(table, row, is_open) for row in mine]

    def _is_mine(self, row: Row) -> bool:
        return any(isinstance(value, str) and f"-{self.issue}" in value for value in row.values()) or (
            row.get("customer_ref") == ISSUES[self.issue]
        )

    def _row(self, table: Table, row: Row, is_open: bool) -> Row:
        changed: Row = {}
        for column in table.columns:
            value = row[column.name]
            if isinstance(value, str):
                value = self._text(value)
            elif isinstance(value, datetime):
                value += self.shift
            if column.primary_key and isinstance(value, int):
                continue
            changed[column.name] = value
        if table.name == "flag" and not is_open:
            changed["state"] = "decided"
            changed["body"] = changed["body"].replace('"state":"open"', '"state":"decided"')
        if table.name == "score":
            changed["model"] = self.model
        return changed

    def _text(self, value: str) -> str:
        return self.original.names[self.issue].sub(self._renamed, value)

    def _renamed(self, found: re.Match[str]) -> str:
        name = found.group(0)
        if found.lastgroup == "moment":
            moved = datetime.fromisoformat(name) + self.shift
            return moved.astimezone(UTC).isoformat().replace("+00:00", "Z")
        fixed = {MODEL: self.model, ADDRESS: address_of(self.number), ISSUES[self.issue]: f"T-{self.number:06d}"}
        flags = self.original.flags[self.issue]
        return fixed.get(name) or (self.flags[flags.index(name)] if name in flags else self.id_of(name))


def _customer(number: int) -> Row:
    item = Customer(ref=f"T-{number:06d}", name=f"Tenant {number}", emails=(address_of(number),))
    return {"ref": item.ref, "body": pack(item)}


def _write(store: Store, order: Sequence[Table], batch: dict[str, list[Row]]) -> None:
    with store.begin() as unit:
        unit.connection.execute(insert(metadata.tables["customer"]), batch["customer"])
        for table in order:
            if batch[table.name]:
                unit.connection.execute(insert(table), batch[table.name])


def _write_mail(store: Store, contacts: Sequence[Row], now: datetime) -> None:
    """A message of some 2 kB behind every contact, in one of three mailboxes."""
    ledger, raw, folder = (metadata.tables[name] for name in ("ledger", "raw", "folder"))
    mails, rows = [], []
    for place, row in enumerate(contacts):
        digest = hashlib.sha256(row["id"].encode()).hexdigest()
        content = f"Message-ID: <{row['id']}@post.example>\r\n\r\n".encode() + b"The boiler is off again.\r\n" * 80
        mails.append({"sha256": digest, "size": len(content), "content": content})
        account = ROUTES[place % len(ROUTES)]
        rows.append(
            {
                "account": account,
                "folder": "INBOX",
                "uidvalidity": 1,
                "uid": row["id"],
                "state": "stored",
                "discovered_at": row["received"],
                "attempts": 0,
                "sha256": digest,
                "kind": "mail",
                "role": "inbox",
                "received": row["received"],
                "stored_at": row["received"],
                "present": True,
                "contact_id": row["id"],
            }
        )
    with store.begin() as unit:
        known = set(unit.connection.execute(select(folder.c.account)).scalars())
        for account in set(ROUTES) - known:
            unit.connection.execute(insert(folder).values(account=account, folder="INBOX", uidvalidity=1, seen_at=now))
        unit.connection.execute(insert(raw), mails)
        unit.connection.execute(insert(ledger), rows)


def _write_audit(store: Store, flags: Sequence[str], now: datetime) -> None:
    """What stands behind a year: each flag raised and looked at by several people, as one chain."""
    table = metadata.tables["audit"]
    acts = (("flag.raised", "pipeline", {"code": "A2"}), *(("flag.viewed", f"Reviewer {n}", {}) for n in range(5)))
    with store.begin() as unit:
        last = unit.audit.append(at=now - timedelta(days=DAYS), actor="bench", action="store.seeded", subject="all")
        seq, previous, rows = last.seq, last.hash, []
        for flag_id in flags:
            for action, actor, detail in acts:
                seq += 1
                at = now - timedelta(days=DAYS) + timedelta(seconds=seq)
                digest = chain_hash(
                    seq=seq, at=at, actor=actor, action=action, subject=flag_id, detail=detail, previous=previous
                )
                text = '{"code": "A2"}' if detail else "{}"
                rows.append(
                    {
                        "seq": seq,
                        "at": at,
                        "actor": actor,
                        "action": action,
                        "subject": flag_id,
                        "detail": text,
                        "previous": previous,
                        "hash": digest,
                    }
                )
                previous = digest
        if rows:
            unit.connection.execute(insert(table), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--contacts", type=int, default=200_000)
    parser.add_argument("--flags", type=int, default=5_000)
    given = parser.parse_args()
    store = Store(f"sqlite:///{given.database}", durable=False).migrate()
    print(seed(store, contacts=given.contacts, open_flags=given.flags, now=SetClock(datetime.now(UTC))()).contacts)
    store.close()


if __name__ == "__main__":
    main()
