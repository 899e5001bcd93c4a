"""A long issue that is followed as contacts join at its end: what `owed_replies` and `measure` give, without reading it anew.

A contact that is not simply the next one (it came late, changes what was judged before it, or stands beside a record of
a later moment) is refused, and the issue is read from its start again.
"""

from bisect import bisect_left, insort
from dataclasses import replace
from datetime import datetime

from triage.domain.adding import Adding, Adds
from triage.domain.clocks import Clock, Opening, OwedReply
from triage.domain.contact import Direction
from triage.domain.counting import (
    HAZARD_STAYS,
    Case,
    Weighed,
    frame,
    is_persons_own,
    persons,
    sound,
    weigh,
    weigh_next,
)
from triage.domain.deeds import Deed, act_of
from triage.domain.growing import Growing
from triage.domain.issue import Entry, History
from triage.domain.owed import (
    decides,
    from_contact,
    in_order,
    is_awaited,
    one_hazard_at_a_time,
    opened_and_met,
    remedy_of,
    surely_hazard,
)
from triage.domain.persistence import judge
from triage.domain.policy import Policy
from triage.domain.promised import NamedDays, from_our_words
from triage.domain.signal import Pattern
from triage.domain.workdays import EVER, WorkingDays


class Owing:
    """What is owed on one issue, oldest deadline first, and of that what is still open."""

    def __init__(self, history: History, workdays: WorkingDays, adding: Adding) -> None:
        found = opened_and_met(history, history.entries, history.records, workdays, adding)
        kept = {id(reply) for reply in one_hazard_at_a_time([reply for _, reply in found])}
        pairs = sorted((pair for pair in found if id(pair[1]) in kept), key=lambda pair: in_order(pair[1]))
        self.all = [reply for _, reply in pairs]
        self.open = [replace(opening, owed=reply) for opening, reply in pairs if reply.met_at is None]
        self._hazard = max(
            (reply for reply in self.all if reply.clock is Clock.HAZARD), key=lambda reply: reply.since, default=None
        )
        self._workdays = workdays
        last = max((reply.met_at for reply in self.all if reply.met_at is not None), default=None)
        self._latest = [reply for reply in self.all if last is not None and reply.met_at == last]

    def do(self, entry: Entry) -> None:
        """Whatever of the open this contact did is met from now on."""
        act = act_of(entry.contact, self._workdays)
        if not act.deeds:
            return
        still: list[Opening] = []
        for opening in self.open:
            if act.tried is not None and (tried := opening.tried_by(act)) is not opening:
                self._set(opening.owed, tried.owed)
                opening = tried
            if opening.is_met_by(act):
                self._meet(opening.owed, entry)
            else:
                still.append(opening)
        self.open = still

    def met_at(self, moment: datetime) -> list[OwedReply]:
        """What was done at that very moment, which lies at or after everything that was done."""
        return [reply for reply in self._latest if reply.met_at == moment]

    def disputed_by(self, entry: Entry) -> bool:
        """Whether they say that nobody came where we had noted that nobody was in: what was judged since then changes."""
        tried = any(opening.owed.tried_at is not None for opening in self.open)
        return tried and Deed.NOBODY_CAME in act_of(entry.contact, self._workdays).deeds

    def _meet(self, reply: OwedReply, entry: Entry) -> None:
        met = replace(reply, met_at=entry.at, met_by=entry.contact.id)
        self._set(reply, met)
        self._latest = [*self.met_at(entry.at), met]

    def _set(self, reply: OwedReply, then: OwedReply) -> None:
        place = bisect_left(self.all, in_order(reply), key=in_order)
        while self.all[place] is not reply:
            place += 1
        self.all[place] = then
        if reply is self._hazard:
            self._hazard = then

    def owe(self, opening: Opening) -> None:
        """One thing more, asked for at a moment after everything before it."""
        reply = opening.owed
        if reply.clock is Clock.HAZARD:
            if self._hazard is not None and self._hazard.open_at(reply.since):
                return
            self._hazard = reply
        insort(self.all, reply, key=in_order)
        insort(self.open, opening, key=lambda one: in_order(one.owed))


