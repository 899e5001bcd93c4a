"""Every route of the application, for every role, on an object of theirs and on one that is not: generated, so that none is left out."""

import re

import pytest
from fastapi.routing import APIRoute

from triage.store.access import Duty
from triage.web.duties import ACCESS, OPEN

REFUSED, HIDDEN = 403, 404
METHODS_ASKED = {"GET", "POST"}


def _routes(app):
    """(method, template) of everything that the application answers, the parts of mounted routers among them."""
    found = set()

    def walk(routes):
        for route in routes:
            if isinstance(route, APIRoute):
                found.update((method, route.path) for method in route.methods)
            else:
                walk(getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", []))

    walk(app.routes)
    return sorted(found)


def _objects(desk):
    """For each kind of path: an object of the desk's and one of safeguarding's."""
    landlord = desk.landlord
    return {
        "flag_id": (landlord.behaviour, landlord.safeguarding),
        "contact_id": (landlord.abusive_contact, landlord.safeguarded_contact),
        "issue_id": (landlord.boiler_issue, "i-none"),
        "record_id": ("none", "none"),
        "view_id": ("none", "none"),
        "ruling_id": ("none", "none"),
        "rehearsal_id": ("none", "none"),
        "representation_id": ("none", "none"),
        "restriction_id": ("none", "none"),
        "id": ("1", "1"),
    }


def _fill(template, objects, which):
    return re.sub(r"\{(\w+)\}", lambda found: objects[found[1]][which], template)


def _ask(visitor, method, template, path):
    if method == "GET":
        return visitor.get(path)
    return visitor.send(path, {}) if template.startswith("/api/") else visitor.post(path)


def _is_theirs(duty, which):
    """The desk's objects are everybody's but the safeguarding role's; safeguarding's are that role's alone (C27)."""
    return (duty is Duty.SAFEGUARDING) == (which == 1)


def test_every_route_has_its_line_and_every_method_is_one_of_two(desk):
    routes = _routes(desk.new_client().app)
    assert {route for route in routes if not route[1].startswith(("/docs", "/openapi"))} == set(ACCESS)
    assert len(routes) > 50
    assert {method for method, _ in routes} <= METHODS_ASKED


@pytest.mark.parametrize("duty", Duty)
def test_every_route_answers_each_role_as_the_table_says_on_objects_of_theirs_and_of_others(desk, duty):
    visitor, objects, gaps = desk.signed_in(duty), _objects(desk), []
    for method, template in _routes(desk.new_client().app):
        allowed = ACCESS.get((method, template), frozenset())
        if allowed is OPEN or template == "/sign-out":
            continue
        for which in (0, 1):
            status = _ask(visitor, method, template, _fill(template, objects, which)).status_code
            theirs = "{flag_id}" not in template or _is_theirs(duty, which)
            if duty not in allowed:
                fits = status == REFUSED
            elif not theirs:
                fits = status in (HIDDEN, 422)
            else:
                fits = status not in (401, REFUSED) and status < 500
            if not fits:
                gaps.append(f"{method} {template} [{which}] answers {duty} with {status}")
    assert not gaps


@pytest.mark.parametrize("duty", Duty)
def test_no_role_but_its_own_is_told_a_word_of_what_is_with_safeguarding(desk, duty):
    from triage.testing import SECRET, SECRET_SUBJECT

    visitor, objects = desk.signed_in(duty), _objects(desk)
    told = []
    for method, template in _routes(desk.new_client().app):
        allowed = ACCESS.get((method, template), frozenset())
        if method != "GET" or allowed is OPEN or duty not in allowed:
            continue
        for which in (0, 1):
            text = visitor.get(_fill(template, objects, which)).text
            if SECRET in text or SECRET_SUBJECT in text:
                told.append(template)
    assert bool(told) is (duty is Duty.SAFEGUARDING)


def test_nobody_without_a_session_is_told_anything_but_how_to_sign_in(desk):
    visitor, objects = desk.anonymous(), _objects(desk)
    for method, template in _routes(desk.new_client().app):
        if ACCESS[method, template] is OPEN:
            continue
        status = _ask(visitor, method, template, _fill(template, objects, 0)).status_code
        assert status == 401, f"{method} {template}"
