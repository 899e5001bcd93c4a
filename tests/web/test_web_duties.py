import pytest
from fastapi.routing import APIRoute

from triage.domain.incident import SupportStep
from triage.store.access import Duty
from triage.web.duties import ACCESS, EVERYBODY, ONE_ROW, OPEN, check_complete, menu
from triage.web.same_as import SAME_AS

BODIES = {
    "/flags/{flag_id}/reviews": {},
    "/flags/{flag_id}/reopen": {"reason": "new evidence came in"},
    "/flags/{flag_id}/statements": {"staff": "Lee", "text": "It shook me."},
    "/flags/{flag_id}/support": {"staff": "Lee", "step": next(iter(SupportStep)).value},
    "/flags/{flag_id}/representations": {
        "received": "2026-03-01",
        "made_by": "the customer",
        "asks": "to have it noted",
        "text": "No.",
    },
    "/flags/{flag_id}/representations/{representation_id}/answer": {
        "outcome": "the decision stands",
        "reason": "It is right.",
        "not_involved": "true",
    },
    "/flags/{flag_id}/names": {"reason": "to find the tenancy"},
    "/models/promote": {"reason": "better on threats", "name": "linear", "version": "1.1"},
    "/models/rollback": {"reason": "worse on dialect"},
}


def _path(template: str, desk) -> str:
    landlord = desk.landlord
    return (
        template.replace("{flag_id}", landlord.behaviour)
        .replace("{contact_id}", landlord.abusive_contact)
        .replace("{issue_id}", landlord.boiler_issue)
    )


def _call(visitor, method: str, template: str, path: str):
    if method == "GET":
        return visitor.get(path)
    if template.endswith("/reviews") and template.startswith("/api/"):
        return visitor.send(path, {"flag_version": 1})
    if template.startswith("/api/"):
        return visitor.send(path, BODIES.get(SAME_AS.get((method, template), ("", ""))[1], {}))
    return visitor.post(path, **BODIES.get(template, {}))


def test_nobody_gets_in_without_signing_in(desk):
    visitor = desk.anonymous()
    for method, template in sorted(ACCESS):
        answer = _call(visitor, method, template, _path(template, desk))
        expected = (200, 404, 422) if ACCESS[method, template] is OPEN else (401,)
        assert answer.status_code in expected, f"{method} {template}"


@pytest.mark.parametrize("duty", Duty)
def test_every_route_admits_exactly_the_duties_of_the_table(desk, duty):
    for method, template in sorted(ACCESS):
        if template == "/sign-out":
            continue
        allowed = ACCESS[method, template]
        answer = _call(desk.signed_in(duty), method, template, _path(template, desk))
        if allowed is OPEN or duty in allowed:
            assert answer.status_code not in (401, 403), f"{method} {template} refuses {duty}"
            assert answer.status_code < 500
        else:
            assert answer.status_code == 403, f"{method} {template} admits {duty}"


@pytest.mark.parametrize("duty", Duty)
def test_everybody_may_sign_out(desk, duty):
    assert desk.signed_in(duty).post("/sign-out").status_code == 303


FLAG_ROUTES = sorted(key for key in ACCESS if "{flag_id}" in key[1])


@pytest.mark.parametrize("duty", [Duty.REVIEWER, Duty.MANAGER])
def test_a_safeguarding_card_does_not_exist_for_others(desk, duty):
    visitor = desk.signed_in(duty)
    for method, template in FLAG_ROUTES:
        answer = _call(visitor, method, template, template.replace("{flag_id}", desk.landlord.safeguarding))
        assert answer.status_code == (404 if duty in ACCESS[method, template] else 403), f"{method} {template}"


def test_other_flags_do_not_exist_for_the_safeguarding_role(desk, safeguarding):
    for method, template in FLAG_ROUTES:
        for flag in (desk.landlord.behaviour, desk.landlord.mixed, desk.landlord.hazard):
            answer = _call(safeguarding, method, template, template.replace("{flag_id}", flag))
            allowed = Duty.SAFEGUARDING in ACCESS[method, template]
            assert answer.status_code == (404 if allowed else 403), f"{method} {template}"


@pytest.mark.parametrize("path", ["/flags/none", "/contacts/none"])
def test_what_is_not_there_is_a_404_that_says_what_to_do(reviewer, path):
    answer = reviewer.get(path)
    assert answer.status_code == 404
    assert "Go back to your list" in answer.text


def test_the_analyst_reads_no_customers_words(analyst, desk):
    for path in ("/", "/not-scored", f"/flags/{desk.landlord.behaviour}", f"/contacts/{desk.landlord.abusive_contact}"):
        assert analyst.get(path).status_code == 403


def test_the_menu_offers_only_what_opens(desk):
    for duty in Duty:
        visitor = desk.signed_in(duty)
        page = visitor.get("/policy").text
        offered = [
            path
            for (method, path), _ in ACCESS.items()
            if method == "GET" and f'govuk-service-navigation__link" href="{path}"' in page
        ]
        assert offered
        assert all(visitor.get(path).status_code == 200 for path in offered)


def test_a_role_with_many_pages_has_one_row_and_the_rest_under_more(desk):
    for duty in Duty:
        pages = menu(duty)
        assert len(pages.row) <= ONE_ROW
        assert bool(pages.more) == (duty is Duty.MANAGER)
    manager = desk.signed_in(Duty.MANAGER)
    assert "<details><summary" in manager.get("/patterns").text
    assert "<details open><summary" in manager.get("/policy").text, "where one is, shows"
    assert ">More<" not in desk.signed_in(Duty.REVIEWER).get("/policy").text


def test_a_route_without_a_line_in_the_table_stops_the_start_up():
    with pytest.raises(RuntimeError, match="/new"):
        check_complete([*ACCESS, ("GET", "/new")])
    with pytest.raises(RuntimeError, match="/models"):
        check_complete([key for key in ACCESS if key != ("GET", "/models")])


def test_no_route_could_act_on_a_customer(desk):
    verbs = ("send", "block", "restrict", "warn", "divert", "close-account", "bulk")
    acting = [
        path for method, path in ACCESS if method != "GET"
    ]  # restrictions in force are listed, which does nothing
    assert acting and not [path for path in acting if any(verb in path for verb in verbs)]
    assert all(duties is OPEN or duties <= EVERYBODY for duties in ACCESS.values())
    app = desk.new_client().app
    assert not [route for route in app.routes if isinstance(route, APIRoute) and "PUT" in route.methods]
