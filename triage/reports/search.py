"""The way in for whoever was given a name or a reference, as by the Ombudsman: a few people or issues, never a list of everybody."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.domain.contact import Direction
from triage.domain.customer import Customer, Role
from triage.domain.flag import FlagKind
from triage.domain.issue import Issue
from triage.domain.reference import canonical, whole
from triage.identity.normal import address_key, is_named, name_words, phone_key
from triage.reports.marked import seen
from triage.reports.masking import Mask
from triage.reports.our_side import told_title
from triage.reports.owed import is_late
from triage.reports.people import pseudonym
from triage.reports.veil import Veil
from triage.store import Unit

MOST_PEOPLE = 10
"""Where more fit, nobody is listed: what was asked for is too little to mean one of them."""
MOST_ISSUES = 100
_MARK = re.compile(r"(?:^|\s)([0-9A-F]{3})[-\s]?([0-9A-F]{3})$", re.IGNORECASE)


class By(StrEnum):
    """By what somebody or something was found."""

    NAME = "name"
    PSEUDONYM = "pseudonym"
    CUSTOMER = "customer reference"
    TENANCY = "tenancy reference"
    EMAIL = "e-mail address"
    PHONE = "phone number"
    CASE = "case reference"
    CONTACT = "contact number"
    FLAG = "flag number"
    ISSUE = "issue number"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIssue:
    """One issue; ``cases`` is what our own systems call it. ``contacts`` came in, the last of all on ``last``.

    ``abuse`` are the clauses on abuse that it was flagged for, as far as whoever looks may know.
    """

    issue_id: str
    title: str
    opened: datetime
    last: datetime | None
    contacts: int
    late: bool
    cases: tuple[str, ...] = ()
    abuse: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPerson:
    """Somebody under their pseudonym with their issues, newest first; ``older`` are left out.

    Found by an issue's own reference, there is that issue alone.
    """

    who: str
    by: tuple[By, ...]
    issues: tuple[FoundIssue, ...]
    older: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What fits; ``too_many`` people do where nobody is listed."""

    people: tuple[FoundPerson, ...] = ()
    too_many: bool = False


def found(unit: Unit, text: str, now: datetime) -> Found:
    """Customers by name, pseudonym, reference, tenancy, e-mail or phone; issues by case, contact, flag or issue number.

    Each is compared whole, in the form in which equal means same. What this person's teams may not know of is not there.
    """
    groups = [_group(unit, issue.household_ref, (by,), [issue], now) for by, issue in _things(unit, text)]
    people = _people(unit, text)
    if len(people) > MOST_PEOPLE:
        return Found(people=tuple(groups), too_many=True)
    directory = unit.landlord.customers_by_ref(people)
    for ref, how in people.items():
        group = _group(unit, ref, how, unit.issues.around(ref), now, directory.get(ref))
        groups += [group] if group.issues or ref in directory else []
    return Found(people=tuple(groups))


def _people(unit: Unit, text: str) -> dict[str, tuple[By, ...]]:
    by: dict[str, tuple[By, ...]] = {}
    asked = _Asked(text)
    for customer in unit.landlord.customers():
        if how := tuple(asked.fits(customer)):
            by[customer.ref] = how
    if asked.names:
        by |= {ref: (By.NAME,) for ref, name in unit.search.strangers() if is_named(asked.names, name_words(name))}
    not_on_file = {asked.text: By.CUSTOMER, f"addr:{asked.key}": By.EMAIL if asked.email else By.PHONE}
    by |= {ref: (how,) for ref, how in not_on_file.items() if ref not in by and unit.issues.around(ref)}
    if asked.mark:
        marked = [ref for ref in unit.search.references() if pseudonym(ref).endswith(f" {asked.mark}")]
        by |= {ref: (*by.get(ref, ()), By.PSEUDONYM) for ref in marked}
    return by


