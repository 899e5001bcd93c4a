"""From when, until when, and by when somebody has to look at a restriction again."""

from datetime import UTC, datetime, timedelta

import pytest

from triage.domain.policy import shipped_policy
from triage.domain.record import Record, RecordKind
from triage.domain.restriction import DecidedStep, RestrictionState, kind_of_step, restrictions

NOW = datetime(2026, 3, 12, 10, tzinfo=UTC)
AGREEMENT, WARNING = RecordKind.CONTACT_AGREEMENT, RecordKind.WARNING


def _record(days_ago, due_in=None, kind=AGREEMENT, id="r"):
    due = None if due_in is None else NOW + timedelta(days=due_in)
    return Record(id=id, at=NOW - timedelta(days=days_ago), kind=kind, customer_ref="C-1", due=due)


def _state(*records):
    return [one.state for one in restrictions(records, (), NOW)]


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (_record(10, 80), RestrictionState.IN_FORCE),
        (_record(80, 14), RestrictionState.SOON),
        (_record(80, 15), RestrictionState.IN_FORCE),
        (_record(90, -1), RestrictionState.OVERDUE),
        (_record(367, -10), RestrictionState.ENDED),
        (_record(90, -14), RestrictionState.OVERDUE),
        (_record(90, -15), RestrictionState.LAPSED),
        (_record(184, 100), RestrictionState.OVERDUE),
        (_record(10), RestrictionState.IN_FORCE),
        (_record(184), RestrictionState.OVERDUE),
        (_record(184, kind=WARNING), RestrictionState.IN_FORCE),
        (_record(90, -1, kind=WARNING), RestrictionState.OVERDUE),
    ],
    ids=[
        "its date is far", "two weeks before its date", "a day more", "its date has passed", "a year has passed", "two weeks late", "later than that: it counts as lapsed",
        "six months without a review, whatever date was written", "no date, and new", "no date for six months",
        "a warning asks for no review", "a warning that names a date",
    ],
)  # fmt: skip
def test_a_restriction_says_what_its_dates_ask_for(record, state):
    assert _state(record) == [state]


def test_a_newer_record_of_the_same_kind_takes_its_place():
    assert _state(_record(90, -5), _record(4, 80, id="s")) == [RestrictionState.ENDED, RestrictionState.IN_FORCE]
    assert _state(_record(90, -5), _record(4, kind=WARNING, id="s"))[0] is RestrictionState.OVERDUE


def test_the_longest_time_to_a_review_is_six_months_after_the_start():
    (one,) = restrictions([_record(0, 300)], (), NOW)
    assert one.review_by == NOW + timedelta(days=183)
    assert one.until == NOW + timedelta(days=300)


def test_a_decision_that_no_record_has_followed_is_named_until_one_has():
    decided = DecidedStep(at=NOW - timedelta(days=3), step="contact agreements", flag_id="f")
    (one,) = restrictions((), [decided], NOW)
    assert (one.state, one.flag_id) == (RestrictionState.UNRECORDED, "f")
    earlier, other = _record(4), _record(1, kind=WARNING)
    assert [one.state for one in restrictions([earlier, other], [decided], NOW)].count(RestrictionState.UNRECORDED) == 1
    assert RestrictionState.UNRECORDED not in [one.state for one in restrictions([_record(3)], [decided], NOW)]


def test_each_step_of_the_shipped_policy_is_followed_by_its_kind_of_record_or_by_none():
    assert [kind_of_step(step) for step in shipped_policy().actions] == [None, WARNING, AGREEMENT, None, None]


def test_what_is_no_restriction_is_none():
    assert restrictions([_record(3, kind=RecordKind.PROMISE)], (), NOW) == ()
