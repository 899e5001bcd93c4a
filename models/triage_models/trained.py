"""The scorer of a trained model: language layer, heads, evidence and reasons, with the safety rules beside it."""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage_models.anybody import abuse_as_anybodys, as_anybody
from triage_models.encoder import AT_ONCE, Encoder
from triage_models.evidence import cut_to_heard, evidence_spans, heard_in_clauses
from triage_models.gate import other_language
from triage_models.heads import Floats, HeadReader, Heads, Judgement, Rows, probabilities
from triage_models.labels import LABELS
from triage_models.language import Reading, reader
from triage_models.parts import MOST_READ, Stretch, customer_parts, every_part, unread_parts
from triage_models.reasons import reasons_for, words_with
from triage_models.rules import SafetyRules, all_rules
from triage_models.scorer import Change, Reason, Scores, ScoringInput, Span
from triage_models.told import as_others_tell_it, harm_told_too
from triage_models.without import change_without

log = logging.getLogger(__name__)
BATCH: Final = 256
KNOWN_FLOOR: Final = 0.4
"""Share of known words below which the champion abstains: it has not learned such text."""
TOO_LITTLE: Final = "Not judged: the model knows too few of its words, and only the safety and hazard rules looked at it. A person has to read it."
SPEAKERS_UNKNOWN: Final = Reason(
    kind="feature",
    id="speakers-unknown",
    weight=0.0,
    text="The call came without its speakers: all of it was read as if the customer had said it.",
)


