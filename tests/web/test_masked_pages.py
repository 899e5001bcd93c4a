"""Contacts and issues hide names and addresses until somebody says why they need them, and abusive words from whoever wants that."""

from datetime import timedelta

import pytest

from triage.domain.record import Record, RecordKind
from triage.store.access import Duty
from triage.testing import NOW
from triage.testing.landlord import INSULT

WHY = "To ring the customer back about it."
NAMES = ("Ade Bright", "Bright", "ade@post.example")


@pytest.fixture(params=["contact", "issue", "who wrote"])
def page(request, desk):
    return {
        "contact": f"/contacts/{desk.landlord.abusive_contact}",
        "issue": f"/issues/{desk.landlord.boiler_issue}",
        "who wrote": f"/people/{desk.landlord.abusive_contact}",
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
    secret = f"/people/{desk.landlord.safeguarded_contact}"
    for path in ("/contacts/none", "/issues/none", "/people/none", secret):
        assert reviewer.post(f"{path}/names", reason=WHY).status_code == 404
    assert safeguarding.post(f"/contacts/{desk.landlord.abusive_contact}/names", reason=WHY).status_code == 404
    assert desk.audit("names.revealed") == []


def test_abusive_words_are_veiled_on_both_pages_for_whoever_chooses_it(desk, reviewer, page):
    assert INSULT in reviewer.get(page).text
    assert "desk-veil" not in reviewer.get(page).text
    reviewer.post("/my-limits", veiled="yes")
    text = reviewer.get(page).text
    assert "A2 Verbal abuse" in text.split("desk-veil")[1].split(INSULT)[0]


@pytest.fixture
def agreed(desk):
    """A record of ours that names the customer, as people write them."""
    with desk.store.begin() as unit:
        text = "Agreed with Ade Bright: one e-mail a week to ade@post.example."
        record = Record(
            id="agreed", at=NOW - timedelta(days=9), kind=RecordKind.CONTACT_AGREEMENT, customer_ref="C-100",
            due=NOW + timedelta(days=60), text=text,
        )  # fmt: skip
        unit.landlord.put_record(record, desk.landlord.boiler_issue)
    return "one e-mail a week"


def test_what_our_records_say_is_masked_on_flag_issue_and_list_until_somebody_asks(desk, manager, agreed):
    flag, issue = f"/flags/{desk.landlord.behaviour}", f"/issues/{desk.landlord.boiler_issue}"
    for path in (flag, issue, "/restrictions", f"/api/v1{flag}", f"/api/v1{issue}", "/api/v1/restrictions"):
        text = manager.get(path).text
        assert agreed in text, path
        assert not [name for name in NAMES if name in text], path
    manager.post(f"{issue}/names", reason=WHY)
    for path in (issue, "/restrictions"):
        assert "Agreed with Ade Bright" in manager.get(path).text, path
    assert "Ade Bright" not in desk.signed_in(Duty.MANAGER, "Lee Marsh").get("/restrictions").text


def test_what_would_have_changed_a_pattern_names_nobody_either(desk):
    from triage.reports.masking import Mask
    from triage.reports.otherwise import OtherwiseView
    from triage.reports.reveals import masked_otherwise

    said = OtherwiseView(what="Had we been in time", sentence="Not raised had our reply to Ade Bright been sent.")
    (view,) = masked_otherwise([said], Mask(names=["Ade Bright"]))
    assert view.sentence == "Not raised had our reply to [name] been sent."


def test_why_somebody_said_who_wrote_is_masked_in_the_list_of_answers(desk, reviewer):
    from triage.domain.ruling import Ruling, RulingKind

    with desk.store.begin() as unit:
        contact, reason = desk.landlord.abusive_contact, "Ade Bright rang to say so."
        unit.rulings.add(
            Ruling(id="said", kind=RulingKind.FROM, at=NOW, by="Bea Long", contacts=(contact,), person="C-100", reason=reason)
        )  # fmt: skip
    for path in ("/people", "/api/v1/people", f"/people/{contact}"):
        text = reviewer.get(path).text
        assert "rang to say so" in text and "Ade Bright" not in text, path
