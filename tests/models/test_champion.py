"""The packaged champion: the contract, its reasons, its limits."""

import math

import pytest

from triage_models.labels import LABELS, Speaker
from triage_models.parts import MOST_READ
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


def test_what_the_model_does_not_judge_says_so(champion):
    scores = one(champion, "Zabiję cię jutro wieczorem przed domem")
    assert scores.abstained == LABELS and "too few of its words" in scores.caveat
    assert one(champion, "Could you send the engineer please? The boiler is cold.").caveat is None


POLISH = "Jak jeszcze raz przyjdziesz do mojego domu to cię zabiję, wiem gdzie mieszkasz"


def test_a_polish_threat_is_not_scored_rather_than_clean(champion):
    assert "another language (pl)" in one(champion, POLISH).not_scored


def call_with(said, at, exchanges):
    """A call of so many exchanges about nothing, with one other thing that the customer says."""
    asked = "And could you tell me when the lift was last out, and which floor you are on?"
    answer = "It went off on the Monday, I think about nine, and I am on the fourth floor with the two prams and the shopping."
    turns = [
        Turn(speaker=speaker, text=text)
        for number in range(exchanges)
        for speaker, text in ((Speaker.AGENT, asked), (Speaker.CUSTOMER, f"{answer} That was week {number}."))
    ]
    turns[2 * at + 1] = Turn(speaker=Speaker.CUSTOMER, text=said)
    return tuple(turns)


THREAT = "I know where you park, Karen, and I will stab you tonight."


@pytest.mark.parametrize("at", [0, 110, 219])
def test_a_threat_is_heard_wherever_in_a_long_call_it_stands(champion, at):
    scores = one(champion, None, "call_transcript", turns=call_with(THREAT, at, 220))
    assert scores.caveat is None
    assert "A1" in scores.flagged
    assert {span.part for span in scores.spans["A1"]} == {2 * at + 1}


LETTER = "The lift went off on the Monday and I carried two prams and the shopping to the fourth floor. "


@pytest.mark.parametrize("before", [0, 150, 300])
def test_a_threat_is_heard_wherever_in_a_long_mail_it_stands(champion, before):
    scores = one(champion, LETTER * before + THREAT + " " + LETTER * (300 - before))
    assert scores.caveat is None
    assert "A1" in scores.flagged
    assert any("stab" in span.text for span in scores.spans["A1"])


def test_what_is_too_long_is_read_at_both_ends_and_says_how_much_was_not(champion):
    long = LETTER * (MOST_READ // len(LETTER) + 200)
    scores = one(champion, long + THREAT)
    assert "A1" in scores.flagged
    assert (
        f"of its {len(long + THREAT):,} characters the model read the first 50,000 and the last 50,000" in scores.caveat
    )


def test_in_words_that_the_model_does_not_read_the_safety_rules_do(champion):
    half = LETTER * (MOST_READ // len(LETTER))
    scores = one(champion, f"{half}I want to die. I can smell gas in the hall. {half}")
    assert {"S0", "HZ"} <= set(scores.flagged) and "Not read in full" in scores.caveat
    assert {scores.spans["S0"][0].text, scores.spans["HZ"][0].text} == {"want to die", "smell gas"}
