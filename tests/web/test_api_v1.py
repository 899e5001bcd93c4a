"""The JSON API follows the pages: the same people, the same refusals, the same record, and a description that fits."""

import json
from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator

from triage.domain.errors import InputError
from triage.domain.flag import FlagKind
from triage.domain.policy import shipped_text
from triage.rehearsing import Change, Difference, Rehearsed
from triage.store.access import Duty
from triage.testing import INSULT, NOW, SECRET
from triage.web.duties import ACCESS
from triage.web.programs import program_session
from triage.web.same_as import API, SAME_AS

NO = {"answer": "no", "reason": "Quoted words, not his own."}


def _no_to_all(version):
    return {"flag_version": version, "decisions": [{"code": code, **NO} for code in ("A2", "P3")]}


def _confirmed(desk, visitor):
    """The insult confirmed and the count of routes not; the id of the incident record that this left."""
    version = _opened(visitor, desk.landlord.behaviour)["flag"]["version"]
    yes = {
        "code": "A2",
        "answer": "yes",
        "reason": "He insulted Mr Poole by name.",
        "limb": next(iter(desk.landlord.policy.limbs)),
        "limb_evidence": "Mr Poole's statement",
        "out_of_character": "unknown",
    }
    sent = {"flag_version": version, "decisions": [yes, {"code": "P3", **NO}]}
    answer = visitor.send(f"{API}/flags/{desk.landlord.behaviour}/reviews", sent)
    assert answer.status_code == 201, answer.text
    return _opened(visitor, desk.landlord.behaviour)["records"][0][0]


