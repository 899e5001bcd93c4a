"""Parsing in a process that can be killed."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from triage_mailbox import wire
from triage_mailbox.child import ParserChild, parse_here
from triage_mailbox.messages import Attachment, Mark
from triage_mailbox.testing import build_mail, raw_mail, raw_transcript

# A header with 100,000 parameters: minutes of work for the library beneath.
SLOW = (
    b"From: Ada <ada@x.example>\r\nSubject: Slow\r\nMessage-ID: <slow@x.example>\r\nContent-Type: text/plain; "
    + b"; ".join(b"p%d=x" % number for number in range(100_000))
    + b"\r\n\r\nhello"
)


def test_the_child_reads_as_this_process_does():
    mail = raw_mail(
        build_mail("No.\n\nSam", html="<p>No.</p><p hidden>x</p>", attachments=[("a.pdf", "application/pdf", b"x")])
    )
    call = raw_transcript(
        b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>Hello\n\n00:03.000 --> 00:04.000\n<v Caller>**** off\n"
    )
    with ParserChild() as parser:
        assert parser.parse(mail) == parse_here(mail)
        assert parser.parse(call) == parse_here(call)


def test_a_message_survives_the_wire():
    message = parse_here(raw_mail(build_mail(cc="b@x.example", headers={"Auto-Submitted": "auto-replied"})))
    assert message.marks == {Mark.AUTO}
    assert wire.load(wire.dump(message)) == message


def test_a_slow_message_is_stopped_and_the_next_is_read():
    with ParserChild(seconds=1, wall_seconds=60) as parser:
        parser.parse(raw_mail())
        message = parser.parse(raw_mail(SLOW))
        assert "more than 1 seconds of computing" in message.unreadable
        assert (message.subject, message.message_id, message.sender.email) == (
            "Slow",
            "slow@x.example",
            "ada@x.example",
        )
        assert parser.parse(raw_mail()).own_text == "The lift is broken again."


def test_a_message_that_only_waits_is_stopped_by_the_clock():
    with ParserChild(seconds=100, wall_seconds=1) as parser:
        parser.parse(raw_mail())
        begun = time.monotonic()
        assert "longer than 1 seconds" in parser.parse(raw_mail(SLOW)).unreadable
        assert time.monotonic() - begun < 10
        assert parser.parse(raw_mail()).own_text == "The lift is broken again."


def test_a_message_that_needs_too_much_memory_is_refused_and_the_next_is_read():
    content = b"Subject: Lift\r\nContent-Type: application/pdf\r\n\r\n" + b"x" * 60_000_000
    with ParserChild(memory_bytes=250 * 1024 * 1024) as parser:
        message = parser.parse(raw_mail(content))
        assert "memory" in message.unreadable
        assert message.subject == "Lift"
        assert parser.parse(raw_mail()).own_text == "The lift is broken again."


def test_a_child_killed_while_idle_costs_no_message():
    with ParserChild() as parser:
        parser.parse(raw_mail())
        os.kill(parser._process.pid, signal.SIGKILL)
        parser._process.wait()
        assert parser.parse(raw_mail()).own_text == "The lift is broken again."


def test_the_child_has_no_secrets_of_this_process(monkeypatch):
    monkeypatch.setenv("TRIAGE_PASSWORD", "canary")
    with ParserChild() as parser:
        parser.parse(raw_mail())
        with open(f"/proc/{parser._process.pid}/environ", "rb") as file:
            assert b"canary" not in file.read()


def test_closing_ends_the_child_and_parsing_starts_another():
    parser = ParserChild()
    parser.parse(raw_mail())
    process = parser._process
    parser.close()
    assert process.returncode is not None
    assert parser.parse(raw_mail()).own_text == "The lift is broken again."
    parser.close()


def test_a_child_ends_with_its_parent():
    code = (
        "from triage_mailbox.child import ParserChild; from triage_mailbox.testing import raw_mail\n"
        "p = ParserChild(); p.parse(raw_mail()); print(p._process.pid, flush=True); import os; os._exit(1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    until = time.monotonic() + 10
    while time.monotonic() < until and os.path.exists(f"/proc/{pid}/fd"):
        with open(f"/proc/{pid}/stat") as file:
            if file.read().rpartition(")")[2].split()[0] == "Z":
                return
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}")


def test_nothing_is_started_before_it_is_needed():
    with ParserChild() as parser:
        assert parser._process is None


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\r\nb.pdf", "=?utf-8?q?caf=C3=A9.pdf?=", "x" * 500])
def test_an_attachments_name_is_one_line_and_bounded(name):
    content = build_mail("x", attachments=[("NAME", "application/pdf", b"x")]).replace(b"NAME", name.encode())
    (attachment,) = parse_here(raw_mail(content)).attachments or (Attachment(name="", content_type="", size=0),)
    assert "\n" not in attachment.name
    assert len(attachment.name) <= 200


def test_three_hundred_small_mails_are_read_in_seconds():
    with ParserChild() as parser:
        parser.parse(raw_mail())
        begun = time.monotonic()
        for number in range(300):
            mail = raw_mail(build_mail(f"Letter {number}", message_id=f"<{number}@x.example>"))
            assert parser.parse(mail).own_text == f"Letter {number}"
        assert time.monotonic() - begun < 30


@pytest.mark.parametrize("sidecar", [None, b"", b'{"from": null}\n'])
def test_a_raw_message_crosses_to_the_child_unchanged(sidecar):
    raw = replace(
        raw_transcript(b"WEBVTT\n\n\x00\xff\n", sidecar=sidecar), name="caf\u00e9 \udcff.vtt", truncated_from=9
    )
    assert wire.load_raw(wire.dump_raw(raw)) == raw
