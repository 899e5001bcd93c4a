"""What a person says of a link: who wrote, that two entries are one person, or which issue a contact is about."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RulingKind(StrEnum):
    """``from``, ``not from``: of contacts and a person; ``joined``: of two references; ``moved``: of a contact and an issue."""

    FROM = "from"
    NOT_FROM = "not from"
    JOINED = "joined"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One ruling. It stands until it is undone, through new models, corrections and whatever comes later.

    ``person`` is a reference of the directory. ``other`` is, of ``joined``, the reference that is the same person; of
    ``not from``, the key of an address that is on nobody's file for that person, so that it is not asked of it again.
    Of ``moved``, ``anchor`` is a contact or record of the issue that it goes to; None starts the issue ``issue_id``.
    """

    id: str
    kind: RulingKind
    at: datetime
    by: str
    contacts: tuple[str, ...] = ()
    person: str | None = None
    other: str | None = None
    anchor: str | None = None
    issue_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A ruling and, where it was undone, when and by whom."""

    ruling: Ruling
    undone_at: datetime | None = None
    undone_by: str | None = None
