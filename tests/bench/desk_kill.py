"""Random concurrent decisions while the server is killed with SIGKILL: what was acknowledged is there once, and the audit adds up.

`python tests/bench/desk_kill.py --decisions 1000 --people 8 --seed 1 --mails 300`: with mails, the process that takes mail in runs
beside the pages and is killed too, now the one, now the other; at the end every mail is one contact.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import httpx
from desk_people import REASON, BenchReviewer, signed_in
from desk_seed import address_of, seed

from triage.store import Store
from triage_mailbox.testing import build_mail

PRELOADED = ["triage.web.app", "triage.testing", "uvicorn"]
MAILBOX = "repairs@heron.example"
BETWEEN_KILLS = (5, 30)
"""Decisions that are acknowledged between two kills, drawn anew each time, and up to a tenth of a second more."""


def serve(database: str, port: int, settings: Path | None) -> None:
    """The pages over a fully durable store, in a process of their own; with ``settings``, taking in beside them as `triage serve` does."""
    import structlog
    import uvicorn

    from triage.bootstrap import wall_clock
    from triage.config import read_settings
    from triage.domain.policy import shipped_policy
    from triage.jobs.beside import TakingIn, command
    from triage.web.app import create_app

    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )  # the result alone is on the other stream
    intake = TakingIn(read_settings(settings), wall_clock, command("taking-in")) if settings else None
    app = create_app(
        store=Store(database),
        policy=shipped_policy(),
        clock=wall_clock,
        models=None,
        secure_cookies=False,
        intake=intake,
        links=intake,
    )
    with intake.running() if intake else contextlib.nullcontext():
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


def prepare_mail(folder: Path, database: str) -> Path:
    """A Maildir and settings that poll it. The model named there is refused: rules read, and each start is quicker."""
    for part in ("mail/tmp", "mail/new", "mail/cur", "models"):
        (folder / part).mkdir(parents=True)
    entry = {"act": "promoted", "name": "none", "version": "1", "seal": None, "by": "bench", "at": ""}
    (folder / "models" / "champion.json").write_text(json.dumps({"history": [entry]}), encoding="utf-8")
    (folder / "triage.toml").write_text(
        f'database = "{database}"\nmodels = "models"\npoll_seconds = 0.5\n[[maildir]]\nname = "{MAILBOX}"\n'
        'folders = [{ name = "mail", role = "inbox" }]\n',
        encoding="utf-8",
    )
    return folder / "triage.toml"


@dataclass(kw_only=True)
class Post:
    """Drops mails of known tenants into the Maildir, a few a second, until as many were dropped as asked for."""

    folder: Path
    mails: int
    pause: float = 0.3
    dropped: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while self.dropped < self.mails and not self.stopped.wait(self.pause):
            mail = build_mail(
                "The boiler has locked out again and there is no hot water.",
                subject="Boiler locks out every night",
                sender=f"Tenant <{address_of(self.dropped)}>",
                to=MAILBOX,
                sent=datetime.now(UTC),
                message_id=f"<kill-{self.dropped}@post.example>",
            )
            made = self.folder / "mail" / "tmp" / str(self.dropped)
            made.write_bytes(mail)
            made.rename(self.folder / "mail" / "new" / f"{time.time_ns()}.{self.dropped}.bench")
            self.dropped += 1

    def taken(self, store: Store) -> Counter[str]:
        """How many contacts each mail became."""
        with store.read() as unit:
            names = (f"kill-{number}@post.example" for number in range(self.dropped))
            return Counter({name: len(unit.contacts.with_message_id(name)) for name in names})


@dataclass(kw_only=True)
class Server:
    """The server under test: started, killed without warning, and started again on the same port."""

    database: str
    port: int
    settings: Path | None = None
    kills: int = 0
    kills_of_intake: int = 0
    process: multiprocessing.process.BaseProcess | None = None

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = multiprocessing.get_context("forkserver").Process(
            target=serve, args=(self.database, self.port, self.settings), daemon=True
        )
        self.process.start()
        until = time.monotonic() + 120
        while time.monotonic() < until:
            with suppress(httpx.HTTPError):
                httpx.get(f"{self.site}/sign-in", timeout=10)
                return
            time.sleep(0.05)
        raise SystemExit("The server did not start within two minutes.")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.join()
        self.kills += 1

    def kill_intake(self) -> bool:
        """Kills the process that takes in, if it is up; the pages start it again by themselves."""
        assert self.process is not None
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, IndexError):
                is_child = int((path / "stat").read_text().rpartition(")")[2].split()[1]) == self.process.pid
                if is_child and b"taking-in" in (path / "cmdline").read_bytes():
                    os.kill(int(path.name), signal.SIGKILL)
                    self.kills_of_intake += 1
                    return True
        return False


@dataclass(kw_only=True)
class Campaign:
    """What the people do together: ``left`` decisions are still to be acknowledged."""

    flags: list[str]
    left: int
    statuses: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wants_more(self, than: int = 0) -> bool:
        with self.lock:
            return self.left > max(0, than)

    def note(self, status: str) -> None:
        with self.lock:
            self.statuses[status] += 1
            self.left -= status == "201"


def act(person: BenchReviewer, campaign: Campaign) -> None:
    """Decides random flags, also ones that others decide at the same moment; a decided one is sometimes reopened."""
    number = 0
    while campaign.wants_more():
        number += 1
        flag_id = person.chance.choice(campaign.flags)
        try:
            status = str(person.decide(flag_id, f"{person.name}/{number}."))
            if status == "409":
                body = {"reason": "Looked at again for the bench."}
                headers = {"X-Form-Token": person.token}
                person.client.post(f"/api/v1/flags/{flag_id}/reopen", json=body, headers=headers)
        except (httpx.HTTPError, json.JSONDecodeError):
            status = "cut off"
            time.sleep(0.5)
        campaign.note(status)


def faults(store: Store, people: list[BenchReviewer], post: Post | None) -> list[str]:
    """Everything that is not as promised, in sentences; nothing where all is well."""
    found: list[str] = []
    if post is not None:
        found += [f"Mail {name} is {number} contacts." for name, number in post.taken(store).items() if number != 1]
    with store.read() as unit:
        reviews = unit.flags.reviews()
        entries = [entry for entry in unit.audit.entries() if entry.action == "flag.decided"]
        try:
            unit.audit.verify()
        except Exception as error:
            found.append(f"The audit chain is broken: {error}")
    marks = Counter(review.decisions[0].reason.removeprefix(REASON).strip() for review in reviews)
    for person in people:
        found += [
            f"{mark} was acknowledged and is there {marks[mark]} times."
            for mark in person.acknowledged
            if marks[mark] != 1
        ]
    found += [f"{mark} is there {count} times." for mark, count in marks.items() if count > 1]
    states = Counter((review.flag_id, review.flag_version) for review in reviews)
    found += [
        f"Version {version} of flag {flag} was decided {n} times." for (flag, version), n in states.items() if n > 1
    ]
    on_record = Counter(entry.detail.get("review") for entry in entries)
    found += [
        f"Review {review.id} is on record {on_record[review.id]} times."
        for review in reviews
        if on_record[review.id] != 1
    ]
    if len(entries) != len(reviews):
        found.append(f"{len(entries)} decisions are on record and {len(reviews)} are kept.")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=1000)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mails", type=int, default=0, help="mails that come in meanwhile; 0 leaves the intake out")
    given = parser.parse_args()
    multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOADED)
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        database = f"sqlite:///{folder}/desk.sqlite"
        store = Store(database).migrate()
        flags = max(20, given.decisions // 2)
        seeded = seed(store, contacts=flags * 12, open_flags=flags, now=datetime.now(UTC), chance=given.seed)
        with store.read() as unit:
            seen = [flag.id for flag in unit.flags.listed() if flag.kind.value != "safeguarding"]
        settings = prepare_mail(Path(folder), database) if given.mails else None
        post = Post(folder=Path(folder), mails=given.mails) if given.mails else None
        server = Server(database=database, port=port, settings=settings)
        server.start()
        now = datetime.now(UTC)
        people = [signed_in(store, server.site, f"Person {n}", now, given.seed * 100 + n) for n in range(given.people)]
        campaign = Campaign(flags=seen, left=given.decisions)
        threads = [threading.Thread(target=act, args=(person, campaign), daemon=True) for person in people]
        posting = threading.Thread(target=post.run, daemon=True) if post else None
        began = time.monotonic()
        for thread in (*threads, *([posting] if posting else ())):
            thread.start()
        while campaign.wants_more():
            until = campaign.left - chance.randint(*BETWEEN_KILLS)
            while campaign.wants_more(until):
                time.sleep(0.05)
            time.sleep(chance.uniform(0, 0.1))
            if post is not None and chance.random() < 0.5 and server.kill_intake():
                continue
            server.kill()
            server.start()
        for thread in threads:
            thread.join(120)
        if post is not None and posting is not None:
            post.stopped.set()
            posting.join()
            until_time = time.monotonic() + 300
            while sum(post.taken(store).values()) < post.dropped and time.monotonic() < until_time:
                time.sleep(1)
        server.kill()
        wrong = faults(store, people, post)
        store.close()
    result = {
        "acknowledged": sum(len(person.acknowledged) for person in people),
        "kills": server.kills,
        "kills of the intake": server.kills_of_intake,
        "mails": post.dropped if post else 0,
        "seconds": round(time.monotonic() - began),
        "answers": dict(campaign.statuses),
        "flags": seeded.open_flags,
        "faults": wrong,
    }
    print(json.dumps(result, indent=1))
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
