"""The issues that are followed in memory, so that a contact into one costs no more than its judgement needs.

Only what the database still holds as it was read is followed: each issue bears a mark that changes with whatever is on it.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from triage.domain.contact import Contact
from triage.domain.customer import Customer
from triage.domain.following import Following
from triage.domain.issue import Entry, Glimpse, History, Issue
from triage.domain.policy import Policy
from triage.domain.record import OwnStandards, Record, ServiceStandards
from triage.domain.workdays import WorkingDays
from triage.store import Unit
from triage.store.issues import FIRST, LAST

LONG: Final = 1
"""Contacts from which an issue is followed: any."""
MOST: Final = 20_000
"""Contacts on all issues that are followed. Beyond, the one that was quiet longest is let go."""
AS_MANY: Final = 3
"""What an issue takes beside its contacts, in contacts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a judgement rests on beside the contacts and records of an issue."""

    issue: Issue
    customers: Mapping[str, Customer]
    elsewhere: tuple[Record, ...]
    no_concern: frozenset[str]
    standards: ServiceStandards


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """How an issue was left when it was last looked at: whether no flag of behaviour or of service is open, and when to look again."""

    is_quiet: bool
    wake_at: datetime | None


@dataclass(slots=True, kw_only=True)
class _Kept:
    following: Following
    revision: int
    around: Around
    stirred: int
    people: set[str]
    domains: set[str]
    glimpse: Glimpse | None = None
    left: Left | None = None

    @property
    def size(self) -> int:
        return len(self.following) + AS_MANY

    def forget_glimpse(self) -> None:
        """A glimpse and what was gathered of it hold each other: taken apart, they are let go at once."""
        if self.glimpse is not None:
            object.__setattr__(self.glimpse, "past", None)
            self.glimpse = None


@dataclass(slots=True, kw_only=True)
class FollowedIssues:
    """Which issues are followed; for the one thread that takes things in.

    ``alone``: nobody else writes to the store, as in a replay. What lies around an issue is then as it was read, until
    ``stir`` says that something may have changed.
    """

    policy: Policy
    workdays: WorkingDays
    most: int = MOST
    long: int = LONG
    alone: bool = False
    _kept: "OrderedDict[str, _Kept]" = field(default_factory=OrderedDict)
    _size: int = 0
    _stirred: int = 0

    def stir(self) -> None:
        """A customer, an outcome of an allegation or a service standard has changed, or where a record belongs."""
        self._stirred += 1

    def forget(self) -> None:
        """Lets go of every issue: something that is on one may have been erased."""
        self._kept.clear()
        self._size = 0
        self.stir()

    def current(self, unit: Unit, issue: Issue, contact_id: str | None, since: int | None) -> Following | None:
        """The issue up to now, where it is followed and nothing but ``contact_id`` has joined it after the mark ``since``."""
        kept = self._take(issue.id)
        if kept is None:
            return None
        revision = unit.issues.revision(issue.id)
        if revision is None:
            return None
        known = len(kept.people) + len(kept.domains)
        if revision != kept.revision:
            entry = (
                unit.contacts.entry(contact_id, issue.id) if contact_id is not None and kept.revision == since else None
            )
            if entry is None or not kept.following.add(entry):
                return None
            kept.revision = revision
            kept.forget_glimpse()
            kept.people |= people_of(entry)
            kept.domains |= domains_of(entry.contact)
        is_as_it_was = self.alone and kept.stirred == self._stirred and issue == kept.around.issue
        if not is_as_it_was or known != len(kept.people) + len(kept.domains):
            if self._around(unit, issue, kept.people, kept.domains) != kept.around:
                return None
            kept.stirred = self._stirred
        self._keep(kept)
        return kept.following

    def follow(self, unit: Unit, history: History) -> Following | None:
        """Follows an issue from now on, where it is long."""
        if len(history.entries) < self.long:
            return None
        issue, revision = history.issue, unit.issues.revision(history.issue.id)
        people, domains = {issue.household_ref}, set[str]()
        for entry in history.entries:
            people |= people_of(entry)
            domains |= domains_of(entry.contact)
        following = Following(history, self.policy, self.workdays)
        if revision is not None:
            around = Around(
                issue=issue,
                customers=history.customers,
                elsewhere=history.elsewhere,
                no_concern=self._no_concern(unit, issue.id),
                standards=history.promised,
            )
            kept = _Kept(
                following=following,
                revision=revision,
                around=around,
                stirred=self._stirred,
                people=people,
                domains=domains,
            )
            self.let_go(issue.id)
            self._keep(kept)
        return following

    def left(self, issue_id: str) -> Left | None:
        """How an issue was left, where it has been followed since."""
        kept = self._kept.get(issue_id)
        return kept.left if kept is not None else None

    def leave(self, issue_id: str, left: Left) -> None:
        kept = self._kept.get(issue_id)
        if kept is not None:
            kept.left = left

    def let_go(self, issue_id: str) -> None:
        """This issue will be read again: it is one too many, or its flags were changed otherwise than by looking at it."""
        kept = self._take(issue_id)
        if kept is not None:
            kept.forget_glimpse()

    def _take(self, issue_id: str) -> _Kept | None:
        kept = self._kept.pop(issue_id, None)
        if kept is not None:
            self._size -= kept.size
        return kept

    def _keep(self, kept: _Kept) -> None:
        self._kept[kept.around.issue.id] = kept
        self._size += kept.size
        while self._size > self.most and len(self._kept) > 1:
            self.let_go(next(iter(self._kept)))

    def glimpses(
        self, unit: Unit, marked: Sequence[tuple[Issue, int | None]], message_ids: Collection[str]
    ) -> list[History]:
        """As `Issues.glimpses`, for issues with their marks: those that are followed need not be read."""
        known = {
            issue.id: glimpse
            for issue, revision in marked
            if (glimpse := self._glimpse(unit, issue, revision, message_ids)) is not None
        }
        read = unit.issues.glimpses([issue for issue, _ in marked if issue.id not in known], message_ids)
        known |= {history.issue.id: history for history in read}
        return [known[issue.id] for issue, _ in marked]

    def _glimpse(self, unit: Unit, issue: Issue, revision: int | None, message_ids: Collection[str]) -> History | None:
        kept = self._kept.get(issue.id)
        if kept is None or kept.revision != revision:
            return None
        history = kept.following.history
        entries: Sequence[Entry] = history.entries
        if len(entries) >= FIRST + LAST:
            if message_ids:  # any contact of the issue may bear one of them
                return None
            entries = (*entries[:FIRST], *entries[-LAST:])
        people = {issue.household_ref, *(entry.who.customer_ref for entry in history.entries)}
        people |= {entry.who.writes_for for entry in entries if entry.who.writes_for}
        customers = kept.around.customers if self.alone else unit.landlord.customers_by_ref(people)
        customers = {ref: customer for ref, customer in customers.items() if ref in people}
        glimpse = kept.glimpse
        if glimpse is None or glimpse.issue != issue or glimpse.customers != customers:
            glimpse = kept.glimpse = Glimpse(
                issue=issue, entries=tuple(entries), records=history.records, customers=customers
            )
        return glimpse

    def _around(self, unit: Unit, issue: Issue, people: set[str], domains: set[str]) -> Around:
        return Around(
            issue=issue,
            customers=unit.landlord.customers_by_ref(people),
            elsewhere=unit.landlord.outcomes_elsewhere(people, issue.id),
            no_concern=self._no_concern(unit, issue.id),
            standards=standards_of(domains, unit.landlord.standards(), self.policy.standards),
        )

    def _no_concern(self, unit: Unit, issue_id: str) -> frozenset[str]:
        return frozenset() if self.alone else unit.flags.no_concern(issue_id)


def people_of(entry: Entry) -> set[str]:
    return {ref for ref in (entry.who.customer_ref, entry.who.writes_for) if ref}


def domains_of(contact: Contact) -> set[str]:
    """The domains that a contact reached or came from."""
    return {name.rsplit("@", 1)[-1].lower() for name in (*contact.routes, *contact.to, contact.from_addr or "")}


def standards_for(history: History, own: Sequence[OwnStandards], usual: ServiceStandards) -> ServiceStandards:
    """The landlord's own of the domains that the issue's contacts reached, else its own for all others, over the policy's."""
    reached = any(standards.applies_to for standards in own)
    domains = {domain for entry in history.entries for domain in domains_of(entry.contact)} if reached else set[str]()
    return standards_of(domains, own, usual)


def standards_of(domains: set[str], own: Sequence[OwnStandards], usual: ServiceStandards) -> ServiceStandards:
    """The landlord's own of these domains, else its own for all others, over the policy's; the last that names a number goes first."""
    chosen = [standards for standards in own if domains & {domain.lower() for domain in standards.applies_to}]
    for standards in chosen or [standards for standards in own if not standards.applies_to]:
        usual = standards.over(usual)
    return usual
