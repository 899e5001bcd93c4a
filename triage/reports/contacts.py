"""One contact as a page shows it: whose words, by which route, with the evidence marked and what was left out folded."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.domain.contact import Channel, Contact, Direction, Segment, SegmentKind, SenderProof, Speaker, Turn
from triage.domain.customer import Identification
from triage.domain.score import LABEL_OF_CODE, Scores, Span
from triage.reports.marked import Mark, Piece, marks_in, pieces, seen
from triage.reports.people import pseudonym
from triage.reports.veil import Veil
from triage.store import Unit
from triage.store.contacts import Placed

CHANNELS = {
    Channel.EMAIL: "E-mail",
    Channel.CALL: "Call",
    Channel.WEBFORM: "Web form",
    Channel.SMS: "Text message",
    Channel.LETTER: "Letter",
    Channel.SOCIAL: "Social media message",
    Channel.VISIT_NOTE: "Visit note",
    Channel.LIVE_CHAT: "Live chat",
}
LEFT_OUT = {
    SegmentKind.OWN: "Own words",
    SegmentKind.QUOTED: "Quoted from an earlier message",
    SegmentKind.FORWARDED: "Forwarded from somebody else",
    SegmentKind.SIGNATURE: "Signature",
    SegmentKind.DISCLAIMER: "Disclaimer",
    SegmentKind.HIDDEN: "Text that the reader of the mail could not see",
}
SPEAKERS = {
    Speaker.AGENT: "Member of staff",
    Speaker.CUSTOMER: "Customer",
    Speaker.THIRD_PARTY: "Somebody else",
    Speaker.SYSTEM: "System",
}
MOST_MOMENTS = 20
LOW_CONFIDENCE = 0.85
"""Below this the words need the audio before anything is concluded from them (C39)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a written contact; one that is not the sender's own is folded under ``heading``."""

    pieces: tuple[Piece, ...]
    own: bool
    heading: str
    reason: str = ""
    withheld: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One turn of a call: who, when, how sure the recogniser was, and how many words were masked before we saw them."""

    speaker: str
    ours: bool
    pieces: tuple[Piece, ...]
    clock: str = ""
    confidence: float | None = None
    unsure: bool = False
    masked: int = 0
    certain: bool = True
    evidence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A turn of a call to listen to: its number on the page, its time from the start, and why."""

    turn: int
    clock: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactView:
    """A contact for the page; ``withheld`` ones carry no word of it.

    ``forged`` says that the check of the sender failed; ``by_program`` that its headers call it automatic; ``masked`` counts words hidden before we saw them, in the whole call.
    ``abuse`` are the clauses on abuse that it was flagged for, where the page marks no words: who wants to is warned first.
    """

    id: str
    at: datetime
    incoming: bool
    channel: str
    routes: tuple[str, ...]
    who: str
    subject: tuple[Piece, ...]
    passages: tuple[Passage, ...] = ()
    turns: tuple[Spoken, ...] = ()
    withheld: bool = False
    subject_withheld: bool = False
    evidence: bool = False
    not_scored: str | None = None
    caveat: str | None = None
    problems: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    forged: bool = False
    by_program: bool = False
    masked: int = 0
    moments: tuple[Moment, ...] = ()
    abuse: tuple[str, ...] = ()


def view_of(
    contact: Contact,
    who: Identification,
    veil: Veil,
    *,
    scores: Scores | None = None,
    codes: Collection[str] = (),
    spans: Iterable[tuple[str, Span]] = (),
) -> ContactView:
    """The contact with the words marked that earned ``codes`` (by its scores) or that ``spans`` name."""
    subject = veil.title(contact.subject)
    common = {
        "id": contact.id,
        "at": contact.at,
        "incoming": contact.direction is Direction.IN,
        "channel": CHANNELS[contact.channel],
        "routes": contact.routes,
        "who": pseudonym(who.customer_ref, who.role),
        "not_scored": contact.not_scored,
        "caveat": contact.caveat,
    }
    if veil.hides(contact.id):
        return ContactView(**common, subject=(), withheld=True)  # type: ignore[arg-type]
    found = [*spans, *_scored(scores, codes)]
    marked = _by_part(contact, found)
    turns = tuple(_spoken(turn, marked.get(index, [])) for index, turn in enumerate(contact.turns))
    return ContactView(
        **common,  # type: ignore[arg-type]
        subject=pieces(contact.subject, marked.get("subject", [])) if subject == contact.subject else (),
        subject_withheld=subject != contact.subject,
        passages=() if contact.turns else _passages(contact, marked.get("text", []), veil),
        turns=turns,
        evidence=any(marked.values()),
        problems=contact.problems,
        attachments=tuple(seen(name) for name in contact.attachments),
        forged=contact.direction is Direction.IN and contact.sender_proof is SenderProof.FAILED,
        by_program=contact.direction is Direction.IN and contact.auto and not (contact.report or contact.not_scored),
        masked=sum(turn.masked for turn in contact.turns),
        moments=tuple(_moments(turns)),
    )


