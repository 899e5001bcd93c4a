"""The clock of a safeguarding card: so many minutes of opening time until somebody has taken it on (behaviours A.0)."""

from datetime import datetime, timedelta

from triage.domain.workdays import CLOSES, LONDON, OPENS, WorkingDays


def in_hours(moment: datetime, workdays: WorkingDays) -> bool:
    local = moment.astimezone(LONDON)
    return workdays.is_working(local.date()) and OPENS <= local.time() < CLOSES


def acknowledge_by(raised: datetime, minutes: float, workdays: WorkingDays) -> datetime:
    """When ``minutes`` of opening time have gone by. Out of hours somebody is on call; the clock begins at opening."""
    local, left = raised.astimezone(LONDON), timedelta(minutes=minutes)
    day = local.date()
    while True:
        if workdays.is_working(day):
            start = max(local, datetime.combine(day, OPENS, LONDON))
            room = datetime.combine(day, CLOSES, LONDON) - start
            if room >= left:
                return start + left
            left -= max(room, timedelta(0))
        day += timedelta(days=1)
