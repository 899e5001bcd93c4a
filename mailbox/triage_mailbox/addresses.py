"""Who wrote to whom: headers of RFC 5322 read with bounds, also where the message itself cannot be parsed."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import parsedate_to_datetime

from triage_mailbox.cleaning import clean_line, decode
from triage_mailbox.messages import Address

HEADER_BYTES = 64 * 1024
VALUE_CHARACTERS = 2000
MOST_ADDRESSES = 200
MOST_REFERENCES = 100

_IN_ANGLES = re.compile(r"<\s*([^<>\s@]{1,256}@[^<>\s@]{1,256})\s*>")
_BARE = re.compile(r"([^\s<>\"(),:;@]{1,256}@[^\s<>\"(),:;@]{1,256})")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")


def as_addresses(pairs: Iterable[tuple[str, str]]) -> tuple[Address, ...]:
    """Addresses from (name, e-mail) pairs as mail-parser gives them; at most `MOST_ADDRESSES`, empty ones left out."""
    found = []
    for name, email in pairs:
        address = Address(name=clean_line(name, 200), email=clean_line(email, 320).lower())
        if "@" in address.email:
            found.append(address)
        if len(found) == MOST_ADDRESSES:
            break
    return tuple(found)


def one_address(value: str) -> Address | None:
    """The first address in a header's value by a bounded search: no grammar, so nothing can nest."""
    value = value[:VALUE_CHARACTERS]
    match = _IN_ANGLES.search(value) or _BARE.search(value)
    if match is None:
        return None
    name = clean_line(decode_words(value[: match.start()]).strip(" \t\"'"), 200)
    return Address(name=name, email=clean_line(match.group(1), 320).lower())


def message_ids(value: str) -> tuple[str, ...]:
    """Message-IDs of a header (RFC 5322 section 3.6.4), without angle brackets; a bare id counts too."""
    value = value[: MOST_REFERENCES * 1000]
    found = _MESSAGE_ID.findall(value)
    if not found and "<" not in value and "@" in value:
        found = value.split()
    cleaned = (clean_line(identifier, 900) for identifier in found[-MOST_REFERENCES:])
    return tuple(identifier for identifier in cleaned if identifier)


def decode_words(value: str) -> str:
    """Encoded words of RFC 2047 decoded within bounds; text that cannot be decoded is given as it stands."""
    value = value[:VALUE_CHARACTERS]
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError, LookupError):
        return value
    return "".join(part if isinstance(part, str) else decode(part, charset)[0] for part, charset in parts)


def read_date(value: str) -> datetime | None:
    """An aware moment from a Date header; a date without a zone is taken as UTC; None when it is no date."""
    try:
        moment = parsedate_to_datetime(value[:200])
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def sender_of(content: bytes) -> str | None:
    """The address that a mail names as its sender, by a bounded look at its headers; None where it names none."""
    found = one_address(read_headers(content).get("from", ""))
    return found.email if found is not None else None


def read_headers(content: bytes) -> dict[str, str]:
    """The first value of each header by lower-case name, from at most 64 KiB: safe on any bytes, in linear time."""
    head = content[:HEADER_BYTES].replace(b"\r\n", b"\n")
    head = head.split(b"\n\n", 1)[0]
    headers: dict[str, str] = {}
    name = ""
    for line in head.decode("utf-8", "replace").split("\n"):
        if line[:1] in (" ", "\t"):
            if name and len(headers[name]) < VALUE_CHARACTERS:
                headers[name] += " " + line.strip()
            continue
        before, colon, after = line.partition(":")
        name = before.strip().lower() if colon and before and " " not in before.strip() else ""
        if name in headers:
            name = ""
        elif name:
            headers[name] = after.strip()[:VALUE_CHARACTERS]
    return headers
