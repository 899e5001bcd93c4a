"""The public sets as rows to measure on: a contact, and whether the set itself calls it aggressive. Never trained on here."""

import csv
import gzip
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TextIO, cast

from triage_models.scorer import ScoringInput
from triage_training.bench.measures import by_hash, letters_of
from triage_training.bench.readers import aggressive
from triage_training.examples import Example
from triage_training.public import LONGEST, public_examples

CAP: Final = 3000
SAME: Final = 25
"""Letters from which two texts with the same ones are held to be the same text."""
_CLEAN = "none: every flag is held to be false"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSet:
    """One set: `meaning` what its positive rows are by its own labels, `rows` (contact, positive), `seen` rows left out
    because training held the same words."""

    name: str
    meaning: str
    rows: tuple[tuple[ScoringInput, bool], ...]
    seen: int = 0


def _opened(path: Path) -> TextIO:
    packed = path.suffix == ".gz"
    how = {"encoding": "utf-8", "errors": "replace", "newline": ""}  # one set holds bytes of another encoding
    return cast("TextIO", gzip.open(path, "rt", **how) if packed else path.open("r", **how))  # type: ignore[call-overload]


def table_rows(path: Path, *, delimiter: str = ",", header: tuple[str, ...] | None = None, quoting: Literal[0, 1, 2, 3] = csv.QUOTE_MINIMAL) -> Iterator[dict[str, str]]:  # fmt: skip
    """The rows of a table, packed or not; `header` where the file has none of its own."""
    csv.field_size_limit(sys.maxsize)
    with _opened(path) as stream:
        yield from csv.DictReader(stream, fieldnames=header, delimiter=delimiter, quoting=quoting)


def _measured(name: str, meaning: str, rows: Iterable[tuple[str, bool]], cap: int, channel: str = "social_media_dm") -> OtherSet:  # fmt: skip
    chosen = by_hash(((text, positive) for text, positive in rows if text.strip()), cap, lambda row: row[0])
    contacts = [ScoringInput(id=f"{name}-{i}", channel=channel, text=text) for i, (text, _) in enumerate(chosen)]
    return OtherSet(name=name, meaning=meaning, rows=tuple(zip(contacts, (p for _, p in chosen), strict=True)))


def _true(value: str | None) -> bool:
    return (value or "").strip().lower() in ("1", "1.0", "true", "toxic", "yes")


def _held_out(data: Path, cap: int) -> Iterator[OtherSet]:
    """The sets that training reads too: their test split, or the rows kept back by hash."""
    meanings = {
        "convabuse": ("ConvAbuse validation", "most annotators: abusive to the agent"),
        "edos": ("EDOS test", "sexist (threat, derogation, slur) against not sexist"),
        "toxic_spans": ("toxic_spans held-out", "two annotators: insult or threat; negatives: most say not toxic"),
        "oss_incivility": ("oss_incivility held-out", "insulting, mocking, threat, identity attack"),
        "hatemoji": ("hatemoji test", "hateful"),
    }
    found: dict[str, list[Example]] = {name: [] for name in meanings}
    for example in public_examples(data, measure=True):
        name = "oss_incivility" if example.origin == "incivility" else example.origin
        if name in found:
            found[name].append(example)
    for name, (title, meaning) in meanings.items():
        rows = tuple((e.contact, aggressive(e)) for e in by_hash(found[name], cap, lambda e: e.id))
        yield OtherSet(name=title, meaning=meaning, rows=rows)


def _identity(data: Path, cap: int) -> Iterator[OtherSet]:
    folder = data / "eval_only" / "identity_bias_templates"
    yield _measured("identity templates", "toxic phrase with an identity term; the harmless ones name the same groups", ((r["phrase"], _true(r["toxicity"])) for r in table_rows(folder / "en_sentence_templates.csv.gz")), cap)  # fmt: skip
    yield _measured("Wikipedia toxicity test", "toxic", ((r["comment"], _true(r["toxic"])) for r in table_rows(folder / "wikipedia_toxicity_nonfuzzed_testset.csv.gz")), cap)  # fmt: skip


def _evaluation_only(data: Path, cap: int) -> Iterator[OtherSet]:
    only = data / "eval_only"
    cad = table_rows(data / "contextual_abuse_reddit" / "cad_v1_1_dev.tsv.gz", delimiter="\t", quoting=csv.QUOTE_NONE)
    yield _measured("contextual_abuse_reddit dev", "abuse at a person, identity or affiliation", ((r["text"].replace("[linebreak]", "\n"), "DirectedAbuse" in (r["labels"] or "")) for r in cad), cap)  # fmt: skip
    yield _measured("davidson_tweets", "hate or offensive, by key word: swearing at nobody counts as positive", ((r["tweet"], r["class"] != "2") for r in table_rows(only / "davidson_tweets" / "labeled_data.csv.gz")), cap)  # fmt: skip
    swears = table_rows(only / "swear_word_abusiveness" / "SWAD_v2.tsv.gz", delimiter="\t", header=("id", "text", "label"), quoting=csv.QUOTE_NONE)  # fmt: skip
    yield _measured("swear_word_abusiveness", "the swear word is used abusively; negatives swear at nobody", ((r["text"].replace("<b>", "").replace("</b>", ""), _true(r["label"])) for r in swears), cap)  # fmt: skip
    rude = ("antagonize", "hostile")
    yield _measured("unhealthy_comments", "antagonising or hostile: mild, seldom abuse", ((r["comment"], any(_true(r[name]) for name in rude)) for r in table_rows(only / "unhealthy_comments" / "val.csv.gz")), cap)  # fmt: skip
    yield _measured("dynamic_hate", "hate, written to fool models", ((r["text"], _true(r["label"])) for r in table_rows(only / "dynamic_hate" / "dyn21_en_test_2000.csv")), cap)  # fmt: skip
    yield _measured("complaint_tweets", _CLEAN, ((text, False) for text in complaint_tweets(data)), cap)
    yield _measured("legal_help_posts", _CLEAN, ((text, False) for text in legal_help_posts(data)), cap, "webform")


def complaint_tweets(data: Path) -> list[str]:
    """Tweets to companies, complaints or not."""
    path = data / "eval_only" / "complaint_tweets" / "complaints-data.csv.gz"
    return [row["text"] or "" for row in table_rows(path, header=("id", "text", "complaint", "domain"))]


def legal_help_posts(data: Path) -> list[str]:
    """People describing disputes and harm done to them; a post that is in two files counts once."""
    paths = sorted((data / "eval_only" / "legal_help_posts").glob("*.tsv*"))
    return list(dict.fromkeys(row["text"] or "" for path in paths for row in table_rows(path, delimiter="\t")))


def other_sets(data: Path, *, cap: int = CAP) -> list[OtherSet]:
    """Every set, each cut to `cap` rows by hash, without rows whose letters a training row holds too. Texts of a few words
    ("hi", "yes I do") are no copies of one another and stay."""
    trained = {key for e in public_examples(data) if len(key := letters_of(e.contact.text or "")) >= SAME}
    return [_unseen(one, trained) for one in (*_held_out(data, cap), *_identity(data, cap), *_evaluation_only(data, cap))]  # fmt: skip


def _unseen(one: OtherSet, trained: set[str]) -> OtherSet:
    rows = tuple(row for row in one.rows if letters_of((row[0].text or "")[:LONGEST]) not in trained)
    return OtherSet(name=one.name, meaning=one.meaning, rows=rows, seen=len(one.rows) - len(rows))
