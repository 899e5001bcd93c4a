"""Who somebody says they are speaks neither for nor against abuse."""

import pytest

from triage_models.anybody import READ_SO, as_anybody
from triage_models.labels import Speaker
from triage_models.registry import load_champion
from triage_models.scorer import ScoringInput, Turn

WORDS = "The lift has been out for three days and nobody rings back."
WHO = ("Muslim", "a Muslim", "a white man", "Jewish", "a gay man", "Black", "an Irish Traveller", "trans", "Somali")


def mail(text: str) -> ScoringInput:
    return ScoringInput(id="x", channel="email", subject="Lift", text=text)


@pytest.fixture(scope="module")
def champion():
    return load_champion(None)


@pytest.mark.parametrize("who", WHO)
def test_what_somebody_is_is_left_out_and_every_offset_stays(who: str) -> None:
    other = as_anybody(mail(f"I am {who}. {WORDS}"))
    assert other is not None and other.text is not None
    assert other.text.startswith("I am one") and len(other.text) == len(f"I am {who}. {WORDS}")
    assert other.text.endswith(f". {WORDS}")


@pytest.mark.parametrize(
    "words",
    [
        "I won't have a Muslim in my house.",
        "You are as black as your heart.",
        "I'm black and blue from that step.",
        "I am deaf, please write.",
        "He is Polish and so is she.",
        WORDS,
    ],
)
def test_what_is_said_of_others_or_of_a_disability_stays(words: str) -> None:
    assert as_anybody(mail(words)) is None


def test_in_a_call_it_is_the_customers_own_turns() -> None:
    turns = (
        Turn(speaker=Speaker.AGENT, text="I'm Polish too."),
        Turn(speaker=Speaker.CUSTOMER, text="I'm Polish, love."),
    )
    other = as_anybody(ScoringInput(id="x", channel="call_transcript", turns=turns))
    assert other is not None
    assert other.turns == (turns[0], Turn(speaker=Speaker.CUSTOMER, text="I'm one   , love."))


def test_abuse_is_read_the_same_of_anybody_and_shown_in_the_writers_own_words(champion) -> None:
    insult = "Your Dean is a stupid lazy idiot and a waste of space."
    everybody = champion.score([mail(f"I am {who}. {insult}") for who in WHO])
    first = everybody[0]
    assert "A2" in first.flagged
    for who, scores in zip(WHO, everybody, strict=True):
        assert max(abs(scores.probabilities[x] - first.probabilities[x]) for x in READ_SO) < 0.02
        text = f"I am {who}. {insult}"
        for span in scores.spans["A2"]:
            assert span.text == (text if span.part == "text" else "Lift")[span.start : span.end]


def test_the_other_labels_hear_it(champion) -> None:
    plain, said = champion.score(
        [mail("Send a woman plumber please."), mail("I am Muslim. Send a woman plumber please.")]
    )
    assert plain.probabilities["D1"] != said.probabilities["D1"]
