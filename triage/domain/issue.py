"""An issue: what a household's contacts are about, and everything known of it at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from triage.domain.contact import Contact
from triage.domain.customer import Customer, Identification, LinkEvidence
from triage.domain.record import Record, ServiceStandards
from triage.domain.score import Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """``household_ref`` is the person whose tenancy it concerns; ``title`` comes from its first contact or record."""

    id: str
    household_ref: str
    opened: datetime
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLink:
    """Which issue a contact or record belongs to (None: a new one), how sure (0 to 1), and why."""

    issue_id: str | None
    probability: float
    evidence: tuple[LinkEvidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A contact in an issue's history: who it was from (or to), and what its words scored (None: ours, or not scored yet).

    ``no_concern``: people of the safeguarding role have decided that it is none; it is an ordinary contact (behaviours A.14).
    """

    contact: Contact
    who: Identification
    scores: Scores | None = None
    no_concern: bool = False

    @property
    def at(self) -> datetime:
        return self.contact.at

    def chance(self, label: str, unread: float) -> float:
        """A label's likelihood; ``unread`` where no model says one."""
        return unread if self.scores is None else self.scores.probabilities.get(label, unread)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that is known of one issue at a moment, in time order; the sole input of what is measured and owed.

    ``customers`` holds the directory entries of everybody in it, by reference. ``feed_fresh`` is False where the
    landlord's records are missing or older than 24 hours: then no demand or persistence can be judged (C13).
    ``elsewhere`` are outcomes of allegations by these people that are on record on other issues: a series runs over
    a person's issues (behaviours A.3). ``standards`` is None where it was gathered for linking alone.
    """

    issue: Issue
    entries: Sequence[Entry] = ()
    records: tuple[Record, ...] = ()
    customers: Mapping[str, Customer] = field(default_factory=dict)
    standards: ServiceStandards | None = None
    feed_fresh: bool = True
    elsewhere: tuple[Record, ...] = ()

    @property
    def promised(self) -> ServiceStandards:
        """The service standards. Raises ValueError where the history was gathered for linking, and nothing may be judged by it."""
        if self.standards is None:
            raise ValueError(
                f"The history of issue {self.issue.id} has no service standards: give it those of the policy."
            )
        return self.standards


class Glimpse(History):
    """An issue as linking sees it, kept until something joins it; ``past`` is what was gathered of it to compare with."""

    __slots__ = ("past",)
    past: object
