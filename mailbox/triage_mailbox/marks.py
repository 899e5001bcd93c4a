"""What the headers say that a message is: automatic, a bounce, from a list, or a calendar entry."""

import re
from email.message import Message

from triage_mailbox.cleaning import clean_line
from triage_mailbox.messages import Address, Mark

MOST_RESULTS = 20
RESULT_CHARACTERS = 4_000

_DAEMONS = ("mailer-daemon", "postmaster", "mail-daemon", "maildelivery", "bounce")
_NO_REPLY = ("no-reply", "noreply", "do-not-reply", "donotreply", "auto-reply", "autoreply")
_AUTO_HEADERS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Reply-From",
    "X-Mail-Autoreply",
    "X-AutoReply-From",
    "X-FC-MachineGenerated",
)


def marks_of(message: Message, sender: Address | None, route: str = "") -> frozenset[Mark]:
    """The marks of a message: RFC 3834 (automatic), RFC 3464 and 8098 (reports), RFC 2919 (lists), RFC 6047 (calendar).

    A mark says what the message claims to be; its sender can set these headers, so a mark never hides the message, and
    only a report of a mail server is not read.
    `route` is the address that was reached: a shared mailbox that is itself a list puts list headers on all its mail.
    """
    local = sender.email.split("@", 1)[0] if sender else ""
    found: set[Mark] = set()
    if _is_bounce(message, local):
        found |= {Mark.BOUNCE, Mark.AUTO}
    if is_report(message):
        found.add(Mark.REPORT)
    if _is_automatic(message, local):
        found.add(Mark.AUTO)
    if _is_list(message) and not _is_list_of(message, route):
        found.add(Mark.LIST)
    if any(part.get_content_type() == "text/calendar" for part in _shallow(message)):
        found.add(Mark.CALENDAR)
    return frozenset(found)


def authentication_of(message: Message) -> tuple[str, ...]:
    """The values of Authentication-Results as they stand, the topmost first, within bounds (RFC 8601)."""
    values = message.get_all("Authentication-Results", [])[:MOST_RESULTS]
    return tuple(clean_line(str(value), RESULT_CHARACTERS) for value in values)


def _value(message: Message, name: str) -> str:
    return str(message.get(name, "")).strip().lower()


def _is_bounce(message: Message, local: str) -> bool:
    report = _value(message, "Content-Type")
    if message.get_content_type() == "multipart/report" and "delivery-status" in report:
        return True
    return local.startswith(_DAEMONS) or bool(message.get("X-Failed-Recipients"))


def is_report(message: Message) -> bool:
    """A delivery report or read receipt (RFC 3461, 6.1; RFC 8098, 3) under the null sender, which our own server notes (RFC 5321, 4.4).

    Both together: headers alone, which anybody can write, make no report.
    """
    kind = _value(message, "Content-Type")
    known = "delivery-status" in kind or "disposition-notification" in kind
    return message.get_content_type() == "multipart/report" and known and _value(message, "Return-Path") == "<>"


def _is_automatic(message: Message, local: str) -> bool:
    submitted = _value(message, "Auto-Submitted").split(";")[0].strip()
    if submitted and submitted != "no":
        return True
    if message.get_content_type() == "multipart/report" or any(message.get(name) for name in _AUTO_HEADERS):
        return True
    suppress = _value(message, "X-Auto-Response-Suppress")
    if _value(message, "Precedence") in ("auto_reply", "auto-reply") or "all" in suppress or "oof" in suppress:
        return True
    return _value(message, "Return-Path") == "<>" or local.startswith(_NO_REPLY)


def _is_list(message: Message) -> bool:
    is_listed = any(message.get(name) for name in ("List-Id", "List-Unsubscribe", "List-Post"))
    return is_listed or _value(message, "Precedence") in ("list", "bulk", "junk")


def _is_list_of(message: Message, route: str) -> bool:
    """Whether the list is the route itself (RFC 2919: `<repairs.tarnside.example>` for repairs@tarnside.example)."""
    if "@" not in route:
        return False
    address = route.strip().lower()
    named = re.search(r"<\s*([^<>\s]{1,300})\s*>\s*$", _value(message, "List-Id"))
    return (named is not None and named.group(1) == address.replace("@", ".")) or (
        f"<mailto:{address}>" in _value(message, "List-Post")
    )


def _shallow(message: Message) -> list[Message]:
    """The message and two levels of parts: a calendar entry is never deeper."""
    level, found = [message], [message]
    for _ in range(2):
        level = [child for part in level for child in children(part)[:100]]
        found += level
    return found


def children(part: Message) -> list[Message]:
    """The parts directly inside a part; none for a leaf."""
    if not part.is_multipart():  # the library would decode a leaf by its declared charset, whatever that is
        return []
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []
