"""How fast mail is taken in from a real Dovecot over TLS, beside mbsync; how late it comes; and what a mail bomb does to others.

`python tests/bench/intake_speed.py --messages 5000 --arrivals 100 --bomb 20000 --output speed.json`
"""

import argparse
import contextlib
import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from triage.store import SqlLedger, Store
from triage_mailbox.accounts import ImapAccount, Secret, open_source
from triage_mailbox.child import ParserChild
from triage_mailbox.messages import FolderRole, RawMessage
from triage_mailbox.polling import Pollers
from triage_mailbox.testing import DovecotServer, build_mail

PASSWORD = "a-test-password"
FULL, QUIET, BUSY, PARSED = (f"{name}@tarnside.example" for name in ("full", "quiet", "busy", "parsed"))
WORDS = [
    "the",
    "boiler",
    "is",
    "broken",
    "again",
    "and",
    "nobody",
    "came",
    "on",
    "monday",
    "please",
    "tell",
    "me",
    "when",
    "somebody",
    "will",
    "look",
    "at",
    "it",
]


def mails(count: int, seed: int, sender: str = "Ada Marsh <ada.marsh@larkpost.example>") -> Iterator[bytes]:
    """Letters of about 6 KB with headers like a provider's."""
    chance = random.Random(seed)
    for number in range(count):
        text = "\n".join(" ".join(chance.choices(WORDS, k=12)) for _ in range(85))
        trace = {
            "Received": f"from mx{number % 7}.larkpost.example by mx.tarnside.example; Mon, 2 Mar 2026 09:00:00 +0000"
        }
        yield build_mail(text, message_id=f"<{seed}.{number}@larkpost.example>", sender=sender, headers=trace)


def clock() -> datetime:
    return datetime.now(UTC)


def account(server: DovecotServer, user: str) -> ImapAccount:
    return ImapAccount(
        name=user,
        host="localhost",
        port=server.port,
        user=user,
        password=Secret.of(PASSWORD),
        folders=(("INBOX", FolderRole.INBOX),),
        ca_file=str(server.ca_file),
    )


def take_in(server: DovecotServer, user: str, database: Path) -> tuple[int, float, float]:
    """One round of the service's own poller into a fresh store with full durability: (messages, seconds, its CPU seconds)."""
    store = Store(f"sqlite:///{database}").migrate()
    began, cpu = time.perf_counter(), time.process_time()
    report = open_source(account(server, user)).poll(SqlLedger(store), clock())
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    store.close()
    assert report.problems == (), report.problems
    return report.stored, seconds, cpu


def parse_all(database: Path) -> tuple[float, float]:
    """Parse everything that was stored, in the service's own child process: (seconds, the child's CPU seconds)."""
    used = _children_cpu()
    with contextlib.closing(sqlite3.connect(database)) as read, ParserChild() as parser:
        began = time.perf_counter()
        for number, (content,) in enumerate(read.execute("SELECT content FROM raw")):
            raw = RawMessage.of(
                content, account=PARSED, folder="INBOX", uidvalidity=1, uid=str(number + 1), received=clock()
            )
            assert parser.parse(raw).unreadable is None
        seconds = time.perf_counter() - began
    return seconds, _children_cpu() - used


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def mbsync(server: DovecotServer, user: str, folder: Path) -> tuple[int, float] | None:
    """The same mailbox into a Maildir by Debian's isync, where that is installed: (messages, seconds)."""
    if shutil.which("mbsync") is None:
        return None
    (folder / "mail").mkdir()
    settings = folder / "mbsyncrc"
    settings.write_text(
        f"IMAPAccount here\nHost localhost\nPort {server.port}\nUser {user}\nPass {PASSWORD}\nSSLType IMAPS\n"
        f"CertificateFile {server.ca_file}\n\nIMAPStore far\nAccount here\n\n"
        f"MaildirStore near\nPath {folder}/mail/\nInbox {folder}/mail/INBOX\n\n"
        f"Channel all\nFar :far:INBOX\nNear :near:INBOX\nCreate Near\nSync Pull New\nSyncState {folder}/state\n"
    )
    began = time.perf_counter()
    subprocess.run(["mbsync", "-c", str(settings), "-q", "all"], check=True, capture_output=True, timeout=600)
    seconds = time.perf_counter() - began
    return sum(1 for part in ("new", "cur") for _ in (folder / "mail" / "INBOX" / part).iterdir()), seconds


