"""Reasons for and against a label in plain words: the model's exact contributions, grouped so that a person can read them."""

from collections import defaultdict
from typing import Final, Literal

from triage_models.evidence import clause_of_pieces
from triage_models.features import letter_runs
from triage_models.heads import Floats, HeadReader, Judgement, Rows
from triage_models.language import Clause, Reading
from triage_models.rules import rule_texts
from triage_models.scorer import Part, Reason, Span

Places = tuple[tuple[Part, int, int] | None, ...]
LONGEST_QUOTE: Final = 90
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


def _sentence(name: str, reading: Reading) -> str:
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
        case "e":
            return f"What the encoder reads in “{_shortened(reading.clauses[int(what)].text)}”."
        case "h":
            return f"The channel is {what}."
        case "r":
            return f"Rule {what}{voice}: {rule_texts().get(what, 'no longer there')}."
        case _:
            return f"Where it stands or who speaks: {what}."


def _kind(name: str) -> Literal["rule", "ngram", "feature", "sentence"]:
    kind = name.removeprefix("q|")[:2]
    if kind == "e|":
        return "sentence"
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
    if kind == "e":
        return (reading.clauses[int(what)].span(),)
    if kind != "w":
        return ()
    words = what.split(" ")
    return tuple(span for clause in reading.clauses if (span := _found(clause, words)) is not None and span.text)[:3]


def _clause_weights(pieces: Floats, places: Places, reading: Reading) -> tuple[list[float], float]:
    """What the encoder's pieces add, clause by clause, and what those add that stand in none (context and marks)."""
    weights = [0.0] * len(reading.clauses)
    elsewhere = 0.0
    for weight, index in zip(pieces.tolist(), clause_of_pieces(reading.clauses, places), strict=True):
        if index is None:
            elsewhere += weight
        else:
            weights[index] += weight
    return weights, elsewhere


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
    weights = _grouped(parts, owners)
    pieces, encoder_constant = heads.encoder_parts(judgement, contact, label)
    constant += encoder_constant
    if len(pieces):
        clauses, context = _clause_weights(pieces, judgement.encoded[contact].places, reading)
        weights |= {f"e|{number}": weight for number, weight in enumerate(clauses)}
        constant += context
    ranked = sorted(weights.items(), key=lambda item: -abs(item[1]))
    shown = [
        Reason(kind=_kind(name), id=name, weight=weight, text=_sentence(name, reading), spans=_spans(name, reading))
        for name, weight in ranked[:SHOWN]
    ]
    rest = sum(weight for _, weight in ranked[SHOWN:])
    return (
        *shown,
        Reason(kind="feature", id="rest", weight=rest, text="All smaller contributions together."),
        Reason(kind="feature", id="constant", weight=constant, text="Where the label starts before a word is read."),
    )


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1].rstrip() + "…"
