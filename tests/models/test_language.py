"""Whose words they are, and that clauses are exact stretches of what the customer wrote."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage_models.gate import other_language
from triage_models.labels import Speaker
from triage_models.language import Voice, reader, voices_of
from triage_models.scorer import ScoringInput, Turn


def read(text, channel="email", **more):
    return reader().read(ScoringInput(id="1", channel=channel, text=text, **more))


def voice_of(reading, word):
    return next(token.voice for clause in reading.clauses for token in clause.tokens if token.word == word)


def test_words_in_quotation_marks_are_not_the_customers_own():
    reading = read('The note on my door said "clear off or else". I am worried.')
    assert voice_of(reading, "clear") is Voice.QUOTED
    assert voice_of(reading, "worried") is Voice.OWN


def test_what_the_customer_says_they_said_stays_their_own():
    assert voice_of(read('I told him "clear off or else" and shut the door.'), "clear") is Voice.OWN


def test_what_a_neighbour_said_is_reported():
    reading = read("My neighbour said he will break the fence. I want it mended.")
    assert voice_of(reading, "break") is Voice.REPORTED
    assert voice_of(reading, "mended") is Voice.OWN


def test_staff_quoting_the_customer_in_a_visit_note_give_the_customers_voice():
    assert voices_of(read('Tenant said "clear off or else" at the door.', channel="visit_note").clauses) == {Voice.OWN}


def test_only_the_customers_turns_are_read():
    turns = (
        Turn(speaker=Speaker.AGENT, text="Good morning."),
        Turn(speaker=Speaker.CUSTOMER, text="the lift is stuck"),
    )
    reading = read(None, channel="call_transcript", turns=turns)
    assert {clause.part for clause in reading.clauses} == {1}
    assert reading.context == ("Good morning.",)


def test_a_call_without_speakers_is_read_whole_and_says_so():
    assert read("the lift is stuck again", channel="call_transcript").speakers_unknown
    assert not read("the lift is stuck again").speakers_unknown


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_clauses_are_exact_stretches_in_order(text):
    clauses = read(text).clauses
    assert all(text[clause.start : clause.end] == clause.text for clause in clauses)
    assert all(one.end <= other.start for one, other in itertools.pairwise(clauses))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Dzień dobry, proszę o naprawę drzwi wejściowych, ponieważ nie zamykają się od wczoraj wieczorem.", "pl"),
        ("Buenos días, necesito ayuda con la caldera porque no funciona desde ayer por la noche.", "es"),
        ("bonjour", None),
        ("boiler no work two day, baby cold, please you send man", None),
        ("i dey call since monday nobody come o, wahala too much for this house", None),
    ],
)
def test_only_what_is_surely_another_language_is_refused(text, code):
    assert other_language(text) == code
