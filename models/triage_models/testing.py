"""Shipped for tests: a small fake scorer and the contract that every scorer keeps."""

from collections.abc import Sequence

from triage_models.labels import LABELS, SAFETY, Speaker
from triage_models.parts import customer_parts, voice_of
from triage_models.scorer import Scorer, Scores, ScoringInput, Span, Turn


class KeywordScorer:
    """A scorer that knows one word a label: for tests of what stands behind a scorer."""

    name = "keyword"
    version = "1"

    def __init__(self, words: dict[str, str] | None = None) -> None:
        self._words = words or {"A2": "idiot", "HZ": "gas", "P1": "again"}

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it has a word for, in the fixed order."""
        return tuple(label for label in LABELS if label in self._words)

    def score(self, inputs: Sequence[ScoringInput]) -> list[Scores]:
        """One answer per contact."""
        return [self._one(contact) for contact in inputs]

    def _one(self, contact: ScoringInput) -> Scores:
        model, parts = f"{self.name}/{self.version}", customer_parts(contact)[0]
        if not any(words.strip() for _, words, _ in parts):
            return Scores(model=model, not_scored="not assessed: the customer said nothing that can be read")
        spans: dict[str, tuple[Span, ...]] = {}
        for label in self.labels:
            word = self._words[label]
            found = [(part, words, offset) for part, words, offset in parts if word in words]
            if found:
                part, words, offset = found[0]
                start = words.index(word)
                spans[label] = (Span(part=part, start=start + offset, end=start + offset + len(word), text=word),)
        chances = {label: 0.9 if label in spans else 0.1 for label in self.labels}
        return Scores(model=model, probabilities=chances, flagged=tuple(spans), spans=spans)


def _email(key: str, text: str, subject: str | None = None) -> ScoringInput:
    return ScoringInput(id=key, channel="email", subject=subject, text=text)


def _call(key: str, *said: tuple[Speaker, str]) -> ScoringInput:
    turns = tuple(Turn(speaker=speaker, text=text) for speaker, text in said)
    return ScoringInput(id=key, channel="call_transcript", turns=turns)


def part_text(contact: ScoringInput, span: Span) -> str:
    """The whole part that a span points into."""
    if span.part == "subject":
        return contact.subject or ""
    return (contact.text or "") if span.part == "text" else contact.turns[span.part].text


CONTRACT_INPUTS = (
    _email("plain", "Good morning, when will the windows be cleaned? Many thanks.", "Windows"),
    _email("rude", "You are an idiot and I smell gas in the hall again, nobody has been out since Monday."),
    _email("empty", ""),
    _email("blank", " \n\t "),
    _email(
        "odd", "NUL \x00 and a lone surrogate \ud83d and \u200bzero\u200b width \U0001f600 end of it please call me"
    ),
    _email("long", "the lift is broken again and we wait for a part. " * 4000),
    _call(
        "call",
        (Speaker.AGENT, "You idiot, is there gas?"),
        (Speaker.CUSTOMER, "no everything is fine thank you it is about my rent statement"),
    ),
    _call(
        "interpreter",
        (Speaker.AGENT, "You idiot, is there gas?"),
        (Speaker.THIRD_PARTY, "She says that she asks when the windows will be cleaned, please."),
    ),
    _call(
        "interpreter beside",
        (Speaker.CUSTOMER, "Hello, my neighbour speaks for me."),
        (Speaker.THIRD_PARTY, "You idiot. She says that she wants to kill herself."),
    ),
    _call("silent call", (Speaker.AGENT, "Hello? You idiot.")),
)


class ScorerContract:
    """Mix into a test class that has a `scorer` fixture: what every scorer promises."""

    def test_answers_come_one_per_contact_in_order(self, scorer: Scorer) -> None:
        one_by_one = [scorer.score([contact])[0] for contact in CONTRACT_INPUTS]
        together = scorer.score(CONTRACT_INPUTS)
        assert len(together) == len(CONTRACT_INPUTS)
        for alone, amid in zip(one_by_one, together, strict=True):
            assert alone.not_scored == amid.not_scored
            assert alone.flagged == amid.flagged
            for label, chance in alone.probabilities.items():
                assert abs(chance - amid.probabilities[label]) < 1e-3

    def test_no_contacts_give_no_answers(self, scorer: Scorer) -> None:
        assert scorer.score([]) == []

    def test_every_scored_contact_has_a_probability_for_each_label(self, scorer: Scorer) -> None:
        assert set(scorer.labels) <= set(LABELS)
        for scores in scorer.score(CONTRACT_INPUTS):
            if scores.not_scored is None:
                assert set(scores.probabilities) == set(scorer.labels)
                assert all(0.0 <= chance <= 1.0 for chance in scores.probabilities.values())

    def test_spans_are_exact_substrings_of_the_customers_parts(self, scorer: Scorer) -> None:
        for contact, scores in zip(CONTRACT_INPUTS, scorer.score(CONTRACT_INPUTS), strict=True):
            shown = [(label, span) for label, spans in scores.spans.items() for span in spans]
            shown += [(k, span) for k, reasons in scores.reasons.items() for one in reasons for span in one.spans]
            for label, span in shown:
                assert part_text(contact, span)[span.start : span.end] == span.text
                if isinstance(span.part, int):
                    heard = {voice_of(contact)} | ({Speaker.THIRD_PARTY} if label in SAFETY else set())
                    assert contact.turns[span.part].speaker in heard

    def test_what_holds_no_words_is_not_scored_and_says_why(self, scorer: Scorer) -> None:
        answers = {
            contact.id: scores for contact, scores in zip(CONTRACT_INPUTS, scorer.score(CONTRACT_INPUTS), strict=True)
        }
        for key in ("empty", "blank", "silent call"):
            assert answers[key].not_scored
            assert not answers[key].flagged and not answers[key].probabilities
        assert not any(answers[key].not_scored for key in ("plain", "odd", "interpreter", "interpreter beside"))

    def test_the_agents_words_are_never_scored(self, scorer: Scorer) -> None:
        call = next(contact for contact in CONTRACT_INPUTS if contact.id == "call")
        assert scorer.score([call])[0].flagged == ()

    def test_every_answer_names_its_model(self, scorer: Scorer) -> None:
        assert {scores.model for scores in scorer.score(CONTRACT_INPUTS)} == {f"{scorer.name}/{scorer.version}"}
