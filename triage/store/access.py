"""One-time sign-ins and revocable sessions; only hashes of tokens are kept (ASVS 7.2)."""

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from triage.store.quick import Quick
from triage.store.tables import session, sign_in


class Duty(StrEnum):
    """What a signed-in person may see and do (requirements C27)."""

    REVIEWER = "reviewer"
    SAFEGUARDING = "safeguarding"
    ANALYST = "analyst"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is signed in, in which role and of which teams."""

    name: str
    duty: Duty
    teams: tuple[str, ...] = ()


_WHO = Quick(
    select(session.c.person, session.c.role, session.c.teams, session.c.seen, session.c.expires).where(
        session.c.token_hash == bindparam("token")
    )
)
IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=12)


class Access:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def invite(self, person: str, duty: Duty, *, expires: datetime, teams: Collection[str] = ()) -> str:
        """A sign-in token that works once; the caller shows it to that person and forgets it."""
        token = secrets.token_urlsafe(24)
        row = {"person": person, "role": duty.value, "expires": expires, "used": False, "teams": json.dumps([*teams])}
        self._connection.execute(insert(sign_in).values(token_hash=_hash(token), **row))
        return token

    def sign_in(self, token: str, now: datetime) -> tuple[str, Person] | None:
        """Uses a sign-in token up and opens a session: its secret and the person, or None for a token that is not good."""
        used = self._connection.execute(
            update(sign_in)
            .where(sign_in.c.token_hash == _hash(token), sign_in.c.used.is_(False), sign_in.c.expires > now)
            .values(used=True)
        )
        if used.rowcount != 1:
            return None
        row = self._connection.execute(
            select(sign_in.c.person, sign_in.c.role, sign_in.c.teams).where(sign_in.c.token_hash == _hash(token))
        ).one()
        person = Person(name=row.person, duty=Duty(row.role), teams=tuple(json.loads(row.teams)))
        return self.open(person, now), person

    def open(self, person: Person, now: datetime) -> str:
        """A new session of a person who has proved who they are: its secret, new at each sign-in (ASVS 7.2.4)."""
        secret = secrets.token_urlsafe(32)
        row = {"person": person.name, "role": person.duty.value, "started": now, "seen": now, "expires": now + LONGEST}
        row["teams"] = json.dumps(person.teams)
        self._connection.execute(insert(session).values(token_hash=_hash(secret), **row))
        return secret

    def end_all(self, person: str) -> int:
        """Ends every session of a person and every sign-in address that waits for them; gives how many sessions."""
        return end_sessions(self._connection, person)

    def who(self, secret: str, now: datetime) -> Person | None:
        """The person of a live session: neither idle for an hour nor older than twelve."""
        found = _WHO.first(self._connection, {"token": _hash(secret)})
        if found is None:
            return None
        name, role, teams, seen, expires = found
        if expires <= now or seen + IDLE <= now:
            return None
        return Person(name=name, duty=Duty(role), teams=tuple(json.loads(teams)))

    def touch(self, secret: str, now: datetime) -> None:
        self._connection.execute(update(session).where(session.c.token_hash == _hash(secret)).values(seen=now))

    def sign_out(self, secret: str) -> None:
        self._connection.execute(delete(session).where(session.c.token_hash == _hash(secret)))


def end_sessions(connection: Connection, person: str) -> int:
    """What signs this person in ends at once, on every machine (ASVS 7.4.2)."""
    connection.execute(update(sign_in).where(sign_in.c.person == person).values(used=True))
    return connection.execute(delete(session).where(session.c.person == person)).rowcount


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
