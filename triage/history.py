"""The plain history format: standards, customers, contacts, records and feed lines as JSON, one a line."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from triage.domain.contact import Contact, Direction
from triage.domain.customer import Customer, Role
from triage.domain.errors import InputError
from triage.domain.record import STANDARDS, OwnStandards, Record, RecordKind
from triage.intake import contact_of_row, moment

Item = Contact | Record


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """A line that says whether the record feed was current from that moment on."""

    source: str
    at: datetime
    state: str


@dataclass(slots=True, kw_only=True)
class PlainHistory:
    """A history file, read: what can be used, and what each bad line lacks.

    ``given`` holds (kind, id, row) of each customer, contact and record as the line gave it.
    """

    customers: list[Customer] = field(default_factory=list)
    standards: list[OwnStandards] = field(default_factory=list)
    items: list[Item | FeedState] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    given: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)


def read_history(lines: Iterable[str]) -> PlainHistory:
    """Reads a history line by line; a bad line is reported and never stops the next."""
    history = PlainHistory()
    for number, line in enumerate(lines, 1):
        take_line(history, number, line)
    history.items.sort(key=order)
    return history


def take_line(history: PlainHistory, number: int, line: str) -> None:
    """Adds what one line holds, or its problem; an empty line holds nothing."""
    if not line.strip():
        return
    try:
        _add(history, row_of(line))
    except InputError as error:
        history.problems.append(f"Line {number}: {error}")


def row_of(line: str) -> Mapping[str, Any]:
    """One JSON object; raises InputError with a sentence for anything else."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"It is not JSON: {error}.") from error
    if not isinstance(row, dict):
        raise InputError("It is not a JSON object.")
    return row


def _add(history: PlainHistory, row: Mapping[str, Any]) -> None:
    match row.get("kind"):
        case "standards":
            history.standards.append(standards_of_row(row))
        case "customer":
            customer = customer_of_row(row)
            history.customers.append(customer)
            history.given.append(("customer", customer.ref, row))
        case "contact":
            _add_item(history, "contact", contact_of_row(row), row)
        case "record":
            _add_item(history, "record", record_of_row(row), row)
        case "feed":
            history.items.append(_feed(row))
        case other:
            raise InputError(f"The kind {other!r} is none of standards, customer, contact, record, feed.")


def _add_item(history: PlainHistory, kind: str, item: Item, row: Mapping[str, Any]) -> None:
    history.items.append(item)
    history.given.append((kind, item.id, row))


def order(item: Item | FeedState) -> tuple[datetime, int]:
    """By time; what the landlord recorded at a moment is known to what was written in the same minute, and a program's reply comes after
    what it replies to. What we sent comes before its copy to ourselves, which is then no approach of a customer."""
    return item.at.astimezone(UTC), _rank(item)


def _rank(item: Item | FeedState) -> int:
    if not isinstance(item, Contact):
        return 0 if isinstance(item, FeedState) else 1
    if item.direction is Direction.IN:
        return 3
    return 4 if item.auto else 2


def standards_of_row(row: Mapping[str, Any]) -> OwnStandards:
    known = {key: int(value) for key, value in row.items() if key in STANDARDS}
    others = {
        key: int(value)
        for key, value in row.items()
        if key not in {*STANDARDS, "kind", "applies_to"} and str(value).isdigit()
    }
    return OwnStandards(applies_to=tuple(row.get("applies_to") or ()), others=others, **known)


def customer_of_row(row: Mapping[str, Any]) -> Customer:
    try:
        role = Role(row.get("role") or "customer")
    except ValueError as error:
        raise InputError(
            f"Customer {row.get('customer_ref')!r}: {error}; known roles are {', '.join(Role)}."
        ) from error
    if not row.get("customer_ref"):
        raise InputError("A customer needs a customer_ref.")
    return Customer(
        ref=str(row["customer_ref"]),
        role=role,
        name=row.get("name") or None,
        emails=tuple(row.get("emails") or ()),
        phones=tuple(row.get("phones") or ()),
        tenancy_ref=row.get("tenancy_ref") or None,
        address=row.get("address") or None,
        adjustments=tuple(row.get("adjustments") or ()),
        safe_contact=row.get("safe_contact") or None,
    )


def record_of_row(row: Mapping[str, Any]) -> Record:
    try:
        return Record(
            id=str(row["id"]),
            at=moment(row["at"]),
            kind=RecordKind(row["record"]),
            customer_ref=row.get("customer_ref") or None,
            ref=row.get("ref") or None,
            due=moment(row["due"]) if row.get("due") else None,
            text=row.get("text") or "",
        )
    except (KeyError, ValueError) as error:
        raise InputError(f"Record {row.get('id')!r} cannot be read: {error}.") from error


def _feed(row: Mapping[str, Any]) -> FeedState:
    try:
        return FeedState(source=str(row["source"]), at=moment(row["at"]), state=str(row["state"]))
    except (KeyError, ValueError) as error:
        raise InputError(f"A feed line needs source, at and state: {error}.") from error
