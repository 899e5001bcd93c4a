"""What would have changed a pattern: each answer is found by judging the same history again with one thing changed. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from triage.domain.adding import Adding
from triage.domain.clocks import OwedReply, day_of, hour_of
from triage.domain.contact import Direction
from triage.domain.issue import History
from triage.domain.owed import owed_replies
from triage.domain.persistence import measure
from triage.domain.policy import Policy
from triage.domain.record import Record
from triage.domain.signal import Judgement, Pattern
from triage.domain.workdays import WorkingDays

WORK = 6_000
"""Contacts and records that are judged again at most, all tries together: a page over a long history stays quick."""
TRIES = 60
NAMED = 3
JUST_AFTER = timedelta(seconds=1)


class Change(StrEnum):
    """What is imagined: we were in time, a contact was not made, a fact of ours was not there, nothing more comes."""

    IN_TIME = "in_time"
    NOT_MADE = "not_made"
    FEWER = "fewer"
    NO_FACT = "no_fact"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """One change after which the pattern would not be put forward; ``about`` are the contacts and records it names."""

    change: Change
    sentence: str
    about: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Judge:
    """Judges one clause for one person again and again, as far as the work allows."""

    policy: Policy
    workdays: WorkingDays
    now: datetime
    code: str
    person: str
    left: int = 0

    def pattern(
        self, history: History, owed: tuple[OwedReply, ...] | None = None, at: datetime | None = None
    ) -> Pattern | None:
        """The pattern where it is put forward; None where it is not."""
        now = at or self.now
        adding = Adding(history.entries)
        replies = owed if owed is not None else owed_replies(history, now, self.workdays, adding)
        return next(
            (
                pattern
                for pattern in measure(history, replies, self.policy, now, self.workdays, adding)
                if pattern.code == self.code
                and pattern.customer_ref == self.person
                and pattern.judgement is Judgement.LOOK
            ),
            None,
        )

    def gone(self, history: History, owed: tuple[OwedReply, ...] | None = None, at: datetime | None = None) -> bool:
        """Whether it would not be put forward; False where there is no work left to find out."""
        if self.left <= 0:
            return False
        self.left -= 1
        return self.pattern(history, owed, at) is None


def what_would_have_changed(
    history: History, policy: Policy, now: datetime, workdays: WorkingDays, *, code: str, person: str
) -> tuple[Otherwise, ...]:
    """Every single change that is found after which ``code`` would not be put forward for ``person`` at ``now``.

    Tried are, each on its own: that what we owed was done in time; that a contact of the evidence was not made; that so
    many of the latest were not; that a record or a message of ours was not there; that nothing more comes. Empty where the
    clause is not put forward at ``now`` in the first place. On long histories only the latest contacts are tried.
    """
    judge = _Judge(policy=policy, workdays=workdays, now=now, code=code, person=person)
    seen = replace(
        history,
        entries=tuple(entry for entry in history.entries if entry.contact.at <= now),
        records=tuple(record for record in history.records if record.at <= now),
        elsewhere=tuple(record for record in history.elsewhere if record.at <= now),
    )
    owed = owed_replies(seen, now, workdays)
    found = judge.pattern(seen, owed)
    if found is None:
        return ()
    judge.left = min(TRIES, max(3, WORK // (len(seen.entries) + len(seen.records) + 1)))
    evidence = [entry.contact.id for entry in seen.entries if entry.contact.id in found.contacts]
    ours = code == "service_failure"
    quiet = () if ours else tuple(_quiet(judge, seen, evidence))
    fewer = () if ours else tuple(_fewer(judge, seen, evidence))
    said = {item.about for item in fewer}
    return (
        *(_in_time(judge, seen, owed) if ours else ()),
        *fewer,
        *(() if ours else (item for item in _one_less(judge, seen, evidence) if item.about not in said)),
        *_without_facts(judge, seen),
        *quiet,
    )


# In time.


def _in_time(judge: _Judge, history: History, owed: tuple[OwedReply, ...]) -> Iterable[Otherwise]:
    late = [reply for reply in owed if reply.went_late(judge.now)]
    alone = [reply for reply in late if judge.gone(history, _done_in_time(owed, [reply]))]
    for reply in alone[:NAMED]:
        yield Otherwise(
            change=Change.IN_TIME,
            sentence=f"Not raised had what was due by {hour_of(reply.due)} been done by then. ({reply.sentence})",
            about=(reply.source,),
        )
    if len(late) > 1 and not alone and judge.gone(history, _done_in_time(owed, late)):
        dues = "; ".join(dict.fromkeys(hour_of(reply.due) for reply in late))
        yield Otherwise(
            change=Change.IN_TIME,
            sentence=f"Not raised had all {len(late)} things that were late been done in time (due by {dues}).",
            about=tuple(dict.fromkeys(reply.source for reply in late)),
        )


def _done_in_time(owed: Iterable[OwedReply], kept: Sequence[OwedReply]) -> tuple[OwedReply, ...]:
    return tuple(replace(reply, met_at=reply.due, met_by=None) if reply in kept else reply for reply in owed)


# Fewer contacts.


def _fewer(judge: _Judge, history: History, evidence: Sequence[str]) -> Iterable[Otherwise]:
    """The least number of the latest contacts of the evidence without which it is not put forward; found by halving."""
    low, high = 1, len(evidence)
    if len(evidence).bit_length() >= judge.left:
        return
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if judge.gone(_less(history, evidence[-middle:])) else (middle + 1, high)
    last = evidence[-low:]
    if evidence and judge.gone(_less(history, last)):
        first = next(entry.contact.at for entry in history.entries if entry.contact.id == last[0])
        which = "the last one" if low == 1 else f"the last {low}"
        yield Otherwise(
            change=Change.FEWER,
            sentence=f"Not raised with {low} fewer of the {len(evidence)} contacts it rests on: without {which}, from {day_of(first)}.",
            about=tuple(last),
        )


def _one_less(judge: _Judge, history: History, evidence: Sequence[str]) -> Iterable[Otherwise]:
    """Which contacts matter one by one: where any of them does, that is one sentence."""
    tried = evidence[-(judge.left // 2) :] if judge.left > 1 else []
    needed = [each for each in tried if judge.gone(_less(history, [each]))]
    if len(tried) == len(evidence) == len(needed) and len(needed) > 1:
        yield Otherwise(
            change=Change.NOT_MADE,
            sentence=f"Not raised without any one of its {len(needed)} contacts, or had any one of them not been counted.",
            about=tuple(needed),
        )
        return
    days = {entry.contact.id: entry.contact.at for entry in history.entries}
    for each in needed[-NAMED:]:
        yield Otherwise(
            change=Change.NOT_MADE,
            sentence=f"Not raised had the contact of {hour_of(days[each])} not been counted.",
            about=(each,),
        )


def _less(history: History, contacts: Iterable[str]) -> History:
    gone = set(contacts)
    return replace(history, entries=tuple(entry for entry in history.entries if entry.contact.id not in gone))


# Facts of ours.


def _without_facts(judge: _Judge, history: History) -> Iterable[Otherwise]:
    """Our records and messages on which it rests: if one of them is wrong or never reached the customer, it falls."""
    for record in reversed(history.records):
        if judge.gone(replace(history, records=tuple(r for r in history.records if r.id != record.id))):
            yield Otherwise(change=Change.NO_FACT, sentence=_without_record(record), about=(record.id,))
    for record in reversed(history.elsewhere):
        if judge.gone(replace(history, elsewhere=tuple(r for r in history.elsewhere if r.id != record.id))):
            yield Otherwise(change=Change.NO_FACT, sentence=_without_record(record), about=(record.id,))
    for entry in reversed(history.entries):
        if entry.contact.direction is Direction.OUT and judge.gone(_less(history, [entry.contact.id])):
            yield Otherwise(
                change=Change.NO_FACT,
                sentence=f"Not raised had our message of {hour_of(entry.contact.at)} not been sent, or not reached them.",
                about=(entry.contact.id,),
            )


def _without_record(record: Record) -> str:
    return f"Not raised without our record of {day_of(record.at)} ({record.kind.value.replace('_', ' ')}): check that it is right."


# Nothing more.


def _quiet(judge: _Judge, history: History, evidence: Sequence[str]) -> Iterable[Otherwise]:
    """When it ends of itself, as it would be judged then."""
    last = max((entry.contact.at for entry in history.entries if entry.contact.id in evidence), default=None)
    days = judge.policy.clause(judge.code).thresholds.get("evidence_window_days")
    if last is None or days is None:
        return
    end = last + timedelta(days=days)
    if end >= judge.now and judge.gone(history, at=end + JUST_AFTER):
        yield Otherwise(change=Change.QUIET, sentence=f"Ends on {day_of(end)} if nothing more comes.", about=())
