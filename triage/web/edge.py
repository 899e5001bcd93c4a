"""The outermost layer: bounded bodies, security headers on every answer, and requests of other sites refused (S8, S17, S23)."""

import logging
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any, Final
from uuid import uuid4

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from triage.web.sources import is_for_programs

log = logging.getLogger(__name__)
Answer = Callable[[Scope, int, str, str], Response]

LARGEST_BODY: Final = 256 * 1024
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
TOO_LARGE: Final = (413, "That is too large", "Send less than 256 kB at once; shorten the text and send it again.")
NOT_OURS: Final = (
    403,
    "Not sent from this service",
    "This did not come from one of this service's own pages. Open the page again and send it from there.",
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class _TooLargeError(Exception):
    """The body grew past the limit while it was being read."""


class Edge:
    """Wraps the application. ``secure`` adds Strict-Transport-Security, for an installation behind TLS.

    ``answer`` makes the page for a status, a heading and a sentence; a fault of ours is answered here too, because
    Starlette's own handler for it stands outside and would leave the headers off.
    """

    def __init__(self, app: ASGIApp, *, secure: bool, answer: Answer) -> None:
        self._app = app
        self._answer = answer
        self._headers = dict(HEADERS)
        if secure:
            self._headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        started = False

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": [*message.get("headers", []), *self._own(scope, message)]}
            await send(message)

        refusal = _refusal(scope["method"], scope["path"], headers)
        try:
            if refusal is not None:
                await self._answer(scope, *refusal)(scope, receive, guarded_send)
                return
            await self._app(scope, _bounded(receive), guarded_send)
        except _TooLargeError:
            if not started:
                await self._answer(scope, *TOO_LARGE)(scope, receive, guarded_send)
        except Exception as error:
            response = self._answer(scope, 500, "Sorry, there is a problem with the service", _number(error))
            if not started:
                await response(scope, receive, guarded_send)

    def _own(self, scope: Scope, message: MutableMapping[str, Any]) -> list[tuple[bytes, bytes]]:
        static = scope["path"].startswith("/static/") and message["status"] in (200, 304)
        cache = "public, max-age=3600" if static else "no-store"
        return [(name.encode(), value.encode()) for name, value in {**self._headers, "cache-control": cache}.items()]


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise _TooLargeError
        return message

    return bounded


def _refusal(method: str, path: str, headers: dict[str, str]) -> tuple[int, str, str] | None:
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or len(length) > 9 or int(length) > LARGEST_BODY:
        return TOO_LARGE
    if method in SAFE_METHODS or _is_own(headers) or is_for_programs(path, headers):
        return None
    return NOT_OURS


def _is_own(headers: dict[str, str]) -> bool:
    """Whether the browser says that the request comes from our own page.

    Browsers write ``Origin: null`` on forms under ``Referrer-Policy: no-referrer``, so Sec-Fetch-Site decides where it is
    sent; a browser that sends neither is refused.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin", "")
    return bool(headers.get("host")) and origin.partition("://")[2] == headers["host"]


def _number(error: Exception) -> str:
    """Logs where a request failed, but no values: they could be a message's words (S34). Returns what the reader is told."""
    number = uuid4().hex[:12]
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("request %s failed with %s\n%s", number, type(error).__name__, frames)
    return f"Nothing was changed. Try again later; if it goes on, tell your administrator the number {number}."
