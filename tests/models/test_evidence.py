"""The words that earned a label: the loudest clause, its loud neighbours, and a second that is nearly as loud."""

import numpy as np

from triage_models.evidence import evidence_spans
from triage_models.language import reader
from triage_models.scorer import ScoringInput

TEXT = "The lift is out again and nobody came. I will wait for the part to arrive. You should come and look at it today. Thank you for your patience with us."


def shown(*loud):
    clauses = reader().read(ScoringInput(id="1", channel="email", text=TEXT)).clauses
    assert len(clauses) == len(loud)
    return [span.text for span in evidence_spans(clauses, np.array(loud, dtype=np.float32), {"text": TEXT})]


def test_the_loudest_clause_is_shown_alone():
    assert shown(-3, 2, -3, -3) == ["I will wait for the part to arrive."]


def test_a_neighbour_as_loud_joins_it():
    assert shown(-3, 2, 1.9, -3) == ["I will wait for the part to arrive. You should come and look at it today."]


def test_a_clause_elsewhere_that_is_nearly_as_loud_is_shown_too():
    assert shown(1.5, -3, 2, -3) == ["You should come and look at it today.", "The lift is out again and nobody came."]


def test_a_bare_word_is_shown_with_what_stands_beside_it():
    text = "No. I will not have it said that the lift was mended. Goodbye."
    clauses = reader().read(ScoringInput(id="1", channel="sms", text=text)).clauses
    spans = evidence_spans(clauses, np.array([3.0, 0.1, -3.0], dtype=np.float32), {"text": text})
    assert spans[0].text == "No. I will not have it said that the lift was mended."


def test_without_clauses_nothing_is_shown():
    assert evidence_spans((), np.empty(0, dtype=np.float32), {}) == ()
