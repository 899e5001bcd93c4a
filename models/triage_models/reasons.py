"""Reasons for and against a label in plain words: the model's exact contributions, grouped so that a person can read them."""

from collections import defaultdict
from typing import Final, Literal

from triage_models.features import letter_runs
from triage_models.heads import HeadReader, Judgement, Rows
from triage_models.language import Clause, Reading
from triage_models.rules import rule_texts
from triage_models.scorer import Reason, Span

SHOWN: Final = 8
"""Reasons shown one by one; the rest is one line, so that all together are the label's log-odds."""


def words_with(reading: Reading) -> dict[str, list[str]]:
    """For each run of letters, the contact's words that hold it."""
    owners: dict[str, list[str]] = defaultdict(list)
    for word in {token.word for clause in reading.clauses for token in clause.tokens}:
        for piece in set(letter_runs(word)):
            owners[piece].append(word)
    return owners


def _grouped(parts: dict[str, float], owners: dict[str, list[str]]) -> dict[str, float]:
    """Letter runs are counted with the words that hold them, in equal shares."""
    grouped: dict[str, float] = defaultdict(float)
    for name, weight in parts.items():
        holders = owners.get(name)
        if holders:
            for word in holders:
                grouped[f"w|{word}"] += weight / len(holders)
        else:
            grouped[name] += weight
    return grouped


def _sentence(name: str) -> str:
    voice = " in somebody else's voice" if name.startswith("q|") else ""
    kind, _, what = name.removeprefix("q|").partition("|")
    match kind:
        case "w":
            return f"The words “{what}”{voice}."
        case "s":
            return f"The words “{what.replace(' ', ' … ')}”{voice}, with others between them."
        case "c":
            return f"The wording “{what}”{voice}, where capitals stand for a kind of word."
        case "l":
            return f"Words of the kinds: {what.replace('+', ' with ')}."
        case "t":
            loaded, _, target = what.partition(">")
            return f"A word of the kind {loaded} near a word for {target.rstrip('!<')}{voice}."
        case "m":
            return f"The mood of the clause: {what.replace('+', ' with ')}."
        case "h":
            return f"The channel is {what}."
        case "r":
            return f"Rule {what}{voice}: {rule_texts().get(what, 'no longer there')}."
        case _:
            return f"Where it stands or who speaks: {what}."


def _kind(name: str) -> Literal["rule", "ngram", "feature"]:
    kind = name.removeprefix("q|")[:2]
    return "rule" if kind == "r|" else "ngram" if kind in ("w|", "k|", "s|") else "feature"


def _found(clause: Clause, words: list[str]) -> Span | None:
    tokens = clause.tokens
    for i in range(len(tokens) - len(words) + 1):
        if [token.word for token in tokens[i : i + len(words)]] == words:
            start, end = tokens[i].start, tokens[i + len(words) - 1].end
            return Span(
                part=clause.part, start=start, end=end, text=clause.text[start - clause.start : end - clause.start]
            )
    return None


def _spans(name: str, reading: Reading) -> tuple[Span, ...]:
    kind, _, what = name.removeprefix("q|").partition("|")
    if kind == "r":
        return tuple(
            clause.span() for clause in reading.clauses if what in clause.rules or what in clause.others_rules
        )[:3]
    if kind != "w":
        return ()
    words = what.split(" ")
    return tuple(span for clause in reading.clauses if (span := _found(clause, words)) is not None and span.text)[:3]


def reasons_for(
    heads: HeadReader,
    rows: Rows,
    judgement: Judgement,
    contact: int,
    label: int,
    reading: Reading,
    owners: dict[str, list[str]],
) -> tuple[Reason, ...]:
    """The strongest contributions (`owners` from `words_with`), then everything else, then the constant; their weights add up to the log-odds."""
    parts, constant = heads.contributions(rows, judgement, contact, label)
    ranked = sorted(_grouped(parts, owners).items(), key=lambda item: -abs(item[1]))
    shown = [
        Reason(kind=_kind(name), id=name, weight=weight, text=_sentence(name), spans=_spans(name, reading))
        for name, weight in ranked[:SHOWN]
    ]
    rest = sum(weight for _, weight in ranked[SHOWN:])
    return (
        *shown,
        Reason(kind="feature", id="rest", weight=rest, text="All smaller contributions together."),
        Reason(kind="feature", id="constant", weight=constant, text="Where the label starts before a word is read."),
    )
