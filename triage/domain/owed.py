"""What the landlord owes and since when: the question that an Ombudsman asks first."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from triage.domain import our_words, words
from triage.domain.acts import EVEN
from triage.domain.contact import Channel, Contact, Direction, Speaker
from triage.domain.issue import Entry, History
from triage.domain.moments import moments_in
from triage.domain.record import Record, RecordKind, ServiceStandards
from triage.domain.remembered import remembered
from triage.domain.workdays import LONDON, WorkingDays, close_of, end_of_clock


class Clock(StrEnum):
    """Which promise runs: the general standard, a complaint stage, a hazard, or a date that we gave ourselves."""

    GENERAL_REPLY = "general_reply"
    COMPLAINT_ACK = "complaint_ack"
    STAGE1 = "stage1"
    STAGE2 = "stage2"
    HAZARD = "hazard"
    PROMISE = "promise"
    CASE = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedReply:
    """One thing owed: asked for in ``source`` (a contact or record id) at ``since``, due at ``due``.

    ``met_at`` and ``met_by`` say when and by which contact or record it was done; None while it is open.
    """

    clock: Clock
    source: str
    since: datetime
    due: datetime
    sentence: str
    met_at: datetime | None = None
    met_by: str | None = None

    def overdue_at(self, moment: datetime) -> bool:
        """Whether the landlord was past its own clock at that moment."""
        return self.due < moment and (self.met_at is None or self.met_at > moment)

    def open_at(self, moment: datetime) -> bool:
        return self.since <= moment and (self.met_at is None or self.met_at > moment)


class Deed(StrEnum):
    """What one of our contacts or records did; each clock says which deeds meet it."""

    TOUCHED = "touched"
    ASKED = "asked"
    ANSWERED = "answered"
    DECIDED = "decided"
    DATED = "dated"
    ATTENDED = "attended"
    PAID = "paid"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    at: datetime
    by: str
    deeds: frozenset[Deed]
    ref: str | None = None


RESPONSES = frozenset({RecordKind.STAGE1_RESPONSE, RecordKind.STAGE2_RESPONSE, RecordKind.FINAL_RESPONSE})
_VISITS = frozenset({RecordKind.INSPECTION_NO_FAULT, RecordKind.INSPECTION_FAULT_FOUND, RecordKind.REPAIR_FAILED})
_OUTCOMES = frozenset({RecordKind.ALLEGATION_UPHELD, RecordKind.ALLEGATION_NOT_UPHELD, RecordKind.REMIT_LETTER})
_NO_CLOCK = frozenset({RecordKind.CONTACT_AGREEMENT, RecordKind.WARNING, RecordKind.ADJUSTMENT_AGREED})
_ANY = frozenset(Deed) - {Deed.TOUCHED, Deed.ASKED, Deed.DATED}
_MEETS: dict[Clock, frozenset[Deed]] = {
    Clock.GENERAL_REPLY: _ANY | {Deed.ASKED},
    Clock.COMPLAINT_ACK: frozenset(Deed),
    Clock.STAGE1: frozenset({Deed.DECIDED}),
    Clock.STAGE2: frozenset({Deed.DECIDED}),
    Clock.HAZARD: _ANY,
    Clock.PROMISE: _ANY,
    Clock.CASE: _ANY | {Deed.DATED},
}
_ON_SITE = frozenset({Deed.ATTENDED, Deed.DONE})
"""What keeps a promise of a deed. "Yes, Friday as planned" does not, nor does a decision."""
_PHYSICAL = re.compile(
    r"\b(?:visit|inspect\w*|investigation due|engineer|repair\w*|fit(?:ted)?|replac\w+|renew(?:s|ed|ing)?|plumber|electrician|surveyor|attend\w*|"
    r"works?|heater\w*|plaster\w*|paint\w*|install\w*|mould|damp|first call|emergency|water|leak\w*|lock ?smith|dead)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(r"£ ?\d|\b(?:paid|pay(?:ment|s|ing)?|refund\w*|credit\w*|compensation|cheque)\b", re.IGNORECASE)
"""Money: sent, it keeps a promise of money and of nothing else."""
_ENQUIRY = re.compile(
    r"\b(?:enquiry|query|question|asks?|review|decision|report to|access to|investigation to|tenancy|contract|licen[cs]e|permit|permission|application|transfer|banding|statement|refund)\b",
    re.IGNORECASE,
)
NEW_BY_MODEL = 0.8
_SOON = timedelta(hours=36)
_SPOKEN_OF = timedelta(days=21)
"""How long after a day that we named a customer may say that nothing came of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    owed: OwedReply
    meets: frozenset[Deed]
    then: frozenset[Deed] = frozenset()
    ref: str | None = None

    def is_met_by(self, deeds: frozenset[Deed], at: datetime) -> bool:
        """Whether these deeds of that moment do what is owed; ``then``: those that do once the time has come."""
        return bool(deeds & self.meets or (at >= self.owed.due and deeds & self.then))


