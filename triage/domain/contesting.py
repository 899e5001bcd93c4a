"""What a customer, or somebody for them, says of a flag or of its decision, and what came of an appeal (requirements C5, C16)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

APPEAL_WORKING_DAYS: Final = 10
"""How long a decision can be appealed at least, in working days after it. A later appeal is heard all the same."""


class MadeBy(StrEnum):
    """Who made a representation. An advocate, relative or councillor speaks for the customer and is never coded."""

    CUSTOMER = "the customer"
    FOR_THEM = "somebody for them"


class Asks(StrEnum):
    """What they ask for: to be heard before or after a decision, or to have the decision looked at again by somebody else."""

    NOTED = "to have it noted"
    APPEAL = "to have the decision looked at again"


class Outcome(StrEnum):
    """What came of an appeal."""

    STANDS = "the decision stands"
    TAKEN_BACK = "the decision is taken back"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealAnswer:
    """Given by a person who took no part in the decision, with reasons."""

    reviewer: str
    at: datetime
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """One representation as a member of staff wrote it down; ``received`` is the day on which it reached us."""

    id: str
    flag_id: str
    received: date
    made_by: MadeBy
    asks: Asks
    text: str
    noted_by: str
    noted_at: datetime
    answer: AppealAnswer | None = None

    @property
    def waits(self) -> bool:
        """Whether it is an appeal that nobody has answered."""
        return self.asks is Asks.APPEAL and self.answer is None
