"""From a name or a reference, as the Ombudsman writes it, to the issue: under pseudonyms, on record, and without what was typed."""

import json
from datetime import timedelta

import pytest

from triage.domain.contact import Direction
from triage.domain.customer import Customer, Role
from triage.domain.issue import Issue
from triage.domain.record import Record, RecordKind
from triage.domain.team import Team, Teams
from triage.identity.normal import is_named, name_words
from triage.reports.people import pseudonym
from triage.reports.search import MOST_ISSUES, MOST_PEOPLE
from triage.store.access import Duty
from triage.testing import NOW, SECRET, SECRET_SUBJECT, contact, put
from triage.web.same_as import API
from triage.web.searching import NOTHING_ASKED

BOILER, DAREK, STRANGER = "/issues/i-boiler", "/issues/i-hedge", "/issues/i-tree"


@pytest.fixture
def known(desk):
    """An issue with neither a flag nor anything late, of somebody in the directory; and one of somebody who is not."""
    with desk.store.begin() as unit:
        unit.landlord.put_customer(
            Customer(
                ref="T-7",
                name="Mr Darek Łucki-O'Brien (son)",
                emails=("darek@post.example",),
                phones=("07700 900123",),
                tenancy_ref="T/333/0057",
                role=Role.HOUSEHOLD,
            )
        )
        unit.issues.add(
            Issue(id="i-hedge", household_ref="T-7", opened=NOW - timedelta(days=90), title="Darek's hedge")
        )
        unit.landlord.put_record(
            Record(id="r-hedge", at=NOW, kind=RecordKind.CASE_OPENED, customer_ref="T-7", ref="MV-2266"), "i-hedge"
        )
        put(unit, contact("c-hedge", NOW - timedelta(days=80), "The hedge."), "i-hedge", "T-7")
        ref = "addr:jo@else.example"
        unit.issues.add(Issue(id="i-tree", household_ref=ref, opened=NOW, title="A tree"))
        said = contact("c-tree", NOW, "The tree.", from_name="Jo Stray", from_addr="jo@else.example")
        put(unit, said, "i-tree", ref)
    return desk


def _text(visitor, asked):
    answer = visitor.post("/search", text=asked)
    assert answer.status_code == 200, answer.text
    return answer.text


def _led_to(visitor, asked):
    """The issues to which the page leads, which the API must give too."""
    text = _text(visitor, asked)
    given = visitor.send(f"{API}/search", {"text": asked}).json()
    by_api = {f"/issues/{issue['issue_id']}" for person in given["people"] for issue in person["issues"]}
    by_page = {part.split("?")[0] for part in text.split('href="') if part.startswith("/issues/")}
    assert by_page == by_api
    return by_page


@pytest.mark.parametrize(
    "asked",
    [
        "Darek Łucki-O'Brien", "lucki obrien, DAREK", "Mr D. Łucki", "Darek", pseudonym("T-7"), pseudonym("T-7").split()[-1].lower(),
        "t-7", "T/333/0057", "t 333 0057", "DAREK@post.example", "+44 7700 900123", "07700900123", "mv2266", "MV-2266", "c-hedge", "i-hedge",
    ],
)  # fmt: skip
def test_an_issue_without_flag_that_is_not_late_is_found_by_whatever_names_it_or_its_customer(known, manager, asked):
    assert _led_to(manager, f" {asked} ") == {DAREK}
    assert manager.get(f"{DAREK}?from=search").status_code == 200


@pytest.mark.parametrize("asked", ["Jo Stray", "jo@else.example", pseudonym("addr:jo@else.example"), "c-tree"])
def test_somebody_who_is_not_in_the_directory_is_found_too(known, manager, asked):
    assert _led_to(manager, asked) == {STRANGER}


@pytest.mark.parametrize(
    "asked",
    ["Dar", "D", "Mr", "Darek Smith", "post.example", "333", "0057", "90012", "MV", "hedge", "c-", "%", "_", "*", "'"],
)
def test_parts_of_words_and_signs_find_nobody(known, manager, asked):
    assert _led_to(manager, asked) == set()
    assert "Nothing found" in _text(manager, asked)


def test_a_flags_number_leads_to_its_issue_and_one_of_safeguarding_to_nothing(desk, manager):
    assert _led_to(manager, desk.landlord.behaviour) == {BOILER}
    assert _led_to(manager, desk.landlord.safeguarding) == set()


