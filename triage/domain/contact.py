"""A contact: one approach to the landlord or one of its replies, with every route that it reached."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Never

from triage.domain.gist import Gist
from triage.domain.remembered import one
from triage.domain.subject import is_marked

READ_SO_FAR = 20_000
"""Characters at each end of a contact's words that the rules here read: their cost stays bounded. What a model does not read of a longer
one is its ``caveat``."""


class Channel(StrEnum):
    """How a contact travelled; the names of ``triage score`` and ``triage replay``."""

    EMAIL = "email"
    CALL = "call_transcript"
    WEBFORM = "webform"
    SMS = "sms"
    LETTER = "letter_scan"
    SOCIAL = "social_media_dm"
    VISIT_NOTE = "visit_note"
    LIVE_CHAT = "live_chat"

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise ValueError(f"{value!r} is no channel; write one of {', '.join(cls)}")


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Speaker(StrEnum):
    AGENT = "agent"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a call or chat; offsets in milliseconds, ``confidence`` of the recogniser from 0 to 1.

    ``masked`` counts words that were hidden before we saw them; ``certain`` is False where the speaker was inferred.
    """

    speaker: Speaker
    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    confidence: float | None = None
    masked: int = 0
    certain: bool = True


class SegmentKind(StrEnum):
    OWN = "own"
    QUOTED = "quoted"
    FORWARDED = "forwarded"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch ``text[start:end]`` of a contact and whose words they are: an annotation, never a deletion.

    ``typed`` is set where only words that anybody can type say that it is another's.
    """

    start: int
    end: int
    kind: SegmentKind
    reason: str = ""
    typed: bool = False


class SenderProof(StrEnum):
    """What our own mail server says of the From address (RFC 8601); a call or form is not checked."""

    NOT_CHECKED = "not_checked"
    PROVEN = "proven"
    UNPROVEN = "unproven"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One arrival of a contact on one route (a mailbox, a line, a team)."""

    route: str
    received: datetime
    account: str = ""
    folder: str = ""
    uidvalidity: int = 0
    uid: str = ""


class _Words:
    """Where a contact keeps its own words once they were put together: each rule asks for them anew. No field of it."""

    __slots__ = ("_landlord", "_own", "_routes", "_said")
    _landlord: str
    _own: str
    _routes: tuple[str, ...]
    _said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(_Words):
    """One approach, in or out. ``at`` is when it was made, ``received`` when it first reached us; both aware.

    ``not_scored`` is a sentence that says why its words could not be read, ``caveat`` one that says why what was read of them is no full
    judgement (``Scores.caveat``). ``auto`` says that its headers call it
    automatic (RFC 3834: auto-replies, bounces, lists, calendars): it is read, because anybody can write them, but never
    counted and owed no answer. ``report`` says that nobody's words are in it: a mail server's delivery report, a read
    receipt, or our own automatic reply; it is not read. ``quarantined`` says that reading it failed: its bytes are kept and tried
    again. ``sender_proof`` says whether the sender's address may be forged. ``gist`` is what the gist reader makes of it; None where none has
    read it.
    """

    id: str
    at: datetime
    received: datetime
    direction: Direction
    channel: Channel
    deliveries: tuple[Delivery, ...]
    from_addr: str | None = None
    from_name: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    segments: tuple[Segment, ...] = ()
    turns: tuple[Turn, ...] = ()
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    auto: bool = False
    report: bool = False
    not_scored: str | None = None
    caveat: str | None = None
    problems: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    quarantined: bool = False
    sender_proof: SenderProof = SenderProof.NOT_CHECKED
    gist: Gist | None = field(default=None, repr=False)

    @property
    def routes(self) -> tuple[str, ...]:
        """The distinct routes reached, first arrival first."""
        try:
            return self._routes
        except AttributeError:
            routes = tuple(dict.fromkeys(delivery.route for delivery in self.deliveries))
            object.__setattr__(self, "_routes", routes)
            return routes

    def own_pieces(self) -> Iterator[tuple[int, int]]:
        """The stretches of ``text`` that are the sender's own new words; all of it where nothing is marked."""
        if not self.segments:
            if self.text:
                yield 0, len(self.text)
            return
        for segment in self.segments:
            if segment.kind is SegmentKind.OWN:
                yield segment.start, segment.end

    @property
    def own_text(self) -> str:
        """The sender's own new words; of a call, the customer's turns (in) or the agent's (out)."""
        try:
            return self._own
        except AttributeError:
            object.__setattr__(self, "_own", self._own_words())
            return self._own

    @property
    def said(self) -> str:
        """The writer's words with the subject where it is not merely a reply's; as far as a contact is read at all."""
        try:
            return self._said
        except AttributeError:
            own = self.own_text
            if len(own) > 2 * READ_SO_FAR:
                own = f"{own[:READ_SO_FAR]}\n{own[-READ_SO_FAR:]}"
            bare = not self.subject or is_marked(self.subject)
            object.__setattr__(self, "_said", one(own if bare else f"{self.subject}\n{own}"))
            return self._said

    def _own_words(self) -> str:
        if self.turns:
            voice = Speaker.CUSTOMER if self.direction is Direction.IN else Speaker.AGENT
            return one("\n".join(turn.text for turn in self.turns if turn.speaker is voice))
        if not self.segments:
            return self.text
        return one("\n".join(self.text[start:end] for start, end in self.own_pieces()))

    @property
    def landlord_words(self) -> str:
        """What our side says in this contact: a reply's own words, or the agent's turns of a call either way."""
        try:
            return self._landlord
        except AttributeError:
            object.__setattr__(self, "_landlord", self._landlord_words())
            return self._landlord

    def _landlord_words(self) -> str:
        if self.turns:
            return one("\n".join(turn.text for turn in self.turns if turn.speaker is Speaker.AGENT))
        return self.own_text if self.direction is Direction.OUT else ""
