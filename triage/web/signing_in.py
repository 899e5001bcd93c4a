"""Local users sign in with a password and a one-time code, and enrol once; guessing is slowed by account and by address."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from triage.store.access import Person
from triage.store.users import User
from triage.web.desk import Desk
from triage.web.duties import HOME
from triage.web.refusals import Refusal
from triage.web.schemas import EnrolForm, Form, PasswordForm, checked
from triage.web.second_factor import address_for_apps, step_of
from triage.web.users import fault_of_password, hashed, needs_new_hash, proves

FREE_PER_ACCOUNT: Final = 5
FREE_PER_ADDRESS: Final = 30
"""One address may stand for a whole office."""
LONGEST_WAIT: Final = timedelta(minutes=16)
"""Short, because whoever knows an account's name can make its owner wait."""


def signing_in_routes(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.post("/sign-in/password")
    def by_password(request: Request, fields: Form) -> Response:
        """One answer for a wrong name, password or code; a wait is told alike for accounts that are and are not (S16)."""
        form = checked(PasswordForm, fields)
        now, account = desk.clock(), form.account.strip().lower()
        _check_wait(desk, keys := _keys(request, account), now)
        with desk.store.read() as unit:
            user = unit.users.get(account)
        codes = desk.ways_in.codes
        step = proves(user, form.password, form.code, now, codes)
        if user is None or step is None:
            raise _failed(desk, keys, user, now)
        new_hash = hashed(form.password) if needs_new_hash(user) else None
        with desk.store.begin() as unit:
            if not unit.users.take_step(account, step):
                raise Refusal(401, "That code was used before", "Wait for the next code and sign in again.")
            if new_hash:
                unit.users.put_password(account, new_hash)
            if codes.is_stale(account, user.secret) and (secret := codes.opened(account, user.secret)):
                unit.users.put_secret(account, codes.sealed(account, secret))
            unit.users.succeeded(keys["account"])
        return admitted(desk, request, Person(name=user.name, duty=user.duty, teams=user.teams), "password", now)

    @router.get("/enrol", response_class=HTMLResponse)
    def enrol_page(request: Request, token: str = "") -> Response:
        """Opening it uses nothing up; what an app needs to make codes is on this page and on no other."""
        return _enrol_page(desk, request, token[:200])

    @router.post("/enrol")
    def enrol(request: Request, fields: Form) -> Response:
        """Chooses the password and proves the second factor; only then is there an account that can sign in."""
        form, now = checked(EnrolForm, fields), desk.clock()
        _check_wait(desk, keys := _keys(request, ""), now)
        user = _enrolling(desk, form.enrolment, now)
        fault = fault_of_password(form.password, user)
        step = step_of(_secret(desk, user), form.code, now)
        if fault is None and step is None:
            _count_failure(desk, {"address": keys["address"]}, now)
            fault = "The code is not right. Check the clock of your phone and type the code that it shows now."
        if fault is not None or step is None:
            return _enrol_page(desk, request, form.enrolment, status=422, fault=fault)
        kept = hashed(form.password)
        with desk.store.begin() as unit:
            if not unit.users.enrol(form.enrolment, kept, step, now):
                raise _no_enrolment()
            unit.audit.append(at=now, actor=user.name, action="user.enrolled", subject=user.account)
        return RedirectResponse("/sign-in?done=enrolled", status_code=303)

    return router


def admitted(desk: Desk, request: Request, person: Person, way: str, now: datetime) -> Response:
    """A session under a new secret, whatever the browser brought (ASVS 7.2.4), and the way to the person's own page."""
    with desk.store.begin() as unit:
        secret = unit.access.open(person, now)
        detail = {"role": person.duty.value, "way": way}
        unit.audit.append(at=now, actor=person.name, action="person.signed_in", subject=person.name, detail=detail)
    desk.gate.dismiss(request, Response())
    response = RedirectResponse(HOME[person.duty], status_code=303)
    desk.gate.admit(response, secret)
    return response


def _keys(request: Request, account: str) -> dict[str, str]:
    return {"account": f"account {account}", "address": f"address {request.client.host if request.client else ''}"}


def _check_wait(desk: Desk, keys: Mapping[str, str], now: datetime) -> None:
    with desk.store.read() as unit:
        waits = [until for key in keys.values() if (until := unit.users.waits_until(key, now))]
    if waits:
        minutes = max(1, round((max(waits) - now).total_seconds() / 60))
        raise Refusal(
            429, "Too many attempts", f"Wait {minutes} min and try again, or ask your administrator for a reset."
        )


def _failed(desk: Desk, keys: Mapping[str, str], user: User | None, now: datetime) -> Refusal:
    """Counts it and puts it on record; what was typed as a name is kept only where it is one (it may be a password)."""
    _count_failure(desk, keys, now)
    with desk.store.begin() as unit:
        subject = user.account if user else "unknown account"
        unit.audit.append(at=now, actor="nobody", action="person.sign_in_failed", subject=subject)
    return Refusal(401, "Not signed in", "Name, password or code is not right. Check all three and try again.")


def _count_failure(desk: Desk, keys: Mapping[str, str], now: datetime) -> None:
    free = {"account": FREE_PER_ACCOUNT, "address": FREE_PER_ADDRESS}
    with desk.store.begin() as unit:
        for name, key in keys.items():
            unit.users.failed(key, now, free=free[name], most=LONGEST_WAIT)


def _enrolling(desk: Desk, token: str, now: datetime) -> User:
    with desk.store.read() as unit:
        user = unit.users.enrolling(token, now)
    if user is None:
        raise _no_enrolment()
    return user


def _no_enrolment() -> Refusal:
    return Refusal(404, "This address does not work any more", "It works once, for one day. Ask for a reset.")


def _enrol_page(desk: Desk, request: Request, token: str, *, status: int = 200, fault: str | None = None) -> Response:
    user = _enrolling(desk, token, desk.clock())
    secret = _secret(desk, user)
    app = address_for_apps(secret, user.account)
    return desk.page(
        request,
        "enrol.html",
        status=status,
        user=user,
        enrolment=token,
        app=app,
        fault=fault,
        secret=secret,
    )


def _secret(desk: Desk, user: User) -> str:
    """The key of an enrolling user's codes. Raises Refusal 409 where the service cannot open it: a reset makes another."""
    secret = desk.ways_in.codes.opened(user.account, user.secret)
    if secret is None:
        raise Refusal(409, "This enrolment cannot be used", "Its key was lost. Ask your administrator for a reset.")
    return secret
