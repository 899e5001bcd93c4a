"""An issue that is followed as contacts join gives at every step what a judgement from scratch gives."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.domain.contact import Channel, Contact, Direction, Speaker, Turn
from triage.domain.customer import Customer, Identification, Role, Zone
from triage.domain.following import Following
from triage.domain.growing import Growing, after, those
from triage.domain.issue import Entry, History, Issue
from triage.domain.owed import owed_replies
from triage.domain.persistence import measure
from triage.domain.policy import shipped_policy
from triage.domain.record import Record, RecordKind
from triage.domain.score import Scores
from triage.domain.signal import Judgement, Pattern
from triage.domain.workdays import WorkingDays
from triage.testing import contact

POLICY = shipped_policy()
WORKDAYS = WorkingDays(frozenset({date(2026, 3, 6)}))
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
THEIRS = (
    "When will the bench be moved?",
    "Move the bench.",
    "Have it shifted, I say.",
    "Thank you, that is all.",
    "I attach a new photo of the crack.",
    "I wish to make a formal complaint.",
    "There is a smell of gas by the door.",
    "He put his hands round my throat.",
    "I want an answer by noon today.",
    "I will only deal with Gareth, not her.",
    "Gareth is corrupt, he took a bribe.",
    "It is the council's road, my lease says that you mend it.",
    "The answer to your question: the door is blue.",
    "Nobody came, and I was in all day.",
    "Actually ignore me, found it.",
    "I said Gareth.",
    "No. 5pm. You have 24 hours.",
)
OURS = (
    "It stays, I am sorry. I am the person to write to.",
    "We answer within five working days.",
    "Which colour is the door?",
    "We will come on Friday at noon.",
    "A joiner is booked for Friday.",
    "The joiner came and it has been mended.",
    "We said that we would come on 1 March.",
    "This is our final decision; you can now go to the Housing Ombudsman.",
    "The road is the council's and outside our remit; the council can help.",
    "From now on Gareth is your single point of contact.",
    "Thank you for your message. We have it and will look into it.",
    "We have looked at your case again and open it again.",
    "They are not answered one by one. I will write by 20 March.",
    "Yes, still by 20 March, as I said.",
    "The note says the twentieth.",
    "We called today and nobody was in.",
    "Sorry, we missed you on Friday.",
)
KINDS = tuple(RecordKind)
LABELS = ("S0", "HZ", "P2", "D1", "D2", "A3", "NI")


@dataclass(frozen=True)
class Told:
    """What is told of one contact: hours since the one before, whose it is, its words."""

    hours: int
    who: str
    words: int
    channel: Channel
    label: str | None
    chance: float
    route: int


tellings = st.builds(
    Told,
    hours=st.sampled_from((0, 1, 1, 2, 3, 20, 50, 200)),
    who=st.sampled_from(("t", "t", "t", "t", "us", "us", "n", "carer", "unsure")),
    words=st.integers(0, len(THEIRS) - 1),
    channel=st.sampled_from((Channel.EMAIL, Channel.EMAIL, Channel.EMAIL, Channel.CALL, Channel.VISIT_NOTE)),
    label=st.none() | st.sampled_from(LABELS),
    chance=st.sampled_from((0.2, 0.6, 0.95)),
    route=st.integers(0, 4),
)


def entry_of(number: int, at: datetime, told: Told) -> Entry:
    ours = told.who == "us"
    text = OURS[told.words % len(OURS)] if ours else THEIRS[told.words]
    turns: tuple[Turn, ...] = ()
    if told.channel is Channel.CALL:
        turns = (
            Turn(speaker=Speaker.AGENT, text=OURS[told.words % len(OURS)]),
            Turn(speaker=Speaker.CUSTOMER, text=text),
        )
    made: Contact = replace(
        contact(f"m{number:03}", at, "" if turns else text),
        direction=Direction.OUT if ours else Direction.IN,
        channel=told.channel,
        turns=turns,
        subject="Bench",
        from_name="Gareth Pell" if ours else "Tess",
        to=tuple(f"{name}@landlord.example" for name in "abcde"[: told.route + 1]),
    )
    person = "t" if told.who in ("t", "us", "carer", "unsure") else told.who
    who = Identification(
        customer_ref=person,
        zone=Zone.ASK if told.who == "unsure" else Zone.SURE,
        probability=0.5 if told.who == "unsure" else 1.0,
        role=Role.ADVOCATE if told.who == "carer" else Role.CUSTOMER,
        writes_for="t" if told.who == "carer" else None,
    )
    scores = (
        None
        if told.label is None
        else Scores(model="m", probabilities={told.label: told.chance}, flagged=(told.label,))
    )
    return Entry(contact=made, who=who, scores=scores)


@st.composite
def histories(draw: Any) -> tuple[list[Entry], tuple[Record, ...]]:
    at, entries = START, []
    for number, told in enumerate(draw(st.lists(tellings, min_size=4, max_size=24))):
        at += timedelta(hours=told.hours)
        entries.append(entry_of(number, at, told))
    hours = draw(st.lists(st.tuples(st.integers(-900, 20), st.sampled_from(KINDS), st.booleans()), max_size=5))
    records = [
        Record(
            id=f"r{number}",
            at=START + timedelta(hours=since),
            kind=kind,
            customer_ref="t",
            due=START + timedelta(hours=since + 60) if dated else None,
            text="An inspection of the bench.",
        )
        for number, (since, kind, dated) in enumerate(hours)
    ]
    return entries, tuple(sorted(records, key=lambda record: record.at))


def known(entries: list[Entry], records: tuple[Record, ...], now: datetime) -> History:
    return History(
        issue=Issue(id="i", household_ref="t", opened=START),
        entries=tuple(sorted(entries, key=lambda entry: (entry.at, entry.contact.id))),
        records=tuple(record for record in records if record.at <= now),
        customers={"t": Customer(ref="t", name="Tess"), "n": Customer(ref="n", name="Nat")},
        standards=POLICY.standards,
    )


_joined: list[bool] = []


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(histories(), st.integers(0, 3), st.sampled_from((0, 0, 30, 700, 2_000)))
def test_each_contact_that_joins_leaves_what_judging_from_scratch_gives(history, begin, pause):
    entries, records = history
    following: Following | None = None
    for count in range(begin + 1, len(entries) + 1):
        now = entries[count - 1].at + timedelta(hours=pause)
        whole = known(entries[:count], records, now)
        joined = (
            following is not None and following.history.records == whole.records and following.add(entries[count - 1])
        )
        _joined.append(joined)
        if not joined:
            following = Following(whole, POLICY, WORKDAYS)
        assert following is not None
        owed = owed_replies(whole, now, WORKDAYS)
        patterns = measure(whole, owed, POLICY, now, WORKDAYS)
        bare = measure(whole, owed, POLICY, now, WORKDAYS, explained=False)
        assert looked_at(bare) == looked_at(patterns)
        assert following.judged(now, feed_fresh=True, explained=False) == (owed, bare)
        assert following.judged(now, feed_fresh=True) == (owed, patterns)


def looked_at(patterns: tuple[Pattern, ...]) -> list[Pattern]:
    return [replace(pattern, counted=()) for pattern in patterns if pattern.judgement is Judgement.LOOK]


def test_most_contacts_join_without_reading_the_issue_again():
    assert sum(_joined) > 0.4 * len(_joined)


def test_a_contact_of_an_earlier_moment_is_refused():
    entries = [
        entry_of(number, START + timedelta(hours=number), Told(1, "t", 0, Channel.EMAIL, None, 0.2, 0))
        for number in range(3)
    ]
    following = Following(known(entries[1:], (), START), POLICY, WORKDAYS)
    assert not following.add(entries[0])
    assert len(following) == 2


@given(st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9)))
def test_what_was_picked_out_of_a_list_grows_with_it(first, then):
    growing = Growing(first)
    assert those(growing, is_even) == those(first, is_even)
    growing.extend(then)
    assert those(growing, is_even) == [number for number in (*first, *then) if number % 2 == 0]


def is_even(number: int) -> bool:
    return number % 2 == 0


def test_after_a_moment_comes_only_what_is_later():
    entries = [
        entry_of(number, START + timedelta(hours=number), Told(1, "t", 0, Channel.EMAIL, None, 0.2, 0))
        for number in range(4)
    ]
    assert after(entries, entries[1].at) == entries[2:]