class Following:
    """One issue up to its last contact. ``history`` is as it was read; its entries are kept here and grow."""

    def __init__(self, history: History, policy: Policy, workdays: WorkingDays) -> None:
        adding = Adding(history.entries)
        self._owing = Owing(history, workdays, adding)
        self.last = max(
            (*(entry.at for entry in history.entries), *(record.at for record in history.records)), default=EVER
        )
        self._case = frame(history, tuple(self._owing.all), policy, self.last, workdays, adding)
        self.history = replace(history, entries=self._case.entries)
        self._case = replace(self._case, history=self.history)
        self._window = self._case.days("S0", "evidence_window_days")
        self._signs: list[tuple[datetime, float]] = []
        for entry in self._case.entries:
            sound(entry, self._signs, self._window)
        self._remedy = remedy_of(history.records)
        self._decided_by_words = not self._case.decisions
        self._named = NamedDays(workdays)
        for entry in self._case.entries:
            self._named.not_kept(entry)
        self._people: dict[str, Growing[Weighed]] = {
            person: weigh(self._case, person) for person in persons(self._case)
        }

    def __len__(self) -> int:
        return len(self._case.entries)

    def add(self, entry: Entry) -> bool:
        """Takes the next contact in; False where it is no simple next one, and this issue has to be read again."""
        case, at = self._case, entry.at
        if at <= self.last or self._owing.disputed_by(entry):
            return False
        signs = list(self._signs)
        alarms = sound(entry, signs, self._window)
        if not alarms <= {at, *case.safeguarding}:
            return False
        adds = case.adds.of(entry)
        openings = self._openings(entry, adds)
        if any(opening.owed.due <= self.last or opening.owed.since < at for opening in openings):
            return False
        self._signs = signs
        self.last = at
        case.entries.append(entry)
        case.adds.take(entry, adds)
        case.safeguarding.extend(alarms & {at})
        self._owing.do(entry)
        for opening in openings:
            self._owing.owe(opening)
        if self._decided_by_words and not case.decisions and decides(entry):
            case.decisions.append(at)
        late = next((one.owed for one in self._owing.open if one.owed.overdue_at(at)), None)
        if late is not None:
            case.late_at[at] = late
        if entry.contact.direction is Direction.IN:
            self._came_in(entry)
        elif entry.contact.direction is Direction.OUT:
            case.outbound.append(entry)
        return True

    def _openings(self, entry: Entry, adds: Adds) -> list[Opening]:
        case = self._case
        decided = min(case.decisions, default=None)
        promises = (one for one in self._owing.open if one.owed.clock is Clock.PROMISE)
        asked = from_contact(
            entry,
            case.history.promised,
            case.workdays,
            adds=adds,
            dated=False,
            awaited=[promise for promise in promises if is_awaited(promise.owed, entry.at)],
            decided=decided,
            remedy=self._remedy,
        )
        return [*asked, *from_our_words(entry, case.workdays), *self._named.not_kept(entry)]

    def _came_in(self, entry: Entry) -> None:
        case, ref = self._at(self.last), entry.who.customer_ref
        case.inbound.append(entry)
        until = case.hazards[-1][1] if case.hazards else EVER
        if entry.at > until and surely_hazard(entry):
            case.hazards.append((entry.at, entry.at + HAZARD_STAYS))
        for person, weighed in self._people.items():
            weigh_next(case, entry, person, weighed)
        if ref not in self._people and is_persons_own(entry) and not entry.contact.auto:
            self._people[ref] = weigh(case, ref)

    def judged(
        self, now: datetime, *, feed_fresh: bool, explained: bool = True
    ) -> tuple[tuple[OwedReply, ...], tuple[Pattern, ...]]:
        """All that is owed and every pattern, as of ``now``, which lies at or after the last contact. ``explained``: see `judge`."""
        if self.history.feed_fresh is not feed_fresh:
            self.history = replace(self.history, feed_fresh=feed_fresh)
        case = self._at(now)
        return tuple(self._owing.all), judge(case, self._people, explained=explained)

    def _at(self, now: datetime) -> Case:
        running = [opening.owed for opening in self._owing.open]
        for reply in self._owing.met_at(now):
            insort(running, reply, key=in_order)
        return replace(self._case, history=self.history, owed=self._owing.all, running=running, now=now)