def owed_replies(history: History, now: datetime, workdays: WorkingDays) -> tuple[OwedReply, ...]:
    """All that was owed on this issue up to ``now``, met or not, oldest deadline first.

    Clocks: a general reply and a complaint acknowledgement per contact that asks for something, complaint stages from
    their acknowledgements, hazards by the hour, deadlines set by records, and dates promised in our own words.
    Auto-replies never meet a clock. A holding reply meets an acknowledgement, and a general reply only where it gives a
    date (which then runs as a promise); a question back meets a general reply, since it is the customer's turn.
    """
    entries = [entry for entry in history.entries if entry.contact.at <= now]
    records = [record for record in history.records if record.at <= now]
    owed = [reply for _, reply in opened_and_met(history, entries, records, workdays)]
    return tuple(sorted(one_hazard_at_a_time(owed), key=in_order))


def opened_and_met(
    history: History, entries: Sequence[Entry], records: Sequence[Record], workdays: WorkingDays
) -> list[tuple[Opening, OwedReply]]:
    """All that was ever asked of us or promised by us on an issue, each with when and by what it was done."""
    standards, decided = history.standards, min(final_decisions(history), default=None)
    remedy = remedy_of(history.records)
    clocks = sorted(record.at for record in records if record.due is not None and record.kind not in _NO_CLOCK)
    acts = sorted(_acts(entries, records, workdays), key=lambda act: act.at)
    promised_by_us = [*_from_records(history, records, workdays)]
    named = NamedDays(workdays)
    for entry in entries:
        promised_by_us += from_our_words(entry, workdays)
        promised_by_us += named.not_kept(entry)
    ours = _each_met(promised_by_us, acts)
    promises = [reply for _, reply in ours if reply.clock is Clock.PROMISE]
    asked: list[Opening] = []
    for entry in entries:
        at = entry.contact.at
        place = bisect_left(clocks, at)
        dated = place < len(clocks) and clocks[place] - at <= _SOON
        promised = any(is_awaited(reply, at) for reply in promises)
        asked += from_contact(
            entry, standards, workdays, dated=dated, promised=promised, decided=decided, remedy=remedy
        )
    return [*_each_met(asked, acts), *ours]


def is_awaited(promise: OwedReply, at: datetime) -> bool:
    """Whether a day that we promised still lay ahead then, and what was promised had not been done before."""
    return promise.since < at <= promise.due and (promise.met_at is None or promise.met_at >= at)


def _each_met(openings: Iterable[Opening], acts: list[_Act]) -> list[tuple[Opening, OwedReply]]:
    moments = [act.at for act in acts]
    return [(opening, _met(opening, acts, moments)) for opening in openings]


def in_order(reply: OwedReply) -> tuple[datetime, datetime, str, Clock]:
    """Oldest deadline first."""
    return reply.due, reply.since, reply.source, reply.clock


def next_deadline(owed: Iterable[OwedReply], now: datetime) -> datetime | None:
    """The next moment after which something still open is late, ``now`` itself included; None where nothing is running."""
    return min((reply.due for reply in owed if reply.due >= now and reply.open_at(now)), default=None)


def _met(opening: Opening, acts: list[_Act], moments: list[datetime]) -> OwedReply:
    owed = opening.owed
    for place in range(bisect_right(moments, owed.since), len(acts)):
        act = acts[place]
        if act.by == owed.source:
            continue
        same_case = opening.ref is not None and act.ref == opening.ref and Deed.DONE in act.deeds
        if opening.is_met_by(act.deeds, act.at) or same_case:
            return replace(owed, met_at=act.at, met_by=act.by)
    return owed


def one_hazard_at_a_time(owed: list[OwedReply]) -> list[OwedReply]:
    """A second report of a hazard whose clock still runs starts no second clock."""
    kept: list[OwedReply] = []
    running: OwedReply | None = None
    for reply in sorted(owed, key=lambda one: one.since):
        if reply.clock is Clock.HAZARD:
            if running is not None and running.open_at(reply.since):
                continue
            running = reply
        kept.append(reply)
    return kept


# What we did.


