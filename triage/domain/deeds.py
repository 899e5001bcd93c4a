"""What one of our contacts or records did: answered, decided, named a day, came, paid, did what was asked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from triage.domain import our_words, words
from triage.domain.contact import Channel, Contact, Direction
from triage.domain.gist import Gist
from triage.domain.issue import Entry
from triage.domain.moments import moments_in
from triage.domain.record import Record, RecordKind
from triage.domain.remembered import remembered
from triage.domain.workdays import LONDON, WorkingDays


class Deed(StrEnum):
    """What one of our contacts or records did, or that the customer is content or withdrew it; each clock says which deeds meet it.

    TRIED: somebody came and found nobody in; NOBODY_CAME: the customer says that nobody did. Neither meets anything.
    """

    TOUCHED = "touched"
    ASKED = "asked"
    ANSWERED = "answered"
    DECIDED = "decided"
    DATED = "dated"
    ATTENDED = "attended"
    PAID = "paid"
    DONE = "done"
    CONTENT = "content"
    WITHDRAWN = "withdrawn"
    TRIED = "tried"
    NOBODY_CAME = "nobody_came"


NO_DAYS = frozenset[date]()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What was done at a moment, by which contact or record, and for which case of ours. ``names``: the days ahead that our words in it name.
    ``tried``: the day on which somebody came and found nobody in."""

    at: datetime
    by: str
    deeds: frozenset[Deed]
    ref: str | None = None
    names: frozenset[date] = NO_DAYS
    tried: date | None = None


RESPONSES = frozenset({RecordKind.STAGE1_RESPONSE, RecordKind.STAGE2_RESPONSE, RecordKind.FINAL_RESPONSE})
_VISITS = frozenset({RecordKind.INSPECTION_NO_FAULT, RecordKind.INSPECTION_FAULT_FOUND, RecordKind.REPAIR_FAILED})
_OUTCOMES = frozenset({RecordKind.ALLEGATION_UPHELD, RecordKind.ALLEGATION_NOT_UPHELD, RecordKind.REMIT_LETTER})
ANY_DEED = frozenset(Deed) - {Deed.TRIED, Deed.NOBODY_CAME}
ANY_ANSWER = ANY_DEED - {Deed.TOUCHED, Deed.ASKED, Deed.DATED, Deed.CONTENT, Deed.WITHDRAWN}
NOTHING: frozenset[Deed] = frozenset()
ON_SITE = frozenset({Deed.ATTENDED, Deed.DONE})
"""What keeps a promise of a deed. "Yes, Friday as planned" does not, nor does a decision."""
MONEY = re.compile(r"£ ?\d|\b(?:paid|pay(?:ment|s|ing)?|refund\w*|credit\w*|compensation|cheque)\b", re.IGNORECASE)
"""Money: sent, it keeps a promise of money and of nothing else."""


def acts_of(entries: Sequence[Entry], records: Sequence[Record], workdays: WorkingDays) -> Iterator[Act]:
    """All that an issue's contacts and records did."""
    for entry in entries:
        act = act_of(entry.contact, workdays)
        if act.deeds:
            yield act
    for record in records:
        yield Act(at=record.at, by=record.id, deeds=_deeds_of_record(record), ref=record.ref)


def act_of(contact: Contact, workdays: WorkingDays) -> Act:
    """What one contact did, perhaps nothing."""
    deeds = deeds_of_contact(contact, workdays)
    names = _days_ahead(contact.landlord_words, contact.at, workdays) if Deed.ANSWERED in deeds else NO_DAYS
    ours = contact.said if contact.direction is Direction.OUT else contact.landlord_words
    noted = contact.own_text if contact.channel is Channel.VISIT_NOTE else ours
    tried = None if contact.auto else our_words.found_nobody_in(noted, contact.at)
    return Act(at=contact.at, by=contact.id, deeds=deeds if tried is None else deeds | _TRIED, names=names, tried=tried)


