"""The openly licensed public sets as labelled examples: only what a set really marked is a label, all else is unknown.

The folder is given by hand and its rows are never committed. Licences and sources are in `SOURCES`, which the model's card shows.
"""

import csv
import gzip
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, TextIO, cast

from triage_models.scorer import ScoringInput
from triage_training.examples import Example

SOURCES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "toxic_spans": ("Pavlopoulos et al. 2021 and 2022, toxic spans in Civil Comments", "CC0 1.0"),
        "jigsaw_wikipedia": ("Wulczyn, Thain, Dixon 2017 and Jigsaw 2018, Wikipedia comments", "CC0 1.0; the comments CC BY-SA 3.0"),
        "convabuse": ("Cercas Curry, Abercrombie, Rieser 2021, ConvAbuse", "CC BY 4.0"),
        "edos": ("Kirk et al. 2023, EDOS (SemEval-2023 task 10)", "CC0 1.0"),
        "hatemoji": ("Kirk et al. 2022, HatemojiBuild", "CC BY 4.0"),
        "oss_incivility": ("VCU Software Improvement Lab 2023, incivility in GitHub issues", "MIT"),
        "diasafety": ("Sun et al. 2022, DiaSafety", "Apache-2.0"),
        "multidogo": ("Peskov et al. 2019, MultiDoGO", "CDLA-Permissive 1.0"),
        "banking77": ("Casanueva et al. 2020, Banking77", "CC BY 4.0"),
        "cfpb_complaint_narratives": ("US Consumer Financial Protection Bureau, complaint narratives", "public; compiled under MIT"),
    }
)  # fmt: skip
"""Each set's source and licence."""
HELD_OUT: Final = 0.25
"""Share of a set without a test split of its own that is kept for measuring, by hash of the thread, comment or complaint."""
LONGEST: Final = 500
"""Characters of a row that are read."""
_AGGRESSIVE = ("A1", "A2", "A4")


def held_out(key: str) -> bool:
    """Whether a row with this key is kept for measuring."""
    return int(hashlib.sha256(f"triage-public:{key}".encode()).hexdigest()[:8], 16) / 16**8 < HELD_OUT


def _example(name: str, key: str, text: str, labels: Mapping[str, bool], quotes: Mapping[str, Sequence[str]] | None = None) -> Example:  # fmt: skip
    return Example(
        contact=ScoringInput(id=f"{name}-{key}", channel="social_media_dm", text=text[:LONGEST]),
        labels=MappingProxyType(dict(labels)),
        evidence=MappingProxyType({label: tuple(found) for label, found in (quotes or {}).items()}),
        origin=name,
    )


def _opened(path: Path) -> TextIO:
    return cast("TextIO", gzip.open(path, "rt", encoding="utf-8", newline="")) if path.suffix == ".gz" else path.open(encoding="utf-8", newline="")  # fmt: skip


def _table(path: Path, *, delimiter: str = ",", quoting: Literal[0, 3] = csv.QUOTE_MINIMAL) -> Iterator[dict[str, str]]:
    csv.field_size_limit(sys.maxsize)
    with _opened(path) as stream:
        yield from csv.DictReader(stream, delimiter=delimiter, quoting=quoting)


def _one(folder: Path, pattern: str) -> list[Path]:
    found = sorted(folder.glob(pattern))
    if not found:
        raise FileNotFoundError(f"{folder.name} holds no {pattern}")
    return found


def _toxic_spans(data: Path, measure: bool) -> Iterator[Example]:
    folder = data / "toxic_spans"
    comment_of: dict[str, str] = {}
    workers: dict[str, int] = {}
    quiet: dict[str, int] = {}
    for row in _table(_one(folder, "annotations.csv*")[0]):
        comment_of[row["annotation"]] = row["comment_id"]
        workers[row["comment_id"]] = workers.get(row["comment_id"], 0) + 1
        quiet[row["comment_id"]] = quiet.get(row["comment_id"], 0) + (row["not toxic"].lower() in ("1", "true"))
    marked: dict[str, dict[str, set[str]]] = {}
    spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for row in _table(_one(folder, "spans.csv*")[0]):
        comment = comment_of[row["annotation"]]
        marked.setdefault(comment, {}).setdefault(row["type"], set()).add(row["annotation"])
        spans.setdefault((comment, row["type"]), []).append((int(float(row["start"])), int(float(row["end"]))))
    for row in _table(_one(folder, "comments.csv*")[0]):
        key, text = row["comment_id"], row["comment_text"]
        if held_out(key) is not measure:
            continue
        found = {kind: len(who) for kind, who in marked.get(key, {}).items()}
        insult, threat = found.get("Insult", 0), found.get("Threat", 0)
        if quiet.get(key, 0) * 2 > workers.get(key, 1):
            yield _example("toxic_spans", key, text, dict.fromkeys(_AGGRESSIVE, False))
        elif insult >= 2 or threat >= 2:
            labels = {name: True for name, votes in (("A2", insult), ("A1", threat)) if votes >= 2}
            labels |= {"A1": False} if threat == 0 else {}
            quotes = {
                label: [text[a:b] for a, b in spans.get((key, kind), ())[:2] if text[a:b].strip()]
                for label, kind in (("A2", "Insult"), ("A1", "Threat"))
                if labels.get(label)
            }
            yield _example("toxic_spans", key, text, labels, quotes)


