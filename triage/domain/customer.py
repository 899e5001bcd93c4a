"""People: the landlord's directory and how sure we are who wrote."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is to the tenancy; only a customer's own contacts are their persistence (behaviours A.12)."""

    CUSTOMER = "customer"
    HOUSEHOLD = "household"
    CARER = "carer"
    ADVOCATE = "advocate"
    COUNCILLOR = "councillor"
    NEIGHBOUR = "neighbour"

    @classmethod
    def _missing_(cls, value: object) -> "Role | None":
        """Landlords' own words for these."""
        return next((role for role, names in _NAMES.items() if str(value).strip().lower() in names), None)


_NAMES = {
    Role.CUSTOMER: {"customer", "tenant", "leaseholder", "resident", "applicant", "shared owner"},
    Role.HOUSEHOLD: {"household", "household member", "family", "family member", "relative", "partner", "spouse"},
    Role.CARER: {"carer", "caregiver", "care worker", "support worker", "personal assistant"},
    Role.ADVOCATE: {"advocate", "social worker", "solicitor", "representative", "attorney", "friend"},
    Role.COUNCILLOR: {"councillor", "mp", "member of parliament", "caseworker"},
    Role.NEIGHBOUR: {"neighbour", "neighbor"},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A person in the landlord's directory, with the adjustments agreed with them.

    ``safe_contact`` says how they can be reached safely: before anybody replies, and above all where others may listen (C33).
    """

    ref: str
    role: Role = Role.CUSTOMER
    name: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    tenancy_ref: str | None = None
    address: str | None = None
    adjustments: tuple[str, ...] = ()
    safe_contact: str | None = None


class Zone(StrEnum):
    """How a link is treated: ``sure`` joins, ``ask`` waits for a person, ``no`` stands alone. Below 0.9 nothing counts (C30)."""

    SURE = "sure"
    ASK = "ask"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEvidence:
    """One step of the waterfall: what was compared, its weight in log-odds (base e), and a plain sentence."""

    kind: str
    weight: float
    sentence: str


_RIVALS, _ALSO = "rivals", "It could also be "


def could_also_be(names: Iterable[str]) -> LinkEvidence:
    """The step that names the others of whom a contact may be."""
    return LinkEvidence(kind=_RIVALS, weight=0.0, sentence=f"{_ALSO}{'; '.join(names)}.")


def others_named(evidence: Iterable[LinkEvidence]) -> list[str]:
    """The names that such a step gives away, so that a page can mask them (C34)."""
    told = (step.sentence for step in evidence if step.kind == _RIVALS)
    return [name for sentence in told for name in sentence.removeprefix(_ALSO).removesuffix(".").split("; ")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """Who a contact is from (or, for our replies, to).

    ``customer_ref`` is a directory reference, or a stable key of its own (``addr:…``, ``contact:…``) for somebody who
    is not in the directory. ``writes_for`` is the tenant on whose behalf a carer, advocate, relative,
    councillor or neighbour writes.
    """

    customer_ref: str
    zone: Zone
    probability: float
    evidence: tuple[LinkEvidence, ...] = ()
    role: Role = Role.CUSTOMER
    writes_for: str | None = None

    @property
    def household_ref(self) -> str:
        """The person whose issues this contact can be about."""
        return self.writes_for or self.customer_ref
