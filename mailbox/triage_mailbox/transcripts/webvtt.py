"""WebVTT with voices (W3C WebVTT section 4.2.2), Microsoft Teams' among them: a cue is a turn of the voice `<v Name>`."""

import re

import webvtt as vtt

from triage_mailbox.transcripts.call import MOST_TURNS, CallFacts, Reading, Said, TranscriptError, reading_of

_SIGNATURE = re.compile(r"\A\ufeff?WEBVTT(?:[ \t\n]|\Z)")
_NAMED = re.compile(r"^([A-Z][\w .'-]{0,40}):\s+(?=\S)")
_VOICE = re.compile(r"<v(?:\.[\w.-]+)*[ \t]+([^>\n]{1,200})>")
# Teams names a voice "Ellis, Lorraine (Repairs)" or, where names are switched off, "<user id>@<tenant id>" or a bare id.
_TEAMS_ID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?:/\d+-\d+)?\b", re.IGNORECASE)


def fits(text: str) -> bool:
    """Whether the text opens with the signature "WEBVTT"."""
    return bool(_SIGNATURE.match(text))


def is_complete(text: str) -> bool:
    """Whether the last cue has its words and no tag is cut in two. The format has no end mark, so this is a good guess."""
    blocks = [block for block in text.split("\n\n") if block.strip()]
    last_line = blocks[-1].rstrip().split("\n")[-1] if blocks else ""
    is_cut = "-->" in last_line or last_line.rfind("<") > last_line.rfind(">")
    return len(blocks) > 1 and "-->" in blocks[-1] and not is_cut


def read(text: str, facts: CallFacts) -> Reading:
    """Cues that are malformed are left out and noted; raises TranscriptError when none is left."""
    try:
        captions = vtt.from_string(text).captions
    except (vtt.errors.MalformedFileError, vtt.errors.MalformedCaptionError, ValueError, IndexError) as error:
        raise TranscriptError("The WebVTT file is broken or was cut off; ask for it to be exported again.") from error
    problems = []
    if len(captions) > MOST_TURNS:
        problems.append(f"The transcript has {len(captions):,} cues; only the first {MOST_TURNS:,} were read.")
    lost = text.count("-->") - len(captions)
    if lost > 0:
        problems.append(f"{lost} cues of the transcript are malformed and could not be read.")
    said = [
        Said(voice=voice, words=words, start_ms=_milliseconds(caption.start), end_ms=_milliseconds(caption.end))
        for caption in captions[:MOST_TURNS]
        for voice, words in voices(caption.raw_text)
    ]
    return reading_of(said, facts, joined=True, problems=problems)


def voices(payload: str) -> list[tuple[str, str]]:
    """(voice, words) for each voice in a cue; a "Name: " at the start of a cue counts as a voice too."""
    places = list(_VOICE.finditer(payload))
    if not places:
        plain = without_tags(payload)
        named = _NAMED.match(plain)
        return [(named.group(1), plain[named.end() :])] if named else [("", plain)]
    found = [("", without_tags(payload[: places[0].start()]))]
    for number, place in enumerate(places):
        end = places[number + 1].start() if number + 1 < len(places) else len(payload)
        found.append((_voice(place.group(1)), without_tags(payload[place.end() : end])))
    return [(voice, words) for voice, words in found if words]


def _voice(name: str) -> str:
    """A voice's name; ids that Teams puts beside a name are left out, so that one person stays one voice."""
    without = _TEAMS_ID.sub("", name).strip(" @|()")
    return without or name.strip()


def without_tags(payload: str) -> str:
    return " ".join(vtt.Caption(text=re.sub(r"<[^>]*\Z", "", payload)).text.split())


def _milliseconds(stamp: str) -> int:
    hours, minutes, seconds = ([0, *map(float, stamp.split(":"))])[-3:]
    return round((hours * 60 + minutes) * 60_000 + seconds * 1000)
