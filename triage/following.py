"""The long issues that are followed in memory, so that a contact into one costs no more than its judgement needs.

Only what the database still holds as it was read is followed: each issue bears a mark that changes with whatever is on it.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from triage.domain.contact import Contact
from triage.domain.customer import Customer
from triage.domain.following import Following
from triage.domain.issue import Entry, History, Issue
from triage.domain.policy import Policy
from triage.domain.record import Record, ServiceStandards
from triage.domain.workdays import WorkingDays
from triage.store import Unit

LONG: Final = 48
"""Contacts from which an issue is followed; shorter ones are read anew each time, which costs as little."""
MOST: Final = 20_000
"""Contacts on all issues that are followed: some 60 MB. Beyond, the one that was quiet longest is let go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a judgement rests on beside the contacts and records of an issue."""

    issue: Issue
    customers: Mapping[str, Customer]
    elsewhere: tuple[Record, ...]
    no_concern: frozenset[str]
    standards: ServiceStandards


@dataclass(slots=True, kw_only=True)
class _Kept:
    following: Following
    revision: int
    around: Around
    people: set[str]
    domains: set[str]


@dataclass(slots=True, kw_only=True)
class LongIssues:
    """Which issues are followed; for the one thread that takes things in."""

    policy: Policy
    workdays: WorkingDays
    most: int = MOST
    long: int = LONG
    _kept: "OrderedDict[str, _Kept]" = field(default_factory=OrderedDict)

    def current(self, unit: Unit, issue: Issue, contact_id: str | None, since: int | None) -> Following | None:
        """The issue up to now, where it is followed and nothing but ``contact_id`` has joined it after the mark ``since``."""
        kept = self._kept.pop(issue.id, None)
        if kept is None:
            return None
        revision = unit.issues.revision(issue.id)
        if revision is None:
            return None
        if revision != kept.revision:
            entry = (
                unit.contacts.entry(contact_id, issue.id) if contact_id is not None and kept.revision == since else None
            )
            if entry is None or not kept.following.add(entry):
                return None
            kept.revision = revision
            kept.people |= people_of(entry)
            kept.domains |= domains_of(entry.contact)
        if self._around(unit, issue, kept.people, kept.domains) != kept.around:
            return None
        self._kept[issue.id] = kept
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
            around = self._around(unit, issue, people, domains)
            self._kept[issue.id] = _Kept(
                following=following, revision=revision, around=around, people=people, domains=domains
            )
            while sum(len(kept.following) for kept in self._kept.values()) > self.most:
                self._kept.popitem(last=False)
        return following

    def _around(self, unit: Unit, issue: Issue, people: set[str], domains: set[str]) -> Around:
        return Around(
            issue=issue,
            customers=unit.landlord.customers_by_ref(people),
            elsewhere=unit.landlord.outcomes_elsewhere(people, issue.id),
            no_concern=unit.flags.no_concern(issue.id),
            standards=standards_of(domains, unit.landlord.standards()),
        )


def people_of(entry: Entry) -> set[str]:
    return {ref for ref in (entry.who.customer_ref, entry.who.writes_for) if ref}


def domains_of(contact: Contact) -> set[str]:
    """The domains that a contact reached or came from."""
    return {name.rsplit("@", 1)[-1].lower() for name in (*contact.routes, *contact.to, contact.from_addr or "")}


def standards_for(history: History, offered: Sequence[ServiceStandards]) -> ServiceStandards:
    """The service standards of the domains that the issue's contacts reached; else those that apply to all others."""
    if not any(standards.applies_to for standards in offered):
        return _joined(offered)
    return standards_of({domain for entry in history.entries for domain in domains_of(entry.contact)}, offered)


def standards_of(domains: set[str], offered: Sequence[ServiceStandards]) -> ServiceStandards:
    """Those of these domains, else those that apply to all others."""
    own = [standards for standards in offered if domains & {domain.lower() for domain in standards.applies_to}]
    return _joined(own or [standards for standards in offered if not standards.applies_to])


def _joined(chosen: Sequence[ServiceStandards]) -> ServiceStandards:
    if not chosen:
        return ServiceStandards()
    return replace(chosen[-1], others={name: days for standards in chosen for name, days in standards.others.items()})
