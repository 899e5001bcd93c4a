"""Linking looks at a bounded part of an issue, read from the store as such: the link is that of the whole history."""

from dataclasses import replace
from datetime import timedelta

import pytest

from triage.domain.issue import Issue
from triage.issues import link, past
from triage.store import Store, issues
from triage.testing import NOW, contact, put

WORDS = (
    "The boiler has stopped again.",
    "Any news of the boiler?",
    "The parking bay is taken.",
    "Thank you.",
    "It drips.",
)


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/one.sqlite", durable=False).migrate()
    with store.begin() as unit:
        for name, count in (("long", 40), ("short", 7)):
            unit.issues.add(Issue(id=f"i-{name}", household_ref="C1", opened=NOW, title=name))
            for number in range(count):
                words = WORDS[(number * number + len(name)) % len(WORDS)]
                one = contact(f"{name}-{number}", NOW + timedelta(hours=number), words, subject=f"{name} {number % 3}")
                put(unit, one, f"i-{name}", f"C{number % 3}")
    yield store
    store.close()


def test_as_many_are_read_from_the_store_as_linking_compares():
    assert (issues.FIRST, issues.LAST) == (past.FIRST, past.LAST)


@pytest.mark.parametrize("answers", [None, "long-0", "long-15", "long-39", "short-3"])
@pytest.mark.parametrize("words", WORDS)
def test_the_link_to_a_glimpse_is_the_link_to_the_whole(store, answers, words):
    headers = [f"<{answers}@post.example>"] if answers else []
    new = replace(contact("new", NOW + timedelta(days=3), words), in_reply_to=headers[0] if headers else None)
    with store.read() as unit:
        who = unit.contacts.of_issue("i-short")[0].who
        around = unit.issues.around("C1")
        whole = [unit.issues.history(issue, feed_fresh=True) for issue in around]
        glimpsed = unit.issues.glimpses(around, headers)
    assert {len(history.entries) for history in glimpsed} <= {7, 24, 25}
    assert link(new, who, glimpsed) == link(new, who, whole)
