"""Mail to `ParsedMessage`: mail-parser reads headers and structure, this decides what a person would have read."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from typing import Literal

import mailparser
from mailparser.exceptions import MailParserError

from triage_mailbox import quoting
from triage_mailbox.addresses import as_addresses, decode_words, message_ids, one_address, read_date
from triage_mailbox.cleaning import clean_line, clean_text, decode
from triage_mailbox.hypertext import ShownText, read_html, without_pictures
from triage_mailbox.marks import authentication_of, children, marks_of
from triage_mailbox.messages import (
    Address,
    Attachment,
    FolderRole,
    ParsedMessage,
    RawMessage,
    Segment,
    SegmentKind,
)
from triage_mailbox.openings import says_forward, says_reply

MOST_PARTS = 2_000
MOST_TEXT = 1_000_000  # characters kept for reading; a letter of 1,000,000 characters is no letter
MOST_HEAD = 512 * 1024
_UNUSED = re.compile(rb"^(?:Content-|Received:)[^\n]*\n(?:[ \t][^\n]*\n)*", re.MULTILINE | re.IGNORECASE)
FUTURE_ALLOWED = timedelta(days=2)

_ENCRYPTED = {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """One body part's text in reading order; `whole` labels all of it where it is not to be searched for quotes."""

    text: str
    marked: tuple[tuple[int, int, SegmentKind], ...] = ()
    whole: tuple[SegmentKind, str] | None = None


@dataclass(slots=True)
class _Reading:
    """What has been gathered from the parts so far."""

    blocks: list[_Block] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    types: set[str] = field(default_factory=set)

    def note(self, sentence: str) -> None:
        if sentence not in self.problems:
            self.problems.append(sentence)


def parse(raw: RawMessage) -> ParsedMessage:
    """Understand one mail. May raise on hostile structure (RecursionError, MemoryError): call it through `child`."""
    reading = _Reading()
    opened = _opened(raw.content.removeprefix(codecs.BOM_UTF8))  # else the library takes all of the headers for text
    message = opened.message
    _read_parts(message, reading)
    sender = _sender(message, opened.senders, reading)
    subject = opened.subject
    identifiers = message_ids(_header(message, "Message-ID"))
    replied_to = message_ids(_header(message, "In-Reply-To"))
    if not identifiers:
        reading.note("The message has no usable Message-ID.")
    if raw.truncated_from is not None:
        reading.note(f"The message has {raw.truncated_from:,} bytes; only the first {len(raw.content):,} were read.")
    references = message_ids(_header(message, "References"))
    facts = quoting.Facts(
        is_reply=bool(replied_to) or says_reply(subject),
        answers=bool(replied_to or references),
        passes_on=says_forward(subject),
        names=_names(sender),
    )
    text, segments = _assemble(reading, facts)
    return ParsedMessage(
        channel="email",
        direction_hint=direction_of(raw),
        message_id=identifiers[0] if identifiers else None,
        in_reply_to=replied_to[0] if replied_to else None,
        references=references,
        sender=sender,
        to=as_addresses(opened.to),
        cc=as_addresses(opened.cc),
        sent=_sent(message, opened.date, raw.received, reading),
        subject=subject,
        text=text,
        segments=segments,
        marks=marks_of(message, sender, raw.account),
        problems=tuple(reading.problems),
        attachments=tuple(reading.attachments),
        unreadable=_why_unreadable(text, subject, reading),
        authentication=authentication_of(message),
    )


