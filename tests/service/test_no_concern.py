"""A contact that people of the safeguarding role decided to be no concern is an ordinary one, for as long as that stands."""

from datetime import timedelta

from triage import deciding
from triage.domain.flag import FlagKind, FlagState
from triage.domain.policy import shipped_policy
from triage.domain.review import Answer, ClauseDecision, Review

PRESSES = (
    "A ballot is all very well, I am the sixteenth.",
    "The object remains. Kindly relocate it.",
    "Ten yards to the left would satisfy me.",
    "I see the backs of heads all day long.",
    "Have it shifted.",
    "It ought to face the pond, not my lounge.",
)


def bench(desk, at, text):
    return desk.contact(at, text, subject="The bench by the pond")


def card(desk):
    with desk.store.read() as unit:
        (found,) = unit.flags.listed(states=(FlagState.OPEN, FlagState.DECIDED), kinds=(FlagKind.SAFEGUARDING,))
    return found


def decide(desk, answer, id="v1"):
    flag, now = card(desk), desk.clock()
    decision = ClauseDecision(code="S0", answer=answer, reason="We rang her: it was a film that she had seen.")
    review = Review(
        id=id,
        flag_id=flag.id,
        flag_version=flag.version,
        reviewer="Ana",
        context_viewed_at=now - timedelta(minutes=5),
        at=now,
        decisions=(decision,),
    )
    with desk.store.begin() as unit:
        deciding.decide(unit, review, shipped_policy())


def patterns(desk):
    """The clauses that the newest look at the one issue puts forward."""
    (issue_id,) = desk.issues()
    with desk.store.read() as unit:
        last = unit.issues.last_assessment(issue_id)
    return {finding.code for finding in last.findings}, last.circumstances


def tell(desk):
    bench(desk, "2026-02-02T09:00", "Would you kindly have the bench by the pond moved?")
    desk.reply(
        "2026-02-04T15:00",
        "The bench stays where it is. I am the person to write to.",
        subject="Re: The bench by the pond",
    )
    bench(desk, "2026-02-09T09:00", "He put his hands round my throat last night.")
    for day in ("10", "12"):
        for hour, words in enumerate(PRESSES):
            bench(desk, f"2026-02-{day}T{9 + hour:02d}:05", words)
        desk.reply(f"2026-02-{day}T18:00", "It stays, I am sorry.", subject="Re: The bench by the pond")
    desk.pass_time("2026-02-12T19:00")


def test_what_was_decided_to_be_no_concern_counts_from_the_next_round_on(desk):
    tell(desk)
    codes, circumstances = patterns(desk)
    assert "P1" not in codes and "With safeguarding." in circumstances
    decide(desk, Answer.NO)
    desk.pass_time("2026-02-12T19:01")
    codes, circumstances = patterns(desk)
    assert "P1" in codes and "With safeguarding." not in circumstances


def test_a_concern_that_was_confirmed_stays_out_of_every_count(desk):
    tell(desk)
    decide(desk, Answer.YES)
    desk.pass_time("2026-02-12T19:01")
    assert "P1" not in patterns(desk)[0]


def test_taking_the_decision_back_or_opening_it_again_takes_the_contact_out_of_the_count(desk):
    tell(desk)
    decide(desk, Answer.NO)
    desk.pass_time("2026-02-12T19:01")
    with desk.store.begin() as unit:
        deciding.undo(unit, card(desk).id, "Ana", desk.clock())
    desk.pass_time("2026-02-12T19:02")
    assert "P1" not in patterns(desk)[0]
    decide(desk, Answer.NO, id="v2")
    desk.pass_time("2026-02-12T19:03")
    assert "P1" in patterns(desk)[0]
    with desk.store.begin() as unit:
        deciding.reopen(unit, card(desk).id, "Bea", "She rang again.", desk.clock())
    desk.pass_time("2026-02-12T19:04")
    assert "P1" not in patterns(desk)[0]


def test_the_words_stay_with_safeguarding_whatever_was_decided(desk):
    tell(desk)
    decide(desk, Answer.NO)
    with desk.store.read() as unit:
        assert unit.contacts.safeguarded([contact.contact.id for contact in unit.contacts.all()])
