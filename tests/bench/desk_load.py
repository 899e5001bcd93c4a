"""How long the queue and the flag page take with a large store, while mail comes in and twenty people work.

`python tests/bench/desk_load.py --seconds 120` seeds a store, serves it with `triage serve` (pages in one process, taking in beside
them in another) and measures from outside, once mail is being taken in;
`--cpu` measures the processor's seconds of each page in this process instead, which a busy machine does not change.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[2]))

import httpx
from desk_people import BenchReviewer, signed_in
from desk_seed import address_of, seed

from triage.domain.flag import FlagKind
from triage.store import Store
from triage.store.access import Duty
from triage.testing import invited
from triage_mailbox.testing import build_mail

BIN: Final = Path(sys.executable).parent
MAILBOX: Final = "repairs@heron.example"
GOALS: Final = {"p95": 0.150, "p99": 0.400}
WORDS: Final = (
    "The boiler has locked out again and there is no hot water. When will somebody come?",
    "Thank you, the engineer came this morning and it works.",
    "I have asked three times now. Please tell me who deals with this.",
    "Water is coming through the bathroom ceiling again, it drips on the landing.",
)


@dataclass(kw_only=True)
class Measured:
    """Seconds by kind of request, and whatever was not answered as it should be."""

    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, seconds: float, answer: httpx.Response, *fine: int) -> None:
        with self.lock:
            self.taken[kind].append(seconds)
            if answer.status_code not in fine:
                self.errors.append(f"{kind}: {answer.status_code}")

    def table(self) -> dict[str, dict[str, float]]:
        return {kind: _spread(sorted(seconds)) for kind, seconds in sorted(self.taken.items())}


def _spread(seconds: list[float]) -> dict[str, float]:
    def at(share: float) -> float:
        return round(1000 * seconds[min(int(len(seconds) * share), len(seconds) - 1)], 1)

    return {"requests": len(seconds), "p50 ms": at(0.5), "p95 ms": at(0.95), "p99 ms": at(0.99), "max ms": at(1)}


def work(person: BenchReviewer, flags: list[str], think: float, until: float, measured: Measured) -> None:
    """Looks at the queue, opens a flag of it, and decides one in ten, with a pause before each."""
    while time.monotonic() < until:
        time.sleep(person.chance.uniform(0.5, 1.5) * think)
        flag_id = person.chance.choice(flags)
        try:
            began = time.perf_counter()
            answer = person.client.get("/")
            measured.note("queue", time.perf_counter() - began, answer, 200)
            time.sleep(person.chance.uniform(0.5, 1.5) * think)
            began = time.perf_counter()
            answer = person.client.get(f"/flags/{flag_id}")
            measured.note("flag", time.perf_counter() - began, answer, 200)
            if person.chance.random() < 0.1:
                _decide(person, flag_id, measured)
        except httpx.HTTPError as error:
            with measured.lock:
                measured.errors.append(type(error).__name__)


def _decide(person: BenchReviewer, flag_id: str, measured: Measured) -> None:
    head: Any = person.open(flag_id)["flag"]
    if head["state"] != "open":
        return
    decisions = [{"code": code, "answer": "no", "reason": "Looked at for the bench."} for code in head["codes"]]
    body, headers = {"flag_version": head["version"], "decisions": decisions}, {"X-Form-Token": person.token}
    began = time.perf_counter()
    answer = person.client.post(f"/api/v1/flags/{flag_id}/reviews", json=body, headers=headers)
    measured.note("decision", time.perf_counter() - began, answer, 201, 409)


def warm_up(store: Store, folder: Path, people: int, seconds: float = 600.0) -> None:
    """Waits until the first mail was taken in: the other process learns of everybody before it reads."""
    before, ends = _contacts(store), time.monotonic() + seconds
    feed(folder, 1.0, time.monotonic() + 0.5, people, "warm")
    while _contacts(store) == before:
        if time.monotonic() > ends:
            raise SystemExit("No mail was taken in within ten minutes.")
        time.sleep(0.5)


def feed(folder: Path, rate: float, until: float, people: int, name: str = "load") -> int:
    """Drops mails of known tenants into a Maildir, evenly; how many."""
    chance, number, run = random.Random(7), 0, time.time_ns()  # a store that is measured twice has no copies
    began = time.monotonic()
    while time.monotonic() < until:
        sender = address_of(chance.randrange(people))
        mail = build_mail(
            chance.choice(WORDS),
            subject="Boiler locks out every night",
            sender=f"Tenant <{sender}>",
            to=MAILBOX,
            sent=datetime.now(UTC),
            message_id=f"<{name}-{number}-{run}@post.example>",
        )
        (folder / "tmp" / f"{name}{number}").write_bytes(mail)
        (folder / "tmp" / f"{name}{number}").rename(folder / "new" / f"{time.time_ns()}.{number}.bench")
        number += 1
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
    return number


@contextmanager
def served(folder: Path, database: Path, port: int) -> Any:
    """`triage serve` over the store, polling a Maildir beside the pages."""
    for part in ("tmp", "new", "cur"):
        (folder / "mail" / part).mkdir(parents=True, exist_ok=True)
    (folder / "triage.toml").write_text(
        f'database = "sqlite:///{database}"\nport = {port}\nsecure_cookies = false\npoll_seconds = 1\n'
        "[sign_in]\ninvitations = true\n"
        f'[[maildir]]\nname = "{MAILBOX}"\nfolders = [{{ name = "mail", role = "inbox" }}]\n',
        encoding="utf-8",
    )
    command = [str(BIN / "triage"), "serve", "-c", str(folder / "triage.toml")]
    told = folder / "told.txt"
    process = subprocess.Popen(command, cwd=folder, stdout=told.open("wb"), stderr=subprocess.STDOUT)
    try:
        for _ in range(1200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/sign-in", timeout=10)
                break
            except httpx.HTTPError:
                if process.poll() is not None:
                    raise SystemExit(f"triage serve ended at once.\n{told.read_text()[-2000:]}") from None
                time.sleep(0.25)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def champion() -> str:
    """Name and version of the model in use, as scores name it; else the service would read everything again."""
    code = "from triage.scoring import open_reader; print(open_reader(None).model)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def from_outside(database: Path, given: argparse.Namespace) -> dict[str, Any]:
    store, now = Store(f"sqlite:///{database}").migrate(), datetime.now(UTC)
    flags = _flags(store)
    measured = Measured()
    with tempfile.TemporaryDirectory() as name, served(Path(name), database, given.port) as process:
        site = f"http://127.0.0.1:{given.port}"
        people = [signed_in(store, site, f"Reviewer {number}", now, number) for number in range(given.people)]
        for person in people[:2]:
            person.client.get("/")
        warm_up(store, Path(name) / "mail", given.contacts // 10)
        before = _contacts(store)
        until = time.monotonic() + given.seconds
        threads = [
            threading.Thread(target=work, args=(person, flags, given.think, until, measured)) for person in people
        ]
        for thread in threads:
            thread.start()
        fed = feed(Path(name) / "mail", given.rate, until, given.contacts // 10)
        for thread in threads:
            thread.join()
        came = _contacts(store) - before
        cpu = _cpu_seconds(process.pid)
    store.close()
    return {
        "pages": measured.table(),
        "errors": measured.errors,
        "mails dropped": fed,
        "contacts taken in meanwhile": came,
        "processor seconds": cpu,
        "seconds": given.seconds,
        "load of the machine": Path("/proc/loadavg").read_text().split()[:2],
    }


def _cpu_seconds(pages: int) -> dict[str, float]:
    """Of the pages' process and of those that it started, by what they do."""
    spent = {"pages": _spent(pages)}
    children = {int(path.name): _parent(path) for path in Path("/proc").glob("[0-9]*")}
    for child in [pid for pid, parent in children.items() if parent == pages]:
        spent["taking in"] = spent.get("taking in", 0.0) + _spent(child)
        spent["parsing"] = sum(_spent(pid) for pid, parent in children.items() if parent == child)
    return {name: round(seconds, 1) for name, seconds in spent.items()}