class _Asked:
    """What was typed, in each form in which it may be meant."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.names = frozenset() if re.search(r"[\d@]", text) else name_words(text)
        self.email = address_key(self.text) if "@" in text else None
        self.phone = phone_key(self.text)
        self.key = self.email or self.phone
        self.tenancy = whole(self.text)
        mark = _MARK.search(self.text)
        self.mark = f"{mark[1]}-{mark[2]}".upper() if mark else ""

    def fits(self, customer: Customer) -> Iterator[By]:
        if customer.ref.casefold() == self.text.casefold():
            yield By.CUSTOMER
        if self.tenancy and customer.tenancy_ref and whole(customer.tenancy_ref) == self.tenancy:
            yield By.TENANCY
        if self.names and customer.name and is_named(self.names, name_words(customer.name)):
            yield By.NAME
        if self.email and self.email in map(address_key, customer.emails):
            yield By.EMAIL
        if self.phone and any(_ends_alike(one, self.phone) and phone_key(one) == self.phone for one in customer.phones):
            yield By.PHONE


def _ends_alike(number: str, key: str) -> bool:
    """Quick to say, so that not every number of a directory is taken apart."""
    return re.sub(r"\D", "", number).endswith(key[-4:])


def _things(unit: Unit, text: str) -> list[tuple[By, Issue]]:
    """Issues by what they, or something on them, are called; each once."""
    asked = text.strip()
    of_cases = [ref for ref in unit.search.case_references() if _is_case(ref, asked)]
    ids = dict.fromkeys(unit.search.issues_of_cases(of_cases), By.CASE)
    contact, flag = unit.contacts.get(asked), unit.flags.get(asked)
    if contact and contact.issue_id:
        ids.setdefault(contact.issue_id, By.CONTACT)
    if flag and flag.kind is not FlagKind.SAFEGUARDING:
        ids.setdefault(flag.issue_id, By.FLAG)
    ids.setdefault(asked, By.ISSUE)
    issues = unit.issues.some(list(ids))
    visible = unit.seen.issues(issues)
    return [(by, issues[issue_id]) for issue_id, by in ids.items() if issue_id in visible]


def _is_case(ref: str, asked: str) -> bool:
    return bool(whole(asked)) and (whole(ref) == whole(asked) or canonical(ref) == canonical(asked))


def _group(
    unit: Unit, ref: str, by: Collection[By], issues: Collection[Issue], now: datetime, customer: Customer | None = None
) -> FoundPerson:
    visible = unit.seen.issues({issue.id for issue in issues})
    newest = sorted((one for one in issues if one.id in visible), key=lambda one: one.opened, reverse=True)
    return FoundPerson(
        who=pseudonym(ref, customer.role if customer else Role.CUSTOMER),
        by=tuple(by),
        issues=tuple(_row(unit, issue, now) for issue in newest[:MOST_ISSUES]),
        older=max(0, len(newest) - MOST_ISSUES),
    )


def _row(unit: Unit, issue: Issue, now: datetime) -> FoundIssue:
    entries = unit.contacts.of_issue(issue.id)
    veil = Veil.over(unit, (entry.contact for entry in entries), safeguarding=False)
    records = unit.landlord.records_of_issue(issue.id)
    people = unit.landlord.customers_by_ref(_involved(issue, (entry.who.customer_ref for entry in entries))).values()
    mask = Mask.over(people, (entry.contact for entry in entries))
    return FoundIssue(
        issue_id=issue.id,
        title=mask.text(told_title(issue.title, records, veil)),
        opened=issue.opened,
        last=max((entry.contact.at for entry in entries), default=None),
        contacts=sum(entry.contact.direction is Direction.IN for entry in entries),
        late=is_late(unit.issues.last_assessment(issue.id), now),
        cases=tuple(dict.fromkeys(seen(record.ref) for record in records if record.ref)),
    )


def _involved(issue: Issue, others: Iterable[str]) -> set[str]:
    return {issue.household_ref, *others}
