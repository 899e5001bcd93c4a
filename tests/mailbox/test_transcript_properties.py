"""Whatever a file holds, its reading ends soon with turns or with a sentence, and its words are covered by segments."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage_mailbox.child import parse_here
from triage_mailbox.testing import raw_transcript
from triage_mailbox.transcripts import detect, is_complete

SAMPLES = {path.name: path.read_bytes() for path in (Path(__file__).parent / "transcript_samples").iterdir()}
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30)
JSON = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
)


def check(content):
    message = parse_here(raw_transcript(content))
    assert not (message.unreadable or "").startswith("The transcript could not be read"), message.unreadable
    assert message.turns or message.unreadable
    assert "".join(message.text[part.start : part.end] for part in message.segments) == message.text
    message.text.encode()
    return message


def changed(value, data):
    """A JSON value with one part of it replaced by something else."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 4)):
        key = data.draw(st.sampled_from(sorted(value)))
        return {**value, key: changed(value[key], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 4)):
        place = data.draw(st.integers(0, len(value) - 1))
        return [*value[:place], changed(value[place], data), *value[place + 1 :]]
    return data.draw(JSON)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(name for name in SAMPLES if name.endswith("json"))), data=st.data())
def test_json_with_any_part_replaced_is_read_or_refused(name, data):
    found = json.loads(SAMPLES[name])
    for _ in range(data.draw(st.integers(1, 3))):
        found = changed(found, data)
    content = json.dumps(found).encode()
    is_complete(content)
    check(content)


@settings(max_examples=400, deadline=None)
@given(
    name=st.sampled_from(sorted(SAMPLES)),
    start=st.integers(0, 400),
    junk=st.binary(max_size=60),
    cut=st.integers(0, 60),
)
def test_bytes_put_in_or_cut_out_anywhere_are_read_or_refused(name, start, junk, cut):
    content = SAMPLES[name]
    start = min(start, len(content))
    content = content[:start] + junk + content[start + cut :]
    detect(content)
    check(content)


LONG = {
    "one word": b"Agent: hello\nCustomer: " + b"a" * 3_000_000,
    "stars": b"Agent: hello\nCustomer: " + b"*" * 3_000_000,
    "brackets": b"Agent: hello\nCustomer: " + b"[PII " * 600_000,
    "many voices": b"".join(b"Speaker %d: hello there\n" % n for n in range(60_000)),
    "many cues": b"WEBVTT\n\n" + b"00:01.000 --> 00:02.000\n<v A>hm\n\n" * 40_000,
    "timing lines": b"00:00:01,000 --> 00:00:02,000\n" * 100_000,
    "commas and times": b"0:00:01.000,0:00:02.000\n" + b"1:1:" + b"," * 3_000_000,
    "colons": b"Agent: hi\nCustomer: hi\n" + b"a: " * 1_000_000,
    "newlines": b"1\n00:00:01,000 --> 00:00:02,000\nhello" + b"\n" * 3_000_000 + b"2",
    "open tags": b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"<v " * 1_000_000,
    "turns": json.dumps({"Transcript": [{"ParticipantId": str(n), "Content": "x"} for n in range(60_000)]}).encode(),
    "items": json.dumps(
        {
            "results": {
                "transcripts": [],
                "items": [{"type": "pronunciation", "alternatives": [{"content": "x"}]}] * 90_000,
            }
        }
    ).encode(),
    "utterances": json.dumps(
        {"audio_url": "", "utterances": [{"speaker": str(n), "text": "a" * 50} for n in range(40_000)]}
    ).encode(),
}


@pytest.mark.parametrize("content", LONG.values(), ids=LONG.keys())
def test_long_files_are_read_in_bounded_time(content):
    started = time.process_time()
    check(content)
    assert time.process_time() - started < 10
