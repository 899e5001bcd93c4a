"""Each way of telling whose words they are, or a clause's mood, on its own example and counter-examples."""

import re

import pytest

from triage_models.features import AIMED, TARGETS, clause_features
from triage_models.language import Voice, reader
from triage_models.lexicon import word_classes
from triage_models.parts import customer_parts
from triage_models.scorer import ScoringInput
from triage_models.speech import all_ways, speaker_line, ways_of

VOICES = [way for way in all_ways() if way.kind in ("quoted", "own", "reported")]


def read(text):
    return reader().read(ScoringInput(id="1", channel="email", text=text)).clauses


def in_voice(text, voice):
    """The stretch of a text from the first to the last token in this voice, quotation marks aside."""
    found = [t for clause in read(text) for t in clause.tokens if t.voice is voice and t.word not in "\"'"]
    return text[found[0].start : found[-1].end] if found else ""


def has_mood(text, mood):
    return any(f"m|{mood}" in clause_features(clause) for clause in read(text))


def test_every_way_has_an_id_of_its_own_and_two_counter_examples():
    assert len({way.id for way in all_ways()}) == len(all_ways())
    assert all(len(set(way.counter_examples)) >= 2 for way in all_ways())


@pytest.mark.parametrize("way", [way for way in VOICES if way.kind != "own"], ids=lambda way: way.id)
def test_the_words_named_are_in_that_voice_and_those_of_the_counter_examples_in_none_but_the_customers(way):
    assert in_voice(way.example, Voice(way.kind)) == way.heard
    assert [in_voice(words, Voice(way.kind)) for words in way.counter_examples] == ["", ""]


@pytest.mark.parametrize("way", ways_of("own"), ids=lambda way: way.id)
def test_a_quotation_of_the_writers_own_words_is_theirs(way):
    assert way.heard in way.example and in_voice(way.example, Voice.QUOTED) == ""
    assert all(in_voice(words, Voice.QUOTED) == way.heard for words in way.counter_examples)


@pytest.mark.parametrize("way", ways_of("quoted"), ids=lambda way: way.id)
def test_one_kind_of_marks_alone_finds_its_example(way):
    found = [other.id for other in ways_of("quoted") if re.search(other.find, way.example)]
    assert found == [way.id]


@pytest.mark.parametrize("way", ways_of("speaker"), ids=lambda way: way.id)
def test_lines_that_begin_with_who_speaks_part_a_call(way):
    own, others, unknown = customer_parts(ScoringInput(id="1", channel="call_transcript", text=way.example))
    assert [words.strip() for words in others] == [way.heard] and own and not unknown
    assert not any(speaker_line().search(words) for words in way.counter_examples)


@pytest.mark.parametrize("way", ways_of("mood"), ids=lambda way: way.id)
def test_a_clause_stands_in_the_mood_of_its_words(way):
    assert has_mood(way.example, way.id)
    assert not any(has_mood(words, way.id) for words in way.counter_examples)


@pytest.mark.parametrize(("way", "word"), [(way, word) for way in ways_of("mood") for word in way.lists["words"]])
def test_every_word_of_a_mood_sets_it(way, word):
    assert has_mood(f"The lift {word} the stairs", way.id)


@pytest.mark.parametrize("verb", ways_of("reported")[0].lists["verbs"])
def test_what_follows_each_word_for_saying_is_reported(verb):
    assert in_voice(f"The caretaker {verb} the lift is out.", Voice.REPORTED).startswith("the lift is out")


@pytest.mark.parametrize("subject", ways_of("reported")[0].lists["subjects"])
def test_whoever_says_it_is_heard(subject):
    assert in_voice(f"And {subject} said the lift is out.", Voice.REPORTED).startswith("the lift is out")


@pytest.mark.parametrize("word", ways_of("reported")[0].lists["between"])
def test_a_word_between_somebody_and_the_saying_does_not_hide_it(word):
    assert in_voice(f"The caretaker {word} said the lift is out.", Voice.REPORTED).endswith("the lift is out.")


def test_targets_and_loaded_words_are_classes_of_the_lexicon():
    assert {*AIMED, *TARGETS} <= word_classes().keys()
