"""Faults by the hundred between a real Dovecot and the poller, mail arriving throughout; then every byte is compared.

`python tests/bench/fault_campaign.py --faults 2000 --seed 1 --output result.json`; exit status 1 where anything was lost,
doubled, altered or stuck. Choices follow the seed; what they meet follows the machine's timing.
"""

import argparse
import contextlib
import hashlib
import imaplib
import json
import multiprocessing
import os
import random
import resource
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.faults import ANSWERS, DEEDS, Trap, is_size
from triage_mailbox.testing import DovecotServer, RecordingProxy, build_mail

PASSWORD = "a-test-password"
FOLDERS = ("INBOX", "Réclamations & plaintes")
WIRE_NAMES = {"INBOX": "INBOX", "Réclamations & plaintes": "R&AOk-clamations &- plaintes"}
ALLOWED_SECONDS = 60.0  # after the end of a fault (faults.md, expectation G)
SPRING_SECONDS = 12.0
RENEWED_AT_MOST = 150  # messages of a folder that still gets another UIDVALIDITY
DAY = 24 * 3600.0


def poll_for_ever(database: str, accounts: list[dict[str, Any]], clock_offset: Any) -> None:
    """The poller's own process: what the service runs, with short limits so that a fault does not take minutes."""
    from triage.store import SqlLedger, Store
    from triage_mailbox.accounts import ImapAccount, ImapTimeouts, Secret, open_source
    from triage_mailbox.messages import FolderRole
    from triage_mailbox.polling import Pollers

    timeouts = ImapTimeouts(connect=2, read=1.0, command=2.0, round=20, folder=10)
    sources = [
        open_source(
            ImapAccount(
                **given,
                password=Secret.of(PASSWORD),
                folders=tuple((name, FolderRole.INBOX) for name in FOLDERS),
                timeouts=timeouts,
            )
        )
        for given in accounts
    ]

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=clock_offset.value)

    with Pollers(sources, SqlLedger(Store(database)), clock, seconds=0.5).running():
        threading.Event().wait()


@dataclass
class Tally:
    """What became of one kind of fault."""

    count: int = 0
    lost: int = 0
    duplicated: int = 0
    altered: int = 0
    stuck: int = 0
    manual_steps: int = 0
    slowest_recovery_s: float = 0.0


@dataclass
class Sent:
    """A message of which we know that it lies on the server: where, its bytes' hash, and during which fault it came."""

    account: str
    folder: str
    uidvalidity: int
    uid: int
    sha256: str
    kind: str


def key_of(one: Sent) -> tuple[str, str, int, int]:
    return one.account, one.folder, one.uidvalidity, one.uid


class PollerProcess:
    """The poller, killed and started again like a service is; starting again is its supervisor's work, not a person's."""

    def __init__(self, *arguments: Any) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["triage.store", "triage_mailbox.imap_source", "triage_mailbox.polling"])
        self._arguments = arguments
        self._process: Any = None

    @property
    def pid(self) -> int:
        return int(self._process.pid)

    def start(self) -> None:
        self._process = self._context.Process(target=poll_for_ever, args=self._arguments, daemon=True)
        self._process.start()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def is_alive(self) -> bool:
        return bool(self._process.is_alive())


