"""The only door to triage_mailbox: sources are polled, raw messages parsed, and each becomes a contact with its routes."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from zoneinfo import ZoneInfo

from triage.domain.contact import (
    Channel,
    Contact,
    Delivery,
    Direction,
    Segment,
    SegmentKind,
    SenderProof,
    Speaker,
    Turn,
)
from triage.domain.errors import InputError
from triage_mailbox.accounts import (
    Account,
    FolderReport,
    ImapAccount,
    MaildirAccount,
    MboxAccount,
    ObjectStore,
    PollReport,
    Secret,
    SftpPlace,
    Source,
    TranscriptFolder,
    open_source,
)
from triage_mailbox.child import ParserChild
from triage_mailbox.errors import MailboxError
from triage_mailbox.ledger import FolderCounts, Ledger, LedgerCounts, LedgerState, Unfetched
from triage_mailbox.messages import FolderRole, Mark, ParsedMessage, RawMessage, SourceKind
from triage_mailbox.messages import Segment as MailSegment
from triage_mailbox.messages import SegmentKind as MailSegmentKind
from triage_mailbox.oauth import TokenFile, Tokens, from_command, from_endpoint, from_microsoft
from triage_mailbox.openings import says_forward, says_reply
from triage_mailbox.polling import Pollers, SourceState
from triage_mailbox.probing import ImapFound, PlaceFound, probe_imap, probe_place
from triage_mailbox.quotes_checked import Held, check
from triage_mailbox.quoting import Facts, split
from triage_mailbox.verification import verify_sender

_READERS = ("triage", "mail-parser", "mail-parser-reply", "quotequail", "inscriptis", "lxml", "webvtt-py")
LONDON = ZoneInfo("Europe/London")
_TAG = re.compile(r"^(?:\[[\w.-]{1,24}\] ?)|(?<=: )\[[\w.-]{1,24}\] ?")
LATEST_CLOCK = timedelta(minutes=10)
SLOWEST_MAIL = timedelta(days=5)
FIRST_YEAR, LAST_YEAR = 1900, 2199

__all__ = [
    "LATEST_CLOCK",
    "Account",
    "FolderCounts",
    "FolderReport",
    "FolderRole",
    "ImapAccount",
    "ImapFound",
    "Ledger",
    "LedgerCounts",
    "LedgerState",
    "MailboxError",
    "MaildirAccount",
    "MboxAccount",
    "ObjectStore",
    "ParserChild",
    "PlaceFound",
    "PollReport",
    "Pollers",
    "RawMessage",
    "Secret",
    "SftpPlace",
    "Source",
    "SourceState",
    "TokenFile",
    "Tokens",
    "TranscriptFolder",
    "Unfetched",
    "contact_of_row",
    "fingerprint",
    "from_command",
    "from_endpoint",
    "from_microsoft",
    "is_copy_of",
    "is_transcript",
    "moment",
    "open_source",
    "probe_imap",
    "probe_place",
    "reader_version",
    "receive",
    "with_delivery",
    "with_quotes_checked",
]


@cache
def reader_version() -> str:
    """The versions of the service and of all that reads for it: another one may read what this one could not."""
    return " ".join(f"{name} {found}" for name in _READERS if (found := _version(name)) is not None)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def is_transcript(raw: RawMessage) -> bool:
    """Whether the bytes are a call's or chat's, taken from a folder of transcripts."""
    return raw.kind is SourceKind.TRANSCRIPT


def receive(raw: RawMessage, parsed: ParsedMessage, trusted: Collection[str] = ()) -> Contact:
    """A parsed message as a contact with the one route by which it has just arrived.

    ``trusted`` names the mail servers of the account whose Authentication-Results are believed (RFC 8601).
    """
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
        segments=tuple(_domain_segment(part) for part in parsed.segments),
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
        report=Mark.REPORT in parsed.marks,
        not_scored=parsed.unreadable,
        problems=parsed.problems,
        attachments=tuple(attachment.name for attachment in parsed.attachments),
        quarantined=parsed.failed or (raw.kind is SourceKind.TRANSCRIPT and parsed.unreadable is not None),
    )
    if raw.kind is SourceKind.MAIL and direction is Direction.IN:
        contact = _with_sender_checked(contact, parsed, trusted)
    return replace(contact, id=_identity(contact, raw)[:32])


def _with_sender_checked(contact: Contact, parsed: ParsedMessage, trusted: Collection[str]) -> Contact:
    verdict = verify_sender(parsed.authentication, parsed.sender, trusted)
    proof = SenderProof(verdict.proof.value)
    told = proof in (SenderProof.FAILED, SenderProof.UNPROVEN)
    return replace(
        contact,
        sender_proof=proof,
        report=contact.report or (proof is SenderProof.PROVEN and _is_our_own_reply(contact, parsed)),
        problems=(*contact.problems, verdict.sentence) if told else contact.problems,
    )


def _is_our_own_reply(contact: Contact, parsed: ParsedMessage) -> bool:
    """An automatic reply of the mailbox to itself; only with a proven sender, because anybody can write our address."""
    ours = {delivery.account.lower() for delivery in contact.deliveries}
    return Mark.AUTO in parsed.marks and (contact.from_addr or "").lower() in ours


def with_quotes_checked(contact: Contact, held: Iterable[Contact]) -> Contact:
    """The contact with only those quotations left as such that are believed; the rule is in `triage_mailbox.quotes_checked`.

    ``held`` is earlier mail of its thread and of the same person. The same contact, where nothing changes.
    """
    earlier = [other for other in held if other.message_id is None or other.message_id != contact.message_id]
    ours = [other for other in earlier if other.direction is Direction.OUT]
    named = {contact.in_reply_to, *contact.references}
    segments, problems = check(
        contact.text,
        [_mailbox_segment(part) for part in contact.segments],
        Held(
            ours=[other.text for other in ours],
            others=[other.text for other in earlier if other.direction is Direction.IN],
            answered=any(other.message_id in named for other in earlier if other.message_id),
            our_addresses={other.from_addr for other in ours if other.from_addr},
            subjects={contact.subject, *(other.subject for other in earlier)},
        ),
    )
    found = tuple(_domain_segment(part) for part in segments)
    new = tuple(problem for problem in problems if problem not in contact.problems)
    return contact if found == contact.segments and not new else _checked(contact, found, new)


def _checked(contact: Contact, segments: tuple[Segment, ...], problems: tuple[str, ...]) -> Contact:
    return replace(contact, segments=segments, problems=(*contact.problems, *problems))


def _mailbox_segment(part: Segment) -> MailSegment:
    return MailSegment(
        start=part.start, end=part.end, kind=MailSegmentKind(part.kind.value), reason=part.reason, typed=part.typed
    )


def _domain_segment(part: MailSegment) -> Segment:
    return Segment(
        start=part.start, end=part.end, kind=SegmentKind(part.kind.value), reason=part.reason, typed=part.typed
    )


def _made_at(raw: RawMessage, parsed: ParsedMessage) -> datetime:
    """When it was made. The sender writes the Date of a mail, so one that does not fit its arrival is not believed (fault 28).

    A call is made before its transcript arrives, however long before.
    """
    if parsed.sent is None or raw.received - parsed.sent < -LATEST_CLOCK:
        return raw.received
    if raw.kind is SourceKind.TRANSCRIPT or raw.received - parsed.sent <= SLOWEST_MAIL:
        return parsed.sent
    return raw.received


def _identity(contact: Contact, raw: RawMessage) -> str:
    """What names a message of its own: everything that it says, so that no two that differ can share a name."""
    if contact.message_id is None or contact.not_scored is not None:
        return _hash(contact.direction.value, raw.sha256, raw.name or "")
    turns = (turn.text for turn in contact.turns)
    return _hash(
        contact.direction.value, contact.message_id, contact.from_addr or "", contact.subject, contact.text, *turns
    )


def fingerprint(contact: Contact, raw: RawMessage | None = None) -> str:
    """What makes two deliveries the same contact: Message-ID, sender, subject and own words together.

    The sender chooses a Message-ID, so other words under a known one are another contact (faults 0.2, 65). A list's
    footer, a gateway's warning, a list's tag in the subject and other trace headers are not the sender's words and make
    no difference; nor does the direction: `is_copy_of` says what that means. Without a Message-ID, or where nothing could be read, only
    the same bytes are the same contact.
    """
    if raw is not None and (contact.message_id is None or contact.not_scored is not None):
        return _hash(contact.direction.value, raw.sha256, raw.name or "")
    if contact.message_id is None:
        return _hash(contact.direction.value, contact.id)
    return _hash(
        contact.message_id,
        contact.from_addr or "",
        _TAG.sub("", " ".join(contact.subject.split())),
        " ".join(contact.own_text.split()),
        *(turn.text for turn in contact.turns),
    )


def is_copy_of(known: Contact, again: Contact) -> bool:
    """Whether two contacts of one fingerprint are one: what we sent may come in again as a copy to ourselves.

    The other way round it is two: our reply, found in a Sent folder, is never swallowed by what seems to have come in.
    """
    return known.direction is again.direction or known.direction is Direction.OUT


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def with_delivery(known: Contact, again: Contact) -> Contact:
    """The known contact with the routes, and the files, of the other; the same arrival twice changes nothing."""
    new = tuple(delivery for delivery in again.deliveries if delivery not in known.deliveries)
    if not new:
        return known
    deliveries = tuple(sorted((*known.deliveries, *new), key=lambda delivery: (delivery.received, delivery.route)))
    attachments = (*known.attachments, *(name for name in again.attachments if name not in known.attachments))
    return replace(known, deliveries=deliveries, received=deliveries[0].received, attachments=attachments)


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
            segments=_segments(text, row) if channel is Channel.EMAIL and text else (),
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


def _segments(text: str, row: Mapping[str, Any]) -> tuple[Segment, ...]:
    subject, answers = clean(row.get("subject")), bool(row.get("in_reply_to"))
    names = re.findall(
        r"[^\W\d_]+", f"{row.get('from_name') or ''} {str(row.get('from_addr') or '').split('@')[0]}".lower()
    )
    facts = Facts(
        is_reply=answers or says_reply(subject),
        answers=answers,
        passes_on=says_forward(subject),
        names=frozenset(names),
    )
    return tuple(_domain_segment(part) for part in split(text, facts)[0])


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

    Years at the ends of the calendar cannot be moved to UTC or counted on from: one such row would stop all that follow. The offset
    is a fixed one, as it is once stored: between moments of a zone that changes its clocks Python counts hours of the wall clock.
    """
    at = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"the year {at.year} is no plausible year; correct it")
    offset = (at if at.tzinfo else at.replace(tzinfo=LONDON)).utcoffset()
    return at.replace(tzinfo=timezone(offset or timedelta()))
