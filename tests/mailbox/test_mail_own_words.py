"""The sender's own words, exactly, from the reply formats of many programs and languages, and from traps."""

import pytest

from tests.mailbox.own_words.cases import cost, own_words, read_cases, same

CASES = read_cases()


def test_the_set_is_as_large_as_it_is_said_to_be():
    assert len(CASES) >= 80
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(case.name.startswith("trap") for case in CASES) >= 15


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_own_words_are_found_exactly(case):
    got = own_words(case)
    dropped, _ = cost(got, case.own)
    assert dropped == 0, got
    assert same(got, case.own), got
