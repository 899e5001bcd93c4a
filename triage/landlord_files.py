"""What a landlord exports: customers.csv, records.csv, standards.toml and contacts of other routes as JSON lines."""

import csv
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triage.domain.customer import Customer
from triage.domain.errors import InputError
from triage.domain.record import OwnStandards
from triage.history import FeedState, Item, customer_of_row, read_history, record_of_row, standards_of_row
from triage.store.arrivals import Given

LISTS = ("emails", "phones", "adjustments")


@dataclass(slots=True, kw_only=True)
class LandlordFiles:
    """The landlord's side as read now; ``problems`` names each row that cannot be used, and why.

    ``given`` are the rows of customers, records and contacts as they stand in the file of that name: a changed row is
    known by them. ``stamps`` are the time and size that each such file had before it was read.
    """

    given: dict[str, list[Given]] = field(default_factory=dict)
    stamps: dict[str, tuple[int, ...]] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)
    standards: list[OwnStandards] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exports:
    """The landlord's files as they were read: their times and sizes, and what was wrong with them. Unchanged, they are not read again."""

    stamps: tuple[tuple[int, int] | None, ...]
    problems: tuple[str, ...]


def stamps_of(*paths: Path | None) -> tuple[tuple[int, int] | None, ...]:
    """Time and size of each file; None for one that is not named or not there (reading it tells that in words)."""
    found = [path.stat() if path is not None and path.is_file() else None for path in paths]
    return tuple(None if stat is None else (stat.st_mtime_ns, stat.st_size) for stat in found)


def read_landlord_files(
    *, customers: Path | None, records: Path | None, standards: Path | None, contacts: Sequence[Path]
) -> LandlordFiles:
    """Reads what there is. Raises InputError for a file that is named but not there, or is no CSV, TOML or JSON lines."""
    found = LandlordFiles()
    for path in (customers, records, *contacts):
        if path is not None and path.is_file():
            before = path.stat()
            found.stamps[path.name] = (*found.stamps.get(path.name, ()), before.st_mtime_ns, before.st_size)
    if customers is not None:
        for where, row in _rows(customers):
            _try(found, where, lambda row=row: _add_customer(found, customers.name, row))
    if records is not None:
        for where, row in _rows(records):
            _try(found, where, lambda row=row: _add_record(found, records.name, row))
    if standards is not None:
        found.standards = [standards_of_row(row) for row in _toml(standards)]
    for path in contacts:
        history = read_history(_text(path).splitlines())
        found.items += [item for item in history.items if not isinstance(item, FeedState)]
        found.given.setdefault(path.name, []).extend(
            Given(kind=kind, item_id=item_id, row=row) for kind, item_id, row in history.given
        )
        found.problems += [f"{path.name}: {problem}" for problem in history.problems]
    return found


def _add_customer(found: LandlordFiles, name: str, row: Mapping[str, Any]) -> None:
    row = {**row, **{key: _split(row.get(key)) for key in LISTS}}
    customer = customer_of_row(row)
    found.customers.append(customer)
    found.given.setdefault(name, []).append(Given(kind="customer", item_id=customer.ref, row=row))


def _add_record(found: LandlordFiles, name: str, row: Mapping[str, Any]) -> None:
    record = record_of_row(row)
    found.items.append(record)
    found.given.setdefault(name, []).append(Given(kind="record", item_id=record.id, row=row))


def _try(found: LandlordFiles, where: str, take: Any) -> None:
    try:
        take()
    except InputError as error:
        found.problems.append(f"{where}: {error}")


def _split(value: str | None) -> list[str]:
    return [part.strip() for part in (value or "").split(";") if part.strip()]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    reader = csv.DictReader(_text(path).splitlines(keepends=True))
    for row in reader:
        yield (
            f"{path.name} line {reader.line_num}",
            {key: value for key, value in row.items() if isinstance(key, str) and isinstance(value, str)},
        )


def _toml(path: Path) -> list[Mapping[str, Any]]:
    try:
        rows = tomllib.loads(_text(path)).get("standards", [])
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not TOML: {error}.") from error
    return rows if isinstance(rows, list) else [rows]
