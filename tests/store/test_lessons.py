"""What the directory learns at a start is what it had learned contact by contact."""

from dataclasses import replace
from datetime import timedelta

from triage.domain.contact import Direction, SenderProof, Speaker, Turn
from triage.domain.customer import Customer, Identification, Zone
from triage.identity import Directory
from triage.store import Store, contacts
from triage.store.lessons import lessons
from triage.testing import NOW, contact

ADE = Customer(ref="T-1", name="Ade Kole", emails=("ade@post.example",))
IVY = Customer(ref="T-2", name="Ivy Moss")
LEARNED = ("learned_addresses", "message_owners", "titles", "represents")


def sure(ref, **values):
    return Identification(customer_ref=ref, zone=Zone.SURE, probability=0.99, **values)


def arrivals():
    """(contact, who) in the order of time: what teaches in every way, and what must teach nothing."""
    ours = contact("c-2", NOW, text="Dear Mrs Moss, we have booked it.", direction=Direction.OUT)
    call = contact("c-3", NOW, turns=(Turn(speaker=Speaker.AGENT, text="Good morning, Mr Kole."),))
    made = [
        (contact("c-1", NOW, text="It leaks."), sure("T-1")),
        (ours, sure("T-2")),
        (call, sure("T-1")),
        (contact("c-4", NOW, text="For my mother."), sure("T-1", writes_for="T-2")),
        (contact("c-5", NOW, text="Out of office."), sure("T-1")),
        (contact("c-6", NOW, text="Not me."), sure("T-1")),
        (contact("c-7", NOW, text="Who am I?"), Identification(customer_ref="T-2", zone=Zone.ASK, probability=0.6)),
        (contact("c-8", NOW, text="It leaks on."), sure("T-2")),
    ]
    changed = {"c-5": {"auto": True}, "c-6": {"sender_proof": SenderProof.FAILED}}
    return [
        (
            replace(
                item,
                at=NOW + timedelta(minutes=number),
                from_addr=f"{who.customer_ref.lower()}@new.example",
                message_id="twice" if item.id in ("c-1", "c-8") else f"m-{number}",
                **changed.get(item.id, {}),
            ),
            who,
        )
        for number, (item, who) in enumerate(made)
    ]


def test_a_start_teaches_what_each_contact_had_taught(tmp_path):
    by_and_by, at_once = Directory([ADE, IVY]), Directory([ADE, IVY])
    store = Store(f"sqlite:///{tmp_path / 't.sqlite'}", durable=False).migrate()
    with store.begin() as unit:
        for item, who in arrivals():
            unit.contacts.put(item, item.id)
            unit.contacts.place(item.id, who, None, None)
            by_and_by.note(item, who)
        for lesson in lessons(unit.connection):
            at_once.note(*lesson)
        at_once.note_owners(unit.contacts.owners_of([item.message_id for item, _ in arrivals()]))
    store.close()
    for name in LEARNED:
        assert getattr(by_and_by, name), name
        assert getattr(at_once, name) == getattr(by_and_by, name), name
    assert at_once.message_owners["twice"] == "T-2"


def test_whose_messages_these_are_is_found_by_their_ids_and_not_among_all_that_are_sure():
    store = Store("sqlite://", durable=False).migrate()
    with store.read() as unit:
        assert "ix_contact_message_id" in contacts._OWNERS.plan(unit.connection)[0]
    store.close()
