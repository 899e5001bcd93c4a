"""Call transcripts: one file a format, and `parse`, which finds the format and joins the call's facts to the words."""

from typing import Protocol

from triage_mailbox.cleaning import clean_line
from triage_mailbox.messages import ParsedMessage, RawMessage, Segment, SegmentKind, Speaker, Turn
from triage_mailbox.transcripts import contact_lens, webvtt
from triage_mailbox.transcripts.call import CallFacts, TranscriptError, read_facts

SUFFIXES = (".vtt", ".json")


class _Format(Protocol):
    """What each format's module offers."""

    def detect(self, content: bytes) -> bool: ...

    def is_complete(self, content: bytes) -> bool: ...

    def read(self, content: bytes, facts: CallFacts) -> tuple[tuple[Turn, ...], list[str]]: ...


_FORMATS: dict[str, _Format] = {"webvtt": webvtt, "contact_lens": contact_lens}
_LABELS = {Speaker.AGENT: "Agent", Speaker.CUSTOMER: "Customer", Speaker.THIRD_PARTY: "Other", Speaker.SYSTEM: "System"}


def detect(content: bytes) -> str | None:
    """The format's name by the content, never by the file's name; None when it is none that is known."""
    return next((name for name, reader in _FORMATS.items() if reader.detect(content)), None)


def is_complete(content: bytes) -> bool:
    """Whether a file reads as a whole transcript: something still being written does not."""
    name = detect(content)
    return name is not None and _FORMATS[name].is_complete(content)


def parse(raw: RawMessage) -> ParsedMessage:
    """Understand one transcript: turns by speaker, the customer's as own words, and the call's facts where given.

    A file that is no transcript, or half of one, gives a message with `unreadable` set; nothing is raised for it.
    """
    facts, problems = read_facts(raw.sidecar)
    turns: tuple[Turn, ...] = ()
    unreadable = None
    try:
        turns, found = _turns(raw, facts)
        problems += found
    except TranscriptError as error:
        unreadable = str(error)
    text, segments = _written_out(turns)
    if unreadable is None and not any(turn.text for turn in turns):
        unreadable = "The transcript holds no words; listen to the recording."
    if facts.started is None:
        problems.append("The start of the call is not known; the time of the transcript's file is taken.")
    return ParsedMessage(
        channel="call_transcript",
        direction_hint=facts.direction,
        from_phone=facts.number,
        sent=facts.started or raw.received,
        subject="",
        text=text,
        segments=segments,
        turns=turns,
        problems=tuple(dict.fromkeys(problems)),
        unreadable=unreadable,
        call_route=facts.route,
        call_id=facts.call_id or clean_line(raw.name or "", 200) or None,
    )


def _turns(raw: RawMessage, facts: CallFacts) -> tuple[tuple[Turn, ...], list[str]]:
    if raw.truncated_from is not None:
        raise TranscriptError(
            f"The transcript has {raw.truncated_from:,} bytes, more than is read; open the file itself."
        )
    if not raw.content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise TranscriptError("The transcript's file is empty; ask for it to be exported again.")
    name = detect(raw.content)
    if name is None:
        raise TranscriptError(
            "The file is neither WebVTT nor Amazon Contact Lens JSON, or it was cut off while written."
        )
    return _FORMATS[name].read(raw.content, facts)


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