@dataclass
class Campaign:
    """What all drivers share."""

    folder: Path
    server: DovecotServer
    poller: PollerProcess
    clock_offset: Any
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    sent: list[Sent] = field(default_factory=list)
    expunged: set[tuple[str, str, int, int]] = field(default_factory=set)
    replaced: set[tuple[str, str, int, int]] = field(default_factory=set)  # owed under the new uidvalidity instead
    lost: list[Sent] = field(default_factory=list)
    one_at_a_time: Any = field(default_factory=threading.Lock)
    unsprung: Counter[str] = field(default_factory=Counter)

    @property
    def database(self) -> Path:
        return self.folder / "campaign.sqlite"

    def stored(self, account: str) -> set[tuple[str, int, int]]:
        """What the ledger says is stored for an account, read by another process as any page would."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)) as read:
            rows = read.execute(
                "SELECT folder, uidvalidity, uid FROM ledger WHERE account = ? AND state IN ('stored', 'gone')",
                [account],
            )
            return {(folder, uidvalidity, int(uid)) for folder, uidvalidity, uid in rows}

    def missing(self) -> list[Sent]:
        """What lies on the server and is not stored under its own key: not what was expunged, nor what was replaced."""
        excused = self.expunged | self.replaced
        owed = {key: one for one in self.sent if (key := key_of(one)) not in excused}
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)) as read:
            rows = read.execute("SELECT account, folder, uidvalidity, uid FROM ledger WHERE state = 'stored'")
            stored = {(account, folder, uidvalidity, int(uid)) for account, folder, uidvalidity, uid in rows}
        return [one for key, one in owed.items() if key not in stored]

    def wait_for_the_rest(self) -> None:
        """What was stuck may still come, also what rests for an hour as unfetchable; what does not come now is lost."""
        self.clock_offset.value = 3 * DAY  # further than any clock jump
        ends = time.monotonic() + ALLOWED_SECONDS
        while self.missing() and time.monotonic() < ends:
            time.sleep(0.2)


class Driver:
    """Sends mail to one account and injects its share of the faults, each judged before the next."""

    def __init__(self, campaign: Campaign, account: str, proxy: RecordingProxy, seed: str) -> None:
        self._campaign = campaign
        self._account = account
        self._proxy = proxy
        self._random = random.Random(seed)
        self._number = 0
        self._pending: list[Sent] = []
        self._session: imaplib.IMAP4 | None = None
        self._always = proxy.on_answer

    def run(self, kinds: list[str]) -> None:
        for kind in kinds:
            self._inject(kind)
        self._set_trap(None)
        self.settle("the end")
        self._hang_up()

    # one fault

    def _inject(self, kind: str) -> None:
        tally = self._campaign.tallies[kind]
        tally.count += 1
        if kind in ANSWERS:
            self._change_an_answer(kind)
        else:
            getattr(self, "_" + kind.lower().replace(" ", "_"))(kind)
        self.send(kind)
        began = time.monotonic()
        self.settle(kind)
        tally.slowest_recovery_s = round(max(tally.slowest_recovery_s, time.monotonic() - began), 2)

    def _change_an_answer(self, kind: str) -> None:
        fits, make = ANSWERS[kind]
        trap = Trap(fits, make(self._random))
        self._set_trap(trap)
        if kind == "unavailable at sign-in":
            self._proxy.hang_up()
        ends = time.monotonic() + SPRING_SECONDS
        while not trap.sprung and time.monotonic() < ends:
            self.send(kind)
            waits = time.monotonic() + 1.5
            while not trap.sprung and time.monotonic() < waits:
                time.sleep(0.02)
        self._set_trap(None) if not trap.sprung else None
        if not trap.sprung:
            self._campaign.unsprung[kind] += 1

    def _set_trap(self, trap: Trap | None) -> None:
        always = self._always
        if always is None or trap is None:
            self._proxy.on_answer = trap or always
        else:
            self._proxy.on_answer = lambda answer: trap(always(answer))

    def _connections_refused(self, kind: str) -> None:
        self._proxy.is_refusing = True
        self._proxy.hang_up()
        self.send(kind)
        time.sleep(self._random.uniform(0.3, 1.5))
        self._proxy.is_refusing = False

    def _connections_cut(self, kind: str) -> None:
        self.send(kind)
        time.sleep(self._random.uniform(0.0, 0.2))
        self._proxy.hang_up()

    def _server_sessions_killed(self, kind: str) -> None:
        self.send(kind)
        time.sleep(self._random.uniform(0.0, 0.1))
        self._campaign.server.kill_sessions()

    def _server_sessions_hang(self, kind: str) -> None:
        self.send(kind)
        with self._campaign.one_at_a_time, self._campaign.server.paused_sessions():
            time.sleep(1.5)

    def _server_killed_and_restarted(self, kind: str) -> None:
        self.send(kind)
        with self._campaign.one_at_a_time:
            self._campaign.server.kill()
            time.sleep(self._random.uniform(0.0, 0.5))
            self._campaign.server.start()

    def _message_expunged_while_it_is_fetched(self, kind: str) -> None:
        doomed: list[Sent] = []

        def expunge(answer: bytes) -> bytes:
            while not doomed:
                time.sleep(0.01)
            self._expunge(doomed[0])
            return answer

        trap = Trap(is_size, expunge)
        self._set_trap(trap)
        doomed.append(self.send(kind, folder="INBOX"))
        ends = time.monotonic() + SPRING_SECONDS
        while not trap.sprung and time.monotonic() < ends:
            time.sleep(0.02)
        if not trap.sprung:
            self._campaign.unsprung[kind] += 1

    def _uidvalidity_changed(self, kind: str) -> None:
        self.send(kind, folder="INBOX")
        mine = [one for one in self._campaign.sent if one.account == self._account and one.folder == "INBOX"]
        newest = mine[-1].uidvalidity
        again = [one for one in mine if one.uidvalidity == newest and key_of(one) not in self._campaign.expunged]
        if len(again) > RENEWED_AT_MOST:
            self._campaign.unsprung[kind] += 1
            return
        self.settle(kind)
        value = newest + self._random.randrange(1, 1000)
        self._insist(lambda: self._campaign.server.set_uidvalidity(value, user=self._account))
        stored = self._campaign.stored(self._account)
        self._campaign.replaced |= {
            key_of(one) for one in again if (one.folder, one.uidvalidity, one.uid) not in stored
        }
        fresh = self.send(kind, folder="INBOX").uidvalidity
        renewed = [Sent(one.account, one.folder, fresh, one.uid, one.sha256, kind) for one in again]
        self._campaign.sent += renewed
        self._pending += renewed

    def _poller_killed(self, kind: str) -> None:
        self.send(kind)
        time.sleep(self._random.uniform(0.0, 0.3))
        with self._campaign.one_at_a_time:
            self._campaign.poller.kill()
            self._campaign.poller.start()

    def _poller_stopped_for_a_while(self, kind: str) -> None:
        with self._campaign.one_at_a_time:
            os.kill(self._campaign.poller.pid, signal.SIGSTOP)
            self.send(kind)
            time.sleep(self._random.uniform(0.2, 1.5))
            os.kill(self._campaign.poller.pid, signal.SIGCONT)

    def _disk_full(self, kind: str) -> None:
        """No file of the poller's may grow: writes end in EFBIG, which SQLite takes as it takes a full disk."""
        with self._campaign.one_at_a_time:
            pid = self._campaign.poller.pid
            resource.prlimit(
                pid, resource.RLIMIT_FSIZE, (self._random.choice([1, 4096, 32_768]), resource.RLIM_INFINITY)
            )
            for _ in range(3):
                self.send(kind)
                time.sleep(self._random.uniform(0.1, 0.4))
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def _clock_jumps(self, kind: str) -> None:
        self._campaign.clock_offset.value = self._random.choice([-2 * DAY, 2 * DAY, -3600.0, 3600.0, 0.0])

    # mail

    def send(self, kind: str, folder: str | None = None) -> Sent:
        """Put a message on the server and learn its UID; a server that dies meanwhile is asked whether it has it."""
        folder = folder or self._random.choice(FOLDERS)
        self._number += 1
        mark = f"m{self._number}.{self._account}"
        size = self._random.choice([10, 500, 3_000, 6_000, 60_000])
        text = "".join(self._random.choices("abcdefghij \n", k=size))
        content = build_mail(text, message_id=f"<{mark}>", headers={"X-Mark": mark}).replace(b"\n", b"\r\n")
        while True:
            try:
                uidvalidity, uid = self._append(folder, content, mark)
                break
            except (imaplib.IMAP4.error, OSError):
                self._hang_up()
                time.sleep(0.1)
        one = Sent(self._account, folder, uidvalidity, uid, hashlib.sha256(content).hexdigest(), kind)
        self._campaign.sent.append(one)
        self._pending.append(one)
        return one

    def _append(self, folder: str, content: bytes, mark: str) -> tuple[int, int]:
        is_again = self._session is None
        session = self._session or self._sign_in()
        name = f'"{WIRE_NAMES[folder]}"'
        if is_again:
            session.create(name)
            session.select(name, readonly=True)
            uidvalidity = int((session.response("UIDVALIDITY")[1] or [b"0"])[0])
            found = session.uid("SEARCH", "HEADER", "X-Mark", mark)[1][0].split()
            session.unselect()
            if found:
                return uidvalidity, int(found[0])
        answer, said = session.append(name, "", "", content)
        if answer != "OK":
            raise imaplib.IMAP4.abort("not appended")
        _, uidvalidity_, uid = said[0].partition(b"]")[0].split()
        return int(uidvalidity_), int(uid)

    def _sign_in(self) -> imaplib.IMAP4:
        session = imaplib.IMAP4("127.0.0.1", self._campaign.server.plain_port, timeout=10)
        session.starttls(_trusting(self._campaign.server))
        session.login(self._account, PASSWORD)
        self._session = session
        return session

    def _hang_up(self) -> None:
        if self._session is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                self._session.shutdown()
            self._session = None

    def _expunge(self, one: Sent) -> None:
        self._campaign.expunged.add(key_of(one))
        self._insist(lambda: self._campaign.server.delete(one.uid, WIRE_NAMES[one.folder], one.account))

    def _insist(self, act: Callable[[], None]) -> None:
        """Do what a colleague does to the mailbox; while another fault keeps the server away, try again."""
        ends = time.monotonic() + ALLOWED_SECONDS
        while True:
            try:
                with self._campaign.one_at_a_time:
                    act()
                return
            except (imaplib.IMAP4.error, OSError, RuntimeError):
                if time.monotonic() > ends:
                    raise
                time.sleep(0.2)

    # judging

    def settle(self, kind: str) -> None:
        """Wait until everything sent so far is stored (or was expunged and is known to be gone)."""
        ends = time.monotonic() + ALLOWED_SECONDS
        while self._pending:
            if not self._campaign.poller.is_alive():
                with self._campaign.one_at_a_time:
                    if not self._campaign.poller.is_alive():
                        self._campaign.tallies[kind].manual_steps += 1
                        self._campaign.poller.start()
            stored = self._campaign.stored(self._account)
            self._pending = [one for one in self._pending if (one.folder, one.uidvalidity, one.uid) not in stored]
            if self._pending and time.monotonic() > ends:
                self._campaign.tallies[kind].stuck += len(self._pending)
                self._pending = []
            time.sleep(0.03)


