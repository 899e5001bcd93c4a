"""The safety rules beside another scorer."""

import pytest

from triage_models.beside_safety import BesideSafety
from triage_models.labels import LABELS
from triage_models.scorer import Scores, ScoringInput
from triage_models.testing import KeywordScorer, ScorerContract


class TestBesideSafety(ScorerContract):
    @pytest.fixture
    def scorer(self):
        return BesideSafety(KeywordScorer({"A2": "idiot"}))


def test_both_are_heard_in_the_order_of_the_labels():
    text = "You idiot. I want to die. There is a smell of gas."
    scores = BesideSafety(KeywordScorer({"A2": "idiot"})).score([ScoringInput(id="1", channel="sms", text=text)])[0]
    assert scores.flagged == tuple(label for label in LABELS if label in ("A2", "S0", "HZ"))
    assert scores.spans["S0"][0].text == "want to die" and scores.reasons["HZ"][0].kind == "rule"


def test_harm_is_found_where_the_other_scorer_gives_no_answer():
    class Silent(KeywordScorer):
        def score(self, inputs):
            return [Scores(model="silent/1", not_scored="not assessed: it failed") for _ in inputs]

    scores = BesideSafety(Silent()).score([ScoringInput(id="1", channel="sms", text="I want to die.")])[0]
    assert (scores.flagged, scores.not_scored) == (("S0",), "not assessed: it failed")
