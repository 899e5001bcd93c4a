"""Other people's hard cases: every fixture is read through the child without an exception, in bounded time."""

import json
import time

import pytest

from tests.components import require, shared_folder
from triage_mailbox.child import ParserChild, parse_here
from triage_mailbox.messages import Speaker
from triage_mailbox.testing import raw_mail, raw_transcript

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def data():
    require("shared")
    return shared_folder() / "data"


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and "LICENSE" not in path.name)


def test_every_mail_fixture_is_read(data):
    found = files(data / "email_fixtures")
    assert len(found) > 400
    words = 0
    with ParserChild() as parser:
        for path in found:
            begun = time.monotonic()
            message = parser.parse(raw_mail(path.read_bytes()))
            assert time.monotonic() - begun < 30, path
            assert "".join(message.text[part.start : part.end] for part in message.segments) == message.text, path
            assert not (message.unreadable or "").startswith("The message could not be read"), path
            words += bool(message.own_text)
    assert words > 0.85 * len(found)


def test_every_transcript_fixture_is_read_or_refused_with_a_sentence(data):
    found = files(data / "call_transcripts")
    assert len(found) > 150
    for path in found:
        message = parse_here(raw_transcript(path.read_bytes(), name=path.name))
        assert message.own_text or message.unreadable, path


def test_call_analytics_output_is_read_with_its_speakers(data):
    path = data / "call_transcripts/amazon_transcribe/call_analytics_example-call.json"
    message = parse_here(raw_transcript(path.read_bytes(), name=path.name))
    assert len(message.turns) == 37
    assert {turn.speaker for turn in message.turns} == {Speaker.AGENT, Speaker.CUSTOMER}
    assert all(turn.certain for turn in message.turns)
    assert sum(turn.confidence is not None for turn in message.turns) > 30
    assert len(json.loads(path.read_bytes())["Transcript"]) == 37


def test_trimmed_replies_agree_with_another_projects_answers_or_keep_more(data):
    """Discourse's expected texts: no word that it keeps may be lost here, signatures and angled lines apart."""
    folder = data / "email_fixtures/discourse_email_reply_trimmer"
    names = sorted(path.name for path in (folder / "trimmed").iterdir())
    same, lost = 0, []
    for name in names:
        mail = b"Subject: Re: x\nContent-Type: text/plain; charset=utf-8\n\n" + (folder / "emails" / name).read_bytes()
        wanted = [line for line in (folder / "trimmed" / name).read_text(errors="replace").split("\n") if line.strip()]
        kept = "".join(parse_here(raw_mail(mail)).own_text.split())
        same += kept == "".join("".join(wanted).split())
        said = [line for line in wanted if len(line.split()) > 2 and not line.startswith(">")]
        lost += [(name, line) for line in said if "".join(line.split()) not in kept]
    assert same >= len(names) // 2
    assert {name for name, _ in lost} <= {"forwarded_message.txt"}  # there nothing but another's letter is sent on