def _trusting(server: DovecotServer) -> Any:
    import ssl

    context = ssl.create_default_context(cafile=str(server.ca_file))
    context.check_hostname = False  # 127.0.0.1 is in the certificate, but not every Python looks there for a name
    return context


def judge(campaign: Campaign) -> None:
    """Compare every message on the server with what is stored, byte for byte."""
    kind_of = {one.sha256: one.kind for one in campaign.sent}
    expected = {key_of(one): one for one in campaign.sent}
    with contextlib.closing(sqlite3.connect(campaign.database)) as read:
        assert read.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for sha256, content in read.execute("SELECT sha256, content FROM raw"):
            if hashlib.sha256(content).hexdigest() != sha256 or sha256 not in kind_of:
                campaign.tallies[kind_of.get(sha256, "unknown")].altered += 1
        found: Counter[tuple[str, str, int, str]] = Counter()
        query = "SELECT account, folder, uidvalidity, uid, sha256 FROM ledger WHERE state = 'stored'"
        for account, folder, uidvalidity, uid, sha256 in read.execute(query):
            key = (account, folder, uidvalidity, int(uid))
            one = expected.get(key)
            if one is not None and one.sha256 != sha256:
                campaign.tallies[one.kind].altered += 1
            found[account, folder, uidvalidity, sha256] += 1
        for (*_, sha256), count in found.items():
            campaign.tallies[kind_of.get(sha256, "unknown")].duplicated += count - 1
    campaign.lost = campaign.missing()
    for one in campaign.lost:
        campaign.tallies[one.kind].lost += 1


