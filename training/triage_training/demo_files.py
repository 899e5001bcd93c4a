"""The demo landlord's files: Maildir messages, WebVTT and Contact Lens transcripts, contact lines, some broken on purpose.

Standard library only; nothing here depends on the machine, the clock or chance.
"""

import csv
import hashlib
import html
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default as mail_policy
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

_PIXEL = bytes.fromhex(  # a PNG of one grey pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)
_PHONE_SIGNATURES = ("Sent from my iPhone", "Sent from Outlook for Android", "Sent from my Galaxy")
_AGENT = re.compile(r"(?:this is|speaking to) ([A-Z][a-z]+)|([A-Z][a-z]+) (?:here|speaking)|, ([A-Z][a-z]+)[.]?$")
_MS_A_WORD = 380
LONDON = ZoneInfo("Europe/London")
BEHAVIOUR = re.compile(r"[ADP]\d|S0")  # a gold label that makes a contact a troubling one
RECORD_COLUMNS = ("id", "at", "record", "customer_ref", "ref", "due", "text")
CUSTOMER_COLUMNS = ("customer_ref", "role", "name", "emails", "phones", "tenancy_ref", "address", "adjustments")


class DemoError(Exception):
    """The demo landlord cannot be rendered; the message names what is missing or in the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One contact on its way to a file; ``turns`` are (speaker, text), ``labels`` gold that no file shows."""

    id: str
    at: datetime
    direction: str
    channel: str
    route: str
    from_addr: str | None
    from_name: str | None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str | None = None
    text: str | None = None
    turns: tuple[tuple[str, str], ...] = ()
    message_id: str | None = None
    in_reply_to: str | None = None
    auto: bool = False
    labels: tuple[str, ...] = ()
    troubling: bool = False
    invented: bool = False


def draw(key: str, sides: int) -> int:
    """A number from 0 to ``sides`` - 1 that depends on ``key`` alone, on every machine and Python."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % sides


def opaque(*parts: object) -> str:
    """An id that says nothing; for scenarios the same one that timelines_to_history.py gives."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:12]


def london(wall_clock: datetime) -> datetime:
    """A naive wall-clock time as the landlord's own."""
    return wall_clock.replace(tzinfo=LONDON)


# --- mail ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTrees:
    """The landlord's Maildirs: ``mail/<mailbox>/Inbox`` for what came in, ``mail/<mailbox>/Sent`` for what staff replied."""

    target: Path
    domain: str
    mailboxes: tuple[str, ...]
    now: datetime

    def make(self) -> None:
        """Create every Maildir, empty ones too."""
        for folder in ("Inbox", "Sent"):
            for mailbox in self.mailboxes:
                for part in ("cur", "new", "tmp"):
                    (self.target / "mail" / mailbox / folder / part).mkdir(parents=True, exist_ok=True)

    def put(self, piece: Piece, thread: Mapping[str, Piece]) -> int:
        """Write one mail into each mailbox that it reached (or was sent from); how many files that were."""
        content = mail_bytes(piece, thread)
        for mailbox in self._reached(piece):
            folder = "Inbox" if piece.direction == "in" else "Sent"
            self.store(folder, mailbox, piece.id, piece.at, content)
        return len(self._reached(piece))

    def store(self, folder: str, mailbox: str, key: str, at: datetime, content: bytes) -> None:
        """One file under a real Maildir name; incoming mail of the last two days is still unread in ``new``."""
        unread = folder == "Inbox" and at > self.now - timedelta(days=2)
        unique = f"{int(at.timestamp())}.M{draw(key, 10**6)}P{1000 + draw(mailbox, 9000)}Q1.mx1.{self.domain}"
        path = (
            self.target
            / "mail"
            / mailbox
            / folder
            / ("new" if unread else "cur")
            / (unique if unread else f"{unique}:2,S")
        )
        path.write_bytes(content)
        os.utime(path, (at.timestamp(), at.timestamp()))

    def _reached(self, piece: Piece) -> list[str]:
        """The mailboxes among the recipients; a bounce to a customer was copied to the route's, no-reply@ has readers too."""
        addresses = [piece.from_addr or ""] if piece.direction == "out" else [*piece.to, *piece.cc]
        parts = [address.partition("@")[0] for address in addresses if address.endswith(f"@{self.domain}")]
        parts = parts or [piece.route.partition("@")[0]]
        return list(dict.fromkeys("customerservices" if part == "no-reply" else part for part in parts))


def mail_bytes(piece: Piece, thread: Mapping[str, Piece]) -> bytes:
    """An RFC 5322 message: encodings, HTML, signatures and quoted mail vary from message to message."""
    mail = EmailMessage(policy=mail_policy)
    mail["From"] = _mailbox(piece.from_name, piece.from_addr)
    mail["To"] = ", ".join(str(_mailbox(None, address)) for address in piece.to)
    if piece.cc:
        mail["Cc"] = ", ".join(piece.cc)
    mail["Subject"] = piece.subject or ""
    mail["Date"] = piece.at
    mail["Message-ID"] = piece.message_id
    if piece.in_reply_to:
        mail["In-Reply-To"] = piece.in_reply_to
        mail["References"] = " ".join(_references(piece, thread))
    if piece.auto and "mailer-daemon" not in str(piece.from_addr):
        mail["Auto-Submitted"] = "auto-replied" if piece.direction == "in" else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    _set_body(mail, piece, thread)
    return mail.as_bytes()


def _mailbox(name: str | None, address: str | None) -> Address:
    return Address(display_name=name or "", addr_spec=address or "unknown@unknown.example")


def _references(piece: Piece, thread: Mapping[str, Piece]) -> list[str]:
    """The ids of the mails above, oldest first (RFC 5322 section 3.6.4)."""
    above: list[str] = []
    key = piece.in_reply_to
    while key and key not in above:
        above.insert(0, key)
        key = thread[key].in_reply_to if key in thread else None
    return above


def _set_body(mail: EmailMessage, piece: Piece, thread: Mapping[str, Piece]) -> None:
    if "mailer-daemon" in str(piece.from_addr):
        _set_bounce(mail, piece)
        return
    own = (piece.text or "") + _signature(piece)
    answered = thread.get(piece.in_reply_to or "")
    quoted = _quotation(answered, piece) if answered and not piece.auto and draw(piece.id + "quote", 3) else ""
    shape = draw(piece.id + "shape", 20)
    if shape == 0 and piece.invented:
        mail.set_content(_as_html(own, quoted), subtype="html")
    else:
        encoding = "quoted-printable" if shape in {1, 2} else "base64" if shape in {3, 4} else None
        mail.set_content(own + quoted, subtype="plain", cte=encoding)
    if shape >= 15:
        mail.add_alternative(_as_html(own, quoted), subtype="html")
    if piece.direction == "in" and re.search(r"(?i)\battached\b|\bphotos?\b", own):
        mail.add_attachment(_PIXEL, maintype="image", subtype="png", filename="photo-1.png")
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{number}_{piece.id}")


def _signature(piece: Piece) -> str:
    if piece.direction == "out":
        return "" if piece.auto or draw(piece.id + "sign", 2) else f"\n\n-- \n{piece.from_addr}\n01632 960111, 8 to 6"
    sign = draw(piece.id + "sign", 10) if piece.invented and not piece.auto else 9
    return f"\n\n{_PHONE_SIGNATURES[sign]}" if sign < len(_PHONE_SIGNATURES) else ""


def _quotation(answered: Piece, piece: Piece) -> str:
    """The mail answered, as mail programs put it below: marked with >, or whole under its headers."""
    sender, text = f"{answered.from_name} <{answered.from_addr}>", answered.text or ""
    if draw(piece.id + "style", 2):
        lines = "\n".join(f"> {line}".rstrip() for line in text.splitlines())
        return f"\n\nOn {answered.at:%a, %d %b %Y} at {answered.at:%H:%M}, {sender} wrote:\n\n{lines}\n"
    head = (
        f"From: {sender}\nSent: {answered.at:%d %B %Y %H:%M}\nTo: {', '.join(answered.to)}\nSubject: {answered.subject}"
    )
    return f"\n\n-----Original Message-----\n{head}\n\n{text}\n"


def _as_html(own: str, quoted: str) -> str:
    paragraphs = "\n".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in own.split("\n\n"))
    if quoted:
        paragraphs += f"\n<blockquote>{html.escape(quoted.strip()).replace(chr(10), '<br>')}</blockquote>"
    return f"<!DOCTYPE html>\n<html><head><style>p {{ margin: 0 0 1em }}</style></head>\n<body>\n{paragraphs}\n</body></html>\n"


