"""What an arriving contact is checked against in the store: its quotations, copies of it, others under its Message-ID."""

from collections.abc import Sequence
from dataclasses import replace

from triage.domain.contact import Channel, Contact, Direction, SegmentKind
from triage.identity import Directory, identify
from triage.intake import RawMessage, is_copy_of, with_quotes_checked
from triage.store import Unit

SAME_ID = "Another contact has the same Message-ID and other words; both are kept."
_NOT_ANOTHERS = (SegmentKind.OWN, SegmentKind.SIGNATURE, SegmentKind.DISCLAIMER, SegmentKind.HIDDEN)


def checked(unit: Unit, contact: Contact, directory: Directory) -> Contact:
    """The contact with what is set out as another's words compared with the mail that is held; nothing of ours is checked."""
    if contact.channel is not Channel.EMAIL or contact.direction is not Direction.IN or contact.not_scored:
        return contact
    answers = contact.in_reply_to is not None or bool(contact.references)
    if not answers and all(part.kind in _NOT_ANOTHERS for part in contact.segments):
        return contact
    recall_owners(unit, directory, [contact])
    return with_quotes_checked(contact, unit.contacts.held(contact, identify(contact, directory).customer_ref))


def recall_owners(unit: Unit, directory: Directory, contacts: Sequence[Contact]) -> None:
    """Reminds the directory whose the messages are that these contacts answer: it keeps those of late, the store all."""
    unknown: dict[str, str | None] = {
        name: None for contact in contacts for name in directory.unknown_messages(contact)
    }
    if unknown:
        directory.note_owners({**unknown, **unit.contacts.owners_of(unknown)})


def known_copy(unit: Unit, contact: Contact, mark: str, raw: RawMessage | None) -> Contact | None:
    """The contact of which this is a further delivery, if there is one; the same bytes always are."""
    found = [known for known in unit.contacts.same(mark) if is_copy_of(known, contact)]
    if not found and raw is not None:
        placed = unit.contacts.get(contact.id)
        return placed.contact if placed is not None else None
    return next((known for known in found if known.direction is contact.direction), next(iter(found), None))


def told_of_others(unit: Unit, contact: Contact) -> Contact:
    """Marks a contact, and those before it, where one Message-ID stands over different words: a sender can hide so."""
    if contact.message_id is None or SAME_ID in contact.problems:
        return contact
    others = [
        other
        for other in unit.contacts.with_message_id(contact.message_id)
        if other.id != contact.id and other.direction is contact.direction
    ]
    for other in others:
        if SAME_ID not in other.problems:
            unit.contacts.describe(replace(other, problems=(*other.problems, SAME_ID)))
    return replace(contact, problems=(*contact.problems, SAME_ID)) if others else contact
