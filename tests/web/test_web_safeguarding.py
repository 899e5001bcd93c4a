from dataclasses import replace

import pytest

from triage.store.access import Duty
from triage.testing import SECRET, SECRET_SUBJECT

OTHERS = (Duty.REVIEWER, Duty.MANAGER, Duty.ADMINISTRATOR, Duty.ANALYST)
SECRETS = (SECRET, "tablets", SECRET_SUBJECT, "Words of self-harm", "I will hurt him", "Safeguarding concern")


def _pages(desk):
    landlord = desk.landlord
    flags = (landlord.behaviour, landlord.mixed, landlord.hazard, landlord.service_failure, landlord.safeguarding)
    return [
        "/",
        "/?state=decided",
        "/not-scored",
        "/patterns",
        "/owed",
        "/models",
        "/health",
        *(f"/flags/{flag}" for flag in flags),
        *(f"/issues/{issue}" for issue in (landlord.boiler_issue, landlord.quiet_issue)),
        *(f"/contacts/{contact}" for contact in ("c-quiet-1", "c-quiet-2", "c-boiler-5")),
    ]


@pytest.mark.parametrize("duty", OTHERS)
def test_no_word_of_a_safeguarding_contact_reaches_anybody_else(desk, duty):
    visitor = desk.signed_in(duty)
    for path in _pages(desk):
        text = visitor.get(path).text
        found = [secret for secret in SECRETS if secret in text]
        assert not found, f"{duty} reads {found} on {path}"


def test_others_see_only_that_something_is_with_safeguarding_and_since_when(reviewer):
    text = reviewer.get("/").text
    row = text.split("With safeguarding")[1].split("</tr>")[0]
    assert "12 Mar 2026, 9:30am" in row
    assert "/flags/" not in row
    assert "S0" not in text


def test_the_safeguarding_role_reads_the_words_in_full_and_unblurred(desk, safeguarding):
    text = safeguarding.get(f"/flags/{desk.landlord.safeguarding}").text
    assert SECRET in text
    assert SECRET_SUBJECT in text
    assert "Safeguarding concern" in text


def test_no_behaviour_code_stands_beside_a_safeguarding_card(desk, safeguarding):
    for path in ("/", f"/flags/{desk.landlord.safeguarding}"):
        text = safeguarding.get(path).text
        assert "Threats towards staff" not in text
        assert ">A1<" not in text
        assert "Behaviour" not in text


def test_the_safeguarding_queue_holds_nothing_else(desk, safeguarding):
    text = safeguarding.get("/").text
    assert f"/flags/{desk.landlord.safeguarding}" in text
    for other in (desk.landlord.behaviour, desk.landlord.mixed, desk.landlord.hazard, desk.landlord.service_failure):
        assert other not in text


def test_a_threat_in_the_same_message_waits_for_safeguarding(desk, reviewer):
    text = reviewer.get(f"/flags/{desk.landlord.mixed}").text
    assert "What raised this is with safeguarding" in text
    assert "Somebody may be at risk" in text
    assert "The words of this contact are for the safeguarding role alone" in text


def test_a_reply_of_ours_that_quotes_the_words_keeps_them_too(desk, reviewer):
    text = reviewer.get("/contacts/c-quiet-2").text
    assert "Thank you for writing" in text
    assert "Quoted from an earlier message: with safeguarding" in text


def test_the_stored_message_of_a_safeguarding_contact_is_not_to_be_had(desk, administrator):
    assert administrator.post("/contacts/c-quiet-1/raw").status_code == 404
    assert desk.audit("contact.raw_downloaded") == []


def test_the_safeguarding_role_opens_only_contacts_of_its_own_issues(desk, safeguarding):
    assert safeguarding.get("/contacts/c-quiet-1").status_code == 200
    assert safeguarding.get("/contacts/c-quiet-2").status_code == 200
    assert safeguarding.get(f"/contacts/{desk.landlord.abusive_contact}").status_code == 404


def test_the_safeguarding_role_is_not_told_that_it_is_with_safeguarding(desk, safeguarding, reviewer):
    with desk.store.begin() as unit:
        last = unit.issues.last_assessment(desk.landlord.quiet_issue)
        unit.issues.put_assessment(replace(last, circumstances=("With safeguarding.", "Mentions illness.")))
    own = safeguarding.get(f"/flags/{desk.landlord.safeguarding}").text
    assert "Mentions illness." in own
    assert "With safeguarding" not in own.split("<main")[1]
    assert (
        "Something on this issue is, or was, with safeguarding." in reviewer.get(f"/flags/{desk.landlord.mixed}").text
    )


def test_health_counts_no_safeguarding_cards(administrator):
    assert "S0" not in administrator.get("/health").text
