"""What a contact says of itself where it is read: its routes, its sender, and where to listen to a call."""

import re
from dataclasses import replace

import pytest

from triage.domain.contact import Channel, SenderProof, Speaker, Turn
from triage.testing import NOW, contact, put


def words(text):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def put_contact(desk, item):
    with desk.store.begin() as unit:
        put(unit, item, desk.landlord.boiler_issue, "C-100")


def test_one_message_on_several_routes_says_where_else_it_went(desk, reviewer):
    page = words(reviewer.get(f"/flags/{desk.landlord.behaviour}").text)
    assert re.search(r"· to \S+@heron\.example · also sent to \S+@heron\.example", page)


def test_a_sender_whose_check_failed_is_labelled_and_one_of_whom_nothing_is_known_is_not(desk, reviewer):
    label = "The sender could not be verified, so this is not counted against the person"
    for name, proof, shown in (("c-f", SenderProof.FAILED, True), ("c-u", SenderProof.UNPROVEN, False)):
        put_contact(desk, replace(contact(name, NOW, "Pay me at once."), sender_proof=proof))
        assert (label in words(reviewer.get(f"/contacts/{name}").text)) is shown


@pytest.mark.parametrize(("report", "shown"), [(False, True), (True, False)])
def test_automatic_mail_is_shown_as_sent_by_a_program_and_a_report_as_not_read(desk, reviewer, report, shown):
    put_contact(desk, replace(contact("c-auto", NOW, "I am away."), auto=True, report=report))
    page = words(reviewer.get("/contacts/c-auto").text)
    assert ("Sent by a program So its headers say" in page) is shown
    assert ("not read, never counted" in page) is report


def test_a_call_says_at_which_moments_to_listen_and_why(desk, reviewer):
    turns = (
        Turn(speaker=Speaker.AGENT, text="Good morning.", start_ms=0, confidence=0.99),
        Turn(speaker=Speaker.CUSTOMER, text="You **** lot.", start_ms=83_000, confidence=0.95, masked=1),
        Turn(speaker=Speaker.CUSTOMER, text="Mumble.", start_ms=130_000, confidence=0.41, masked=2),
        Turn(speaker=Speaker.CUSTOMER, text="No time.", confidence=0.2),
    )
    put_contact(desk, contact("c-call", NOW, channel=Channel.CALL, turns=turns))
    page = reviewer.get("/contacts/c-call").text
    assert "Listen to the call at: 1:23 (masked) , 2:10 (heard badly and masked)" in words(page)
    assert "3 words were masked before we saw this call." in words(page)
    for target in re.findall(r'href="#(turn-[^"]+)"', page):
        assert page.count(f'id="{target}"') == 1


def test_a_call_that_was_heard_well_names_no_moment(desk, reviewer):
    turns = (Turn(speaker=Speaker.CUSTOMER, text="Thank you.", start_ms=5_000, confidence=0.97),)
    put_contact(desk, contact("c-fine", NOW, channel=Channel.CALL, turns=turns))
    page = words(reviewer.get("/contacts/c-fine").text)
    assert "Listen to the call" not in page
    assert "masked before" not in page
