"""The only door to triage_mailbox: sources are polled, raw messages parsed, and each becomes a contact with its routes."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from triage.domain.contact import Channel, Contact, Delivery, Direction, Segment, SegmentKind, Speaker, Turn
from triage.domain.errors import InputError
from triage_mailbox.accounts import (
    Account,
    FolderReport,
    ImapAccount,
    MaildirAccount,
    MboxAccount,
    PollReport,
    Secret,
    Source,
    TranscriptFolder,
    open_source,
)
from triage_mailbox.child import ParserChild
from triage_mailbox.ledger import Ledger
from triage_mailbox.messages import FolderRole, Mark, ParsedMessage, RawMessage, SourceKind
from triage_mailbox.quoting import split

LONDON = ZoneInfo("Europe/London")
LATEST_CLOCK = timedelta(minutes=10)
SLOWEST_MAIL = timedelta(days=5)
FIRST_YEAR, LAST_YEAR = 1900, 2199

__all__ = [
    "LATEST_CLOCK",
    "Account",
    "FolderReport",
    "FolderRole",
    "ImapAccount",
    "Ledger",
    "MaildirAccount",
    "MboxAccount",
    "ParserChild",
    "PollReport",
    "RawMessage",
    "Secret",
    "Source",
    "TranscriptFolder",
    "contact_of_row",
    "fingerprint",
    "moment",
    "open_source",
    "receive",
    "with_delivery",
]


def receive(raw: RawMessage, parsed: ParsedMessage) -> Contact:
    """A parsed message as a contact with the one route by which it has just arrived."""
    direction = Direction.OUT if raw.role is FolderRole.SENT else Direction(parsed.direction_hint)
    route = parsed.call_route or raw.account
    contact = Contact(
        id="",
        at=_made_at(raw, parsed),
        received=raw.received,
        direction=direction,
        channel=Channel(parsed.channel),
        deliveries=(
            Delivery(
                route=route,
                received=raw.received,
                account=raw.account,
                folder=raw.folder,
                uidvalidity=raw.uidvalidity,
                uid=raw.uid,
            ),
        ),
        from_addr=parsed.sender.email if parsed.sender else parsed.from_phone,
        from_name=(parsed.sender.name or None) if parsed.sender else None,
        to=tuple(address.email for address in parsed.to),
        cc=tuple(address.email for address in parsed.cc),
        subject=parsed.subject,
        text=parsed.text,
        segments=tuple(
            Segment(start=part.start, end=part.end, kind=SegmentKind(part.kind.value), reason=part.reason)
            for part in parsed.segments
        ),
        turns=tuple(
            Turn(
                speaker=Speaker(turn.speaker.value),
                text=turn.text,
                start_ms=turn.start_ms,
                end_ms=turn.end_ms,
                confidence=turn.confidence,
                masked=turn.masked,
                certain=turn.certain,
            )
            for turn in parsed.turns
        ),
        message_id=parsed.message_id,
        in_reply_to=parsed.in_reply_to,
        references=parsed.references,
        auto=bool(parsed.marks & {Mark.AUTO, Mark.BOUNCE, Mark.LIST, Mark.CALENDAR}),
        not_scored=parsed.unreadable,
        problems=parsed.problems,
        attachments=tuple(attachment.name for attachment in parsed.attachments),
    )
    return replace(contact, id=fingerprint(contact, raw)[:32])


def _made_at(raw: RawMessage, parsed: ParsedMessage) -> datetime:
    """When it was made. The sender writes the Date of a mail, so one that does not fit its arrival is not believed (fault 28).

    A call is made before its transcript arrives, however long before.
    """
    if parsed.sent is None or raw.received - parsed.sent < -LATEST_CLOCK:
        return raw.received
    if raw.kind is SourceKind.TRANSCRIPT or raw.received - parsed.sent <= SLOWEST_MAIL:
        return parsed.sent
    return raw.received


def fingerprint(contact: Contact, raw: RawMessage | None = None) -> str:
    """What makes two deliveries the same contact: sender, Message-ID and all words together, never Message-ID alone.

    The sender chooses a Message-ID, so other words under a known one are another contact (faults 0.2, 65). Without one,
    or where nothing could be read, only the same bytes are the same contact.
    """
    parts: Sequence[str]
    if raw is not None and (contact.message_id is None or contact.not_scored is not None):
        parts = [contact.direction.value, raw.sha256, raw.name or ""]
    elif contact.message_id is None:
        parts = [contact.direction.value, contact.id]
    else:
        parts = [
            contact.direction.value,
            contact.message_id,
            contact.from_addr or "",
            contact.subject,
            contact.text,
            *(turn.text for turn in contact.turns),
        ]
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def with_delivery(known: Contact, again: Contact) -> Contact:
    """The known contact with the routes that it reached as well; the same arrival twice changes nothing."""
    new = tuple(delivery for delivery in again.deliveries if delivery not in known.deliveries)
    if not new:
        return known
    deliveries = tuple(sorted((*known.deliveries, *new), key=lambda delivery: (delivery.received, delivery.route)))
    return replace(known, deliveries=deliveries, received=deliveries[0].received)


def contact_of_row(row: Mapping[str, Any]) -> Contact:
    """A contact from the plain format of ``triage replay``; raises InputError saying which key is wrong.

    Times without an offset are Europe/London wall-clock time; unknown keys are ignored.
    """
    try:
        at = moment(row["at"])
        channel = Channel(row["channel"])
        text = clean(row.get("text"))
        contact = Contact(
            id=str(row["id"]),
            at=at,
            received=at,
            direction=Direction(row["direction"]),
            channel=channel,
            deliveries=tuple(Delivery(route=route, received=at) for route in _routes(row)),
            from_addr=row.get("from_addr"),
            from_name=row.get("from_name"),
            to=tuple(row.get("to") or ()),
            cc=tuple(row.get("cc") or ()),
            subject=clean(row.get("subject")),
            text=text,
            segments=_segments(text, bool(row.get("in_reply_to"))) if channel is Channel.EMAIL and text else (),
            turns=tuple(
                Turn(speaker=Speaker(turn["speaker"]), text=clean(turn["text"])) for turn in row.get("turns") or ()
            ),
            message_id=_identifier(row.get("message_id")),
            in_reply_to=_identifier(row.get("in_reply_to")),
            auto=bool(row.get("auto")),
        )
    except KeyError as error:
        raise InputError(f"A contact needs the key {error}.") from error
    except (TypeError, ValueError) as error:
        raise InputError(f"Contact {row.get('id')!r} cannot be read: {error}.") from error
    return (
        contact
        if contact.own_text.strip() or contact.subject.strip() or contact.turns
        else replace(contact, not_scored="It has no words.")
    )


def _identifier(value: str | None) -> str | None:
    """A message identifier without its angle brackets, as the parser gives it (RFC 5322, 3.6.4)."""
    return (value or "").strip().removeprefix("<").removesuffix(">") or None


def _routes(row: Mapping[str, Any]) -> Iterable[str]:
    route = row.get("route")
    return [str(route)] if route else ["unknown route"]


def _segments(text: str, is_reply: bool) -> tuple[Segment, ...]:
    parts, _ = split(text, is_reply=is_reply)
    return tuple(
        Segment(start=part.start, end=part.end, kind=SegmentKind(part.kind.value), reason=part.reason) for part in parts
    )


def clean(value: Any) -> str:
    """Text that every column and page can hold: NUL and lone surrogates become U+FFFD."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"text must be a string, not {type(value).__name__}")
    return (
        value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
        if not value.isascii() or "\x00" in value
        else value
    )


def moment(value: Any) -> datetime:
    """An aware moment from ISO 8601; without an offset, Europe/London wall-clock time. Raises ValueError outside 1900 to 2199.

    Years at the ends of the calendar cannot be moved to UTC or counted on from: one such row would stop all that follow.
    """
    at = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"the year {at.year} is no plausible year; correct it")
    return at if at.tzinfo else at.replace(tzinfo=LONDON)
