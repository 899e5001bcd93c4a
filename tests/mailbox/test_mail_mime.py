"""Ordinary mail: addresses, dates, character sets, HTML, attachments, marks."""

from datetime import UTC, datetime, timedelta

import pytest

from triage_mailbox.child import parse_here
from triage_mailbox.messages import Address, FolderRole, Mark, SegmentKind
from triage_mailbox.testing import build_mail, raw_mail
from triage_mailbox.testing.mail import SENT


def parse(content=None, **options):
    return parse_here(raw_mail(content, **options))


def with_body(body: bytes, content_type="text/plain; charset=utf-8", encoding="8bit"):
    head = f"From: a@x.example\r\nMessage-ID: <1@x>\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\nSubject: s\r\nContent-Type: {content_type}\r\n"
    return head.encode() + f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def test_an_ordinary_mail_is_understood():
    content = build_mail(
        "The lift is broken.\n",
        subject="Lift – again",
        cc="Bob <Bob@X.example>, cy@x.example",
        in_reply_to="<zero@tarnside.example>",
        references=["<a@x>", "<b@x>"],
    )
    message = parse(content)
    assert message.channel == "email"
    assert message.direction_hint == "in"
    assert message.sender == Address(name="Ada Marsh", email="ada.marsh@larkpost.example")
    assert message.to == (Address(name="", email="help@tarnside.example"),)
    assert message.cc == (Address(name="Bob", email="bob@x.example"), Address(name="", email="cy@x.example"))
    assert message.subject == "Lift – again"
    assert (message.message_id, message.in_reply_to) == ("one@larkpost.example", "zero@tarnside.example")
    assert message.references == ("a@x", "b@x")
    assert message.sent == SENT
    assert message.own_text == "The lift is broken."
    assert message.problems == ()
    assert message.unreadable is None
    assert message.marks == frozenset()


def test_mail_in_a_sent_folder_went_out():
    assert parse(role=FolderRole.SENT).direction_hint == "out"


