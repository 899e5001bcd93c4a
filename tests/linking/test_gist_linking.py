"""Linking by the gist: where no word is shared the nearer matter has it; another model's directions are compared with nothing."""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from triage.domain.contact import Contact
from triage.domain.gist import THEIRS, Gist
from triage.issues import link

SHOWER, RENT = np.eye(128)[:2]


def gist(direction: Any, model: str = "m") -> Gist:
    packed = np.round(127 * direction).astype(np.int8)
    about = base64.b64encode(packed.tobytes()).decode("ascii")
    return Gist(model=model, theirs=tuple(0.0 for _ in THEIRS), about=about)


@pytest.fixture
def two(contact: Callable[..., Contact], history_of: Any) -> Any:
    shower = history_of("shower", "ann", contact("The shower runs cold.", day=0, gist=gist(SHOWER)))
    rent = history_of("rent", "ann", contact("When does my statement come?", day=0.1, gist=gist(RENT)))
    return [shower, rent]


@pytest.mark.parametrize(("direction", "issue"), [(SHOWER, "shower"), (RENT, "rent")])
def test_the_nearer_matter_has_what_names_none(contact: Any, known: Any, two: Any, direction: Any, issue: str) -> None:
    found = link(contact("Any news about that?", day=2, gist=gist(direction)), known("ann"), two)
    assert found.issue_id == issue
    assert "gist alike" in {step.kind for step in found.evidence}


def test_another_model_s_direction_is_compared_with_nothing(contact: Any, known: Any, two: Any) -> None:
    found = link(contact("Any news about that?", day=2, gist=gist(SHOWER, "n")), known("ann"), two)
    assert "gist alike" not in {step.kind for step in found.evidence}


def test_without_a_gist_the_words_decide_as_before(contact: Any, known: Any, two: Any) -> None:
    found = link(contact("The shower is cold again.", day=2), known("ann"), two)
    assert found.issue_id == "shower" and not any("gist" in step.kind for step in found.evidence)
