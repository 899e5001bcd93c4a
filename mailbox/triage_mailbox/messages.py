"""What is taken in (`RawMessage`) and what was understood of it (`ParsedMessage`), with their parts."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Self


class SourceKind(StrEnum):
    """What kind of thing the bytes are."""

    MAIL = "mail"
    TRANSCRIPT = "transcript"


class FolderRole(StrEnum):
    """Whether a folder holds what others sent or what staff sent."""

    INBOX = "inbox"
    SENT = "sent"


class SegmentKind(StrEnum):
    """Whose words a stretch of text holds, or why it is not scored."""

    OWN = "own"
    QUOTED = "quoted"
    FORWARDED = "forwarded"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    HIDDEN = "hidden"


class Speaker(StrEnum):
    """Who speaks in a turn of a call."""

    AGENT = "agent"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"
    SYSTEM = "system"


class Mark(StrEnum):
    """What the headers say that a message is, beyond a person's letter (RFC 3834, RFC 3464, RFC 2919, RFC 5545)."""

    AUTO = "auto"
    BOUNCE = "bounce"
    REPORT = "report"
    LIST = "list"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMessage:
    """One message as it was found, byte for byte.

    Identity is (account, folder, uidvalidity, uid), never the Message-ID, which the sender chooses.
    `uid` is the IMAP UID in decimal, a Maildir key, an mbox message's hash and count, or a transcript's relative path.
    `truncated_from` is the full size in bytes where only the beginning was kept. `sidecar` is a call's facts (JSON).
    """

    account: str
    folder: str
    uidvalidity: int
    uid: str
    content: bytes
    sha256: str
    received: datetime
    kind: SourceKind
    role: FolderRole
    name: str | None = None
    sidecar: bytes | None = None
    truncated_from: int | None = None

    def __post_init__(self) -> None:
        if self.received.tzinfo is None:
            raise ValueError(f"RawMessage {self.uid}: received {self.received} has no time zone; give an aware time.")

    @classmethod
    def of(
        cls,
        content: bytes,
        *,
        account: str,
        folder: str,
        uidvalidity: int,
        uid: str,
        received: datetime,
        kind: SourceKind = SourceKind.MAIL,
        role: FolderRole = FolderRole.INBOX,
        name: str | None = None,
        sidecar: bytes | None = None,
        truncated_from: int | None = None,
    ) -> Self:
        """Build a message and its SHA-256 from the bytes."""
        return cls(
            account=account,
            folder=folder,
            uidvalidity=uidvalidity,
            uid=uid,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            received=received,
            kind=kind,
            role=role,
            name=name,
            sidecar=sidecar,
            truncated_from=truncated_from,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A mailbox of RFC 5322 section 3.4: `email` in lower case, `name` as shown, either may be empty but not both."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch `text[start:end]` of a message, whose it is and why that was concluded (a sentence).

    `typed` is set where only words that anybody can type say that it is another's: no mail program's structure vouches
    for it, so it is believed only where the same words are known from mail that is held (`quotes_checked.check`).
    """

    start: int
    end: int
    kind: SegmentKind
    reason: str
    typed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one speaker said in one go: offsets in ms from the call's start, confidence 0 to 1 (mean of the words),
    `masked` the number of words that the recorder blanked, `certain` False where the speaker was guessed."""

    speaker: Speaker
    text: str
    start_ms: int | None
    end_ms: int | None
    confidence: float | None
    masked: int
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A part that is kept but not read; `name` is the sender's and never a path, `size` in bytes after decoding."""

    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMessage:
    """What was understood of a `RawMessage`.

    `text` is all that a person would read and `segments` cover it without gaps or overlaps; nothing is deleted.
    `problems` are sentences for people. `unreadable` is set where the message cannot be scored, and says why; `failed`
    says that this is the parser's failure, which another version may not have. `authentication` holds the values of
    Authentication-Results as they stand, the topmost first: whom to trust is the reader's to say (RFC 8601).
    """

    channel: Literal["email", "call_transcript", "live_chat"]
    direction_hint: Literal["in", "out"]
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    sender: Address | None = None
    from_phone: str | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    sent: datetime | None = None
    subject: str = ""
    text: str = ""
    segments: tuple[Segment, ...] = ()
    turns: tuple[Turn, ...] = ()
    marks: frozenset[Mark] = frozenset()
    problems: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    unreadable: str | None = None
    failed: bool = False
    authentication: tuple[str, ...] = ()
    call_route: str | None = None
    call_id: str | None = None

    @property
    def own_text(self) -> str:
        """The sender's own new words (in a call, the customer's turns), joined by line breaks."""
        own = (self.text[part.start : part.end].strip() for part in self.segments if part.kind is SegmentKind.OWN)
        return "\n".join(words for words in own if words)
