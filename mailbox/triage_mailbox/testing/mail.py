"""Builders of mail for tests: a message says only what the test is about."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from triage_mailbox.messages import FolderRole, RawMessage, SourceKind

SENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def build_mail(
    text: str = "The lift is broken again.",
    *,
    subject: str = "Lift",
    sender: str = "Ada Marsh <ada.marsh@larkpost.example>",
    to: str = "help@tarnside.example",
    cc: str | None = None,
    sent: datetime | None = SENT,
    message_id: str | None = "<one@larkpost.example>",
    in_reply_to: str | None = None,
    references: Sequence[str] = (),
    html: str | None = None,
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[tuple[str, str, bytes]] = (),
) -> bytes:
    """Bytes of one message (RFC 5322): plain text, an HTML version where given, and (name, type, bytes) attachments."""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = sender
    message["To"] = to
    given = {"Cc": cc, "Message-ID": message_id, "In-Reply-To": in_reply_to, "References": " ".join(references) or None}
    if sent is not None:
        given["Date"] = format_datetime(sent)
    for name, value in (given | dict(headers or {})).items():
        if value is not None:
            message[name] = value
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    for name, content_type, content in attachments:
        main, _, sub = content_type.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def raw_mail(
    content: bytes | None = None,
    *,
    account: str = "help",
    folder: str = "INBOX",
    uidvalidity: int = 7,
    uid: str = "1",
    received: datetime = SENT,
    role: FolderRole = FolderRole.INBOX,
    truncated_from: int | None = None,
) -> RawMessage:
    """A mail as it was found; without bytes, an ordinary one."""
    return RawMessage.of(
        build_mail() if content is None else content,
        account=account,
        folder=folder,
        uidvalidity=uidvalidity,
        uid=uid,
        received=received,
        role=role,
        truncated_from=truncated_from,
    )


def raw_transcript(
    content: bytes,
    *,
    sidecar: bytes | None = None,
    name: str = "call-1.vtt",
    received: datetime = SENT,
    truncated_from: int | None = None,
) -> RawMessage:
    """A call transcript as it was found, with the call's facts where given."""
    return RawMessage.of(
        content,
        account="calls",
        folder="calls",
        uidvalidity=1,
        uid=name,
        received=received,
        kind=SourceKind.TRANSCRIPT,
        name=name,
        sidecar=sidecar,
        truncated_from=truncated_from,
    )
