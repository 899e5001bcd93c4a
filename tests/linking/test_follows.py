"""How a contact follows on an issue: thanks on what was just done, in whatever order the issues stand; no word is looked at."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from triage.domain.contact import Channel, Contact, Direction
from triage.domain.gist import OURS, THEIRS, Gist
from triage.issues.follows import INPUTS, follows, inputs
from triage.issues.past import Past, gather

ABOUT = base64.b64encode(np.full(128, 11, dtype=np.int8).tobytes()).decode("ascii")


def gist(*acts: str) -> Gist:
    ours = tuple(4.0 if act in acts else -4.0 for act in OURS) if set(acts) & set(OURS) else ()
    theirs = () if ours else tuple(4.0 if act in acts else -4.0 for act in THEIRS)
    return Gist(model="m", ours=ours, theirs=theirs, about=ABOUT)


@pytest.fixture
def pasts(contact: Callable[..., Contact], history_of: Any) -> list[Past]:
    asked = contact("The tap drips.", day=0, channel=Channel.SMS, gist=gist("needs", "first"))
    told = contact("Friday.", day=3, channel=Channel.SMS, direction=Direction.OUT, gist=gist("answer"))
    waits = contact("May I have a permit?", day=1, channel=Channel.EMAIL, gist=gist("needs", "first"))
    histories = [history_of("tap", "ann", asked, told), history_of("permit", "ann", waits)]
    return gather(histories, frozenset(), frozenset())


def test_thanks_follow_on_what_was_just_answered(contact: Any, pasts: list[Past]) -> None:
    tap, permit, new = follows(contact("he came, ta", day=3.2, channel=Channel.SMS, gist=gist("closing")), pasts)
    assert tap > permit + 0.5 and tap > new + 0.5


def test_the_order_of_the_issues_is_nothing_to_it(contact: Any, pasts: list[Past]) -> None:
    thanks = contact("he came, ta", day=3.2, channel=Channel.SMS, gist=gist("closing"))
    there, back = follows(thanks, pasts), follows(thanks, pasts[::-1])
    assert np.allclose(there[[1, 0, 2]], back)


def test_words_are_not_looked_at_and_what_comes_later_is_not_known(contact: Any, pasts: list[Past]) -> None:
    thanks = contact("he came, ta", day=2, channel=Channel.SMS, gist=gist("closing"))
    rows = inputs(thanks, pasts)
    assert rows.shape == (3, INPUTS) and np.isfinite(rows).all()
    assert np.array_equal(rows, inputs(replace(thanks, text="it rains ok"), pasts))
    soon = replace(thanks, at=thanks.at + timedelta(days=2))
    assert not np.array_equal(rows[0], inputs(soon, pasts)[0])
