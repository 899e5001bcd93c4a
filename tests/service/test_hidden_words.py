"""Words that were hidden before we saw them are counted, shown and never taken for abuse by themselves."""

import pytest

from triage.domain.contact import Channel, Contact, Direction, Speaker, Turn
from triage.testing import NOW


def call(*said):
    agent = Turn(speaker=Speaker.AGENT, text="Repairs, how can I help?")
    turns = (agent, *(Turn(speaker=Speaker.CUSTOMER, text=words, masked=1) for words in said))
    return Contact(
        id="c", at=NOW, received=NOW, direction=Direction.IN, channel=Channel.CALL, deliveries=(), turns=turns
    )


@pytest.mark.parametrize(
    "words",
    [
        "**** ****",
        "**** off",
        "The **** lift is **** broken again.",
        "It is [expletive] freezing in here and nobody has come.",
        "My name is [PII] and I live at [PII].",
    ],
)
def test_a_hidden_word_alone_is_never_verbal_abuse(reader, words):
    (scores,) = reader.read([call(words)])
    assert not scores.has("A2")


def test_a_call_with_nothing_but_hidden_words_is_not_called_clean(reader):
    (scores,) = reader.read([call("**** ****")])
    assert scores.not_scored is not None


def test_what_is_said_around_a_hidden_word_still_counts(reader):
    (scores,) = reader.read([call("You **** useless ****, you stupid ****.")])
    assert scores.has("A2")
