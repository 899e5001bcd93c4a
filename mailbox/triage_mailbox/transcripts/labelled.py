"""Plain text in which each turn begins with its speaker and a colon, as people write a call down or chats are saved."""

import re

from triage_mailbox.transcripts.call import CallFacts, Reading, Said, reading_of
from triage_mailbox.transcripts.roles import role_of

# "Agent: …", "[00:01:05] Customer (Ivy): …", "10:15:02 Adviser: …", "Speaker 1: …"
_TURN = re.compile(
    r"^[ \t]*(?:[\[(]?(?P<time>\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d{1,3})?[\])]?[ \t-]*)?"
    r"(?P<voice>[A-Za-z][\w .'()/-]{0,40}?)[ \t]?:[ \t]+(?P<words>\S.*)$"
)
_SPEAKER = re.compile(r"speaker[ _]?\w{1,3}\Z|spk_\d+\Z", re.IGNORECASE)
_FEWEST = 2
_LOOKED_AT = 60


def fits(text: str) -> bool:
    """Whether most lines name a speaker, and at least one voice is of a known kind: a letter with a "Re:" is no call."""
    lines = [line for line in text.lstrip("\ufeff").split("\n")[:_LOOKED_AT] if line.strip()]
    named = [found.group("voice") for line in lines if (found := _TURN.match(line))]
    known = [voice for voice in named if role_of(voice, None) or _SPEAKER.match(voice)]
    return (
        len(named) >= _FEWEST and len(known) >= _FEWEST and bool(_TURN.match(lines[0])) and 3 * len(named) >= len(lines)
    )


def is_complete(text: str) -> bool:
    """Whether it ends with a line end: text has no other sign of its end."""
    return text.endswith("\n")


def read(text: str, facts: CallFacts) -> Reading:
    """A line without a speaker goes on with the turn above it. A time at the front is a clock or an offset: not told
    apart, so offsets are given only where the first one is within the first minute."""
    said: list[Said] = []
    times: list[int | None] = []
    for line in text.lstrip("\ufeff").split("\n"):
        found = _TURN.match(line)
        if found:
            times.append(_ms(found.group("time")))
            said.append(Said(voice=found.group("voice").strip(), words=found.group("words")))
        elif said and line.strip():
            said[-1] = Said(voice=said[-1].voice, words=f"{said[-1].words} {line.strip()}")
    first = next((time for time in times if time is not None), None)
    if first is not None and first < 60_000:
        said = [Said(voice=part.voice, words=part.words, start_ms=time) for part, time in zip(said, times, strict=True)]
    return reading_of(said, facts)


def _ms(time: str | None) -> int | None:
    if time is None:
        return None
    hours, minutes, seconds = ([0, *map(int, time.split(":"))])[-3:]
    return ((hours * 60 + minutes) * 60 + seconds) * 1000
