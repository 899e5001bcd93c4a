"""Builders of contacts and customers for the tests of identification and issue linking."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.linking.ruled_landlord import ALL, Landlord
from triage.domain.contact import Channel, Contact, Delivery, Direction, Speaker, Turn
from triage.domain.customer import Customer, Identification, Role, Zone
from triage.domain.issue import Entry, History, Issue
from triage.domain.record import Record

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def contact() -> Callable[..., Contact]:
    """``contact(text, day=0, said=[(speaker, words)], **fields)``: an inbound e-mail unless told otherwise."""
    made = 0

    def build(text: str = "", day: float = 0, said: list[tuple[str, str]] | None = None, **fields: Any) -> Contact:
        nonlocal made
        made += 1
        at = START + timedelta(days=day)
        route = fields.pop("route", "info@landlord.example")
        if said is not None:
            fields.setdefault("channel", Channel.CALL)
            fields["turns"] = tuple(Turn(speaker=Speaker(speaker), text=words) for speaker, words in said)
        fields.setdefault("channel", Channel.EMAIL)
        fields.setdefault("direction", Direction.IN)
        fields.setdefault("id", f"c{made}")
        return Contact(at=at, received=at, text=text, deliveries=(Delivery(route=route, received=at),), **fields)

    return build


@pytest.fixture
def directory_of() -> Callable[..., list[Customer]]:
    """The Quayles (one landline for two), a daughter who speaks for Mrs Grimshaw, and two men with names alike."""

    def build() -> list[Customer]:
        return [
            Customer(
                ref="evan",
                name="Evander Quayle",
                emails=("evander.quayle@post.example",),
                phones=("0131 496 0418",),
                tenancy_ref="TC-44-3",
                address="44/3 Brae Place, Green",
            ),
            Customer(
                ref="morag",
                role=Role.HOUSEHOLD,
                name="Morag Quayle",
                phones=("0131 496 0418",),
                tenancy_ref="TC-44-3",
                address="44/3 Brae Place, Green",
            ),
            Customer(
                ref="ivy",
                name="Ivy Grimshaw",
                phones=("0161 496 0377",),
                tenancy_ref="T/140/0066",
                address="2 Spinners Fold, Hapsley",
            ),
            Customer(
                ref="karen",
                role=Role.ADVOCATE,
                name="Karen Grimshaw-Todd (daughter, authorised)",
                emails=("karengt@inkwell.example",),
                phones=("07700 900771",),
            ),
            Customer(
                ref="hussain",
                name="Imran Hussain",
                phones=("07700 900012",),
                tenancy_ref="LH-1212",
                address="Flat 12, Mill House, E1",
            ),
            Customer(
                ref="hussein",
                name="Yusuf Hussein",
                phones=("07700 900021",),
                tenancy_ref="LH-2121",
                address="Flat 21, Mill House, E1",
            ),
        ]

    return build


@pytest.fixture
def known() -> Callable[[str], Identification]:
    """Somebody who has surely been identified."""
    return lambda ref: Identification(customer_ref=ref, zone=Zone.SURE, probability=0.99)


@pytest.fixture
def history_of() -> Callable[..., History]:
    """``history_of(id, person, contact or record, ...)`` in time order."""

    def build(issue: str, person: str, *items: Contact | Record, customers: list[Customer] | None = None) -> History:
        who = Identification(customer_ref=person, zone=Zone.SURE, probability=0.99)
        return History(
            issue=Issue(id=issue, household_ref=person, opened=items[0].at),
            entries=tuple(Entry(contact=item, who=who) for item in items if isinstance(item, Contact)),
            records=tuple(item for item in items if isinstance(item, Record)),
            customers={customer.ref: customer for customer in customers or []},
        )

    return build


@pytest.fixture
def landlord() -> Landlord:
    """A pipeline on a store in memory that has taken everything of the small landlord in the order of time."""
    return Landlord().take(*ALL)
