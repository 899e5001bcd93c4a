"""Who wrote, asked and answered on pages: both sides' evidence, two buttons, moving, undoing, and who may do it."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from tests.linking.ruled_landlord import ALL, Landlord
from triage.domain.customer import could_also_be
from triage.store.access import Duty
from triage.testing import NOW, FakeModels, contact, invited
from triage.web.app import create_app
from triage.web.signed_in import form_token

SITE = "http://desk.example"


class Pages:
    """The desk over the landlord of the rulings, and somebody signed in to it."""

    def __init__(self, landlord) -> None:
        self.landlord = landlord
        self.app = create_app(
            store=landlord.store,
            policy=landlord.pipeline.policy,
            clock=lambda: landlord.now,
            models=FakeModels(),
            secure_cookies=False,
            links=landlord.pipeline,
        )

    def as_(self, duty: Duty):
        client = TestClient(self.app, base_url=SITE, follow_redirects=False, raise_server_exceptions=False)
        token = invited(self.landlord.store, duty, self.landlord.now)
        client.post("/sign-in", data={"sign_in": token}, headers={"Origin": SITE})
        form = form_token(client.cookies["triage"])

        def post(path: str, **fields: str):
            return client.post(path, data={"token": form, **fields}, headers={"Origin": SITE})

        return client.get, post


@pytest.fixture
def pages(tmp_path):
    return Pages(Landlord(f"sqlite:///{tmp_path / 'triage.sqlite'}").take(*ALL))


def test_a_question_shows_both_sides_and_its_evidence_and_is_answered_with_a_button(pages):
    get, post = pages.as_(Duty.REVIEWER)
    assert "/people/a4" in get("/people").text
    both = ("new@elsewhere.example", "ann.reed@post.example")
    page = get("/people/a4").text
    for words in ("Same person", "Not the same person", "in 100", "[e-mail address]"):
        assert words in page
    assert not [address for address in both if address in page]
    post("/people/a4/names", reason="To compare the addresses.")
    with pages.landlord.store.read() as unit:
        (shown,) = [entry for entry in unit.audit.entries() if entry.action == "names.revealed"]
    assert (shown.subject, shown.detail) == ("a4", {"reason": "To compare the addresses."})
    page = get("/people/a4").text
    assert all(address in page for address in both)
    assert post("/people/a4/same", reason="").status_code == 303
    assert pages.landlord.who("a4")[1] == "sure"
    assert "/people/a4?" not in get("/people").text


def test_the_answer_no_is_taken_up_and_undone_on_the_page(pages):
    get, post = pages.as_(Duty.MANAGER)
    before = pages.landlord.everything()
    assert post("/people/a4/not").status_code == 303
    assert pages.landlord.who("a4")[0] != "c-ann"
    ruling = pages.landlord.rulings()[0].ruling.id
    assert f"/people/rulings/{ruling}/undo" in get("/people/a4").text
    assert post(f"/people/rulings/{ruling}/undo").status_code == 303
    assert pages.landlord.everything() == before
    assert post(f"/people/rulings/{ruling}/undo").status_code == 409


def test_a_contact_is_moved_to_another_issue_or_a_new_one_of_the_same_household_alone(pages):
    _, post = pages.as_(Duty.REVIEWER)
    landlord = pages.landlord
    assert post("/people/a2/move", issue=landlord.issue("a3")).status_code == 303
    assert landlord.issue("a2") == landlord.issue("a3")
    assert post("/people/a2/move", issue="new").status_code == 303
    assert landlord.issue("a2") not in {landlord.issue(id) for id in ("a1", "a3", "b1")}
    assert post("/people/a2/move", issue=landlord.issue("b1")).status_code == 404


def test_a_stranger_is_joined_to_an_entry_of_the_directory(pages):
    _, post = pages.as_(Duty.REVIEWER)
    assert post("/people/s1/join", person="nobody").status_code == 404
    assert post("/people/s1/join", person="c-ann").status_code == 303
    assert {pages.landlord.who(id)[0] for id in ("s1", "s2")} == {"c-ann"}


def test_others_are_refused_and_a_form_without_its_token_too(pages):
    for duty in (Duty.ANALYST, Duty.SAFEGUARDING, Duty.ADMINISTRATOR):
        get, post = pages.as_(duty)
        assert get("/people").status_code == get("/people/a4").status_code == 403
        assert post("/people/a4/same").status_code == 403
    get, post = pages.as_(Duty.REVIEWER)
    assert post("/people/a4/same", token="forged").status_code == 403
    assert get("/people/none").status_code == post("/people/none/same").status_code == 404
    assert pages.landlord.who("a4")[1] == "ask"


def test_text_of_customers_is_escaped_on_the_page(pages):
    pages.landlord.take(hostile())
    get, _ = pages.as_(Duty.REVIEWER)
    page = get("/people/x1").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def hostile():
    return contact("x1", NOW, "Hello <script>alert(1)</script>", from_name='<script>"Ann', from_addr="x@bad.example")


def test_the_others_of_whom_a_contact_may_be_are_masked_like_everybody(pages):
    with pages.landlord.store.begin() as unit:
        placed = unit.contacts.get("a4")
        evidence = (*placed.who.evidence, could_also_be(["Philippa Dunmore-Hale", "Ann Reed, junior"]))
        unit.contacts.place("a4", replace(placed.who, evidence=evidence), placed.issue_id, placed.link)
    get, post = pages.as_(Duty.REVIEWER)
    for path in ("/people/a4", "/contacts/a4", "/api/v1/people/a4"):
        text = get(path).text
        assert "It could also be [name]; [name]." in text, path
    post("/people/a4/names", reason="To compare the addresses.")
    assert "It could also be Philippa Dunmore-Hale; Ann Reed, junior." in get("/people/a4").text