def _opened(visitor, flag_id):
    answer = visitor.get(f"{API}/flags/{flag_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_route_of_the_api_admits_whom_its_page_admits():
    assert {route: ACCESS[route] for route in SAME_AS} == {route: ACCESS[page] for route, page in SAME_AS.items()}
    assert all(path.startswith(API) for _, path in SAME_AS)
    assert {method for method, _ in SAME_AS} == {"GET", "POST"}


def test_a_flag_is_found_claimed_and_decided_through_the_api_alone(desk, reviewer):
    rows = reviewer.get(f"{API}/queue?kind=behaviour").json()["rows"]
    assert desk.landlord.behaviour in {row["id"] for row in rows}
    flag = _opened(reviewer, desk.landlord.behaviour)
    assert flag["late"] is True
    claimed = reviewer.send(f"{API}/flags/{desk.landlord.behaviour}/claim", {}).json()
    assert claimed["claimed_by"] == "Test reviewer"
    answer = reviewer.send(f"{API}/flags/{desk.landlord.behaviour}/reviews", _no_to_all(claimed["version"]))
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "decided"
    assert _opened(reviewer, desk.landlord.behaviour)["reviews"][0]["reviewer"] == "Test reviewer"
    assert desk.audit("flag.decided") == [("Test reviewer", desk.landlord.behaviour)]


def test_a_decision_on_an_older_version_is_a_conflict(desk, reviewer):
    version = _opened(reviewer, desk.landlord.behaviour)["flag"]["version"]
    path = f"{API}/flags/{desk.landlord.behaviour}/reviews"
    assert reviewer.send(path, _no_to_all(version - 1)).status_code == 409
    assert reviewer.send(path, _no_to_all(version)).status_code == 201
    assert reviewer.send(path, _no_to_all(version)).status_code == 409


def test_a_decision_without_the_context_opened_or_a_reason_says_each_thing_that_is_missing(desk, reviewer):
    sent = {"flag_version": 2, "decisions": [{"code": "A2", "answer": "no"}]}
    answer = reviewer.send(f"{API}/flags/{desk.landlord.behaviour}/reviews", sent)
    assert answer.status_code == 422
    faults = " ".join(answer.json()["faults"])
    assert "Open the flag's context" in faults
    assert "Give the reason for A2" in faults
    assert "Decide P3" in faults
    assert desk.audit("flag.decided") == []


def test_reopening_keeps_the_earlier_decision_in_the_history(desk, reviewer):
    version = _opened(reviewer, desk.landlord.behaviour)["flag"]["version"]
    reviewer.send(f"{API}/flags/{desk.landlord.behaviour}/reviews", _no_to_all(version))
    reopened = reviewer.send(f"{API}/flags/{desk.landlord.behaviour}/reopen", {"reason": "New evidence came in."})
    assert reopened.json()["state"] == "open"
    flag = _opened(reviewer, desk.landlord.behaviour)
    assert len(flag["reviews"]) == 1
    assert "Reopened" in {moment["what"] for moment in flag["history"]}


def test_opening_a_flag_is_on_record(desk, reviewer):
    _opened(reviewer, desk.landlord.behaviour)
    assert ("Test reviewer", desk.landlord.behaviour) in desk.audit("flag.viewed")


@pytest.mark.parametrize("token", [None, "", "0" * 64])
def test_a_cookie_alone_acts_on_nothing(desk, reviewer, token):
    headers = {"Origin": "http://desk.example"} | ({} if token is None else {"X-Form-Token": token})
    answer = reviewer.client.post(f"{API}/flags/{desk.landlord.behaviour}/claim", headers=headers)
    assert answer.status_code == 403
    assert desk.audit("flag.claimed") == []


def test_another_sites_request_is_refused_in_json(desk, reviewer):
    headers = {"Origin": "http://elsewhere.example", "X-Form-Token": reviewer.token}
    answer = reviewer.client.post(f"{API}/flags/{desk.landlord.behaviour}/claim", headers=headers)
    assert answer.status_code == 403
    assert "error" in answer.json()


def test_words_that_are_with_safeguarding_are_in_no_answer_to_others(desk, reviewer, manager):
    landlord = desk.landlord
    paths = ("queue", "not-scored", f"flags/{landlord.mixed}", f"contacts/{landlord.safeguarded_contact}", "owed")
    answers = [reviewer.get(f"{API}/{path}") for path in paths]
    answers += [manager.get(f"{API}/issues/{landlord.quiet_issue}"), manager.get(f"{API}/patterns")]
    for answer in answers:
        assert answer.status_code == 200
        assert SECRET not in answer.text
    assert reviewer.get(f"{API}/flags/{landlord.safeguarding}").status_code == 404


def test_a_flag_names_nobody_by_reference(desk, reviewer):
    text = reviewer.get(f"{API}/flags/{desk.landlord.behaviour}").text
    assert INSULT in text
    assert "C-100" not in text
    assert "customer_ref" not in text


def test_the_safeguarding_role_meets_its_own_flags_alone(desk, safeguarding):
    rows = safeguarding.get(f"{API}/queue").json()["rows"]
    assert [row["id"] for row in rows] == [desk.landlord.safeguarding]
    assert safeguarding.get(f"{API}/flags/{desk.landlord.behaviour}").status_code == 404


def test_what_is_asked_wrongly_is_refused_in_sentences(reviewer):
    for path in ("queue?page=0", "queue?kind=people", "queue?state=gone", "owed?page=x"):
        answer = reviewer.get(f"{API}/{path}")
        assert answer.status_code == 422, path
        assert answer.json()["error"]


def test_a_field_that_nobody_asked_for_is_refused(desk, reviewer):
    sent = {"reason": "New evidence came in.", "person": "Somebody else"}
    assert reviewer.send(f"{API}/flags/{desk.landlord.behaviour}/reopen", sent).status_code == 422


def test_a_model_is_promoted_with_a_reason_and_on_record(desk, analyst):
    sent = {"name": "linear", "version": "1.1", "reason": "Better on threats."}
    assert analyst.send(f"{API}/models/promote", sent).status_code == 204
    assert desk.models.acts == [("promote", "linear", "1.1", "Test analyst")]
    assert desk.audit("model.promotion_asked") == [("Test analyst", "linear 1.1")]
    assert analyst.send(f"{API}/models/promote", {**sent, "reason": "short"}).status_code == 422


def test_the_audit_chain_is_exported_line_by_line_and_the_export_is_on_record(desk, administrator):
    lines = [json.loads(line) for line in administrator.get(f"{API}/audit").text.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[-1]["action"] == "audit.exported"
    later = administrator.get(f"{API}/audit?after={lines[-2]['seq']}").text.splitlines()
    assert json.loads(later[0])["seq"] == lines[-1]["seq"]
    assert administrator.send(f"{API}/health/verify", {}).json()["fault"] is None


def test_a_confirmed_behaviour_leaves_a_record_that_goes_with_the_decision(desk, reviewer):
    record = reviewer.get(f"{API}/incident-records/{_confirmed(desk, reviewer)}").json()
    assert record["decided_by"] == "Test reviewer"
    assert [one["answer"] for one in record["candidates"]] == ["yes", "no"]
    assert "C-100" not in json.dumps(record)
    undone = reviewer.send(f"{API}/flags/{desk.landlord.behaviour}/undo", {})
    assert undone.json()["state"] == "open"
    assert reviewer.get(f"{API}/incident-records/{record['id']}").json()["withdrawn"]


def test_a_safeguarding_card_is_taken_on_once(desk, safeguarding):
    waiting = safeguarding.get(f"{API}/safeguarding").json()["waiting"]
    assert [card["flag_id"] for card in waiting] == [desk.landlord.safeguarding]
    path = f"{API}/safeguarding/{desk.landlord.safeguarding}/acknowledge"
    assert safeguarding.send(path, {}).status_code == 200
    assert safeguarding.send(path, {}).status_code == 409
    assert desk.audit("flag.acknowledged") == [("Test safeguarding", desk.landlord.safeguarding)]


def test_the_description_names_every_route_and_every_answer_fits_it(
    desk, reviewer, manager, analyst, administrator, safeguarding
):
    described = reviewer.get(f"{API}/openapi.json").json()
    named = {(method.upper(), path) for path, verbs in described["paths"].items() for method in verbs}
    assert named == set(SAME_AS) - {("GET", f"{API}/openapi.json")}
    places = {
        "{flag_id}": desk.landlord.behaviour,
        "{contact_id}": desk.landlord.abusive_contact,
        "{issue_id}": desk.landlord.boiler_issue,
        "{record_id}": _confirmed(desk, reviewer),
        "{rehearsal_id}": _rehearsed(desk, analyst),
    }
    people = (reviewer, manager, analyst, administrator, safeguarding)
    for path in sorted(path for method, path in named if method == "GET" and not path.endswith(("/audit", "/sheet"))):
        shape = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        for place, value in places.items():
            path = path.replace(place, value)
        found = [answer for person in people if (answer := person.get(path)).status_code == 200]
        assert found, path
        checker = Draft202012Validator({**shape, "components": described["components"]})
        assert list(checker.iter_errors(found[0].json())) == [], path


def _rehearsed(desk, analyst):
    kind = FlagKind.BEHAVIOUR
    found = Difference(
        change=Change.NEW, code="P1", at=NOW, customer_ref="C-100", issue_id="i", contacts=("c-boiler-1",), why="Twice."
    )
    desk.rehearsals._run = lambda work, watch: Rehearsed(
        before={}, after={"P1": 1}, flags_before={}, flags_after={kind: 1}, differences=(found,), minutes=12
    )
    changed = shipped_text().replace("burst_days_count = 2", "burst_days_count = 1")
    return analyst.send(f"{API}/rehearsals", {"first": "2026-01-01", "last": "2026-03-12", "policy": changed}).json()[
        "id"
    ]


@pytest.mark.parametrize("duty", Duty)
def test_everybody_reads_who_they_are_and_what_the_policy_says(desk, duty):
    visitor = desk.signed_in(duty)
    session = visitor.get(f"{API}/session").json()
    assert session == {"person": f"Test {duty}", "role": duty, "token": visitor.token}
    assert {clause["code"] for clause in visitor.get(f"{API}/policy").json()} >= {"A1", "P1", "D1"}


def _by_header(desk, secret, path, body=None):
    """A program's request: no cookie, no origin, the session's secret in the header."""
    client = desk.anonymous().client
    headers = {"Authorization": f"Bearer {secret}"}
    return client.get(path, headers=headers) if body is None else client.post(path, json=body, headers=headers)


def test_a_session_is_good_in_the_header_too_and_needs_no_token_of_a_form(desk, reviewer):
    secret = reviewer.client.cookies["triage"]
    assert _by_header(desk, secret, f"{API}/session").json()["person"] == "Test reviewer"
    assert _by_header(desk, secret, f"{API}/flags/{desk.landlord.behaviour}/claim", {}).status_code == 200
    assert desk.audit("flag.claimed") == [("Test reviewer", desk.landlord.behaviour)]


def test_a_program_gets_a_session_in_a_persons_name_from_the_command_line(desk):
    secret = program_session(desk.store, "Ana Silva", "auditor", by="Sam Field", now=desk.clock())
    assert _by_header(desk, secret, f"{API}/session").json()["role"] == "auditor"
    assert _by_header(desk, secret, f"{API}/audit").status_code == 200
    assert desk.audit("session.made") == [("Sam Field", "Ana Silva")]
    with pytest.raises(InputError, match="'owner' is no role"):
        program_session(desk.store, "Ana Silva", "owner", by="Sam Field", now=desk.clock())


def test_a_header_opens_no_page_and_a_bad_one_is_not_mended_by_a_cookie(desk, reviewer):
    secret = reviewer.client.cookies["triage"]
    assert _by_header(desk, secret, "/").status_code == 401
    assert _by_header(desk, "none", f"{API}/queue").status_code == 401
    headers = {"Authorization": "Bearer none"}
    assert reviewer.client.get(f"{API}/queue", headers=headers).status_code == 401
    assert _by_header(desk, secret, f"{API}/models").status_code == 403


def test_flags_are_shared_out_put_off_and_brought_back(desk, reviewer):
    late, boiler = desk.landlord.service_failure, desk.landlord.behaviour
    assert reviewer.send(f"{API}/queue", {"flags": [late], "act": "assign"}).json() == {"count": 1}
    mine = reviewer.get(f"{API}/queue?held=mine").json()["rows"]
    assert [row["id"] for row in mine] == [late]
    assert reviewer.send(f"{API}/queue", {"flags": [late, boiler], "act": "snooze", "days": 2}).json() == {"count": 2}
    assert late not in {row["id"] for row in reviewer.get(f"{API}/queue").json()["rows"]}
    assert late in {row["id"] for row in reviewer.get(f"{API}/queue?shown=snoozed").json()["rows"]}
    assert reviewer.send(f"{API}/queue", {"flags": [late], "act": "bring-back"}).json() == {"count": 1}
    assert late in {row["id"] for row in reviewer.get(f"{API}/queue").json()["rows"]}


def test_a_flag_with_a_clock_is_not_put_off_and_nothing_is_decided_in_bulk(desk, reviewer):
    both = [desk.landlord.service_failure, desk.landlord.hazard]
    assert reviewer.send(f"{API}/queue", {"flags": both, "act": "snooze"}).status_code == 409
    assert reviewer.get(f"{API}/queue?shown=snoozed").json()["rows"] == []
    assert reviewer.send(f"{API}/queue", {"flags": both, "act": "confirm"}).status_code == 422


def test_a_claim_is_kept_alive_and_given_back(desk, reviewer):
    path = f"{API}/flags/{desk.landlord.behaviour}"
    until = reviewer.send(f"{path}/claim", {}).json()["claimed_until"]
    desk.clock.pass_by(timedelta(minutes=3))
    assert reviewer.send(f"{path}/presence", {}).json()["claimed_until"] > until
    colleague = desk.signed_in(Duty.REVIEWER, "Somebody else")
    assert colleague.send(f"{path}/claim", {}).status_code == 409
    assert colleague.send(f"{path}/release", {}).status_code == 409
    assert reviewer.send(f"{path}/release", {}).json()["claimed_by"] is None
    assert colleague.send(f"{path}/claim", {}).status_code == 200


def test_names_are_shown_for_a_reason_that_is_on_record(desk, reviewer):
    path = f"{API}/flags/{desk.landlord.behaviour}/names"
    assert reviewer.send(path, {"reason": "short"}).status_code == 422
    assert reviewer.send(path, {"reason": "To find the tenancy."}).status_code == 200
    assert desk.audit("names.revealed") == [("Test reviewer", desk.landlord.behaviour)]


def test_a_view_is_kept_with_known_filters_and_taken_away_by_its_owner(desk, reviewer):
    kept = reviewer.send(f"{API}/queue/views", {"name": "Mine", "query": "held=mine&next=//evil.example"}).json()
    assert kept["query"] == "held=mine"
    assert [view["name"] for view in reviewer.get(f"{API}/queue/views").json()] == ["Mine"]
    colleague = desk.signed_in(Duty.REVIEWER, "Somebody else")
    assert colleague.get(f"{API}/queue/views").json() == []
    assert colleague.send(f"{API}/queue/views/{kept['id']}/remove", {}).status_code == 404
    assert reviewer.send(f"{API}/queue/views/{kept['id']}/remove", {}).status_code == 204


def test_what_a_person_chose_not_to_read_is_left_out_of_their_list_alone(desk, reviewer):
    assert reviewer.send(f"{API}/my-limits", {"skip": ["A2"], "veiled": True}).status_code == 204
    assert reviewer.get(f"{API}/my-limits").json()["choice"]["skip"] == ["A2"]
    assert desk.landlord.behaviour not in {row["id"] for row in reviewer.get(f"{API}/queue").json()["rows"]}
    colleague = desk.signed_in(Duty.REVIEWER, "Somebody else")
    assert desk.landlord.behaviour in {row["id"] for row in colleague.get(f"{API}/queue").json()["rows"]}
    assert reviewer.send(f"{API}/my-limits", {"skip": ["P3"]}).status_code == 422
