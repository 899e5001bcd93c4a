"""How much contact an issue had beside the landlord's other issues (behaviours A.14): a statement, never a reason to flag."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from triage.domain.clocks import day_of
from triage.domain.flag import Flag
from triage.store import Unit

WINDOW = timedelta(days=28)
FEWEST = 30
"""With fewer issues than this to compare with, nothing is said."""
EXTREME = 0.995
PERSISTENCE = frozenset({"P1", "P2", "P3"})
"""The clauses for which how often somebody is in touch is what is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """``contacts`` in on the issue within 28 days; ``below`` is the share of the ``issues`` in touch then that had fewer.

    ``until`` is the end of those days where they do not end now: a flag's volume is that of its own time.

    All contacts in are counted here, whoever made them and whether or not a pattern counts them: our own lateness
    makes issues loud as well.
    """

    contacts: int
    issues: int
    below: float
    until: datetime | None = None

    @property
    def extreme(self) -> bool:
        """Above the landlord's own 99.5th percentile."""
        return self.below >= EXTREME

    @property
    def sentence(self) -> str:
        days = f"the 28 days to {day_of(self.until)}" if self.until else "28 days"
        told = f"{self.contacts} contact{'' if self.contacts == 1 else 's'} in on this issue in {days}"
        share = f"{int(self.below * 1000) / 10:g}% of the {self.issues} issues with any contact in that time had fewer"
        rank = (
            "above the landlord’s own 99.5th percentile"
            if self.extreme
            else "within the usual range (up to the 99.5th percentile)"
        )
        return f"{told}: {share}, {rank}. All are counted here, also chasers of what we owed; by itself this raises nothing."


def volume(unit: Unit, issue_id: str, at: datetime) -> Volume | None:
    """None where there is nothing to compare with, or nothing came in on the issue in the 28 days up to then."""
    counts = unit.issues.contacts_in(at - WINDOW, at)
    own = counts.get(issue_id, 0)
    if not own or len(counts) < FEWEST:
        return None
    return Volume(contacts=own, issues=len(counts), below=sum(count < own for count in counts.values()) / len(counts))


def volume_of_flag(unit: Unit, flag: Flag) -> Volume | None:
    """Of the flag's issue as it was at the last evidence for persistence; None for a flag without any."""
    last = max((code.last_evidence_at for code in flag.codes if code.code in PERSISTENCE), default=None)
    found = volume(unit, flag.issue_id, last) if last else None
    return replace(found, until=last) if found else None
