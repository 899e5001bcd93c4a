"""One-time sign-in addresses, made on the command line for a named person."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from triage.domain.errors import InputError
from triage.store import Store
from triage.store.access import Duty

GOOD_FOR = timedelta(hours=24)


class Where(Protocol):
    """Where the pages are served; the settings fit."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def secure_cookies(self) -> bool: ...


def invitation(
    store: Store, where: Where, person: str, role: str, now: datetime, *, teams: Collection[str] = ()
) -> str:
    """The address of a sign-in that works once within a day. Raises InputError for a role that is none."""
    if role not in set(Duty):
        raise InputError(f"{role!r} is no role; it is one of {', '.join(Duty)}.")
    if not person.strip():
        raise InputError("A sign-in is for a named person; give the name.")
    with store.begin() as unit:
        token = unit.access.invite(person.strip(), Duty(role), expires=now + GOOD_FOR, teams=teams)
        unit.audit.append(
            at=now, actor="command line", action="person.invited", subject=person.strip(), detail=detail_of(role, teams)
        )
    return address_of(where, "/sign-in", token)


def detail_of(role: str, teams: Collection[str]) -> dict[str, str]:
    """A role and, where there are any, its teams, as the audit keeps them."""
    return {"role": role, "teams": ", ".join(teams)} if teams else {"role": role}


def address_of(where: Where, path: str, token: str) -> str:
    """The address to give to a person, with what proves them; it is shown once and kept nowhere."""
    scheme = "https" if where.secure_cookies else "http"
    return f"{scheme}://{where.host}:{where.port}{path}?token={token}"
