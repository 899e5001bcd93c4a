"""Amazon Contact Lens and Transcribe Call Analytics JSON: `Transcript` turns by `ParticipantRole` or participant."""

import re
from typing import Any

from triage_mailbox.messages import Speaker, Turn
from triage_mailbox.transcripts.call import (
    MOST_TURNS,
    CallFacts,
    TranscriptError,
    infer_roles,
    load_json,
    make_turn,
    masked_problem,
    uncertain_problem,
)

_ROLES = {"AGENT": Speaker.AGENT, "CUSTOMER": Speaker.CUSTOMER, "SYSTEM": Speaker.SYSTEM, "CUSTOM_BOT": Speaker.SYSTEM}


def detect(content: bytes) -> bool:
    """Whether the bytes open a JSON object that names a Transcript; says nothing about its end."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and bool(re.search(rb'"Transcript"\s*:\s*\[', content))


def is_complete(content: bytes) -> bool:
    """Whether the JSON can be read to its end."""
    try:
        return isinstance(load_json(content), dict)
    except TranscriptError:
        return False


def read(content: bytes, facts: CallFacts) -> tuple[tuple[Turn, ...], list[str]]:
    """Turns and problems; raises TranscriptError when the JSON is broken or holds no turn."""
    found = load_json(content)
    entries = found.get("Transcript") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        raise TranscriptError("The JSON holds no list called Transcript; it is no Contact Lens output.")
    spoken = [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("Content"), str)]
    problems = []
    if len(spoken) < len(entries):
        problems.append(f"{len(entries) - len(spoken)} entries of the transcript hold no words and were left out.")
    if len(spoken) > MOST_TURNS:
        problems.append(f"The transcript has {len(spoken):,} turns; only the first {MOST_TURNS:,} were read.")
    spoken = spoken[:MOST_TURNS]
    if not spoken:
        raise TranscriptError("The transcript holds no turn with words; ask for it to be exported again.")
    roles = _roles(found.get("Participants"), spoken, facts)
    turns = tuple(_turn(entry, roles) for entry in spoken)
    return turns, problems + uncertain_problem(turns) + masked_problem(turns)


def _voice(entry: dict[str, Any]) -> str:
    return str(entry.get("ParticipantRole") or entry.get("ParticipantId") or "")[:200]


def _roles(participants: Any, spoken: list[dict[str, Any]], facts: CallFacts) -> dict[str, tuple[Speaker, bool]]:
    declared = {}
    for participant in participants if isinstance(participants, list) else []:
        if isinstance(participant, dict):
            role = _ROLES.get(str(participant.get("ParticipantRole", "")).upper())
            if role is not None and participant.get("ParticipantId"):
                declared[str(participant["ParticipantId"])[:200]] = (role, True)
    voices = {_voice(entry) for entry in spoken}
    declared |= {voice: (_ROLES[voice.upper()], True) for voice in voices if voice.upper() in _ROLES}
    rest = [(_voice(entry), entry["Content"]) for entry in spoken if _voice(entry) not in declared]
    return infer_roles(rest, facts.agent) | declared if rest else declared


def _turn(entry: dict[str, Any], roles: dict[str, tuple[Speaker, bool]]) -> Turn:
    speaker, certain = roles[_voice(entry)]
    return make_turn(
        speaker,
        entry["Content"],
        start_ms=_whole(entry.get("BeginOffsetMillis")),
        end_ms=_whole(entry.get("EndOffsetMillis")),
        confidence=_confidence(entry.get("Items")),
        certain=certain,
        masked=_redactions(entry),
    )


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def _confidence(items: Any) -> float | None:
    """The mean confidence of a turn's words, punctuation left out; None where the file gives none."""
    found = [
        float(item["Confidence"])
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
        and item.get("Type") == "pronunciation"
        and isinstance(item.get("Confidence"), int | float)
    ]
    return round(sum(found) / len(found), 4) if found else None


def _redactions(entry: dict[str, Any]) -> int:
    """Places that were redacted in the sound but are not shown as blanked in the words."""
    redaction = entry.get("Redaction")
    places = redaction.get("RedactedTimestamps") if isinstance(redaction, dict) else None
    shown = entry["Content"].count("[PII]") + len(re.findall(r"\*{2,}", entry["Content"]))
    return max(0, len(places) - shown) if isinstance(places, list) else 0
