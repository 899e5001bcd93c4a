"""vCon, the IETF's container of conversations (draft-ietf-vcon-vcon-core): its inline words; nothing is ever fetched.

A dialog of type "text" is one turn; a "transcript" in `analysis` holds the words of a recording. Vendors put different
things into an analysis' body, so each known shape is tried. What lies behind a URL is named as missing.
"""

import base64
import binascii
import json
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage_mailbox.messages import Speaker
from triage_mailbox.transcripts import labelled, recognisers
from triage_mailbox.transcripts.call import (
    LATEST_OFFSET_MS,
    CallFacts,
    Reading,
    Said,
    TranscriptError,
    moment,
    one_line,
    reading_of,
    rows,
    string,
)
from triage_mailbox.transcripts.roles import leaning, role_of

_LARGEST_BODY = 5_000_000
_SPOKEN_ANALYSES = ("transcript", "wtf_transcription", "diarized")


class _Part(BaseModel):
    """Unknown keys are passed over: the draft grows, and vendors add their own."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Party(_Part):
    tel: str | None = None
    mailto: str | None = None
    email: str | None = None
    name: str | None = None
    role: str | None = None
    meta: dict[str, Any] = Field(default_factory=dict)

    @property
    def speaker(self) -> Speaker | None:
        told = self.role or self.meta.get("role")
        return role_of(told, None) if isinstance(told, str) else None


class Dialog(_Part):
    type: str = ""
    start: str | None = None
    parties: int | list[int] | list[list[int]] | None = None
    originator: int | None = None
    mediatype: str | None = None
    mimetype: str | None = None
    filename: str | None = None
    body: Any = None
    encoding: str | None = None
    url: str | None = None
    duration: float | None = None
    meta: dict[str, Any] = Field(default_factory=dict)


class Analysis(_Part):
    type: str = ""
    dialog: int | list[int] | None = None
    vendor: str | None = None
    body: Any = None
    encoding: str | None = None
    url: str | None = None
    filename: str | None = None


class Vcon(_Part):
    vcon: str | None = None
    uuid: str = ""
    parties: list[Party] = Field(default_factory=list, max_length=500)
    dialog: list[Dialog] = Field(default_factory=list, max_length=20_000)
    analysis: list[Analysis] = Field(default_factory=list, max_length=5_000)
    attachments: list[dict[str, Any]] = Field(default_factory=list, max_length=5_000)


def fits(found: dict[str, Any]) -> bool:
    """An unsigned vCon, or a signed or encrypted one, which is refused with a sentence."""
    plain = "uuid" in found and "parties" in found and ("dialog" in found or "analysis" in found)
    return plain or "vcon" in found or _is_sealed(found)


def _is_sealed(found: dict[str, Any]) -> bool:
    return ("payload" in found and "signatures" in found) or ("ciphertext" in found and "recipients" in found)


def read(found: dict[str, Any], facts: CallFacts) -> Reading:
    """Turns of the inline words; raises TranscriptError where there are none, naming what lies elsewhere."""
    if _is_sealed(found):
        raise TranscriptError("The vCon is signed or encrypted; ask for it to be exported in its unsigned form.")
    try:
        vcon = Vcon.model_validate(found)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        raise TranscriptError(
            f"The vCon does not follow the draft at {where}; ask for it to be exported again."
        ) from error
    missing = _elsewhere(vcon)
    said, certain_roles = _said(vcon)
    if not any(part.words.strip() for part in said):
        raise TranscriptError(
            f"The vCon holds no words of its own. {' '.join(missing)} Listen to the recording.".replace("  ", " ")
        )
    own = _facts(vcon)
    return reading_of(
        said, facts.filled_from(own), declared=certain_roles, problems=missing, own_facts=own, chat=_is_chat(vcon)
    )


def _said(vcon: Vcon) -> tuple[list[Said], dict[str, Speaker]]:
    """What was said, by inline texts first and else by the first analysis that holds a transcript."""
    declared = {_name(vcon, number): role for number, party in enumerate(vcon.parties) if (role := party.speaker)}
    texts = [dialog for dialog in vcon.dialog if dialog.type == "text" and _body(dialog.body, dialog.encoding)]
    if texts:
        began = next((time for dialog in texts if (time := moment(dialog.start))), None)
        said = [
            Said(
                voice=_name(vcon, _speaker_number(dialog)),
                words=string(_body(dialog.body, dialog.encoding)),
                start_ms=_offset(began, moment(dialog.start)),
            )
            for dialog in texts
        ]
        return said, declared
    for kind in _SPOKEN_ANALYSES:
        for analysis in vcon.analysis:
            said = _of_body(_body(analysis.body, analysis.encoding)) if analysis.type == kind else []
            if any(part.words.strip() for part in said):
                return said, declared
    return [], declared


def _body(body: Any, encoding: str | None) -> Any:
    """An inline body, decoded: "json" is JSON in a string, "base64url" bytes of UTF-8, "none" as it stands."""
    if encoding == "json" and isinstance(body, str):
        try:
            return json.loads(body[:_LARGEST_BODY])
        except (ValueError, RecursionError):
            return body
    if encoding == "base64url" and isinstance(body, str):
        try:
            return base64.urlsafe_b64decode(body[:_LARGEST_BODY] + "===").decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return None
    return body


def _of_body(body: Any) -> list[Said]:
    """The shapes in which vendors write a transcript into an analysis."""
    if isinstance(body, list):
        return [
            Said(
                voice=string(row.get("speaker") or row.get("role")),
                words=string(row.get("message") or row.get("text") or row.get("transcript")),
            )
            for row in rows(body)
        ]
    if isinstance(body, dict):
        nobody = CallFacts()
        try:
            if recognisers.fits_deepgram(body):
                return _again(recognisers.read_deepgram(body, nobody))
            if recognisers.fits_whisper(body):
                return _again(recognisers.read_whisper(body, nobody))
        except TranscriptError:
            return []
        utterances = rows(body.get("utterances"))
        return _of_body(utterances) if utterances else _of_body(string(body.get("transcript") or body.get("text")))
    text = string(body)
    if labelled.fits(text):
        return _again(labelled.read(text, CallFacts()))
    return _paragraphs(text)


def _again(reading: Reading) -> list[Said]:
    """What another reader gave, its speakers as voices: their names were lost, their roles are what it concluded."""
    return [
        Said(
            voice=f"{turn.speaker.value}{'' if turn.certain else '?'}",
            words=turn.text,
            start_ms=turn.start_ms,
            end_ms=turn.end_ms,
            confidence=turn.confidence,
        )
        for turn in reading.turns
    ]


def _paragraphs(text: str) -> list[Said]:
    """Paragraphs of a transcript without names are taken as two people speaking in turn where the first or second is
    plainly the landlord's; the voices carry no known name, so every role stays a guess."""
    parts = [part for part in text.split("\n\n") if part.strip()]
    takes_turns = len(parts) > 1 and (leaning(parts[0]) > 0 or leaning(parts[1]) > 0)
    return [Said(voice=f"voice {number % 2}" if takes_turns else "", words=part) for number, part in enumerate(parts)]


