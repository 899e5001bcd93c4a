"""What stands after live, late and shuffled arrivals and rulings is what a fresh replay of the same items in time order gives.

A correction here keeps what decides its issue: by rule (`triage/corrections.py`) a corrected contact stays on its issue.
``TRIAGE_EXAMPLES=500`` tries so many other histories of each kind than the few that are always tried, as does `python3 run.py bench`.
"""

import os
from datetime import datetime

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.service.lives import INSULT, PEOPLE, Life, lives
from triage.bootstrap import england
from triage.domain.contact import Contact
from triage.domain.flag import Flag
from triage.domain.policy import shipped_policy
from triage.domain.record import Record
from triage.domain.ruling import Ruling
from triage.domain.score import Scores
from triage.domain.signal import Judgement
from triage.history import PlainHistory, order
from triage.identity import Directory
from triage.pipeline import Pipeline
from triage.replay import HistoryClock, replay
from triage.store import SqlLedger, Store
from triage.store.tables import metadata
from triage.testing import span

MORE = os.environ.get("TRIAGE_EXAMPLES")
AT_ONCE = {"A2", "service_failure"}
"""What is open exactly while it is so; the flag of a pattern stays for a while after its pattern has ended."""


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


class Landlord:
    """A real pipeline on a store in memory, under the clock of a history; issues are followed from ``long`` contacts on."""

    def __init__(self, life: Life, long: int = 1_000) -> None:
        self.life, self.end = life, life.end
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

    def replayed(self) -> "Landlord":
        """Everything in the order of time, and at the end what people have ruled and not taken back."""
        items = sorted(self.life.items, key=order)
        replay(PlainHistory(customers=list(PEOPLE), items=items), self.pipeline, self.clock)
        self.until(self.end)
        for each in self.life.ruled:
            if each.undone_at is None:
                self.pipeline.rule(each.ruling)
        return self.until(self.end)

    def lived(self) -> "Landlord":
        """Everything when it came, and what people ruled and took back when they did."""
        self.replayed_customers()
        arrivals, ruled = self.life.arrivals, self.life.ruled
        coming = [(one.at, one.item.id, one.item) for one in arrivals]
        coming += [(one.item.at, one.item.id, one.first) for one in arrivals if one.first is not None]
        coming += [(each.ruling.at, each.ruling.id, each.ruling) for each in ruled]
        coming += [(each.undone_at, each.ruling.id, each.ruling.id) for each in ruled if each.undone_at is not None]
        for at, _, what in sorted(coming, key=lambda come: come[:2]):
            self.until(at)
            self.take(what)
        return self.until(self.end)

    def shuffled(self, items) -> "Landlord":
        """Everything comes at once, in any order, at the end."""
        self.replayed_customers()
        self.clock.now = self.end
        for item in items:
            self.take(item)
        return self.until(self.end)

    def replayed_customers(self) -> None:
        with self.store.begin() as unit:
            for customer in PEOPLE:
                unit.landlord.put_customer(customer)
                self.pipeline.directory.add(customer)

    def take(self, what: Contact | Record | Ruling | str) -> None:
        if isinstance(what, Contact):
            self.pipeline.take_contact(what)
        elif isinstance(what, Record):
            self.pipeline.take_record(what)
        elif isinstance(what, Ruling):
            self.pipeline.rule(what)
        else:
            self.pipeline.undo(what, "Kim Lee")

    def until(self, at: datetime) -> "Landlord":
        self.pipeline.advance(at)
        self.clock.now = at
        return self

    def stands(self) -> dict[str, object]:
        """Links, what is owed, and each pattern with what counts in it; an issue is named by the first thing on it."""
        name = self.names()
        first = {issue_id: id for id, issue_id in reversed(name.items())}
        with self.store.begin() as unit:
            judged = {first[issue.id]: self.judged(unit, issue) for issue in unit.issues.all() if issue.id in first}
            return {
                "people": {one.contact.id: (one.who.customer_ref, one.who.zone) for one in unit.contacts.all()},
                "issues": {id: first[issue_id] for id, issue_id in name.items()},
                "told": {id: set(unit.issues.last_assessment(issue_id).owed) for issue_id, id in first.items()},
                "owed": {id: set(owed) for id, (owed, _) in judged.items()},
                "patterns": {id: patterns for id, (_, patterns) in judged.items()},
            }

    def judged(self, unit, issue):
        """As the pipeline judges it at the end: a followed issue from what is known of it already."""
        _, owed, patterns, _ = self.pipeline._judged(unit, issue, self.end, None, None)
        return owed, {(pattern.code, pattern.customer_ref): pattern for pattern in patterns}

    def found(self) -> set[tuple[str, str, str]]:
        """The patterns that hold at the end, as flags are named."""
        return {
            (id, person, code)
            for id, patterns in self.stands()["patterns"].items()
            for (code, person), pattern in patterns.items()
            if pattern.judgement is Judgement.LOOK
        }

    def flags(self) -> set[tuple[str, str, str]]:
        """The open flags: issue (by the first thing on it), person and code."""
        first = {issue_id: id for id, issue_id in reversed(self.names().items())}
        return {(first[flag.issue_id], flag.customer_ref, code.code) for flag in self.open() for code in flag.codes}

    def open(self) -> list[Flag]:
        with self.store.read() as unit:
            return unit.flags.listed()

    def names(self) -> dict[str, str]:
        """On which issue each thing is, in the order of time."""
        with self.store.read() as unit:
            on = [(found.contact.at, found.contact.id, found.issue_id) for found in unit.contacts.all()]
            on += [(record.at, record.id, unit.issues.of_item(record.id)) for record in unit.landlord.records()]
        return {id: issue_id for _, id, issue_id in sorted(on)}


