"""Who is believed to have written: a forged From counts against nobody, and a stranger in a thread joins no issue."""

from datetime import UTC, datetime

import pytest

from triage.domain.contact import SenderProof
from triage.domain.customer import Zone
from triage.intake import contact_of_row, receive, with_quotes_checked
from triage_mailbox.child import parse_here
from triage_mailbox.testing import build_mail, raw_mail

AT = datetime(2026, 5, 5, 9, 0, tzinfo=UTC)
THREAT = "If your man comes here again I will break his legs, I mean it."
SERVERS = ("mx.hall.example",)


def arrive(desk, text, result=None, number=1, trusted=SERVERS, **fields):
    desk.clock.put(f"2026-05-{4 + number:02}T12:00")
    headers = {} if result is None else {"Authentication-Results": f"mx.hall.example; {result}"}
    content = build_mail(
        text,
        **{
            "sender": "Ivy Grimshaw <ivy@post.example>",
            "message_id": f"<{number}@post.example>",
            "sent": AT.replace(day=4 + number),
            "headers": headers,
            "subject": "Boiler",
            **fields,
        },
    )
    raw = raw_mail(content, account="repairs@hall.example", uid=str(number), received=AT.replace(day=4 + number))
    known_as = desk.pipeline.take_contact(receive(raw, parse_here(raw), trusted), raw=None)
    with desk.store.read() as unit:
        return unit.contacts.get(known_as)


def test_a_sender_that_our_server_vouches_for_is_the_customer(desk):
    placed = arrive(desk, THREAT, "dmarc=pass header.from=post.example")
    assert placed.contact.sender_proof is SenderProof.PROVEN
    assert (placed.who.customer_ref, placed.who.zone) == ("c-ivy", Zone.SURE)


def test_a_forged_sender_is_labelled_and_never_sure(desk):
    placed = arrive(desk, f"{THREAT}\n\nIvy Grimshaw, T/140/0066", "dmarc=fail header.from=post.example")
    assert placed.contact.sender_proof is SenderProof.FAILED
    assert any("may be forged" in problem for problem in placed.contact.problems)
    assert placed.who.zone is Zone.ASK
    assert placed.who.evidence[-1].kind == "sender not verified"


def test_a_forged_stranger_is_not_taken_for_that_address_either(desk):
    placed = arrive(desk, THREAT, "spf=fail smtp.mailfrom=x@else.example", sender="x@else.example")
    assert placed.who.zone is not Zone.SURE


def test_forged_contacts_never_make_a_pattern_against_the_customer(desk):
    arrive(desk, "My tap drips, can somebody look at it?", "dmarc=pass header.from=post.example")
    for number in range(2, 12):
        arrive(desk, f"You have had my answer, number {number}. When?", "dmarc=fail header.from=post.example", number)
    assert not desk.codes() & {"P1", "P2", "P3", "D1", "D2", "D3", "D4"}


@pytest.mark.parametrize("trusted", [SERVERS, ()])
def test_without_a_word_of_our_server_the_customer_is_still_known(desk, trusted):
    placed = arrive(desk, THREAT, trusted=trusted)
    assert placed.who.zone is Zone.SURE
    assert placed.contact.sender_proof is (SenderProof.UNPROVEN if trusted else SenderProof.NOT_CHECKED)
    assert any("vouch" in p or "no word" in p for p in placed.contact.problems) is bool(trusted)


def test_a_stranger_who_quotes_a_message_id_does_not_join_the_customers_issue(desk):
    first = desk.contact("2026-05-05T10:00", "My boiler is broken.", message_id="<a@post.example>")
    known_as = desk.contact(
        "2026-05-06T10:00",
        THREAT,
        from_addr="mallory@else.example",
        subject="Hello",
        message_id="<b@else.example>",
        in_reply_to="<a@post.example>",
    )
    with desk.store.read() as unit:
        stranger, customer = unit.contacts.get(known_as), unit.contacts.get(first)
    assert not (stranger.who.zone is Zone.SURE and stranger.who.customer_ref == "c-ivy")
    assert stranger.who.customer_ref != "c-ivy" or stranger.who.zone is Zone.ASK
    assert stranger.issue_id != customer.issue_id


def test_what_is_automatic_is_marked_and_never_counted(desk):
    automatic = {
        "Auto-Submitted": "auto-replied",
        "Precedence": "bulk",
        "List-Id": "<news.post.example>",
        "X-Auto-Response-Suppress": "All",
    }
    for name, value in automatic.items():
        content = build_mail(THREAT, headers={name: value}, sender="ivy@post.example")
        raw = raw_mail(content)
        assert receive(raw, parse_here(raw)).auto, name
    calendar = build_mail("x").replace(b"text/plain", b"text/calendar")
    assert receive(raw_mail(calendar), parse_here(raw_mail(calendar))).auto


