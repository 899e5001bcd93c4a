"""Only what a person decided becomes an example, only of words, and never anything of safeguarding (requirement C26)."""

from datetime import timedelta

import pytest

from triage import deciding
from triage.domain.flag import FlagKind
from triage.domain.review import Answer, ClauseDecision, OutOfCharacter, Review, VisitPlanned
from triage.export import examples

THREAT = "If your man comes here again I will break his legs, I mean it."


def decide(desk, answer, kind=FlagKind.BEHAVIOUR):
    with desk.store.begin() as unit:
        [flag] = unit.flags.listed(kinds=(kind,))
        yes = (
            {
                "limb": "distress",
                "limb_evidence": "the officer's statement",
                "out_of_character": OutOfCharacter.NO,
                "visit_planned": VisitPlanned.UNKNOWN,
            }
            if answer is Answer.YES and kind is FlagKind.BEHAVIOUR
            else {}
        )
        decisions = tuple(
            ClauseDecision(code=code.code, answer=answer, reason="plain to see in the words", **yes)
            for code in flag.codes
        )
        now = desk.clock()
        deciding.decide(
            unit,
            Review(
                id="r1",
                flag_id=flag.id,
                flag_version=flag.version,
                reviewer="Ana",
                context_viewed_at=now,
                at=now + timedelta(minutes=1),
                decisions=decisions,
            ),
            desk.pipeline.policy,
        )
        return flag


@pytest.mark.parametrize(("answer", "label"), [(Answer.YES, True), (Answer.NO, False)])
def test_a_decision_is_an_example_of_the_words_it_was_about(desk, answer, label):
    desk.contact(
        "2026-05-05T10:00",
        f"Good morning.\n\n{THREAT}\n\nOn Mon, 4 May 2026 at 09:00, Bob <bob@x.example> wrote:\n> quoted words\n",
    )
    decide(desk, answer)
    with desk.store.read() as unit:
        [row] = list(examples(unit))
    assert row["labels"] == {"A1": label}
    assert THREAT in row["text"]
    assert "quoted words" not in row["text"]
    assert (row["customer"], row["reviewer"]) == ("c-ivy", "Ana")


def test_an_unsure_teaches_nothing(desk):
    desk.contact("2026-05-05T10:00", THREAT)
    decide(desk, Answer.UNSURE)
    with desk.store.read() as unit:
        assert list(examples(unit)) == []


def test_safeguarding_never_trains(desk):
    desk.contact("2026-05-05T10:00", "I can't go on like this. I am going to kill myself tonight.")
    decide(desk, Answer.YES, FlagKind.SAFEGUARDING)
    with desk.store.read() as unit:
        assert list(examples(unit)) == []


def test_undecided_flags_never_train(desk):
    desk.contact("2026-05-05T10:00", THREAT)
    with desk.store.read() as unit:
        assert list(examples(unit)) == []
