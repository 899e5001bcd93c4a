"""Signing in with a one-time address, and out."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.web.desk import Desk
from triage.web.duties import HOME
from triage.web.refusals import Refusal
from triage.web.schemas import Form, SignInForm, TokenForm, checked
from triage.web.signed_in import caller_of, check_token


def door_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/sign-in", response_class=HTMLResponse)
    def sign_in_page(request: Request, token: str = "") -> Response:
        """Opening the address uses nothing up: programs that open links must not sign anybody in."""
        ways = desk.ways_in
        return desk.page(
            request,
            "sign_in.html",
            sign_in=token[:200] if ways.invitations else "",
            invitations=ways.invitations,
            passwords=ways.passwords,
            provider=ways.provider.name if ways.provider else None,
            done="done" in request.query_params,
        )

    @router.post("/sign-in")
    def sign_in(request: Request, fields: Form) -> Response:
        form = checked(SignInForm, fields)
        now = desk.clock()
        if not desk.ways_in.invitations:
            raise Refusal(404, "Not used here", "One-time addresses sign nobody in here. Use the sign-in page.")
        with desk.store.begin() as unit:
            admitted = unit.access.sign_in(form.sign_in, now)
            if admitted is not None:
                detail = {"role": admitted[1].duty.value}
                unit.audit.append(
                    at=now, actor=admitted[1].name, action="person.signed_in", subject=admitted[1].name, detail=detail
                )
        if admitted is None:
            raise Refusal(
                401,
                "This sign-in does not work any more",
                "A sign-in address works once and for one day. Ask your administrator for a new one.",
            )
        secret, person = admitted
        desk.gate.dismiss(request, Response())
        response = RedirectResponse(HOME[person.duty], status_code=303)
        desk.gate.admit(response, secret)
        return response

    @router.post("/sign-out")
    def sign_out(request: Request, fields: Form) -> Response:
        caller = caller_of(request)
        check_token(caller, checked(TokenForm, fields).token)
        response = RedirectResponse("/sign-in", status_code=303)
        desk.gate.dismiss(request, response)
        now = desk.clock()
        with desk.store.begin() as unit:
            unit.audit.append(at=now, actor=caller.name, action="person.signed_out", subject=caller.name)
        return response

    @router.get("/api/session")
    def session(request: Request) -> dict[str, str]:
        """Who is signed in, and the token that a JSON request carries in ``X-Form-Token``."""
        caller = caller_of(request)
        return {"person": caller.name, "role": caller.duty.value, "token": caller.csrf}

    return router