def tried(examples: int) -> settings:
    return settings(
        max_examples=int(MORE or examples),
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=not MORE,
        print_blob=True,
    )


def holds(landlord: Landlord) -> None:
    """What has to be so of the flags in any order: each pattern that holds is before people, each with evidence that is there."""
    flags = landlord.flags()
    assert landlord.found() <= flags
    name = landlord.names()
    people = landlord.stands()["people"]
    for flag in landlord.open():
        for code in flag.codes:
            assert {name[contact] for contact in code.contacts} <= {flag.issue_id}
            if code.code != "service_failure":
                assert {people[contact][0] for contact in code.contacts} == {flag.customer_ref}


def at_once(landlord: Landlord) -> set[tuple[str, str, str]]:
    return {flag for flag in landlord.flags() if flag[2] in AT_ONCE}


@tried(25)
@given(lives())
def test_what_came_late_or_was_corrected_leaves_what_a_fresh_replay_gives(life):
    live, scratch = Landlord(life, long=1).lived(), Landlord(life).replayed()
    assert live.stands() == scratch.stands()
    assert live.flags() == scratch.flags()
    holds(live)


@tried(25)
@given(lives(ruled=True, soon=True))
def test_what_people_ruled_and_took_back_leaves_what_a_fresh_replay_gives(life):
    live, scratch = Landlord(life, long=1).lived(), Landlord(life).replayed()
    assert live.stands() == scratch.stands()
    assert at_once(live) == at_once(scratch)
    for landlord in (live, scratch):
        holds(landlord)


@tried(25)
@given(lives(soon=True), st.randoms(use_true_random=False))
def test_any_order_of_arrival_leaves_what_a_fresh_replay_gives(life, random):
    """Of patterns that had ended before anything came there is no flag: they were never so while somebody could look."""
    mixed = life.items
    random.shuffle(mixed)
    shuffled, scratch = Landlord(life, long=1).shuffled(mixed), Landlord(life).replayed()
    assert shuffled.stands() == scratch.stands()
    assert at_once(shuffled) == at_once(scratch)
    holds(shuffled)
