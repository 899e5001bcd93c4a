"""Run by itself in a fresh process: load time, speed and memory of the shipped reader on the texts of one JSON file."""

import importlib
import json
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from triage_models.labels import Speaker
from triage_models.scorer import Scorer, ScoringInput, Turn
from triage_training.bench.measures import quantile

LIBRARIES: Final = ("numpy", "scipy.sparse", "spacy", "onnxruntime", "tokenizers", "py3langid", "triage_models.registry")  # fmt: skip
"""Imported before the clock starts: the load time is what a model costs after imports."""
SINGLES: Final = 200
REPEATS: Final = 5


def contact_of(row: Mapping[str, Any]) -> ScoringInput:
    """A contact as `dataclasses.asdict` wrote it."""
    turns = tuple(Turn(speaker=Speaker(turn["speaker"]), text=turn["text"]) for turn in row["turns"])
    return ScoringInput(id=row["id"], channel=row["channel"], subject=row["subject"], text=row["text"], turns=turns)


def _milliseconds(scorer: Scorer, rows: Sequence[Mapping[str, Any]]) -> list[float]:
    spent: list[float] = []
    for row in rows:
        contact = contact_of(row)
        started = time.perf_counter()
        scorer.score([contact])
        spent.append(1000 * (time.perf_counter() - started))
    return spent


def _rates(scorer: Scorer, rows: Sequence[Mapping[str, Any]], rounds: int) -> list[float]:
    contacts = [contact_of(row) for row in rows]
    rates: list[float] = []
    for _ in range(rounds):
        started = time.perf_counter()
        scorer.score(contacts)
        rates.append(len(contacts) / (time.perf_counter() - started))
    return rates


def measure(given: Mapping[str, Any], scorer: Scorer) -> dict[str, Any]:
    """Rates per named stream, milliseconds of one contact, and milliseconds by length (median of a few)."""
    first = _milliseconds(scorer, given["streams"]["hard"][:1])[0]
    streams = given["streams"]
    singles = {name: _milliseconds(scorer, rows[:SINGLES]) for name, rows in streams.items()}
    return {
        "first_contact_ms": first,
        "rates": {name: _rates(scorer, rows, given["rounds"]) for name, rows in streams.items()},
        "single_ms": {n: {"median": quantile(ms, 0.5), "p95": quantile(ms, 0.95)} for n, ms in singles.items()},
        "length_ms": {n: quantile(_milliseconds(scorer, [row] * REPEATS), 0.5) for n, row in given["lengths"].items()},
    }


def main(path: str) -> None:
    """Measure and print one JSON line."""
    for name in LIBRARIES:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            continue  # a reader without an encoder needs no onnxruntime
    from triage_models.registry import load_champion

    given = json.loads(Path(path).read_text(encoding="utf-8"))
    started = time.perf_counter()
    scorer = load_champion(None)
    loaded = time.perf_counter() - started
    answer = measure(given, scorer) | {"load_s": loaded, "model": f"{scorer.name}/{scorer.version}"}
    answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(answer))  # noqa: T201 - the answer to the process that started this


if __name__ == "__main__":
    main(sys.argv[1])
