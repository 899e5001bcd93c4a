"""SubRip (SRT) and SubViewer (SBV) subtitles: a timing line, then words; "Name: " or `<v Name>` in front is the voice."""

import re

from triage_mailbox.transcripts.call import CallFacts, Reading, Said, reading_of
from triage_mailbox.transcripts.webvtt import voices

_STAMP = r"(\d{1,3}):(\d{2}):(\d{2})[,.](\d{1,3})"
_TIMING = re.compile(rf"^[ \t]*{_STAMP}[ \t]*(?:-->|,)[ \t]*{_STAMP}\b[^\n]*$", re.MULTILINE)
_LOOKS_TIMED = re.compile(r"^[ \t]*\d+:\d+:[^\n]*(?:-->|,)[ \t]*\d+:\d+:[^\n]*$", re.MULTILINE)
_NUMBER = re.compile(r"\n[ \t]*\d{1,7}[ \t]*\n*\Z")


def fits(text: str) -> bool:
    """Whether a timing line stands among the first lines; a number above it is usual and not required."""
    return bool(_TIMING.search("\n".join(text.lstrip("\ufeff\n ").split("\n")[:4])))


def is_complete(text: str) -> bool:
    """Whether the last timing line has words below it; a good guess, since neither format has an end mark."""
    last = None
    for last in _TIMING.finditer(text):  # noqa: B007 - the last one is what is wanted
        pass
    return last is not None and bool(text[last.end() :].strip())


def read(text: str, facts: CallFacts) -> Reading:
    """Malformed cues are noted; their words stay with the cue before them rather than being lost."""
    timings = list(_TIMING.finditer(text))
    said = []
    for number, timing in enumerate(timings):
        end = timings[number + 1].start() if number + 1 < len(timings) else len(text)
        body = text[timing.end() : end]
        body = _NUMBER.sub("\n", body.rstrip() + "\n") if number + 1 < len(timings) else body
        said += [
            Said(voice=voice, words=words, start_ms=_ms(timing, 1), end_ms=_ms(timing, 5))
            for voice, words in voices(_LOOKS_TIMED.sub("", body).strip())
        ]
    lost = len(_LOOKS_TIMED.findall(text)) - len(timings)
    problems = [f"{lost} timing lines of the transcript are malformed."] if lost > 0 else []
    return reading_of(said, facts, joined=True, problems=problems)


def _ms(timing: re.Match[str], first: int) -> int:
    hours, minutes, seconds = (int(timing.group(first + place)) for place in range(3))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(timing.group(first + 3).ljust(3, "0"))
