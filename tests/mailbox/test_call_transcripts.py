"""Call transcripts: WebVTT with voices and Contact Lens JSON, whole and broken."""

import json
from datetime import UTC, datetime

import pytest

from triage_mailbox.child import parse_here
from triage_mailbox.messages import Speaker
from triage_mailbox.testing import raw_transcript
from triage_mailbox.testing.mail import SENT
from triage_mailbox.transcripts import detect, is_complete

VTT = b"""WEBVTT

NOTE made by the telephone system

1
00:00:01.000 --> 00:00:03.500
<v Agent>Repairs, how can I help?

00:00:04.000 --> 00:00:06.000
<v Customer>The <i>lift</i> is broken

00:00:06.000 --> 00:00:08.250 align:start
<v Customer>and nobody f***ing comes. **** it.
"""
FACTS = {
    "call_id": "C-17",
    "started": "2026-03-02T10:00:00+01:00",
    "from": "07700 900123",
    "route": "repairs line",
    "direction": "in",
    "agent": "Lorraine Ellis",
}
LENS = {
    "Channel": "VOICE",
    "Participants": [
        {"ParticipantId": "p-1", "ParticipantRole": "AGENT"},
        {"ParticipantId": "p-2", "ParticipantRole": "CUSTOMER"},
    ],
    "Transcript": [
        {"ParticipantId": "p-1", "Content": "Repairs, hello.", "BeginOffsetMillis": 0, "EndOffsetMillis": 900},
        {
            "ParticipantId": "p-2",
            "Content": "You [PII] are ****.",
            "BeginOffsetMillis": 1000,
            "EndOffsetMillis": 2500,
            "Items": [
                {"Type": "pronunciation", "Confidence": 0.5, "Content": "You"},
                {"Type": "pronunciation", "Confidence": 1.0, "Content": "are"},
                {"Type": "punctuation", "Confidence": 0.0, "Content": "."},
            ],
        },
    ],
}


def parse(content, facts=FACTS, **options):
    sidecar = facts if isinstance(facts, bytes | None) else json.dumps(facts).encode()
    return parse_here(raw_transcript(content, sidecar=sidecar, **options))


def vtt(*cues):
    body = "".join(f"00:{n:02}.000 --> 00:{n + 1:02}.000\n{cue}\n\n" for n, cue in enumerate(cues))
    return f"WEBVTT\n\n{body}".encode()


def test_only_the_customers_turns_are_own_words():
    message = parse(VTT)
    assert message.channel == "call_transcript"
    assert message.own_text == "The lift is broken and nobody f***ing comes. **** it."
    assert message.text == (
        "Agent: Repairs, how can I help?\nCustomer: The lift is broken and nobody f***ing comes. **** it.\n"
    )
    assert "".join(message.text[part.start : part.end] for part in message.segments) == message.text


def test_turns_carry_their_times_and_what_was_blanked():
    agent, customer = parse(VTT).turns
    assert (agent.speaker, agent.start_ms, agent.end_ms, agent.masked, agent.certain) == (
        Speaker.AGENT,
        1000,
        3500,
        0,
        True,
    )
    assert (customer.speaker, customer.start_ms, customer.end_ms) == (Speaker.CUSTOMER, 4000, 8250)
    assert customer.masked == 2
    assert any("blanked 2 words" in problem for problem in parse(VTT).problems)


def test_the_facts_of_the_call_are_joined():
    message = parse(VTT)
    assert (message.call_id, message.from_phone, message.call_route) == ("C-17", "07700 900123", "repairs line")
    assert message.sent == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert message.direction_hint == "in"
    assert parse(VTT, FACTS | {"direction": "out"}).direction_hint == "out"


def test_without_facts_the_caller_is_withheld_and_the_files_time_is_taken():
    message = parse(VTT, None)
    assert message.from_phone is None
    assert message.sent == SENT
    assert message.call_id == "call-1.vtt"
    assert any("who called is not known" in problem for problem in message.problems)


