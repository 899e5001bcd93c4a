"""An incident record as its page shows it: what is not known is named as missing, never left blank (records B.1)."""

from dataclasses import dataclass

from triage.domain.contesting import Asks, Representation
from triage.domain.incident import IncidentRecord
from triage.domain.policy import Policy
from triage.reports.marked import seen
from triage.reports.people import pseudonym
from triage.store import Unit
from triage.store.flags import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPage:
    """``missing`` are fields that records B.1 wants; ``earlier`` those of the same person that are still in force.

    ``appeals`` say of each when it was received, who answered it and what came of it.
    """

    record: IncidentRecord
    who: str
    household: str
    missing: tuple[str, ...]
    earlier: tuple[IncidentRecord, ...]
    statements: tuple[Statement, ...]
    with_safeguarding: bool
    appeals: tuple[str, ...] = ()


def incident_page(unit: Unit, record_id: str, policy: Policy) -> IncidentPage | None:
    record = unit.outcomes.record(record_id)
    if record is None:
        return None
    earlier = (unit.outcomes.record(one) for one in record.known.earlier)
    secret = unit.contacts.safeguarded([source.contact_id for source in record.sources])
    return IncidentPage(
        record=record,
        who=pseudonym(record.customer_ref),
        household=pseudonym(record.household_ref) if record.household_ref else "",
        missing=tuple(seen(name) for name in record.missing(weighty=record.next_step in policy.second_opinion)),
        earlier=tuple(one for one in earlier if one and one.withdrawn is None and _is_seen(unit, one)),
        statements=tuple(one for one in unit.flags.statements(record.flag_id) if one.id in record.statements),
        with_safeguarding=bool(secret),
        appeals=tuple(_told(one) for one in unit.outcomes.representations(record.flag_id) if one.asks is Asks.APPEAL),
    )


def _told(appeal: Representation) -> str:
    received = f"Received {appeal.received:%d %B %Y}"
    if appeal.answer is None:
        return f"{received}, not answered yet."
    return f"{received}, answered {appeal.answer.at:%d %B %Y} by {seen(appeal.answer.reviewer)}: {appeal.answer.outcome.value}."


def _is_seen(unit: Unit, record: IncidentRecord) -> bool:
    flag = unit.flags.get(record.flag_id)
    return flag is not None and unit.seen.flag(flag)
