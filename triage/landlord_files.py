"""What a landlord exports: customers.csv, records.csv, standards.toml and contacts of other routes as JSON lines."""

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triage.domain.customer import Customer
from triage.domain.errors import InputError
from triage.domain.record import ServiceStandards
from triage.history import FeedState, Item, customer_of_row, read_history, record_of_row, standards_of_row

LISTS = ("emails", "phones", "adjustments")


@dataclass(slots=True, kw_only=True)
class LandlordFiles:
    """The landlord's side as read now; ``problems`` names each row that cannot be used, and why."""

    customers: list[Customer] = field(default_factory=list)
    standards: list[ServiceStandards] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_landlord_files(
    *, customers: Path | None, records: Path | None, standards: Path | None, contacts: Iterable[Path]
) -> LandlordFiles:
    """Reads what there is. Raises InputError for a file that is named but not there, or is no CSV, TOML or JSON lines."""
    found = LandlordFiles()
    if customers is not None:
        for where, row in _rows(customers):
            _try(
                found,
                where,
                lambda row=row: found.customers.append(
                    customer_of_row({**row, **{key: _split(row.get(key)) for key in LISTS}})
                ),
            )
    if records is not None:
        for where, row in _rows(records):
            _try(found, where, lambda row=row: found.items.append(record_of_row(row)))
    if standards is not None:
        found.standards = [standards_of_row(row) for row in _toml(standards)]
    for path in contacts:
        history = read_history(_text(path).splitlines())
        found.items += [item for item in history.items if not isinstance(item, FeedState)]
        found.problems += [f"{path.name}: {problem}" for problem in history.problems]
    return found


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
        raise InputError(f"{path} cannot be read: {error}.") from error


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