def test_where_too_many_fit_nobody_is_listed(desk, manager):
    with desk.store.begin() as unit:
        for number in range(MOST_PEOPLE + 1):
            unit.landlord.put_customer(Customer(ref=f"S-{number}", name=f"{'abcdefghijklm'[number] * 3} Smith"))
    assert "Too many customers" in _text(manager, "Smith")
    assert manager.send(f"{API}/search", {"text": "Smith"}).json() == {"people": [], "too_many": True}
    assert pseudonym("S-2") in _text(manager, "ccc Smith") and "Too many" not in _text(manager, "ccc Smith")


def test_the_newest_issues_are_listed_and_how_many_are_not_is_said(desk, manager):
    with desk.store.begin() as unit:
        for number in range(MOST_ISSUES + 2):
            opened = NOW - timedelta(days=number)
            unit.issues.add(Issue(id=f"i-n{number}", household_ref="C-many", opened=opened, title="A matter"))
        unit.landlord.put_customer(Customer(ref="C-many", name="Nora Many"))
    text = _text(manager, "Nora Many")
    assert "2 older issues are not listed" in text and "/issues/i-n0?" in text and f"i-n{MOST_ISSUES}?" not in text


def test_people_are_pseudonyms_with_their_role_and_titles_are_masked(known, manager):
    text = _text(manager, "T/333/0057")
    assert pseudonym("T-7", Role.HOUSEHOLD) in text and "Found by tenancy reference." in text
    assert not [name for name in ("Darek", "Łucki", "darek@post.example", "900123") if name in text]
    assert "[name]" in text and "MV-2266" in text
    assert "Darek" not in json.dumps(manager.send(f"{API}/search", {"text": "MV-2266"}).json())


def test_a_search_is_on_record_with_ids_and_never_with_what_was_typed(known, manager, caplog):
    for asked in ("Darek Łucki", "jo@else.example", "Nobody Known"):
        _text(manager, asked)
    with known.store.read() as unit:
        entries = [entry for entry in unit.audit.entries() if entry.action == "search.made"]
    assert [(entry.actor, entry.subject) for entry in entries] == [("Test manager", "search")] * 3
    first, second, third = (entry.detail for entry in entries)
    assert first == {"people": pseudonym("T-7").split()[-1], "issues": "i-hedge"}
    assert second["issues"] == "i-tree" and third == {}
    logged = " ".join(json.dumps(entry.detail) for entry in entries) + caplog.text
    assert not [word for word in ("Darek", "ucki", "jo@", "else.example", "Nobody") if word in logged]


def test_an_empty_box_is_an_error_at_its_field_and_leaves_nothing_on_record(desk, manager):
    answer = manager.post("/search", text="  ")
    assert answer.status_code == 422 and "<title>Error: Search" in answer.text
    assert 'href="#text">' + NOTHING_ASKED in answer.text and 'id="text-error"' in answer.text
    assert manager.send(f"{API}/search", {"text": ""}).status_code == 422
    assert manager.post("/search", text="a" * 201).status_code == 422
    assert desk.audit("search.made") == []


def test_a_search_needs_its_own_forms_token(manager):
    manager.token = "another"
    assert manager.post("/search", text="Ade Bright").status_code == 403


def test_what_is_typed_comes_back_as_text_and_nothing_else(manager):
    assert "<script>" not in _text(manager, '"><script>alert(1)</script>').split('id="text"')[1].split("</form>")[0]


def test_words_with_safeguarding_are_told_to_nobody_who_searches(desk, manager):
    for asked in ("C-400", "c-quiet-1", pseudonym("C-400"), "i-quiet"):
        text = _text(manager, asked)
        assert "/issues/i-quiet" in text and SECRET not in text and SECRET_SUBJECT not in text


def test_what_belongs_to_another_team_is_not_found(known):
    from dataclasses import replace

    from starlette.testclient import TestClient

    from triage.web.app import create_app

    teams = Teams(teams=(Team(name="trees", places=frozenset({"trees@heron.example"})),))
    with known.store.begin() as unit:
        said = contact("c-own", NOW, "The tree.", routes=("trees@heron.example",), from_name="Jo Stray")
        put(unit, said, "i-tree", "addr:jo@else.example")
    app = create_app(
        store=known.store, policy=known.landlord.policy, clock=known.clock, models=known.models, secure_cookies=False, teams=teams,
    )  # fmt: skip
    other = replace(known, new_client=lambda: TestClient(app, base_url="http://desk.example", follow_redirects=False))
    assert _led_to(other.signed_in(Duty.MANAGER, "Tam Oak", teams=["trees"]), "Jo Stray") == {STRANGER}
    outsider = other.signed_in(Duty.MANAGER, "Lee Marsh")
    for asked in ("Jo Stray", "jo@else.example", "c-tree", "i-tree", pseudonym("addr:jo@else.example")):
        assert "Nothing found" in _text(outsider, asked)


