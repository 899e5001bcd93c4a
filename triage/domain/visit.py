"""A visit that the landlord has planned: who goes where and when, so that whoever goes can be told in time."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One planned visit; ``staff`` is a role or pseudonym, never a reason to look at how somebody works (C28)."""

    id: str
    at: datetime
    until: datetime | None = None
    customer_ref: str | None = None
    address: str | None = None
    staff: str | None = None
    text: str = ""
    cancelled: bool = False