def _moments(turns: Sequence[Spoken]) -> Iterator[Moment]:
    """Where to listen: the evidence, and what was heard badly or hidden; at most `MOST_MOMENTS`, and only timed turns."""
    found = 0
    for number, turn in enumerate(turns, 1):
        why = [
            word
            for word, is_so in (("evidence", turn.evidence), ("heard badly", turn.unsure), ("masked", turn.masked))
            if is_so
        ]
        if why and turn.clock and found < MOST_MOMENTS:
            found += 1
            yield Moment(turn=number, clock=turn.clock, why=" and ".join(why))


def _scored(scores: Scores | None, codes: Collection[str]) -> list[tuple[str, Span]]:
    if scores is None:
        return []
    return [(code, span) for code in codes for span in scores.spans.get(LABEL_OF_CODE.get(code, code), ())]


def _by_part(contact: Contact, spans: Sequence[tuple[str, Span]]) -> dict[str | int, list[Mark]]:
    parts: dict[str | int, str] = {"subject": contact.subject, "text": contact.text}
    parts |= {index: turn.text for index, turn in enumerate(contact.turns)}
    return {
        name: marks_in(part, [(code, span) for code, span in spans if str(span.part) == str(name)])
        for name, part in parts.items()
    }


def _passages(contact: Contact, marks: Sequence[Mark], veil: Veil) -> tuple[Passage, ...]:
    segments = contact.segments or (
        (Segment(start=0, end=len(contact.text), kind=SegmentKind.OWN),) if contact.text else ()
    )
    return tuple(
        _passage(contact, segment, marks, veil)
        for segment in segments
        if contact.text[segment.start : segment.end].strip()
    )


def _passage(contact: Contact, segment: Segment, marks: Sequence[Mark], veil: Veil) -> Passage:
    own = segment.kind is SegmentKind.OWN
    withheld = veil.drawn and segment.kind in {SegmentKind.QUOTED, SegmentKind.FORWARDED, SegmentKind.HIDDEN}
    start = segment.start
    end = start + len(contact.text[start : segment.end].rstrip())
    return Passage(
        pieces=() if withheld else pieces(contact.text, marks, start, end),
        own=own,
        heading=LEFT_OUT[segment.kind],
        reason=segment.reason,
        withheld=withheld,
    )


def _spoken(turn: Turn, marks: Sequence[Mark]) -> Spoken:
    return Spoken(
        speaker=SPEAKERS[turn.speaker],
        ours=turn.speaker is Speaker.AGENT,
        pieces=pieces(turn.text, marks),
        clock="" if turn.start_ms is None else f"{turn.start_ms // 60000}:{turn.start_ms // 1000 % 60:02d}",
        confidence=turn.confidence,
        unsure=turn.confidence is not None and turn.confidence < LOW_CONFIDENCE,
        masked=turn.masked,
        certain=turn.certain,
        evidence=bool(marks),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPage:
    """Everything of one contact as it was read, and what was made of it.

    Names and addresses are masked unless ``names_until`` says until when this person is shown them.
    """

    view: ContactView
    names: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    deliveries: tuple[tuple[str, datetime, str], ...]
    message_id: str | None
    auto: bool
    report: bool
    issue_id: str | None
    identified: tuple[str, ...]
    linked: tuple[str, ...]
    model: str | None
    names_until: datetime | None = None


def contact_page(unit: Unit, contact_id: str, *, safeguarding: bool) -> ContactPage | None:
    """None where there is no such contact, or where it is no business of the safeguarding role."""
    placed = unit.contacts.get(contact_id)
    if placed is None:
        return None
    around = (
        [entry.contact for entry in unit.contacts.of_issue(placed.issue_id)] if placed.issue_id else [placed.contact]
    )
    if safeguarding and not unit.contacts.safeguarded([contact.id for contact in around]):
        return None
    veil = Veil.over(unit, around, safeguarding=safeguarding)
    return _page(placed, veil)


def _page(placed: Placed, veil: Veil) -> ContactPage:
    contact, scores = placed.contact, placed.scores
    view = view_of(contact, placed.who, veil)
    sender = " ".join(
        part for part in (contact.from_name, f"<{contact.from_addr}>" if contact.from_addr else None) if part
    )
    return ContactPage(
        view=view,
        names=seen(sender) or "not given",
        to=tuple(seen(name) for name in contact.to),
        cc=tuple(seen(name) for name in contact.cc),
        deliveries=tuple(
            (delivery.route, delivery.received, f"{delivery.account} {delivery.folder}".strip())
            for delivery in contact.deliveries
        ),
        message_id=seen(contact.message_id) if contact.message_id else None,
        auto=contact.auto,
        report=contact.report,
        issue_id=placed.issue_id,
        identified=() if view.withheld else tuple(step.sentence for step in placed.who.evidence),
        linked=() if view.withheld or placed.link is None else tuple(step.sentence for step in placed.link.evidence),
        model=scores.model if scores else None,
    )
