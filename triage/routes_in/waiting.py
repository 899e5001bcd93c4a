"""What the log of arrivals holds that has not been taken in: rows as contacts, records, customers and visits."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from triage.domain.contact import Contact
from triage.domain.customer import Customer
from triage.domain.errors import InputError
from triage.domain.visit import Visit
from triage.history import Item, customer_of_row, record_of_row
from triage.intake import LATEST_CLOCK, contact_of_row, moment
from triage.routes_in.incident import IncidentRow, contact_of_incident
from triage.routes_in.rows import faults
from triage.store import Unit
from triage.store.arrivals import Arrival

AT_ONCE = 1_000_000  # all of it: what happened first must be taken first
Key = tuple[str, str]


@dataclass(slots=True, kw_only=True)
class Waiting:
    """The newest version of each thing that waits; ``seqs`` names the arrivals that are done with once it is taken."""

    items: list[Item] = field(default_factory=list)
    customers: dict[str, Customer] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    seqs: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    problems: list[str] = field(default_factory=list)

    def done(self, not_taken: set[str]) -> list[int]:
        """The arrivals of everything but what could not be taken (ids of contacts and records)."""
        return [seq for item_id, seqs in self.seqs.items() if item_id not in not_taken for seq in seqs]


def what_waits(unit: Unit, now: datetime) -> Waiting:
    """Reads what waits. What is dated ahead of now is told and goes on waiting; so does what cannot be read."""
    found = Waiting()
    newest: dict[Key, Arrival] = {}
    seqs: dict[Key, list[int]] = defaultdict(list)
    for arrival in unit.arrivals.waiting(AT_ONCE):
        newest[arrival.kind, arrival.item_id] = arrival
        seqs[arrival.kind, arrival.item_id].append(arrival.seq)
    for key, arrival in sorted(newest.items(), key=lambda pair: pair[1].kind != "customer"):  # people come first
        try:
            taken = _add(found, unit, arrival, now)
        except (InputError, ValidationError, KeyError, TypeError, ValueError) as error:
            why = faults(error) if isinstance(error, ValidationError) else str(error)
            found.problems.append(f"{arrival.source}: {arrival.kind} {arrival.item_id} cannot be taken in. {why}")
            continue
        if taken:
            found.seqs[arrival.item_id] += seqs[key]
    return found


def _add(found: Waiting, unit: Unit, arrival: Arrival, now: datetime) -> bool:
    match arrival.kind:
        case "customer":
            found.customers[arrival.item_id] = customer_of_row(arrival.row)
            return True
        case "visit":
            found.visits.append(_visit(arrival.row))
            return True
        case "record":
            item: Item = record_of_row(arrival.row)
        case "incident":
            row = IncidentRow.model_validate(arrival.row)
            item = _named(unit, found, contact_of_incident(row, arrival.item_id, arrival.source), row.customer_ref)
        case _:
            item = _named(unit, found, _contact(arrival), arrival.row.get("customer_ref"))
    if item.at > now + LATEST_CLOCK:
        found.problems.append(
            f"{item.id} is dated {item.at:%Y-%m-%d %H:%M}, which has not come yet; it is taken when it has."
        )
        return False
    found.items.append(item)
    return True


def _contact(arrival: Arrival) -> Contact:
    """A contact row under the id that it is kept by; a file of the settings has no account of its own."""
    if "kind" in arrival.row:
        return contact_of_row({**arrival.row, "id": arrival.item_id})
    contact = contact_of_row({"direction": "in", "route": arrival.source, **arrival.row, "id": arrival.item_id})
    own = tuple(replace(d, account=arrival.source, uid=str(arrival.row["id"])) for d in contact.deliveries)
    return replace(contact, deliveries=own)


def _named(unit: Unit, found: Waiting, contact: Contact, customer_ref: str | None) -> Contact:
    """Where the row names the customer and gives no address, an address of theirs that is on file stands in for it."""
    if not customer_ref:
        return contact
    known = found.customers.get(customer_ref) or unit.landlord.customers_by_ref([customer_ref]).get(customer_ref)
    if known is None:
        return contact
    named = replace(contact, from_name=contact.from_name or known.name)
    address = next(iter((*known.emails, *known.phones)), None)
    if contact.from_addr or address is None:
        return named
    told = f"Whoever wrote this down names customer {customer_ref}; their address is taken from the directory."
    return replace(named, from_addr=address, problems=(*contact.problems, told))


def _visit(row: Mapping[str, Any]) -> Visit:
    return Visit(
        id=str(row["id"]),
        at=moment(row["at"]),
        until=moment(row["until"]) if row.get("until") else None,
        customer_ref=row.get("customer_ref"),
        address=row.get("address"),
        staff=row.get("staff"),
        text=row.get("text") or "",
        cancelled=bool(row.get("cancelled")),
    )
