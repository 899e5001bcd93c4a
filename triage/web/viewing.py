"""What is put on record when it is looked at (C27): one way to it for the page and for its twin in the API."""

from triage.bootstrap import england
from triage.reports.contacts import ContactPage, contact_page
from triage.reports.incident import IncidentPage, incident_page
from triage.reports.issues import IssuePage, issue_page
from triage.reports.stamping import Stamping, stamping_rows
from triage.store import Unit
from triage.web.desk import Desk
from triage.web.refusals import not_found
from triage.web.signed_in import SignedIn


def viewed_contact(unit: Unit, desk: Desk, caller: SignedIn, contact_id: str) -> ContactPage:
    """One contact as it was read; not found where it is not this person's to see."""
    view = contact_page(unit, contact_id, safeguarding=caller.safeguarding)
    if view is None:
        raise not_found("contact")
    _on_record(unit, desk, caller, "contact.viewed", contact_id)
    return view


def viewed_issue(unit: Unit, desk: Desk, caller: SignedIn, issue_id: str) -> IssuePage:
    """One issue with everything that happened and what would have changed its flags."""
    view = issue_page(unit, desk.policy, issue_id, desk.clock(), england())
    if view is None:
        raise not_found("issue")
    _on_record(unit, desk, caller, "issue.viewed", issue_id)
    return view


def viewed_incident(unit: Unit, desk: Desk, caller: SignedIn, record_id: str) -> IncidentPage:
    """What was confirmed and what was known at that moment."""
    view = incident_page(unit, record_id, desk.policy)
    if view is None:
        raise not_found("incident record")
    _on_record(unit, desk, caller, "incident.viewed", record_id)
    return view


def viewed_decisions(unit: Unit, desk: Desk, caller: SignedIn) -> tuple[Stamping, ...]:
    """How each reviewer decides."""
    rows = stamping_rows(unit)
    _on_record(unit, desk, caller, "decisions.viewed", "decisions")
    return rows


def _on_record(unit: Unit, desk: Desk, caller: SignedIn, action: str, subject: str) -> None:
    unit.audit.append(at=desk.clock(), actor=caller.name, action=action, subject=subject)
