"""What the directory of customers learns from at every start, gathered by SQLite: hundreds of thousands of contacts in seconds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from triage.domain.contact import Channel, Contact, Direction, SenderProof
from triage.domain.customer import Identification, Zone
from triage.store.codec import unpack
from triage.store.tables import contact

Lesson = tuple[Contact, Identification, int]
_SURE = and_(contact.c.zone == Zone.SURE.value, contact.c.who.is_not(None))
_OUR_WORDS = or_(contact.c.direction == Direction.OUT.value, func.json_array_length(contact.c.body, "$.turns") > 0)
_FROM: Sequence[ColumnElement[Any]] = (
    *(func.json_extract(contact.c.body, f"$.{name}") for name in ("from_addr", "auto", "sender_proof")),
    contact.c.customer_ref,
    func.json_extract(contact.c.who, "$.writes_for"),
)
_SENDERS = select(*_FROM, func.count()).where(_SURE, ~_OUR_WORDS).group_by(*_FROM)
_WHOLE = select(contact.c.body, contact.c.who).where(_SURE, _OUR_WORDS)
SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def lessons(connection: Connection) -> Iterator[Lesson]:
    """Contacts with somebody who is sure, and how often each: whole where our side speaks, else one for all of a sender.

    What came in without turns teaches by its sender alone, so those are without words, id and moment.
    Whose each Message-ID is, is asked when something answers it (`Contacts.owners_of`).
    """
    for body, who in connection.execute(_WHOLE):
        yield replace(unpack(Contact, body), message_id=None), unpack(Identification, who), 1
    for row in connection.execute(_SENDERS):
        sender, auto, proof, customer_ref, writes_for, times = tuple(row)
        came = Contact(
            id="",
            at=SOME_TIME,
            received=SOME_TIME,
            direction=Direction.IN,
            channel=Channel.EMAIL,
            deliveries=(),
            from_addr=sender,
            auto=bool(auto),
            sender_proof=SenderProof(proof or SenderProof.NOT_CHECKED),
        )
        yield (
            came,
            Identification(customer_ref=customer_ref, zone=Zone.SURE, probability=1.0, writes_for=writes_for),
            times,
        )