def _jigsaw(data: Path, measure: bool) -> Iterator[Example]:
    seen: set[str] = set()
    for path in _one(data / "jigsaw_wikipedia", "cleaned_*.csv*"):
        for row in _table(path):
            key = row.get("id") or ""
            if key in seen or held_out(key) is not measure:
                continue
            seen.add(key)
            text = row.get("comment_text") or row.get("text") or ""
            yes = {name: row.get(name) in ("1", "1.0") for name in ("toxic", "threat", "insult")}
            if not yes["toxic"] and not yes["threat"] and not yes["insult"]:
                yield _example("jigsaw", key, text, dict.fromkeys(_AGGRESSIVE, False))
            elif yes["threat"] or yes["insult"]:
                yield _example("jigsaw", key, text, {"A1": yes["threat"], "A2": yes["insult"]})


def _convabuse(data: Path, measure: bool) -> Iterator[Example]:
    for path in _one(data / "convabuse", "*valid*" if measure else "*train*"):
        for number, row in enumerate(_table(path)):
            votes = dict.fromkeys(("1", "0", "-1", "-2", "-3"), 0)
            sexual = 0
            for column, value in row.items():
                if value in ("1", "1.0"):
                    if "is_abuse." in column:
                        votes[column.rsplit("is_abuse.", 1)[1]] += 1
                    sexual += column.endswith("sex_harassment")
            bad, total = votes["-1"] + votes["-2"] + votes["-3"], sum(votes.values())
            labels: dict[str, bool] = {}
            if total and bad * 2 > total:
                labels = {"A2": True}
            elif total and votes["1"] * 2 > total:
                labels = {"A2": False, "A1": False}
            if sexual >= 2 or sexual == 0:
                labels["A4"] = sexual >= 2
            if row.get("user", "").strip() and "A2" in labels:
                yield _example("convabuse", f"{path.stem}-{number}", row["user"], labels)


def _edos(data: Path, measure: bool) -> Iterator[Example]:
    for row in _table(_one(data / "edos", "*.csv*")[0]):
        if (row["split"] != "train") if not measure else (row["split"] != "test"):
            continue
        category, vector = row["label_category"], row["label_vector"]
        if row["label_sexist"] == "not sexist":
            if not measure and int(hashlib.sha256(row["rewire_id"].encode()).hexdigest()[:4], 16) % 3:
                continue
            yield _example("edos", row["rewire_id"], row["text"], {"A1": False})
        elif category.startswith("1"):
            yield _example("edos", row["rewire_id"], row["text"], {"A1": True})
        elif vector.startswith(("2.2", "2.3", "2.1", "3.1")):
            yield _example("edos", row["rewire_id"], row["text"], {"A2": True, "A1": False})


def _hatemoji(data: Path, measure: bool) -> Iterator[Example]:
    for path in _one(data / "hatemoji", "*test*" if measure else "*train*"):
        for number, row in enumerate(_table(path)):
            hateful = row["label_gold"] in ("1", "1.0")
            threat = row["type"] == "threateninglanguage"
            labels = {"A2": hateful and not threat, "A1": threat} if not threat else {"A1": True}
            yield _example("hatemoji", f"{path.stem}-{number}", row["text"], labels)


