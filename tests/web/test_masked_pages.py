"""Contacts and issues hide names and addresses until somebody says why they need them, and abusive words from whoever wants that."""

from datetime import timedelta

import pytest

from triage.store.access import Duty
from triage.testing.landlord import INSULT

WHY = "To ring the customer back about it."
NAMES = ("Ade Bright", "Bright", "ade@post.example")


@pytest.fixture(params=["contact", "issue"])
def page(request, desk):
    return {
        "contact": f"/contacts/{desk.landlord.abusive_contact}",
        "issue": f"/issues/{desk.landlord.boiler_issue}",
    }[request.param]


def test_a_page_shows_no_name_or_address_before_somebody_asks(desk, reviewer, page):
    for text in (reviewer.get(page).text, reviewer.get(f"/api/v1{page}").text):
        assert not [name for name in NAMES if name in text]
    assert reviewer.get(f"/api/v1{page}").json()["names_until"] is None
    assert "Names and addresses are masked: show them" in reviewer.get(page).text


def test_names_are_shown_for_an_hour_to_whoever_gave_a_reason_and_to_nobody_else(desk, reviewer, page):
    assert reviewer.post(f"{page}/names", reason=WHY).headers["location"] == page
    assert "Names shown" in reviewer.get(page).text
    assert "Names shown" not in desk.signed_in(Duty.MANAGER, "Lee Marsh").get(page).text
    assert desk.audit("names.revealed") == [("Test reviewer", page.rpartition("/")[2])]
    desk.clock.now = desk.clock() + timedelta(minutes=61)
    reviewer = desk.signed_in(Duty.REVIEWER)
    assert "Names and addresses are masked" in reviewer.get(page).text


def test_a_reveal_on_an_issue_holds_for_its_contacts_and_not_the_other_way_round(desk, reviewer):
    contact, issue = f"/contacts/{desk.landlord.abusive_contact}", f"/issues/{desk.landlord.boiler_issue}"
    reviewer.post(f"{contact}/names", reason=WHY)
    assert "ade@post.example" in reviewer.get(contact).text
    assert "Names shown" not in reviewer.get(issue).text
    other = desk.signed_in(Duty.REVIEWER, "Bea Long")
    other.post(f"{issue}/names", reason=WHY)
    assert "Ade Bright" in other.get(contact).text


def test_a_reveal_needs_a_reason_and_the_api_asks_for_the_same(desk, reviewer, page):
    assert reviewer.post(f"{page}/names", reason="why").status_code == 422
    assert reviewer.send(f"/api/v1{page}/names", {"reason": "why"}).status_code == 422
    assert reviewer.send(f"/api/v1{page}/names", {"reason": WHY}).json()["until"]
    assert reviewer.get(f"/api/v1{page}").json()["names_until"]
    assert len(desk.audit("names.revealed")) == 1


def test_nothing_is_revealed_of_what_is_not_there_or_not_ones_own(desk, reviewer, safeguarding):
    for path in ("/contacts/none", "/issues/none"):
        assert reviewer.post(f"{path}/names", reason=WHY).status_code == 404
    assert safeguarding.post(f"/contacts/{desk.landlord.abusive_contact}/names", reason=WHY).status_code == 404
    assert desk.audit("names.revealed") == []


def test_abusive_words_are_veiled_on_both_pages_for_whoever_chooses_it(desk, reviewer, page):
    assert INSULT in reviewer.get(page).text
    assert "desk-veil" not in reviewer.get(page).text
    reviewer.post("/my-limits", veiled="yes")
    text = reviewer.get(page).text
    assert "A2 Verbal abuse" in text.split("desk-veil")[1].split(INSULT)[0]
