"""What our own records say, for people who are not of the safeguarding role: never more than they may know (C27)."""

from collections.abc import Iterable
from dataclasses import replace

from triage.domain import words
from triage.domain.record import Record
from triage.reports.marked import seen
from triage.reports.veil import WITH_SAFEGUARDING, Veil


def told(text: str, veil: Veil) -> str:
    """A record's words, or that they are with safeguarding: where a contact beside it is, or where they speak of harm."""
    if not text:
        return ""
    return WITH_SAFEGUARDING if veil.drawn or words.suggests_harm_to_a_person(text) else seen(text)


def told_records(records: Iterable[Record], veil: Veil) -> tuple[Record, ...]:
    """The same records with words that may be told; what they are, when and until when stays."""
    return tuple(replace(record, text=told(record.text, veil)) for record in records)


def told_title(title: str, records: Iterable[Record], veil: Veil) -> str:
    """An issue's title; one made of a hidden contact's or record's words says only that it is with safeguarding."""
    shown = veil.title(title)
    plain = shown.rstrip("… .").lower()
    of_record = bool(plain) and any(plain in record.text.lower() for record in records)
    if (of_record and veil.drawn) or words.suggests_harm_to_a_person(shown):
        return WITH_SAFEGUARDING
    return seen(shown) or "No subject"
