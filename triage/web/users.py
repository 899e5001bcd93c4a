"""Local users: they are added, reset and disabled by an administrator, and choose their own password at enrolment."""

import re
import threading
from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Final

import argon2

from triage.domain.errors import InputError, NotFoundError
from triage.store import Store, Unit
from triage.store.access import Duty
from triage.store.users import User
from triage.web.code_keys import CodeKeys
from triage.web.invitations import Where, address_of
from triage.web.second_factor import new_secret, step_of

SHORTEST: Final = 15
LONGEST: Final = 200
_ACCOUNT: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,99}")
IN_CLEAR: Final = CodeKeys()
_one_at_a_time = threading.Lock()
"""A check takes 64 MiB by design: many at once must not fill the memory of the service."""


def add_user(
    store: Store,
    where: Where,
    account: str,
    name: str,
    role: str,
    now: datetime,
    *,
    teams: Collection[str] = (),
    codes: CodeKeys = IN_CLEAR,
) -> str:
    """The address at which a new user enrols, good once within a day. Raises InputError for what cannot be."""
    if not _ACCOUNT.fullmatch(account):
        raise InputError(
            f"{account!r} is no account name: small letters, digits and . _ @ - alone, two to 100 of them."
        )
    if role not in set(Duty):
        raise InputError(f"{role!r} is no role; it is one of {', '.join(Duty)}.")
    if not name.strip():
        raise InputError("A user is a named person; give the name.")
    with store.begin() as unit:
        secret = codes.sealed(account, new_secret())
        token = unit.users.add(account, name.strip(), Duty(role), secret=secret, now=now, teams=teams)
        if token is None:
            raise InputError(
                f"There is a user {account!r} or one of that name already; `triage user reset` starts anew."
            )
        _note(unit, now, "user.added", account, role=role, teams=", ".join(teams))
    return address_of(where, "/enrol", token)


def reset_user(store: Store, where: Where, account: str, now: datetime, *, codes: CodeKeys = IN_CLEAR) -> str:
    """The address of a new enrolment: password, second factor and sessions of before are void. Raises NotFoundError."""
    with store.begin() as unit:
        token = unit.users.reset(account, secret=codes.sealed(account, new_secret()), now=now)
        if token is None:
            raise NotFoundError(f"There is no user {account!r}; `triage user list` shows them.")
        _note(unit, now, "user.reset", account)
    return address_of(where, "/enrol", token)


def move_user(store: Store, account: str, teams: Collection[str], now: datetime) -> User:
    """From now on of these teams and no other; sessions end, so that it holds at once. Raises NotFoundError."""
    with store.begin() as unit:
        user = unit.users.put_teams(account, teams)
        if user is None:
            raise NotFoundError(f"There is no user {account!r}; `triage user list` shows them.")
        _note(unit, now, "user.moved", account, teams=", ".join(teams))
    return user


def disable_user(store: Store, account: str, now: datetime) -> User:
    """Ends the account and its sessions at once; what the person did stays on record. Raises NotFoundError."""
    with store.begin() as unit:
        user = unit.users.disable(account)
        if user is None:
            raise NotFoundError(f"There is no user {account!r}; `triage user list` shows them.")
        _note(unit, now, "user.disabled", account)
    return user


def _note(unit: Unit, now: datetime, action: str, account: str, **detail: str) -> None:
    unit.audit.append(at=now, actor="command line", action=action, subject=account, detail=detail)


def fault_of_password(password: str, user: User) -> str | None:
    """What is wrong with a new password, in a sentence (ASVS 6.2.1, 6.2.11); None where nothing is."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"Choose a password of {SHORTEST} to {LONGEST} characters; four or five words do well."
    if len(set(password)) < 6:
        return "Choose a password with more than a few different characters."
    told = {user.account.casefold(), *user.name.casefold().split(), "triage", "password"}
    rest = password.casefold()
    for word in sorted((word for word in told if len(word) > 2), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < SHORTEST // 2:
        return "Choose a password that is more than your name and the words of this service."
    return None


def hashed(password: str) -> str:
    with _one_at_a_time:
        return _hasher().hash(password)


def proves(user: User | None, password: str, code: str, now: datetime, codes: CodeKeys = IN_CLEAR) -> int | None:
    """The step of the one-time code where both factors are right, else None.

    An account that is not there takes as long as one that is (ASVS 6.3.8): its password is checked against a hash of nothing.
    """
    there = user if user is not None and user.password is not None else None
    right = _verifies(there.password if there and there.password else _nobodys_hash(), password)
    secret = codes.opened(there.account, there.secret) if there else None
    step = step_of(secret or "A" * 32, code, now, after=there.last_step if there else None)
    return step if secret is not None and right else None


def needs_new_hash(user: User) -> bool:
    return user.password is not None and _hasher().check_needs_rehash(user.password)


def _verifies(kept: str, password: str) -> bool:
    with _one_at_a_time:
        try:
            return _hasher().verify(kept, password)
        except argon2.exceptions.VerificationError:
            return False


@cache
def _hasher() -> argon2.PasswordHasher:
    return argon2.PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(new_secret())
