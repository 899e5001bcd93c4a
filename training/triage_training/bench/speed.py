"""Speed in one run on the same texts: the whole reading against Detoxify's architecture, each in its own fresh process."""

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import mean, median
from typing import Any, Final

from triage_models.labels import ABUSE, Speaker
from triage_models.scorer import ScoringInput, Turn
from triage_training.bench.measures import by_hash
from triage_training.bench.other_sets import table_rows
from triage_training.bench.readers import own_words
from triage_training.bench.tables import Cell, Table
from triage_training.errors import TrainingError
from triage_training.examples import Example
from triage_training.out_of_fold import Report

ORDINARY: Final = 0.95
TEXTS: Final = 400
CHILD_LIMIT_S: Final = 3600
MIX = "95 % ordinary (a third each housing texts with no label, MultiDoGO dev turns, Banking77 test queries), 5 % housing texts with an A label"


def _ordinary(data: Path, examples: Sequence[Example], count: int) -> list[ScoringInput]:
    turns = [r["utterance"] or "" for path in sorted((data / "multidogo").glob("*dev*")) for r in table_rows(path, delimiter="\t", quoting=csv.QUOTE_NONE)]  # fmt: skip
    queries = [row["text"] for row in table_rows(data / "banking77" / "test.csv")]
    share = count // 3
    housing = [example.contact for example in examples if not any(example.labels.values())]
    return [
        *by_hash(housing, count - 2 * share, lambda contact: contact.id),
        *_as_contacts("multidogo", "live_chat", turns, share),
        *_as_contacts("banking77", "webform", queries, share),
    ]


def _as_contacts(name: str, channel: str, texts: Sequence[str], count: int) -> list[ScoringInput]:
    chosen = by_hash([text for text in texts if any(c.isalpha() for c in text)], count, lambda text: text)
    return [ScoringInput(id=f"{name}-{i}", channel=channel, text=text) for i, text in enumerate(chosen)]


def stream_and_hard(
    data: Path, examples: Sequence[Example], count: int = TEXTS
) -> tuple[list[ScoringInput], list[ScoringInput]]:
    """The stream of mostly ordinary contacts in a mixed order, and the hard set: housing texts as they come."""
    rude = [e.contact for e in examples if any(e.labels.get(label, False) for label in ABUSE)]
    ordinary = _ordinary(data, examples, round(count * ORDINARY))
    mixed = [*ordinary, *by_hash(rude, count - len(ordinary), lambda contact: contact.id)]
    return by_hash(mixed, count, lambda contact: contact.id + "-order"), by_hash((e.contact for e in examples), count, lambda c: c.id)  # fmt: skip


