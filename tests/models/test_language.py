"""Whose words they are, and that clauses are exact stretches of what the customer wrote."""

import itertools
import time

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


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        (
            "pl",
            (
                "Jak jeszcze raz przyjdziesz do mojego domu to cię zabiję, wiem gdzie mieszkasz",
                "prosze przyjechac do mnie bo to juz trzeci raz i nie ma cieplej wody a dziecko jest chore",
            ),
        ),
        (
            "es",
            (
                "Si vuelves a venir a mi casa te voy a matar, sé dónde vives y a qué hora sales",
                "No me llega el agua a la cocina y no sé a quién llamar, por favor me tienen que ayudar",
            ),
        ),
        (
            "so",
            (
                "Haddii aad mar kale gurigayga timaado waan ku dilayaa, waan garanayaa meesha aad ku nooshahay",
                "Fadlan ii soo dira qof hagaajiya kuleyliyaha guriga, carruurtu way qabow yihiin habeenkii oo dhan",
            ),
        ),
        (
            "ro",
            (
                "Dacă mai vii o dată la mine acasă te omor, știu unde locuiești și ce mașină ai",
                "Nu avem apa calda de trei zile si nu are cine sa vina, va rog sa trimiteti pe cineva",
            ),
        ),
        (
            "pt",
            (
                "Se voltares a minha casa eu mato-te, sei onde moras e a que horas sais do trabalho",
                "Não tenho água quente há três dias e o bebé está doente, por favor mandem alguém",
            ),
        ),
        (
            "cy",
            (
                "Os doi di i fy nhŷ eto mi wna i dy ladd di, dw i'n gwybod ble rwyt ti'n byw",
                "Does dim dŵr poeth yn y tŷ ers tri diwrnod ac mae'r babi yn sâl, anfonwch rywun os gwelwch yn dda",
            ),
        ),
        (
            None,  # dialects of these islands
            (
                "Ah cannae thole this ony mair, the watter's pishin through the ceilin an naebody's come oot tae see tae it",
                "Me bab's bad wi his chest cos o that mowld, yow lot ay done nuffin abowt it, cor yow send sumone",
            ),
        ),
        (
            None,  # English as a second language
            (
                "Good day, is write Fatima flat 12, heating is broke again, childs is sick, no answer telephone, plz come",
                "I am not understand why you take money from my account, I pay already rent in this month, I need explain",
            ),
        ),
        (None, ("dis ting nah wuk, mi tell unnu from long time seh di pipe a leak an mi cyaan tek it no more",)),
        (None, ("FLAT 4 FLAT 9 FLAT 12A BRIAR COURT ELM COURT OAK ROAD",)),
    ],
)
def test_other_languages_are_told_from_other_englishes(code, texts):
    assert [other_language(text) for text in texts] == [code] * len(texts)


def test_words_that_others_said_are_found_in_moments_however_often_anybody_said_something():
    started = time.process_time()
    clauses = read("he said and 'no' " * 5_000).clauses
    assert time.process_time() - started < 10
    assert {token.voice for clause in clauses for token in clause.tokens if token.word == "and"} == {Voice.REPORTED}
