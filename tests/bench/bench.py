"""The figures of docs/figures.md, measured again: `python3 run.py bench [--quick]`. Needs the shared data folder beside the checkout."""

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("TRIAGE_SHARED") or ROOT.parent / "shared")
TOOLS, HOUSING = SHARED / "tools", SHARED / "data" / "housing"
BIN = Path(sys.executable).parent


def run(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(str(part) for part in command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def title(text: str) -> None:
    print(f"\n## {text}\n", flush=True)


def messages(folder: Path, quick: bool) -> None:
    title(
        "Contacts, out of fold: one writer (or group of writers) left out at a time, thresholds chosen inside the others"
    )
    if not quick:
        started = time.monotonic()
        encoders = os.environ.get("TRIAGE_ENCODERS")
        with_encoder = ("--encoders", encoders) if encoders else ("--keep-encoder",)
        run(BIN / "triage-training", "out-of-fold", *with_encoder, "--output", folder / "out-of-fold.jsonl")
        print(f"({time.monotonic() - started:.0f} s)")
        print(
            run(
                sys.executable, TOOLS / "evaluate_messages.py", HOUSING / "messages.jsonl", folder / "out-of-fold.jsonl"
            )
        )
    title("Contacts, the shipped champion through `triage score` (it was trained on these: not a measure of quality)")
    started = time.monotonic()
    run(BIN / "triage", "score", "--input", HOUSING / "messages.jsonl", "--output", folder / "predictions.jsonl")
    print(
        f"({time.monotonic() - started:.0f} s for {sum(1 for _ in (HOUSING / 'messages.jsonl').open())} contacts, start-up included)"
    )
    print(
        run(
            sys.executable, TOOLS / "evaluate_messages.py", HOUSING / "messages.jsonl", folder / "predictions.jsonl"
        ).splitlines()[-1]
    )


def timelines(folder: Path) -> None:
    """Those that were developed on, more of them, and those that others wrote blind: set by set, since they share invented numbers."""
    scored(folder, "timelines", (HOUSING / "timelines.jsonl").read_text(), ("odd", "even"))
    scored(folder, "timelines_more", (HOUSING / "timelines_more.jsonl").read_text())
    sets: dict[str, str] = {}
    for line in (HOUSING / "timelines_blind.jsonl").open():
        writer = json.loads(line)["id"].split("-")[0]
        sets[writer] = sets.get(writer, "") + line
    for writer, lines in sets.items():
        scored(folder, f"timelines_blind, {writer}", lines)


def scored(folder: Path, name: str, lines: str, halves: Sequence[str] = ()) -> None:
    title(f"{name} through `triage replay`")
    told, history, flags, links = (folder / f"{part}.jsonl" for part in ("told", "history", "flags", "links"))
    told.write_text(lines)
    history.write_text(run(sys.executable, TOOLS / "timelines_to_history.py", told))
    started = time.monotonic()
    run(BIN / "triage", "replay", "--input", history, "--flags", flags, "--links", links)
    print(f"({time.monotonic() - started:.0f} s for {sum(1 for _ in history.open())} lines, start-up included)")
    for only in ((), *(("--only", half) for half in halves)):
        print(" ".join(only) or "all")
        print(run(sys.executable, TOOLS / "evaluate_timelines.py", told, flags, links, *only))


def reading(rounds: int) -> None:
    title("Speed of reading (one process, this machine, medians)")
    from triage_models.registry import load_champion
    from triage_models.scorer import ScoringInput, Turn

    started = time.perf_counter()
    scorer = load_champion(None)
    print(f"load after imports: {time.perf_counter() - started:.2f} s")
    rows = [json.loads(line) for line in (HOUSING / "messages.jsonl").open()][:1000]
    inputs = [
        ScoringInput(
            id=row["id"],
            channel=row["channel"],
            subject=row.get("subject"),
            text=row.get("text"),
            turns=tuple(Turn(speaker=turn["speaker"], text=turn["text"]) for turn in row.get("turns") or ()),
        )
        for row in rows
    ]
    scorer.score(inputs[:50])
    rates = []
    for _ in range(rounds):
        started = time.perf_counter()
        scorer.score(inputs)
        rates.append(len(inputs) / (time.perf_counter() - started))
    single = []
    for item in inputs[:200]:
        started = time.perf_counter()
        scorer.score([item])
        single.append(1000 * (time.perf_counter() - started))
    print(f"contacts/s: {median(rates):.0f} (of {rounds}: {', '.join(f'{rate:.0f}' for rate in rates)})")
    print(f"one contact, ms: median {median(single):.1f}, p95 {sorted(single)[int(len(single) * 0.95)]:.1f}")
    print(f"peak resident memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def demo(folder: Path) -> None:
    title("The demo landlord from nothing: render, poll, parse, read, measure, flag")
    started = time.monotonic()
    print(
        run(BIN / "triage", "demo", "--once", "--housing", ROOT / "training" / "housing", "--folder", folder / "demo")
    )
    print(f"({time.monotonic() - started:.0f} s, start-up included)")


def replaying(quick: bool) -> None:
    title("Replay with scores that are given (--scores): what a contact costs and how much memory is held, by tenths")
    size = "2000" if quick else "100000"
    print(run(sys.executable, ROOT / "tests" / "bench" / "replay_speed.py", "--contacts", size))


def intake(quick: bool) -> None:
    here = ROOT / "tests" / "bench"
    title("Intake: speed over TLS beside mbsync, arrival to stored with IDLE, a mail bomb")
    sizes = ("1000", "20", "1000") if quick else ("5000", "200", "20000")
    named = zip(("--messages", "--arrivals", "--bomb"), sizes, strict=True)
    print(run(sys.executable, here / "intake_speed.py", *(part for pair in named for part in pair)))
    title("Intake: the campaigns, one line each (without --quick the whole of each: hours)")
    for name, *arguments in (
        ("fault_campaign.py", "--faults", "200" if quick else "2000", "--seed", "1"),
        ("bad_inputs.py", "--cases", "2000" if quick else "200000", "--seed", "1"),
    ):
        done = subprocess.run(
            [sys.executable, str(here / name), *arguments, "--line"], stdout=subprocess.PIPE, text=True, check=False
        )
        print(
            f"{name} {' '.join(arguments)}: {done.stdout.strip() or f'no result (exit {done.returncode})'}", flush=True
        )
    title("Own words: the written set beside each library alone")
    print(run(sys.executable, here / "own_words.py"))


def campaigns() -> None:
    """At full size alone, and hours long: what each found is printed whole, also where it ends badly. Atheris is a group of its own."""
    title("The desk under load, kills of both processes, the API under generated requests, mutated mails (hours)")
    commands: list[tuple[str, ...]] = [
        ("desk_load.py", "--seconds", "300"),
        ("desk_load.py", "--cpu"),
        ("desk_kill.py", "--decisions", "1000", "--people", "8", "--seed", "1", "--mails", "500"),
        ("api_cases.py", "--cases", "100000"),
        *((("fuzz_inputs.py", name, "--runs", "200000")) for name in ("mail", "reply", "transcript")),
    ]
    for name, *arguments in commands:
        command = [sys.executable, str(ROOT / "tests" / "bench" / name), *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        print(f"{name} {' '.join(arguments)} (exit {done.returncode}):\n{_end_of(done.stdout)}\n", flush=True)


def _end_of(text: str, lines: int = 60) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])


def reading_measured(folder: Path, quick: bool) -> None:
    """TRIAGE_ENCODERS: the folder that `triage-training encoder` filled, where there is one; TRIAGE_DETOXIFY_PYTHON: an
    interpreter with torch and transformers; TRIAGE_DETOXIFY: the folder that `triage-training detoxify-onnx` made. Without them the
    tables say what was not measured."""
    title(
        "The reading: other people's sets, housing texts kept out of training, ordinary streams, disguises, who writes, speed against Detoxify, learning curve"
    )
    encoders, interpreter = os.environ.get("TRIAGE_ENCODERS"), os.environ.get("TRIAGE_DETOXIFY_PYTHON")
    data, detoxify = ("--data", SHARED / "data"), os.environ.get("TRIAGE_DETOXIFY")
    baseline = ("--checkpoint", detoxify) if detoxify else ()
    unseen = () if quick else ("--unseen", *(("--encoders", encoders) if encoders else ()))
    commands: list[tuple[object, ...]] = [
        ("public-sets", *data, *baseline, "--cap", "200" if quick else "3000"),
        ("housing", *data, *baseline, "--cap", "100" if quick else "3000"),
        ("streams", *data, *baseline, "--cap", "500" if quick else "12000"),
        ("evasion", *unseen),
        ("fairness", "--texts", "50" if quick else "300", *unseen),
        ("speed", *data, "--texts", "60" if quick else "400", *(("--detoxify-python", interpreter) if interpreter else ())),
        *([] if quick else [("curve", "--keep-encoder")]),
    ]  # fmt: skip
    for command in commands:
        print(run(BIN / "triage-training", "bench", *command, "--output", folder / f"{command[0]}.json"))


def stale_feed() -> None:
    title(
        "Records older than 24 hours: prompts of demands and persistence (none is allowed), and what cannot be judged"
    )
    print(run(sys.executable, ROOT / "tests" / "bench" / "stale_feed.py", TOOLS, HOUSING / "timelines.jsonl"))


def incremental(quick: bool) -> None:
    title("Live, late and shuffled arrivals and rulings beside a fresh replay: so many made histories of each kind")
    test, examples = ROOT / "tests" / "service" / "test_incremental_equals_scratch.py", "50" if quick else "2000"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ | {"TRIAGE_EXAMPLES": examples}
    )
    print(f"{examples} of each (exit {done.returncode}):\n{_end_of(done.stdout)}", flush=True)


def linking() -> None:
    title("Linking on other people's threads, headers hidden; repeat contact beside a plain count")
    print(run(sys.executable, ROOT / "tests" / "bench" / "linking.py", SHARED / "data"))
    title("Who wrote: false links in the sure zone, odd timelines, directories that mislead")
    print(run(sys.executable, ROOT / "tests" / "bench" / "identity_zones.py", TOOLS, HOUSING / "timelines.jsonl"))


def main() -> None:
    if not TOOLS.is_dir():
        raise SystemExit(f"The bench needs the shared data folder: {SHARED} is not there. Set TRIAGE_SHARED to it.")
    print(
        f"{datetime.now(UTC).date().isoformat()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    quick = "--quick" in sys.argv
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "demo").mkdir()
        messages(folder, quick)
        timelines(folder)
        replaying(quick)
        linking()
        stale_feed()
        incremental(quick)
        reading(1 if quick else 5)
        demo(folder)
        reading_measured(folder, quick)
    intake(quick)
    if not quick:
        campaigns()


if __name__ == "__main__":
    main()