def _set_bounce(mail: EmailMessage, piece: Piece) -> None:
    """A delivery status notification (RFC 3464)."""
    report = EmailMessage(policy=mail_policy)
    report.set_content(piece.text or "")
    status = EmailMessage(policy=mail_policy)
    status["Reporting-MTA"] = "dns; mx.example"
    outcome = EmailMessage(policy=mail_policy)
    outcome["Final-Recipient"] = f"rfc822; {piece.to[0]}"
    outcome["Action"], outcome["Status"] = "failed", "5.2.2"
    wrapper = EmailMessage(policy=mail_policy)
    wrapper["Content-Type"] = "message/delivery-status"
    wrapper.set_payload([status, outcome])
    mail["Auto-Submitted"] = "auto-replied"
    mail["Content-Type"] = "multipart/report; report-type=delivery-status"
    mail.set_boundary(f"=_{piece.id}")
    mail.set_payload([report, wrapper])


# --- calls and the other routes --------------------------------------------------------------------------------------


TRANSCRIBED_AFTER = timedelta(minutes=20)


def put_call(folder: Path, piece: Piece) -> None:
    """A transcript, WebVTT or Contact Lens JSON, and its sidecar ``<stem>.call.json``."""
    stem = f"{piece.at:%Y-%m-%dT%H%M}-{piece.id}"
    two_voices = {speaker for speaker, _ in piece.turns} <= {"agent", "customer"}
    name = _agent(piece)
    if two_voices and draw(piece.id + "format", 2):
        (folder / f"{stem}.json").write_text(_contact_lens(piece), encoding="utf-8")
    else:
        (folder / f"{stem}.vtt").write_text(_web_vtt(piece, name), encoding="utf-8")
    put_sidecar(folder, stem, piece, name)


