"""References as written and as spoken, and numbers in words."""

import pytest

from triage.domain.reference import canonical, numerals, references


@pytest.mark.parametrize(
    ("said", "reference"),
    [
        ("Hiya, ref C twenty five oh nine eleven", "C-25-0911"),
        ("Is that EST two three nine oh one, with Priya?", "EST-23901"),
        ("I made a data request, DP oh nine one two, and", "DP-0912"),
        ("It's r double seven oh one please", "R-7701"),
        ("Re: the hedge GR-6110", "GR-6110"),
        ("complaint R/917790, again", "R/917790"),
        ("FX-551902 still nothing", "FX-551902/3"),
    ],
)
def test_a_reference_is_found_written_or_spoken(said, reference):
    assert canonical(reference) in references(said)


def test_stages_and_visits_are_one_case_but_a_tenancys_parts_are_not():
    assert canonical("CN-4208/2") == canonical("CN-4208")
    assert canonical("T/204/0312") != canonical("T/204")


def test_prices_times_and_postcodes_are_no_references():
    assert references("It was £486 at 10.30 on 2 September, SE16") == frozenset()


def test_numbers_in_words_become_numerals_where_they_stand():
    assert numerals("sixty one Cobbett Court") == "61 Cobbett Court"
    assert numerals("forty-four three") == "44 3"
    assert numerals("nobody came") == "nobody came"
