"""What a mail program sets before a subject is no word of the writer's."""

import pytest

from triage.domain.subject import is_marked, unmarked
from triage.testing import NOW, contact


@pytest.mark.parametrize(
    "subject", ["Re: Boiler", "FW:Boiler", "AW: Boiler", "[EXTERNAL] Re: Boiler", "[Ext] [List] Fwd: Boiler"]
)
def test_a_marked_subject_is_not_said_by_the_writer(subject):
    assert is_marked(subject) and unmarked(subject) == "Boiler"
    assert contact("c", NOW, "Still off.", subject=subject).said == "Still off."


@pytest.mark.parametrize("subject", ["Boiler", "Re boiler", "Reboiler: off", "[T-1234] Re: Boiler"])
def test_any_other_subject_is(subject):
    assert not is_marked(subject)
    assert contact("c", NOW, "Still off.", subject=subject).said == f"{subject}\nStill off."


def test_a_tag_with_a_digit_stays_since_it_may_be_a_case_number():
    assert unmarked("Re: [C-25-0911] Boiler") == "[C-25-0911] Boiler"