def _acts(entries: Sequence[Entry], records: Sequence[Record], workdays: WorkingDays) -> Iterator[_Act]:
    for entry in entries:
        deeds = deeds_of_contact(entry.contact, workdays)
        if deeds:
            yield _Act(at=entry.contact.at, by=entry.contact.id, deeds=deeds)
    for record in records:
        yield _Act(at=record.at, by=record.id, deeds=_deeds_of_record(record), ref=record.ref)


def deeds_of_contact(contact: Contact, workdays: WorkingDays) -> frozenset[Deed]:
    said = contact.landlord_words
    if contact.auto:
        return _NOTHING
    if contact.direction is Direction.IN:
        there = _THERE if words.says_it_is_there(contact.said) else _NOTHING
        return there | _ANSWERED if said and our_words.answers(said) else there
    if contact.channel is Channel.VISIT_NOTE:
        return _NOTED
    return _deeds_of_words(contact.subject, said, contact.at, workdays)


_NOTHING: frozenset[Deed] = frozenset()
_ANSWERED = frozenset({Deed.ANSWERED})
_THERE = frozenset({Deed.DONE})
"""Done, in the customer's own words."""
_NOTED = frozenset({Deed.TOUCHED, Deed.ATTENDED})


@remembered
def _deeds_of_words(subject: str, said: str, at: datetime, workdays: WorkingDays) -> frozenset[Deed]:
    if our_words.gives_decision(f"{subject}\n{said}") and not our_words.only_holds(said):
        return frozenset({Deed.TOUCHED, Deed.ANSWERED, Deed.DECIDED})
    if our_words.answers(said):
        done = our_words.says_it_is_done(said)
        return frozenset({Deed.TOUCHED, Deed.ANSWERED, Deed.DONE} if done else {Deed.TOUCHED, Deed.ANSWERED})
    if any(our_words.promises_in(said, at, workdays)):
        return frozenset({Deed.TOUCHED, Deed.ASKED, Deed.DATED})
    return frozenset({Deed.TOUCHED, Deed.ASKED} if our_words.asks_back(said) else {Deed.TOUCHED})


def is_substantive(contact: Contact, workdays: WorkingDays) -> bool:
    """Whether one of our contacts answers, rather than acknowledges, holds or only asks back."""
    return contact.direction is Direction.OUT and bool(deeds_of_contact(contact, workdays) & _ANY)


def _deeds_of_record(record: Record) -> frozenset[Deed]:
    match record.kind:
        case RecordKind.REPAIR_COMPLETED if _MONEY.search(record.text):
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
            return frozenset({Deed.TOUCHED, Deed.DATED})
        case RecordKind.ACKNOWLEDGED | RecordKind.OWNER_TOLD | RecordKind.CASE_OPENED | RecordKind.PROMISE:
            return frozenset({Deed.TOUCHED})
        case _:
            return frozenset()


# What was asked of us.


def from_contact(
    entry: Entry,
    standards: ServiceStandards,
    workdays: WorkingDays,
    *,
    dated: bool,
    promised: bool,
    decided: datetime | None,
    remedy: datetime | None,
) -> Iterator[Opening]:
    """What one contact asks of us; ``dated``: a record that sets a deadline follows soon, and its clock runs instead.

    ``promised``: we have named a day that still lies ahead. Whoever asks again before it, and brings nothing new, has been
    answered: the promise runs, and no second clock.
    """
    contact = entry.contact
    if contact.direction is not Direction.IN or contact.auto:
        return
    if surely_hazard(entry) and not dated:
        due = contact.at + timedelta(hours=standards.hazard_hours)
        yield _opening(Clock.HAZARD, contact, due, f"{standards.hazard_hours} hours for a hazard")
    if not asks_for_reply(contact, workdays):
        return
    said = contact.said
    if words.complains(said) or words.asks_next_stage(said):
        days = standards.complaint_ack_working_days
        yield _opening(Clock.COMPLAINT_ACK, contact, workdays.add(contact.at, days), f"{days} working days")
    elif not dated and not (promised and not brings_new(entry)) and not _decided_already(entry, decided, remedy):
        days = standards.general_reply_working_days
        yield _opening(Clock.GENERAL_REPLY, contact, workdays.add(contact.at, days), f"{days} working days")


def remedy_of(records: Iterable[Record]) -> datetime | None:
    """When a response first promised something with a date: until it is done, a decision settles nothing."""
    return min((record.at for record in records if record.kind in RESPONSES and record.due is not None), default=None)


