"""D1 to D4 and A3: recorded facts and words together, and every exclusion."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from triage.domain.contact import Channel
from triage.domain.customer import Customer, Role
from triage.domain.deadlines import deadline_demanded
from triage.domain.signal import Judgement
from triage.domain.workdays import LONDON

# D1.


def insists(story: Any, *, words: str = "I will only deal with Gareth, not her.", explain: bool = True) -> None:
    story.comes("2026-03-02T10:00", words)
    if explain:
        story.we_say("2026-03-04T10:00", "Gareth has moved to another patch, so Gemma looks after your street now.")
    story.comes("2026-03-06T10:00", words)
    story.comes("2026-03-10T10:00", words + " Third time.")


def test_two_insistences_after_a_written_explanation_raise_d1(story: Any) -> None:
    insists(story)
    assert "D1" not in story.raised("2026-03-06T12:00")
    assert "D1" in story.raised("2026-03-10T10:00")


def test_what_is_said_at_the_door_insists_as_well(story: Any) -> None:
    story.comes("2026-03-02T10:00", "I will only deal with Gareth, not her.")
    story.we_say("2026-03-04T10:00", "Gareth has moved to another patch, so Gemma looks after your street now.")
    story.comes("2026-03-06T10:00", "I will only deal with Gareth, not her.")
    note = "Called by appointment. He said he will only deal with Gareth, not her, and shut the door."
    story.comes("2026-03-10T10:00", note, channel=Channel.VISIT_NOTE)
    assert "D1" in story.raised("2026-03-10T10:00")


def test_without_an_explanation_there_is_no_d1(story: Any) -> None:
    insists(story, explain=False)
    assert "D1" not in story.raised("2026-03-10T10:00")


def test_an_adjustment_for_a_named_worker_is_a_good_reason(story: Any) -> None:
    story.customers = {"t": Customer(ref="t", adjustments=("Named contact agreed: autism",))}
    insists(story)
    assert "D1" not in story.raised("2026-03-10T10:00")


def test_safeguarding_is_a_good_reason_to_ask_for_one_person(story: Any) -> None:
    story.comes("2026-03-01T10:00", "He put his hands round my neck on Sunday.")
    insists(story)
    assert "D1" not in story.raised("2026-03-10T10:00")


def test_a_single_contact_that_we_imposed_is_not_held_against_them(story: Any) -> None:
    story.we_say("2026-02-20T10:00", "From now on Gareth is your single point of contact.")
    insists(story)
    assert "D1" not in story.raised("2026-03-10T10:00")


def test_their_own_wish_in_our_words_imposes_nothing(story: Any) -> None:
    story.we_say("2026-02-20T10:00", "You have asked to deal only with Gareth. Gemma looks after your street now.")
    insists(story)
    assert "D1" in story.raised("2026-03-10T10:00")


def test_an_allegation_about_the_officer_is_a_good_reason(story: Any) -> None:
    insists(story, words="I will only deal with Gareth, not her, she lied to me and that is fraud.")
    assert "D1" not in story.raised("2026-03-10T10:00")


def test_a_model_cue_without_any_person_in_the_words_is_no_insistence(story: Any) -> None:
    for at in ("2026-03-02", "2026-03-06", "2026-03-10"):
        story.comes(f"{at}T10:00", "well? can i have it or not", labels={"D1": 0.6})
    story.record("2026-03-04T10:00", "owner_told", "Owner G. Isherwood.")
    assert "D1" not in story.raised("2026-03-10T10:00")


def test_what_was_explained_to_a_friendly_wish_need_not_be_explained_again(story: Any) -> None:
    calm, insisting = {"D1": 0.0}, {"D1": 0.9}
    story.comes("2026-03-02T10:00", "I only want to do it with Dawn please, she did the last one.", labels=calm)
    story.we_say("2026-03-04T10:00", "Dawn has moved and cannot open your account. Femi looks after it, or Anwen.")
    story.comes("2026-03-06T10:00", "It's Dawn or nobody.", labels=insisting)
    assert "D1" not in story.raised("2026-03-06T10:00")
    story.comes("2026-03-10T10:00", "I'm not dealing with Femi, get Dawn to ring me.", labels=insisting)
    assert "D1" in story.raised("2026-03-10T10:00")


def test_whoever_took_over_may_say_come_to_me_and_is_not_whom_they_ask_for(story: Any) -> None:
    calm, insisting = {"D1": 0.0}, {"D1": 0.9}
    story.comes("2026-03-02T10:00", "Dear Colin, the hedge is a disgrace again.", labels=calm)
    told = "Colin has moved to another team and cannot take it. Please write to me from here on. Ayesha Rahim"
    story.we_say("2026-03-04T10:00", told, from_name="Ayesha Rahim")
    story.comes("2026-03-06T10:00", "Ayesha, I'm sure you're kind. I deal with Colin and only Colin.", labels=insisting)
    story.comes("2026-03-10T10:00", "I have said it: only Colin. Ayesha wrote me a letter.", labels=insisting)
    assert "D1" in story.raised("2026-03-10T10:00")


def test_the_one_they_ask_for_who_had_said_ring_me_is_a_good_reason(story: Any) -> None:
    insisting = {"D1": 0.9}
    story.comes("2026-03-02T10:00", "I only want Colin.", labels=insisting)
    story.we_say("2026-03-04T10:00", "Ring me whenever it grows again.", from_name="Colin Bell")
    story.comes("2026-03-06T10:00", "I only want Colin, he said so.", labels=insisting)
    story.comes("2026-03-10T10:00", "I only want Colin to look.", labels=insisting)
    assert "D1" not in story.raised("2026-03-10T10:00")


def test_a_notice_before_they_wrote_is_no_explanation_where_one_followed(story: Any) -> None:
    insisting = {"D1": 0.9}
    story.we_say("2026-03-01T10:00", "Col no longer looks after the lodge. Sunita Rao does from now on.")
    story.comes("2026-03-02T10:00", "I don't want a new one, I want Col.", labels=insisting)
    story.we_say("2026-03-04T10:00", "Col cannot come, he has left. You may have Sunita or Dan, as you like.")
    story.comes("2026-03-09T10:00", "I want Col and nobody else.", labels=insisting)
    assert "D1" not in story.raised("2026-03-09T10:00")
    story.comes("2026-03-11T10:00", "I said Col and I meant Col.", labels=insisting)
    assert "D1" in story.raised("2026-03-11T10:00")


def test_who_was_insisted_on_and_cannot_need_only_be_named_again(story: Any) -> None:
    story.comes("2026-03-02T10:00", "I want Dave, he did the kitchen one.", labels={"D1": 0.6})
    told = "I can't send Dave, he works on empty homes only. You may have Scott on the 5th or Anil on the 12th."
    story.we_say("2026-03-03T10:00", told)
    story.comes("2026-03-04T10:00", "Not having Scott. Dave or nobody", labels={"D1": 0.9})
    for at, words, raised in (
        ("2026-03-09T10:00", "Tell Anil not to bother coming.", False),
        ("2026-03-10T10:00", "Scott rang, and I put the phone down.", False),
        ("2026-03-11T10:00", "I said Dave.", True),
    ):
        story.comes(at, words, labels={"D1": 0.2})
        story.entries[-1] = replace(story.entries[-1], scores=replace(story.entries[-1].scores, flagged=()))
        assert ("D1" in story.raised(at)) is raised


# D2.


def hurries(story: Any, *words: str, told: str = "We answer within five working days.") -> None:
    story.comes("2026-03-02T10:00", "Please send me a rent statement.")
    if told:
        story.we_say("2026-03-02T12:00", told)
    for index, each in enumerate(words):
        story.comes(f"2026-03-{3 + index:02d}T09:30", each)


def test_two_deadlines_below_half_the_standard_after_being_told_it_raise_d2(story: Any) -> None:
    hurries(story, "I want an answer by noon today.", "I need the statement by 5 o'clock tonight.")
    assert "D2" not in story.raised("2026-03-03T12:00")
    assert "D2" in story.raised("2026-03-04T09:30")


def test_more_deadlines_than_are_needed_are_told_as_two_numbers_and_not_as_three_of_two(story: Any) -> None:
    hurries(story, "I want an answer by noon today.", "I need it by 5pm today.", "I want it by noon today.")
    sentences = [element.sentence for element in story.pattern("D2", "2026-03-05T09:30").elements]
    assert any(sentence.startswith("3 since, 2 needed. ") for sentence in sentences)


def test_a_first_short_deadline_is_nothing(story: Any) -> None:
    hurries(story, "I want an answer by noon today.")
    assert "D2" not in story.raised("2026-03-03T12:00")


def test_deadlines_before_the_standard_was_told_are_nothing(story: Any) -> None:
    hurries(story, "I want an answer by noon today.", "I need it by 5pm today.", told="")
    assert "D2" not in story.raised("2026-03-04T12:00")


@pytest.mark.parametrize(
    "words",
    [
        "I need an answer by noon today, the court hearing is tomorrow.",
        "I need it by tomorrow, the hospital discharges him then.",
        "I want it by noon tomorrow, as you promised.",
        "I need the letter by Friday, Universal Credit close the claim.",
        "There is water coming through the light, I need somebody by noon.",
    ],
)
def test_a_hurry_of_somebody_elses_making_is_no_unreasonable_demand(story: Any, words: str) -> None:
    hurries(story, words, words + " Please.")
    assert "D2" not in story.raised("2026-03-04T12:00")


def test_a_deadline_at_half_the_standard_or_later_is_reasonable(story: Any) -> None:
    hurries(story, "I want an answer by 10 March.", "I want an answer by 11 March.")
    assert "D2" not in story.raised("2026-03-04T12:00")


def test_a_deadline_while_we_are_late_is_no_unreasonable_demand(story: Any) -> None:
    story.comes("2026-02-02T10:00", "Please send me a rent statement.")
    story.we_say("2026-02-02T10:01", "We aim to reply in five working days.", auto=True)
    story.comes("2026-02-11T10:00", "I want it by noon today.")
    story.comes("2026-02-12T10:00", "I want it by noon today, really.")
    assert story.raised("2026-02-12T10:00") == {"service_failure"}


def demands_of(story: Any, *deadlines: str) -> Any:
    for index, deadline in enumerate(deadlines):
        story.comes(f"2026-03-{4 + index:02d}T09:30", f"I want your answer by {deadline}.")
    return story.pattern("D2", "2026-03-05T09:30")


@pytest.mark.parametrize(
    ("clock", "raised", "standard"),
    [
        ("", False, "5 working days"),
        ("stage 1", True, "10 working days (complaint stage 1)"),
        ("stage 2", True, "20 working days (complaint stage 2)"),
    ],
)
def test_a_deadline_is_compared_with_the_standard_of_what_is_open(
    story: Any, clock: str, raised: bool, standard: str
) -> None:
    story.comes("2026-03-02T10:00", "I wish to complain about the bench.")
    story.we_say("2026-03-02T12:00", "We answer within our standard of ten working days.")
    if clock:
        story.record("2026-03-03T10:00", "acknowledged", f"{clock} complaint", ref="C/1")
    pattern = demands_of(story, "9 March", "10 March")
    assert (pattern.judgement.value == "look") is raised
    assert f"standard was {standard}" in pattern.elements[1].sentence


def test_the_acknowledgement_of_a_complaint_has_its_own_standard(story: Any) -> None:
    story.comes("2026-03-03T10:00", "I wish to complain about the bench.")
    story.we_say("2026-03-03T12:00", "We aim to answer in five working days.", auto=True)
    pattern = demands_of(story, "noon today", "noon today")
    assert "5 working days (acknowledging a complaint)" in pattern.elements[1].sentence


def test_while_a_hazard_is_open_no_hurry_is_unreasonable(story: Any) -> None:
    story.comes("2026-03-03T22:00", "There is a smell of gas in the hall.", labels={"HZ": 0.99})
    story.we_say("2026-03-03T22:01", "We aim to answer in five working days.", auto=True)
    for day in ("2026-03-04", "2026-03-05"):
        story.comes(f"{day}T09:30", "I want your answer by 10pm today.", labels={})
    assert "D2" not in story.raised("2026-03-05T09:30")


def test_a_deadline_that_only_the_model_reads_is_told_as_that(story: Any) -> None:
    hurries(story, "I want an answer by noon today.")
    story.comes("2026-03-04T09:30", "Quicker than that or I shall know why.", labels={"D2": 0.9})
    told = story.pattern("D2", "2026-03-04T09:30").elements[1].sentence
    assert "moment not read" not in told and "the words name no day or hour" in told
    assert "3 March 2026: by 12:00 on 3 March 2026" in told and "2 since, 2 needed" in told


# D3.

STILL = "Nothing has changed, the cupboards still run downhill and want re-hanging."


def examined(story: Any, count: int = 3) -> None:
    story.comes("2025-10-01T10:00", "My wall cupboards run downhill to the left.")
    for month in range(count):
        story.record(f"2025-{10 + month}-10T10:00", "inspection_no_fault", "Measured, level. Letter sent.")
        story.we_say(f"2025-{10 + month}-11T10:00", "The units were measured and are level.")


def test_a_report_with_nothing_new_after_three_clean_examinations_raises_d3(story: Any) -> None:
    examined(story)
    assert "D3" not in story.raised("2025-12-12T10:00")
    story.comes("2025-12-29T10:00", STILL)
    assert "D3" in story.raised("2025-12-29T10:00")


def test_two_examinations_are_not_enough(story: Any) -> None:
    examined(story, 2)
    story.comes("2025-12-29T10:00", STILL)
    assert "D3" not in story.raised("2025-12-29T10:00")


def test_nobody_in_is_no_examination(story: Any) -> None:
    examined(story, 2)
    story.record("2025-12-10T10:00", "inspection_no_fault", "No access, carded.")
    story.comes("2025-12-29T10:00", STILL)
    assert "D3" not in story.raised("2025-12-29T10:00")


@pytest.mark.parametrize("kind", ["inspection_fault_found", "repair_failed"])
def test_a_fault_found_or_a_failed_repair_wipes_the_slate(story: Any, kind: str) -> None:
    examined(story)
    story.record("2025-12-20T10:00", kind, "Bracket loose.")
    story.comes("2025-12-29T10:00", STILL)
    assert "D3" not in story.raised("2025-12-29T10:00")


@pytest.mark.parametrize(
    "words",
    [
        "There is damp behind the cupboards again.",
        "The boiler has gone off again.",
        "The leak is back.",
        "A cupboard has come loose since.",
        "It comes and goes, mostly at night.",
        "Here is my surveyor's report, attached.",
    ],
)
def test_hazards_intermittent_faults_and_new_facts_are_never_unfounded(story: Any, words: str) -> None:
    examined(story)
    story.comes("2025-12-29T10:00", words)
    assert "D3" not in story.raised("2025-12-29T10:00")


def test_without_records_there_is_no_d3(story: Any) -> None:
    for month in range(1, 5):
        story.comes(f"2026-0{month}-10T10:00", "My wall cupboards run downhill.", labels={"D3": 0.95})
        story.we_say(f"2026-0{month}-11T10:00", "We have looked and the units are level.")
    assert "D3" not in story.raised("2026-04-10T10:00")


# D4.


def signposted(story: Any, *demands: str, **more: Any) -> None:
    story.comes("2026-01-15T10:00", "I want three speed humps put in.")
    story.record("2026-01-22T10:12", "remit_letter", "Adopted highway. Signposted to County Highways.")
    for index, words in enumerate(demands):
        story.comes(f"2026-01-{26 + index:02d}T10:00", words, **more)


def test_two_demands_after_a_remit_letter_raise_d4(story: Any) -> None:
    signposted(story, "I rent off you. Put the humps in.", "When are my humps coming?")
    assert "D4" not in story.raised("2026-01-26T10:00")
    assert "D4" in story.raised("2026-01-27T10:00")


@pytest.mark.parametrize(
    "words",
    [
        "The council say the road is yours and sent me back to you.",
        "Clause 4 of my lease says that you keep the road.",
        "Who should I ring at the county?",
        "Can I have their number?",
        "Attached is a letter from the county that it was handed over.",
    ],
)
def test_a_clause_another_bodys_refusal_or_a_new_fact_raises_no_d4(story: Any, words: str) -> None:
    signposted(story, words, words + " Please.")
    assert "D4" not in story.raised("2026-01-27T10:00")


def test_a_hazard_that_a_remit_letter_answered_hides_no_demand(story: Any) -> None:
    story.comes("2026-01-15T10:00", "The street lamp flickers all night.", labels={"HZ": 0.7})
    story.record("2026-01-22T10:12", "remit_letter", "Adopted highway. Signposted to County Highways.")
    story.comes("2026-01-26T10:00", "Send your electrician to the lamp.", labels={"HZ": 0.1})
    story.comes("2026-01-27T10:00", "Castle Mead must deal with the lamp.", labels={"HZ": 0.1})
    assert "D4" in story.raised("2026-01-27T10:00")


@pytest.mark.parametrize(
    "words",
    [
        "Had your letter, passing the buck. You sort the lamp.",
        "I'm not ringing round the council doing your job for you. Get the lamp shaded.",
        "I want the lamp gone, please deal with the Council yourself and tell me when.",
        "I've got the number, thank you. I want you to do it.",
    ],
)
def test_a_grumble_about_being_sent_elsewhere_is_no_other_body_s_refusal(story: Any, words: str) -> None:
    signposted(story, "Please have the lamp outside shaded.", words)
    assert "D4" in story.raised("2026-01-27T10:00")


def test_without_a_remit_letter_there_is_no_d4(story: Any) -> None:
    for day in range(15, 20):
        story.comes(f"2026-01-{day}T10:00", "Put the humps in, I do not care whose road it is.", labels={"D4": 0.95})
    assert "D4" not in story.raised("2026-01-19T12:00")


def test_a_remit_letter_in_our_own_words_is_one(story: Any) -> None:
    story.comes("2026-01-15T10:00", "I want three speed humps put in.")
    story.we_say("2026-01-20T10:00", "We have no power to alter that road. Please contact County Highways.")
    story.comes("2026-01-26T10:00", "I rent off you. Put the humps in.")
    story.comes("2026-01-27T10:00", "When are my humps coming?")
    assert "D4" in story.raised("2026-01-27T10:00")


def test_what_several_neighbours_raise_is_a_service_matter(story: Any) -> None:
    signposted(story, "Put the humps in.", "When are my humps coming?")
    story.comes("2026-01-27T11:00", "We want humps too.", by="n1", role=Role.NEIGHBOUR)
    story.comes("2026-01-27T12:00", "Humps please.", by="n2", role=Role.NEIGHBOUR)
    assert "D4" not in story.raised("2026-01-27T12:00")


# A3.


def investigated(story: Any, *outcomes: str) -> None:
    for index, outcome in enumerate(outcomes):
        story.comes(f"2025-{8 + index:02d}-01T10:00", "Kevin Barras is corrupt, he took a bribe.", labels={"A3": 0.9})
        story.record(f"2025-{8 + index:02d}-20T10:00", outcome, "Investigated.")


def test_a_third_allegation_without_particulars_after_two_not_upheld_raises_a3(story: Any) -> None:
    investigated(story, "allegation_not_upheld", "allegation_not_upheld")
    assert "A3" not in story.raised("2025-09-21T10:00")
    story.comes("2025-11-03T10:00", "He is a thief and you all know it.", labels={"A3": 0.9})
    assert "A3" in story.raised("2025-11-03T10:00")


def test_a_series_of_allegations_runs_over_all_issues_of_a_person(story: Any) -> None:
    investigated(story, "allegation_not_upheld")
    story.comes("2025-11-03T10:00", "He is a thief and you all know it.", labels={"A3": 0.9})
    assert "A3" not in story.raised("2025-11-03T10:00")
    story.outcome_elsewhere("2025-07-01T10:00", "allegation_not_upheld")
    pattern = story.pattern("A3", "2025-11-03T10:00")
    assert pattern.judgement is Judgement.LOOK
    assert "1 of them on other issues of theirs" in pattern.elements[0].sentence


@pytest.mark.parametrize(("kind", "by"), [("allegation_not_upheld", "n"), ("allegation_upheld", "t")])
def test_another_persons_outcome_or_one_upheld_elsewhere_makes_no_series(story: Any, kind: str, by: str) -> None:
    investigated(story, "allegation_not_upheld")
    story.comes("2025-11-03T10:00", "He is a thief and you all know it.", labels={"A3": 0.9})
    story.outcome_elsewhere("2025-07-01T10:00", kind, by)
    story.outcome_elsewhere("2025-07-02T10:00", "allegation_not_upheld", by)
    assert "A3" not in story.raised("2025-11-03T10:00")


@pytest.mark.parametrize(
    "outcomes",
    [(), ("allegation_not_upheld",), ("allegation_not_upheld", "allegation_not_upheld", "allegation_upheld")],
)
def test_allegations_not_looked_into_or_upheld_raise_no_a3(story: Any, outcomes: tuple[str, ...]) -> None:
    investigated(story, *outcomes)
    for day in range(1, 4):
        story.comes(f"2025-12-{day:02d}T10:00", "He is a thief and you all know it.", labels={"A3": 0.99})
    assert "A3" not in story.raised("2025-12-03T12:00")


def test_an_allegation_with_particulars_raises_no_a3(story: Any) -> None:
    investigated(story, "allegation_not_upheld", "allegation_not_upheld")
    story.comes("2025-11-03T10:00", "He is a thief, the doorbell recording is attached.", labels={"A3": 0.9})
    assert "A3" not in story.raised("2025-11-03T10:00")


def test_a_safeguarding_disclosure_about_staff_is_never_an_allegation(story: Any) -> None:
    investigated(story, "allegation_not_upheld", "allegation_not_upheld")
    story.comes(
        "2025-11-03T10:00", "Your officer assaulted me.", labels={"A3": 0.9, "S0": 0.9}, channel=Channel.WEBFORM
    )
    assert "A3" not in story.raised("2025-11-03T10:00")


def test_a_milder_model_is_enough_where_the_words_accuse_and_two_outcomes_are_on_record(story: Any) -> None:
    investigated(story, "allegation_not_upheld", "allegation_not_upheld")
    key = story.comes("2025-11-03T10:00", "He fiddles the invoices and you all know it.", labels={"A3": 0.2})
    entry = story.entries[-1]
    assert entry.contact.id == key and entry.scores is not None
    story.entries[-1] = replace(entry, scores=replace(entry.scores, flagged=()))
    assert "A3" in story.raised("2025-11-03T10:00")


@pytest.mark.parametrize(("chance", "outcomes", "raised"), [(0.25, 2, True), (0.25, 1, False), (0.15, 2, False)])
def test_words_that_only_hint_are_enough_after_two_outcomes_and_never_before(
    story: Any, chance: float, outcomes: int, raised: bool
) -> None:
    investigated(story, *(["allegation_not_upheld"] * outcomes))
    story.comes("2025-11-03T10:00", "We all know where the tiles for his own roof came from.", labels={"A3": chance})
    story.entries[-1] = replace(story.entries[-1], scores=replace(story.entries[-1].scores, flagged=()))
    assert ("A3" in story.raised("2025-11-03T10:00")) is raised


@pytest.mark.parametrize(
    "words",
    [
        "He is a liar and I was discriminated against.",
        "She lied, and she gave my address to my ex.",
        "It is corrupt, it was because I am black.",
        "He stole from the fund, I have a copy of the invoice.",
    ],
)
def test_discrimination_a_breach_or_proof_is_no_unsubstantiated_allegation(story: Any, words: str) -> None:
    investigated(story, "allegation_not_upheld", "allegation_not_upheld")
    story.comes("2025-11-03T10:00", words, labels={"A3": 0.95})
    assert "A3" not in story.raised("2025-11-03T10:00")


def test_a_hazard_that_was_since_examined_and_found_to_be_none_bars_no_d3(story: Any) -> None:
    story.comes("2025-09-15T10:00", "The wall units run downhill.", labels={"HZ": 0.7})
    for at in ("2025-10-02", "2025-11-13", "2025-12-11"):
        story.record(f"{at}T10:00", "inspection_no_fault", "Level to 1 mm.")
        story.we_say(f"{at}T15:00", "The wall units are level to 1 mm and do not want re-hanging.")
    story.comes("2025-12-29T10:00", "Wall units again. They want re-hanging.", labels={})
    assert "D3" in story.raised("2025-12-29T10:00")


def test_a_hazard_reported_after_the_last_examination_bars_d3(story: Any) -> None:
    for at in ("2025-10-02", "2025-11-13", "2025-12-11"):
        story.record(f"{at}T10:00", "inspection_no_fault", "Level to 1 mm.")
    story.comes("2025-12-20T10:00", "The wall units are coming down on us.", labels={"HZ": 0.7})
    story.comes("2025-12-29T10:00", "Wall units again. They want re-hanging.", labels={})
    assert "D3" not in story.raised("2026-02-01T10:00")
    assert "nobody has examined" in story.pattern("D3", "2026-01-02T10:00").why


def test_no_access_is_no_examination_of_a_hazard_either(story: Any) -> None:
    story.comes("2025-12-20T10:00", "The wall units are coming down on us.", labels={"HZ": 0.7})
    story.record("2025-12-22T10:00", "inspection_no_fault", "No access, carded.")
    story.comes("2025-12-29T10:00", "Wall units again.", labels={})
    assert "hazard" in story.pattern("P1", "2025-12-29T10:00").counted[1].why


def test_whoever_was_told_ring_me_may_ask_for_that_person(story: Any) -> None:
    story.comes("2026-03-02T10:00", "I will only deal with Gareth, not her.")
    story.we_say("2026-03-04T10:00", "Any time, just ring me about it.", from_name="Gareth Isherwood")
    for day in ("06", "10"):
        story.comes(f"2026-03-{day}T10:00", "I will only deal with Gareth, not her.")
    assert "D1" not in story.raised("2026-03-10T10:00")


def test_an_invitation_that_a_later_explanation_ended_is_no_reason(story: Any) -> None:
    story.we_say("2026-02-01T10:00", "Any time, just ring me about it.", from_name="Gareth Isherwood")
    insists(story)
    assert "D1" in story.raised("2026-03-10T10:00")


def test_who_is_refused_in_a_sentence_has_not_been_asked_for(story: Any) -> None:
    story.comes("2026-03-02T10:00", "I will only deal with Gareth, not her.")
    moved = "Gareth has moved to another patch, so Gemma looks after your street now, or ring me."
    story.we_say("2026-03-04T10:00", moved, from_name="Karim Aziz, team leader")
    for day in ("06", "10"):
        story.comes(f"2026-03-{day}T10:00", "I will only deal with Gareth. I'm not doing it with you or with Karim.")
    assert "D1" in story.raised("2026-03-10T10:00")


def test_who_cannot_is_explained_in_the_letter_that_names_them(story: Any) -> None:
    """Whatever the first wish was worded like: "can keisha do it" insists on nobody."""
    story.comes("2026-09-01T12:00", "got a letter about the rent review. can keisha do it")
    story.we_say(
        "2026-09-03T10:00", "Dear Tess, Keisha Boothe has moved to Sales and can't do the review. Lorna Pike can."
    )
    for at in ("2026-09-07T13:00", "2026-09-16T10:00"):
        assert "D1" not in story.raised(at)
        story.comes(at, "I only deal with Keisha. Get her to ring me.", labels={"D1": 0.95})
        story.we_say(at.replace("T1", "T2"), "It will have to be Lorna, as I wrote.")
    assert "D1" in story.raised("2026-09-16T10:00")


def test_the_one_who_is_written_to_is_not_the_one_asked_for(story: Any) -> None:
    story.comes("2026-07-02T09:00", "I want Callum for the kitchen.", labels={"D1": 0.95})
    story.we_say("2026-07-03T14:00", "Callum can't, he has moved. Just ring me.", from_name="Priti Anand")
    for at in ("2026-07-06T11:00", "2026-07-13T17:00"):
        story.comes(at, "Dear Priti, nothing personal. I only deal with Callum.", labels={"D1": 0.95})
    assert "D1" in story.raised("2026-07-13T17:00")


def test_an_hour_tomorrow_and_no_later_is_a_deadline(workdays: Any) -> None:
    said = datetime(2026, 10, 7, 18, 44, tzinfo=LONDON)
    assert deadline_demanded("9am tomorrow, full breakdown, no later.", said, workdays) is not None
