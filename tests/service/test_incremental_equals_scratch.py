"""What stands after live, late and shuffled arrivals is what a fresh replay of the same items in time order gives.

A correction here keeps what decides its issue: by rule (`triage/corrections.py`) a corrected contact stays on its issue.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from triage.bootstrap import england
from triage.domain.assess import assess
from triage.domain.contact import Channel, Contact, Direction, Speaker, Turn
from triage.domain.customer import Customer
from triage.domain.issue import Issue
from triage.domain.owed import owed_replies
from triage.domain.persistence import measure
from triage.domain.policy import shipped_policy
from triage.domain.record import Record, RecordKind
from triage.domain.score import Scores
from triage.history import PlainHistory, order
from triage.identity import Directory
from triage.pipeline import Pipeline
from triage.replay import HistoryClock, replay
from triage.store import SqlLedger, Store, Unit
from triage.store.tables import metadata
from triage.testing import NOW, contact, span

START = NOW - timedelta(days=40)
END = NOW + timedelta(days=20)
INSULT = "you useless idiot"
ADE = Customer(ref="C-1", name="Ade Bright", emails=("ade@post.example",), phones=("07700 900111",))
BO = Customer(ref="C-2", name="Bo Wicks", emails=("bo@post.example",), phones=("07700 900222",))
PEOPLE = (ADE, BO)
SUBJECTS = ("Boiler broken", "Mould in the bathroom")
WORDS = {
    "Boiler broken": "The boiler is broken and there is no hot water.",
    "Mould in the bathroom": "There is black mould on the bathroom wall.",
}
SAID = (
    "When will somebody come?",
    "I have had no reply. Is there any news?",
    "I want to make a formal complaint about this.",
    "I demand an answer within two hours.",
    f"Nobody has come, {INSULT}.",
)
REPLIES = (
    "Thank you for your message. An engineer will come on Friday.",
    "We have your message and will look into it.",
)
RECORDS = (
    RecordKind.CASE_OPENED,
    RecordKind.OWNER_TOLD,
    RecordKind.ACKNOWLEDGED,
    RecordKind.STAGE1_RESPONSE,
    RecordKind.FINAL_RESPONSE,
    RecordKind.REPAIR_COMPLETED,
)


class PlainReader:
    """Reads an insult where there is one, and nothing else."""

    model = "plain 1"

    def read(self, contacts):
        return [self._one(given) for given in contacts]

    def _one(self, given: Contact) -> Scores:
        if INSULT not in given.text:
            return Scores(model=self.model)
        return Scores(
            model=self.model, probabilities={"A2": 0.95}, flagged=("A2",), spans={"A2": (span(given.text, INSULT),)}
        )


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """An item as it stands at last, when it came, and, of a corrected one, what came first."""

    item: Contact | Record
    at: datetime
    first: Contact | None = None


@st.composite
def histories(draw):
    """Six to twelve things of two people: letters, replies, calls and records; some come late, one may be corrected."""
    hours = draw(st.lists(st.integers(0, 38 * 24), min_size=6, max_size=12, unique=True))
    return [draw(arrivals(number, START + timedelta(hours=hour))) for number, hour in enumerate(sorted(hours))]


@st.composite
def arrivals(draw, number, at):
    person, subject = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(SUBJECTS))
    kind = draw(st.sampled_from(("mail", "mail", "mail", "reply", "call", "record")))
    late = timedelta(hours=draw(st.sampled_from((0, 0, 0, 1, 30, 24 * 9))))
    first = None
    if kind == "record":
        what = draw(st.sampled_from(RECORDS))
        item = Record(id=f"r{number:02}", at=at, kind=what, customer_ref=person.ref, text=WORDS[subject])
    elif kind == "call":
        words = draw(st.sampled_from(SAID[:4]))
        turns = (
            Turn(speaker=Speaker.AGENT, text="Good morning, how can I help?"),
            Turn(speaker=Speaker.CUSTOMER, text=f"{WORDS[subject]} {words}"),
        )
        phone = person.phones[0]
        item = one(number, at, person, subject="", turns=turns, channel=Channel.CALL, from_addr=phone)
    elif kind == "reply":
        item = one(number, at, person, text=draw(st.sampled_from(REPLIES)), subject=f"Re: {subject}")
        item = replace(item, direction=Direction.OUT, from_addr="housing@heron.example", from_name="Sam Lee")
        item = replace(item, to=person.emails)
    else:
        item = one(number, at, person, text=f"{WORDS[subject]} {draw(st.sampled_from(SAID))}", subject=subject)
        if INSULT not in item.text and draw(st.booleans()):
            first, late = replace(item, text=f"{item.text} Thnaks."), max(late, timedelta(hours=3))
    if isinstance(item, Contact):
        item = replace(item, received=at + late)
    return Arrival(item=item, at=at + late, first=first)


def one(number: int, at: datetime, person: Customer, **fields: object) -> Contact:
    made = contact(f"m{number:02}", at, **{"from_name": person.name, "from_addr": person.emails[0], **fields})
    return replace(made, message_id=None)


class Landlord:
    """A real pipeline on a store in memory, under the clock of a history; issues are followed from ``long`` contacts on."""

    def __init__(self, long: int = 1_000) -> None:
        self.store = Store("sqlite://", durable=False)
        metadata.create_all(self.store.engine)
        self.clock = HistoryClock()
        self.pipeline = Pipeline(
            store=self.store,
            ledger=SqlLedger(self.store),
            reader=PlainReader(),
            policy=shipped_policy(),
            directory=Directory(),
            workdays=england(),
            clock=self.clock,
            feed_assumed_fresh=True,
        )
        self.pipeline.following.long = long

    def replayed(self, items) -> "Landlord":
        replay(PlainHistory(customers=list(PEOPLE), items=sorted(items, key=order)), self.pipeline, self.clock)
        return self.until(END)

    def lived(self, arrivals) -> "Landlord":
        self.replayed_customers()
        coming = [(arrival.at, arrival.item) for arrival in arrivals]
        coming += [(arrival.item.at, arrival.first) for arrival in arrivals if arrival.first is not None]
        for at, item in sorted(coming, key=lambda come: (come[0], come[1].id)):
            self.until(at)
            self.take(item)
        return self.until(END)

    def shuffled(self, items) -> "Landlord":
        """Everything comes at once, in any order, at the end."""
        self.replayed_customers()
        self.clock.now = END
        for item in items:
            self.take(item)
        return self.until(END)

    def replayed_customers(self) -> None:
        with self.store.begin() as unit:
            for customer in PEOPLE:
                unit.landlord.put_customer(customer)
                self.pipeline.directory.add(customer)

    def take(self, item: Contact | Record) -> None:
        if isinstance(item, Contact):
            self.pipeline.take_contact(item)
        else:
            self.pipeline.take_record(item)

    def until(self, at: datetime) -> "Landlord":
        self.pipeline.advance(at)
        self.clock.now = at
        return self

    def stands(self) -> dict[str, object]:
        """Links, what is owed, and what would be raised now; an issue is named by the first thing on it."""
        name = self.names()
        with self.store.read() as unit:
            who = {found.contact.id: (found.who.customer_ref, found.who.zone) for found in unit.contacts.all()}
            issues = [issue for issue in unit.issues.all() if issue.id in name.values()]
            first = {issue_id: id for id, issue_id in reversed(name.items())}
            return {
                "people": who,
                "issues": {id: first[issue_id] for id, issue_id in name.items()},
                "owed": {first[issue.id]: set(unit.issues.last_assessment(issue.id).owed) for issue in issues},
                "found": {first[issue.id]: self.found(unit, issue) for issue in issues},
            }

    def flags(self) -> set[tuple[str, str, str]]:
        """The open flags: issue (by the first thing on it), person and code."""
        first = {issue_id: id for id, issue_id in reversed(self.names().items())}
        with self.store.read() as unit:
            listed = unit.flags.listed()
        return {(first[flag.issue_id], flag.customer_ref, code.code) for flag in listed for code in flag.codes}

    def names(self) -> dict[str, str]:
        """On which issue each thing is, in the order of time."""
        with self.store.read() as unit:
            on = [(found.contact.at, found.contact.id, found.issue_id) for found in unit.contacts.all()]
            on += [(record.at, record.id, unit.issues.of_item(record.id)) for record in unit.landlord.records()]
        return {id: issue_id for _, id, issue_id in sorted(on)}

    def found(self, unit: Unit, issue: Issue) -> set[tuple[str, str]]:
        history = self.pipeline._history(unit, issue, END)
        owed = owed_replies(history, END, england())
        patterns = measure(history, owed, shipped_policy(), END, england())
        assessment = assess(history, owed, patterns, shipped_policy(), END, None)
        return {(finding.code, finding.customer_ref) for finding in assessment.findings}


quick = settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


@quick
@given(histories())
def test_what_came_late_or_was_corrected_leaves_what_a_fresh_replay_gives(arrivals):
    live, scratch = Landlord(long=1).lived(arrivals), Landlord().replayed([arrival.item for arrival in arrivals])
    assert live.stands() == scratch.stands()
    assert live.flags() == scratch.flags()


@quick
@given(histories(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_leaves_what_a_fresh_replay_gives(arrivals, random):
    """Without the flags of patterns: one that had ended before anything came is never raised, and so never open."""
    items = [arrival.item for arrival in arrivals]
    mixed = list(items)
    random.shuffle(mixed)
    at_once, scratch = Landlord(long=1).shuffled(mixed), Landlord().replayed(items)
    assert at_once.stands() == scratch.stands()
    assert {flag for flag in at_once.flags() if flag[2] == "A2"} == {
        flag for flag in scratch.flags() if flag[2] == "A2"
    }
