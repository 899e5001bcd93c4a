"""A small landlord whose pipeline runs in memory, for the tests of what people say of links."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from triage.bootstrap import england, recall
from triage.domain.contact import Channel, Contact, Delivery, Direction
from triage.domain.customer import Customer, Zone
from triage.domain.flag import FlagKind
from triage.domain.policy import shipped_policy
from triage.domain.record import Record, RecordKind
from triage.domain.ruling import Ruling, RulingKind
from triage.domain.score import Scores, Span
from triage.identity import Directory
from triage.pipeline import Pipeline
from triage.store import SqlLedger, Store
from triage.store.tables import metadata

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PEOPLE = [
    Customer(ref="c-ann", name="Ann Reed", emails=("ann.reed@post.example",), address="4 Mill Lane, Town"),
    Customer(ref="c-bo", name="Bo Wicks", emails=("bo@post.example",), address="9 Hill Road, Town"),
    Customer(ref="c-ann2", name="Ann Reed", emails=("a.reed@work.example",)),
]
INSULT = "you useless idiot"


class PlainReader:
    """Reads an insult where there is one, and nothing else."""

    model = "plain 1"

    def read(self, contacts):
        return [self._one(contact) for contact in contacts]

    def _one(self, contact: Contact) -> Scores:
        at = contact.text.find(INSULT)
        if at < 0:
            return Scores(model=self.model)
        span = Span(part="text", start=at, end=at + len(INSULT), text=INSULT)
        return Scores(model=self.model, probabilities={"A2": 0.95}, flagged=("A2",), spans={"A2": (span,)})


class Landlord:
    """A pipeline in memory under a clock that stands still, and what it says of links and flags."""

    def __init__(self, url: str = "sqlite://") -> None:
        self.now = START + timedelta(days=40)
        self.store = Store(url, durable=False)
        metadata.create_all(self.store.engine)
        self.pipeline = self.started()
        with self.store.begin() as unit:
            for customer in PEOPLE:
                unit.landlord.put_customer(customer)
        recall(self.pipeline)

    def started(self) -> Pipeline:
        return Pipeline(
            store=self.store,
            ledger=SqlLedger(self.store),
            reader=PlainReader(),
            policy=shipped_policy(),
            directory=Directory(PEOPLE),
            workdays=england(),
            clock=lambda: self.now,
            feed_assumed_fresh=True,
        )

    def take(self, *items: Contact | Record) -> "Landlord":
        for item in items:
            if isinstance(item, Contact):
                self.pipeline.take_contact(item)
            else:
                self.pipeline.take_record(item)
        return self

    def rule(self, kind: RulingKind, *contacts: str, **fields: str | None) -> str:
        number = len(self.rulings())
        ruling = Ruling(id=f"r{number}", kind=kind, at=self.now, by="Kim Lee", contacts=contacts, **fields)
        self.pipeline.rule(ruling)
        return ruling.id

    def undo(self, ruling_id: str) -> None:
        self.pipeline.undo(ruling_id, "Kim Lee")

    def rulings(self):
        with self.store.read() as unit:
            return unit.rulings.newest()

    def who(self, contact_id: str) -> tuple[str, Zone]:
        with self.store.read() as unit:
            placed = unit.contacts.get(contact_id)
            return placed.who.customer_ref, placed.who.zone

    def issue(self, item_id: str) -> str | None:
        with self.store.read() as unit:
            return unit.issues.of_item(item_id)

    def links(self) -> dict[str, tuple[object, ...]]:
        """Who and which issue, by contact; issues are named by the first thing on them."""
        with self.store.read() as unit:
            placed = list(unit.contacts.all())
            records = {record.id: unit.issues.of_item(record.id) for record in unit.landlord.records()}
        first: dict[str | None, str] = {}
        on = {found.contact.id: (found.contact.at, found.issue_id) for found in placed}
        for id, issue_id in [*((id, issue_id) for id, (_, issue_id) in sorted(on.items())), *records.items()]:
            first.setdefault(issue_id, id)
        found = {one.contact.id: (one.who.customer_ref, one.who.zone, first[one.issue_id]) for one in placed}
        return found | {id: (first[issue_id],) for id, issue_id in records.items()}

    def everything(self) -> dict[str, object]:
        """Links with the very issues, what is owed on each, and what waits in the queue."""
        with self.store.read() as unit:
            issues = {issue.id: issue for issue in unit.issues.all()}
            live = {one.issue_id for one in unit.contacts.all()}
            return {
                "links": {
                    one.contact.id: (one.who.customer_ref, one.who.zone, one.issue_id) for one in unit.contacts.all()
                },
                "issues": {id: issue for id, issue in issues.items() if id in live},
                "owed": {id: unit.issues.last_assessment(id).owed for id in live},
                "flags": {
                    (flag.id, flag.kind, flag.customer_ref, flag.issue_id, code.code, code.contacts)
                    for flag in unit.flags.listed()
                    for code in flag.codes
                },
                "learned": self.pipeline.directory.learned_addresses,
            }

    def flags(self) -> set[tuple[str, str, FlagKind]]:
        with self.store.read() as unit:
            return {(flag.customer_ref, flag.issue_id, flag.kind) for flag in unit.flags.listed()}


def mail(id: str, day: float, text: str, sender: str = "ann.reed@post.example", **fields: object) -> Contact:
    at = START + timedelta(days=day)
    given = {"subject": "", "from_name": None, "message_id": f"<{id}@x>"} | fields
    return Contact(
        id=id,
        at=at,
        received=at,
        direction=Direction.IN,
        channel=Channel.EMAIL,
        from_addr=sender,
        to=("info@hall.example",),
        text=text,
        deliveries=(Delivery(route="info@hall.example", received=at),),
        **given,
    )


def text_message(id: str, day: float, text: str, number: str = "07700 900555") -> Contact:
    contact = mail(id, day, text, number)
    return replace(contact, channel=Channel.SMS, message_id=None)


BOILER = mail("a1", 0, "The boiler has broken down and there is no hot water.", subject="Boiler")
BOILER_AGAIN = mail("a2", 6, f"Still no hot water from the boiler, {INSULT}.", subject="Boiler")
BINS = mail("a3", 8, "Another thing: the bins were not emptied, the rubbish is piling up.", subject="Bins")
ASKED = mail("a4", 9, "The boiler is still off. Ann Reed", "new@elsewhere.example", from_name="Ann Reed")
OTHER = mail("b1", 3, "There is mould on the bathroom wall.", "bo@post.example", subject="Mould")
STRANGER = text_message("s1", 2, "boiler still cold here")
STRANGER_AGAIN = text_message("s2", 10, "no hot water, boiler again")
CASE = Record(
    id="k1",
    at=START + timedelta(days=1),
    kind=RecordKind.CASE_OPENED,
    customer_ref="c-ann",
    ref="R-100",
    text="Boiler repair raised.",
)
ALL = (BOILER, CASE, STRANGER, OTHER, BOILER_AGAIN, BINS, ASKED, STRANGER_AGAIN)
