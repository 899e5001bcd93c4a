"""Shipped builders and fakes: a small landlord in a store, a clock that is set by hand, and a desk of models without files."""

from triage.testing.contacts import MODEL, contact, invited, put, span
from triage.testing.fakes import NOW, FakeModels, SetClock
from triage.testing.landlord import INSULT, SECRET, SECRET_SUBJECT, SmallLandlord, small_landlord

__all__ = [
    "INSULT",
    "MODEL",
    "NOW",
    "SECRET",
    "SECRET_SUBJECT",
    "FakeModels",
    "SetClock",
    "SmallLandlord",
    "contact",
    "invited",
    "put",
    "small_landlord",
    "span",
]