def _names(sender: Address | None) -> frozenset[str]:
    """The sender's names in lower case, as shown and as the address has them."""
    if sender is None:
        return frozenset()
    return frozenset(re.findall(r"[^\W\d_]+", f"{sender.name} {sender.email.split('@')[0]}".lower()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A message's tree of parts and its decoded headers; addresses as (name, e-mail) pairs."""

    message: Message
    subject: str
    senders: list[tuple[str, str]]
    to: list[tuple[str, str]]
    cc: list[tuple[str, str]]
    date: datetime | None


def _opened(content: bytes) -> _Opened:
    """The tree of parts by the standard library, on which mail-parser builds, and the headers by mail-parser.

    mail-parser gets the headers alone: given all, it decodes every part a second time. Where it fails, headers are read
    by bounds.
    """
    message = message_from_bytes(content)
    try:
        mail = mailparser.parse_from_bytes(_head(content))
    except (
        AttributeError,
        LookupError,
        ValueError,
        TypeError,
        OverflowError,
        RecursionError,
        MessageError,
        MailParserError,
    ):
        return _Opened(
            message=message,
            subject=clean_line(decode_words(str(message.get("Subject", "")))),
            senders=_pairs(message, "From"),
            to=_pairs(message, "To"),
            cc=_pairs(message, "Cc"),
            date=None,
        )
    return _Opened(
        message=message,
        subject=clean_line(str(mail.subject or "")),
        senders=mail.from_,
        to=mail.to,
        cc=mail.cc,
        date=mail.date,
    )


def _head(content: bytes) -> bytes:
    """The header block without what says how the body is built and which way it came, at most `MOST_HEAD` bytes."""
    end = re.search(rb"\r?\n\r?\n", content[:MOST_HEAD])
    head = content[: end.end() if end else MOST_HEAD]
    return _UNUSED.sub(b"", head)


def _pairs(message: Message, name: str) -> list[tuple[str, str]]:
    found = one_address(str(message.get(name, "")))
    return [(found.name, found.email)] if found else []


def direction_of(raw: RawMessage) -> Literal["in", "out"]:
    """Mail in a Sent folder went out; all else came in."""
    return "out" if raw.role is FolderRole.SENT else "in"


def _header(message: Message, name: str) -> str:
    return clean_line(str(message.get(name, "")), 100_000)


def _sender(message: Message, pairs: list[tuple[str, str]], reading: _Reading) -> Address | None:
    found = as_addresses(pairs)
    headers = message.get_all("From", [])
    if len(headers) > 1 or len({address.email for address in found}) > 1:
        reading.note("The message names more than one sender; the first is taken.")
    if found:
        return found[0]
    rescued = one_address(str(headers[0])) if headers else None
    if rescued is None:
        reading.note("The From header names no address; the sender is unknown.")
    return rescued


def _sent(message: Message, parsed: datetime | None, received: datetime, reading: _Reading) -> datetime:
    """The Date header when it can be believed, else when the message was received; always aware."""
    moment = parsed if parsed is not None and parsed.tzinfo is not None else read_date(_header(message, "Date"))
    if moment is None:
        reading.note("The Date header is missing or no date; the time of arrival is taken.")
        return received
    if moment > received + FUTURE_ALLOWED:
        reading.note(
            f"The Date header says {moment:%d %B %Y}, after the message arrived; the time of arrival is taken."
        )
        return received
    return moment


def _read_parts(message: Message, reading: _Reading) -> None:
    """Walk the parts without recursion; each leaf becomes a block of text or an attachment."""
    stack: list[tuple[Message, bool]] = [(message, False)]
    seen = 0
    while stack:
        part, is_attached = stack.pop()
        seen += 1
        if seen > MOST_PARTS:
            reading.note(f"The message has more than {MOST_PARTS:,} parts; the rest was not read.")
            return
        content_type = part.get_content_type()
        reading.types.add(content_type)
        if content_type == "multipart/alternative" and part.is_multipart():
            chosen, others = _alternatives(children(part))
            if chosen:
                _read_alternative(chosen, reading)
            stack.extend((child, is_attached) for child in reversed(others))
        elif content_type == "message/rfc822" or content_type.startswith("message/global"):
            stack.extend((child, True) for child in reversed(children(part)))
        elif part.is_multipart():
            stack.extend((child, is_attached) for child in reversed(children(part)))
        else:
            _read_leaf(part, is_attached, reading)


def _alternatives(versions: list[Message]) -> tuple[dict[str, Message], list[Message]]:
    """The plain and HTML versions of one text, also where HTML sits in a multipart/related, and what else there is."""
    chosen: dict[str, Message] = {}
    others: list[Message] = []
    for child in versions:
        inner = children(child) if child.get_content_type() == "multipart/related" else []
        candidate = inner[0] if inner else child
        kind = candidate.get_content_type()
        if kind in ("text/plain", "text/html") and not _is_file(candidate):
            chosen[kind] = candidate
            others.extend(inner[1:])
        else:
            others.append(child)
    return chosen, others


def _read_alternative(chosen: dict[str, Message], reading: _Reading) -> None:
    """Take the plain version when it says the same as the HTML; else the HTML, which mail programs show."""
    plain = _plain_text(chosen["text/plain"], reading) if "text/plain" in chosen else ""
    shown = _shown(chosen["text/html"], reading) if "text/html" in chosen else None
    if shown is None or not shown.text.strip():
        reading.blocks.append(_Block(text=plain))
        return
    if plain.strip() and not shown.marked and _bare_words(plain) == _bare_words(shown.text):
        reading.blocks.append(_Block(text=plain))
        _add_hidden(shown, reading)
        return
    _add_shown(shown, reading)
    only_plain = _lines_not_in(plain, shown.text)
    if only_plain:
        reading.note("The plain version says things that the HTML version does not; the HTML version is what is shown.")
        label = (SegmentKind.HIDDEN, "Only in the plain version of the message.")
        reading.blocks.append(_Block(text="\n".join(only_plain), whole=label))


def _bare_words(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def _lines_not_in(plain: str, shown: str) -> list[str]:
    if not plain.strip():
        return []
    there = _bare_words(shown[:200_000])
    lines = [line.strip() for line in plain[:200_000].split("\n", 2_000)[:2_000]]
    new = [line for line in lines if _bare_words(line) and _bare_words(line) not in there]
    # Links, image names and rulers are written out in the plain version only; they are no difference in words.
    return [line for line in new if "http" not in line.lower() and not line.startswith(("[cid:", "[image"))]


def _read_leaf(part: Message, is_attached: bool, reading: _Reading) -> None:
    content_type = part.get_content_type()
    if content_type.startswith("multipart/"):
        _read_unstructured(part, reading)
        return
    if _is_file(part) or content_type not in ("text/plain", "text/html"):
        if content_type in ("message/delivery-status", "message/disposition-notification", "text/rfc822-headers"):
            return
        reading.attachments.append(_attachment(part))
        return
    label = (SegmentKind.FORWARDED, "A message attached to this one.") if is_attached else None
    if content_type == "text/plain":
        reading.blocks.append(_Block(text=_plain_text(part, reading), whole=label))
    elif is_attached:
        reading.blocks.append(_Block(text=_shown(part, reading).text, whole=label))
    else:
        _add_shown(_shown(part, reading), reading)


def _read_unstructured(part: Message, reading: _Reading) -> None:
    """A part that says it has parts but has no boundary that holds: its text is shown as it stands."""
    text = _plain_text(part, reading)
    if text.strip():
        reading.note("The message's structure is broken; its text is shown as it stands.")
        reading.blocks.append(_Block(text=text))


def _is_file(part: Message) -> bool:
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    return disposition.startswith("attachment") or (bool(_file_name(part)) and not disposition.startswith("inline"))


def _file_name(part: Message) -> str:
    try:
        return clean_line(decode_words(str(part.get_filename() or "")), 200)
    except (LookupError, ValueError, TypeError):
        return "unnamed"


def _attachment(part: Message) -> Attachment:
    return Attachment(
        name=_file_name(part) or "unnamed", content_type=part.get_content_type(), size=len(_payload(part))
    )


def _payload(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError):  # the library decodes by the declared charset on its way, whatever that is
        payload = str(vars(part).get("_payload", "")).encode("utf-8", "surrogateescape")
    return payload if isinstance(payload, bytes) else b""


def _plain_text(part: Message, reading: _Reading, *, is_markup: bool = False) -> str:
    text, trouble = decode(_payload(part), _charset(part))
    if trouble:
        reading.note(trouble)
    return _cleaned(without_pictures(text) if is_markup else text, reading)


def _shown(part: Message, reading: _Reading) -> ShownText:
    markup = _plain_text(part, reading, is_markup=True)
    shown = read_html(markup)
    if markup.strip() and not shown.text.strip() and not shown.hidden:
        reading.note("The HTML of the message shows no words.")
    return shown


def _cleaned(text: str, reading: _Reading) -> str:
    cleaned, changes = clean_text(text)
    for change in changes:
        reading.note(change)
    if len(cleaned) > MOST_TEXT:
        reading.note(f"A part of the message is very long; only its first {MOST_TEXT:,} characters were read.")
        return cleaned[:MOST_TEXT]
    return cleaned


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (LookupError, ValueError, TypeError):
        return None


def _add_shown(shown: ShownText, reading: _Reading) -> None:
    reading.blocks.append(_Block(text=shown.text, marked=shown.marked))
    _add_hidden(shown, reading)


def _add_hidden(shown: ShownText, reading: _Reading) -> None:
    if shown.hidden:
        reading.note("The HTML holds words that it hides from a reader; they are marked and not scored.")
        label = (SegmentKind.HIDDEN, "Hidden from a reader by the markup.")
        reading.blocks.append(_Block(text="\n".join(shown.hidden), whole=label))


def _assemble(reading: _Reading, facts: quoting.Facts) -> tuple[str, tuple[Segment, ...]]:
    """One text from all blocks, an empty line between them, with segments that cover it."""
    blocks = [block for block in reading.blocks if block.text.strip()]
    segments: list[Segment] = []
    text = ""
    for number, block in enumerate(blocks):
        words = block.text + ("\n\n" if number + 1 < len(blocks) else "")
        segments.extend(_placed(block, words, len(text), facts, reading))
        text += words
    return text, tuple(segments)


def _placed(block: _Block, words: str, place: int, facts: quoting.Facts, reading: _Reading) -> Iterator[Segment]:
    if block.whole is not None:
        kind, reason = block.whole
        yield Segment(start=place, end=place + len(words), kind=kind, reason=reason)
        return
    segments, problems = quoting.split(words, facts, marked=block.marked)
    for problem in problems:
        reading.note(problem)
    for part in segments:
        yield replace(part, start=part.start + place, end=part.end + place)


def _why_unreadable(text: str, subject: str, reading: _Reading) -> str | None:
    if text.strip():
        return None
    if reading.types & _ENCRYPTED:
        return "The message is encrypted; it can only be read in a mail program that has the key."
    if reading.attachments:
        kinds = ", ".join(sorted({attachment.content_type for attachment in reading.attachments})[:5])
        return f"There is no readable text, only {kinds}; a person has to open it."
    return None if subject else "The message has neither a subject nor any words."
