"""One message, many deliveries: copies are one contact with every route; other words under a known Message-ID are two."""

from datetime import UTC, datetime

import pytest

from triage.checking import SAME_ID
from triage.domain.contact import Direction
from triage.intake import ParserChild
from triage_mailbox.messages import FolderRole
from triage_mailbox.testing import build_mail, raw_mail

AT = datetime(2026, 5, 5, 9, 0, tzinfo=UTC)
FOOTER = (
    "\n_______________________________________________\nMillstreet mailing list\n"
    "Millstreet@lists.post.example\nhttps://lists.post.example/millstreet\n"
)


def mail(text="The gate is broken again.", headers=None, **fields):
    given = {
        "sender": "Ivy <ivy@post.example>",
        "to": "repairs@hall.example",
        "message_id": "<1@post.example>",
        "subject": "Gate",
        "sent": AT,
    }
    return build_mail(text, headers=headers, **{**given, **fields})


def take(desk, *messages):
    """Stores (route, bytes, minutes later, folder role) as the poller would, and takes what is stored."""
    desk.clock.put("2026-05-06T12:00")
    for number, (route, content, minute, role) in enumerate(messages):
        raw = raw_mail(
            content,
            account=route,
            folder=role.value,
            uid=str(number + 1),
            received=AT.replace(minute=minute),
            role=role,
        )
        desk.pipeline.ledger.discover(route, role.value, raw.uidvalidity, [raw.uid], AT)
        assert desk.pipeline.ledger.store(raw, AT)
    with ParserChild() as parser:
        desk.pipeline.take_stored(parser)
    with desk.store.read() as unit:
        return [found.contact for found in unit.contacts.all()]


def inbox(route, content, minute=1):
    return route, content, minute, FolderRole.INBOX


def test_the_same_bytes_in_two_mailboxes_are_one_contact_with_both_routes_and_times(desk):
    [contact] = take(desk, inbox("repairs@hall.example", mail(), 1), inbox("complaints@hall.example", mail(), 7))
    assert contact.routes == ("repairs@hall.example", "complaints@hall.example")
    assert [delivery.received.minute for delivery in contact.deliveries] == [1, 7]
    assert [(delivery.folder, delivery.uid) for delivery in contact.deliveries] == [("inbox", "1"), ("inbox", "2")]


COPIES = {
    "trace headers": mail(headers={"Received": "from mx2 by inside", "X-Spam-Score": "1.0", "Return-Path": "<ivy@x>"}),
    "a list": mail(
        "The gate is broken again." + FOOTER, subject="[millstreet] Gate", headers={"List-Id": "<millstreet.lists>"}
    ),
    "a blind copy": mail(to="undisclosed-recipients:;"),
    "a copy by Cc": mail(cc="complaints@hall.example"),
    "other line breaks": mail("The gate is\n broken again.\n\n"),
    "a gateway's warning": mail(
        "CAUTION: This email originated from outside of the organisation. Do not click links or open attachments "
        "unless you recognise the sender and know the content is safe.\n\nThe gate is broken again."
    ),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES.keys())
def test_what_a_server_or_a_list_adds_makes_no_second_contact(desk, copy):
    [contact] = take(desk, inbox("repairs@hall.example", mail()), inbox("complaints@hall.example", copy, 5))
    assert contact.routes == ("repairs@hall.example", "complaints@hall.example")
    assert SAME_ID not in contact.problems


OTHERS = {
    "other words": mail("You will all be sorry."),
    "words below a list's ruler": mail("The gate is broken again.\n\n____________________\nYou will all be sorry."),
    "words below a faked quotation": mail(
        "The gate is broken again.\n\nOn Mon, 4 May 2026 at 10:00, Hall <repairs@hall.example> wrote:\n\nYou will be sorry."
    ),
    "another subject": mail(subject="You will all be sorry"),
    "another sender": mail(sender="Bob <bob@post.example>"),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_other_words_under_the_same_message_id_are_another_contact_and_both_say_so(desk, other):
    contacts = take(desk, inbox("repairs@hall.example", mail()), inbox("repairs@hall.example", other, 5))
    assert len(contacts) == 2
    assert all(SAME_ID in contact.problems for contact in contacts)


def test_a_copy_of_our_own_reply_to_ourselves_is_no_approach_of_a_customer(desk):
    ours = mail(sender="Hall <repairs@hall.example>", to="ivy@post.example", cc="complaints@hall.example")
    sent = ("repairs@hall.example", ours, 1, FolderRole.SENT)
    [contact] = take(desk, sent, inbox("complaints@hall.example", ours, 2))
    assert contact.direction is Direction.OUT
    assert len(contact.deliveries) == 2


def test_our_reply_is_never_swallowed_by_what_seemed_to_come_in(desk):
    ours = mail(sender="Hall <repairs@hall.example>", to="ivy@post.example")
    take(desk, inbox("complaints@hall.example", ours, 1))
    contacts = take(desk, ("repairs@hall.example", ours, 2, FolderRole.SENT))
    assert sorted(contact.direction.value for contact in contacts) == ["in", "out"]


def test_a_mail_moved_out_and_back_is_one_contact_with_two_sightings(desk):
    [contact] = take(desk, inbox("repairs@hall.example", mail()), inbox("repairs@hall.example", mail(), 9))
    assert contact.routes == ("repairs@hall.example",)
    assert len(contact.deliveries) == 2


def test_mails_without_a_message_id_are_the_same_only_byte_for_byte(desk):
    bare = mail(message_id=None)
    again = bare.replace(b"gate is", b"gate was")
    contacts = take(desk, inbox("a@hall.example", bare), inbox("b@hall.example", bare), inbox("a@hall.example", again))
    assert sorted(len(contact.deliveries) for contact in contacts) == [1, 2]
