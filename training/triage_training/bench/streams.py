"""False alarms on ordinary streams: people who ask, complain and describe harm, and whom nobody should flag for abuse."""

import csv
import email
import email.policy
import importlib
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

from triage_models.scorer import Scorer, Scores, ScoringInput
from triage_training.bench.measures import by_hash, per_thousand
from triage_training.bench.other_sets import complaint_tweets, legal_help_posts, table_rows
from triage_training.bench.tables import Cell, Table
from triage_training.out_of_fold import Report
from triage_training.public import held_out

ALARMS: Final = ("A1", "A2", "A4", "A5")
"""The labels whose false alarms are counted."""
LONGEST: Final = 4000
"""Characters of a text that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Ordinary contacts; `problem` is a sentence where the stream cannot be read here, and there are then none."""

    name: str
    contacts: tuple[ScoringInput, ...]
    problem: str | None = None


def _stream(name: str, channel: str, texts: Iterator[str] | Sequence[str], cap: int) -> Stream:
    chosen = by_hash(dict.fromkeys(text for text in texts if any(c.isalpha() for c in text)), cap, lambda text: text)
    contacts = (ScoringInput(id=f"{name}-{i}", channel=channel, text=text[:LONGEST]) for i, text in enumerate(chosen))
    return Stream(name=name, contacts=tuple(contacts))


def _multidogo(data: Path) -> Iterator[str]:
    for path in sorted((data / "multidogo").glob("*dev*")):
        for row in table_rows(path, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield row["utterance"] or ""


def _complaints(data: Path, cap: int) -> Stream:
    name = "CFPB complaints held out"
    try:
        pandas: Any = importlib.import_module("pandas")
        importlib.import_module("pyarrow")
    except ImportError as error:
        return Stream(name=name, contacts=(), problem=f"not measured: reading it needs {error.name}")
    frames = [pandas.read_parquet(path) for path in sorted((data / "cfpb_complaint_narratives").glob("*.parquet"))]
    rows = (row for frame in frames for row in frame.itertuples() if held_out(f"cfpb-{row.complaint_id}"))
    return _stream(name, "webform", (str(row.chunk_text) for row in rows), cap)


def own_lines(message: EmailMessage) -> str:
    """The text part of a message without quoted lines and without what follows a signature mark."""
    body = message.get_body(("plain",))
    if body is None:
        return ""
    try:
        text = body.get_content()
    except (LookupError, UnicodeError, ValueError):
        payload = body.get_payload(decode=True)
        text = payload.decode("latin-1") if isinstance(payload, bytes) else ""
    kept: list[str] = []
    for line in str(text).splitlines():
        if line.rstrip() == "--":
            break
        if not line.lstrip().startswith((">", "|")):
            kept.append(line)
    return "\n".join(kept).strip()


def _ham(data: Path) -> Iterator[str]:
    for path in sorted((data / "spamassassin_ham").glob("*.tar.gz")):
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() else None
                if stream is not None:
                    message = email.message_from_bytes(stream.read(), policy=email.policy.default)
                    yield own_lines(message) if isinstance(message, EmailMessage) else ""


def _airline(data: Path) -> Iterator[str]:
    for row in table_rows(data / "eval_only" / "airline_tweets" / "Tweets.csv.gz"):
        if row["airline_sentiment"] == "negative":
            yield row["text"] or ""


def ordinary_streams(data: Path, *, cap: int) -> list[Stream]:
    """Every stream, each cut to `cap` different texts by hash."""
    return [
        _stream("MultiDoGO dev turns", "live_chat", _multidogo(data), cap),
        _complaints(data, cap),
        _stream("SpamAssassin ham", "email", _ham(data), cap),
        _stream("legal_help_posts", "webform", legal_help_posts(data), cap),
        _stream("complaint_tweets", "social_media_dm", complaint_tweets(data), cap),
        _stream("airline tweets, negative", "social_media_dm", _airline(data), cap),
    ]


def _rate(hits: int, total: int) -> str:
    rate, low, high = per_thousand(hits, total)
    return f"{rate:.1f} ({low:.1f}–{high:.1f})"


def _counts(answers: Sequence[Scores]) -> dict[str, int]:
    counts = {label: sum(label in scores.flagged for scores in answers) for label in ALARMS}
    return counts | {"any": sum(bool(set(ALARMS) & set(scores.flagged)) for scores in answers)}


def measure_streams(
    scorer: Scorer, streams: Sequence[Stream], report: Report = lambda _: None, *, name: str = "the reader"
) -> Table:
    """Flags per 1,000 of each stream, and of all together, with the 95 % interval. ``name``: of the reader, where several are compared."""
    rows: list[tuple[Cell, ...]] = []
    everything: list[Scores] = []
    for stream in streams:
        if stream.problem is not None:
            rows.append((stream.name, 0, *[None] * len(ALARMS), stream.problem, None))
            continue
        answers = scorer.score(stream.contacts)
        everything += answers
        rows.append(_row(stream.name, answers))
        report(f"{stream.name}: {name}")
    rows.append(_row("all", everything))
    return Table(
        title=f"Flags per 1,000 of ordinary streams: {name}",
        note="Wilson's 95 % interval in brackets. Different texts only, cut by hash; ham without quoted lines and signatures. Nobody read these"
        " sets for abuse: negative airline tweets and mailing-list ham do hold some, so that a flag there is not always false.",
        columns=("stream", "contacts", *ALARMS, "any of them", "not scored"),
        rows=tuple(rows),
    )


def _row(name: str, answers: Sequence[Scores]) -> tuple[Cell, ...]:
    counts = _counts(answers)
    rates = [_rate(hits, len(answers)) for hits in counts.values()]
    return (name, len(answers), *rates, sum(scores.not_scored is not None for scores in answers))