def schedule(faults: int, drivers: int, seed: int) -> list[list[str]]:
    """The kinds for each driver: every kind as often as every other, in an order of the seed's."""
    chance = random.Random(seed)
    kinds = [*ANSWERS, *DEEDS]
    whole = [kinds[number % len(kinds)] for number in range(faults)]
    chance.shuffle(whole)
    return [whole[start::drivers] for start in range(drivers)]


def _without_extensions(answer: bytes) -> bytes:
    """As a server that knows neither IDLE nor CONDSTORE nor UIDPLUS would speak."""
    if b"CAPABILITY" not in answer:
        return answer
    for name in (b"IDLE", b"CONDSTORE", b"QRESYNC", b"UIDPLUS", b"ESEARCH", b"LITERAL+"):
        answer = answer.replace(b" " + name, b"")
    return answer


@contextlib.contextmanager
def prepared(folder: Path, drivers: int) -> Iterator[tuple[Campaign, list[RecordingProxy]]]:
    """A Dovecot with one proxy for each account, and the poller's process; the second account's server has no extensions."""
    from triage.store import Store

    users = [(f"user{number}@tarnside.example", PASSWORD) for number in range(drivers)]
    with DovecotServer(users) as server, contextlib.ExitStack() as stack:
        proxies = [
            stack.enter_context(
                RecordingProxy(server.plain_port, on_answer=_without_extensions if number == 1 else None)
            )
            for number in range(drivers)
        ]
        accounts = [
            {"name": user, "user": user, "host": "localhost", "port": proxy.port, "ca_file": str(proxy.ca_file)}
            for (user, _), proxy in zip(users, proxies, strict=True)
        ]
        url = f"sqlite:///{folder / 'campaign.sqlite'}"
        Store(url).migrate().close()
        offset = multiprocessing.get_context("forkserver").Value("d", 0.0)
        poller = PollerProcess(url, accounts, offset)
        poller.start()
        try:
            yield Campaign(folder, server, poller, offset), proxies
        finally:
            poller.kill()


