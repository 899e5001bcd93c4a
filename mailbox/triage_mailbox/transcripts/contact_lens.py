"""Amazon Contact Lens (calls and chats), Connect chats and Transcribe Call Analytics: `Transcript` turns by participant."""

from typing import Any

from triage_mailbox.messages import Speaker
from triage_mailbox.transcripts.call import (
    CallFacts,
    Reading,
    Said,
    mean,
    milliseconds,
    moment,
    one_line,
    reading_of,
    rows,
    string,
)
from triage_mailbox.transcripts.masks import hidden_words

_ROLES = {"AGENT": Speaker.AGENT, "CUSTOMER": Speaker.CUSTOMER, "SYSTEM": Speaker.SYSTEM, "CUSTOM_BOT": Speaker.SYSTEM}


def fits(found: dict[str, Any]) -> bool:
    """Whether there is a list called Transcript."""
    return isinstance(found.get("Transcript"), list)


def read(found: dict[str, Any], facts: CallFacts) -> Reading:
    """Turns; what holds no words (joining, leaving, a file) is noted. Raises TranscriptError when there is no turn."""
    entries = found["Transcript"]
    events = [entry for entry in rows(entries) if entry.get("Type") == "EVENT"]
    spoken = [entry for entry in rows(entries) if isinstance(entry.get("Content"), str) and entry not in events]
    left_out = len(entries) - len(spoken) - len(events)
    problems = [f"{left_out} entries of the transcript hold no words and were left out."] if left_out else []
    is_chat = found.get("Channel") == "CHAT" or any(entry.get("AbsoluteTime") for entry in spoken)
    times = [moment(entry.get("AbsoluteTime")) for entry in spoken]
    began = min((time for time in times if time is not None), default=None)
    said = []
    for entry, time in zip(spoken, times, strict=True):
        start = milliseconds(entry.get("BeginOffsetMillis"), 1.0)
        if start is None and time is not None and began is not None:
            start = milliseconds((time - began).total_seconds())
        items = [item for item in rows(entry.get("Items")) if item.get("Type") == "pronunciation"]
        said.append(
            Said(
                voice=_voice(entry),
                words=entry["Content"],
                start_ms=start,
                end_ms=milliseconds(entry.get("EndOffsetMillis"), 1.0),
                confidence=mean([item.get("Confidence") for item in items]),
                masked=_unseen_redactions(entry),
            )
        )
    return reading_of(
        said,
        facts,
        declared=_declared(found, spoken),
        problems=problems,
        own_facts=_facts(found, began),
        chat=is_chat,
    )


def _voice(entry: dict[str, Any]) -> str:
    return str(entry.get("ParticipantRole") or entry.get("ParticipantId") or entry.get("DisplayName") or "")[:200]


def _declared(found: dict[str, Any], spoken: list[dict[str, Any]]) -> dict[str, Speaker]:
    declared = {
        str(participant["ParticipantId"])[:200]: role
        for participant in rows(found.get("Participants"))
        if participant.get("ParticipantId")
        and (role := _ROLES.get(string(participant.get("ParticipantRole")).upper())) is not None
    }
    voices = {_voice(entry) for entry in spoken}
    return declared | {voice: _ROLES[voice.upper()] for voice in voices if voice.upper() in _ROLES}


def _facts(found: dict[str, Any], began: Any) -> CallFacts | None:
    metadata = found.get("CustomerMetadata")
    contact = metadata.get("ContactId") if isinstance(metadata, dict) else found.get("ContactId")
    call_id = one_line(contact)
    return CallFacts(call_id=call_id, started=began) if call_id or began else None


def _unseen_redactions(entry: dict[str, Any]) -> int:
    """Places that were redacted in the sound but are not shown as blanked in the words."""
    redaction = entry.get("Redaction")
    places = redaction.get("RedactedTimestamps") if isinstance(redaction, dict) else None
    return max(0, len(places) - hidden_words(entry["Content"])) if isinstance(places, list) else 0
