"""The quick looks that spare a letter the slow ones never change what those would find."""

import re

import pytest
import quotequail
from hypothesis import given, settings
from hypothesis import strategies as st
from quotequail import _patterns

from triage_mailbox.signatures import DISCLAIMER_PHRASES, GATEWAY_PHRASES, LEGAL_WORDS, fold
from triage_mailbox.wrapping import find_wrapped, first_possible

PIECES = [
    "",
    " ",
    "Good morning,",
    "The boiler is broken.",
    "my number: 5",
    "see below -",
    "On Mon, 2 Mar 2026 at 09:00, Ada <ada@post.example> wrote:",
    "On Monday Ada",
    "wrote:",
    "2026/03/02 Ada <ada@post.example>",
    "Am Montag schrieb Ada:",
    "Begin forwarded message:",
    "-----Original Message-----",
    "________________________________",
    "From: Ada",
    "*To:* Sam",
    "Sent: Monday",
    "and on it goes",
    "> earlier",
    ">",
    ">> older",
    "> On Monday Ada wrote:",
    " > indented",
    "--",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_lines_that_quotequail_finds_something_in_are_never_passed_over(lines):
    whole, start = quotequail.unwrap("\n".join(lines)), first_possible(lines)
    found = find_wrapped(lines)
    assert (whole is None) == (found is None)
    if whole is None or found is None or start is None:
        return
    assert found.kind == whole["type"]
    top = "\n".join(lines[: found.first]).strip()
    assert top == whole.get("text_top", "")
    assert "\n".join(lines[found.last :]).strip() == whole.get("text_bottom", "")


def test_a_letter_without_any_mark_is_not_given_to_quotequail():
    assert (
        first_possible(["Good morning,", "", "the boiler is broken, again.", "I rang at 10:30, nobody came."]) is None
    )


@pytest.mark.parametrize("pattern", _patterns.REPLY_PATTERNS + _patterns.FORWARD_PATTERNS)
def test_every_pattern_of_quotequail_ends_in_a_mark_that_is_looked_for(pattern):
    assert re.sub(r"[)+$]", "", pattern)[-1] in ":>-_"


@pytest.mark.parametrize("phrase", [*DISCLAIMER_PHRASES, *GATEWAY_PHRASES, LEGAL_WORDS], ids=lambda p: p.pieces[0])
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_whatever_a_stock_phrase_matches_holds_one_of_its_pieces(phrase, data):
    text = data.draw(st.from_regex(phrase.pattern))
    assert phrase.is_in(text, fold(text))


def test_letters_that_pass_for_plain_ones_are_folded_like_the_pattern_takes_them():
    for letter in map(chr, range(0x110000)):
        plain = re.fullmatch(r"[a-z]", letter, re.IGNORECASE)
        if plain and not letter.isascii():
            assert fold(letter).isascii(), letter
