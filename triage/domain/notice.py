"""A notice to our own people's systems that something waits: no word of a message, no name, no reference of a customer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST_WAIT = timedelta(hours=1)
GIVES_UP_AFTER = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One raised code that one place is to be told of. ``next_try`` None: told, or given up."""

    number: int
    place: str
    flag_id: str
    kind: str
    raised_at: datetime
    attempts: int = 0


def wait_after(attempts: int) -> timedelta | None:
    """How long until the next try: 15 s, doubled each time up to an hour; None once it is given up and shown as failed."""
    if attempts >= GIVES_UP_AFTER:
        return None
    doubled: int = 2 ** max(0, attempts - 1)
    return min(timedelta(seconds=15) * doubled, LONGEST_WAIT)
