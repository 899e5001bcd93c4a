"""The language layer (spaCy, blank English): sentences and clauses, whose voice, at whom or what, and in what mood.

spaCy is imported on first use only: it costs seconds.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from triage_models.lexicon import word_classes
from triage_models.normalise import Normalised, normalise
from triage_models.parts import MOST_READ, customer_parts, read_parts
from triage_models.rules import all_rules, rule_hits
from triage_models.scorer import Part, ScoringInput, Span
from triage_models.speech import expression_of, ways_of

_LONG_CLAUSE: Final = 110
_SHORT_CLAUSE: Final = 28
FEWEST_SAID: Final = 4
"""Words of somebody else's after which a turn such as "but" gives the customer the word again."""


class Voice(StrEnum):
    """Whose words: the customer's own, somebody's in quotation marks, or somebody's as the customer reports them."""

    OWN = "own"
    QUOTED = "quoted"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One word: its plain form, the classes it may stand for, whose voice it is in, and where it stands in its part."""

    word: str
    classes: tuple[str, ...]
    voice: Voice
    start: int
    end: int
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A clause of one part, with the part's exact words from `start` to `end`. `rules` are the ids of rules that apply in the
    customer's own voice, `others_rules` of those in somebody else's."""

    part: Part
    start: int
    end: int
    text: str
    tokens: tuple[Token, ...]
    question: bool
    rules: tuple[str, ...]
    others_rules: tuple[str, ...]

    def span(self) -> Span:
        """The clause as evidence."""
        return Span(part=self.part, start=self.start, end=self.end, text=self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read of one contact: the customer's clauses, and the other speakers' words as context."""

    channel: str
    clauses: tuple[Clause, ...]
    context: tuple[str, ...]
    words: int
    speakers_unknown: bool = False


def _quoted(text: str, channel: str) -> list[tuple[int, int]]:
    """Stretches in quotation marks that are not the customer's own; in a visit note staff quote the customer."""
    if channel == "visit_note" or ('"' not in text and "'" not in text):
        return []
    return [
        match.span()
        for match in expression_of("quoted").finditer(text)
        if not expression_of("own").search(text[max(0, match.start() - 60) : match.start()])
    ]


class EnglishReader:
    """Reads contacts clause by clause. Holds one spaCy pipeline (tokeniser, sentencizer, phrase and token matchers)."""

    def __init__(self) -> None:
        import spacy
        from spacy.matcher import Matcher, PhraseMatcher

        nlp = spacy.blank("en")
        nlp.add_pipe("sentencizer")
        nlp.max_length = 2 * MOST_READ  # a character may be folded into several
        self._nlp = nlp
        self._classes: Any = PhraseMatcher(nlp.vocab, attr="LOWER")
        for name, phrases in word_classes().items():
            self._classes.add(name, [nlp.make_doc(phrase) for phrase in phrases])
        (report,) = ways_of("reported")
        self._not_after, self._turns = report.lists["not_after"], report.lists["turns"]
        self._reports: Any = Matcher(nlp.vocab)
        self._reports.add(
            report.id,
            [
                [
                    {"LOWER": {"IN": list(report.lists["subjects"])}},
                    {"LOWER": {"IN": list(report.lists["between"])}, "OP": "{0,2}"},
                    {"LOWER": {"IN": list(report.lists["verbs"])}},
                ]
            ],
        )

    def read(self, contact: ScoringInput) -> Reading:
        """The customer's clauses of one contact, in order; an empty reading where nothing can be read."""
        own, others, unknown = customer_parts(contact)
        clauses: list[Clause] = []
        for part, words, offset in read_parts(own):
            clauses += self._part(part, words, offset, contact.channel)
        total = sum(len(clause.tokens) for clause in clauses)
        return Reading(
            channel=contact.channel,
            clauses=tuple(clauses),
            context=tuple(others),
            words=total,
            speakers_unknown=unknown,
        )

    def _part(self, part: Part, words: str, offset: int, channel: str) -> Iterator[Clause]:
        normal = normalise(words)
        doc = self._nlp(normal.text)
        classes = self._token_classes(doc)
        voices = self._voices(doc, normal.text, channel)
        hits = [(rule.id, start, end) for rule, start, end in rule_hits(normal.text, all_rules())]
        for first, last in _clauses(doc):
            tokens = tuple(
                _token(doc[i], classes[i], voices[i], normal, offset) for i in range(first, last) if not doc[i].is_space
            )
            if tokens:
                start, end = tokens[0].start, tokens[-1].end
                text = words[start - offset : end - offset]
                own, others = _clause_rules(hits, doc, voices, first, last)
                yield Clause(
                    part=part,
                    start=start,
                    end=end,
                    text=text,
                    tokens=tokens,
                    question="?" in text,
                    rules=own,
                    others_rules=others,
                )

    def _token_classes(self, doc: Any) -> list[tuple[str, ...]]:
        found: list[dict[str, int]] = [{} for _ in range(len(doc))]
        strings = self._nlp.vocab.strings
        for key, start, end in self._classes(doc):
            for i in range(start, end):
                found[i][strings[key]] = max(found[i].get(strings[key], 0), end - start)
        return [tuple(sorted(seen, key=lambda name: (-seen[name], name))) for seen in found]

    def _voices(self, doc: Any, text: str, channel: str) -> list[Voice]:
        voices = [Voice.OWN] * len(doc)
        if channel != "visit_note":
            said = [
                (start, end)
                for _, start, end in self._reports(doc)
                if not start or doc[start - 1].lower_ not in self._not_after
            ]
            for start, end in _reported(doc, said, self._turns):
                voices[start:end] = [Voice.REPORTED] * (end - start)
        starts = [token.idx for token in doc]
        for start, end in _quoted(text, channel):
            for i in range(bisect_left(starts, start), bisect_left(starts, end)):
                voices[i] = Voice.QUOTED
        return voices


def _reported(doc: Any, reports: Sequence[tuple[int, int]], back: Collection[str]) -> Iterator[tuple[int, int]]:
    """Tokens after each "he said" up to the end of its sentence, or to one of the words that take the writer ``back`` ("but", "so").

    Linear: none comes twice.
    """
    if not reports:
        return
    stops = [token.i for token in doc if token.is_sent_start or token.text in (";", "\n")]
    turns = [token.i for token in doc if token.text in back]
    done = 0
    for _, end in sorted(reports, key=lambda report: report[1]):
        stop, turn = bisect_left(stops, end), bisect_left(turns, end + FEWEST_SAID + 1)
        last = min(*stops[stop : stop + 1], *turns[turn : turn + 1], len(doc), len(doc))
        if last > max(end, done):
            yield max(end, done), last
            done = last


def _clause_rules(
    hits: list[tuple[str, int, int]], doc: Any, voices: list[Voice], first: int, last: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The rules whose hits have their middle in this clause, by whose voice is heard there."""
    own: dict[str, None] = {}
    others: dict[str, None] = {}
    begin, finish = doc[first].idx, doc[last - 1].idx + len(doc[last - 1].text)
    for rule, start, end in hits:
        middle = (start + end) // 2
        if begin <= middle < finish:
            at = next((i for i in range(first, last) if doc[i].idx + len(doc[i].text) > middle), last - 1)
            (own if voices[at] is Voice.OWN else others)[rule] = None
    return tuple(own), tuple(others)


def _token(token: Any, classes: tuple[str, ...], voice: Voice, normal: Normalised, offset: int) -> Token:
    start, end = normal.source_span(token.idx, token.idx + len(token.text))
    first = normal.source[start : start + 1]
    named = (
        first.isupper() and not token.is_sent_start and len(token.text) > 2 and not normal.source[start:end].isupper()
    )
    word = _number_word(token.norm_ if token.norm_ else token.lower_)
    return Token(word=word, classes=classes, voice=voice, start=start + offset, end=end + offset, named=named)


@lru_cache(maxsize=65536)
def _number_word(word: str) -> str:
    if word[0].isdigit() or word[-1].isdigit():
        return re.sub(r"\d", "0", word)
    return word


_JOINTS: Final = frozenset(
    {
        "and",
        "but",
        "so",
        "because",
        "cos",
        "coz",
        "then",
        "if",
        "or",
        "unless",
        "until",
        "while",
        "which",
        "when",
        "where",
    }
)


def _clauses(doc: Any) -> Iterator[tuple[int, int]]:
    """Sentences, parted at line ends; long ones also at commas and joining words."""
    start = 0
    cuts: list[int] = []
    for i in range(1, len(doc)):
        if doc[i].is_sent_start or (doc[i - 1].is_space and "\n" in doc[i - 1].text):
            cuts.append(i)
    for end in [*cuts, len(doc)]:
        if end > start:
            yield from _pieces(doc, start, end)
        start = end


def _pieces(doc: Any, start: int, end: int) -> Iterator[tuple[int, int]]:
    def length(first: int, last: int) -> int:
        return int(doc[last - 1].idx + len(doc[last - 1].text) - doc[first].idx)

    here = start
    if length(start, end) > _LONG_CLAUSE:
        for i in range(start + 1, end):
            joint = doc[i].lower_ in _JOINTS or doc[i - 1].text in (",", ";", ":", "-", "...")
            if joint and length(here, i) >= _SHORT_CLAUSE + 20 and length(i, end) >= _SHORT_CLAUSE:
                yield here, i
                here = i
    yield here, end


@lru_cache(maxsize=1)
def reader() -> EnglishReader:
    """The one reader of this process; the first call imports spaCy."""
    return EnglishReader()


def voices_of(clauses: Iterable[Clause]) -> frozenset[Voice]:
    """Whose voices are heard in these clauses."""
    return frozenset(token.voice for clause in clauses for token in clause.tokens)
