"""Who is calling: the session cookie, the table of duties, and the token that each form carries."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastapi import Request, Response

from triage.forgetting import Follower
from triage.ports import Clock
from triage.store import Store
from triage.store.access import LONGEST, Duty, Person
from triage.web.duties import ACCESS, OPEN
from triage.web.refusals import Refusal
from triage.web.sources import BY_TOKEN, SourceGate, is_for_programs

TOUCH_AFTER: Final = timedelta(minutes=1)
REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """The person of this request; ``csrf`` is what their forms must carry."""

    person: Person
    csrf: str

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def duty(self) -> Duty:
        return self.person.duty

    @property
    def safeguarding(self) -> bool:
        return self.duty is Duty.SAFEGUARDING


class Gate:
    """Lets a request through to its route when the table of duties says so; a route that is not in the table is shut."""

    def __init__(self, store: Store, clock: Clock, *, secure: bool) -> None:
        self._store = store
        self._clock = clock
        self._secure = secure
        self._touched: dict[str, datetime] = {}
        self._erasures = Follower()
        self._sources = SourceGate(store, clock)
        self.cookie = "__Host-triage" if secure else "triage"

    def __call__(self, request: Request) -> None:
        """Raises Refusal 401 for nobody and 403 for somebody else's page."""
        route = (request.method, request.scope["route"].path)
        if route in BY_TOKEN and (token := self._sources(request)) is not None:
            request.state.token = token
            return
        allowed = ACCESS.get(route, frozenset())
        caller = self.caller(request)
        request.state.caller = caller
        if allowed is OPEN:
            return
        if caller is None:
            raise Refusal(
                401,
                "Sign in first",
                "Your sign-in has ended or there was none. Ask your administrator for a new sign-in address.",
            )
        if caller.duty not in allowed:
            raise Refusal(
                403, "Not your page", f"You are signed in as {caller.duty.value}, and this page is for others."
            )

    def caller(self, request: Request) -> SignedIn | None:
        secret = secret_in_header(request) if by_header(request) else request.cookies.get(self.cookie)
        if not secret:
            return None
        now = self._clock()
        with self._store.read() as unit:
            person = unit.access.who(secret, now)
            self._erasures.look(unit)
        if person is None:
            return None
        self._touch(secret, now)
        return SignedIn(person=person, csrf=form_token(secret))

    def _touch(self, secret: str, now: datetime) -> None:
        """Keeps the session from idling out; written once a minute at most, because it is the only thing that a GET changes."""
        mark = hashlib.sha256(secret.encode()).hexdigest()
        if now - self._touched.get(mark, now - LONGEST) < TOUCH_AFTER:
            return
        if len(self._touched) > REMEMBERED:
            self._touched.clear()
        self._store.together(lambda unit: unit.access.touch(secret, now))
        self._touched[mark] = now

    def admit(self, response: Response, secret: str) -> None:
        response.set_cookie(
            self.cookie,
            secret,
            max_age=int(LONGEST.total_seconds()),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )

    def lend(self, response: Response, name: str, value: str, *, seconds: int) -> None:
        """A cookie for the way to a provider and back; "lax", because the browser comes back from another site."""
        response.set_cookie(
            f"{self.cookie}-{name}",
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def lent(self, request: Request, name: str) -> str:
        return request.cookies.get(f"{self.cookie}-{name}", "")

    def take_back(self, response: Response, name: str) -> None:
        response.delete_cookie(f"{self.cookie}-{name}", path="/", secure=self._secure, httponly=True, samesite="lax")

    def dismiss(self, request: Request, response: Response) -> None:
        secret = request.cookies.get(self.cookie)
        if secret:
            with self._store.begin() as unit:
                unit.access.sign_out(secret)
        response.delete_cookie(self.cookie, path="/", secure=self._secure, httponly=True, samesite="strict")


def by_header(request: Request) -> bool:
    """Whether a program carries the session in a header of an API request: no other site can make a browser send one (S8).

    Then no cookie counts, and no form's token is asked for.
    """
    return is_for_programs(request.url.path, request.headers)


def secret_in_header(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip()[:200] if scheme.lower() == "bearer" else ""


def form_token(secret: str) -> str:
    """Bound to the session and useless for any other; nothing is stored."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def caller_of(request: Request) -> SignedIn:
    """The signed-in person of a route that the gate has let through."""
    caller = request.state.caller
    if not isinstance(caller, SignedIn):
        raise Refusal(401, "Sign in first", "Sign in before you open this page.")
    return caller


def check_token(caller: SignedIn, token: str | None) -> None:
    """Raises Refusal 403 where a form does not carry its own session's token."""
    if not hmac.compare_digest(caller.csrf.encode(), (token or "").encode(errors="replace")):
        raise Refusal(
            403,
            "The form is too old",
            "You have signed in again since this form was opened. Open the page again and send it from there.",
        )
