"""How much contact an issue had beside the landlord's other issues (behaviours A.14): a statement, never a reason to flag."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.store import Unit

WINDOW = timedelta(days=28)
FEWEST = 30
"""With fewer issues than this to compare with, nothing is said."""
EXTREME = 0.995


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """``contacts`` in on the issue within 28 days; ``below`` is the share of the ``issues`` in touch then that had fewer.

    All contacts in are counted here, whoever made them and whether or not a pattern counts them: our own lateness
    makes issues loud as well.
    """

    contacts: int
    issues: int
    below: float

    @property
    def extreme(self) -> bool:
        """Above the landlord's own 99.5th percentile."""
        return self.below >= EXTREME

    @property
    def sentence(self) -> str:
        told = f"{self.contacts} contact{'' if self.contacts == 1 else 's'} in on this issue in 28 days"
        share = f"{int(self.below * 1000) / 10:g}% of the {self.issues} issues with any contact in that time had fewer"
        rank = (
            "above the landlord’s own 99.5th percentile"
            if self.extreme
            else "within the usual range (up to the 99.5th percentile)"
        )
        return f"{told}: {share}, {rank}. All are counted here, also chasers of what we owed; by itself this raises nothing."


def volume(unit: Unit, issue_id: str, now: datetime) -> Volume | None:
    """None where there is nothing to compare with, or nothing came in on the issue in that time."""
    counts = unit.issues.contacts_in_since(now - WINDOW)
    own = counts.get(issue_id, 0)
    if not own or len(counts) < FEWEST:
        return None
    return Volume(contacts=own, issues=len(counts), below=sum(count < own for count in counts.values()) / len(counts))
