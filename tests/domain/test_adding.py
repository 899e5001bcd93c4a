"""What a contact adds, read in its place: the same words after our question and after our refusal, and as readers of histories say."""

import json
import sys
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from math import isfinite
from typing import Any

import pytest

from tests.components import ROOT, require, shared_folder
from triage.domain.acts import Act, chance
from triage.domain.adding import NOTHING, Adding
from triage.domain.contact import Contact, Direction
from triage.domain.customer import Identification, Zone
from triage.domain.issue import Entry
from triage.history_file import open_history

sys.path.insert(0, str(ROOT / "tests" / "bench"))
HOUSING = ROOT / "training" / "housing"
ASKED = "Thank you. Could you tell us which morning suits you for the joiner?"
REFUSED = "I have looked at it again and the answer is no: the door is sound and will not be changed."


def added(story: Any, *, ours: str, theirs: str, **more: Any) -> Any:
    story.comes("2026-03-02T09:00", "My front door sticks. Please have it seen to.", subject="Front door")
    story.we_say("2026-03-03T09:00", ours, subject="Re: Front door")
    key = story.comes("2026-03-04T09:00", theirs, subject="Re: Front door", **more)
    return Adding(story.history().entries)[key]


def test_a_day_after_our_question_is_a_reply(story: Any) -> None:
    assert added(story, ours=ASKED, theirs="Tuesday morning, after ten.").is_reply


def test_the_same_words_after_a_refusal_answer_nothing(story: Any) -> None:
    assert not added(story, ours=REFUSED, theirs="Tuesday morning, after ten.").is_reply


def test_a_second_message_after_our_question_has_not_its_pull(story: Any) -> None:
    first = added(story, ours=ASKED, theirs="Tuesday morning, after ten.")
    key = story.comes("2026-03-04T12:00", "Tuesday morning, after ten.", subject="Re: Front door")
    assert Adding(story.history().entries)[key].reply < first.reply


def test_what_we_have_said_ourselves_is_less_new_than_what_nobody_said(story: Any) -> None:
    known = added(story, ours=REFUSED, theirs="The door is sound, and will not be changed, you say.")
    other = replace(story, entries=[])
    unheard = added(other, ours=REFUSED, theirs="The hinge broke last night and my son cut his hand.")
    assert unheard.new > known.new


@pytest.mark.parametrize("theirs", ["A photo is attached.", "It has got worse.", "Here is a report."])
def test_what_is_shown_or_said_to_be_new_in_so_many_words_is_new(story: Any, theirs: str) -> None:
    assert added(story, ours=REFUSED, theirs=theirs).is_new


def test_a_bare_chaser_adds_nothing_and_wants_something(story: Any) -> None:
    adds = added(story, ours=REFUSED, theirs="Any news on the door?")
    assert adds.wants and not (adds.is_new or adds.is_reply or adds.closes)


def test_thanks_want_nothing(story: Any) -> None:
    adds = added(story, ours="The joiner has eased the door.", theirs="Lovely, it shuts now. Thank you.")
    assert adds.closes and not adds.wants


def test_what_we_say_adds_nothing_and_an_empty_message_neither(story: Any) -> None:
    key = story.we_say("2026-03-03T09:00", ASKED)
    empty = story.comes("2026-03-04T09:00", "  ")
    adding = Adding(story.history().entries)
    assert adding[key] == NOTHING == adding[empty]


def test_one_after_the_other_or_all_at_once_is_the_same(story: Any) -> None:
    added(story, ours=ASKED, theirs="Tuesday morning, after ten.")
    story.comes("2026-03-09T09:00", "Nobody came.")
    entries = story.history().entries
    growing = Adding()
    for entry in entries:
        assert growing.of(entry) == growing.of(entry)  # asking changes nothing
        growing.take(entry)
    assert growing == Adding(entries)


def test_a_contact_that_comes_late_is_read_all_the_same(story: Any) -> None:
    added(story, ours=ASKED, theirs="Tuesday morning, after ten.")
    entries = story.history().entries
    long_before = replace(entries[-1], contact=replace(entries[-1].contact, at=entries[0].at - timedelta(days=4_000)))
    adds = Adding(entries).of(long_before)
    assert adds == Adding(entries).of(long_before) and isfinite(adds.reply)


def _entries() -> dict[str, list[tuple[str, Entry]]]:
    """The messages of each true issue of timelines_more.jsonl, in order, with the keys under which readers labelled them."""
    from timelines_tool import history_of
    from true_issues import events_of

    tools, path = shared_folder() / "tools", HOUSING / "timelines_more.jsonl"
    events = events_of(tools, path)
    issues: dict[str, list[tuple[str, Entry]]] = defaultdict(list)
    told = [item for item in open_history(BytesIO(history_of(tools, path))).items if isinstance(item, Contact)]
    for contact in sorted(told, key=lambda one: one.at):
        name, event = events[contact.id]
        who = Identification(customer_ref=str(event["from"]), zone=Zone.SURE, probability=1.0)
        issues[f"{name.rpartition('/')[0]} {event['issue']}"].append((name, Entry(contact=contact, who=who)))
    return issues


@pytest.mark.shared
def test_it_is_read_as_the_readers_read_it_and_better_than_by_the_words_alone() -> None:
    """The weights were learned from these histories among others; without a model's word."""
    require("shared")
    labels = (HOUSING / "acts.jsonl").read_text(encoding="utf-8").splitlines()
    acts = {row["id"]: row["acts"] for row in map(json.loads, labels)}
    alone, in_place = defaultdict[str, list[bool]](list), defaultdict[str, list[bool]](list)
    for issue in _entries().values():
        adding = Adding(entry for _, entry in issue)
        for key, entry in issue:
            said = entry.contact.said
            if key in acts and entry.contact.direction is Direction.IN and said.strip() and not entry.contact.turns:
                adds = adding[entry.contact.id]
                for act, found in ((Act.NEW, adds.is_new), (Act.REPLY, adds.is_reply), (Act.NEEDS, adds.wants)):
                    alone[act].append((chance(act, said) > 0.5) is (act in acts[key]))
                    in_place[act].append(found is (act in acts[key]))
    shares = {act: sum(right) / len(right) for act, right in in_place.items()}
    assert len(in_place[Act.NEW]) > 250
    assert shares[Act.REPLY] >= 0.95 and shares[Act.NEEDS] >= 0.93 and shares[Act.NEW] >= 0.88, shares
    assert sum(map(sum, in_place.values())) > sum(map(sum, alone.values()))
