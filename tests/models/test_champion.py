"""The packaged champion: the contract, its reasons, its limits."""

import math

import pytest

from triage_models.labels import LABELS, Speaker
from triage_models.registry import load_champion, packaged_folder
from triage_models.scorer import Scorer, ScoringInput, Turn
from triage_models.testing import KeywordScorer, ScorerContract


@pytest.fixture(scope="module")
def champion():
    return load_champion(None)


class TestChampion(ScorerContract):
    @pytest.fixture
    def scorer(self, champion):
        return champion


class TestKeywordScorer(ScorerContract):
    @pytest.fixture
    def scorer(self):
        return KeywordScorer()


def one(scorer, text, channel="email", **more):
    return scorer.score([ScoringInput(id="1", channel=channel, text=text, **more)])[0]


def test_the_champion_is_a_scorer_of_all_labels(champion):
    assert isinstance(champion, Scorer)
    assert champion.labels == LABELS


def test_the_packaged_champion_is_small_enough_to_travel():
    assert sum(path.stat().st_size for path in packaged_folder().iterdir()) < 44 * 2**20


def test_reasons_add_up_to_the_log_odds(champion):
    scores = one(
        champion, "You are a useless idiot and I will come to your office and break your legs. This is my tenth email."
    )
    assert scores.flagged
    for label in scores.flagged:
        chance = scores.probabilities[label]
        total = sum(reason.weight for reason in scores.reasons[label])
        assert total == pytest.approx(math.log(chance / (1 - chance)), abs=2e-2)


def test_an_insult_is_flagged_with_the_words_that_earned_it(champion):
    scores = one(
        champion, "The bins were missed on Tuesday. You are a stupid useless moron, Gareth. Please send the lorry."
    )
    assert "A2" in scores.flagged
    assert "moron" in scores.spans["A2"][0].text


def test_swearing_at_a_boiler_is_not_flagged_as_abuse_of_people(champion):
    scores = one(
        champion, "The bloody boiler has packed in again, third time this month. Could you send the engineer please?"
    )
    assert "A2" not in scores.flagged


def test_another_language_is_not_scored_but_its_safety_words_are_found(champion):
    scores = one(
        champion, "Dzień dobry, nie mogę już tak dłużej, ciągle myślę o samobójstwo i nie wiem, co robić dalej."
    )
    assert scores.not_scored and "another language (pl)" in scores.not_scored
    assert not scores.probabilities
    assert scores.flagged == ("S0",)


def test_a_sure_safety_rule_flags_whatever_the_model_says(champion):
    scores = one(champion, "Thank you for the window cleaning, it was lovely. I want to die. The bins were lovely too.")
    assert "S0" in scores.flagged
    assert any(reason.kind == "rule" for reason in scores.reasons["S0"])


def test_of_somebody_else_in_a_call_only_the_harm_they_tell_of_is_read(champion):
    call = (
        Turn(speaker=Speaker.CUSTOMER, text="Hello, my friend will speak for me."),
        Turn(speaker=Speaker.THIRD_PARTY, text="She says her husband beats her and said that he will kill her."),
    )
    scores = one(champion, None, "call_transcript", turns=call)
    assert scores.flagged[0] == "S0" and not {"A1", "A2"} & set(scores.flagged)
    assert {span.part for span in scores.spans["S0"]} == {1}
    total = sum(reason.weight for reason in scores.reasons["S0"])
    chance = scores.probabilities["S0"]
    assert total == pytest.approx(math.log(chance / (1 - chance)), abs=0.05)
    rude = (
        Turn(speaker=Speaker.CUSTOMER, text="I would like to pay my rent please."),
        Turn(speaker=Speaker.THIRD_PARTY, text="Tell that stupid cow to hurry up or I will smash her face in."),
    )
    assert not {"A1", "A2"} & set(one(champion, None, "call_transcript", turns=rude).flagged)


def test_gibberish_makes_it_abstain(champion):
    scores = one(champion, "xqzv wrrtk plomf znork qqwer vvxcz hjkll mmnbv trewq poiuy")
    assert scores.abstained == LABELS and scores.flagged == ()
