"""Rules as data: rules/*.toml, with an example that each pattern alone finds and counter-examples that none does; S0 and HZ run without
any model."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from triage_models.errors import RuleError
from triage_models.labels import LABELS, SAFETY
from triage_models.lexicon import word_classes
from triage_models.normalise import Normalised, normalise
from triage_models.parts import Stretch, customer_parts
from triage_models.scorer import Part, Reason, Scores, ScoringInput, Span
from triage_models.told import as_others_tell_it, harm_told_too

RULE_FILES: Final = ("behaviour.toml", "safety.toml")
_MACRO: Final = re.compile(r"\{([a-z]+)\}")
_SENTENCE_END: Final = re.compile(r"[.!?\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One wording of a rule, and a sentence that it alone of the rule's patterns finds."""

    find: re.Pattern[str]
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule for or against a label. `sure` rules raise their label by themselves, whatever a model says."""

    id: str
    label: str
    against: bool
    sure: bool
    text: str
    patterns: tuple[Pattern, ...]
    counter_examples: tuple[str, ...]

    def hits(self, normal: str) -> list[tuple[int, int]]:
        """Where the rule applies in a normalised text."""
        return [match.span() for pattern in self.patterns for match in pattern.find.finditer(normal)]


def _compiled(pattern: str, where: str) -> re.Pattern[str]:
    def words(match: re.Match[str]) -> str:
        found = word_classes().get(match.group(1))
        if found is None:
            raise RuleError(f"{where}: no word class {match.group(1)!r} in lexicon.toml")
        return "(?:" + "|".join(re.escape(word) for word in sorted(found, key=len, reverse=True)) + ")"

    try:
        return re.compile(_MACRO.sub(words, pattern))
    except re.error as error:
        raise RuleError(f"{where}: pattern {pattern!r} is not a regular expression: {error}") from error


def _rule(table: dict[str, Any], file: str) -> Rule:
    where = f"{file}, rule {table.get('id', '?')}"
    if table.get("label") not in LABELS:
        raise RuleError(f"{where}: label {table.get('label')!r} is none of {', '.join(LABELS)}")
    return Rule(
        id=table["id"],
        label=table["label"],
        against=bool(table.get("against", False)),
        sure=bool(table.get("sure", False)),
        text=table["text"],
        patterns=tuple(
            Pattern(find=_compiled(one["find"], where), example=one["example"]) for one in table["patterns"]
        ),
        counter_examples=tuple(table["counter_examples"]),
    )


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """Every rule of every file, in file and then written order; RuleError names the rule that is wrong."""
    found: list[Rule] = []
    for file in sorted(files("triage_models").joinpath("rules").iterdir(), key=lambda item: item.name):
        if file.name in RULE_FILES:
            found += [_rule(table, file.name) for table in tomllib.loads(file.read_text(encoding="utf-8"))["rule"]]
    if len({rule.id for rule in found}) != len(found):
        raise RuleError("two rules share an id: ids must be unique over all rule files")
    return tuple(found)


@lru_cache(maxsize=1)
def rule_texts() -> dict[str, str]:
    """Rule id to its plain sentence."""
    return {rule.id: rule.text for rule in all_rules()}


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    first = max((match.end() for match in _SENTENCE_END.finditer(text, 0, start)), default=0)
    last = _SENTENCE_END.search(text, end)
    return first, last.start() if last else len(text)


def rule_hits(normal: str, rules: Iterable[Rule]) -> list[tuple[Rule, int, int]]:
    """Hits in a normalised text; a rule `against` takes back its label's hits in the same sentence."""
    found = [(rule, start, end) for rule in rules for start, end in rule.hits(normal)]
    barred = [(rule.label, *_sentence(normal, start, end)) for rule, start, end in found if rule.against]
    return [
        (rule, start, end)
        for rule, start, end in found
        if rule.against or not any(rule.label == label and first <= start < last for label, first, last in barred)
    ]


def _span(part: Part, normal: Normalised, offset: int, start: int, end: int) -> Span:
    first, last = normal.source_span(start, end)
    raw = normal.source[first:last]
    first += len(raw) - len(raw.lstrip())
    text = raw.strip()
    return Span(part=part, start=first + offset, end=first + offset + len(text), text=text)


class SafetyRules:
    """S0 and HZ from rules alone: needs no model file, no spaCy and no network. Recall first; a person reads what it finds."""

    name = "safety-rules"
    version = "1"
    labels = SAFETY
    HIT: Final = 0.5
    """Probability given to a hit: it says "look", not how sure the rule is."""

    def __init__(self) -> None:
        self._rules = tuple(rule for rule in all_rules() if rule.label in self.labels)

    def score(self, inputs: Sequence[ScoringInput]) -> list[Scores]:
        """One answer per contact; what cannot be read comes back `not_scored`."""
        return [self._both(contact) for contact in inputs]

    def _both(self, contact: ScoringInput) -> Scores:
        own, told = self._one(contact), as_others_tell_it(contact)
        return own if told is None else harm_told_too(own, self._one(told))

    def sure(self, contact: ScoringInput) -> dict[str, tuple[Reason, ...]]:
        """The reasons of the rules that raise their label whatever a model says."""
        found = self.find(contact)
        by_label = {
            label: tuple(reason for rule, reason in found if rule.label == label and rule.sure) for label in self.labels
        }
        return {label: reasons for label, reasons in by_label.items() if reasons}

    def find(self, contact: ScoringInput) -> list[tuple[Rule, Reason]]:
        """Each rule that applies in all of the customer's words, however many, once, with all the places where it does."""
        return self.find_in(customer_parts(contact)[0])

    def find_in(self, stretches: Iterable[Stretch]) -> list[tuple[Rule, Reason]]:
        """The same in some of their words."""
        places: dict[str, tuple[Rule, list[Span]]] = {}
        for part, words, offset in stretches:
            normal = normalise(words)
            for rule, start, end in rule_hits(normal.text, self._rules):
                if not rule.against:
                    places.setdefault(rule.id, (rule, []))[1].append(_span(part, normal, offset, start, end))
        return [
            (
                rule,
                Reason(kind="rule", id=rule.id, weight=0.0, text=f"Rule {rule.id}: {rule.text}.", spans=tuple(spans)),
            )
            for rule, spans in places.values()
        ]

    def _one(self, contact: ScoringInput) -> Scores:
        model = f"{self.name}/{self.version}"
        try:
            found = self.find(contact)
        except Exception as error:  # one unreadable contact must not stop the next
            return Scores(
                model=model,
                not_scored=f"not assessed: the safety rules failed on this contact ({type(error).__name__})",
            )
        reasons = {label: tuple(reason for rule, reason in found if rule.label == label) for label in self.labels}
        hits = {label: items for label, items in reasons.items() if items}
        if not any(words.strip() for _, words, _ in customer_parts(contact)[0]):
            return Scores(model=model, not_scored="not assessed: the customer said nothing that can be read")
        return Scores(
            model=model,
            probabilities={label: self.HIT if label in hits else 0.0 for label in self.labels},
            flagged=tuple(hits),
            spans={label: tuple(span for reason in items for span in reason.spans) for label, items in hits.items()},
            reasons=hits,
        )
