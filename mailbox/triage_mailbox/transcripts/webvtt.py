"""WebVTT with voices (W3C WebVTT section 4.2.2): a cue is a turn of the voice that `<v Name>` gives."""

import re

import webvtt as vtt

from triage_mailbox.cleaning import clean_text, decode
from triage_mailbox.messages import Speaker, Turn
from triage_mailbox.transcripts.call import (
    MOST_TURNS,
    CallFacts,
    TranscriptError,
    infer_roles,
    make_turn,
    masked_problem,
    uncertain_problem,
)

_SIGNATURE = re.compile(r"\A\ufeff?WEBVTT(?:[ \t\n]|\Z)")
_NAMED = re.compile(r"^([A-Z][\w .'-]{0,40}):\s+(?=\S)")
_VOICE = re.compile(r"<v(?:\.[\w.-]+)*[ \t]+([^>\n]{1,200})>")


def detect(content: bytes) -> bool:
    """Whether the file opens with the signature "WEBVTT"."""
    return bool(_SIGNATURE.match(_text(content[:200])))


def is_complete(content: bytes) -> bool:
    """Whether the last cue has its words and no tag is cut in two. The format has no end mark, so this is a good guess."""
    blocks = [block for block in _text(content).split("\n\n") if block.strip()]
    last_line = blocks[-1].rstrip().split("\n")[-1] if blocks else ""
    is_cut = "-->" in last_line or last_line.rfind("<") > last_line.rfind(">")
    return len(blocks) > 1 and "-->" in blocks[-1] and not is_cut


def read(content: bytes, facts: CallFacts) -> tuple[tuple[Turn, ...], list[str]]:
    """Turns and problems. Cues that are malformed are left out and noted; raises TranscriptError when none is left."""
    text = _text(content)
    try:
        captions = vtt.from_string(text).captions
    except (vtt.errors.MalformedFileError, vtt.errors.MalformedCaptionError, ValueError, IndexError) as error:
        raise TranscriptError("The WebVTT file is broken or was cut off; ask for it to be exported again.") from error
    problems = []
    spoken: list[tuple[str, str, int, int]] = []
    for caption in captions[:MOST_TURNS]:
        for voice, words in _voices(caption.raw_text):
            start, end = _milliseconds(caption.start), _milliseconds(caption.end)
            spoken.append((voice, words, start, end))
    if len(captions) > MOST_TURNS:
        problems.append(f"The transcript has {len(captions):,} cues; only the first {MOST_TURNS:,} were read.")
    lost = text.count("-->") - len(captions)
    if lost > 0:
        problems.append(f"{lost} cues of the transcript are malformed and could not be read.")
    if not spoken:
        raise TranscriptError("The WebVTT file holds no cue with words; ask for it to be exported again.")
    turns = _joined(spoken, facts)
    return turns, problems + uncertain_problem(turns) + masked_problem(turns)


def _text(content: bytes) -> str:
    return clean_text(decode(content, "utf-8")[0])[0]


def _voices(payload: str) -> list[tuple[str, str]]:
    """(voice, words) for each voice in a cue; a "Name: " at the start of a cue counts as a voice too."""
    places = list(_VOICE.finditer(payload))
    if not places:
        plain = _without_tags(payload)
        named = _NAMED.match(plain)
        return [(named.group(1), plain[named.end() :])] if named else [("", plain)]
    found = [("", _without_tags(payload[: places[0].start()]))]
    for number, place in enumerate(places):
        end = places[number + 1].start() if number + 1 < len(places) else len(payload)
        found.append((place.group(1).strip(), _without_tags(payload[place.end() : end])))
    return [(voice, words) for voice, words in found if words]


def _without_tags(payload: str) -> str:
    return " ".join(vtt.Caption(text=re.sub(r"<[^>]*\Z", "", payload)).text.split())


def _milliseconds(stamp: str) -> int:
    hours, minutes, seconds = ([0, *map(float, stamp.split(":"))])[-3:]
    return round((hours * 60 + minutes) * 60_000 + seconds * 1000)


def _joined(spoken: list[tuple[str, str, int, int]], facts: CallFacts) -> tuple[Turn, ...]:
    """Turns with roles; cues that follow each other in one voice are one turn."""
    roles = infer_roles([(voice, words) for voice, words, _, _ in spoken], facts.agent)
    runs: list[list[tuple[str, str, int, int]]] = []
    for cue in spoken:
        if runs and runs[-1][-1][0] == cue[0]:
            runs[-1].append(cue)
        else:
            runs.append([cue])
    return tuple(_turn(run, roles[run[0][0]]) for run in runs)


def _turn(run: list[tuple[str, str, int, int]], role: tuple[Speaker, bool]) -> Turn:
    words = " ".join(words for _, words, _, _ in run)
    speaker, certain = role
    return make_turn(speaker, words, start_ms=run[0][2], end_ms=run[-1][3], certain=certain)