def run(faults: int, seed: int, drivers: int = 8, tell: Callable[[str], None] = lambda line: None) -> dict[str, Any]:
    """The whole campaign; gives its result as it is written to JSON."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="campaign-") as name, prepared(Path(name), drivers) as (campaign, proxies):
        work = [
            (Driver(campaign, user, proxy, f"{seed}/{user}"), kinds)
            for (user, _), proxy, kinds in zip(
                campaign.server.users, proxies, schedule(faults, drivers, seed), strict=True
            )
        ]
        failed: list[BaseException] = []

        def drive(driver: Driver, kinds: list[str]) -> None:
            try:
                driver.run(kinds)
            except BaseException as error:
                failed.append(error)
                raise

        threads = [threading.Thread(target=drive, args=part, daemon=True) for part in work]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.5)
            tell(f"{sum(tally.count for tally in campaign.tallies.values())} of {faults} faults")
        if failed:
            raise failed[0]
        campaign.wait_for_the_rest()
        judge(campaign)
        most = max(proxy.most_at_once for proxy in proxies)
        return _result(campaign, faults, seed, time.monotonic() - began, most)


def _result(campaign: Campaign, faults: int, seed: int, seconds: float, most_at_once: int) -> dict[str, Any]:
    tallies = dict(sorted(campaign.tallies.items()))
    totals = {
        name: sum(getattr(tally, name) for tally in tallies.values())
        for name in ("count", "lost", "duplicated", "altered", "stuck", "manual_steps")
    }
    return {
        "seed": seed,
        "faults": faults,
        "not_sprung": sum(campaign.unsprung.values()),
        "seconds": round(seconds, 1),
        "messages": len({one.sha256 for one in campaign.sent}),
        "most_connections_at_once": most_at_once,
        "totals": totals,
        "kinds": {kind: vars(tally) for kind, tally in tallies.items()},
        "unsprung": dict(campaign.unsprung),
        "lost": [vars(one) for one in campaign.lost],
    }


def is_clean(result: dict[str, Any]) -> bool:
    """Whether nothing was lost, doubled, altered or stuck, and nobody had to do anything."""
    return all(result["totals"][name] == 0 for name in ("lost", "duplicated", "altered", "stuck", "manual_steps"))


def one_line(result: dict[str, Any]) -> str:
    """The totals in words, and the kinds that were not clean."""
    totals = ", ".join(
        f"{count} {name.replace('_', ' ')}" for name, count in result["totals"].items() if name != "count"
    )
    bad = [
        kind
        for kind, tally in result["kinds"].items()
        if any(tally[name] for name in result["totals"] if name != "count")
    ]
    return (
        f"{result['totals']['count']} faults of {len(result['kinds'])} kinds on {result['messages']} messages in "
        f"{result['seconds']:g} s: {totals}" + (f" ({', '.join(bad)})" if bad else "")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drivers", type=int, default=8, help="accounts that are faulted side by side")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--line", action="store_true", help="print the totals on one line instead of all as JSON")
    given = parser.parse_args()
    is_shown = sys.stderr.isatty()
    result = run(
        given.faults,
        given.seed,
        given.drivers,
        lambda line: print(f"\r{line}", end="", file=sys.stderr) if is_shown else None,
    )
    text = json.dumps(result, indent=1)
    print(one_line(result) if given.line else text)
    if given.output:
        given.output.write_text(text + "\n")
    raise SystemExit(0 if is_clean(result) else 1)


if __name__ == "__main__":
    main()