@pytest.mark.parametrize(
    "facts", [b"", b"{", b"[]", b"\xff", b'{"started": 5, "from": {}, "agent": []}', b"[" * 100_000]
)
def test_broken_facts_cost_only_the_facts(facts):
    message = parse(VTT, facts)
    assert message.from_phone is None
    assert message.own_text
    assert message.problems


def test_a_start_without_a_zone_is_not_believed():
    message = parse(VTT, FACTS | {"started": "2026-03-02T10:00:00"})
    assert message.sent == SENT
    assert any("ISO 8601" in problem for problem in message.problems)


@pytest.mark.parametrize(
    ("voices", "speakers"),
    [
        (("Adviser", "Caller"), (Speaker.AGENT, Speaker.CUSTOMER)),
        (("Advisor 1", "Tenant"), (Speaker.AGENT, Speaker.CUSTOMER)),
        (("Lorraine", "Ivy"), (Speaker.AGENT, Speaker.CUSTOMER)),
        (("Ivy", "Lorraine Ellis"), (Speaker.CUSTOMER, Speaker.AGENT)),
        (("System", "Customer"), (Speaker.SYSTEM, Speaker.CUSTOMER)),
    ],
)
def test_roles_come_from_known_words_or_the_agents_name(voices, speakers):
    message = parse(vtt(*(f"<v {voice}>Good morning" for voice in voices)))
    assert tuple(turn.speaker for turn in message.turns) == speakers
    assert all(turn.certain for turn in message.turns)


def test_an_interpreter_is_a_third_party():
    message = parse(vtt("<v Agent>Hello", "<v Interpreter>He says hello", "<v Customer>Yes"))
    assert [turn.speaker for turn in message.turns] == [Speaker.AGENT, Speaker.THIRD_PARTY, Speaker.CUSTOMER]
    assert message.own_text == "Yes"


def test_unknown_voices_are_scored_and_said_to_be_uncertain():
    message = parse(vtt("<v spk_0>Good morning", "<v spk_1>The lift is broken"), FACTS | {"agent": None})
    assert [turn.certain for turn in message.turns] == [False, False]
    assert message.own_text == "Good morning\nThe lift is broken"
    assert any("not certain" in problem for problem in message.problems)


def test_who_greets_like_a_landlords_line_is_taken_as_the_agent():
    cues = ("<v spk_0>You're through to repairs, how can I help?", "<v spk_1>The lift is broken")
    message = parse(vtt(*cues), FACTS | {"agent": None})
    assert [turn.speaker for turn in message.turns] == [Speaker.AGENT, Speaker.CUSTOMER]
    assert not any(turn.certain for turn in message.turns)
    assert message.own_text == "The lift is broken"


def test_two_voices_in_one_cue_are_two_turns():
    message = parse(vtt("<v Agent>Hello</v>\n<v Customer>Is that repairs?</v>"))
    assert [(turn.speaker, turn.text) for turn in message.turns] == [
        (Speaker.AGENT, "Hello"),
        (Speaker.CUSTOMER, "Is that repairs?"),
    ]


def test_a_name_and_a_colon_is_a_voice_too():
    message = parse(vtt("Agent: Hello", "Customer: The lift is broken"))
    assert message.own_text == "The lift is broken"


def test_contact_lens_turns_are_read_by_their_participants():
    agent, customer = parse(json.dumps(LENS).encode()).turns
    assert (agent.speaker, agent.text, agent.confidence) == (Speaker.AGENT, "Repairs, hello.", None)
    assert (customer.speaker, customer.start_ms, customer.end_ms) == (Speaker.CUSTOMER, 1000, 2500)
    assert (customer.confidence, customer.masked, customer.certain) == (0.75, 2, True)


def test_call_analytics_names_the_role_in_each_turn():
    turns = [{"ParticipantRole": "CUSTOMER", "Content": "Hello"}, {"ParticipantRole": "AGENT", "Content": "Hi"}]
    message = parse(json.dumps({"Transcript": turns}).encode())
    assert message.own_text == "Hello"
    assert all(turn.certain for turn in message.turns)


