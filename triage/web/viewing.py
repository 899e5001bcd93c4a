"""What is put on record when it is looked at (C27): one way to it for the page and for its twin in the API."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from triage.arranging import ABUSE
from triage.bootstrap import england
from triage.domain.flag import FlagState
from triage.domain.review import Review
from triage.reports.contacts import ContactPage, contact_page
from triage.reports.incident import IncidentPage, incident_page
from triage.reports.issues import IssuePage, PatternRow, issue_page, pattern_rows
from triage.reports.looking_back import LookingBack
from triage.reports.owing import OwingPage, Show, owing_page
from triage.reports.policy_page import PolicyView, policy_view
from triage.reports.queue import NotScoredPage, not_scored_page
from triage.reports.restrictions import RestrictionsPage, restrictions_page
from triage.reports.reveals import masked_contact, masked_issue, masked_restriction_list, reveal, revealed_until
from triage.reports.safeguarding import Room, room
from triage.store import Unit
from triage.web.desk import Desk
from triage.web.refusals import not_found
from triage.web.reviewing import looks_blind
from triage.web.signed_in import SignedIn


def viewed_contact(desk: Desk, caller: SignedIn, contact_id: str) -> ContactPage:
    """One contact as it was read; not found where it is not this person's to see."""
    now = desk.clock()
    with desk.reading(caller) as unit:
        here = unit.seen.contact(contact_id)
        view = contact_page(unit, contact_id, safeguarding=caller.safeguarding) if here else None
        if view is None:
            raise not_found("contact")
        abuse = flagged_abuse(unit, desk, caller, view.issue_id) if view.issue_id else {}
        view = replace(view, view=replace(view.view, abuse=abuse.get(contact_id, ())))
        on_issue = revealed_until(unit, view.issue_id, caller.name, now) if view.issue_id else None
        until = revealed_until(unit, contact_id, caller.name, now) or on_issue
        view = replace(view, names_until=until) if until else masked_contact(unit, view)
    put_on_record(desk, caller, "contact.viewed", contact_id)
    return view


def viewed_issue(desk: Desk, caller: SignedIn, issue_id: str) -> IssuePage:
    """One issue with everything that happened and what would have changed its flags."""
    now = desk.clock()
    with desk.reading(caller) as unit:
        here = unit.seen.issue(issue_id)
        view = issue_page(unit, desk.policy, issue_id, now, england()) if here else None
        if view is None:
            raise not_found("issue")
        abuse = flagged_abuse(unit, desk, caller, issue_id)
        contacts = tuple((replace(item, abuse=abuse.get(item.id, ())), counted) for item, counted in view.contacts)
        view = replace(view, contacts=contacts, abuse=_codes(abuse))
        until = revealed_until(unit, issue_id, caller.name, now)
        view = replace(view, names_until=until) if until else masked_issue(unit, view)
    put_on_record(desk, caller, "issue.viewed", issue_id)
    return view


def named_contact(unit: Unit, desk: Desk, caller: SignedIn, contact_id: str, reason: str) -> datetime:
    """Shows this person the names on a contact for an hour, as the flag page does; the reason is on record (C34)."""
    if not unit.seen.contact(contact_id) or not contact_page(unit, contact_id, safeguarding=caller.safeguarding):
        raise not_found("contact")
    return reveal(unit, contact_id, caller.name, reason, desk.clock())


def named_issue(unit: Unit, desk: Desk, caller: SignedIn, issue_id: str, reason: str) -> datetime:
    """The same for an issue and the contacts on it."""
    if not unit.seen.issue(issue_id) or unit.issues.get(issue_id) is None:
        raise not_found("issue")
    return reveal(unit, issue_id, caller.name, reason, desk.clock())


def flagged_abuse(unit: Unit, desk: Desk, caller: SignedIn, issue_id: str) -> dict[str, tuple[str, ...]]:
    """By contact, the clauses on abuse that it was flagged for; nothing of a flag that this person first looks at blind (C4)."""
    states = (FlagState.OPEN, FlagState.DECIDED)
    found: dict[str, tuple[str, ...]] = {}
    hidden: set[str] = set()
    for flag in unit.flags.listed(states=states, kinds=desk.kinds(caller), issue_id=issue_id):
        blind = looks_blind(unit, desk, caller, flag)
        for code in flag.codes:
            if code.code in ABUSE:
                hidden |= set(code.contacts) if blind else set()
                found |= {one: tuple(dict.fromkeys((*found.get(one, ()), code.code))) for one in code.contacts}
    return {contact_id: codes for contact_id, codes in found.items() if contact_id not in hidden}


