"""Programs that give rows: who they are by their token, which routes are theirs, and nothing else than JSON (S13, S23)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from triage.ports import Clock
from triage.store import Store
from triage.store.tokens import Token
from triage.web.refusals import Refusal
from triage.web.same_as import API

INTAKE: Final = f"{API}/intake/"
BY_TOKEN: Final = frozenset(
    {
        ("POST", f"{INTAKE}contacts"),
        ("POST", f"{INTAKE}incidents"),
        ("POST", f"{INTAKE}customers"),
        ("POST", f"{INTAKE}visits"),
        ("POST", f"{INTAKE}records"),
        ("GET", f"{INTAKE}openapi.json"),
    }
)
"""Routes for programs alone: a signed-in person is refused there, and a token opens no other."""


@dataclass(frozen=True, slots=True)
class SourceGate:
    """Lets a request through that carries a live token. A session cookie counts for nothing here, so no page can act."""

    store: Store
    clock: Clock

    def __call__(self, request: Request) -> Token | None:
        """The token of the caller; None where none was sent. Raises Refusal 401 for a bad one and 415 for no JSON."""
        sent = request.headers.get("authorization")
        if sent is None:
            return None
        scheme, _, secret = sent.partition(" ")
        with self.store.read() as unit:
            token = unit.tokens.find(secret.strip()[:200]) if scheme.lower() == "bearer" else None
        if token is None:
            raise Refusal(
                401, "Not a token", "This token is not good, or was revoked. Ask the administrator for a new one."
            )
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.method == "POST" and kind != "application/json":
            raise Refusal(415, "Not JSON", "Send JSON with the content type application/json; nothing else is read.")
        return token


def is_for_programs(path: str, headers: Mapping[str, str]) -> bool:
    """Whether a request is a program's own: another site cannot make a browser send its authorization header."""
    return path.startswith(f"{API}/") and "authorization" in headers


def token_of(request: Request) -> Token:
    """The token of a request that the gate has let through."""
    token = getattr(request.state, "token", None)
    if not isinstance(token, Token):
        raise Refusal(401, "No token", "Send the token of your system in the header Authorization: Bearer.")
    return token