def latencies(server: DovecotServer, user: str, database: Path, count: int, pause: float, seed: int) -> list[float]:
    """Seconds from the server's OK to a delivery until a reader of the store sees the message, one at a time."""
    found = []
    chance = random.Random(seed)
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as read:

        def stored() -> int:
            query = "SELECT count(*) FROM ledger WHERE account = ? AND state = 'stored'"
            return int(read.execute(query, [user]).fetchone()[0])

        for mail in mails(count, seed):
            before = stored()
            server.append(mail, user=user)
            began = time.perf_counter()
            while stored() == before and time.perf_counter() - began < 120:
                time.sleep(0.005)
            found.append(time.perf_counter() - began)
            time.sleep(chance.uniform(0, pause))
    return found


def spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "median_s": round(ordered[len(ordered) // 2], 3),
        "p95_s": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 3),
        "max_s": round(ordered[-1], 3),
    }


def throughput(server: DovecotServer, folder: Path, count: int) -> dict[str, Any]:
    server.deliver(mails(count, 1), FULL)
    stored, seconds, cpu = take_in(server, FULL, folder / "speed.sqlite")
    assert stored == count
    parsing, parser_cpu = parse_all(folder / "speed.sqlite")
    result: dict[str, Any] = {
        "messages": count,
        "fetch_ledger_store_per_s": round(count / seconds),
        "with_parsing_per_s": round(count / (seconds + parsing)),
        "poller_cpu_ms_a_message": round(1000 * cpu / count, 2),  # steadier than a rate where the machine is busy
        "parser_cpu_ms_a_message": round(1000 * parser_cpu / count, 2),
    }
    if theirs := mbsync(server, FULL, folder):
        result["mbsync_per_s"] = round(theirs[0] / theirs[1])
        assert theirs[0] == count
    return result


def arrival(server: DovecotServer, folder: Path, count: int, bomb: int) -> dict[str, Any]:
    """Latency with IDLE, quiet and then while another account is bombed by one sender."""
    database = folder / "arrival.sqlite"
    store = Store(f"sqlite:///{database}").migrate()
    sources = [open_source(account(server, user)) for user in (QUIET, BUSY)]
    with Pollers(sources, SqlLedger(store), clock, seconds=60).running():
        quiet = latencies(server, QUIET, database, count, 0.5, 2)
        began = time.perf_counter()
        bomber = threading.Thread(
            target=server.deliver, args=[mails(bomb, 3, "Bomb <bomb@larkpost.example>"), BUSY], daemon=True
        )
        bomber.start()
        during = latencies(server, QUIET, database, count, 0.5, 4)
        bomber.join()
        taken = _wait_for(database, BUSY, bomb) - began
    store.close()
    return {
        "arrivals": count,
        "idle": spread(quiet),
        "bomb_messages": bomb,
        "beside_a_bomb": spread(during),
        "bomb_taken_in_s": round(taken, 1),
    }


def _wait_for(database: Path, user: str, count: int) -> float:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as read:
        query = "SELECT count(*) FROM ledger WHERE account = ? AND state = 'stored'"
        while read.execute(query, [user]).fetchone()[0] < count:
            time.sleep(0.1)
    return time.perf_counter()


def run(messages: int, arrivals: int, bomb: int) -> dict[str, Any]:
    """All figures; the load of the machine beside them, since they mean little on a busy one."""
    users = [(user, PASSWORD) for user in (FULL, QUIET, BUSY, PARSED)]
    with tempfile.TemporaryDirectory(prefix="speed-") as name, DovecotServer(users) as server:
        before = os.getloadavg()[0]
        result = throughput(server, Path(name), messages) | arrival(server, Path(name), arrivals, bomb)
        return result | {"load_before": round(before, 1), "cores": os.cpu_count()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--arrivals", type=int, default=60)
    parser.add_argument("--bomb", type=int, default=20_000)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    text = json.dumps(run(given.messages, given.arrivals, given.bomb), indent=1)
    print(text)
    if given.output:
        given.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
