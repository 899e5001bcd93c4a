"""Every number of the policy file changes something: one that nothing reads would be a setting that lies."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from triage.domain.acknowledging import Hours, first_look_by
from triage.domain.contact import Channel
from triage.domain.incident import Candidate, IncidentRecord, Known, warning_to_discuss
from triage.domain.policy import LARGEST_NUMBER, Policy, shipped_policy
from triage.domain.record import STANDARDS
from triage.domain.review import Answer, VisitPlanned
from triage.domain.workdays import LONDON

NUMBERS = [(code, name) for code, clause in shipped_policy().clauses.items() for name in clause.thresholds]
NOW = datetime(2026, 3, 12, 12, tzinfo=LONDON)
ASKS = ("The bench again, if you please.", "It faces the wrong way.", "Have it shifted.", "I see backs of heads.")
OURS = tuple(f"{name}@landlord.example" for name in ("a", "b", "c", "d", "e"))


def bench(story: Any) -> None:
    """Steady, twice busy, by many routes and to many of us; a decision; a doubtful and a sure sign of safeguarding, calls."""
    story.comes("2025-12-01T09:00", "Would you have the bench moved?")
    story.we_say("2025-12-02T15:00", "The bench stays where it is. I am the person to write to.")
    story.record("2026-01-20T10:00", "final_response", "Final: it stays; the Ombudsman is next.")
    at = datetime(2025, 12, 4, 10, tzinfo=LONDON)
    while at < NOW:
        busy = at.date().isoformat() in ("2026-03-02", "2026-03-09", "2026-02-26")
        for hour in range(7 if busy else 1):
            words = ASKS[(hour + at.day) % len(ASKS)] + f" {at:%d %B} {hour}"
            route = f"team{(hour + at.day) % 4}@landlord.example"
            story.comes(
                f"{at + timedelta(hours=hour):%Y-%m-%dT%H:%M}", words, route=route, to=OURS if hour == 2 else ()
            )
        story.we_say(f"{at + timedelta(hours=9):%Y-%m-%dT%H:%M}", "It stays, I am sorry.")
        at += timedelta(days=2 if at.day % 2 else 1)
    for minute in (5, 13, 28):
        story.comes(f"2026-03-10T11:{minute:02d}", "Well? What of the bench?", channel=Channel.CALL)
        story.comes(f"2026-03-10T12:{minute:02d}", "The same as ever: move it. Move it today.")


def worried(story: Any) -> None:
    bench(story)
    story.comes("2026-02-20T08:00", "He put his hands round my throat last night.")


def late(story: Any) -> None:
    """Half of what would count fell while we were late."""
    story.comes("2026-02-02T09:00", "Would you have the bench moved?")
    story.record("2026-02-02T10:00", "owner_told", "A. Pell deals with it.")
    story.record("2026-02-03T10:00", "final_response", "Final.")
    for day in ("12", "13"):
        for hour in range(7):
            story.comes(
                f"2026-02-{day}T{9 + hour:02d}:00", f"{ASKS[hour % 4]} {hour}", route=f"r{hour}@landlord.example"
            )
    story.comes("2026-02-14T09:00", "I have a new photo of it, attached.")
    story.comes("2026-02-02T11:00", "I want this looked at.")
    story.we_say("2026-02-16T09:00", "It stays.")
    for day in ("17", "18"):
        for hour in range(7):
            story.comes(
                f"2026-02-{day}T{9 + hour:02d}:00", f"{ASKS[hour % 4]} {hour}", route=f"r{hour}@landlord.example"
            )
        story.we_say(f"2026-02-{day}T18:00", "It stays.")


def named(story: Any) -> None:
    for day in ("02", "06", "10"):
        story.comes(f"2026-03-{day}T10:00", f"I will only deal with Gareth, not her. {day}")
        story.we_say(f"2026-03-{day}T15:00", "Gareth has moved to another patch, so Gemma looks after your street now.")


def hurried(story: Any) -> None:
    story.comes("2026-03-02T10:00", "Please send me a rent statement.")
    story.we_say("2026-03-02T12:00", "We answer within five working days.")
    story.comes("2026-03-03T09:30", "I want an answer by noon today.")
    story.comes("2026-03-04T09:30", "I need the statement by 5 o'clock tonight.")


def examined(story: Any) -> None:
    for day in ("2025-11-02", "2025-12-02", "2026-01-12"):
        story.record(f"{day}T10:00", "inspection_no_fault", "Tested, works.")
    story.comes("2026-03-03T10:00", "The intercom buzzer again, please.")


def outside(story: Any) -> None:
    story.record("2026-02-20T10:00", "remit_letter", "The council adopted the road; ring them.")
    for day in ("03", "05"):
        story.comes(f"2026-03-{day}T10:00", f"Mend the road outside, I insist. {day}")


def accuses(story: Any) -> None:
    for month in ("09", "11"):
        story.record(f"2025-{month}-20T10:00", "allegation_not_upheld", "Looked into.")
    story.comes("2026-03-03T10:00", "He is a thief and you all know it.", labels={"A3": 0.9})


STORIES: tuple[Callable[[Any], None], ...] = (bench, worried, late, named, hurried, examined, outside, accuses)


def incident(code: str, at: datetime) -> IncidentRecord:
    yes = Candidate(
        code=code, model=None, score=None, evidence="", answer=Answer.YES, reason="heard it", limb="distress"
    )
    known = Known(
        late=(),
        owed=(),
        last_reply=None,
        complaint_stage=None,
        final_decision=None,
        inspections=(),
        circumstances=(),
        adjustments=(),
        restrictions=(),
        earlier=(),
    )
    return IncidentRecord(
        id=at.isoformat(),
        flag_id="f",
        review_id="v",
        created=at,
        policy="p",
        customer_ref="t",
        household_ref=None,
        address=None,
        sources=(),
        candidates=(yes,),
        targets=(),
        known=known,
        cards=(),
        statements=(),
        visit_planned=VisitPlanned.NO,
        next_step=None,
        less_intrusive="",
        proportionality="",
        equality="",
        decided_by="x",
        second_by=None,
        not_involved=True,
    )


CONFIRMED = [incident("A2", NOW - timedelta(days=40))]


def results(story: Any, policy: Policy) -> Iterator[object]:
    """Whatever numbers can change, over all the stories: clocks, the talk about a warning, patterns."""
    yield [first_look_by(code, NOW, policy, Hours()) for code in policy.clauses]
    yield warning_to_discuss(CONFIRMED, policy, NOW)
    for tell in reversed(STORIES):
        story.entries, story.records, story.policy = [], [], policy
        tell(story)
        patterns = story.patterns(NOW.replace(tzinfo=None).isoformat())
        yield [(each.code, each.judgement, each.elements, each.contacts) for each in patterns]


_usual: list[object] = []


@pytest.fixture
def usual(story: Any, policy: Policy) -> list[object]:
    """What the policy as shipped finds; worked out once."""
    if not _usual:
        _usual.extend(results(story, policy))
    return _usual


@pytest.mark.parametrize(("code", "name"), NUMBERS)
def test_a_number_moved_to_an_extreme_changes_what_is_found(
    story: Any, policy: Policy, usual: list[object], code: str, name: str
) -> None:
    clause = policy.clause(code)
    for number in (0, LARGEST_NUMBER):
        moved = replace(clause, thresholds={**clause.thresholds, name: number})
        found = results(story, replace(policy, clauses={**policy.clauses, code: moved}))
        if any(one != other for one, other in zip(found, usual, strict=True)):
            return
    pytest.fail(f"Nothing reads {name} of clause {code}: make a rule read it, or leave it out of the policy file.")


@pytest.mark.parametrize("name", STANDARDS)
def test_a_service_standard_moved_changes_what_is_owed(story: Any, policy: Policy, name: str) -> None:
    story.comes("2026-03-02T09:00", "Would you have the bench moved?")
    story.comes("2026-03-02T10:00", "Water is coming in through the light.", labels={"HZ": 0.99})
    story.comes("2026-03-03T09:00", "I want to make a formal complaint about the bench.")
    story.record("2026-03-04T09:00", "acknowledged", "Stage 1.")
    story.record("2026-03-20T09:00", "stage1_response", "The bench stays.")
    story.record("2026-03-25T09:00", "acknowledged", "Stage 2.")
    usual = story.owed("2026-03-26T09:00")
    story.policy = replace(policy, standards=replace(policy.standards, **{name: 3}))
    assert story.owed("2026-03-26T09:00") != usual


def test_a_second_confirmed_abuse_within_half_a_year_is_a_reason_to_talk_about_a_warning(policy: Policy) -> None:
    assert "written warning" in warning_to_discuss(CONFIRMED, policy, NOW)
    assert not warning_to_discuss([], policy, NOW)
    assert not warning_to_discuss([incident("A2", NOW - timedelta(days=200))], policy, NOW)
    assert not warning_to_discuss([incident("A1", NOW - timedelta(days=40))], policy, NOW)
