"""Each format of the table is read as it is written, by its content alone; real files of each vendor are read too."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.components import require, shared_folder
from triage_mailbox.child import parse_here
from triage_mailbox.messages import Speaker
from triage_mailbox.testing import raw_transcript
from triage_mailbox.transcripts import JSON_FORMATS, TEXT_FORMATS, detect, is_complete

SAMPLES = Path(__file__).parent / "transcript_samples"
A, C, S = Speaker.AGENT, Speaker.CUSTOMER, Speaker.SYSTEM
SURE, GUESSED = True, False

# file: the format, whether the roles are sure, and each turn's speaker, words and start in ms
EXPECTED = {
    "webvtt.vtt": (
        "webvtt",
        SURE,
        [(A, "Repairs, how can I help?", 500), (C, "The lift is out again.", 3500)],
    ),
    "teams.vtt": (
        "webvtt",
        GUESSED,
        [
            (A, "Good morning, how can I help?", 2100),
            (C, "My boiler has been off since Friday. And it is ****ing freezing.", 5000),
        ],
    ),
    "subrip.srt": (
        "subtitles",
        SURE,
        [(A, "Housing, good morning.", 1000), (C, "The flat above is flooding mine. Again.", 3000)],
    ),
    "subviewer.sbv": ("subtitles", SURE, [(A, "Rents team.", 378), (C, "I cannot pay this week.", 3000)]),
    "contact_lens_call.json": (
        "contact_lens",
        SURE,
        [(A, "Hello, repairs.", 0), (C, "It is [PII]. The door will not lock.", 1200)],
    ),
    "contact_lens_chat.json": (
        "contact_lens",
        SURE,
        [(S, "Welcome to the chat.", 0), (C, "Is anybody there?", 10_500), (A, "Yes, good morning.", 60_000)],
    ),
    "transcribe_speakers.json": (
        "transcribe",
        GUESSED,
        [(A, "Repairs, how can I help?", 100), (C, "The bin store stinks.", 2000)],
    ),
    "transcribe_channels.json": (
        "transcribe",
        GUESSED,
        [(A, "How can I help?", 0), (C, "My boiler is off.", 1500)],
    ),
    "post_call.json": ("post_call", SURE, [(A, "Hello, rents.", 500), (C, "I was charged twice.", 2000)]),
    "deepgram_utterances.json": (
        "deepgram",
        GUESSED,
        [(A, "You're through to repairs.", 200), (C, "The s*** drain is blocked.", 2000)],
    ),
    "deepgram_words.json": ("deepgram", GUESSED, [(A, "Thank you for calling.", 100), (C, "No heat.", 2000)]),
    "assemblyai.json": (
        "assemblyai",
        GUESSED,
        [(A, "Welcome to housing.", 120), (C, "I'm ringing about the damp.", 1800)],
    ),
    "whisper.json": ("whisper", GUESSED, [(C, "The window will not close. It is raining in.", 0)]),
    "whisperx.json": (
        "whisper",
        GUESSED,
        [(A, "How can I help?", 0), (C, "My ceiling fell.", 2500), (A, "Right.", 3600)],
    ),
    "whisper_cpp.json": ("whisper", GUESSED, [(C, "The gate is broken.", 0)]),
    "labelled.txt": (
        "labelled",
        SURE,
        [
            (A, "Repairs, Lorraine speaking.", 1000),
            (C, "It is about the stairs. The light has been out for a week.", 4000),
            (A, "I have raised that.", 12_000),
        ],
    ),
    "vcon_texts.json": ("vcon", SURE, [(A, "Repairs, how can I help?", 0), (C, "The roof leaks.", 6000)]),
    "vcon_analysis.json": ("vcon", SURE, [(A, "Priya from repairs.", None), (C, "At last.", None)]),
}


def read(name, **options):
    return parse_here(raw_transcript((SAMPLES / name).read_bytes(), name="anything.json", **options))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_format_gives_its_turns_with_speakers_and_offsets(name):
    form, sure, turns = EXPECTED[name]
    content = (SAMPLES / name).read_bytes()
    assert detect(content) == form
    assert is_complete(content)
    message = read(name)
    assert [(turn.speaker, turn.text, turn.start_ms) for turn in message.turns] == turns
    assert all(turn.certain is sure for turn in message.turns)
    assert any("not certain" in problem for problem in message.problems) is not sure


def test_every_format_of_the_table_has_a_sample_and_every_sample_a_line_here():
    assert {form for form, _, _ in EXPECTED.values()} == {form.name for form in (*JSON_FORMATS, *TEXT_FORMATS)}
    assert {path.name for path in SAMPLES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.endswith("json")])
def test_json_cut_off_anywhere_is_never_taken_for_whole(name):
    content = (SAMPLES / name).read_bytes().rstrip()
    for length in range(1, len(content), 37):
        assert not is_complete(content[:length])
        assert parse_here(raw_transcript(content[:length])).unreadable


def test_a_chat_is_a_chat_and_not_a_call():
    assert read("contact_lens_chat.json").channel == "live_chat"
    assert read("contact_lens_call.json").channel == "call_transcript"
    assert read("contact_lens_chat.json").sent == datetime(2026, 3, 2, 9, 0, 1, tzinfo=UTC)


def test_a_vcon_says_itself_who_called_and_when_and_the_systems_facts_go_before_it():
    message = read("vcon_texts.json")
    assert (message.from_phone, message.call_id) == ("+447700900123", "0195aaaa-0000-8000-8000-000000000001")
    assert message.sent == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert not any("who called" in problem for problem in message.problems)
    assert read("vcon_analysis.json").direction_hint == "out"
    facts = json.dumps({"call_id": "C-1", "from": "07700 900999", "route": "repairs line"}).encode()
    told = read("vcon_texts.json", sidecar=facts)
    assert (told.from_phone, told.call_id, told.call_route) == ("07700 900999", "C-1", "repairs line")
    assert told.sent == message.sent


def test_what_a_vcon_keeps_elsewhere_is_named_without_its_address():
    (problem,) = [problem for problem in read("vcon_texts.json").problems if "elsewhere" in problem]
    assert "call.wav" in problem
    assert "secretsecret" not in problem
    assert "//" not in problem


def test_a_vcon_with_a_recording_alone_asks_for_it():
    found = json.loads((SAMPLES / "vcon_texts.json").read_bytes())
    found["dialog"] = found["dialog"][:1]
    message = parse_here(raw_transcript(json.dumps(found).encode()))
    assert "holds no words of its own" in message.unreadable
    assert "call.wav" in message.unreadable
    assert "secretsecret" not in message.unreadable


def test_a_hidden_name_is_counted_and_not_called_strong_language():
    message = read("contact_lens_call.json")
    assert [turn.masked for turn in message.turns] == [0, 1]
    (problem,) = [problem for problem in message.problems if "blanked" in problem]
    assert "filter" not in problem
    (problem,) = [problem for problem in read("deepgram_utterances.json").problems if "blanked" in problem]
    assert "1 of them stand" in problem


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        ("you are a s***", 1),
        ("**** off", 1),
        ("[expletive] off", 1),
        ("[ __ ] off", 1),
        ("I am [NAME] of [STREET_ADDRESS]", 2),
        ("my card is #### ####", 2),
        ("[REDACTED_1] and <redacted>", 2),
        ("well [inaudible] then", 1),
        ("flat #3, 2 * 3, [sic], (laughs), I AM [REALLY] CROSS", 0),
    ],
)
def test_words_that_were_hidden_are_counted(words, hidden):
    body = json.dumps({"Transcript": [{"ParticipantRole": "CUSTOMER", "Content": words}]}).encode()
    (turn,) = parse_here(raw_transcript(body)).turns
    assert turn.masked == hidden
    assert turn.text == words


def test_what_was_heard_badly_sends_a_person_to_the_moment_in_the_audio():
    (problem,) = [problem for problem in read("deepgram_utterances.json").problems if "audio" in problem]
    assert "1 turns" in problem
    assert "at 0:02" in problem
    assert not any("audio" in problem for problem in read("assemblyai.json").problems)


@pytest.mark.parametrize(
    ("first", "second", "agent"),
    [
        ("Can I take your postcode please?", "Yes, it is N1.", 0),
        ("Hello?", "Thank you for holding, you're through to lettings.", 1),
        ("I live at Spinners Fold and my boiler is off.", "Right.", 1),
        ("Hello?", "Hello?", None),
        ("How can I help?", "How can I help?", None),
    ],
)
def test_roles_are_guessed_from_what_each_side_says_and_only_where_it_tells(first, second, agent):
    body = json.dumps(
        {"Transcript": [{"ParticipantId": "x", "Content": first}, {"ParticipantId": "y", "Content": second}]}
    )
    turns = parse_here(raw_transcript(body.encode())).turns
    assert [turn.speaker is A for turn in turns] == [number == agent for number in (0, 1)]
    assert not any(turn.certain for turn in turns)


# real files, beside the checkout in development


@pytest.fixture(scope="module")
def calls():
    require("shared")
    return shared_folder() / "data" / "call_transcripts"


@pytest.mark.shared
@pytest.mark.parametrize(
    ("folder", "form", "fewest", "of"),
    [
        ("amazon_transcribe", "contact_lens", 1, 2),
        ("amazon_transcribe", "post_call", 1, 2),
        ("deepgram_assemblyai_whisper", "deepgram", 3, 5),
        ("deepgram_assemblyai_whisper", "assemblyai", 1, 5),
        ("deepgram_assemblyai_whisper", "whisper", 1, 5),
        ("srt", "subtitles", 2, 2),
        ("vtt_js", "webvtt", 14, 19),
        ("webvtt_py", "webvtt", 8, 16),
        ("webvtt_py", "subtitles", 5, 16),
        ("vcon_synthetic", "vcon", 151, 151),
        ("vcon_server_dataset", "vcon", 18, 18),
    ],
)
def test_real_files_are_recognised_and_read(calls, folder, form, fewest, of):
    found = [p for p in sorted((calls / folder).rglob("*")) if p.is_file() and "LICENSE" not in p.name]
    assert len(found) == of
    mine = [path for path in found if detect(path.read_bytes()) == form]
    messages = [parse_here(raw_transcript(path.read_bytes(), name=path.name)) for path in mine]
    assert sum(message.unreadable is None and bool(message.turns) for message in messages) >= fewest


@pytest.mark.shared
def test_the_documents_contact_lens_examples_are_read_with_their_speakers(calls):
    text = (calls / "amazon_contact_lens/contact-lens-example-output-files.md").read_text("utf-8")
    blocks = re.findall(r"```\n(\{.*?\n\})\s*```", text, re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        plain = re.sub(r",(\s*[}\]])", r"\1", re.sub(r"//[^\n]*", "", block))
        found, _ = json.JSONDecoder().raw_decode(plain)  # one example ends with a bracket too many
        message = parse_here(raw_transcript(json.dumps(found).encode()))
        assert message.unreadable is None
        assert {turn.speaker for turn in message.turns} <= {A, C}
        assert all(turn.certain for turn in message.turns)


@pytest.mark.shared
def test_vcons_whose_parties_have_roles_are_read_with_sure_roles_and_the_callers_number(calls):
    found = sorted((calls / "vcon_server_dataset").glob("*.json"))
    messages = [parse_here(raw_transcript(path.read_bytes(), name=path.name)) for path in found]
    assert all(turn.certain for message in messages for turn in message.turns)
    assert all({A, C} <= {turn.speaker for turn in message.turns} for message in messages)
    assert all(message.from_phone and any("not fetched" in p for p in message.problems) for message in messages)