def deeds_of_contact(contact: Contact, workdays: WorkingDays) -> frozenset[Deed]:
    """What one contact did: ours by its words, the customer's where it says that something is there, is content, withdraws, or our side answers in it."""
    said = contact.landlord_words
    if contact.auto:
        return NOTHING
    if contact.channel is Channel.VISIT_NOTE:
        return NOTHING if our_words.was_not_examined(contact.own_text) else _NOTED
    if contact.direction is Direction.IN:
        theirs = _deeds_of_customer(contact.said, contact.gist)
        return theirs | _ANSWERED if said and our_words.answers(said, contact.gist) else theirs
    return _deeds_of_words(contact.subject, said, contact.at, workdays, contact.gist)


_ANSWERED = frozenset({Deed.ANSWERED})
_NOTED = frozenset({Deed.TOUCHED, Deed.ATTENDED})
_TRIED = frozenset({Deed.TRIED})


@remembered
def _days_ahead(words: str, at: datetime, workdays: WorkingDays) -> frozenset[date]:
    days = frozenset(moment.astimezone(LONDON).date() for _, moment in moments_in(words, at, workdays))
    return days - {at.astimezone(LONDON).date()}


@remembered
def _deeds_of_customer(said: str, gist: Gist | None) -> frozenset[Deed]:
    signs = {
        Deed.DONE: words.says_it_is_there(said, gist),
        Deed.CONTENT: words.closes(said, gist),
        Deed.WITHDRAWN: words.withdraws(said),
        Deed.NOBODY_CAME: words.says_nobody_came(said),
    }
    return frozenset(deed for deed, holds in signs.items() if holds)


@remembered
def _deeds_of_words(subject: str, said: str, at: datetime, workdays: WorkingDays, gist: Gist | None) -> frozenset[Deed]:
    if our_words.gives_decision(f"{subject}\n{said}") and not our_words.only_holds(said, gist):
        return frozenset({Deed.TOUCHED, Deed.ANSWERED, Deed.DECIDED})
    if our_words.answers(said, gist):
        done = our_words.says_it_is_done(said)
        return frozenset({Deed.TOUCHED, Deed.ANSWERED, Deed.DONE} if done else {Deed.TOUCHED, Deed.ANSWERED})
    if any(our_words.promises_in(said, at, workdays)):
        return frozenset({Deed.TOUCHED, Deed.ASKED, Deed.DATED})
    return frozenset({Deed.TOUCHED, Deed.ASKED} if our_words.asks_back(said, gist) else {Deed.TOUCHED})


def is_substantive(contact: Contact, workdays: WorkingDays) -> bool:
    """Whether one of our contacts answers, rather than acknowledges, holds, asks back or says by when the answer comes."""
    if contact.direction is not Direction.OUT or not deeds_of_contact(contact, workdays) & ANY_ANSWER:
        return False
    return not our_words.promises_answer(contact.landlord_words, contact.at, workdays)


def _deeds_of_record(record: Record) -> frozenset[Deed]:
    match record.kind:
        case RecordKind.REPAIR_COMPLETED if MONEY.search(record.text):
            return frozenset({Deed.TOUCHED, Deed.PAID})
        case RecordKind.REPAIR_COMPLETED:
            return frozenset({Deed.TOUCHED, Deed.ATTENDED, Deed.DONE})
        case kind if kind in _VISITS:
            return frozenset({Deed.TOUCHED, Deed.ATTENDED})
        case kind if kind in RESPONSES:
            return frozenset({Deed.TOUCHED, Deed.ANSWERED, Deed.DECIDED})
        case kind if kind in _OUTCOMES:
            return frozenset({Deed.TOUCHED, Deed.ANSWERED, Deed.DECIDED})
        case RecordKind.PROMISE if record.due is None and our_words.says_done(record.text):
            return frozenset({Deed.TOUCHED, Deed.DONE})
        case RecordKind.PROMISE if record.due is not None:
            return frozenset({Deed.TOUCHED, Deed.ASKED, Deed.DATED})
        case RecordKind.ACKNOWLEDGED | RecordKind.OWNER_TOLD | RecordKind.CASE_OPENED | RecordKind.PROMISE:
            return frozenset({Deed.TOUCHED})
        case _:
            return frozenset()
