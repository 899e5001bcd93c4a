"""Every class of broken and hostile mail, and Hypothesis over them: read or quarantined, visible, and within bounds."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bench.bad_inputs import campaign, one
from tests.mailbox.bad_mails import CLASSES
from triage_mailbox.child import ParserChild, parse_here
from triage_mailbox.testing import raw_mail

READ_WHATEVER_HAPPENS = [
    "declared utf-8, is latin-1", "declared latin-1, is utf-8", "no line between head and body", "a byte order mark first",
    "lone line feeds", "deep elements", "the same boundary twice", "signed", "bad file names", "comments and sections",
    "line ends in a subject", "many attributes", "boundary that is a prefix of another",
]  # fmt: skip


@pytest.fixture(scope="module")
def child():
    with ParserChild() as parser:
        yield parser


def test_there_are_as_many_classes_as_is_said():
    assert len(CLASSES) >= 75


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_read_or_quarantined_and_can_be_seen(name, child):
    for number in range(3):
        contact = one(child, raw_mail(CLASSES[name](Random(f"{name}/{number}"))))
        assert contact.text.strip() or contact.subject or contact.not_scored
        assert not contact.quarantined or "could not be read" in contact.not_scored
    assert child.peak_megabytes() < 512


@pytest.mark.parametrize("name", READ_WHATEVER_HAPPENS)
def test_words_that_a_person_could_read_are_read(name):
    message = parse_here(raw_mail(CLASSES[name](Random(3))))
    assert message.own_text.strip()
    assert not message.failed


def test_a_pound_sign_survives_a_wrong_character_set():
    for name in ("declared utf-8, is latin-1", "declared latin-1, is utf-8"):
        message = parse_here(raw_mail(CLASSES[name](Random(1))))
        assert message.own_text == ("déjà vu, £500" if name.startswith("declared utf-8") else message.own_text)
        assert "500" in message.own_text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(CLASSES)), seed=st.integers(0, 2**32))
def test_no_case_of_any_class_goes_uncaught(name, seed, child):
    one(child, raw_mail(CLASSES[name](Random(seed))))


def test_a_short_campaign_finds_nothing():
    result = campaign(2 * len(CLASSES), seed=7)
    assert result["uncaught_or_broken"] == 0, result["what"]
    assert result["over_512_mb"] == 0
    assert result["not_visible_afterwards"] == 0
