"""Working days over Easter, Christmas and the change of clocks."""

from datetime import UTC, date, datetime

import pytest

from triage.domain.clocks import hour_of
from triage.domain.workdays import LONDON, WorkingDays, close_of, day_has_passed, end_of_clock


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-02T21:14", 5, "2026-03-09T17:00"),
        ("2026-04-02T09:30", 5, "2026-04-13T17:00"),
        ("2025-12-23T10:00", 5, "2026-01-02T17:00"),
        ("2026-03-07T10:00", 1, "2026-03-09T17:00"),
        ("2026-03-27T10:00", 1, "2026-03-30T17:00"),
    ],
)
def test_a_deadline_is_the_close_of_the_nth_working_day_after(
    workdays: WorkingDays, start: str, days: int, due: str
) -> None:
    assert workdays.add(london(start), days) == london(due)


def test_the_close_of_day_keeps_wall_clock_time_across_the_change_of_clocks(workdays: WorkingDays) -> None:
    before, after = workdays.add(london("2026-03-26T09:00"), 1), workdays.add(london("2026-03-27T09:00"), 1)
    assert (before.astimezone(UTC).hour, after.astimezone(UTC).hour) == (17, 16)


def test_a_moment_in_utc_is_read_on_the_london_day(workdays: WorkingDays) -> None:
    late_evening = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    assert workdays.add(late_evening, 1) == london("2026-06-03T17:00")


def test_holidays_may_be_a_function() -> None:
    assert WorkingDays(lambda day: day == date(2026, 3, 3)).add(london("2026-03-02T09:00"), 1) == london(
        "2026-03-04T17:00"
    )


def test_working_days_between_skip_easter(workdays: WorkingDays) -> None:
    assert workdays.between(london("2026-04-01T14:50"), london("2026-04-20T19:25")) == 11
    assert workdays.between(london("2026-04-01T09:00"), london("2026-04-01T19:00")) == 0


def test_opening_minutes_leave_out_nights_and_weekends(workdays: WorkingDays) -> None:
    assert workdays.minutes(london("2026-03-06T16:00"), london("2026-03-09T10:00")) == 120
    assert workdays.minutes(london("2026-03-07T09:00"), london("2026-03-08T17:00")) == 0


def test_a_date_without_an_hour_means_the_close_of_that_day() -> None:
    assert end_of_clock(london("2026-03-02")) == close_of(date(2026, 3, 2))
    assert end_of_clock(london("2026-03-02T11:15")) == london("2026-03-02T11:15")


def test_the_evening_of_the_last_day_is_not_yet_another_day() -> None:
    due = close_of(date(2026, 3, 9))
    assert not day_has_passed(due, london("2026-03-09T20:00"))
    assert day_has_passed(due, london("2026-03-10T00:05"))
    assert day_has_passed(london("2026-03-09T11:15"), london("2026-03-09T11:40"))


@pytest.mark.parametrize(
    ("due", "told"),
    [
        ("2026-05-18T17:00", "the close of 18 May 2026"),
        ("2026-05-18T23:59", "the end of 18 May 2026"),
        ("2026-05-18T16:00", "16:00 on 18 May 2026"),
    ],
)
def test_the_end_of_a_day_is_told_as_that_day(due: str, told: str) -> None:
    assert hour_of(london(due)) == told
