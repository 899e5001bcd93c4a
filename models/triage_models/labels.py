"""What a model predicts: the twenty labels in their fixed order, their groups and who may be speaking."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Speaker(StrEnum):
    """Whose turn it is in a call or chat; the customer's turns are scored, and of a third party's what parts.py and told.py say."""

    CUSTOMER = "customer"
    AGENT = "agent"
    THIRD_PARTY = "third_party"
    SYSTEM = "system"


ABUSE: Final = ("A1", "A2", "A3", "A4", "A5")
DEMANDS: Final = ("D1", "D2", "D3", "D4")
PERSISTENCE: Final = ("P1", "P2", "P3")
SAFETY: Final = ("S0", "HZ")
SOFT: Final = ("CI", "LG", "NI", "QA", "AR", "SAR")
LABELS: Final = (*ABUSE, *DEMANDS, *PERSISTENCE, *SAFETY, *SOFT)
CUES_ONLY: Final = frozenset({"A3", *DEMANDS, *PERSISTENCE})
"""From one contact's words these are cues: the behaviour itself needs records and history (behaviours.md A.3, A.6-A.12)."""

MEANING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "A1": "a threat to staff or contractors",
        "A2": "abuse or an insult aimed at people",
        "A3": "a serious accusation against staff",
        "A4": "a sexual remark or advance at staff",
        "A5": "an animal not controlled around staff",
        "D1": "insisting on, or refusing, a particular member of staff",
        "D2": "demanding an answer by a short deadline",
        "D3": "reporting again what was found to need nothing",
        "D4": "insisting on action outside the landlord's remit",
        "P1": "contacting again and again",
        "P2": "refusing to accept a decision",
        "P3": "putting the same matter to several teams or channels",
        "S0": "somebody may be at risk of harm",
        "HZ": "a hazard or emergency",
        "CI": "meant as a complaint",
        "LG": "court, Ombudsman, MP or press",
        "NI": "new information or evidence",
        "QA": "somebody else's abuse or threat, passed on",
        "AR": "an adjustment or a disability",
        "SAR": "a request for their own data",
    }
)