def abuse_on(unit: Unit, desk: Desk, caller: SignedIn, issue_id: str) -> tuple[str, ...]:
    """The clauses on abuse that an issue was flagged for, under the same rule: its title may be those words (C34)."""
    return _codes(flagged_abuse(unit, desk, caller, issue_id))


def _codes(abuse: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({code for codes in abuse.values() for code in codes}))


def viewed_incident(desk: Desk, caller: SignedIn, record_id: str) -> IncidentPage:
    """What was confirmed and what was known at that moment."""
    with desk.reading(caller) as unit:
        view = incident_page(unit, record_id, desk.policy)
        flag = unit.flags.get(view.record.flag_id) if view else None
        if view is None or flag is None or not unit.seen.flag(flag):
            raise not_found("incident record")
    put_on_record(desk, caller, "incident.viewed", record_id)
    return view


def viewed_decisions(desk: Desk, caller: SignedIn) -> list[Review]:
    """What everybody has decided, for the tables of how reviewers decide and how clauses are answered."""
    with desk.reading(caller) as unit:
        reviews = unit.flags.reviews()
    put_on_record(desk, caller, "decisions.viewed", "decisions")
    return reviews


def viewed_restrictions(desk: Desk, caller: SignedIn) -> RestrictionsPage:
    """Every warning and agreement that has not ended, with its dates."""
    now = desk.clock()
    with desk.reading(caller) as unit:
        view = restrictions_page(unit, desk.policy, now)
        issues = {row.issue_id for row in view.rows if row.issue_id}
        shown = {one for one in issues if revealed_until(unit, one, caller.name, now)}
        view = masked_restriction_list(unit, view, shown)
        abuse = {one: abuse_on(unit, desk, caller, one) for one in issues}
        rows = tuple(replace(row, abuse=abuse.get(row.issue_id or "", ())) for row in view.rows)
        view = replace(view, rows=rows)
    put_on_record(desk, caller, "restrictions.viewed", "restrictions")
    return view


def viewed_owed(
    desk: Desk, caller: SignedIn, page: int, show: Show, team: str, back: LookingBack = LookingBack.FOUR
) -> OwingPage:
    """Every issue where we are late now or due soon: what is ours to do, before anything that a customer did."""
    with desk.reading(caller) as unit:
        view = owing_page(unit, desk.clock(), england(), page, show=show, team=team, back=back)
        rows = tuple(replace(row, abuse=abuse_on(unit, desk, caller, row.issue_id)) for row in view.rows)
        view = replace(view, rows=rows)
    put_on_record(desk, caller, "owed.viewed", show.value)
    return view


def viewed_patterns(desk: Desk, caller: SignedIn, back: LookingBack = LookingBack.TWELVE) -> tuple[PatternRow, ...]:
    """Issues with a pattern over contacts, or on which we failed; never a list of people."""
    with desk.reading(caller) as unit:
        rows = pattern_rows(unit, desk.policy, desk.clock(), back)
        rows = tuple(replace(row, abuse=abuse_on(unit, desk, caller, row.issue_id)) for row in rows)
    put_on_record(desk, caller, "patterns.viewed", "patterns")
    return rows


def viewed_policy(desk: Desk, caller: SignedIn) -> PolicyView:
    """The policy for people. It is about nobody, so that looking is not on record."""
    with desk.reading(caller) as unit:
        return policy_view(unit, desk.policy, desk.clock(), desk.hours, desk.blind_share)


def viewed_not_scored(desk: Desk, caller: SignedIn, why: str) -> NotScoredPage:
    """What no model has read, and why, with its subjects."""
    with desk.reading(caller) as unit:
        view = not_scored_page(unit, safeguarding=caller.safeguarding, why=why, now=desk.clock())
    put_on_record(desk, caller, "not_scored.viewed", "not scored")
    return view


def viewed_room(desk: Desk, caller: SignedIn) -> Room:
    """The safeguarding room, with titles and how each person can be reached safely."""
    with desk.reading(caller) as unit:
        view = room(unit, desk.policy, desk.clock(), desk.hours)
    put_on_record(desk, caller, "safeguarding.viewed", "safeguarding")
    return view


def put_on_record(
    desk: Desk, caller: SignedIn, action: str, subject: str, detail: Mapping[str, str] | None = None
) -> None:
    """Once it has been read, so that no lock is held meanwhile, and before anything of it is shown."""
    at = desk.clock()
    desk.on_record(
        lambda unit: unit.audit.append(at=at, actor=caller.name, action=action, subject=subject, detail=detail)
    )
