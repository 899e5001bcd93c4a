"""How far back a list shows what has ended."""

from datetime import timedelta
from enum import IntEnum


class LookingBack(IntEnum):
    """A period in weeks up to now, as a person chooses it."""

    FOUR = 4
    TWELVE = 12
    HALF_A_YEAR = 26
    A_YEAR = 52
    TWO_YEARS = 104

    @property
    def period(self) -> timedelta:
        return timedelta(weeks=self)