def _stat(path: Path) -> list[str]:
    try:
        return (path / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["Z", "0"] + ["0"] * 11


def _parent(path: Path) -> int:
    return int(_stat(path)[1])


def _spent(pid: int) -> float:
    fields = _stat(Path(f"/proc/{pid}"))
    return (int(fields[11]) + int(fields[12])) / 100


def _contacts(store: Store) -> int:
    with store.read() as unit:
        counts = unit.contacts.counts()
    return counts["in"] + counts["out"]


def _flags(store: Store) -> list[str]:
    with store.read() as unit:
        return [flag.id for flag in unit.flags.listed() if flag.kind is not FlagKind.SAFEGUARDING]


def in_process(database: Path, given: argparse.Namespace) -> dict[str, Any]:
    """The processor's milliseconds of each page, without a network or other work: the median of ``given.rounds``."""
    from starlette.testclient import TestClient

    from triage.domain.policy import shipped_policy
    from triage.web.app import create_app

    store = Store(f"sqlite:///{database}").migrate()
    app = create_app(
        store=store,
        policy=shipped_policy(),
        clock=lambda: datetime.now(UTC),
        models=None,
        secure_cookies=False,
    )
    client = TestClient(app, base_url="http://desk.example")
    invitation = invited(store, Duty.REVIEWER, datetime.now(UTC), "Bench")
    client.post("/sign-in", data={"sign_in": invitation}, headers={"Origin": "http://desk.example"})
    chance, flags = random.Random(3), _flags(store)
    found: dict[str, Any] = {}
    for name in given.pages:
        paths = [name.replace("{flag}", chance.choice(flags)) for _ in range(given.rounds + 1)]
        assert client.get(paths[0]).status_code == 200, name
        spent = []
        for path in paths[1:]:
            began = time.process_time()
            client.get(path)
            spent.append(1000 * (time.process_time() - began))
        found[name] = {"median ms": round(sorted(spent)[len(spent) // 2], 1), "max ms": round(max(spent), 1)}
    store.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", type=Path, help="a store that desk_seed.py filled; without one it is made here")
    parser.add_argument("--contacts", type=int, default=200_000)
    parser.add_argument("--flags", type=int, default=5_000)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--rate", type=float, default=5.0, help="mails a second")
    parser.add_argument("--think", type=float, default=2.0, help="seconds between a person's requests, on average")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--cpu", action="store_true", help="processor time of each page, in this process")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--pages", nargs="*", default=["/", "/?kind=behaviour", "/flags/{flag}"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        database = given.database or Path(name) / "desk.sqlite"
        if given.database is None:
            store = Store(f"sqlite:///{database}", durable=False).migrate()
            model = "none" if given.cpu else champion()
            seed(store, contacts=given.contacts, open_flags=given.flags, now=datetime.now(UTC), model=model)
            store.close()
        result = (in_process if given.cpu else from_outside)(database, given)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
