"""Call transcripts and chats: the table of formats, and `parse`, which finds the format and joins the call's facts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from triage_mailbox.cleaning import clean_line, clean_text, decode
from triage_mailbox.messages import ParsedMessage, RawMessage, Segment, SegmentKind, Speaker, Turn
from triage_mailbox.transcripts import contact_lens, labelled, recognisers, subtitles, transcribe, vcon, webvtt
from triage_mailbox.transcripts.call import CallFacts, Reading, TranscriptError, load_json, read_facts

SUFFIXES = (".vtt", ".json", ".srt", ".sbv", ".txt", ".vcon")


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonFormat:
    """A format that is JSON: known by the keys of its outermost object, whole when the JSON is."""

    name: str
    title: str
    fits: Callable[[dict[str, Any]], bool]
    read: Callable[[dict[str, Any], CallFacts], Reading]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFormat:
    """A format that is text: known by its first lines; `is_complete` guesses whether its end is there."""

    name: str
    title: str
    fits: Callable[[str], bool]
    is_complete: Callable[[str], bool]
    read: Callable[[str, CallFacts], Reading]


# Every format that is read, in the order in which it is looked for. A file's name never decides.
JSON_FORMATS = (
    JsonFormat(name="vcon", title="vCon, inline words", fits=vcon.fits, read=vcon.read),
    JsonFormat(
        name="contact_lens",
        title="Amazon Contact Lens, Connect chat, Transcribe Call Analytics",
        fits=contact_lens.fits,
        read=contact_lens.read,
    ),
    JsonFormat(
        name="post_call",
        title="Amazon Post-Call Analytics summary",
        fits=transcribe.fits_post_call,
        read=transcribe.read_post_call,
    ),
    JsonFormat(name="transcribe", title="Amazon Transcribe, batch", fits=transcribe.fits, read=transcribe.read),
    JsonFormat(name="deepgram", title="Deepgram", fits=recognisers.fits_deepgram, read=recognisers.read_deepgram),
    JsonFormat(
        name="assemblyai", title="AssemblyAI", fits=recognisers.fits_assemblyai, read=recognisers.read_assemblyai
    ),
    JsonFormat(
        name="whisper",
        title="Whisper, WhisperX with speakers, whisper.cpp",
        fits=recognisers.fits_whisper,
        read=recognisers.read_whisper,
    ),
)
TEXT_FORMATS = (
    TextFormat(
        name="webvtt",
        title="WebVTT, Microsoft Teams",
        fits=webvtt.fits,
        is_complete=webvtt.is_complete,
        read=webvtt.read,
    ),
    TextFormat(
        name="subtitles",
        title="SubRip (SRT), SubViewer (SBV)",
        fits=subtitles.fits,
        is_complete=subtitles.is_complete,
        read=subtitles.read,
    ),
    TextFormat(
        name="labelled",
        title='Plain text, "Agent: …" and "Customer: …" a line',
        fits=labelled.fits,
        is_complete=labelled.is_complete,
        read=labelled.read,
    ),
)
_LABELS = {Speaker.AGENT: "Agent", Speaker.CUSTOMER: "Customer", Speaker.THIRD_PARTY: "Other", Speaker.SYSTEM: "System"}
_NO_FORMAT = f"The file is none of the formats that are read ({'; '.join(f.title for f in (*TEXT_FORMATS, *JSON_FORMATS))}), or it was cut off while written."


def detect(content: bytes) -> str | None:
    """The format's name by the content, never by the file's name; None when it is none that is known."""
    try:
        return _known(content)[0].name
    except TranscriptError:
        return None


def is_complete(content: bytes) -> bool:
    """Whether a file reads as a whole transcript: something still being written does not."""
    try:
        known, inner = _known(content)
    except TranscriptError:
        return False
    return known.is_complete(inner) if isinstance(known, TextFormat) else True


def carries_facts(content: bytes) -> bool:
    """Whether the format itself says who called and when, so that no file of facts has to be waited for."""
    return detect(content) == "vcon"


def parse(raw: RawMessage) -> ParsedMessage:
    """Understand one transcript: turns by speaker, the customer's as own words, and the call's facts where given.

    A file that is no transcript, or half of one, gives a message with `unreadable` set; nothing is raised for it.
    """
    told, problems = read_facts(raw.sidecar)
    facts = told or CallFacts()
    reading = Reading(turns=())
    unreadable = None
    try:
        reading = _read(raw, facts)
    except TranscriptError as error:
        unreadable = str(error)
    if reading.facts is not None:
        facts = facts.filled_from(reading.facts) if told is not None else reading.facts
    text, segments = _written_out(reading.turns)
    if unreadable is None and not any(turn.text for turn in reading.turns):
        unreadable = "The transcript holds no words; listen to the recording."
    problems += reading.problems + _about_facts(told, facts)
    return ParsedMessage(
        channel="live_chat" if reading.chat else "call_transcript",
        direction_hint=facts.direction,
        from_phone=facts.number,
        sent=facts.started or raw.received,
        subject="",
        text=text,
        segments=segments,
        turns=reading.turns,
        problems=tuple(dict.fromkeys(problems)),
        unreadable=unreadable,
        call_route=facts.route,
        call_id=facts.call_id or clean_line(raw.name or "", 200) or None,
    )


def _about_facts(told: CallFacts | None, facts: CallFacts) -> list[str]:
    problems = []
    if facts.number is None:
        problems.append(
            "No facts of the call came with the transcript; who called is not known."
            if told is None
            else "The caller's number was withheld."
        )
    if facts.started is None:
        problems.append("The start of the call is not known; the time of the transcript's file is taken.")
    return problems


def _read(raw: RawMessage, facts: CallFacts) -> Reading:
    if raw.truncated_from is not None:
        raise TranscriptError(
            f"The transcript has {raw.truncated_from:,} bytes, more than is read; open the file itself."
        )
    if not raw.content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise TranscriptError("The transcript's file is empty; ask for it to be exported again.")
    known, inner = _known(raw.content)
    return known.read(inner, facts)


def _known(content: bytes) -> tuple[JsonFormat | TextFormat, Any]:
    """The format and its content, decoded; raises TranscriptError that says why there is none."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        found = load_json(content)
        for known in JSON_FORMATS:
            if known.fits(found):
                return known, found
        raise TranscriptError(_NO_FORMAT)
    text = clean_text(decode(content, "utf-8")[0])[0]
    for written in TEXT_FORMATS:
        if written.fits(text):
            return written, text
    raise TranscriptError(_NO_FORMAT)


def _written_out(turns: tuple[Turn, ...]) -> tuple[str, tuple[Segment, ...]]:
    """The call as text, a line a turn; a customer's turn is own words, the speaker's name in front of it is not."""
    pieces: list[str] = []
    segments: list[Segment] = []
    place = 0
    for turn in turns:
        label, words = f"{_LABELS[turn.speaker]}: ", turn.text + "\n"
        kind = SegmentKind.OWN if turn.speaker is Speaker.CUSTOMER else SegmentKind.QUOTED
        reason = "The customer's turn." if turn.speaker is Speaker.CUSTOMER else f"A turn of the {turn.speaker.value}."
        if kind is SegmentKind.OWN:
            named = Segment(start=place, end=place + len(label), kind=SegmentKind.QUOTED, reason="Who speaks.")
            segments.append(named)
            spoken = Segment(start=named.end, end=named.end + len(words), kind=kind, reason=reason)
        else:
            spoken = Segment(start=place, end=place + len(label) + len(words), kind=kind, reason=reason)
        segments.append(spoken)
        pieces += [label, words]
        place = spoken.end
    return "".join(pieces), tuple(segments)
