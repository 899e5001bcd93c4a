"""What the landlord owes and since when: the question that an Ombudsman asks first."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from triage.domain import our_words, words
from triage.domain.acts import EVEN
from triage.domain.adding import Adding, Adds
from triage.domain.clocks import Clock, Opening, OwedReply, day_of, hour_of
from triage.domain.contact import Channel, Contact, Direction, Speaker
from triage.domain.deeds import ANY_ANSWER, ANY_DEED, ON_SITE, RESPONSES, Act, Deed, acts_of
from triage.domain.issue import Entry, History
from triage.domain.moments import moments_in
from triage.domain.promised import NamedDays, from_our_words, what_keeps
from triage.domain.record import Record, RecordKind, ServiceStandards
from triage.domain.remembered import remembered
from triage.domain.workdays import LONDON, WorkingDays, end_of_clock

_NO_CLOCK = frozenset({RecordKind.CONTACT_AGREEMENT, RecordKind.WARNING, RecordKind.ADJUSTMENT_AGREED})
_MEETS: dict[Clock, frozenset[Deed]] = {
    Clock.GENERAL_REPLY: ANY_ANSWER | {Deed.ASKED},
    Clock.COMPLAINT_ACK: ANY_DEED,
    Clock.STAGE1: frozenset({Deed.DECIDED}),
    Clock.STAGE2: frozenset({Deed.DECIDED}),
    Clock.HAZARD: ANY_ANSWER,
    Clock.CASE: ANY_ANSWER | {Deed.DATED},
}
_PHYSICAL = re.compile(
    r"\b(?:visit|inspect\w*|investigation due|engineer|repair\w*|fit(?:ted)?|replac\w+|renew(?:s|ed|ing)?|plumber|electrician|surveyor|attend\w*|"
    r"works?|heater\w*|plaster\w*|paint\w*|install\w*|mould|damp|first call|emergency|water|leak\w*|lock ?smith|dead)\b",
    re.IGNORECASE,
)
_ENQUIRY = re.compile(
    r"\b(?:enquiry|query|question|asks?|review|decision|report to|access to|investigation to|allegations?|outcome|tenancy|contract|licen[cs]e|permit|permission|application|transfer|banding|statement|refund)\b",
    re.IGNORECASE,
)
_SOON = timedelta(hours=36)


def owed_replies(
    history: History, now: datetime, workdays: WorkingDays, adding: Adding | None = None
) -> tuple[OwedReply, ...]:
    """All that was owed on this issue up to ``now``, met or not, oldest deadline first.

    Clocks: a general reply and a complaint acknowledgement per contact that asks for something, complaint stages from
    their acknowledgements, hazards by the hour, deadlines set by records, and dates promised in our own words.
    Auto-replies never meet a clock. A holding reply meets an acknowledgement, and a general reply only where it gives a
    date (which then runs as a promise); a question back meets a general reply, since it is the customer's turn.
    ``adding``: of the same entries, where it is at hand.
    """
    entries = [entry for entry in history.entries if entry.contact.at <= now]
    records = [record for record in history.records if record.at <= now]
    owed = [reply for _, reply in opened_and_met(history, entries, records, workdays, adding)]
    return tuple(sorted(one_hazard_at_a_time(owed), key=in_order))


def opened_and_met(
    history: History,
    entries: Sequence[Entry],
    records: Sequence[Record],
    workdays: WorkingDays,
    adding: Adding | None = None,
) -> list[tuple[Opening, OwedReply]]:
    """All that was ever asked of us or promised by us on an issue, each with when and by what it was done."""
    standards, decided = history.promised, min(final_decisions(history), default=None)
    remedy = remedy_of(history.records)
    clocks = sorted(record.at for record in records if record.due is not None and record.kind not in _NO_CLOCK)
    acts = sorted(acts_of(entries, records, workdays), key=lambda act: act.at)
    promised_by_us = [*_from_records(history, records, workdays)]
    named = NamedDays(workdays)
    for entry in entries:
        promised_by_us += from_our_words(entry, workdays)
        promised_by_us += named.not_kept(entry)
    ours = _each_met(promised_by_us, acts)
    promises = [(opening, reply) for opening, reply in ours if reply.clock is Clock.PROMISE]
    asked: list[Opening] = []
    adding = Adding(entries) if adding is None else adding
    for entry in entries:
        at = entry.contact.at
        place = bisect_left(clocks, at)
        dated = place < len(clocks) and clocks[place] - at <= _SOON
        awaited = [opening for opening, reply in promises if is_awaited(reply, at)]
        asked += from_contact(
            entry,
            standards,
            workdays,
            adds=adding[entry.contact.id],
            dated=dated,
            awaited=awaited,
            decided=decided,
            remedy=remedy,
        )
    return [*_each_met(asked, acts), *ours]


def is_awaited(promise: OwedReply, at: datetime) -> bool:
    """Whether a day that we promised still lay ahead then, and what was promised had not been done before."""
    return promise.since < at <= promise.due and (promise.met_at is None or promise.met_at >= at)


def _each_met(openings: Iterable[Opening], acts: list[Act]) -> list[tuple[Opening, OwedReply]]:
    moments = [act.at for act in acts]
    return [(opening, _met(opening, acts, moments)) for opening in openings]


def in_order(reply: OwedReply) -> tuple[datetime, datetime, str, Clock]:
    """Oldest deadline first."""
    return reply.due, reply.since, reply.source, reply.clock


def next_deadline(owed: Iterable[OwedReply], now: datetime) -> datetime | None:
    """The next moment after which something still open is late, ``now`` itself included; None where nothing is running."""
    return min((reply.due for reply in owed if reply.due >= now and reply.open_at(now)), default=None)


def _met(opening: Opening, acts: list[Act], moments: list[datetime]) -> OwedReply:
    for place in range(bisect_right(moments, opening.owed.since), len(acts)):
        act = acts[place]
        if act.by == opening.owed.source:
            continue
        opening = opening.tried_by(act)
        if opening.is_met_by(act):
            return replace(opening.owed, met_at=act.at, met_by=act.by)
    return opening.owed


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


# What was asked of us.


def from_contact(
    entry: Entry,
    standards: ServiceStandards,
    workdays: WorkingDays,
    *,
    adds: Adds,
    dated: bool,
    awaited: Collection[Opening],
    decided: datetime | None,
    remedy: datetime | None,
) -> Iterator[Opening]:
    """What one contact asks of us; ``dated``: a record that sets a deadline follows soon, and its clock runs instead.

    ``awaited``: what we promised for a day that still lies ahead. Whoever asks again before it, and brings nothing new, has been
    answered: the promise runs, and no second clock; nor for anything they send where we said that we answer it all together.
    """
    contact = entry.contact
    if contact.direction is not Direction.IN or contact.auto:
        return
    if surely_hazard(entry) and not dated:
        due = contact.at + timedelta(hours=standards.hazard_hours)
        yield _opening(Clock.HAZARD, contact, due, f"{standards.hazard_hours} hours for a hazard")
    if not asks_for_reply(contact, adds, workdays):
        return
    said = contact.said
    if words.complains(said) or words.asks_next_stage(said, contact.gist):
        days = standards.complaint_ack_working_days
        yield _opening(Clock.COMPLAINT_ACK, contact, workdays.add(contact.at, days), f"{days} working days")
    elif not dated and _is_asked_anew(contact.at, adds, awaited, decided, remedy):
        days = standards.general_reply_working_days
        opening = _opening(Clock.GENERAL_REPLY, contact, workdays.add(contact.at, days), f"{days} working days")
        yield replace(opening, meets=opening.meets | {Deed.TOUCHED}) if adds.is_reply else opening


def _is_asked_anew(
    at: datetime, adds: Adds, awaited: Collection[Opening], decided: datetime | None, remedy: datetime | None
) -> bool:
    """Whether a word of ours is awaited that neither a day that we named nor a decision of ours gives."""
    if any(opening.together for opening in awaited):
        return False
    return adds.is_new or not (awaited or _decided_already(at, decided, remedy))


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


def _decided_already(at: datetime, decided: datetime | None, remedy: datetime | None) -> bool:
    """After a final decision a contact that brings nothing new is owed no second answer; new facts and open remedies are."""
    if decided is None or decided >= at:
        return False
    return remedy is None or remedy > at


def reports_hazard(entry: Entry) -> bool:
    """The model's word; where no model read it, its safety rules' or a small keyword net (C37)."""
    scores = entry.scores
    if scores is not None and (scores.has("HZ") or not scores.not_scored):
        return scores.has("HZ")
    return words.suggests_hazard(entry.contact.said)


def surely_hazard(entry: Entry) -> bool:
    """More likely a hazard than not: enough to start a clock, and to take it and what follows out of a count."""
    return entry.chance("HZ", 1.0) >= EVEN and reports_hazard(entry)


def asks_for_reply(contact: Contact, adds: Adds, workdays: WorkingDays) -> bool:
    """Whether somebody waits for a word of ours who wants something, or has written what we had asked for and wait for.

    A call, or a chat with our side in it, is answered while it lasts, unless our side only passed it on and named no day.
    """
    if contact.channel is Channel.VISIT_NOTE or contact.not_scored:
        return False
    if contact.channel is Channel.CALL or (contact.turns and any(t.speaker is Speaker.AGENT for t in contact.turns)):
        return adds.wants and our_words.leaves_open(contact.landlord_words, contact.at, workdays, contact.gist)
    if words.wants_no_reply(contact.said) or words.withdraws(contact.said):
        return False
    return bool(contact.said.strip()) and (adds.wants or (adds.is_reply and adds.awaited))


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
    standards = history.promised
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
        return ON_SITE
    meets = what_keeps(record.text) if clock is Clock.PROMISE else _MEETS[clock]
    physical = bool(_PHYSICAL.search(record.text)) and not _ENQUIRY.search(record.text)
    return meets & (ON_SITE | {Deed.DATED}) if physical and clock in (Clock.PROMISE, Clock.CASE) else meets
