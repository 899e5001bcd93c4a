"""Disguises are undone, ordinary words are left alone, and every character knows where it came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage_models.normalise import normalise


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("id1ot", "idiot"),
        ("i d i o t", "idiot"),
        ("i.d.i.o.t", "idiot"),
        ("ｉｄｉｏｔ", "idiot"),
        ("idi\u200bot", "idiot"),
        ("id\u0456ot", "idiot"),
        ("idiiiiot", "idiot"),
        ("m*ron", "moron"),
        ("“No”", '"no"'),
    ],
)
def test_a_disguise_is_undone(disguised, plain):
    assert normalise(disguised).text == plain


@pytest.mark.parametrize(
    "plain", ["flat 3b, £50, m8", "call 999 at 10.30am", "e-mail re-sent to a_b", "the m25 and b12", "block 5 - door 1"]
)
def test_ordinary_words_with_digits_stay_as_they_are(plain):
    assert normalise(plain).text == plain


def test_a_stretch_of_the_normal_text_leads_back_to_the_exact_source_words():
    source = "You are an i\u200b d i o t, Sir"
    normal = normalise(source)
    start = normal.text.index("idiot")
    first, last = normal.source_span(start, start + 5)
    assert source[first:last] == "i\u200b d i o t"


@given(st.text(max_size=200))
def test_any_text_can_be_normalised_and_its_offsets_only_rise(source):
    normal = normalise(source)
    assert len(normal.text) == len(normal.offsets)
    assert list(normal.offsets) == sorted(normal.offsets)
    assert all(0 <= offset < len(source) for offset in normal.offsets)
