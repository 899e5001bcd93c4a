"""Contacts as tests need them, stored as the pipeline would store them, and people who may sign in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from triage.domain.contact import Channel, Contact, Delivery, Direction, Segment, Turn
from triage.domain.customer import Identification, LinkEvidence, Zone
from triage.domain.issue import IssueLink
from triage.domain.score import Scores, Span
from triage.store import Store, Unit
from triage.store.access import Duty

MODEL = "linear 1.0"


def contact(
    id: str,
    at: datetime,
    text: str = "",
    *,
    direction: Direction = Direction.IN,
    channel: Channel = Channel.EMAIL,
    routes: Sequence[str] = ("housing@heron.example",),
    subject: str = "",
    turns: Sequence[Turn] = (),
    segments: Sequence[Segment] = (),
    not_scored: str | None = None,
    from_name: str = "Ade Bright",
    from_addr: str = "ade@post.example",
    attachments: Sequence[str] = (),
) -> Contact:
    """A contact with one delivery for each route."""
    return Contact(
        id=id,
        at=at,
        received=at,
        direction=direction,
        channel=channel,
        deliveries=tuple(Delivery(route=route, received=at, account=route, folder="INBOX") for route in routes),
        from_addr=from_addr,
        from_name=from_name,
        to=tuple(routes),
        subject=subject,
        text=text,
        segments=tuple(segments),
        turns=tuple(turns),
        message_id=f"<{id}@post.example>",
        not_scored=not_scored,
        attachments=tuple(attachments),
    )


def put(unit: Unit, item: Contact, issue_id: str, ref: str, scores: Scores | None = None) -> None:
    """Stores a contact as the pipeline would: placed, linked and scored."""
    step = LinkEvidence(kind="email", weight=6.0, sentence="The address is in the directory.")
    unit.contacts.put(item, f"mark-{item.id}")
    unit.contacts.place(
        item.id,
        Identification(customer_ref=ref, zone=Zone.SURE, probability=0.99, evidence=(step,)),
        issue_id,
        IssueLink(
            issue_id=issue_id,
            probability=0.97,
            evidence=(LinkEvidence(kind="thread", weight=5.0, sentence="It answers an earlier message."),),
        ),
    )
    if scores is not None:
        unit.contacts.put_scores(item.id, scores, item.at)


def span(text: str, words: str) -> Span:
    """Where ``words`` stand in the text part; raises ValueError where they do not."""
    start = text.index(words)
    return Span(part="text", start=start, end=start + len(words), text=words)


def invited(store: Store, duty: Duty, now: datetime, person: str | None = None, *, teams: Sequence[str] = ()) -> str:
    """A sign-in token for one person."""
    with store.begin() as unit:
        return unit.access.invite(person or f"Test {duty.value}", duty, expires=now + timedelta(days=1), teams=teams)
