"""In Debian's chromium: how many keys it takes to decide a clear flag from the queue, beyond what is typed as reason and evidence."""

from dataclasses import replace

import pytest

from triage.domain.flag import FlagState
from triage.store.access import Duty
from triage.testing import NOW, invited

pytestmark = pytest.mark.browser

MOST = 6


class Keyboard:
    """Somebody without a mouse. A chord such as Ctrl and Enter counts as one key; words that are typed count as none."""

    def __init__(self, page):
        self.page, self.pressed = page, []

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed.append(key)

    def type(self, words):
        self.page.keyboard.type(words)


@pytest.fixture
def keys(chromium, served, desk):
    page = chromium.new_page()
    page.goto(f"{served}/sign-in?token={invited(desk.store, Duty.REVIEWER, NOW)}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("body.js-enabled")
    yield Keyboard(page)
    page.close()


def _only(desk, flag_id, code):
    """A clear flag: this one, first in the queue, with one clause."""
    with desk.store.begin() as unit:
        flag = unit.flags.get(flag_id)
        unit.flags.update(
            replace(flag, version=flag.version + 1, codes=tuple(item for item in flag.codes if item.code == code)),
            was=flag.version,
        )
        for other in unit.flags.listed():
            if other.id != flag_id:
                closed = replace(other, state=FlagState.DECIDED, version=other.version + 1)
                unit.flags.update(closed, was=other.version)


def _opened(keys, flag_id):
    keys.page.reload()
    keys.page.wait_for_selector("body.js-enabled")
    keys.press("o")
    keys.page.wait_for_url(f"**/flags/{flag_id}")
    keys.page.wait_for_selector("body.js-enabled")


def _decision(desk, flag_id):
    with desk.store.read() as unit:
        return unit.flags.reviews(flag_id)[0].decisions[0]


def test_a_clear_no_takes_six_keys_at_most_beside_its_reason(desk, keys):
    flag_id = desk.landlord.behaviour
    _only(desk, flag_id, "A2")
    _opened(keys, flag_id)
    keys.press("n", "r")
    keys.type("Quoted words, not his own.")
    keys.press("Control+Enter")
    keys.page.wait_for_url("**?done=decided")
    given = _decision(desk, flag_id)
    assert (given.code, given.answer, given.reason) == ("A2", "no", "Quoted words, not his own.")
    assert len(keys.pressed) <= MOST


def test_a_clear_yes_with_its_limb_and_evidence_takes_six_keys_at_most_beside_what_is_typed(desk, keys):
    flag_id = desk.landlord.behaviour
    _only(desk, flag_id, "A2")
    _opened(keys, flag_id)
    keys.press("l", "b", "e")
    keys.type("Mr Poole's statement.")
    keys.press("Tab")
    keys.type("He insulted Mr Poole by name.")
    keys.press("Control+Enter")
    keys.page.wait_for_url("**?done=decided")
    given = _decision(desk, flag_id)
    assert (given.answer, given.limb, given.out_of_character) == ("yes", next(iter(desk.landlord.policy.limbs)), "yes")
    assert (given.limb_evidence, given.reason) == ("Mr Poole's statement.", "He insulted Mr Poole by name.")
    assert len(keys.pressed) <= MOST


def test_pressing_a_choice_again_goes_on_to_the_next_one(desk, keys):
    _only(desk, desk.landlord.behaviour, "A2")
    _opened(keys, desk.landlord.behaviour)
    limbs = list(desk.landlord.policy.limbs)
    keys.press("l", "l", "b", "b", "b")
    checked = keys.page.locator("form[action$='/reviews'] input:checked")
    values = [checked.nth(place).get_attribute("value") for place in range(checked.count())]
    assert {"yes", limbs[1], "unknown"} <= set(values)
    assert not {limbs[0], "no"} & set(values)