def final_decisions(history: History) -> list[datetime]:
    """The final decisions on record, in order; without any record the first letter of ours that says so and names the next route.

    Where no final response is recorded, a stage 2 response is one: no further stage follows it, and it names the Ombudsman
    (Complaint Handling Code). One that still promises a remedy is not. A letter that repeats a decision is not a new one (A.11).
    """
    records = sorted(r.at for r in history.records if r.kind is RecordKind.FINAL_RESPONSE) or sorted(
        r.at for r in history.records if r.kind is RecordKind.STAGE2_RESPONSE and r.due is None
    )
    return records or [entry.contact.at for entry in history.entries if decides(entry)][:1]


def decides(entry: Entry) -> bool:
    """Whether this is a letter of ours that says that a decision is final, and names the next route."""
    contact = entry.contact
    ours = contact.direction is Direction.OUT and not contact.auto
    return ours and our_words.gives_final_decision(contact.said)


def _decided_already(entry: Entry, decided: datetime | None, remedy: datetime | None) -> bool:
    """After a final decision a contact that brings nothing new is owed no second answer; new facts and open remedies are."""
    at = entry.contact.at
    if decided is None or decided >= at:
        return False
    return (remedy is None or remedy > at) and not brings_new(entry)


def brings_new(entry: Entry) -> bool:
    """New by the words themselves, or by a model that is very sure; never where the customer says that nothing is new."""
    news = _news(entry.contact.said)
    if news is None:
        return False
    scores = entry.scores
    by_model = scores is not None and scores.has("NI") and scores.probabilities.get("NI", 0.0) >= NEW_BY_MODEL
    return by_model or news


@remembered
def _news(said: str) -> bool | None:
    """Whether the words bring something new; None where they say themselves that they do not."""
    return None if words.says_nothing_new(said) else words.brings_new(said)


def reports_hazard(entry: Entry) -> bool:
    """The model's word; where no model read it, its safety rules' or a small keyword net (C37)."""
    scores = entry.scores
    if scores is not None and (scores.has("HZ") or not scores.not_scored):
        return scores.has("HZ")
    return words.suggests_hazard(entry.contact.said)


def surely_hazard(entry: Entry) -> bool:
    """More likely a hazard than not: enough to start a clock and to set a whole issue apart, not only one contact."""
    likely = entry.scores is None or entry.scores.probabilities.get("HZ", 1.0) >= EVEN
    return likely and reports_hazard(entry)


def asks_for_reply(contact: Contact, workdays: WorkingDays) -> bool:
    """Written contacts that ask for something, and calls and chats in which our side only passed it on, without a day.

    Otherwise a call or a chat with our side in it is answered while it lasts.
    """
    if contact.channel is Channel.VISIT_NOTE or contact.not_scored:
        return False
    if contact.channel is Channel.CALL or (contact.turns and any(t.speaker is Speaker.AGENT for t in contact.turns)):
        return our_words.leaves_open(contact.landlord_words, contact.at, workdays)
    said = contact.said
    return bool(said.strip()) and (words.wants_something(said) or words.gives_what_was_asked(said))


def _opening(clock: Clock, contact: Contact, due: datetime, standard: str) -> Opening:
    return _opened(clock, contact.id, contact.at, due, standard)


@remembered
def _opened(clock: Clock, source: str, at: datetime, due: datetime, standard: str) -> Opening:
    names = {
        Clock.HAZARD: "Attendance to the hazard reported",
        Clock.COMPLAINT_ACK: "An acknowledgement of the complaint made",
    }
    what = names.get(clock, "A reply to the contact")
    sentence = f"{what} on {day_of(at)} was due by {hour_of(due)} ({standard})."
    owed = OwedReply(clock=clock, source=source, since=at, due=due, sentence=sentence)
    return Opening(owed=owed, meets=_MEETS[clock])


def _from_records(history: History, records: Sequence[Record], workdays: WorkingDays) -> Iterator[Opening]:
    for record in records:
        if record.kind in _NO_CLOCK:
            continue
        clock = _clock_of(record, records)
        due = _due_of(record, clock, history, workdays)
        if due is None or due <= record.at:
            continue
        sentence = f"{_NAMES[clock]} recorded on {day_of(record.at)} was due by {hour_of(due)}."
        owed = OwedReply(clock=clock, source=record.id, since=record.at, due=due, sentence=sentence)
        yield Opening(owed=owed, meets=_meets(record, clock), ref=record.ref)


_NAMES = {
    Clock.STAGE1: "The stage 1 response acknowledged and",
    Clock.STAGE2: "The stage 2 response acknowledged and",
    Clock.PROMISE: "What was promised and",
    Clock.CASE: "What the case asks for, opened and",
}


