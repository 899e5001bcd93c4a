"""The clock of a first look: so many minutes of the organisation's own hours, or of any hours (behaviours A.0).

A clause under ``in_hours`` of the policy file waits for people who are there: out of hours somebody is on call, and the clock
begins at the next opening. Every other clock runs round the clock, as the landlord's 24 hours to make a hazard safe do.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from triage.domain.policy import Policy
from triage.domain.workdays import CLOSES, LONDON, OPENS, WorkingDays


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When somebody sits at the desk: on working days, from opening to closing, London time."""

    workdays: WorkingDays = field(default_factory=WorkingDays)
    opens: time = OPENS
    closes: time = CLOSES

    def is_open(self, moment: datetime) -> bool:
        local = moment.astimezone(LONDON)
        return self.workdays.is_working(local.date()) and self.opens <= local.time() < self.closes

    def starts(self, moment: datetime) -> datetime:
        """The moment itself in hours; out of hours the next opening."""
        local = moment.astimezone(LONDON)
        day = local.date()
        while True:
            start = max(local, datetime.combine(day, self.opens, LONDON))
            if self.workdays.is_working(day) and start < datetime.combine(day, self.closes, LONDON):
                return moment if start == local else start
            day += timedelta(days=1)

    def after(self, moment: datetime, minutes: float) -> datetime:
        """When so many minutes of these hours have gone by."""
        left = timedelta(minutes=minutes)
        while True:
            start = self.starts(moment).astimezone(LONDON)
            close = datetime.combine(start.date(), self.closes, LONDON)
            if close - start >= left:
                return start + left
            left -= close - start
            moment = close


def first_look_by(code: str, raised: datetime, policy: Policy, hours: Hours) -> datetime | None:
    """By when a person should first look at what this clause raised; None for a clause without a clock."""
    minutes = policy.clause(code).thresholds.get("first_look_minutes")
    if not minutes:
        return None
    return hours.after(raised, minutes) if code in policy.in_hours else raised + timedelta(minutes=minutes)
