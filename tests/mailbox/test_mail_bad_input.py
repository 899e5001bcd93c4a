"""Hostile and broken mail: always kept, never an exception, always a sentence, and the next message is read."""

import time

import pytest

from triage_mailbox.child import ParserChild, parse_here
from triage_mailbox.testing import build_mail, raw_mail

HEAD = (
    b"From: Ada <ada@x.example>\r\nSubject: Bad\r\nMessage-ID: <bad@x.example>\r\n"
    b"Date: Mon, 2 Mar 2026 09:00:00 +0000\r\n"
)


def nested(depth):
    opening = HEAD + b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n"
    for level in range(1, depth):
        opening += b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (level - 1, level)
    return opening + b"--b%d\r\n\r\nhello\r\n" % (depth - 1)


def html(body):
    return HEAD + b"Content-Type: text/html\r\n\r\n" + body


SMALL = {
    "nothing": b"",
    "nul only": b"\0" * 1000,
    "every byte": bytes(range(256)) * 40,
    "no headers": b"hello",
    "headers only": HEAD,
    "no from": b"Subject: x\r\n\r\nhello",
    "empty from": b"From: \r\n\r\nhello",
    "two from": b"From: a@x.example\r\nFrom: b@x.example\r\n\r\nhello",
    "group from": b"From: undisclosed-recipients:;\r\n\r\nhello",
    "from of comments": b"From: " + b"(" * 500 + b")" * 500 + b" a@x.example\r\n\r\nhello",
    "from of open comments": b"From: " + b"(" * 50_000 + b" a@x.example\r\n\r\nhello",
    "empty id": HEAD.replace(b"<bad@x.example>", b"<>") + b"\r\nhello",
    "id of brackets": HEAD.replace(b"<bad@x.example>", b"[<x@[y]>") + b"References: [[[<<>>\r\n\r\nhello",
    "year of eleven digits": HEAD.replace(b"2026", b"99999999999") + b"\r\nhello",
    "no boundary": HEAD + b"Content-Type: multipart/mixed\r\n\r\nhello",
    "wrong boundary": HEAD + b"Content-Type: multipart/alternative; boundary=zz\r\n\r\n--yy\r\n\r\nhello",
    "unclosed boundary": HEAD + b"Content-Type: multipart/mixed; boundary=zz\r\n\r\n--zz\r\n\r\nhello",
    "bad base64": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n!!!!=",
    "unknown encoding": HEAD + b"Content-Transfer-Encoding: x-evil\r\n\r\nhello",
    "broken uuencode": HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\nM\n",
    "lone surrogates": HEAD + b"Content-Type: text/plain; charset=utf-16\r\n\r\n" + b"\xff\xfe\x00\xd8a\x00",
    "surrogates in utf-8": HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\nx\xed\xa0\x80y",
    "bad file name": HEAD + b"Content-Type: application/pdf; name*0*=utf-8''%%%; name*1=x\r\n\r\nhello",
    "deep html": html(b"<div>" * 5_000 + b"hello"),
    "unclosed html": html(b"<p class='hello"),
    "nested tables": html(b"<table><tr><td>" * 500 + b"hello"),
    "nested messages": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 2_000 + b"hello",
    "500 nested parts": nested(500),
    "5,000 nested parts": nested(5_000),
    "3,000 parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 3_000 + b"--b--",
    "16,000 recipients": HEAD + b"To: " + b", ".join(b"p%d@x.example" % n for n in range(16_000)) + b"\r\n\r\nhello",
    "20,000 header lines": b"".join(b"X-%d: y\r\n" % n for n in range(20_000)) + HEAD + b"\r\nhello",
    "20,000 introductions": HEAD + b"\r\n" + b"On x wrote:\n" * 20_000,
    "20,000 from lines": HEAD + b"\r\n" + b"From: a\nSent: b\n" * 20_000,
    "a line of two million": HEAD + b"\r\n" + b"a" * 2_000_000,
}


@pytest.fixture(scope="module")
def child():
    with ParserChild() as parser:
        yield parser


@pytest.mark.parametrize("content", SMALL.values(), ids=SMALL.keys())
def test_bad_mail_is_read_or_refused_with_a_sentence_in_bounded_time(content, child):
    begun = time.monotonic()
    message = child.parse(raw_mail(content))
    assert time.monotonic() - begun < 35
    assert "".join(message.text[part.start : part.end] for part in message.segments) == message.text
    assert message.text.strip() or message.unreadable or message.subject
    message.text.encode()
    "".join(message.problems).encode()
    assert "\0" not in message.text + message.subject
    assert message.sent is not None
    assert message.sent.tzinfo is not None


def test_the_next_message_is_read_after_each_bad_one(child):
    for content in (SMALL["5,000 nested parts"], SMALL["every byte"], SMALL["nested messages"]):
        child.parse(raw_mail(content))
        assert child.parse(raw_mail()).own_text == "The lift is broken again."


def test_nesting_that_cannot_be_read_keeps_the_headers(child):
    message = child.parse(raw_mail(SMALL["5,000 nested parts"]))
    assert "nest too deeply" in message.unreadable
    assert (message.message_id, message.subject) == ("bad@x.example", "Bad")
    assert message.sender.email == "ada@x.example"


def test_words_that_can_be_rescued_are(child):
    for name in (
        "no boundary",
        "wrong boundary",
        "unclosed boundary",
        "unknown encoding",
        "deep html",
        "nested tables",
    ):
        assert "hello" in child.parse(raw_mail(SMALL[name])).own_text, name


def test_a_hundred_thousand_parts_cost_one_message():
    content = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n" + b"--b\r\n\r\n" * 100_000
    with ParserChild(seconds=3) as parser:
        first = parser.parse(raw_mail(content))
        assert first.subject == "Bad"
        assert first.unreadable or any("2,000 parts" in problem for problem in first.problems)
        assert parser.parse(raw_mail()).own_text == "The lift is broken again."


def test_fifty_megabytes_cost_one_message(child):
    content = build_mail("The beginning.") + b"word " * 10_000_000
    message = child.parse(raw_mail(content))
    assert message.own_text.startswith("The beginning.")
    assert any("only its first" in problem for problem in message.problems)
    assert child.parse(raw_mail()).own_text == "The lift is broken again."


def test_no_bad_mail_raises_without_the_child_either():
    for name, content in SMALL.items():
        if "000" not in name:
            assert parse_here(raw_mail(content)).channel == "email", name
