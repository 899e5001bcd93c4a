"""What is kept as read has a limit in characters, and what was kept within one transaction is kept or lost together."""

import pytest
from sqlalchemy.exc import IntegrityError

from triage.domain.issue import Issue
from triage.domain.remembered import LONG, LONG_TEXTS, remembered
from triage.store import Store
from triage.store.codec import Known, pack
from triage.testing import NOW


def body(name):
    return pack(Issue(id=name, household_ref="C1", opened=NOW))


def test_values_asked_for_last_are_kept_up_to_the_limit():
    known = Known(most=3 * len(body("a")))
    first = known.read(Issue, body("a"))
    for name in "bca":
        known.read(Issue, body(name))
    assert known.read(Issue, body("a")) is first
    for name in "defg":
        known.read(Issue, body(name))
    assert len(known) == 3
    assert known.read(Issue, body("a")) == first
    assert known.read(Issue, body("a")) is not first


def test_few_answers_about_long_texts_are_kept():
    asked = []

    @remembered
    def answer(text: str) -> int:
        asked.append(text)
        return len(text)

    texts = ["x" * (LONG + number) for number in range(1, LONG_TEXTS + 2)]
    assert [answer(text) for text in [*texts, *texts[-2:]]][-1] == len(texts[-1])
    assert len(asked) == len(texts)
    answer(texts[0])
    assert len(asked) == len(texts) + 1


def test_what_is_begun_at_once_is_kept_together_or_lost_together(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/s.sqlite", durable=False).migrate()

    def add(name):
        with store.begin() as unit:
            unit.issues.add(Issue(id=name, household_ref="C1", opened=NOW))

    def add_all(*names):
        for name in names:
            add(name)

    with store.at_once():
        add_all("kept")
    with pytest.raises(IntegrityError), store.at_once():
        add_all("lost", "kept")
    with store.read() as unit:
        assert [issue.id for issue in unit.issues.all()] == ["kept"]
    store.close()
