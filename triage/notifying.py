"""Tells our own people's systems, by a signed webhook, that something waits. It can reach nobody but the places in the settings."""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from triage.domain.errors import SettingsError
from triage.domain.flag import FlagKind
from triage.domain.notice import Notice, wait_after
from triage.ports import Clock
from triage.store import Store

SIGNATURE = "Triage-Signature"
TIMEOUT = 10.0
LOOKS_BACK = timedelta(days=7)
"""What was raised longer ago is not told of: a backlog that is read for the first time would ring every bell at once."""
ON_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where notices of some kinds go. ``secret`` is fetched at each use, so that a changed one needs no restart."""

    name: str
    url: str
    kinds: tuple[FlagKind, ...]
    secret: Callable[[], str]

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ON_THIS_MACHINE):
            raise SettingsError(f"Notices to {self.name!r} need an https address; {parts.scheme or 'none'} is not one.")
        if not parts.hostname or parts.username or parts.password:
            raise SettingsError(f"The address of {self.name!r} needs a host and may hold no user or password.")


def body_of(item: Notice, now: datetime) -> bytes:
    """All that is ever sent: a number to know repeats by, the kind of card, its id and two times."""
    fields = {
        "notice": item.number,
        "kind": item.kind,
        "flag": item.flag_id,
        "raised_at": item.raised_at.isoformat(),
        "sent_at": now.isoformat(),
    }
    return json.dumps(fields).encode()


def signature(secret: str, body: bytes, now: datetime) -> str:
    """``t=<seconds>,v1=<hex>``: HMAC-SHA256 (RFC 2104) over the seconds, a full stop and the body."""
    seconds = int(now.timestamp())
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={signed}"


def deliver(place: Place, item: Notice, now: datetime) -> str | None:
    """Posts one notice. None when it was taken (2xx), else why not; redirects are not followed, answers are not read."""
    body = body_of(item, now)
    parts = urlsplit(place.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    try:
        secret = place.secret().strip()
        if not secret:
            return "the secret is empty"
        connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = {"Content-Type": "application/json", SIGNATURE: signature(secret, body, now)}
            connection.request("POST", target, body, headers)
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError, IndexError) as error:
        return f"it could not be reached ({type(error).__name__})"
    return None if 200 <= status < 300 else f"it answered {status}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """Gathers what was raised and tells each place of it, at least once; a repeat carries the same number."""

    store: Store
    places: Sequence[Place]
    clock: Clock

    def round(self) -> tuple[int, int]:
        """Returns how many were told and how many failed this time. Nothing is held open in the store while it waits."""
        now = self.clock()
        by_name = {place.name: place for place in self.places}
        with self.store.begin() as unit:
            for place in self.places:
                unit.notices.gather(place.name, place.kinds, now - LOOKS_BACK, now)
        with self.store.read() as unit:
            due = [item for item in unit.notices.due(now) if item.place in by_name]
        told = 0
        for item in due:
            reason = deliver(by_name[item.place], item, self.clock())
            with self.store.begin() as unit:
                if reason is None:
                    unit.notices.told(item, self.clock())
                    told += 1
                else:
                    wait = wait_after(item.attempts + 1)
                    unit.notices.failed(item, reason, now + wait if wait else None)
        return told, len(due) - told
