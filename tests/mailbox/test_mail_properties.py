"""Whatever the bytes: no exception, segments that cover the text, words that a database can hold."""

from hypothesis import given, settings
from hypothesis import strategies as st

from triage_mailbox import wire
from triage_mailbox.child import parse_here, unreadable
from triage_mailbox.cleaning import clean_line, clean_text, decode
from triage_mailbox.quoting import split
from triage_mailbox.testing import raw_mail, raw_transcript

LINES = st.sampled_from(
    [
        "On Tue, 3 Mar 2026 at 10:12, R <r@t.example> wrote:",
        "On Monday your man wrote:",
        "> We will come.",
        ">> Earlier.",
        "From: R <r@t.example>",
        "Sent: 3 March 2026 10:12",
        "From: now on I want it in writing.",
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "Kind regards",
        "Sam Lee",
        "-- ",
        "Sent from my iPhone",
        "You are all useless.",
        "",
    ]
)
HEADERS = st.sampled_from(
    [
        b"From: Ada <a@x.example>",
        b"From: =?utf-8?q?=00?= <",
        b"Subject: =?x-evil?b?////?=",
        b"Date: Mon, 2 Mar 2026 09:00:00 +0000",
        b"Message-ID: <<<>",
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: multipart/alternative; boundary=b",
        b"Content-Type: message/rfc822",
        b"Content-Type: text/html; charset=utf-16",
        b"Content-Type: text/plain; charset=\xff",
        b"Content-Transfer-Encoding: base64",
        b"Content-Disposition: attachment; filename*=x''%ff",
        b"",
        b"--b",
        b"--b--",
    ]
)


def check(message):
    assert "".join(message.text[part.start : part.end] for part in message.segments) == message.text
    assert wire.load(wire.dump(message)) == message
    for words in (message.text, message.subject, message.own_text, *message.problems):
        words.encode()
        assert "\0" not in words


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(HEADERS, st.binary(max_size=40)), max_size=25))
def test_no_mail_raises(pieces):
    raw = raw_mail(b"\r\n".join(pieces))
    check(parse_here(raw))
    check(unreadable(raw, "Because."))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([b"WEBVTT\n\n", b'{"Transcript": [', b""]), st.binary(max_size=200), st.binary(max_size=60))
def test_no_transcript_raises(opening, content, sidecar):
    check(parse_here(raw_transcript(opening + content, sidecar=sidecar)))


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, max_size=20), st.booleans())
def test_segments_cover_any_letter_and_a_plain_insult_is_never_a_signature(lines, is_reply):
    text = "\n".join(lines)
    segments, _ = split(text, is_reply=is_reply)
    assert "".join(text[part.start : part.end] for part in segments) == text
    for part in segments:
        if part.kind == "signature":
            assert "useless" not in text[part.start : part.end]


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200), st.one_of(st.none(), st.text(max_size=20), st.sampled_from(["utf-16", "gb18030", "big5"]))
)
def test_any_bytes_become_clean_text(content, charset):
    text, _ = clean_text(decode(content, charset)[0])
    text.encode()
    assert not set(text) & {"\0", "\r", "\x1b"}
    assert "\n" not in clean_line(text)
