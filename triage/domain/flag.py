"""A flag: findings put before people, one open per person and issue; cards are of their own kind."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FlagKind(StrEnum):
    """Behaviour flags and the four cards. Safeguarding is seen by its own role alone (C27)."""

    SAFEGUARDING = "safeguarding"
    HAZARD = "hazard"
    STAFF_SAFETY = "staff_safety"
    SERVICE_FAILURE = "service_failure"
    BEHAVIOUR = "behaviour"


CARD_OF_CODE = {
    "S0": FlagKind.SAFEGUARDING,
    "hazard": FlagKind.HAZARD,
    "staff_safety": FlagKind.STAFF_SAFETY,
    "service_failure": FlagKind.SERVICE_FAILURE,
}


def kind_of(code: str) -> FlagKind:
    return CARD_OF_CODE.get(code, FlagKind.BEHAVIOUR)


class FlagState(StrEnum):
    """``undone``: people have said that its evidence is another person's or issue's; it comes back where that is undone."""

    OPEN = "open"
    DECIDED = "decided"
    LAPSED = "lapsed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaggedCode:
    """One code on a flag: when it was first raised, under which policy version, on what evidence."""

    code: str
    raised_at: datetime
    policy: str
    why: str
    contacts: tuple[str, ...]
    last_evidence_at: datetime
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """What a reviewer meets in the queue. ``version`` rises with each change, so that two people never decide the same state.

    ``set_aside`` are codes whose evidence has gone to another person or issue.
    ``opinions`` are the reviews that wait for another person's, or that decided it. ``acknowledged_by``: who of the
    safeguarding role has taken the card on.
    ``due`` is the moment by which a person should first look (None: no clock). ``urgency`` is the smallest of its codes'.
    """

    id: str
    kind: FlagKind
    customer_ref: str
    issue_id: str
    state: FlagState
    opened: datetime
    updated: datetime
    urgency: int
    codes: tuple[FlaggedCode, ...]
    version: int = 1
    due: datetime | None = None
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    set_aside: tuple[FlaggedCode, ...] = ()
    opinions: tuple[str, ...] = ()
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None

    def code(self, code: str) -> FlaggedCode | None:
        return next((flagged for flagged in self.codes if flagged.code == code), None)

    @property
    def awaits(self) -> str | None:
        """Whose look an open flag waits for: "second opinion", "third reader", or None where nobody has given an opinion."""
        if self.state is not FlagState.OPEN or not self.opinions:
            return None
        return "second opinion" if len(self.opinions) == 1 else "third reader"