def test_words_redacted_in_the_sound_alone_count_as_blanked():
    turn = {"ParticipantRole": "CUSTOMER", "Content": "My name is", "Redaction": {"RedactedTimestamps": [{}, {}]}}
    assert parse(json.dumps({"Transcript": [turn]}).encode()).turns[0].masked == 2


HALF = json.dumps(LENS).encode()
BROKEN = {
    "nothing": b"",
    "a mark of byte order": b"\xef\xbb\xbf\n",
    "nul": b"\0" * 500,
    "some text": b"hello there",
    "half json": HALF[: len(HALF) // 2],
    "json without its end": HALF[:-1],
    "json of another kind": b'{"results": []}',
    "json without turns": b'{"Transcript": []}',
    "turns of another kind": b'{"Transcript": [1, "x", null, {}, {"Content": 5}]}',
    "deep json": b'{"Transcript": [' + b"[" * 200_000,
    "a number of a million digits": b'{"Transcript": [' + b"9" * 1_000_000 + b"]}",
    "not a number": b'{"Transcript": [NaN]}',
    "header alone": b"WEBVTT\n\n",
    "header and half a cue": b"WEBVTT\n\n00:00:01.000 --> 00:0",
    "cue without words": b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n",
    "unclosed voice": b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Customer",
    "no header and no words": b"00:00:01.000 --> 00:00:02.000\n\n",
    "a letter": b"Dear Sir,\n\nRe: the boiler\nNote: it is cold.\n",
    "a sealed vcon": b'{"payload": "e30", "signatures": []}',
    "a vcon that breaks the draft": b'{"uuid": "u", "vcon": "0.0.1", "parties": 5, "dialog": []}',
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_transcript_says_why_it_cannot_be_scored(content):
    message = parse(content)
    assert message.unreadable
    assert message.unreadable.endswith(".")
    assert message.turns == () or not message.own_text
    assert message.call_id == "C-17"


def test_what_can_be_read_of_a_half_written_vtt_is_read():
    message = parse(VTT[: VTT.index(b"00:00:06.000 --> 00:00:08")] + b"00:00:06.000 --> 00:0")
    assert message.own_text == "The lift is broken"
    assert message.unreadable is None
    assert any("malformed" in problem for problem in message.problems)


def test_a_lone_surrogate_in_json_becomes_a_mark():
    content = rb'{"Transcript": [{"ParticipantRole": "CUSTOMER", "Content": "a \ud800 b\u0000c"}]}'
    message = parse(content)
    assert message.own_text == "a \ufffd bc"
    message.text.encode()


def test_a_transcript_in_another_character_set_is_read():
    assert parse(vtt("<v Customer>Caf\u00e9 \u00a35").decode().encode("cp1252")).own_text == "Café £5"


def test_a_transcript_that_was_too_large_is_unreadable():
    assert "more than is read" in parse(VTT, truncated_from=2_000_000_000).unreadable


def test_a_cue_cannot_carry_markup_into_the_text():
    assert parse(vtt("<v Customer><c.red>You</c> <b>are</b> <00:00:01.000>here")).own_text == "You are here"


@pytest.mark.parametrize(
    ("content", "name", "whole"),
    [
        (VTT, "webvtt", True),
        (b"\xef\xbb\xbf" + VTT, "webvtt", True),
        (VTT.replace(b"\n", b"\r\n"), "webvtt", True),
        (VTT + b"\n00:00:09.000 --> 00:0", "webvtt", False),
        (b"WEBVTT", "webvtt", False),
        (b"WEBVTTX\n\n", None, False),
        (HALF, "contact_lens", True),
        (HALF[:-1], None, False),
        (b"", None, False),
    ],
)
def test_a_format_is_known_by_its_content(content, name, whole):
    assert detect(content) == name
    assert is_complete(content) is whole
