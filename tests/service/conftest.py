"""A real pipeline on a real store with the champion in use, under a clock that a test sets."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

import triage.scoring
from triage.bootstrap import england, wall_clock
from triage.domain.customer import Customer
from triage.domain.policy import shipped_policy
from triage.history import record_of_row
from triage.identity import Directory
from triage.intake import contact_of_row
from triage.pipeline import Pipeline
from triage.scoring import ModelReader, open_reader
from triage.store import SqlLedger, Store
from triage_models.errors import ModelRefused

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def refused_gists(monkeypatch: pytest.MonkeyPatch) -> None:
    """The packaged gist reader is refused for the time of a test."""

    def refuse() -> None:
        raise ModelRefused("encoder.onnx is not the file its manifest was written for")

    monkeypatch.setattr(triage.scoring, "load_gist_reader", refuse)


class SetClock:
    """A clock that stands where it was put."""

    def __init__(self) -> None:
        self.now = wall_clock()

    def __call__(self) -> datetime:
        return self.now

    def put(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=LONDON)


class Desk:
    """What a test says of a landlord, in few words."""

    def __init__(self, pipeline: Pipeline, clock: SetClock) -> None:
        self.pipeline, self.clock, self.store = pipeline, clock, pipeline.store
        self.count = 0

    def contact(self, at: str, text: str | None = None, **row: object) -> str:
        """Takes one contact at that moment (London); incoming e-mail from Ivy unless the row says otherwise."""
        self.count += 1
        self.pipeline.advance(datetime.fromisoformat(at).replace(tzinfo=LONDON))
        self.clock.put(at)
        given = {
            "id": f"m{self.count:03}",
            "at": at,
            "direction": "in",
            "channel": "email",
            "route": "repairs@hall.example",
            "from_addr": "ivy@post.example",
            "to": ["repairs@hall.example"],
            "subject": "Boiler",
            "text": text,
        }
        return self.pipeline.take_contact(contact_of_row({**given, **row}))

    def reply(self, at: str, text: str, **row: object) -> str:
        return self.contact(
            at,
            text,
            **{
                "direction": "out",
                "from_addr": "repairs@hall.example",
                "from_name": "Sam Lee",
                "to": ["ivy@post.example"],
                **row,
            },
        )

    def record(self, at: str, kind: str, **row: object) -> None:
        self.count += 1
        self.pipeline.advance(datetime.fromisoformat(at).replace(tzinfo=LONDON))
        self.clock.put(at)
        self.pipeline.take_record(
            record_of_row({"id": f"r{self.count:03}", "at": at, "record": kind, "customer_ref": "c-ivy", **row})
        )

    def pass_time(self, to: str) -> None:
        self.clock.put(to)
        self.pipeline.advance(self.clock())

    def codes(self) -> set[str]:
        with self.store.read() as unit:
            return {code.code for flag in unit.flags.listed() for code in flag.codes}

    def issues(self) -> set[str]:
        with self.store.read() as unit:
            return {found.issue_id for found in unit.contacts.all()}


@pytest.fixture(scope="session")
def reader() -> ModelReader:
    reader = open_reader(None)
    assert reader.problem is None
    return reader


@pytest.fixture
def desk_of(tmp_path, reader):
    """``desk_of(name)``: a landlord of its own for each name."""
    stores = []

    def build(name):
        built = opened(tmp_path / f"{name}.sqlite", reader)
        stores.append(built.store)
        return built

    yield build
    for store in stores:
        store.close()


@pytest.fixture
def desk(desk_of):
    return desk_of("triage")


def opened(path, reader):
    clock = SetClock()
    store = Store(f"sqlite:///{path}", durable=False).migrate()
    ivy = Customer(
        ref="c-ivy",
        name="Ivy Grimshaw",
        emails=("ivy@post.example",),
        phones=("07700 900111",),
        tenancy_ref="T/140/0066",
        address="2 Spinners Fold",
    )
    with store.begin() as unit:
        unit.landlord.put_customer(ivy)
    pipeline = Pipeline(
        store=store,
        ledger=SqlLedger(store),
        reader=reader,
        policy=shipped_policy(),
        directory=Directory([ivy]),
        workdays=england(),
        clock=clock,
        feed_assumed_fresh=True,
    )
    return Desk(pipeline, clock)
