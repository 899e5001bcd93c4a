"""JSON of other recognisers: Deepgram, AssemblyAI, Whisper (and WhisperX, whisper.cpp), each by the keys it writes."""

from collections.abc import Sequence
from typing import Any

from triage_mailbox.transcripts.call import (
    CallFacts,
    Reading,
    Said,
    mean,
    milliseconds,
    moment,
    reading_of,
    rows,
    share,
    string,
)

SECONDS, MILLISECONDS = 1000.0, 1.0


def fits_deepgram(found: dict[str, Any]) -> bool:
    results = found.get("results")
    return isinstance(results, dict) and isinstance(results.get("channels"), list)


def read_deepgram(found: dict[str, Any], facts: CallFacts) -> Reading:
    """Utterances where there are any, else words of each channel's first alternative, else its bare transcript.

    A speaker is known by number within a channel, a channel by its own number: with two channels the channel is the voice.
    """
    results = found["results"]
    channels = rows(results["channels"])
    several = len(channels) > 1
    said = [
        Said(
            voice=_voice(row, several),
            words=string(row.get("transcript")),
            start_ms=milliseconds(row.get("start")),
            end_ms=milliseconds(row.get("end")),
            confidence=share(row.get("confidence")),
        )
        for row in rows(results.get("utterances"))
    ]
    if not said:
        for number, channel in enumerate(channels):
            best = (rows(channel.get("alternatives")) or [{}])[0]
            words = [{**word, "channel": number} for word in rows(best.get("words"))]
            said += by_word(words, SECONDS, lambda word: _voice(word, several))
            if not words:
                said.append(Said(voice=_voice({"channel": number}, several), words=string(best.get("transcript"))))
        said.sort(key=lambda part: part.start_ms or 0)
    metadata = found.get("metadata")
    created = moment(string(metadata.get("created")).replace("Z", "+00:00")) if isinstance(metadata, dict) else None
    problems = [] if created is None or facts.started else ["The time at which it was recognised is not the call's."]
    return reading_of(said, facts, joined=True, problems=problems)


def _voice(row: dict[str, Any], several: bool) -> str:
    if several:
        return f"channel {row.get('channel', 0)}"
    return f"speaker {row['speaker']}" if isinstance(row.get("speaker"), int | str) else ""


def fits_assemblyai(found: dict[str, Any]) -> bool:
    return "audio_url" in found and ("utterances" in found or "words" in found) and "segments" not in found


def read_assemblyai(found: dict[str, Any], facts: CallFacts) -> Reading:
    """Utterances by speaker, else words, else the text; offsets are ms already. An unfinished job has no words."""
    said = [
        Said(
            voice=string(row.get("channel")) or string(row.get("speaker")),
            words=string(row.get("text")),
            start_ms=milliseconds(row.get("start"), MILLISECONDS),
            end_ms=milliseconds(row.get("end"), MILLISECONDS),
            confidence=share(row.get("confidence")),
        )
        for row in rows(found.get("utterances"))
    ]
    said = said or by_word(rows(found.get("words")), MILLISECONDS, lambda word: string(word.get("speaker")))
    return reading_of(said or [Said(voice="", words=string(found.get("text")))], facts)


def fits_whisper(found: dict[str, Any]) -> bool:
    """Segments with texts (openai-whisper, whisper-timestamped, faster-whisper, WhisperX), or whisper.cpp's offsets."""
    segments = rows(found.get("segments"))
    return any("text" in row and "start" in row for row in segments) or any(
        "offsets" in row for row in rows(found.get("transcription"))
    )


def read_whisper(found: dict[str, Any], facts: CallFacts) -> Reading:
    """A segment is a stretch of one speaker where WhisperX names one; else all is one voice, whose role is a guess."""
    said: list[Said] = []
    for row in rows(found.get("segments")):
        words = rows(row.get("words"))
        speakers = {string(word.get("speaker")) for word in words} - {""}
        if len(speakers) > 1:
            said += by_word(words, SECONDS, lambda word, row=row: string(word.get("speaker") or row.get("speaker")))
            continue
        heard = [word.get("score", word.get("probability", word.get("confidence"))) for word in words]
        said.append(
            Said(
                voice=string(row.get("speaker")),
                words=string(row.get("text")),
                start_ms=milliseconds(row.get("start")),
                end_ms=milliseconds(row.get("end")),
                confidence=mean(heard) if mean(heard) is not None else share(row.get("confidence")),
            )
        )
    for row in rows(found.get("transcription")):
        offsets = (rows([row.get("offsets")]) or [{}])[0]
        said.append(
            Said(
                voice=string(row.get("speaker")),
                words=string(row.get("text")),
                start_ms=milliseconds(offsets.get("from"), MILLISECONDS),
                end_ms=milliseconds(offsets.get("to"), MILLISECONDS),
            )
        )
    return reading_of(said, facts, joined=True)


def by_word(words: Sequence[dict[str, Any]], unit: float, voice: Any) -> list[Said]:
    """Stretches of words of one voice that follow each other."""
    runs: list[tuple[str, list[dict[str, Any]]]] = []
    for word in words:
        name = voice(word)
        if runs and runs[-1][0] == name:
            runs[-1][1].append(word)
        else:
            runs.append((name, [word]))
    return [
        Said(
            voice=name,
            words=" ".join(string(w.get("punctuated_word") or w.get("text") or w.get("word")).strip() for w in run),
            start_ms=milliseconds(run[0].get("start"), unit),
            end_ms=milliseconds(run[-1].get("end"), unit),
            confidence=mean([w.get("confidence", w.get("score", w.get("probability"))) for w in run]),
        )
        for name, run in runs
    ]