def _incivility(data: Path, measure: bool) -> Iterator[Example]:
    kinds = {"Insulting": {"A2": True, "A1": False}, "Mocking": {"A2": True, "A1": False}, "Threat": {"A1": True}}
    calm = {"A1": False, "A2": False, "A4": False}
    for row in _table(_one(data / "oss_incivility", "annotated_comment_level.csv*")[0]):
        tone = row["tbdf"].strip()
        if held_out(f"issue-{row['issue_id']}") is measure:
            labels = kinds.get(tone) or (calm if tone in ("None", "Bitter frustration", "Impatience") else None)
            labels = {"A2": True} if tone.lower().startswith("identity") else labels
            if labels and row["comment_body"].strip():
                yield _example("incivility", row["comment_id"], row["comment_body"], labels)


def _diasafety(data: Path, measure: bool) -> Iterator[Example]:
    for path in _one(data / "diasafety", "*val*" if measure else "*train*"):
        with _opened(path) as stream:
            rows = json.load(stream)
        for number, row in enumerate(rows):
            if row["category"] == "Offending User":
                yield _example("diasafety", f"{path.stem}-{number}", row["response"], {"A2": row["label"] == "Unsafe"})


def _every(rows: Iterator[Any], step: int) -> Iterator[Any]:
    return (row for number, row in enumerate(rows) if number % step == 0)


def _ordinary(data: Path, measure: bool) -> Iterator[Example]:
    """Ordinary customer-service language: nobody abuses anybody in it."""
    calm = dict.fromkeys(("A1", "A2", "A3", "A4", "A5"), False)
    pattern = "*dev*" if measure else "*train*"
    turns = [row for path in _one(data / "multidogo", f"**/{pattern}.tsv*") for row in _every(_table(path, delimiter="\t", quoting=csv.QUOTE_NONE), 1 if measure else 24)]  # fmt: skip
    for number, row in enumerate(turns):
        if row["utterance"]:
            yield _example("multidogo", str(number), row["utterance"], calm)
    for path in _one(data / "banking77", "*test*.csv*" if measure else "*train*.csv*"):
        for number, row in enumerate(_every(_table(path), 1 if measure else 8)):
            yield _example("banking77", f"{path.stem}-{number}", row["text"], calm)


def complaints(data: Path, *, measure: bool) -> Iterator[Example]:
    """Complaint narratives to a regulator: angry, rarely abusive; parted by complaint. Needs pandas and pyarrow."""
    import pandas

    calm = dict.fromkeys(("A1", "A2", "A4", "A5"), False)
    for path in _one(data / "cfpb_complaint_narratives", "*.parquet"):
        frame = pandas.read_parquet(path)
        for row in frame.itertuples():
            if held_out(f"cfpb-{row.complaint_id}") is measure:
                yield _example("cfpb", f"{row.complaint_id}-{row.start_index}", str(row.chunk_text), calm)


_SETS: Final[tuple[tuple[Callable[[Path, bool], Iterator[Example]], int], ...]] = (
    (_toxic_spans, 3500), (_jigsaw, 2000), (_convabuse, 2500), (_edos, 3500), (_hatemoji, 2500),
    (_incivility, 2500), (_diasafety, 1300), (_ordinary, 3000),
)  # fmt: skip


def _calm(data: Path) -> Iterator[Example]:
    """Comments that nobody found rough: worldly talk, debate among strangers."""
    for read in (_toxic_spans, _jigsaw, _incivility):
        yield from (example for example in read(data, False) if not any(example.labels.values()))


ORDINARY: Final = 3_600
"""Rows of ordinary language that stay among the housing texts in the encoder's second stage."""


def ordinary(data: Path, count: int = ORDINARY) -> list[Example]:
    """Customer-service language, complaints and calm comments in which nobody abuses anybody, a third of each: what most contacts are
    like, while the housing texts are mostly the hard ones."""
    thirds = (_ordinary(data, measure=False), complaints(data, measure=False), _calm(data))
    order = [sorted(rows, key=lambda e: hashlib.sha256(e.id.encode()).hexdigest()) for rows in thirds]
    return [example for rows in order for example in rows[: count // 3]]


def public_examples(data: Path, *, measure: bool = False) -> list[Example]:
    """The rows to train on, or with `measure` those kept for measuring. For training each set is cut to a size by hash, so it is
    always the same, and threats, which are rare, come first."""
    chosen: list[Example] = []
    for read, size in _SETS:
        found = sorted(
            read(data, measure),
            key=lambda e: (not e.labels.get("A1", False), hashlib.sha256(e.id.encode()).hexdigest()),
        )
        chosen += found if measure else found[:size]
    return chosen