def _speaker_number(dialog: Dialog) -> int | None:
    if dialog.originator is not None:
        return dialog.originator
    first = dialog.parties[0] if isinstance(dialog.parties, list) and dialog.parties else dialog.parties
    return first if isinstance(first, int) else None


def _name(vcon: Vcon, number: int | None) -> str:
    """A voice for a party; two people of one name stay two."""
    if number is None or not 0 <= number < len(vcon.parties):
        return ""
    return f"{vcon.parties[number].name or 'party'} #{number}"


def _offset(began: datetime | None, at: datetime | None) -> int | None:
    if began is None or at is None:
        return None
    offset = round((at - began).total_seconds() * 1000)
    return offset if 0 <= offset < LATEST_OFFSET_MS else None


def _facts(vcon: Vcon) -> CallFacts:
    customer = next((party for party in vcon.parties if party.speaker is Speaker.CUSTOMER), None)
    agent = next((party for party in vcon.parties if party.speaker is Speaker.AGENT), None)
    directions = [dialog.meta.get("direction") for dialog in vcon.dialog]
    direction: Literal["in", "out"] = "out" if any(one in ("out", "outbound") for one in directions) else "in"
    address = (customer.tel or customer.mailto or customer.email) if customer else None
    return CallFacts(
        call_id=one_line(vcon.uuid),
        started=next((time for dialog in vcon.dialog if (time := moment(dialog.start))), None),
        number=one_line((address or "").removeprefix("tel:").removeprefix("mailto:")),
        direction=direction,
        agent=one_line(agent.name) if agent and agent.name else None,
    )


def _is_chat(vcon: Vcon) -> bool:
    """Typed words: every dialog is inline text, and no party was called and no recording made."""
    kinds = {dialog.type for dialog in vcon.dialog}
    typed = [dialog for dialog in vcon.dialog if (dialog.mediatype or dialog.mimetype) == "text/plain" and dialog.body]
    return kinds == {"text"} and len(typed) == len(vcon.dialog) and not any(dialog.duration for dialog in vcon.dialog)


def _elsewhere(vcon: Vcon) -> list[str]:
    """A sentence where parts lie behind an address: what they are called, never the address, which may hold a key."""
    linked = [(part.filename, part.url) for part in vcon.dialog] + [(part.filename, part.url) for part in vcon.analysis]
    names = [_file_name(filename, url) for filename, url in linked if url]
    names += [
        _file_name(string(part.get("filename")), string(part.get("url")))
        for part in vcon.attachments
        if part.get("url")
    ]
    if not names:
        return []
    shown = ", ".join(dict.fromkeys(names[:3])) + (" and others" if len(set(names)) > 3 else "")
    return [f"{len(names)} parts of the vCon lie elsewhere and were not fetched: {shown}."]


def _file_name(filename: str | None, url: str | None) -> str:
    try:
        path = urlsplit(url or "").path
    except ValueError:
        path = ""
    return one_line(PurePosixPath(filename or path).name) or "without a name"
