"""A small teller of stories: contacts and records of one issue, from which a history is built."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pytest

from triage.domain.assess import assess
from triage.domain.clocks import OwedReply
from triage.domain.contact import Channel, Contact, Delivery, Direction, Speaker, Turn
from triage.domain.customer import Customer, Identification, Role, Zone
from triage.domain.issue import Entry, History, Issue
from triage.domain.owed import owed_replies
from triage.domain.persistence import measure
from triage.domain.policy import Policy, shipped_policy
from triage.domain.record import Record, RecordKind
from triage.domain.score import Scores, Span
from triage.domain.signal import Assessment, Judgement, Pattern
from triage.domain.workdays import LONDON, WorkingDays

HOLIDAYS = frozenset(
    {
        date(2025, 12, 25),
        date(2025, 12, 26),
        date(2026, 1, 1),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 5, 4),
        date(2026, 5, 25),
    }
)


def when(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@dataclass
class Story:
    """One tenant ("t"), one issue; times are London wall-clock."""

    policy: Policy
    workdays: WorkingDays
    entries: list[Entry] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    elsewhere: list[Record] = field(default_factory=list)
    customers: dict[str, Customer] = field(default_factory=lambda: {"t": Customer(ref="t", name="Tess Tenant")})
    fresh: bool = True

    def comes(
        self,
        at: str,
        text: str = "Please move the bench.",
        *,
        by: str = "t",
        role: Role = Role.CUSTOMER,
        probability: float = 1.0,
        channel: Channel = Channel.EMAIL,
        route: str = "hello@landlord.example",
        subject: str = "",
        to: Sequence[str] = (),
        labels: dict[str, float] | None = None,
        spans: dict[str, tuple[Span, ...]] | None = None,
        turns: tuple[Turn, ...] = (),
        auto: bool = False,
        in_reply_to: str | None = None,
    ) -> str:
        """A contact in; ``labels`` are flagged by the model (None: not scored)."""
        scores = None
        if labels is not None:
            scores = Scores(model="test", probabilities=labels, flagged=tuple(labels), spans=spans or {})
        who = Identification(
            customer_ref=by,
            zone=Zone.SURE if probability >= 0.9 else Zone.ASK,
            probability=probability,
            role=role,
            writes_for=None if role in (Role.CUSTOMER, Role.NEIGHBOUR) else "t",
        )
        return self._add(
            Direction.IN, at, text, channel, route, subject, tuple(to), turns, auto, in_reply_to, who, scores
        )

    def we_say(
        self,
        at: str,
        text: str,
        *,
        channel: Channel = Channel.EMAIL,
        subject: str = "",
        auto: bool = False,
        labels: dict[str, float] | None = None,
        from_name: str | None = None,
    ) -> str:
        who = Identification(customer_ref="t", zone=Zone.SURE, probability=1.0)
        scores = None if labels is None else Scores(model="test", probabilities=labels, flagged=tuple(labels))
        route = "hello@landlord.example"
        key = self._add(Direction.OUT, at, text, channel, route, subject, (), (), auto, None, who, scores)
        self.entries[-1] = replace(self.entries[-1], contact=replace(self.entries[-1].contact, from_name=from_name))
        return key

    def _add(
        self,
        direction: Direction,
        at: str,
        text: str,
        channel: Channel,
        route: str,
        subject: str,
        to: tuple[str, ...],
        turns: tuple[Turn, ...],
        auto: bool,
        in_reply_to: str | None,
        who: Identification,
        scores: Scores | None,
    ) -> str:
        key = f"c{len(self.entries) + 1}"
        contact = Contact(
            id=key,
            at=when(at),
            received=when(at),
            direction=direction,
            channel=channel,
            deliveries=(Delivery(route=route, received=when(at)),),
            to=to,
            subject=subject,
            text="" if turns else text,
            turns=turns,
            message_id=f"<{key}@x.example>",
            in_reply_to=in_reply_to,
            auto=auto,
        )
        self.entries.append(Entry(contact=contact, who=who, scores=scores))
        return key

    def record(self, at: str, kind: str, text: str = "", *, due: str | None = None, ref: str | None = None) -> str:
        key = f"r{len(self.records) + 1}"
        due_at = None if due is None else when(due)
        self.records.append(Record(id=key, at=when(at), kind=RecordKind(kind), ref=ref, due=due_at, text=text))
        return key

    def outcome_elsewhere(self, at: str, kind: str, by: str = "t") -> None:
        """What came of an allegation on another issue of that person."""
        key = f"e{len(self.elsewhere) + 1}"
        self.elsewhere.append(Record(id=key, at=when(at), kind=RecordKind(kind), customer_ref=by))

    def history(self) -> History:
        issue = Issue(id="i", household_ref="t", opened=when("2026-01-01"))
        return History(
            issue=issue,
            entries=tuple(sorted(self.entries, key=lambda e: e.contact.at)),
            records=tuple(sorted(self.records, key=lambda r: r.at)),
            customers=self.customers,
            standards=self.policy.standards,
            feed_fresh=self.fresh,
            elsewhere=tuple(self.elsewhere),
        )

    def owed(self, now: str) -> tuple[OwedReply, ...]:
        return owed_replies(self.history(), when(now), self.workdays)

    def patterns(self, now: str) -> tuple[Pattern, ...]:
        return measure(self.history(), self.owed(now), self.policy, when(now), self.workdays)

    def pattern(self, code: str, now: str) -> Pattern:
        return next(p for p in self.patterns(now) if p.code == code)

    def raised(self, now: str) -> set[str]:
        return {p.code for p in self.patterns(now) if p.judgement is Judgement.LOOK}

    def assessed(self, now: str, contact: str | None = None, *, explained: bool = True) -> Assessment:
        found = self.owed(now), self.patterns(now)
        return assess(self.history(), *found, self.policy, when(now), contact, explained=explained)

    def events(self, contact: str) -> list[str]:
        """The codes that one contact's words raise, in the order of the assessment."""
        at = next(e.contact.at for e in self.entries if e.contact.id == contact)
        assessment = self.assessed(at.replace(tzinfo=None).isoformat(), contact)
        return [finding.code for finding in assessment.findings if finding.event == contact]


@pytest.fixture(scope="session")
def policy() -> Policy:
    return shipped_policy()


@pytest.fixture
def workdays() -> WorkingDays:
    return WorkingDays(HOLIDAYS)


@pytest.fixture
def story(policy: Policy, workdays: WorkingDays) -> Story:
    return Story(policy, workdays)


def said(speaker: str, text: str, *, certain: bool = True, confidence: float | None = None) -> Turn:
    return Turn(speaker=Speaker(speaker), text=text, certain=certain, confidence=confidence)
