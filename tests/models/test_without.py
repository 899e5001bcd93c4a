"""What would have changed a label, on the packaged champion and on scorers that were made for it."""

from dataclasses import replace

import pytest

from triage_models.registry import load_champion
from triage_models.scorer import SaysWhatChanges, ScoringInput, Span, Turn
from triage_models.testing import KeywordScorer
from triage_models.without import MOST_READINGS, blanked, change_without

MAIL = ScoringInput(
    id="mail",
    channel="email",
    subject="The lift, again",
    text="The lift is out again.\nYour Mr Poole is a useless lying toad and I told him so. Please ring me about the lift.",
)


@pytest.fixture(scope="module")
def champion():
    return load_champion(None)


def test_without_the_insult_the_label_falls_and_the_words_are_exact(champion):
    change = champion.without(MAIL, "A2")
    assert change is not None and not change.still
    assert "toad" in change.span.text
    assert MAIL.text[change.span.start : change.span.end] == change.span.text
    assert change.after is not None and change.after < change.before


def test_where_two_clauses_say_it_the_label_stays_without_the_louder(champion):
    twice = replace(MAIL, text=f"{MAIL.text} You are all useless lying toads.")
    change = champion.without(twice, "A2")
    assert change is not None and change.still


def test_a_label_that_is_not_raised_has_nothing_to_change(champion):
    assert champion.without(MAIL, "A1") is None
    assert champion.without(replace(MAIL, text=""), "A2") is None


def test_in_a_call_the_customers_own_turn_is_taken_away(champion):
    call = ScoringInput(
        id="call",
        channel="call_transcript",
        turns=(
            Turn(speaker="agent", text="How can I help?"),
            Turn(speaker="customer", text="You are a useless lying toad, you are. When does the plumber come?"),
        ),
    )
    change = champion.without(call, "A2")
    assert change is not None and change.span.part == 1 and "toad" in change.span.text


def test_words_are_blanked_so_that_offsets_and_line_breaks_stay():
    start = MAIL.text.index("again")
    gone = blanked(MAIL, Span(part="text", start=start, end=start + 12, text=MAIL.text[start : start + 12]))
    assert len(gone.text) == len(MAIL.text)
    assert gone.text.count("\n") == 1 and "again" not in gone.text and gone.text.endswith("about the lift.")
    assert blanked(MAIL, Span(part="subject", start=0, end=3, text="The")).subject == "    lift, again"


def test_one_question_costs_a_bounded_number_of_readings(champion):
    class Counting(KeywordScorer):
        readings = 0

        def score(self, inputs):
            self.readings += len(inputs)
            answers = super().score(inputs)
            whole = Span(part="text", start=0, end=len(long.text), text=long.text)
            return [replace(answer, spans=dict.fromkeys(answer.spans, (whole,))) for answer in answers]

    long = ScoringInput(id="long", channel="email", text="You idiot, it is broken. " * 40)
    scorer = Counting()
    change = change_without(scorer, long, "A2", champion_clauses(long))
    assert change is not None and change.still
    assert scorer.readings == 1 + MOST_READINGS


def champion_clauses(contact):
    from triage_models.language import reader

    return reader().read(contact).clauses


def test_not_every_scorer_can_say_what_would_change(champion):
    assert isinstance(champion, SaysWhatChanges)
    assert not isinstance(KeywordScorer(), SaysWhatChanges)


def test_a_vector_is_a_byte_a_number_where_there_is_an_encoder_and_none_without(champion):
    vector = champion.score([MAIL])[0].vector
    assert vector is None if champion.encoder is None else vector is not None and len(vector) == 384


def test_the_vector_of_a_made_encoder_goes_out_in_signed_bytes():
    import numpy as np

    from triage_models.encoder import Encoded
    from triage_models.heads import Judgement
    from triage_models.trained import _vector

    nothing = np.zeros(0, dtype=np.float32)
    meaning = np.zeros(384, dtype=np.float32)
    meaning[:2] = (0.6, -0.8)
    encoded = Encoded(
        contact=nothing, loudest=nothing, evidence=nothing, parts=nothing, bias=nothing, places=(), vector=meaning
    )
    judged = Judgement(joined=nothing, contact=nothing, clause=nothing, best=np.zeros(0, dtype=np.int64))
    packed = _vector(replace(judged, encoded=(encoded,)), 0)
    assert packed is not None and np.frombuffer(packed, dtype=np.int8)[:3].tolist() == [76, -102, 0]
    assert _vector(judged, 0) is None


def test_a_vector_is_in_no_representation_that_a_log_could_print(champion):
    found = replace(champion.score([MAIL])[0], vector=b"\x01" * 384)
    assert "vector" not in repr(found)
