"""Messages to bytes and back: what crosses to and from the parser's child is plain data, never code."""

import json
from datetime import datetime
from typing import Any

from triage_mailbox.messages import (
    Address,
    Attachment,
    FolderRole,
    Mark,
    ParsedMessage,
    RawMessage,
    Segment,
    SegmentKind,
    SourceKind,
    Speaker,
    Turn,
)


def dump_raw(raw: RawMessage) -> bytes:
    """A raw message: a line of JSON with its facts, then its bytes, then its sidecar's."""
    facts = {
        "account": raw.account,
        "folder": raw.folder,
        "uidvalidity": raw.uidvalidity,
        "uid": raw.uid,
        "sha256": raw.sha256,
        "received": raw.received.isoformat(),
        "kind": raw.kind.value,
        "role": raw.role.value,
        "name": raw.name,
        "truncated_from": raw.truncated_from,
        "size": len(raw.content),
        "has_sidecar": raw.sidecar is not None,
    }
    return json.dumps(facts).encode("ascii") + b"\n" + raw.content + (raw.sidecar or b"")


def load_raw(sent: bytes) -> RawMessage:
    """The raw message that `dump_raw` wrote."""
    line, _, rest = sent.partition(b"\n")
    facts: dict[str, Any] = json.loads(line)
    size, has_sidecar = facts.pop("size"), facts.pop("has_sidecar")
    return RawMessage(
        content=rest[:size],
        sidecar=rest[size:] if has_sidecar else None,
        received=datetime.fromisoformat(facts.pop("received")),
        kind=SourceKind(facts.pop("kind")),
        role=FolderRole(facts.pop("role")),
        **facts,
    )


def dump(message: ParsedMessage) -> bytes:
    """UTF-8 JSON of a parsed message."""
    return json.dumps(_plain(message), ensure_ascii=True).encode("ascii")


def load(content: bytes) -> ParsedMessage:
    """The message that `dump` wrote; raises KeyError, TypeError or ValueError for anything else."""
    found: dict[str, Any] = json.loads(content)
    return ParsedMessage(
        channel=found["channel"],
        direction_hint=found["direction_hint"],
        message_id=found["message_id"],
        in_reply_to=found["in_reply_to"],
        references=tuple(found["references"]),
        sender=_address(found["sender"]) if found["sender"] else None,
        from_phone=found["from_phone"],
        to=tuple(map(_address, found["to"])),
        cc=tuple(map(_address, found["cc"])),
        sent=datetime.fromisoformat(found["sent"]) if found["sent"] else None,
        subject=found["subject"],
        text=found["text"],
        segments=tuple(
            Segment(start=s, end=e, kind=SegmentKind(k), reason=r, typed=t) for s, e, k, r, t in found["segments"]
        ),
        turns=tuple(map(_turn, found["turns"])),
        marks=frozenset(map(Mark, found["marks"])),
        problems=tuple(found["problems"]),
        attachments=tuple(Attachment(name=n, content_type=t, size=s) for n, t, s in found["attachments"]),
        unreadable=found["unreadable"],
        failed=found["failed"],
        authentication=tuple(found["authentication"]),
        call_route=found["call_route"],
        call_id=found["call_id"],
    )


def _plain(message: ParsedMessage) -> dict[str, Any]:
    return {
        "channel": message.channel,
        "direction_hint": message.direction_hint,
        "message_id": message.message_id,
        "in_reply_to": message.in_reply_to,
        "references": message.references,
        "sender": [message.sender.name, message.sender.email] if message.sender else None,
        "from_phone": message.from_phone,
        "to": [[address.name, address.email] for address in message.to],
        "cc": [[address.name, address.email] for address in message.cc],
        "sent": message.sent.isoformat() if message.sent else None,
        "subject": message.subject,
        "text": message.text,
        "segments": [[part.start, part.end, part.kind.value, part.reason, part.typed] for part in message.segments],
        "turns": [[t.speaker, t.text, t.start_ms, t.end_ms, t.confidence, t.masked, t.certain] for t in message.turns],
        "marks": sorted(message.marks),
        "problems": message.problems,
        "attachments": [[part.name, part.content_type, part.size] for part in message.attachments],
        "unreadable": message.unreadable,
        "failed": message.failed,
        "authentication": message.authentication,
        "call_route": message.call_route,
        "call_id": message.call_id,
    }


def _address(pair: list[str]) -> Address:
    return Address(name=pair[0], email=pair[1])


def _turn(row: list[Any]) -> Turn:
    speaker, text, start_ms, end_ms, confidence, masked, certain = row
    return Turn(
        speaker=Speaker(speaker),
        text=text,
        start_ms=start_ms,
        end_ms=end_ms,
        confidence=confidence,
        masked=masked,
        certain=certain,
    )
