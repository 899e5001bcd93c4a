"""Disguises change the word they are given and nothing else, and what is kept under them is counted."""

import pytest

from triage_models.normalise import normalise
from triage_models.scorer import ScoringInput, Turn
from triage_models.testing import KeywordScorer
from triage_training.bench.disguises import DISGUISES
from triage_training.bench.evasion import disguised_contact, disguised_quote, loaded_words, measure_evasion
from triage_training.examples import Example

EXPECTED = {
    "zero-width": "i\u200bd\u200bi\u200bo\u200bt",
    "homoglyphs": "іdіоt",
    "leetspeak": "1d10" + "7",
    "spaced letters": "i d i o t",
    "masked letters": "id**t",
    "repeated letters": "idiiiiot",
    "dots between": "i.d.i.o.t",
    "mixed case": "iDiOt",
}


def example(text, **more):
    return Example(
        contact=ScoringInput(id="1", channel="email", text=text, **more),
        labels={"A2": True},
        evidence={"A2": ("you idiot",)},
        origin="a",
    )


def test_there_are_eight_disguises():
    assert set(DISGUISES) == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_disguise_does_what_its_name_says(name):
    assert DISGUISES[name]("idiot") == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_shipped_normaliser_undoes_each_disguise_of_a_word_it_knows(name):
    assert "idiot" in normalise(f"you {DISGUISES[name]('idiot')} there").text


@pytest.mark.parametrize("word", ["sly", "x" * 3, "thugs"])
def test_a_word_without_an_inner_vowel_is_still_disguised(word):
    assert DISGUISES["masked letters"](word) != word
    assert len(DISGUISES["repeated letters"](word)) == len(word) + 3


def test_only_the_chosen_words_of_the_evidence_are_disguised():
    assert disguised_quote("you idiot, Gareth", DISGUISES["dots between"], loaded_words().__contains__) == (
        "you i.d.i.o.t, Gareth"
    )
    changed = disguised_contact(
        example("An idiot wrote it: you idiot."), "A2", DISGUISES["spaced letters"], {"idiot"}.__contains__
    )
    assert changed.text == "An idiot wrote it: you i d i o t."


def test_evidence_in_a_turn_is_disguised_there():
    turns = (Turn(speaker="agent", text="Hello"), Turn(speaker="customer", text="you idiot"))
    changed = disguised_contact(example(None, turns=turns), "A2", DISGUISES["mixed case"], lambda word: True)
    assert [turn.text for turn in changed.turns] == ["Hello", "yOu iDiOt"]


def test_a_reader_of_bare_words_keeps_no_disguised_flag_but_those_it_cannot_miss():
    table = measure_evasion(KeywordScorer(), [example("Listen, you idiot."), example("Nothing rude, you idi0t.")])
    kept = {row[1]: (row[2], row[-2]) for row in table.rows if row[0] == "loaded words"}
    assert set(kept) == set(DISGUISES)
    assert all(figures == (1, 0.0) for figures in kept.values())