def of_lengths(examples: Sequence[Example]) -> dict[str, ScoringInput]:
    """Texts of 1, 4 and 16 times one length, and a two-hour call: 150 words a minute, parted over two speakers in turn."""
    texts = [own_words(contact) for contact in by_hash((e.contact for e in examples), 60, lambda c: c.id)]
    words = " ".join(texts).split()
    if len(words) < 100:
        raise TrainingError(f"the texts hold {len(words)} words: the cost by length needs at least 100")
    plenty = words * (18_000 // len(words) + 1)
    long = {f"{times}x ({100 * times} words)": ScoringInput(id=f"{times}x", channel="email", text=" ".join(plenty[: 100 * times])) for times in (1, 4, 16)}  # fmt: skip
    turns = tuple(
        Turn(speaker=Speaker.CUSTOMER if i % 2 else Speaker.AGENT, text=" ".join(plenty[i * 15 : (i + 1) * 15]))
        for i in range(1200)
    )
    return long | {"two-hour call (18,000 words, half the customer's)": ScoringInput(id="call", channel="call_transcript", turns=turns)}  # fmt: skip


def _asked(command: Sequence[str], given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    path = folder / "asked.json"
    path.write_text(json.dumps(given), encoding="utf-8")
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False, timeout=CHILD_LIMIT_S)
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise TrainingError(f"{Path(command[-1]).name} failed (exit {done.returncode}): {said}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def measure_speed(
    data: Path,
    examples: Sequence[Example],
    *,
    detoxify_python: Path | None = None,
    tokeniser: bytes | None = None,
    texts: int = TEXTS,
    rounds: int = 3,
    report: Report = lambda _: None,
) -> list[Table]:
    """The champion in a fresh process; Detoxify's architecture in another, where an interpreter with torch and a tokeniser are given."""
    stream, hard = stream_and_hard(data, examples, texts)
    sets = {"stream": stream, "hard": hard}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = {key: [asdict(contact) for contact in contacts] for key, contacts in sets.items()}
        lengths = {key: asdict(contact) for key, contact in of_lengths(examples).items()}
        given = {"streams": rows, "lengths": lengths, "rounds": rounds}
        ours = _asked((sys.executable, "-m", "triage_training.bench.reader_child"), given, folder)
        report("the reader")
        theirs: dict[str, Any] | str = "no interpreter with torch was given (--detoxify-python)"
        if detoxify_python is not None and tokeniser is None:
            theirs = "the model in use has no encoder, and no tokeniser was given (--tokeniser)"
        elif detoxify_python is not None and tokeniser is not None:
            (folder / "tokenizer.json").write_bytes(tokeniser)
            words = {key: [own_words(contact) or "." for contact in contacts] for key, contacts in sets.items()}
            asked = {"texts": words, "tokeniser": str(folder / "tokenizer.json")}
            try:
                theirs = _asked(
                    (str(detoxify_python), "-I", str(Path(__file__).with_name("detoxify_child.py"))), asked, folder
                )
            except (TrainingError, OSError) as error:
                theirs = str(error)
            report("Detoxify's architecture")
    return [_rates_table(sets, ours, theirs), _cost_table(ours, theirs)]


def _rates_table(
    sets: Mapping[str, Sequence[ScoringInput]], ours: Mapping[str, Any], theirs: Mapping[str, Any] | str
) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, contacts in sets.items():
        rate = median(ours["rates"][name])
        length = round(mean(len(own_words(contact).split()) for contact in contacts), 1)
        other = None if isinstance(theirs, str) else max(theirs["rates"][name].values())
        single = ours["single_ms"][name]
        rows.append((name, len(contacts), length, round(rate, 1), None if other is None else round(other, 2), None if other is None else round(rate / other, 1), round(single["median"], 1), round(single["p95"], 1)))  # fmt: skip
    absent = f" Detoxify not measured: {theirs}." if isinstance(theirs, str) else ""
    return Table(
        title=f"Speed of {ours['model']}",
        note=f"Stream: {MIX}. Hard: housing texts. Rates are medians of {len(ours['rates']['hard'])} rounds; Detoxify's is the better of one at a time and sorted"
        f" batches of 16, BERT-base with random weights, all cores, the same texts.{absent}",
        columns=("texts", "contacts", "words on average", "contacts/s", "Detoxify contacts/s", "ratio", "one contact, ms, median", "one contact, ms, p95"),
        rows=tuple(rows),
    )  # fmt: skip


def _cost_table(ours: Mapping[str, Any], theirs: Mapping[str, Any] | str) -> Table:
    rows: list[tuple[Cell, ...]] = [
        ("load after imports, s", round(ours["load_s"], 2)),
        ("first contact (language layer starts), ms", round(ours["first_contact_ms"], 0)),
        ("peak resident memory, MB", round(ours["peak_mb"], 0)),
        ("Detoxify's peak resident memory, MB", None if isinstance(theirs, str) else round(theirs["peak_mb"], 0)),
        *((f"one contact of {length}, ms", round(spent, 1)) for length, spent in ours["length_ms"].items()),
    ]
    return Table(
        title="Cost of loading and of length",
        note="One fresh process for each reader.",
        columns=("what", "figure"),
        rows=tuple(rows),
    )
