"""Local users, the attempts to sign in that failed, and sign-ins under way at an organisation's own provider."""

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, insert, select, update

from triage.store.access import Duty, end_sessions
from triage.store.tables import attempt, local_user, provider_start

ENROL_WITHIN = timedelta(hours=24)
PROVIDER_WITHIN = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(hours=24)
"""A failed attempt counts no longer than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who signs in here: the name that is shown, one role, their teams, and what proves that it is them.

    ``secret`` is the key of their one-time codes as it is kept (see ``triage.web.code_keys``). ``password`` is an argon2 hash; it and ``last_step`` (of the last one-time code taken) are None until enrolment.
    """

    account: str
    name: str
    duty: Duty
    secret: str
    password: str | None
    last_step: int | None
    disabled: bool
    teams: tuple[str, ...] = ()

    @property
    def enrolled(self) -> bool:
        return self.password is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStart:
    """What must come back from the provider: its nonce, and the verifier of PKCE (RFC 7636)."""

    nonce: str
    verifier: str


class Users:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, account: str, name: str, duty: Duty, *, secret: str, now: datetime, teams: Collection[str] = ()
    ) -> str | None:
        """The token of a new user's enrolment; None where the account or the name is taken already."""
        taken = (local_user.c.account == account) | (local_user.c.name == name)
        if self._connection.execute(select(local_user.c.account).where(taken)).first() is not None:
            return None
        token = secrets.token_urlsafe(24)
        self._connection.execute(
            insert(local_user).values(
                account=account,
                name=name,
                role=duty.value,
                teams=json.dumps([*teams]),
                secret=secret,
                disabled=False,
                enrol_hash=_hash(token),
                enrol_until=now + ENROL_WITHIN,
            )
        )
        return token

    def get(self, account: str) -> User | None:
        return self._one(local_user.c.account == account)

    def all(self) -> list[User]:
        return [_user(row) for row in self._connection.execute(select(local_user).order_by(local_user.c.account))]

    def disable(self, account: str) -> User | None:
        """Ends the account and every session of that person at once; None where there is no such account."""
        self._set(account, disabled=True, enrol_hash=None, enrol_until=None)
        return self._ended(account)

    def reset(self, account: str, *, secret: str, now: datetime) -> str | None:
        """Password and second factor are void and every session ends; gives the token of a new enrolment, or None."""
        token = secrets.token_urlsafe(24)
        values = {"password": None, "last_step": None, "secret": secret, "disabled": False}
        self._set(account, **values, enrol_hash=_hash(token), enrol_until=now + ENROL_WITHIN)
        return token if self._ended(account) else None

    def enrolling(self, token: str, now: datetime) -> User | None:
        """Whose enrolment this token is; None where it was used, is too old, or never was."""
        return self._one((local_user.c.enrol_hash == _hash(token)) & (local_user.c.enrol_until > now))

    def enrol(self, token: str, password: str, step: int, now: datetime) -> bool:
        """Keeps the password's hash and uses the token up; False where somebody else did so first."""
        good = (local_user.c.enrol_hash == _hash(token)) & (local_user.c.enrol_until > now)
        values = {"password": password, "last_step": step, "enrol_hash": None, "enrol_until": None}
        return self._connection.execute(update(local_user).where(good).values(**values)).rowcount == 1

    def take_step(self, account: str, step: int) -> bool:
        """Uses up the one-time code of ``step``: each counts once, and none older than the last (RFC 6238, 5.2)."""
        later = (local_user.c.account == account) & (local_user.c.last_step < step)
        return self._connection.execute(update(local_user).where(later).values(last_step=step)).rowcount == 1

    def put_teams(self, account: str, teams: Collection[str]) -> User | None:
        """The teams that this person belongs to from now on; their sessions end. None where there is no such account."""
        self._set(account, teams=json.dumps([*teams]))
        return self._ended(account)

    def put_secret(self, account: str, secret: str) -> None:
        """The same key of one-time codes, kept in another way."""
        self._set(account, secret=secret)

    def put_password(self, account: str, password: str) -> None:
        """The same password under newer costs of argon2."""
        self._set(account, password=password)

    # attempts that failed

    def waits_until(self, key: str, now: datetime) -> datetime | None:
        """Until when no attempt under this key is looked at."""
        row = self._connection.execute(select(attempt).where(attempt.c.key == _hash(key))).first()
        return row.until if row is not None and row.until is not None and row.until > now else None

    def failed(self, key: str, now: datetime, *, free: int, most: timedelta) -> None:
        """Counts a failure; after ``free`` of them each next one doubles the wait, from a minute to ``most``."""
        row = self._connection.execute(select(attempt).where(attempt.c.key == _hash(key))).first()
        count = 1 if row is None or row.at < now - FORGOTTEN_AFTER else row.failures + 1
        wait = min(timedelta(minutes=2 ** min(count - free, 20)), most) if count >= free else None
        self.succeeded(key)
        until = now + wait if wait else None
        self._connection.execute(insert(attempt).values(key=_hash(key), failures=count, at=now, until=until))
        self._connection.execute(delete(attempt).where(attempt.c.at < now - FORGOTTEN_AFTER))

    def succeeded(self, key: str) -> None:
        self._connection.execute(delete(attempt).where(attempt.c.key == _hash(key)))

    # sign-ins under way at a provider

    def start(self, state: str, started: ProviderStart, now: datetime) -> None:
        self._connection.execute(delete(provider_start).where(provider_start.c.expires <= now))
        values = {"nonce": started.nonce, "verifier": started.verifier, "expires": now + PROVIDER_WITHIN}
        self._connection.execute(insert(provider_start).values(state_hash=_hash(state), **values))

    def started(self, state: str, now: datetime) -> ProviderStart | None:
        """What was kept under ``state``; used up by the asking."""
        here = provider_start.c.state_hash == _hash(state)
        row = self._connection.execute(select(provider_start).where(here)).first()
        if row is None or self._connection.execute(delete(provider_start).where(here)).rowcount != 1:
            return None
        return ProviderStart(nonce=row.nonce, verifier=row.verifier) if row.expires > now else None

    def _one(self, where: object) -> User | None:
        row = self._connection.execute(select(local_user).where(where)).first()  # type: ignore[arg-type]
        return _user(row) if row is not None and not row.disabled else None

    def _set(self, account: str, **values: object) -> None:
        self._connection.execute(update(local_user).where(local_user.c.account == account).values(**values))

    def _ended(self, account: str) -> User | None:
        row = self._connection.execute(select(local_user).where(local_user.c.account == account)).first()
        if row is None:
            return None
        end_sessions(self._connection, row.name)
        return _user(row)


def _user(row: Row[tuple[object, ...]]) -> User:
    found = row._mapping
    names = ("account", "name", "secret", "password", "last_step", "disabled")
    rest = {name: found[name] for name in names}
    return User(duty=Duty(found["role"]), teams=tuple(json.loads(found["teams"])), **rest)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