def _clock_of(record: Record, records: Sequence[Record]) -> Clock:
    if record.kind is RecordKind.ACKNOWLEDGED:
        earlier = any(other.kind is RecordKind.STAGE1_RESPONSE and other.at < record.at for other in records)
        second = earlier or "stage 2" in record.text.lower() or (record.ref or "").endswith("/2")
        return Clock.STAGE2 if second else Clock.STAGE1
    return Clock.CASE if record.kind is RecordKind.CASE_OPENED else Clock.PROMISE


def _due_of(record: Record, clock: Clock, history: History, workdays: WorkingDays) -> datetime | None:
    if record.due is not None:
        return _hour_named(record, end_of_clock(record.due), workdays)
    if record.kind is not RecordKind.ACKNOWLEDGED:
        return None
    standards = history.standards
    days = standards.stage2_working_days if clock is Clock.STAGE2 else standards.stage1_working_days
    return workdays.add(record.at, days)


def _hour_named(record: Record, due: datetime, workdays: WorkingDays) -> datetime:
    """A record's due is often a day only; its text may name the hour on that day ("within 4 hours")."""
    named = [
        moment
        for _, moment in moments_in(record.text, record.at, workdays)
        if moment > record.at and moment.astimezone(LONDON).date() == due.astimezone(LONDON).date()
    ]
    return min([due, *named])


def _meets(record: Record, clock: Clock) -> frozenset[Deed]:
    if record.kind in RESPONSES:
        return _ON_SITE
    meets = _keeps(record.text) if clock is Clock.PROMISE else _MEETS[clock]
    physical = bool(_PHYSICAL.search(record.text)) and not _ENQUIRY.search(record.text)
    return meets & (_ON_SITE | {Deed.DATED}) if physical and clock in (Clock.PROMISE, Clock.CASE) else meets


def _keeps(promise: str) -> frozenset[Deed]:
    """What keeps a promise in these words: one of a word any answer, one of a deed that deed alone."""
    if our_words.promises_word(promise):
        return _MEETS[Clock.PROMISE]
    return _ON_SITE | {Deed.PAID} if _MONEY.search(promise) else _ON_SITE


# What we promised in words.


def from_our_words(entry: Entry, workdays: WorkingDays) -> Iterator[Opening]:
    contact = entry.contact
    if not _gives_our_word(contact):
        return
    for promised in our_words.promises_in(contact.landlord_words, contact.at, workdays):
        yield _promise(contact, promised, "we promised in our own words on {}", meets=_keeps(promised.sentence))


def _gives_our_word(contact: Contact) -> bool:
    return bool(contact.landlord_words) and not contact.auto and contact.channel is not Channel.VISIT_NOTE


def _promise(contact: Contact, promised: our_words.Promised, what: str, *, meets: frozenset[Deed], then: frozenset[Deed] = _NOTHING) -> Opening:  # fmt: skip
    sentence = f"What {what.format(day_of(contact.at))} was due by {hour_of(promised.due)}."
    owed = OwedReply(clock=Clock.PROMISE, source=contact.id, since=contact.at, due=promised.due, sentence=sentence)
    return Opening(owed=owed, meets=meets, then=then)


class NamedDays:
    """The days on which we said that somebody would come or something be done. Such a day is taken as kept, since few landlords write down that
    it was, until the customer says that it was not: then it is owed since we named it."""

    def __init__(self, workdays: WorkingDays) -> None:
        self._days: list[Opening] = []
        self._workdays = workdays

    def not_kept(self, entry: Entry) -> list[Opening]:
        """Takes an entry in; the day that it says passed without what we had named for it, if any."""
        contact = entry.contact
        if contact.direction is Direction.IN and not contact.auto and words.says_not_kept(contact.said):
            gone = [day for day in self._days if day.owed.due < contact.at <= day.owed.due + _SPOKEN_OF]
            last = max(gone, key=lambda day: day.owed.due, default=None)
            self._days = [day for day in self._days if day not in gone]
            return [last] if last is not None else []
        if _gives_our_word(contact):
            for named in our_words.days_named_in(contact.landlord_words, contact.at, self._workdays):
                what = "we said on {} would be done"
                self._days.append(_promise(contact, named, what, meets=_ON_SITE, then=_ANY))
        return []


@remembered
def day_of(moment: datetime) -> str:
    local = moment.astimezone(LONDON)
    return f"{local.day} {local:%B %Y}"


def hour_of(moment: datetime) -> str:
    local = moment.astimezone(LONDON)
    return (
        f"{local:%H:%M} on {day_of(moment)}" if moment != close_of(local.date()) else f"the close of {day_of(moment)}"
    )
