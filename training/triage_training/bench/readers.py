"""What is measured side by side: the shipped reader, words and letters alone, the encoder alone, and models without one writer."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from triage_models.encoder import Encoder
from triage_models.heads import Floats, probabilities
from triage_models.labels import LABELS
from triage_models.parts import customer_parts
from triage_models.scorer import Scorer, Scores, ScoringInput
from triage_training.encoder.work import Encoders
from triage_training.examples import Example
from triage_training.out_of_fold import Report, leave_writers_out

AGGRESSIVE: Final = ("A1", "A2", "A4")
"""Our labels that another set's rough speech is held against."""
HALF: Final = 0.5
UNREADABLE: Final = "not assessed: the customer said nothing that can be read"


def own_words(contact: ScoringInput) -> str:
    """What the customer said, as one text: what a reader gets that knows nothing of parts and turns."""
    return "\n".join(words for _, words, _ in customer_parts(contact)[0])


def aggressive(example: Example) -> bool:
    """Whether any of our aggressive labels was given to it; a label that the set did not mark does not count."""
    return any(example.labels.get(label, False) for label in AGGRESSIVE)


def loudest(scores: Scores) -> float:
    """The highest probability of an aggressive label; 0 where nothing was scored, as nobody would be shown it."""
    return max((scores.probabilities.get(label, 0.0) for label in AGGRESSIVE), default=0.0)


def is_flagged(scores: Scores) -> bool:
    """Whether any aggressive label was flagged."""
    return bool(set(AGGRESSIVE) & set(scores.flagged))


class EncoderAlone:
    """The encoder's own log-odds without language layer and heads, flagged from one half."""

    name, version, labels = "encoder-alone", "1", AGGRESSIVE

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def score(self, inputs: Sequence[ScoringInput]) -> list[Scores]:
        """One answer per contact."""
        readable = [contact for contact in inputs if own_words(contact).strip()]
        read = {id(contact): one for contact, one in zip(readable, self._encoder.read(readable), strict=True)}
        return [self._answer(read[id(contact)].contact) if id(contact) in read else Scores(model=self.name, not_scored=UNREADABLE) for contact in inputs]  # fmt: skip

    def _answer(self, log_odds: Floats) -> Scores:
        chances = dict(zip(LABELS, probabilities(log_odds).tolist(), strict=True))
        ours = {label: chances[label] for label in AGGRESSIVE}
        return Scores(model=self.name, probabilities=ours, flagged=tuple(n for n, p in ours.items() if p >= HALF))


class WordsAlone:
    """TF-IDF over words (1-2) and letter runs (3-5) with a logistic regression of one class, any of A1, A2 and A4; the answer
    stands under A2."""

    name, version, labels = "tf-idf", "1", ("A2",)

    def __init__(self, examples: Sequence[Example]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline, make_union

        union = make_union(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, max_features=200_000),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True, max_features=200_000),
        )
        model = LogisticRegression(C=10.0, solver="liblinear", class_weight="balanced", random_state=0)
        self._model: Any = make_pipeline(union, model)
        self._model.fit([own_words(e.contact) for e in examples], [aggressive(e) for e in examples])

    def score(self, inputs: Sequence[ScoringInput]) -> list[Scores]:
        """One answer per contact."""
        if not inputs:
            return []
        words = [own_words(contact) for contact in inputs]
        chances = self._model.predict_proba(words)[:, 1].tolist()
        return [
            Scores(model=self.name, probabilities={"A2": p}, flagged=("A2",) if p >= HALF else ())
            if text.strip()
            else Scores(model=self.name, not_scored=UNREADABLE)
            for text, p in zip(words, chances, strict=True)
        ]


class ByWriter:
    """Several models made without one group of writers each: a contact is read by the one that had not seen its writer."""

    name, version, labels = "unseen", "1", LABELS

    def __init__(self, models: Mapping[int, Scorer], fold_of: Mapping[str, int]) -> None:
        self._models, self._fold_of = models, fold_of

    def knows(self, key: str) -> bool:
        """Whether there is a model that had not seen the writer of the contact with this id."""
        return key in self._fold_of

    def score(self, inputs: Sequence[ScoringInput]) -> list[Scores]:
        """One answer per contact; KeyError for a contact that is of no writer (a changed text keeps its id)."""
        answers: list[Scores | None] = [None] * len(inputs)
        for fold, model in self._models.items():
            mine = [place for place, contact in enumerate(inputs) if self._fold_of[contact.id] == fold]
            for place, scores in zip(mine, model.score([inputs[place] for place in mine]), strict=True):
                answers[place] = scores
        return [scores for scores in answers if scores is not None]


def unseen_reader(
    examples: Sequence[Example], folds: int, encoders: Encoders | None = None, report: Report = lambda _: None
) -> ByWriter:
    """Whole models without some writers each, encoder, heads, join and thresholds: for measures on the housing texts."""
    unseen = leave_writers_out(examples, folds, encoders, report)
    model_of = {examples[place].id: number for number, model in enumerate(unseen.models) for place in model.here}
    return ByWriter({number: model.scorer for number, model in enumerate(unseen.models)}, model_of)


def chances_of(scores: Scores, labels: Sequence[str]) -> Floats:
    """The probabilities of these labels in their order, 0 where not scored."""
    return np.array([scores.probabilities.get(label, 0.0) for label in labels], dtype=np.float32)