def put_sidecar(folder: Path, stem: str, piece: Piece, agent: str | None) -> None:
    """What the telephone system knows about the call; ``to`` only where we rang."""
    inward = piece.direction == "in"
    known = {
        "call_id": piece.id,
        "started": piece.at.isoformat(),
        "from": piece.from_addr if inward else None,
        "to": None if inward else next(iter(piece.to), None),
        "route": piece.route,
        "direction": piece.direction,
        "agent": agent,
    }
    (folder / f"{stem}.call.json").write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    arrived = (piece.at + TRANSCRIBED_AFTER).timestamp()
    for path in folder.glob(f"{stem}.*"):
        os.utime(path, (arrived, arrived))


def _agent(piece: Piece) -> str | None:
    if piece.direction == "out":
        return piece.from_name
    said = next((text for speaker, text in piece.turns if speaker == "agent"), "")
    found = _AGENT.search(said)
    return next(filter(None, found.groups()), None) if found else None


def _timed(turns: Sequence[tuple[str, str]], key: str) -> list[tuple[str, str, int, int]]:
    """(speaker, text, begin, end) in milliseconds from the start, at the pace of speech."""
    begin, timed = 400, []
    for number, (speaker, text) in enumerate(turns):
        end = begin + max(700, len(text.split()) * _MS_A_WORD)
        timed.append((speaker, text, begin, end))
        begin = end + 150 + draw(f"{key}{number}", 900)
    return timed


def _web_vtt(piece: Piece, agent: str | None) -> str:
    voices = {"agent": f"Agent: {agent}" if agent else "Agent", "customer": "Customer"}
    cues = [
        f"{number}\n{_clock(begin)} --> {_clock(end)}\n"
        f"<v {voices.get(speaker, speaker.replace('_', ' ').capitalize())}>{html.escape(text, quote=False)}</v>\n"
        for number, (speaker, text, begin, end) in enumerate(_timed(piece.turns, piece.id), start=1)
    ]
    return "WEBVTT\n\n" + "\n".join(cues)


