"""Working days in England: the unit in which a landlord's standards are promised."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
OPENS, CLOSES = time(9), time(17)
_LAST_MINUTE = time(23, 59)
MINUTES_A_DAY = 8 * 60
EVER = datetime.min.replace(tzinfo=UTC)
"""Before everything."""
NEVER = datetime.max.replace(tzinfo=UTC)
"""After everything."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Monday to Friday without the given holidays, 09:00 to 17:00 in London.

    ``holidays`` is a set of dates or a function that says whether a date is one; bank holidays come from outside the domain.
    """

    holidays: frozenset[date] | Callable[[date], bool] = frozenset()

    def is_working(self, day: date) -> bool:
        holiday = self.holidays(day) if callable(self.holidays) else day in self.holidays
        return day.weekday() < 5 and not holiday

    def add(self, moment: datetime, days: int) -> datetime:
        """17:00 London time on the ``days``-th working day after the day of ``moment`` (which itself never counts)."""
        return _close_after(self, moment.astimezone(LONDON).date(), days)

    def between(self, earlier: datetime, later: datetime) -> int:
        """Working days after the day of ``earlier`` up to and with the day of ``later``; 0 on the same day."""
        return self.between_days(earlier.astimezone(LONDON).date(), later.astimezone(LONDON).date())

    def between_days(self, day: date, last: date) -> int:
        """Working days after ``day`` up to and with ``last``; 0 where that is none."""
        return _number(self, day, last)

    def minutes(self, earlier: datetime, later: datetime) -> int:
        """Minutes of opening time from ``earlier`` to ``later``; 0 where none."""
        start, end = earlier.astimezone(LONDON), later.astimezone(LONDON)
        day, total = start.date(), 0.0
        while day <= end.date():
            if self.is_working(day):
                opens, closes = datetime.combine(day, OPENS, LONDON), datetime.combine(day, CLOSES, LONDON)
                total += max(0.0, (min(end, closes) - max(start, opens)).total_seconds())
            day += timedelta(days=1)
        return int(total // 60)


@lru_cache(maxsize=8192)
def _close_after(workdays: WorkingDays, day: date, days: int) -> datetime:
    while days > 0:
        day += timedelta(days=1)
        days -= workdays.is_working(day)
    return close_of(day)


@lru_cache(maxsize=8192)
def _number(workdays: WorkingDays, day: date, last: date) -> int:
    count = 0
    while day < last:
        day += timedelta(days=1)
        count += workdays.is_working(day)
    return count


def close_of(day: date) -> datetime:
    """The end of the working day in London."""
    return datetime.combine(day, CLOSES, LONDON)


def end_of_clock(due: datetime) -> datetime:
    """A date without an hour (midnight in London) means by the close of that day; an hour is kept."""
    local = due.astimezone(LONDON)
    return close_of(local.date()) if local.time() == time(0) else due


def is_whole_day(due: datetime) -> bool:
    """Whether a deadline is a day rather than an hour of it: its close, its last minute, or a date without an hour (midnight)."""
    return due.astimezone(LONDON).time() in (CLOSES, _LAST_MINUTE, time(0))


def day_has_passed(due: datetime, moment: datetime) -> bool:
    """Whether nobody would still call it in time: a later day where a day was promised, a later minute where an hour was."""
    local, now = due.astimezone(LONDON), moment.astimezone(LONDON)
    return now.date() > local.date() if local.time() == CLOSES else now > local
