"""Patterns over an issue's contacts: continual contact, many routes, our own failures, and (`refusing`) refused outcomes. Pure.

Nothing here is a finding about a person: a pattern is a prompt to look, with every contact shown as counted or not and why.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from triage.domain import our_words, words
from triage.domain.adding import Adding
from triage.domain.clocks import Clock, OwedReply, day_of
from triage.domain.contact import Contact, Direction
from triage.domain.counting import (
    Case,
    Weighed,
    first_in_time_answer,
    frame,
    is_counted,
    list_of,
    persons,
    share_while_late,
    weigh,
)
from triage.domain.demands import DEMANDS
from triage.domain.findings import element, look, nothing, unjudged
from triage.domain.growing import after, each, those
from triage.domain.issue import Entry, History
from triage.domain.judging import Possible, Rule, is_fresh
from triage.domain.lines import lines
from triage.domain.policy import Policy
from triage.domain.record import RecordKind
from triage.domain.refusing import can_be_refused, refused_outcome
from triage.domain.signal import Counted, Pattern
from triage.domain.workdays import LONDON, WorkingDays, day_has_passed

OWNERS_WORD = timedelta(hours=24)
"""How far the message that names an owner may lie from its record."""
MOST_SAID = 20
"""Of what is late on one issue so many are told one by one; a page of hundreds says no more."""
NEEDS_RECORDS = ("P1", "P2", "P3", "D1", "D2", "D3", "D4", "A3")


def measure(
    history: History,
    owed: tuple[OwedReply, ...],
    policy: Policy,
    now: datetime,
    workdays: WorkingDays,
    adding: Adding | None = None,
    *,
    explained: bool = True,
) -> tuple[Pattern, ...]:
    """Every pattern judged for every customer on one issue, ours (service_failure) first.

    With a stale feed of records each P, D and A3 says that it cannot be judged, and what would be needed (C13).
    ``adding``: see `frame`; ``explained``: see `judge`.
    """
    case = frame(history, owed, policy, now, workdays, adding)
    people = {customer_ref: weigh(case, customer_ref) for customer_ref in persons(case)}
    return judge(case, people, explained=explained)


def judge(case: Case, people: Mapping[str, Sequence[Weighed]], *, explained: bool = True) -> tuple[Pattern, ...]:
    """Every pattern of one issue, from what each person's contacts weigh.

    Where nobody keeps what speaks against (a replay), not ``explained``: patterns that are nothing to look at may be
    missing, and of the others the lines that show contact by contact what was counted.
    """
    patterns = [_service_failure(case)]
    if not explained and not case.history.feed_fresh:
        return tuple(patterns)
    for customer_ref, weighed in people.items():
        found = [
            rule(case, customer_ref, weighed)
            for rule, is_possible in _RULES
            if explained or is_possible(case, customer_ref, weighed)
        ]
        if explained:
            found = [replace(pattern, counted=_shown(case, pattern, weighed)) for pattern in found]
        patterns += found if case.history.feed_fresh else [unjudged(pattern) for pattern in found]
    return tuple(patterns)


def _shown(case: Case, pattern: Pattern, weighed: Sequence[Weighed]) -> tuple[Counted, ...]:
    """Counted or not and why, as far back as the clause looks and its evidence reaches: what is older counts for nothing."""
    if pattern.code != "P1" and not pattern.towards:
        return ()
    numbers = case.policy.clause(pattern.code).thresholds
    longest = max(days for name, days in numbers.items() if name.endswith("_days"))
    start = len(weighed) - len(after(weighed, case.now - timedelta(days=longest)))
    if pattern.towards:
        places = range(len(weighed) - 1, -1, -1)
        start = min(start, next(place for place in places if weighed[place].contact.id == pattern.towards[0]))
    return lines(pattern.code, each(weighed, _line)[start:], pattern.towards)


def _line(w: Weighed) -> Counted:
    return w.line


# Our own failures.


def _service_failure(case: Case) -> Pattern:
    """Late by our own clock, with the customer still waiting: the first contact after the deadline shows it, also one in which we then answer."""
    person = case.history.issue.household_ref
    by_mail_alone = case.history.feed_fresh
    latest = case.inbound[-1].contact.id if case.inbound else None
    late = [
        reply
        for reply in case.running
        if (reply.overdue_at(case.now) or (reply.went_late(case.now) and reply.met_by == latest))
        and (by_mail_alone or reply.clock in (Clock.GENERAL_REPLY, Clock.COMPLAINT_ACK))
    ]
    chased = those(case.inbound, lambda entry: _chases_us(case, entry), "chases us")
    waiting = [(reply, first) for reply in late if (first := _chaser(chased, reply)) is not None]
    if not waiting:
        why = f"{len(late)} late, and nobody has asked since." if late else "Nothing that was asked for since is late."
        return nothing("service_failure", person, why)
    reply, first = waiting[0]
    sources = [reply.source] if any(reply.source == e.contact.id for e in case.entries) else []
    contacts = tuple(dict.fromkeys([*sources, *(chaser.contact.id for chaser in _chasers(chased, reply))]))
    past = list(dict.fromkeys(each.sentence for each, _ in waiting))
    if len(past) > MOST_SAID:
        past = [*past[:MOST_SAID], f"{len(past) - MOST_SAID} more things that are owed on this issue are late as well."]
    elements = tuple(element("Past our own clock", True, sentence) for sentence in past)
    why = f"{reply.sentence} It was not done by then, and the customer's side was in touch again on {day_of(first.at)}."
    change = "Not raised had we done it in time."
    return look("service_failure", person, why, contacts, elements, what_would_change=change)


def _chases_us(case: Case, entry: Entry) -> bool:
    return not entry.contact.auto and case.adds[entry.contact.id].wants


def _chasers(chased: Sequence[Entry], reply: OwedReply) -> Iterator[Entry]:
    """Who was in touch again after the deadline of what was still open; of something due later they are some of these."""
    for place in range(bisect_right(chased, reply.due, key=_at), len(chased)):
        entry = chased[place]
        waits = reply.overdue_at(entry.at) or reply.met_by == entry.contact.id
        if entry.contact.id != reply.source and day_has_passed(reply.due, entry.at) and waits:
            yield entry


def _chaser(chased: Sequence[Entry], reply: OwedReply) -> Entry | None:
    return next(_chasers(chased, reply), None)


def _at(entry: Entry) -> datetime:
    return entry.contact.at


# P1.


def _can_be_continual(case: Case, person: str, weighed: Sequence[Weighed]) -> bool:
    burst = case.number("P1", "burst_contacts_count") * case.number("P1", "burst_days_count")
    return len(those(weighed, is_counted)) >= min(burst, case.number("P1", "sustained_long_count"))


def _continual(case: Case, person: str, weighed: Sequence[Weighed]) -> Pattern:
    window = case.days("P1", "sustained_long_days")
    counted = those(weighed, is_counted)
    share = share_while_late(weighed, case.now - window)
    answered = first_in_time_answer(case)
    burst = _if_fresh(case, "P1", _burst(case, counted))
    sustained = _sustained(case, after(counted, answered)) if answered is not None else []
    dampened = share >= case.number("P1", "late_share")
    elements = (
        element("Many in a day, twice", bool(burst), _burst_sentence(case, burst)),
        element("Steady over weeks after an answer in time", bool(sustained), _sustained_sentence(case, sustained)),
        element("We were not mostly late", not dampened, f"{share:.0%} of what would count fell while we were late."),
    )
    evidence = burst or sustained
    if not evidence or dampened or not is_fresh(case, "P1", evidence):
        why = "Mostly sent while we were late: our failure, not theirs." if dampened else "Too few that count."
        return nothing("P1", person, why, elements, _what_would_raise_p1(case, counted))
    why = elements[0].sentence if burst else elements[1].sentence
    return look("P1", person, why, tuple(w.contact.id for w in evidence), elements, _what_would_stop(weighed))


def _burst(case: Case, counted: Sequence[Weighed]) -> list[Weighed]:
    """The contacts of the latest two or more busy working days that lie within the window, none of which is too long ago."""
    reach = case.days("P1", "evidence_window_days") + case.days("P1", "burst_window_days")
    recent = after(counted, case.now - reach - timedelta(days=1))
    by_day: dict[date, list[Weighed]] = defaultdict(list)
    for w, day in zip(recent, each(counted, _day)[len(counted) - len(recent) :], strict=True):
        by_day[day].append(w)
    many = case.number("P1", "burst_contacts_count")
    busy = sorted(day for day, found in by_day.items() if len(found) >= many and case.workdays.is_working(day))
    if not busy:
        return []
    near = [day for day in busy if busy[-1] - day < case.days("P1", "burst_window_days")]
    return [w for day in near for w in by_day[day]] if len(near) >= case.number("P1", "burst_days_count") else []


def _day(w: Weighed) -> date:
    return w.at.astimezone(LONDON).date()


def _sustained(case: Case, answered: Sequence[Weighed]) -> Sequence[Weighed]:
    """Enough in both times, and on as many days at least as the shorter time asks for contacts: two busy days are a burst and no habit."""
    if not answered:
        return []
    last, few = answered[-1].at, case.number("P1", "sustained_short_count")
    short = after(answered, last - case.days("P1", "sustained_short_days"))
    long = after(answered, last - case.days("P1", "sustained_long_days"))
    enough = len(short) >= few and len(long) >= case.number("P1", "sustained_long_count")
    return long if enough and len({_day(w) for w in long}) >= few else []


def _burst_sentence(case: Case, burst: Sequence[Weighed]) -> str:
    count = case.number("P1", "burst_contacts_count")
    if not burst:
        return f"No two working days in {case.number('P1', 'burst_window_days'):.0f} days with {count:.0f} counted contacts."
    return f"{len(burst)} counted contacts on {list_of(burst)}: {count:.0f} or more each day."


def _sustained_sentence(case: Case, sustained: Sequence[Weighed]) -> str:
    if not sustained:
        short, long = case.number("P1", "sustained_short_count"), case.number("P1", "sustained_long_count")
        return f"Fewer than {short:.0f} counted in 28 days and {long:.0f} in 90 after an answer in time, or on fewer than {short:.0f} different days."
    return f"{len(sustained)} counted contacts since {day_of(sustained[0].at)}, all after an answer that was in time."


def _what_would_raise_p1(case: Case, counted: Sequence[Weighed]) -> str:
    return f"{len(counted)} counted so far; raised at {case.number('P1', 'sustained_long_count'):.0f} in 90 days or on a second busy day."


def _what_would_stop(weighed: Sequence[Weighed]) -> str:
    spared = len(weighed) - len(those(weighed, is_counted))
    return f"Not raised had our answer been late, or had the contacts brought anything new ({spared} others were not counted)."


def _if_fresh(case: Case, code: str, evidence: list[Weighed]) -> list[Weighed]:
    """What is too long ago does not stand before other evidence for the same clause that is not."""
    return evidence if is_fresh(case, code, evidence) else []


# P3.


def _can_be_many_routes(case: Case, person: str, weighed: Sequence[Weighed]) -> bool:
    return bool(those(weighed, is_counted)) and _owner_told(case) is not None


def _many_routes(case: Case, person: str, weighed: Sequence[Weighed]) -> Pattern:
    told = _owner_told(case)
    if told is None:
        missing = element("Told who deals with it", False, "No record or word of ours says who deals with it.")
        return nothing(
            "P3",
            person,
            "The customer was not told who deals with it.",
            (missing,),
            "Telling them would be first.",
        )
    counted = after(those(weighed, is_counted), told)
    lately = _lately(case, counted)
    spread = _if_fresh(case, "P3", _spread(case, lately))
    copied = _mass_copies(case, counted)
    share = share_while_late(weighed, told)
    dampened = share >= case.number("P3", "late_share")
    needed = case.number("P3", "routes_count")
    elements = (
        element("Told who deals with it", True, f"On {day_of(told)}."),
        element("Several routes", bool(spread), _spread_sentence(case, spread)),
        element("Many recipients at once", bool(copied), f"{len(copied)} mails to five or more of our addresses."),
        element("We were not mostly late", not dampened, f"{share:.0%} of what would count fell while we were late."),
    )
    evidence = spread or copied
    if not evidence or dampened or not is_fresh(case, "P3", evidence):
        change = f"Raised at {needed:.0f} routes within {case.number('P3', 'window_working_days'):.0f} working days."
        so_far = tuple(w.contact.id for w in evidence or lately)
        why = "Mostly sent while we were late: our failure, not theirs." if dampened else "Too few routes that count."
        return nothing("P3", person, why, elements, change, towards=so_far)
    why = elements[1].sentence if spread else elements[2].sentence
    change = "Not raised had we been late, had we sent them there, or had they not been told who deals with it."
    return look("P3", person, why, tuple(w.contact.id for w in evidence), elements, change)


def _owner_told(case: Case) -> datetime | None:
    records = [r.at for r in case.history.records if r.kind is RecordKind.OWNER_TOLD and r.at <= case.now]
    said = those(case.outbound, _names_owner)
    return min([*records, *(entry.at for entry in said[:1])], default=None)


def _names_owner(entry: Entry) -> bool:
    return not entry.contact.auto and our_words.names_owner(entry.contact.landlord_words)


def _lately(case: Case, counted: Sequence[Weighed]) -> list[Weighed]:
    """The contacts of their own choosing that can still be of a stretch whose last contact is not too long ago."""
    stretch = timedelta(days=2 * case.number("P3", "window_working_days") + 14)
    near = after(counted, case.now - case.days("P3", "evidence_window_days") - stretch)
    owners = _owners_routes(case)
    return [w for w in near if _route(w.contact) not in owners and not _sent_there(case, w)]


def _owners_routes(case: Case) -> frozenset[str]:
    """Where the owner was named as such, which is the one way to go: writing there is on no further route."""
    told = _owner_told(case)
    if told is None:
        return frozenset()
    start = bisect_left(case.outbound, told - OWNERS_WORD, key=_at)
    end = bisect_right(case.outbound, told + OWNERS_WORD, key=_at)
    near = [case.outbound[place].contact for place in range(start, end)]
    return frozenset(name.lower() for contact in near for name in (*contact.routes, contact.from_addr) if name)


def _sent_there(case: Case, weighed: Weighed) -> bool:
    """We pointed them to this route, or the other way in had failed: not of their choosing."""
    said = weighed.contact.own_text
    if words.was_told_to(said) or words.route_failed(said):
        return True
    entries = case.entries
    for place in range(bisect_left(entries, weighed.at, key=_at) - 1, -1, -1):
        entry, contact = entries[place], entries[place].contact
        if weighed.at - contact.at > timedelta(days=5):
            return False
        theirs = contact.direction is Direction.OUT or entry.who.customer_ref == weighed.entry.who.customer_ref
        if theirs and not contact.auto and contact.landlord_words:
            ours = contact.landlord_words
            return our_words.sends_elsewhere(ours) and not our_words.invites_back(ours)
    return False


def _route(contact: Contact) -> str:
    return contact.routes[0].lower() if contact.routes else contact.channel.value


def _spread(case: Case, free: Sequence[Weighed]) -> list[Weighed]:
    """The latest stretch of working days with enough distinct routes."""
    limit, needed = case.number("P3", "window_working_days"), case.number("P3", "routes_count")
    days = [_day(w) for w in free]
    routes = [_route(w.contact) for w in free]
    start, in_reach, found = 0, Counter[str](), slice(0)
    for end, day in enumerate(days):
        in_reach[routes[end]] += 1
        while case.workdays.between_days(days[start], day) > limit:
            in_reach[routes[start]] -= 1
            start += 1
        if len(+in_reach) >= needed:
            found = slice(start, end + 1)
    return list(free[found])


def _spread_sentence(case: Case, spread: Sequence[Weighed]) -> str:
    if not spread:
        return f"Fewer than {case.number('P3', 'routes_count'):.0f} routes within {case.number('P3', 'window_working_days'):.0f} working days."
    routes = list(dict.fromkeys(_route(w.contact) for w in spread))
    return f"{len(routes)} routes between {day_of(spread[0].at)} and {day_of(spread[-1].at)}: {', '.join(routes)}."


def _mass_copies(case: Case, counted: Sequence[Weighed]) -> list[Weighed]:
    needed = case.number("P3", "recipients_count")
    wide = [w for w in counted if len(w.contact.to) + len(w.contact.cc) >= needed]
    if len(wide) < case.number("P3", "mails_count"):
        return []
    ours = _our_domains(case)
    many = [
        w
        for w in wide
        if len({a.lower() for a in (*w.contact.to, *w.contact.cc) if a.rpartition("@")[2].lower() in ours}) >= needed
        and not _sent_there(case, w)
    ]
    return many if len(many) >= case.number("P3", "mails_count") else []


def _our_domains(case: Case) -> set[str]:
    routes = [route for entry in case.entries for route in entry.contact.routes if "@" in route]
    senders = [e.contact.from_addr for e in case.outbound if e.contact.from_addr and "@" in e.contact.from_addr]
    return {address.rpartition("@")[2].lower() for address in (*routes, *senders)}


_RULES: tuple[tuple[Rule, Possible], ...] = (
    (_continual, _can_be_continual),
    (refused_outcome, can_be_refused),
    (_many_routes, _can_be_many_routes),
    *DEMANDS,
)
"""Every rule for one person on one issue, and what must hold, at little cost, for it to find anything to look at."""