def _clock(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"


def _contact_lens(piece: Piece) -> str:
    timed = _timed(piece.turns, piece.id)
    transcript = [
        {
            "BeginOffsetMillis": begin,
            "Content": text,
            "EndOffsetMillis": end,
            "Id": opaque(piece.id, number),
            "ParticipantId": speaker.upper(),
            "Sentiment": "NEUTRAL",
        }
        for number, (speaker, text, begin, end) in enumerate(timed)
    ]
    document = {
        "Version": "VOICE-2022-11-30",
        "AccountId": "000000000000",
        "Channel": "VOICE",
        "ContentMetadata": {"Output": "Raw"},
        "JobStatus": "COMPLETED",
        "LanguageCode": "en-GB",
        "Participants": [{"ParticipantId": role, "ParticipantRole": role} for role in ("CUSTOMER", "AGENT")],
        "Categories": {"MatchedCategories": [], "MatchedDetails": {}},
        "ConversationCharacteristics": {"TotalConversationDurationMillis": timed[-1][3]},
        "CustomModels": [],
        "Transcript": transcript,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def contact_line(piece: Piece) -> str:
    """The plain contact format of `triage replay`: no gold."""
    line: dict[str, Any] = {
        "kind": "contact",
        "id": piece.id,
        "at": piece.at.isoformat(),
        "direction": piece.direction,
        "channel": piece.channel,
        "route": piece.route,
        "from_addr": piece.from_addr,
        "from_name": piece.from_name,
        "to": piece.to,
        "cc": piece.cc,
        "subject": piece.subject,
        "message_id": piece.message_id,
        "in_reply_to": piece.in_reply_to,
        "auto": piece.auto,
    }
    line |= {"turns": [{"speaker": s, "text": t} for s, t in piece.turns]} if piece.turns else {"text": piece.text}
    return json.dumps(line, ensure_ascii=False)


# --- tables ------------------------------------------------------------------------------------------------------


def put_table(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """A CSV file with a header; lists joined with ``;``."""
    with path.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(columns)
        table.writerows([_cell(row.get(column)) for column in columns] for row in rows)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return ";".join(value) if isinstance(value, list) else str(value or "")


def put_standards(path: Path, choice: Mapping[str, Any]) -> None:
    """The landlord's service standards, in working days."""
    days = "".join(f"{key} = {value}\n" for key, value in choice["standards"].items())
    path.write_text(f'[[standards]]\napplies_to = ["{choice["landlord"]["domain"]}"]\n{days}', encoding="utf-8")


# --- broken on purpose -----------------------------------------------------------------------------------------------


def put_broken(trees: MailTrees, calls: Path) -> int:
    """Three mails and three calls that cannot be scored, so that the demo shows how that is said; how many there are."""
    at = (trees.now - timedelta(days=16)).replace(hour=11, minute=7)
    for number, (kind, content) in enumerate(_broken_mails(trees.domain, at).items()):
        trees.store("Inbox", "repairs", opaque("broken", kind), at + timedelta(hours=number), content)
    piece = Piece(
        id=opaque("broken", "silent"),
        at=at,
        direction="in",
        channel="call_transcript",
        route="repairs line",
        from_addr="01632 960190",
        from_name=None,
        turns=(("agent", "Repairs, hello?"), ("agent", "Is anybody there?")),
    )
    whole = _contact_lens(piece)
    cut_off, silent = whole[: len(whole) * 2 // 3], _web_vtt(piece, None)
    for kind, ending, words in (("empty", "vtt", ""), ("cut-off", "json", cut_off), ("silent", "vtt", silent)):
        call = replace(piece, id=opaque("broken", kind))
        stem = f"{at:%Y-%m-%dT%H%M}-{call.id}"
        (calls / f"{stem}.{ending}").write_text(words, encoding="utf-8")
        put_sidecar(calls, stem, call, None)
    return 6


def _broken_mails(domain: str, at: datetime) -> dict[str, bytes]:
    def head(number: int, content_type: str, encoding: str) -> bytes:
        stamp = at.astimezone(UTC) + timedelta(hours=number)
        lines = [
            f"From: sender{number}@letterpost.example", f"To: repairs@{domain}", f"Subject: Message {number}",
            f"Date: {stamp:%a, %d %b %Y %H:%M:%S} +0000", f"Message-ID: <broken{number}@letterpost.example>",
            "MIME-Version: 1.0", f"Content-Type: {content_type}", f"Content-Transfer-Encoding: {encoding}",
        ]  # fmt: skip
        return "\n".join(lines).encode() + b"\n\n"

    image = EmailMessage(policy=mail_policy)
    image.set_content(_PIXEL, maintype="image", subtype="png", filename="IMG_0412.png")
    return {
        "mime": head(0, 'multipart/mixed; boundary="never-used', "base64")
        + b"--never\nContent-Type: text/pl\n\n\xff\xfe=G\x00",
        "charset": head(1, 'text/plain; charset="x-unknown-8bit-91"', "8bit")
        + b"\xa4\xd7\xc1\xb0\xe9 \x9c\xf3\xc4\xdf.\n",
        "image": head(2, 'image/png; name="IMG_0412.png"', "base64") + str(image.get_payload()).encode(),
    }
