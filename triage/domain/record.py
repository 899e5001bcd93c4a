"""Facts on the landlord's side: decisions, promises, inspections, and the standards it promised to keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum


class RecordKind(StrEnum):
    """The vocabulary of imports; what each means is in the data folder's README and docs/glossary.md."""

    CASE_OPENED = "case_opened"
    OWNER_TOLD = "owner_told"
    ACKNOWLEDGED = "acknowledged"
    PROMISE = "promise"
    STAGE1_RESPONSE = "stage1_response"
    STAGE2_RESPONSE = "stage2_response"
    FINAL_RESPONSE = "final_response"
    INSPECTION_NO_FAULT = "inspection_no_fault"
    INSPECTION_FAULT_FOUND = "inspection_fault_found"
    REPAIR_COMPLETED = "repair_completed"
    REPAIR_FAILED = "repair_failed"
    REMIT_LETTER = "remit_letter"
    ALLEGATION_UPHELD = "allegation_upheld"
    ALLEGATION_NOT_UPHELD = "allegation_not_upheld"
    ADJUSTMENT_AGREED = "adjustment_agreed"
    WARNING = "warning"
    CONTACT_AGREEMENT = "contact_agreement"


ALLEGATION_OUTCOMES = frozenset({RecordKind.ALLEGATION_UPHELD, RecordKind.ALLEGATION_NOT_UPHELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One fact of the landlord's side. ``due`` is the deadline that it sets; ``ref`` the landlord's case number."""

    id: str
    at: datetime
    kind: RecordKind
    customer_ref: str | None = None
    ref: str | None = None
    due: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStandards:
    """What is promised on an issue, in working days and hours. The numbers are the policy's ([standards] of its file), or the
    landlord's own where it gives them; ``others`` are further promises of a landlord, told to people and not counted."""

    general_reply_working_days: int
    complaint_ack_working_days: int
    stage1_working_days: int
    stage2_working_days: int
    hazard_hours: int
    others: Mapping[str, int] = field(default_factory=dict)


STANDARDS: tuple[str, ...] = tuple(each.name for each in fields(ServiceStandards) if each.name != "others")
"""The names of the standards, with their units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStandards:
    """What a landlord promises otherwise, for routes at ``applies_to`` domains (empty = all others); None is as the policy has it."""

    applies_to: tuple[str, ...] = ()
    general_reply_working_days: int | None = None
    complaint_ack_working_days: int | None = None
    stage1_working_days: int | None = None
    stage2_working_days: int | None = None
    hazard_hours: int | None = None
    others: Mapping[str, int] = field(default_factory=dict)

    def given(self) -> Mapping[str, int]:
        """The standards that the landlord names itself."""
        return {name: number for name in STANDARDS if (number := getattr(self, name)) is not None}

    def over(self, usual: ServiceStandards) -> ServiceStandards:
        """These, and the usual ones where nothing is given."""
        return replace(usual, **self.given(), others={**usual.others, **self.others})
