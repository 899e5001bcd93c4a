"""A small landlord behind the real application, and people of every duty who are signed in to it."""

import importlib.util
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from triage.domain.policy import shipped_text
from triage.rehearsal_desk import Rehearsals
from triage.store import Store
from triage.store.access import Duty
from triage.testing import NOW, FakeModels, SetClock, SmallLandlord, invited, small_landlord
from triage.web.app import create_app
from triage.web.signed_in import form_token

spec = importlib.util.spec_from_file_location("components", Path(__file__).parents[1] / "components.py")
components = importlib.util.module_from_spec(spec)
spec.loader.exec_module(components)

SITE = "http://desk.example"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def chromium():
    components.require("chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield browser
        browser.close()


@dataclass(kw_only=True)
class Visitor:
    """A browser without scripts: it sends what forms send."""

    client: TestClient
    token: str = ""

    def get(self, path: str):
        return self.client.get(path)

    def post(self, path: str, **fields: str):
        return self.client.post(path, data={"token": self.token, **fields}, headers={"Origin": SITE})

    def send(self, path: str, body: object):
        return self.client.post(path, json=body, headers={"Origin": SITE, "X-Form-Token": self.token})


@dataclass(kw_only=True)
class Desk:
    """The application with what it stands on, so that tests can look behind it."""

    store: Store
    clock: SetClock
    models: FakeModels
    landlord: SmallLandlord
    rehearsals: Rehearsals
    new_client: Callable[[], TestClient]

    def anonymous(self) -> Visitor:
        return Visitor(client=self.new_client())

    def signed_in(self, duty: Duty, person: str | None = None, *, teams: Sequence[str] = ()) -> Visitor:
        visitor = self.anonymous()
        token = invited(self.store, duty, self.clock(), person, teams=teams)
        answer = visitor.client.post("/sign-in", data={"sign_in": token}, headers={"Origin": SITE})
        assert answer.status_code == 303, answer.text
        visitor.token = form_token(visitor.client.cookies["triage"])
        return visitor

    def audit(self, action: str) -> list[tuple[str, str]]:
        with self.store.read() as unit:
            return [(entry.actor, entry.subject) for entry in unit.audit.entries() if entry.action == action]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SmallLandlord]:
    """The small landlord, migrated and filled once; each test works on its own copy."""
    path = tmp_path_factory.mktemp("landlord") / "desk.sqlite"
    store = Store(f"sqlite:///{path}", durable=False).migrate()
    landlord = small_landlord(store)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path, landlord


@pytest.fixture
def desk(filled: tuple[Path, SmallLandlord], tmp_path: Path) -> Iterator[Desk]:
    source, landlord = filled
    shutil.copy(source, tmp_path / "desk.sqlite")
    store = Store(f"sqlite:///{tmp_path}/desk.sqlite", durable=False)
    clock, models = SetClock(NOW), FakeModels()
    rehearsals = Rehearsals(store=store, policy=landlord.policy, policy_text=shipped_text(), clock=clock, models=models)
    app = create_app(
        store=store,
        policy=landlord.policy,
        clock=clock,
        models=models,
        secure_cookies=False,
        rehearsals=rehearsals,
    )
    yield Desk(
        store=store,
        clock=clock,
        models=models,
        landlord=landlord,
        rehearsals=rehearsals,
        new_client=lambda: TestClient(app, base_url=SITE, follow_redirects=False, raise_server_exceptions=False),
    )
    store.close()


@pytest.fixture
def reviewer(desk: Desk) -> Visitor:
    return desk.signed_in(Duty.REVIEWER)


@pytest.fixture
def safeguarding(desk: Desk) -> Visitor:
    return desk.signed_in(Duty.SAFEGUARDING)


@pytest.fixture
def manager(desk: Desk) -> Visitor:
    return desk.signed_in(Duty.MANAGER)


@pytest.fixture
def analyst(desk: Desk) -> Visitor:
    return desk.signed_in(Duty.ANALYST)


@pytest.fixture
def administrator(desk: Desk) -> Visitor:
    return desk.signed_in(Duty.ADMINISTRATOR)


@contextmanager
def _on_a_port(app: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def on_a_port() -> Callable[[FastAPI], AbstractContextManager[str]]:
    """Serves an application on a port of its own, for a browser."""
    return _on_a_port


@pytest.fixture
def served(desk: Desk) -> Iterator[str]:
    """The address of the desk's application on a port of its own."""
    app = create_app(
        store=desk.store,
        policy=desk.landlord.policy,
        clock=SetClock(NOW),
        models=FakeModels(),
        secure_cookies=False,
        rehearsals=desk.rehearsals,
    )
    with _on_a_port(app) as site:
        yield site
