"""Signing in at the organisation's own provider: out to it, and back."""

import hmac

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from triage.web.desk import Desk
from triage.web.oidc import Provider, ProviderError
from triage.web.refusals import Refusal
from triage.web.signing_in import admitted

STATE_FOR = 600


def provider_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.post("/sign-in/provider")
    def start(request: Request) -> Response:
        """A page that leads there: a redirect would be stopped by our own form-action, which lets forms go nowhere else."""
        provider, now = _provider(desk), desk.clock()
        try:
            address, state, started = provider.start()
        except ProviderError as error:
            raise Refusal(502, "The provider did not answer", str(error)) from None
        with desk.store.begin() as unit:
            unit.users.start(state, started, now)
        page = desk.page(request, "onward.html", heading=f"To {provider.name}", onward=address)
        page.headers["refresh"] = f"0; url={address}"
        desk.gate.lend(page, "state", state, seconds=STATE_FOR)
        return page

    @router.get("/sign-in/callback", response_class=HTMLResponse)
    def back(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
        """Believed only in the browser that set out, once, within ten minutes. Session cookies are strict, so a page leads on."""
        provider, now = _provider(desk), desk.clock()
        lent = desk.gate.lent(request, "state")
        if not state or not hmac.compare_digest(lent.encode(), state.encode("utf-8", "replace")):
            raise _start_again()
        with desk.store.begin() as unit:
            started = unit.users.started(state, now)
        if started is None or error or not code:
            raise _start_again()
        try:
            person, subject = provider.finish(code[:4000], started)
        except ProviderError as fault:
            with desk.store.begin() as unit:
                unit.audit.append(at=now, actor="nobody", action="person.sign_in_failed", subject="provider")
            raise Refusal(401, "Not signed in", str(fault)) from None
        response = admitted(desk, request, person, f"provider {subject}"[:200], now)
        home = response.headers["location"]
        page = desk.page(request, "onward.html", heading="You are signed in", onward=home)
        page.headers["refresh"] = f"0; url={home}"
        page.raw_headers.extend(header for header in response.raw_headers if header[0] == b"set-cookie")
        desk.gate.take_back(page, "state")
        return page

    return router


def _provider(desk: Desk) -> Provider:
    if desk.ways_in.provider is None:
        raise Refusal(404, "Not used here", "People do not sign in at a provider here. Use the sign-in page.")
    return desk.ways_in.provider


def _start_again() -> Refusal:
    return Refusal(
        401, "Not signed in", "This sign-in was not finished in time, or in another browser. Start it again."
    )
