"""A row or a transcript that is given again and says something else: taken up in place, with what was first said on record.

The rule: a source's row with a known id, and a file under a known name in one drop folder, are the same contact in a new
version. Its words, time and sender are replaced and read again; its id, its deliveries and its flags stay. What was said
before stays in the log of arrivals (rows) or among the raw bytes (files), and the audit names both by their hashes.
"""

import hashlib
from datetime import datetime

from triage.domain.contact import Contact
from triage.domain.record import Record
from triage.intake import RawMessage, is_transcript
from triage.store import Unit
from triage.store.codec import pack
from triage.store.contacts import Placed

ACTOR = "intake"


def earlier_version(unit: Unit, contact: Contact, raw: RawMessage | None) -> Placed | None:
    """The contact of which this is another version, if it says something else; None for what is new or the same."""
    if raw is None:
        known = unit.contacts.get(contact.id)
    elif is_transcript(raw):
        contact_id = unit.contacts.of_same_file(raw)
        known = unit.contacts.get(contact_id) if contact_id else None
    else:
        return None
    return known if known is not None and says_something_else(known.contact, contact) else None


def says_something_else(known: Contact, again: Contact) -> bool:
    """Whether two versions differ in what was said, when, how, by whom or to whom; how it was read makes no difference."""
    return _said(known) != _said(again)


def _said(contact: Contact) -> tuple[object, ...]:
    turns = tuple((turn.speaker, turn.text, turn.start_ms) for turn in contact.turns)
    people = (contact.from_addr, contact.from_name, contact.to, contact.cc)
    return (contact.at, contact.direction, contact.channel, contact.subject, contact.text, contact.auto, turns, people)


def note_contact(unit: Unit, before: Contact, now: Contact, at: datetime) -> None:
    """Puts a corrected contact on record, by hashes alone."""
    by = now.deliveries[-1].account or now.deliveries[-1].route if now.deliveries else ""
    _note(unit, "contact.corrected", now.id, pack(before), pack(now), by, at)


def note_record(unit: Unit, before: Record, now: Record, at: datetime) -> None:
    """Puts a corrected record of the landlord on record, by hashes alone."""
    _note(unit, "record.corrected", now.id, pack(before), pack(now), "", at)


def _note(unit: Unit, action: str, subject: str, before: str, now: str, by: str, at: datetime) -> None:
    detail = {"earlier": _hash(before), "now": _hash(now)} | ({"by": by} if by else {})
    unit.audit.append(at=at, actor=ACTOR, action=action, subject=subject, detail=detail)


def _hash(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
