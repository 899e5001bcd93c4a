"""How fast, and in how much memory, a history of any length is replayed through the real pipeline with scores that are given.

python tests/bench/replay_speed.py --contacts 100000 [--profile]
"""

import argparse
import cProfile
import json
import logging
import pstats
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import structlog
from many_contacts import history

from triage.bootstrap import replay_pipeline
from triage.domain.policy import shipped_policy
from triage.history_file import open_history
from triage.replay import replay_to
from triage.scoring_files import GivenScores
from triage_models.labels import LABELS


def scores(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """A line for each contact; one in fifty is flagged for abuse, one in a thousand for safeguarding."""
    for row in rows:
        if row["kind"] == "contact":
            number = int(row["id"][1:])
            flagged = ["S0"] if number % 1000 == 7 else ["A2"] if number % 50 == 3 else []
            given = {label: 0.9 if label in flagged else 0.01 for label in LABELS}
            yield json.dumps({"id": row["id"], "scores": given, "flagged": flagged, "evidence": {}})


class Stretches:
    """Progress that tells, a tenth of the way at a time, what a contact cost and how much memory is held by then."""

    def __init__(self) -> None:
        self._every, self._done = 1, 0
        self._began, self._cpu = time.perf_counter(), time.process_time()

    def expect(self, steps: int) -> None:
        self._every = max(1, steps // 10)

    def step(self) -> None:
        self._done += 1
        if self._done % self._every == 0:
            wall, cpu = time.perf_counter(), time.process_time()
            each, pace = 1000 * (cpu - self._cpu) / self._every, self._every / (wall - self._began)
            print(
                f"{self._done:>9,}: {each:5.1f} ms of CPU a contact, {pace:4.0f} a second by the clock, {_held():4.0f} MB",
                flush=True,
            )
            self._began, self._cpu = wall, cpu


def _held() -> float:
    """Megabytes resident now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--contacts", type=int, default=10_000)
    asked.add_argument("--profile", action="store_true")
    wanted = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as files:
        given, told_from = (files.enter_context(Path(folder, name).open("w+b")) for name in ("scores", "history"))
        given.writelines(f"{line}\n".encode() for line in scores(history(wanted.contacts)))
        told_from.writelines(f"{json.dumps(row)}\n".encode() for row in history(wanted.contacts))
        reader = GivenScores.of_file(given)
        policy = shipped_policy("unacceptable-behaviour")
        pipeline, clock = replay_pipeline(Path(folder) / "replay.sqlite", reader, policy)
        told = open_history(told_from)
        flags: Counter[str] = Counter()
        profile = cProfile.Profile() if wanted.profile else None
        began, cpu = time.perf_counter(), time.process_time()
        if profile:
            profile.enable()
        links = sum(1 for _ in replay_to(lambda row: flags.update([row["code"]]), told, pipeline, clock, Stretches()))
        if profile:
            profile.disable()
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        size = Path(f"{folder}/replay.sqlite").stat().st_size / 2**20
        pipeline.store.close()
    print(
        f"{wanted.contacts:,} contacts: {wanted.contacts / cpu:.0f} a second of CPU, {wanted.contacts / wall:.0f} by the clock; "
        f"{flags.total()} flags, {links} links; peak {peak:.0f} MB; store {size:.0f} MB"
    )
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
        pstats.Stats(profile).sort_stats("cumtime").print_stats(60)


if __name__ == "__main__":
    main()