def test_the_time_zone_of_a_date_is_honoured():
    content = build_mail(sent=datetime(2026, 7, 1, 9, 0, tzinfo=UTC).astimezone(tz=None))
    assert parse(content, received=datetime(2026, 7, 1, 9, 1, tzinfo=UTC)).sent == datetime(
        2026, 7, 1, 9, 0, tzinfo=UTC
    )
    eastern = build_mail(sent=None, headers={"Date": "Wed, 1 Jul 2026 09:00:00 -0500"})
    assert parse(eastern, received=datetime(2026, 7, 2, tzinfo=UTC)).sent == datetime(2026, 7, 1, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize("date", ["yesterday", "Mon, 99 Foo 20266 99:99:99 +9999", "", None])
def test_a_date_that_is_none_falls_back_to_the_arrival(date):
    message = parse(build_mail(sent=None, headers={"Date": date} if date is not None else {}))
    assert message.sent == SENT
    assert any("time of arrival" in problem for problem in message.problems)


def test_a_date_from_the_future_falls_back_to_the_arrival():
    message = parse(build_mail(sent=SENT + timedelta(days=400)))
    assert message.sent == SENT
    assert any("after the message arrived" in problem for problem in message.problems)


@pytest.mark.parametrize(
    ("body", "charset", "words"),
    [
        ("Café £500".encode(), "utf-8", "Café £500"),
        ("Café £500".encode("cp1252"), "iso-8859-1", "Café £500"),
        ("“Café” £500".encode("cp1252"), "us-ascii", "“Café” £500"),
        ("Café £500".encode("cp1252"), "utf-8", "Café £500"),
        ("Café £500".encode(), "x-evil", "Café £500"),
        ("Café £500".encode(), "utf-7", "Café £500"),
        ("Café £500".encode(), "unicode_escape", "Café £500"),
        ("Café".encode("utf-16"), "utf-16", "Café"),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет"),
    ],
)
def test_words_are_decoded_as_declared_then_as_utf8_then_as_windows_1252(body, charset, words):
    assert parse(with_body(body, f"text/plain; charset={charset}", "binary")).own_text == words


@pytest.mark.parametrize("charset", ["x-evil", "utf-7", "base64", "idna", "rot13", "unicode_escape"])
def test_an_unknown_character_set_is_said(charset):
    message = parse(with_body(b"Plain words", f"text/plain; charset={charset}"))
    assert message.own_text == "Plain words"
    assert any(charset in problem for problem in message.problems)


def test_no_character_set_and_bytes_beyond_ascii():
    message = parse(with_body("£500".encode("cp1252"), "text/plain"))
    assert message.own_text == "£500"
    assert any("Windows-1252" in problem for problem in message.problems)


def test_nul_and_control_characters_are_taken_out_and_said():
    message = parse(with_body(b"You\x00 are \x1b[31mred\x07"))
    assert message.own_text == "You are [31mred"
    assert any("NUL" in problem for problem in message.problems)


def test_html_alone_is_read_as_it_is_shown():
    html = (
        "<p>You are <b>use</b>less, <span>f</span><span>o</span>ol.</p><style>p{color:red}</style><script>x()</script>"
    )
    assert parse(with_body(html.encode(), "text/html; charset=utf-8")).own_text == "You are useless, fool."


HIDDEN = {
    "display": '<div style="display:none">unseen words</div>',
    "visibility": '<div style="visibility: hidden">unseen words</div>',
    "size": '<span style="font-size:0px;">unseen words</span>',
    "attribute": "<p hidden>unseen words</p>",
    "class": "<style>.pre{display:none !important}</style><div class='pre'>unseen words</div>",
    "white": '<span style="color:#ffffff">unseen words</span>',
    "outlook": '<div style="mso-hide:all">unseen words</div>',
}


@pytest.mark.parametrize("markup", HIDDEN.values(), ids=HIDDEN.keys())
def test_words_that_the_markup_hides_are_marked_and_not_scored(markup):
    html = f"<html><head></head><body>{markup}<p>Seen words.</p></body></html>"
    message = parse(with_body(html.encode(), "text/html; charset=utf-8"))
    assert message.own_text == "Seen words."
    hidden = [
        message.text[part.start : part.end].strip() for part in message.segments if part.kind is SegmentKind.HIDDEN
    ]
    assert hidden == ["unseen words"]
    assert any("hides" in problem for problem in message.problems)


def test_white_words_on_a_coloured_ground_are_seen():
    html = '<table bgcolor="#003366"><tr><td><span style="color:#fff">Seen words.</span></td></tr></table>'
    assert parse(with_body(html.encode(), "text/html; charset=utf-8")).own_text == "Seen words."


HTML_REPLIES = {
    "gmail": '<div>No.</div><div class="gmail_quote"><div>On Tuesday R wrote:</div><blockquote>We come.</blockquote></div>',
    "outlook": '<div>No.</div><div id="divRplyFwdMsg"><b>From:</b> R<br><b>Sent:</b> Tuesday</div><div>We come.</div>',
    "outlook append": '<div>No.</div><div id="appendonsend"></div><hr><div><b>From:</b> R</div><div>We come.</div>',
    "apple": '<div>No.</div><blockquote type="cite"><div>On 3 Mar 2026, at 10:12, R wrote:</div><div>We come.</div></blockquote>',
}


@pytest.mark.parametrize("html", HTML_REPLIES.values(), ids=HTML_REPLIES.keys())
def test_quotes_that_html_marks_are_told_apart(html):
    assert parse(with_body(html.encode(), "text/html; charset=utf-8")).own_text == "No."


def test_of_two_versions_that_say_the_same_one_is_read():
    message = parse(build_mail("The lift is broken.", html="<p>The <b>lift</b> is broken.</p>"))
    assert message.text.count("broken") == 1
    assert message.problems == ()


def test_of_two_versions_that_differ_the_shown_one_is_scored():
    message = parse(build_mail("What a lovely day.", html="<p>I know where you live.</p>"))
    assert message.own_text == "I know where you live."
    assert "What a lovely day." in message.text
    assert any("plain version" in problem for problem in message.problems)


def test_an_attachment_is_named_and_not_read():
    message = parse(build_mail("See photo.", attachments=[("mould.jpg", "image/jpeg", b"\xff\xd8" + b"x" * 98)]))
    assert [(part.name, part.content_type, part.size) for part in message.attachments] == [
        ("mould.jpg", "image/jpeg", 100)
    ]
    assert message.own_text == "See photo."


def test_a_text_file_attached_is_not_the_senders_letter():
    message = parse(build_mail("See file.", attachments=[("notes.txt", "text/plain", b"somebody else's words")]))
    assert message.own_text == "See file."
    assert [part.name for part in message.attachments] == ["notes.txt"]


def test_only_a_picture_is_unreadable():
    content = with_body(b"iVBORw0KGgo=", "image/png; name=x.png", "base64")
    assert "no readable text" in parse(content).unreadable


def test_an_encrypted_message_is_unreadable():
    content = with_body(b"AAAA", "application/pkcs7-mime; name=smime.p7m", "base64")
    assert "encrypted" in parse(content).unreadable


def test_a_subject_alone_can_be_scored():
    message = parse(with_body(b""))
    assert message.unreadable is None
    assert message.subject == "s"


def test_a_message_attached_whole_is_forwarded():
    inner = build_mail("I will get you.").decode()
    body = f"--b\r\nContent-Type: text/plain\r\n\r\nHe sent me this.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--\r\n"
    message = parse(with_body(body.encode(), 'multipart/mixed; boundary="b"', "7bit"))
    assert message.own_text == "He sent me this."
    forwarded = [part for part in message.segments if part.kind is SegmentKind.FORWARDED]
    assert [message.text[part.start : part.end].strip() for part in forwarded] == ["I will get you."]


MARKS = {
    "out of office": ({"Auto-Submitted": "auto-replied"}, {Mark.AUTO}),
    "a person": ({"Auto-Submitted": "no"}, set()),
    "null return path": ({"Return-Path": "<>"}, {Mark.AUTO}),
    "exchange": ({"X-Auto-Response-Suppress": "All"}, {Mark.AUTO}),
    "precedence": ({"Precedence": "bulk"}, {Mark.LIST}),
    "list": ({"List-Id": "<news.x.example>"}, {Mark.LIST}),
}


@pytest.mark.parametrize(("headers", "marks"), MARKS.values(), ids=MARKS.keys())
def test_headers_say_what_a_message_is(headers, marks):
    assert parse(build_mail(headers=headers)).marks == marks


def test_a_bounce_is_marked_and_its_returned_letter_is_not_the_senders():
    report = (
        "--b\r\nContent-Type: text/plain\r\n\r\nMailbox full.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nAction: failed\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: a\r\n\r\nour own letter\r\n--b--\r\n"
    )
    bounce = with_body(report.encode(), 'multipart/report; report-type=delivery-status; boundary="b"', "7bit")
    message = parse(bounce)
    assert message.marks == {Mark.BOUNCE, Mark.AUTO}
    assert message.own_text == "Mailbox full."
    assert parse(b"Return-Path: <>\r\n" + bounce).marks == {Mark.BOUNCE, Mark.AUTO, Mark.REPORT}


@pytest.mark.parametrize(
    "headers",
    [
        {"Return-Path": "<>", "Auto-Submitted": "auto-generated", "Precedence": "bulk"},
        {"Return-Path": "<>", "X-Failed-Recipients": "a@b.example", "X-Trace": "multipart/report; delivery-status"},
    ],
)
def test_headers_that_anybody_can_write_make_no_report(headers):
    marks = parse(build_mail(headers=headers, sender="mailer-daemon@post.example")).marks
    assert Mark.AUTO in marks
    assert Mark.REPORT not in marks


def test_a_calendar_entry_is_marked():
    body = "--b\r\nContent-Type: text/plain\r\n\r\nVisit\r\n--b\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n--b--\r\n"
    assert Mark.CALENDAR in parse(with_body(body.encode(), 'multipart/alternative; boundary="b"', "7bit")).marks


def test_a_truncated_message_says_so():
    message = parse(build_mail("The beginning."), truncated_from=50_000_000)
    assert message.own_text == "The beginning."
    assert any("50,000,000" in problem for problem in message.problems)


def test_line_breaks_and_escapes_never_get_into_a_subject():
    content = build_mail().replace(b"Subject: Lift", b"Subject: =?utf-8?q?one=0D=0Atwo=1B=5B31m=00three?=")
    assert parse(content).subject == "one two [31mthree"


def test_segments_cover_the_text_of_a_mail_of_many_parts():
    message = parse(
        build_mail(
            "No.\n\nSam", html="<p>No.</p><p hidden>x</p><p>Sam</p>", attachments=[("a.pdf", "application/pdf", b"x")]
        )
    )
    assert "".join(message.text[part.start : part.end] for part in message.segments) == message.text
