"""Amazon Transcribe batch output (`results.items`, speaker or channel labels) and its Post-Call Analytics summary."""

from typing import Any

from triage_mailbox.messages import Speaker
from triage_mailbox.transcripts.call import (
    CallFacts,
    Reading,
    Said,
    TranscriptError,
    mean,
    milliseconds,
    reading_of,
    rows,
    share,
    string,
)
from triage_mailbox.transcripts.roles import role_of


def fits(found: dict[str, Any]) -> bool:
    """Whether results hold recognised items and a list of transcripts."""
    results = found.get("results")
    return isinstance(results, dict) and isinstance(results.get("items"), list) and "transcripts" in results


def read(found: dict[str, Any], facts: CallFacts) -> Reading:
    """A turn is a run of items of one label; without labels all is one voice."""
    results = found["results"]
    channels = results.get("channel_labels")
    by_channel = rows(channels.get("channels")) if isinstance(channels, dict) else []
    if by_channel:
        items = [
            {**item, "speaker_label": string(channel.get("channel_label"))}
            for channel in by_channel
            for item in _timed(rows(channel.get("items")))
        ]
        items.sort(key=lambda item: item["start_ms"] or 0)
    else:
        items = _timed(rows(results["items"]))
        _label(items, results.get("speaker_labels"))
    if not items:
        raise TranscriptError("The Transcribe output holds no recognised words; listen to the recording.")
    return reading_of([_said(run) for run in _runs(items)], facts)


def _timed(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items with their start in ms; punctuation has none of its own and follows the word before it."""
    last: int | None = None
    timed = []
    for item in items:
        start = milliseconds(item.get("start_time"))
        last = start if start is not None else last
        timed.append({**item, "start_ms": last})
    return timed


def _label(items: list[dict[str, Any]], labels: Any) -> None:
    """Puts the label of `speaker_labels.segments` on items that carry none themselves (older output)."""
    segments = rows(labels.get("segments")) if isinstance(labels, dict) else []
    at = {
        (string(item.get("start_time")), string(item.get("end_time"))): string(
            item.get("speaker_label") or segment.get("speaker_label")
        )
        for segment in segments
        for item in rows(segment.get("items"))
    }
    last = ""
    for item in items:
        found = item.get("speaker_label") or at.get((string(item.get("start_time")), string(item.get("end_time"))))
        last = string(found) or last
        item["speaker_label"] = last


def _runs(items: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    runs: list[list[dict[str, Any]]] = []
    for item in items:
        if runs and runs[-1][-1]["speaker_label"] == item["speaker_label"]:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def _said(run: list[dict[str, Any]]) -> Said:
    pieces: list[str] = []
    confidences = []
    for item in run:
        best = (rows(item.get("alternatives")) or [{}])[0]
        spoken = item.get("type") != "punctuation"
        pieces.append((" " if spoken and pieces else "") + string(best.get("content")))
        if spoken:
            redactions = rows(best.get("redactions"))
            confidences.append(best.get("confidence") or (redactions[0].get("confidence") if redactions else None))
    ends = [end for item in run if (end := milliseconds(item.get("end_time"))) is not None]
    return Said(
        voice=run[0]["speaker_label"],
        words="".join(pieces),
        start_ms=run[0]["start_ms"],
        end_ms=max(ends, default=None),
        confidence=mean(confidences),
    )


def fits_post_call(found: dict[str, Any]) -> bool:
    """Whether it is the summary that AWS's Post-Call Analytics solution writes."""
    return isinstance(found.get("SpeechSegments"), list) and isinstance(found.get("ConversationAnalytics"), dict)


def read_post_call(found: dict[str, Any], facts: CallFacts) -> Reading:
    """The words as heard (`OriginalText`) rather than as edited for display; roles by the labels' display names."""
    declared: dict[str, Speaker] = {}
    for label in rows(found["ConversationAnalytics"].get("SpeakerLabels")):
        role = role_of(string(label.get("DisplayText")), None)
        if role is not None:
            declared[string(label.get("Speaker"))] = role
    said = [
        Said(
            voice=string(segment.get("SegmentSpeaker")),
            words=string(segment.get("OriginalText")) or string(segment.get("DisplayText")),
            start_ms=milliseconds(segment.get("SegmentStartTime")),
            end_ms=milliseconds(segment.get("SegmentEndTime")),
            confidence=mean([share(word.get("Confidence")) for word in rows(segment.get("WordConfidence"))]),
        )
        for segment in rows(found["SpeechSegments"])
    ]
    return reading_of(said, facts, declared=declared)