@pytest.mark.parametrize("duty", [Duty.SAFEGUARDING, Duty.ANALYST, Duty.ADMINISTRATOR, Duty.AUDITOR])
def test_nobody_searches_who_may_not_open_an_issue(desk, duty):
    visitor = desk.signed_in(duty)
    assert visitor.post("/search", text="Ade Bright").status_code == 403
    assert 'href="/search"' not in visitor.get("/policy").text


def test_a_reviewer_searches_too_and_the_menu_says_where(reviewer):
    assert 'href="/search"' in reviewer.get("/policy").text
    assert _led_to(reviewer, "Ade Bright") == {BOILER}


def test_our_own_staff_are_not_customers_who_are_not_in_the_directory(desk, manager):
    with desk.store.begin() as unit:
        sent = contact("c-out", NOW, "Hello.", direction=Direction.OUT, from_name="Kim Desk")
        put(unit, sent, "i-late", "addr:x@y.example")
    assert "Nothing found" in _text(manager, "Kim Desk")


@pytest.mark.parametrize(
    ("wanted", "name", "fits"),
    [
        ("Lukasz Nowak", "Łukasz Nowak", True),
        ("Nowak", "Łukasz Nowak", True),
        ("L Nowak", "Łukasz Nowak", True),
        ("Lukasz Nowak", "Mr L. Nowak", True),
        ("Lukasz", "Mr L. Nowak", False),
        ("L N", "Łukasz Nowak", False),
        ("Lukasz Nowakowski", "Łukasz Nowak", False),
        ("Anna Nowak", "Łukasz Nowak", False),
        ("Smith Jones", "Ms Ada Smith-Jones", True),
        ("O’Brien", "Pat O'Brien", True),
        ("王 伟", "王 伟", True),
        ("Mr", "Mr L. Nowak", False),
    ],
)
def test_a_name_is_compared_word_by_word(wanted, name, fits):
    assert is_named(name_words(wanted), name_words(name)) is fits


@pytest.mark.browser
def test_a_search_works_without_scripts_and_its_states_are_accessible(known, chromium, served):
    from pathlib import Path

    from axe_playwright_python.base import AXE_FILE_PATH

    from triage.testing import invited

    axe = Path(AXE_FILE_PATH).read_text("utf-8")
    for scripts in (False, True):
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=scripts)
        page = context.new_page()
        page.goto(f"{served}/sign-in?token={invited(known.store, Duty.MANAGER, NOW)}")
        page.get_by_role("button", name="Sign in").first.click()
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Search").click()
        for asked, told in (
            ("", "There is a problem"),
            ("Nobody Known", "Nothing found"),
            ("MV-2266", "[name]'s hedge"),
        ):
            page.get_by_label("Name, reference, e-mail address or phone number").fill(asked)
            page.get_by_role("main").get_by_role("button", name="Search").click()
            assert told in page.get_by_role("main").inner_text()
            if scripts:
                page.evaluate(axe)
                faults = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
                assert [fault["id"] for fault in faults] == []
                page.set_viewport_size({"width": 320, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") <= 320
                page.set_viewport_size({"width": 1280, "height": 900})
        page.get_by_role("link", name="[name]'s hedge").click()
        assert page.url.endswith(f"{DAREK}?from=search")
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize("duty", [Duty.MANAGER, Duty.REVIEWER])
def test_with_search_the_menu_is_still_one_row_on_a_desk(desk, chromium, served, duty):
    from triage.testing import invited

    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{served}/sign-in?token={invited(desk.store, duty, NOW)}")
    page.get_by_role("button", name="Sign in").first.click()
    page.goto(f"{served}/search")
    row = page.locator("nav[aria-label=Pages] > ul > li")
    assert len({row.nth(at).bounding_box()["y"] for at in range(row.count())}) == 1
    page.context.close()
