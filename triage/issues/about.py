"""What a contact is about, as its gist has it: compared within one person's matters, where words fail ("that thing again")."""

import base64
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from triage.domain.contact import Contact
from triage.domain.record import Record
from triage.issues.topics import Vector, together, unit

REMEMBERED = 8_192
"""Directions that are kept, of half a kB each."""


@lru_cache(maxsize=REMEMBERED)
def _direction(about: str) -> Vector:
    return unit(np.frombuffer(base64.b64decode(about), dtype=np.int8).astype(np.float32))


def model_of(item: Contact | Record) -> str:
    """The gist reader that says what it is about; empty where none does."""
    gist = item.gist if isinstance(item, Contact) else None
    return gist.model if gist is not None and gist.about else ""


def about(contacts: Sequence[Contact], model: str) -> Vector | None:
    """What these contacts are about together, of length one; None where this gist reader has read none of them."""
    found = [_direction(one.gist.about) for one in contacts if one.gist is not None and model_of(one) == model]
    return together(found) if model and found else None
