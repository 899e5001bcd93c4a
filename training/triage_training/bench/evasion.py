"""Whether a disguised threat or insult is still found: of the clean flags, the share kept under each disguise."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from triage_models.lexicon import word_classes
from triage_models.scorer import Scorer, ScoringInput, Turn
from triage_training.bench.disguises import DISGUISES
from triage_training.bench.readers import AGGRESSIVE
from triage_training.bench.tables import Cell, Table
from triage_training.evaluate import wilson
from triage_training.examples import Example
from triage_training.out_of_fold import Report

LOADED_CLASSES: Final = ("swear", "insult", "slur", "harm", "sexual")
_WORD: Final = re.compile(r"[A-Za-z]{3,}")
SHORTEST: Final = 4
"""Letters of a word that is disguised where every word is."""

Choose = Callable[[str], bool]


def loaded_words() -> frozenset[str]:
    """The single words of the lexicon that hurt by themselves."""
    classes = word_classes()
    return frozenset(word for name in LOADED_CLASSES for word in classes[name] if word.isalpha())


def disguised_quote(quote: str, disguise: Callable[[str], str], chosen: Choose) -> str:
    """The chosen words of a stretch in disguise, all else as it was."""
    return _WORD.sub(lambda match: disguise(match.group()) if chosen(match.group().lower()) else match.group(), quote)


def disguised_contact(example: Example, label: str, disguise: Callable[[str], str], chosen: Choose) -> ScoringInput:
    """The contact with the evidence of one label in disguise, wherever it stands."""
    swaps = [(quote, disguised_quote(quote, disguise, chosen)) for quote in example.evidence.get(label, ())]

    def swapped(text: str | None) -> str | None:
        for old, new in swaps:
            text = text.replace(old, new) if text else text
        return text

    contact = example.contact
    turns = tuple(Turn(speaker=turn.speaker, text=swapped(turn.text) or "") for turn in contact.turns)
    return replace(contact, subject=swapped(contact.subject), text=swapped(contact.text), turns=turns)


def measure_evasion(scorer: Scorer, examples: Sequence[Example], report: Report = lambda _: None) -> Table:
    """Per disguise, over contacts with A1, A2 or A4 that are flagged clean: the share of those flags kept. Once with the loaded
    words in disguise, once with every word of the evidence."""
    clean = scorer.score([example.contact for example in examples])
    found = [
        (example, label)
        for example, scores in zip(examples, clean, strict=True)
        for label in AGGRESSIVE
        if example.labels.get(label) and label in scores.flagged
    ]
    loaded = loaded_words()
    ways: tuple[tuple[str, Choose], ...] = (
        ("loaded words", loaded.__contains__),
        (f"every word of {SHORTEST}+ letters", lambda word: len(word) >= SHORTEST),
    )
    rows: list[tuple[Cell, ...]] = []
    for way, chosen in ways:
        for name, disguise in DISGUISES.items():
            rows.append((way, name, *_kept(scorer, found, disguise, chosen)))
            report(f"{way}: {name}")
    return Table(
        title="Disguises",
        note="Flags of A1, A2 and A4 that the undisguised contact earns and the disguised one keeps; only contacts where the disguise changed"
        " a word. `Loaded words` are those of the model's own lexicon, which it also knows how to undo; `every word` is what a stranger to it might do.",
        columns=("disguised", "disguise", "flags clean", *(f"{label} kept" for label in AGGRESSIVE), "kept", "95 % interval"),
        rows=tuple(rows),
    )  # fmt: skip


def _kept(
    scorer: Scorer, found: Sequence[tuple[Example, str]], disguise: Callable[[str], str], chosen: Choose
) -> tuple[Cell, ...]:
    changed = [
        (label, contact)
        for example, label in found
        if (contact := disguised_contact(example, label, disguise, chosen)) != example.contact
    ]
    answers = scorer.score([contact for _, contact in changed])
    kept = [(label, label in scores.flagged) for (label, _), scores in zip(changed, answers, strict=True)]
    hits = sum(still for _, still in kept)
    low, high = wilson(hits, len(kept))
    shares = [_share([still for name, still in kept if name == label]) for label in AGGRESSIVE]
    return (len(kept), *shares, _share([still for _, still in kept]), f"{low:.3f}–{high:.3f}")


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else float("nan")
