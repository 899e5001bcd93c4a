"""Each pattern's own example, each rule's counter-examples, and the safety rules alone."""

import pytest

from triage_models.errors import RuleError
from triage_models.labels import Speaker
from triage_models.normalise import normalise
from triage_models.rules import SafetyRules, _rule, all_rules, rule_hits
from triage_models.scorer import ScoringInput, Turn
from triage_models.testing import ScorerContract

PATTERNS = [(rule, pattern) for rule in all_rules() for pattern in rule.patterns]
NAMES = [f"{rule.id}-{number}" for rule in all_rules() for number in range(1, len(rule.patterns) + 1)]


@pytest.mark.parametrize(("rule", "pattern"), PATTERNS, ids=NAMES)
def test_a_pattern_alone_finds_its_example(rule, pattern):
    example = normalise(pattern.example).text
    assert [one.find.pattern for one in rule.patterns if one.find.search(example)] == [pattern.find.pattern]
    assert rule in [found for found, _, _ in rule_hits(example, all_rules())]


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_rule_leaves_its_counter_examples_alone(rule):
    assert len(set(rule.counter_examples)) >= 2
    for words in rule.counter_examples:
        assert rule.hits(normalise(words).text) == [], words


def test_a_rule_for_an_unknown_label_is_named_in_the_error():
    with pytest.raises(RuleError, match=r"odd\.toml, rule odd: label 'Z9'"):
        _rule({"id": "odd", "label": "Z9", "text": "", "patterns": [], "counter_examples": []}, "odd.toml")


def test_a_pattern_that_is_no_expression_is_named_in_the_error():
    with pytest.raises(RuleError, match="pattern '\\(' is not a regular expression"):
        _rule(
            {
                "id": "odd",
                "label": "S0",
                "text": "",
                "patterns": [{"find": "(", "example": ""}],
                "counter_examples": [],
            },
            "odd.toml",
        )


class TestSafetyRules(ScorerContract):
    @pytest.fixture
    def scorer(self):
        return SafetyRules()


def test_safety_words_are_found_through_a_disguise():
    scores = SafetyRules().score([ScoringInput(id="1", channel="sms", text="i want to k\u200bill m\u0443self")])[0]
    assert scores.flagged == ("S0",)
    assert scores.spans["S0"][0].text == "k\u200bill m\u0443self"


def test_what_the_agent_says_is_no_safety_cue():
    turns = (
        Turn(speaker=Speaker.AGENT, text="Is there a smell of gas?"),
        Turn(speaker=Speaker.CUSTOMER, text="no, nothing like it"),
    )
    assert SafetyRules().score([ScoringInput(id="1", channel="call_transcript", turns=turns)])[0].flagged == ()


def test_harm_that_an_interpreter_tells_of_is_found_alone_and_beside_the_customers_words():
    agent = Turn(speaker=Speaker.AGENT, text="I have the interpreter on the line.")
    told = Turn(speaker=Speaker.THIRD_PARTY, text="She says that she wants to kill herself.")
    customer = Turn(speaker=Speaker.CUSTOMER, text="It is about my rent.")
    alone, beside = SafetyRules().score(
        [
            ScoringInput(id="1", channel="call_transcript", turns=(agent, told)),
            ScoringInput(id="2", channel="call_transcript", turns=(agent, customer, told)),
        ]
    )
    assert alone.flagged == beside.flagged == ("S0",)
    assert [span.part for span in (*alone.spans["S0"], *beside.spans["S0"])] == [1, 2]


def test_a_call_as_plain_text_is_parted_at_its_speaker_lines():
    text = "Agent: is there a smell of gas?\nCustomer: no but i want to die\nAgent: I am sorry"
    scores = SafetyRules().score([ScoringInput(id="1", channel="call_transcript", text=text)])[0]
    assert scores.flagged == ("S0",)
    span = scores.spans["S0"][0]
    assert text[span.start : span.end] == span.text == "want to die"