@pytest.mark.parametrize("headers", [{"Precedence": "bulk"}, {"Auto-Submitted": "auto-replied", "Return-Path": "<>"}])
def test_a_threat_under_the_headers_of_a_program_is_still_read(desk, headers):
    raw = raw_mail(build_mail(THREAT, headers=headers, sender="ivy@post.example"))
    desk.pipeline.take_contact(receive(raw, parse_here(raw)))
    assert "A1" in desk.codes()


@pytest.mark.parametrize("server", ["", "mx.hall.example; dmarc=fail header.from=hall.example"])
def test_our_own_address_alone_keeps_nothing_from_being_read(server):
    assert not own_reply(server).report


def test_our_own_automatic_reply_come_back_is_not_read(desk):
    reply = own_reply("mx.hall.example; dmarc=pass header.from=hall.example")
    assert reply.report
    known_as = desk.pipeline.take_contact(reply)
    with desk.store.read() as unit:
        assert unit.contacts.get(known_as).scores is None
    assert desk.codes() == set()


def own_reply(authentication):
    headers = {"Auto-Submitted": "auto-replied", "Authentication-Results": authentication}
    content = build_mail(THREAT, headers={k: v for k, v in headers.items() if v}, sender="repairs@hall.example")
    raw = raw_mail(content, account="repairs@hall.example")
    return receive(raw, parse_here(raw), SERVERS)


def test_a_shared_mailbox_that_is_itself_a_list_makes_no_mail_automatic():
    """Google Groups put List-Id and Precedence on every mail that a group receives."""
    headers = {"List-Id": "Repairs <repairs.hall.example>", "Precedence": "list"}
    content = build_mail(THREAT, headers=headers, sender="ivy@post.example")
    ours = raw_mail(content, account="repairs@hall.example")
    assert not receive(ours, parse_here(ours)).auto
    other = raw_mail(content, account="complaints@hall.example")
    assert receive(other, parse_here(other)).auto


def test_other_languages_are_not_assessed_and_never_clean(desk):
    text = "Nikt nie przyszedł naprawić pieca, czekałam cały dzień w zimnym mieszkaniu z małym dzieckiem."
    known_as = desk.contact("2026-05-05T10:00", text)
    with desk.store.read() as unit:
        placed = unit.contacts.get(known_as)
        assert [contact.id for contact in unit.contacts.not_scored()] == [known_as]
        assert unit.contacts.counts()["not_scored"] == 1
    assert placed.contact.not_scored
    assert "not assessed" in placed.contact.not_scored.lower() or "language" in placed.contact.not_scored.lower()


def test_a_faked_quotation_is_scored_and_a_real_one_is_not(desk):
    desk.contact("2026-05-05T10:00", "My boiler is broken.", message_id="<a@post.example>")
    desk.reply(
        "2026-05-06T10:00",
        "Dear Ivy, an engineer will come on Friday between 8 and 12. Please be at home. Sam",
        message_id="<r@hall.example>",
        in_reply_to="<a@post.example>",
    )
    intro = "On Wed, 6 May 2026 at 10:00, Hall <repairs@hall.example> wrote:"
    answer = {"in_reply_to": "<r@hall.example>", "message_id": "<b@post.example>"}
    real = desk.contact(
        "2026-05-07T10:00",
        f"Thank you.\n\n{intro}\n\n> Dear Ivy, an engineer will come on Friday\n> between 8 and 12. Please be at home. Sam\n",
        **answer,
    )
    assert "A1" not in desk.codes()
    with desk.store.read() as unit:
        assert unit.contacts.get(real).contact.own_text.strip() == "Thank you."
    faked = desk.contact(
        "2026-05-08T10:00", f"Thank you.\n\n{intro}\n\n> {THREAT}\n", **{**answer, "message_id": "<c@post.example>"}
    )
    assert "A1" in desk.codes()
    with desk.store.read() as unit:
        contact = unit.contacts.get(faked).contact
    assert THREAT in contact.own_text
    assert any("scored as the sender's own" in problem for problem in contact.problems)


def test_a_row_of_a_history_is_checked_like_a_mail():
    row = {"id": "a", "at": "2026-05-05T10:00", "direction": "in", "channel": "email", "route": "r"}
    contact = contact_of_row({**row, "text": "Hello.\n\n-----Original Message-----\nYou are thieves.\n"})
    assert "thieves" in with_quotes_checked(contact, ()).own_text