class TrainedScorer:
    """A trained model as a `Scorer`. S0 and HZ rules run beside it and may raise their labels by themselves."""

    def __init__(self, heads: Heads, *, name: str, version: str, encoder: Encoder | None = None) -> None:
        self.name, self.version, self.labels = name, version, LABELS
        self._reader = HeadReader(heads)
        self._heads = heads
        self.encoder = encoder if heads.with_encoder else None
        self._rules = SafetyRules()
        self._sure_ids = {rule.id for rule in all_rules() if rule.sure}

    def score(self, inputs: Sequence[ScoringInput]) -> list[Scores]:
        """One answer per contact, in order. Abuse is read without what writers say of who they are, harm in the words of whoever
        else speaks in a call too."""
        answers = self._read_all(inputs)
        for index, anybodys in self._read_as(as_anybody, inputs):
            answers[index] = abuse_as_anybodys(inputs[index], answers[index], anybodys)
        for index, told in self._read_as(as_others_tell_it, inputs):
            answers[index] = harm_told_too(answers[index], told)
        return answers

    def _read_as(
        self, other_of: Callable[[ScoringInput], ScoringInput | None], inputs: Sequence[ScoringInput]
    ) -> Iterator[tuple[int, Scores]]:
        """Where each contact that is to be read once more in another way stands, and what is found in it so."""
        others = {index: other for index, contact in enumerate(inputs) if (other := other_of(contact)) is not None}
        return zip(others, self._read_all(list(others.values())), strict=True)

    def _read_all(self, inputs: Sequence[ScoringInput]) -> list[Scores]:
        answers: list[Scores] = []
        for start in range(0, len(inputs), BATCH):
            answers += self._batch(inputs[start : start + BATCH])
        return answers

    def without(self, contact: ScoringInput, label: str) -> Change | None:
        """The contact read again without the clause that spoke most for a label; None where it is not raised or not read."""
        try:
            reading = self._read(contact)
        except Exception as error:  # an explanation that fails must not take the page with it
            log.warning("contact %s could not be read: %s", contact.id, type(error).__name__)
            return None
        return None if isinstance(reading, str) else change_without(self, contact, label, reading.clauses)

    def _batch(self, inputs: Sequence[ScoringInput]) -> list[Scores]:
        with ThreadPoolExecutor(
            AT_ONCE
        ) as beside:  # the encoder needs no Python while it reads: the language layer goes on
            encoder = self.encoder
            encoding = [beside.submit(encoder.one, contact) for contact in inputs] if encoder is not None else []
            readings, refused = self._language_of(inputs)
            encoded = [encoding[index].result() for index, _ in readings if encoding]  # nobody asks for the refused
        answers = {index: self._unscored(inputs[index], why) for index, why in refused.items()}
        if readings:
            rows = self._reader.rows([reading for _, reading in readings])
            judgement = self._reader.judge(rows, encoded)
            chances = probabilities(judgement.joined)
            for place, (index, reading) in enumerate(readings):
                answers[index] = self._answered(inputs[index], reading, rows, judgement, chances, place)
        return [answers[index] for index in range(len(inputs))]

    def _language_of(self, inputs: Sequence[ScoringInput]) -> tuple[list[tuple[int, Reading]], dict[int, str]]:
        """What the language layer makes of each, by its place; and why not, of the rest."""
        refused: dict[int, str] = {}
        readings: list[tuple[int, Reading]] = []
        for index, contact in enumerate(inputs):
            try:
                reading = self._read(contact)
            except Exception as error:  # one unreadable contact must not stop the next
                log.warning("contact %s could not be read: %s", contact.id, type(error).__name__)
                refused[index] = f"not assessed: the reading failed ({type(error).__name__})"
                continue
            if isinstance(reading, str):
                refused[index] = reading
            else:
                readings.append((index, reading))
        return readings, refused

    def _read(self, contact: ScoringInput) -> Reading | str:
        words = "\n".join(words for _, words, _ in customer_parts(contact)[0])
        if not any(char.isalnum() for char in words):
            return "not assessed: the customer said nothing that can be read"
        language = other_language(words)
        if language is not None:
            return f"not assessed: the words look like another language ({language}), and the model reads English only; safety words were looked for"
        reading = reader().read(contact)
        return reading if reading.clauses else "not assessed: the customer said nothing that can be read"

    def _unscored(self, contact: ScoringInput, why: str) -> Scores:
        rules = self._rules.score([contact])[0]
        return Scores(
            model=self._model, flagged=rules.flagged, spans=rules.spans, reasons=rules.reasons, not_scored=why
        )

    @property
    def _model(self) -> str:
        return f"{self.name}/{self.version}"

    def _answered(
        self, contact: ScoringInput, reading: Reading, rows: Rows, judgement: Judgement, chances: Floats, place: int
    ) -> Scores:
        try:
            return self._answer(contact, reading, rows, judgement, chances, place)
        except Exception as error:  # one contact that cannot be explained must not stop the next
            log.warning("contact %s could not be scored: %s", contact.id, type(error).__name__)
            return self._unscored(contact, f"not assessed: the scoring failed ({type(error).__name__})")

    def _answer(
        self, contact: ScoringInput, reading: Reading, rows: Rows, judgement: Judgement, chances: Floats, place: int
    ) -> Scores:
        chance = {label: float(chances[place, column]) for column, label in enumerate(LABELS)}
        if rows.known[place] < KNOWN_FLOOR:
            rules = self._rules.score([contact])[0]
            return Scores(
                model=self._model,
                probabilities=chance,
                flagged=rules.flagged,
                spans=rules.spans,
                reasons=rules.reasons,
                abstained=LABELS,
                caveat=TOO_LITTLE,
                vector=_vector(judgement, place),
            )
        unread = unread_parts(customer_parts(contact)[0])
        sure = self._sure(contact, reading, unread)
        flagged = [
            label
            for column, label in enumerate(LABELS)
            if chance[label] >= self._heads.thresholds[column] or label in sure
        ]
        spans: dict[str, tuple[Span, ...]] = {}
        reasons: dict[str, tuple[Reason, ...]] = {}
        owners = words_with(reading) if flagged else {}
        for column, label in enumerate(LABELS):
            if label in flagged:
                by_rule = sure.get(label, ())
                doubted = chance[label] < self._heads.thresholds[column]
                spans[label] = (
                    tuple(span for reason in by_rule for span in reason.spans)
                    if by_rule and doubted
                    else self._evidence(contact, reading, rows, judgement, place, column)
                )
                reasons[label] = (
                    *by_rule,
                    *((SPEAKERS_UNKNOWN,) if reading.speakers_unknown else ()),
                    *reasons_for(self._reader, rows, judgement, place, column, reading, owners),
                )
        return Scores(
            model=self._model,
            probabilities=chance,
            flagged=tuple(flagged),
            spans=spans,
            reasons=reasons,
            caveat=_not_in_full(unread, judgement.encoded[place].passed_over if judgement.encoded else 0),
            vector=_vector(judgement, place),
        )

    def _sure(
        self, contact: ScoringInput, reading: Reading, unread: Sequence[Stretch]
    ) -> dict[str, tuple[Reason, ...]]:
        """The reasons of the rules that raise their label whatever the model says: the sure ones, and every one in words that it did not read."""
        heard = {rule for clause in reading.clauses for rule in (*clause.rules, *clause.others_rules)}
        sure = self._rules.sure(contact) if unread or heard & self._sure_ids else {}
        for rule, reason in self._rules.find_in(unread):
            if not rule.sure:
                sure[rule.label] = (*sure.get(rule.label, ()), reason)
        return sure

    def _evidence(
        self,
        contact: ScoringInput,
        reading: Reading,
        rows: Rows,
        judgement: Judgement,
        place: int,
        column: int,
    ) -> tuple[Span, ...]:
        parts = every_part(contact)
        if judgement.encoded:
            encoded = judgement.encoded[place]
            heard = encoded.evidence[:, column]
            spans = evidence_spans(reading.clauses, heard_in_clauses(reading.clauses, encoded.places, heard), parts)
            return tuple(cut_to_heard(span, encoded.places, heard, parts[span.part]) for span in spans)
        mine = np.arange(*np.searchsorted(rows.owner, [place, place + 1]))
        loud = judgement.clause[mine, column].copy()
        if not self._heads.clause_weights[column].any():
            loud = rows.clauses[mine] @ self._heads.contact_weights[column]
        return evidence_spans(reading.clauses, loud, parts)


def _vector(judgement: Judgement, place: int) -> bytes | None:
    """The encoder's unit vector in one signed byte a number: its likenesses keep two decimals."""
    if not judgement.encoded:
        return None
    numbers: NDArray[np.int8] = np.rint(judgement.encoded[place].vector * 127.0).astype(np.int8)
    return numbers.tobytes()


def _not_in_full(unread: Sequence[Stretch], passed_over: int) -> str | None:
    """How much of a contact the model did not read, in a sentence; None where it read all of it."""
    half, left = MOST_READ // 2, sum(len(words) for _, words, _ in unread)
    told = []
    if left:
        told.append(
            f"Not read in full: of its {MOST_READ + left:,} characters the model read the first {half:,} and the last {half:,}."
        )
    if passed_over:
        told.append(
            f"Not read in full: the model’s encoder passed over {passed_over:,} of its stretches of about 100 words, between the first and the last."
        )
    return " ".join([*told, "A person has to read the rest."]) if told else None
