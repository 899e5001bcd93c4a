"""Sessions for programs that use the JSON API in a named person's name, made on the command line."""

from collections.abc import Collection
from datetime import datetime

from triage.domain.errors import InputError
from triage.store import Store
from triage.store.access import Duty, Person
from triage.web.invitations import detail_of


def program_session(
    store: Store, person: str, role: str, *, by: str, now: datetime, teams: Collection[str] = ()
) -> str:
    """What goes into `Authorization: Bearer`; it ends as any session does. Raises InputError for a role that is none.

    Who made it for whom is on record, and every act that follows carries the person's name.
    """
    if role not in set(Duty):
        raise InputError(f"{role!r} is no role; it is one of {', '.join(Duty)}.")
    if not person.strip() or not by.strip():
        raise InputError("A session is made by a named person for a named person; give both names.")
    with store.begin() as unit:
        secret = unit.access.open(Person(name=person.strip(), duty=Duty(role), teams=tuple(teams)), now)
        detail = detail_of(role, teams)
        unit.audit.append(at=now, actor=by.strip(), action="session.made", subject=person.strip(), detail=detail)
    return secret
