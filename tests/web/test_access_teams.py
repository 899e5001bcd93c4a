"""Teams own mailboxes: what is another team's is not there, on any route, for any role, in any list, count, file or answer."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from triage.domain.errors import SettingsError
from triage.domain.flag import Flag, FlaggedCode, FlagKind, FlagState
from triage.domain.issue import Issue
from triage.domain.ruling import Ruling, RulingKind
from triage.domain.team import EVERYTHING, NO_TEAMS, Sight, Team, Teams, WithoutTeam
from triage.reports.people import pseudonym
from triage.store.access import Duty
from triage.testing import NOW
from triage.testing.contacts import contact, put
from triage.web.app import create_app
from triage.web.duties import ACCESS, OPEN

HOUSING, REPAIRS, ELSEWHERE = "Housing", "Repairs", "Elsewhere"
SITE = "http://desk.example"
TEAMS = Teams(
    teams=(
        Team(name=HOUSING, places=frozenset({"housing@heron.example"})),
        Team(name=REPAIRS, places=frozenset({"Repairs@heron.example", "repairs line"})),
        Team(name=ELSEWHERE, places=frozenset({"elsewhere@heron.example"})),
    )
)
ONE_ROLE = [duty for duty in Duty if duty is not Duty.SAFEGUARDING]
A2 = {
    "answer-A2": "yes", "reason-A2": "He named Mr Poole and insulted him.", "limb-A2": "distress",
    "limb_evidence-A2": "his statement", "out_of_character-A2": "yes", "answer-P3": "no", "reason-P3": "We were late.",
}  # fmt: skip
DECISIONS = [
    {"code": "A2", "answer": "no", "reason": "Not at anybody."},
    {"code": "P3", "answer": "no", "reason": "We were late."},
]
SENT = {
    "reviews": ({"flag_version": "1"}, {"flag_version": 1, "decisions": DECISIONS}),
    "reopen": ({"reason": "Another look."},) * 2,
    "statements": ({"staff": "Mr Poole", "text": "It upset me."},) * 2,
    "support": ({"staff": "Mr Poole", "step": "told that a record exists"},) * 2,
    "names": ({"reason": "I have to ring back."},) * 2,
    "move": ({"issue": "new"},) * 2,
    "same": ({"person": "C-100"},) * 2,
    "join": ({"person": "C-100"},) * 2,
    "representations": (
        {"received": "2026-03-01", "made_by": "the customer", "asks": "to have it noted", "text": "It was not me."},
    )
    * 2,
    "answer": ({"outcome": "the decision stands", "reason": "It is right.", "not_involved": "true"},) * 2,
}
"""What makes a request a good one, so that its refusal is about the object alone: as a form, and as JSON."""


def with_teams(desk, teams=TEAMS):
    """The same desk, with teams."""
    app = create_app(
        store=desk.store, policy=desk.landlord.policy, clock=desk.clock, models=desk.models, secure_cookies=False,
        teams=teams,
    )  # fmt: skip
    client = lambda: TestClient(app, base_url=SITE, follow_redirects=False, raise_server_exceptions=False)  # noqa: E731
    return replace(desk, new_client=client)


@pytest.fixture
def teamed(desk):
    return with_teams(desk)


@pytest.fixture
def objects(teamed):
    """One of each kind that belongs to Housing; the incident record and the ruling are made for it."""
    visitor, landlord = teamed.signed_in(Duty.REVIEWER, teams=[HOUSING]), teamed.landlord
    visitor.get(f"/flags/{landlord.behaviour}")
    with teamed.store.read() as unit:
        version = str(unit.flags.get(landlord.behaviour).version)
    assert visitor.post(f"/flags/{landlord.behaviour}/reviews", flag_version=version, **A2).status_code == 303
    with teamed.store.begin() as unit:
        (record,) = unit.outcomes.records(flag_id=landlord.behaviour)
        ruling = Ruling(id="r" * 32, kind=RulingKind.MOVED, at=NOW, by="Kim", contacts=(landlord.abusive_contact,))
        unit.rulings.add(ruling)
    return {
        "flag_id": landlord.behaviour, "contact_id": landlord.abusive_contact, "issue_id": landlord.boiler_issue,
        "record_id": record.id, "ruling_id": ruling.id, "id": "1", "view_id": "none",
        "representation_id": "none",
        "restriction_id": "none",
    }  # fmt: skip


OF_A_TEAM = re.compile(r"\{(flag|contact|issue|record|ruling)_id\}")


def _routes(app):
    found = set()

    def walk(routes):
        for route in routes:
            if hasattr(route, "methods") and hasattr(route, "path"):
                found.update((method, route.path) for method in route.methods or ())
            else:
                walk(getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", []))

    walk(app.routes)
    return sorted(route for route in found if route in ACCESS)


def _ask(visitor, method, template, objects):
    path = re.sub(r"\{(\w+)\}", lambda name: objects[name[1]], template)
    if method == "GET":
        return visitor.get(path)
    form, body = SENT.get(template.rpartition("/")[2], ({}, {}))
    return visitor.send(path, body) if template.startswith("/api/") else visitor.post(path, **form)


@pytest.mark.parametrize("duty", ONE_ROLE)
def test_every_route_of_an_object_of_another_team_says_that_there_is_none(teamed, objects, duty):
    visitor, gaps, asked = teamed.signed_in(duty, teams=[ELSEWHERE]), [], 0
    for method, template in _routes(teamed.new_client().app):
        allowed = ACCESS[method, template]
        if allowed is OPEN or duty not in allowed or not OF_A_TEAM.search(template):
            continue
        asked += 1
        status = _ask(visitor, method, template, objects).status_code
        if status != 404:
            gaps.append(f"{method} {template} answers {duty} with {status}")
    assert not gaps, "\n".join(gaps)
    assert asked > 0 or duty in (Duty.ANALYST, Duty.AUDITOR)


@pytest.mark.parametrize("duty", [Duty.REVIEWER, Duty.MANAGER])
def test_the_same_routes_answer_the_team_whose_objects_they_are(teamed, objects, duty):
    visitor = teamed.signed_in(duty, teams=[HOUSING])
    read = [
        template for method, template in _routes(teamed.new_client().app)
        if method == "GET" and duty in (ACCESS[method, template] or ()) and OF_A_TEAM.search(template)
    ]  # fmt: skip
    assert [template for template in read if _ask(visitor, "GET", template, objects).status_code != 200] == []
    assert len(read) >= 8


@pytest.mark.parametrize("duty", ONE_ROLE)
def test_no_page_list_file_or_answer_tells_a_word_of_what_is_another_teams(teamed, objects, duty):
    visitor = teamed.signed_in(duty, teams=[ELSEWHERE])
    words = ["Boiler locks", "Water through", "lift be mended", *(pseudonym(f"C-{n}00") for n in (1, 2, 3, 4))]
    ids = [teamed.landlord.behaviour, teamed.landlord.hazard, "c-boiler-5", "i-boiler", "c-broken"]
    told, read = [], 0
    for method, template in _routes(teamed.new_client().app):
        if method != "GET" or duty not in (ACCESS[method, template] or ()) or "{" in template:
            continue
        read += 1
        text = visitor.get(template).text
        on_record = template.rpartition("/")[2] == "audit"
        told += [f"{template}: {word}" for word in words + ([] if on_record else ids) if word in text]
    assert told == []
    assert read > 3


def test_a_flag_belongs_to_every_team_that_one_of_its_issues_contacts_came_in_through(teamed):
    landlord = teamed.landlord
    for team, seen in ((HOUSING, True), (REPAIRS, True), (ELSEWHERE, False)):
        visitor = teamed.signed_in(Duty.REVIEWER, f"One of {team}", teams=[team])
        assert (visitor.get(f"/flags/{landlord.behaviour}").status_code == 200) is seen
        assert (landlord.behaviour in visitor.get("/").text) is seen
    repairs = teamed.signed_in(Duty.REVIEWER, "One of Repairs", teams=[REPAIRS])
    assert repairs.get(f"/flags/{landlord.hazard}").status_code == 404
    assert landlord.hazard not in repairs.get("/").text
    both = teamed.signed_in(Duty.REVIEWER, "One of both", teams=[REPAIRS, ELSEWHERE])
    assert both.get(f"/flags/{landlord.behaviour}").status_code == 200


def test_counts_searches_and_the_next_flag_know_only_of_ones_own(teamed):
    housing = teamed.signed_in(Duty.REVIEWER, "One of Housing", teams=[HOUSING])
    elsewhere = teamed.signed_in(Duty.REVIEWER, "One of Elsewhere", teams=[ELSEWHERE])
    assert housing.get("/api/v1/queue").json()["total"] == 4
    empty = elsewhere.get("/api/v1/queue").json()
    assert (empty["total"], empty["rows"], empty["with_safeguarding"]) == (0, [], [])
    assert empty["inflow"] == {"came_in": 0, "not_scored": 0, "flags": 0}
    assert elsewhere.get("/api/v1/queue?text=boiler").json()["total"] == 0
    assert housing.get("/api/v1/queue?text=boiler").json()["total"] == 1
    assert elsewhere.get("/api/v1/not-scored").json()["rows"] == []
    assert len(housing.get("/api/v1/not-scored").json()["rows"]) == 1


def test_the_owed_sheet_has_only_ones_own(teamed):
    assert "lift be mended" in teamed.signed_in(Duty.MANAGER, teams=[HOUSING]).get("/owed/sheet").text
    sheet = teamed.signed_in(Duty.MANAGER, "Other", teams=[ELSEWHERE]).get("/owed/sheet").text
    assert len(sheet.splitlines()) == 1


def test_a_danger_to_staff_stops_at_no_team_and_its_evidence_can_be_read(teamed):
    with teamed.store.begin() as unit:
        unit.issues.add(Issue(id="i-danger", household_ref="C-9", opened=NOW, title="My neighbour"))
        put(unit, contact("c-danger", NOW, "He says he will hit your men."), "i-danger", "C-9")
        code = FlaggedCode(
            code="staff_safety", raised_at=NOW, policy="p", why="Made.", contacts=("c-danger",), last_evidence_at=NOW
        )
        unit.flags.add(
            Flag(
                id="d" * 32, kind=FlagKind.STAFF_SAFETY, customer_ref="C-9", issue_id="i-danger", state=FlagState.OPEN,
                opened=NOW, updated=NOW, urgency=1, codes=(code,),
            )
        )  # fmt: skip
    visitor = teamed.signed_in(Duty.REVIEWER, teams=[ELSEWHERE])
    assert visitor.get(f"/flags/{'d' * 32}").status_code == 200
    assert visitor.get("/contacts/c-danger").status_code == 200
    assert visitor.get("/issues/i-danger").status_code == 404
    assert visitor.get("/api/v1/queue").json()["total"] == 1


def test_safeguarding_sees_every_card_whatever_the_team(teamed):
    visitor = teamed.signed_in(Duty.SAFEGUARDING, teams=[ELSEWHERE])
    assert visitor.get(f"/flags/{teamed.landlord.safeguarding}").status_code == 200
    assert teamed.landlord.safeguarding in visitor.get("/safeguarding").text


def test_who_is_in_no_team_sees_what_belongs_to_no_team(desk):
    owned = Teams(teams=(Team(name=REPAIRS, places=frozenset({"repairs@heron.example"})),))
    visitor = with_teams(desk, owned).signed_in(Duty.REVIEWER)
    assert visitor.get(f"/flags/{desk.landlord.behaviour}").status_code == 404
    assert visitor.get(f"/flags/{desk.landlord.hazard}").status_code == 200
    repairs = with_teams(desk, owned).signed_in(Duty.REVIEWER, "One of Repairs", teams=[REPAIRS])
    assert repairs.get(f"/flags/{desk.landlord.hazard}").status_code == 200, "what is nobody's own must fall to all"


def test_who_is_in_no_team_sees_everything_where_the_settings_say_so(desk):
    teams = replace(TEAMS, without_team=WithoutTeam.EVERYTHING)
    visitor = with_teams(desk, teams).signed_in(Duty.MANAGER)
    assert visitor.get(f"/flags/{desk.landlord.hazard}").status_code == 200
    elsewhere = with_teams(desk, teams).signed_in(Duty.MANAGER, "Other", teams=[ELSEWHERE])
    assert elsewhere.get(f"/flags/{desk.landlord.hazard}").status_code == 404


def test_without_teams_all_is_as_it_was(desk):
    assert NO_TEAMS.sight(("Gone",)).everything
    visitor = desk.signed_in(Duty.REVIEWER, teams=["Gone"])
    assert visitor.get("/api/v1/queue").json()["total"] == 4


def test_a_team_that_the_settings_no_longer_name_opens_nothing(teamed):
    visitor = teamed.signed_in(Duty.REVIEWER, teams=["Gone"])
    assert visitor.get(f"/flags/{teamed.landlord.behaviour}").status_code == 404


def test_a_contact_that_reaches_a_further_route_belongs_to_that_team_too(teamed):
    with teamed.store.begin() as unit:
        known = unit.contacts.get("c-late-2").contact
        more = replace(known.deliveries[0], route="ELSEWHERE@heron.example", account="ELSEWHERE@heron.example")
        unit.contacts.put(replace(known, deliveries=(*known.deliveries, more)), "mark-c-late-2")
    visitor = teamed.signed_in(Duty.REVIEWER, teams=[ELSEWHERE])
    assert visitor.get(f"/flags/{teamed.landlord.service_failure}").status_code == 200
    assert visitor.get("/contacts/c-late-1").status_code == 200, "it stands on the same issue"


def test_the_rule_in_words_and_in_sql_is_one():
    sight = TEAMS.sight([REPAIRS])
    assert sight.sees(["REPAIRS LINE "])
    assert sight.sees(["nobody's own"])
    assert sight.sees([])
    assert not sight.sees(["housing@heron.example", "nobody's own"])
    assert sight.sees(["housing@heron.example", "repairs line"])
    assert EVERYTHING.sees(["housing@heron.example"])
    assert Sight(mine=frozenset("a"), owned=frozenset("a")).everything


def test_a_team_of_no_settings_and_one_named_twice_are_refused():
    with pytest.raises(SettingsError, match="no team 'Legal'"):
        TEAMS.check(["Legal"])
    with pytest.raises(SettingsError, match="'A' twice"):
        Teams(teams=(Team(name="A", places=frozenset("a")), Team(name="A", places=frozenset("b"))))
    assert TEAMS.check([REPAIRS, HOUSING, REPAIRS]) == (HOUSING, REPAIRS)


def test_the_pages_open_the_store_for_the_caller_and_for_the_whole_service_only_where_no_object_is_read():
    from pathlib import Path

    import triage.web

    whole = {"doors", "keeping", "other_routes", "overseeing", "incidents", "provider_door", "signing_in", "taking_in"}
    whole |= {"desk", "acting", "reading", "intake"}
    found = {
        file.stem: file.read_text().count("desk.store.")
        for file in Path(triage.web.__file__).parent.rglob("*.py")
        if "desk.store." in file.read_text()
    }
    assert set(found) <= whole
    assert found["reading"] <= 4
    assert found["acting"] <= 1


def test_a_user_is_moved_to_another_team_and_signed_out(teamed):
    from types import SimpleNamespace

    from triage.web.users import add_user, move_user

    where = SimpleNamespace(host="127.0.0.1", port=8000, secure_cookies=False)
    add_user(teamed.store, where, "ana", "Ana Silva", "reviewer", teamed.clock(), teams=[HOUSING])
    visitor = teamed.signed_in(Duty.REVIEWER, "Ana Silva", teams=[HOUSING])
    assert visitor.get("/").status_code == 200
    teamed.clock.pass_by(timedelta(minutes=1))
    assert move_user(teamed.store, "ana", [REPAIRS], teamed.clock()).teams == (REPAIRS,)
    assert visitor.get("/").status_code == 401
    with teamed.store.read() as unit:
        assert unit.users.get("ana").teams == (REPAIRS,)
