"""The gist beside the words: both are weighed, a silent side has none, and no gist leaves everything as the words have it."""

from triage.domain.acts import Act, chance, log_odds
from triage.domain.gist import OURS, THEIRS, Gist
from triage.domain.words import asks_next_stage, closes, refers_outside, requests_records, wants_something

CLOSED = Gist(model="m", theirs=tuple({"closing": 6.0, "needs": -6.0}.get(act, -3.0) for act in THEIRS))
WANTS = Gist(model="m", theirs=tuple({"needs": 6.0, "closing": -6.0}.get(act, -3.0) for act in THEIRS))
UNCLEAR = "The breakdown is clear to me as it stands."


def test_what_words_leave_open_the_gist_decides() -> None:
    assert closes(UNCLEAR, CLOSED) and not wants_something(UNCLEAR, CLOSED)
    assert wants_something(UNCLEAR, WANTS) and not closes(UNCLEAR, WANTS)


def test_without_a_gist_the_words_stand() -> None:
    assert log_odds(Act.NEEDS, UNCLEAR) == log_odds(Act.NEEDS, UNCLEAR, None)
    assert log_odds(Act.NEEDS, UNCLEAR) != log_odds(Act.NEEDS, UNCLEAR, WANTS)


def test_a_side_that_is_silent_is_not_read_by_the_other_s_gist() -> None:
    ours = Gist(model="m", ours=tuple(6.0 for _ in OURS))
    assert ours.says("needs") is None and ours.says("hold") == 6.0
    assert log_odds(Act.NEEDS, UNCLEAR, ours) == log_odds(Act.NEEDS, UNCLEAR)


def test_nothing_said_does_nothing_whatever_the_gist_says() -> None:
    assert chance(Act.NEEDS, "  ", WANTS) == 0


def test_what_phrases_do_not_know_is_an_accepted_route_by_its_gist() -> None:
    def only(act: str) -> Gist:
        return Gist(model="m", theirs=tuple(5.0 if name == act else -5.0 for name in THEIRS))

    said = "My MP's office has my papers now and so has the lady at the law centre."
    assert not refers_outside(said, only("press")) and refers_outside(said, only("outside"))
    assert not asks_next_stage(said, only("press")) and asks_next_stage(said, only("stage"))
    assert not requests_records(said, only("press")) and requests_records(said, only("records"))


def test_what_a_phrase_seems_to_say_a_gist_can_rule_out() -> None:
    said = "You have had copies of my file twice. The charge must go."
    quite = Gist(model="m", theirs=tuple(-1.0 for _ in THEIRS))
    surely_not = Gist(model="m", theirs=tuple(-5.0 for _ in THEIRS))
    assert requests_records(said) and requests_records(said, quite) and not requests_records(said, surely_not)
