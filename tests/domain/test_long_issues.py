"""What was made quick for long issues gives what the plain rule gives, over generated histories."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.clocks import Clock, OwedReply
from triage.domain.counting import _late_at
from triage.domain.customer import Identification, Zone
from triage.domain.issue import Entry, History, Issue
from triage.domain.owed import one_hazard_at_a_time, owed_replies
from triage.domain.persistence import _chaser, _chasers, _spread
from triage.domain.policy import shipped_policy
from triage.domain.record import Record, RecordKind
from triage.domain.workdays import WorkingDays, day_has_passed
from triage.testing import contact

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOURS = st.integers(0, 400)
RECORDED = (RecordKind.PROMISE, RecordKind.WARNING, RecordKind.FINAL_RESPONSE, RecordKind.STAGE2_RESPONSE)
WHO = Identification(customer_ref="C1", zone=Zone.SURE, probability=1.0)
WORKDAYS = WorkingDays(frozenset({date(2026, 3, 6)}))


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


@st.composite
def owed(draw: Any) -> OwedReply:
    since, runs, met = draw(HOURS), draw(st.integers(1, 90)), draw(st.none() | st.integers(1, 200))
    clock = draw(st.sampled_from([Clock.GENERAL_REPLY, Clock.HAZARD]))
    return OwedReply(
        clock=clock,
        source=f"m{draw(st.integers(0, 9))}",
        since=at(since),
        due=at(since + runs),
        sentence="",
        met_at=None if met is None else at(since + met),
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(owed(), max_size=12), st.lists(HOURS, max_size=12))
def test_the_debt_that_was_late_at_a_moment_is_the_first_of_all_that_were(debts, hours):
    debts.sort(key=lambda debt: debt.due)
    moments = sorted(at(hour) for hour in hours)
    plain = {moment: next((debt for debt in debts if debt.overdue_at(moment)), None) for moment in moments}
    assert _late_at(moments, debts) == {moment: debt for moment, debt in plain.items() if debt is not None}


@settings(max_examples=60, deadline=None)
@given(st.sets(HOURS, max_size=8), st.lists(st.tuples(HOURS, st.sampled_from(RECORDED), st.booleans()), max_size=6))
def test_a_contact_gets_a_clock_as_the_plain_rule_says(hours, recorded):
    """None where a record with a deadline follows within a day and a half, while what was promised for a later day is still to
    come, or after a final decision without open remedy."""
    contacts = [contact(f"m{hour}", at(hour), "When will it be mended?") for hour in sorted(hours)]
    records = tuple(
        Record(id=f"r{number}", at=at(hour), kind=kind, due=at(hour + 999) if dated else None, text="Our answer.")
        for number, (hour, kind, dated) in enumerate(sorted(recorded))
    )
    issue = Issue(id="i", household_ref="C1", opened=START)
    entries, standards = tuple(Entry(contact=one, who=WHO) for one in contacts), shipped_policy().standards
    history = History(issue=issue, entries=entries, records=records, standards=standards)
    owed = owed_replies(history, at(9_000), WORKDAYS)
    clocks = {debt.source for debt in owed if debt.clock is Clock.GENERAL_REPLY}
    assert clocks == {one.id for one in contacts if _has_clock(one.at, records)}


def _has_clock(moment, records):
    soon = [one for one in records if one.due and timedelta(0) <= one.at - moment <= timedelta(hours=36)]
    if any(one.kind is not RecordKind.WARNING for one in soon):
        return False
    finals = [one.at for one in records if one.kind is RecordKind.FINAL_RESPONSE]
    decisions = finals or [one.at for one in records if one.kind is RecordKind.STAGE2_RESPONSE and one.due is None]
    decided = any(decision < moment for decision in decisions)
    responses = (RecordKind.FINAL_RESPONSE, RecordKind.STAGE2_RESPONSE)
    answers = [one.at for one in records if one.kind in responses]
    promised = (one for one in records if one.due and one.kind is not RecordKind.WARNING and one.at < moment)
    if any(one.kind in responses or not any(one.at < said < moment for said in answers) for one in promised):
        return False
    remedy = any(one.kind in responses and one.due and one.at <= moment for one in records)
    return not decided or remedy


@settings(max_examples=60, deadline=None)
@given(st.lists(owed(), max_size=12))
def test_one_hazard_runs_at_a_time_however_many_are_reported(debts):
    plain: list[OwedReply] = []
    for debt in sorted(debts, key=lambda one: one.since):
        running = any(other.clock is Clock.HAZARD and other.open_at(debt.since) for other in plain)
        if debt.clock is not Clock.HAZARD or not running:
            plain.append(debt)
    assert one_hazard_at_a_time(debts) == plain


@settings(max_examples=60, deadline=None)
@given(st.lists(owed(), min_size=1, max_size=8), st.lists(HOURS, max_size=12))
def test_whoever_chases_a_later_debt_chases_the_earliest_too(debts, hours):
    debts = sorted(debts, key=lambda debt: (debt.due, debt.since, debt.source))
    now = at(10_000)
    late = [debt for debt in debts if debt.overdue_at(now)]
    contacts = sorted(
        (contact(f"m{number}", at(hour), "Any news?") for number, hour in enumerate(hours)),
        key=lambda one: one.at,
    )
    chased = [Entry(contact=one, who=WHO) for one in contacts]
    for debt in late:
        plain = [
            one
            for one in chased
            if one.contact.id != debt.source and day_has_passed(debt.due, one.at) and debt.overdue_at(one.at)
        ]
        assert list(_chasers(chased, debt)) == plain
        assert _chaser(chased, debt) == next(iter(plain), None)


@dataclass
class Near:
    """What the rule of many routes asks of a contact."""

    at: datetime
    contact: Any


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(HOURS, st.sampled_from("abcd")), max_size=14), st.integers(0, 6), st.integers(1, 4))
def test_the_latest_stretch_with_enough_routes_is_found_in_one_pass(contacts, limit, needed):
    free = [Near(at=at(hour), contact=SimpleNamespace(routes=(route,))) for hour, route in sorted(contacts)]
    numbers = {"window_working_days": limit, "routes_count": needed}
    case: Any = SimpleNamespace(workdays=WORKDAYS, number=lambda _code, name: numbers[name])
    assert _spread(case, free) == _plain_spread(free, limit, needed)


def _plain_spread(free, limit, needed):
    for end in range(len(free), 0, -1):
        near = [one for one in free[:end] if WORKDAYS.between(one.at, free[end - 1].at) <= limit]
        if len({one.contact.routes[0] for one in near}) >= needed:
            return near
    return []
