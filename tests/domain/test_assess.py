"""What one contact's words raise, what they do not, and what lessens it."""

from typing import Any

import pytest

from triage.domain.contact import Channel, Speaker, Turn
from triage.domain.customer import Customer
from triage.domain.score import Span
from triage.domain.signal import Side


def test_each_event_label_raises_its_clause_once_from_the_new_contact(story: Any) -> None:
    contact = story.comes("2026-03-02T10:00", "…", labels={"A1": 0.9})
    assert story.events(contact) == ["A1"]
    assert story.assessed("2026-03-02T10:05").findings == ()


@pytest.mark.parametrize("label", ["A3", "D1", "D2", "D3", "D4", "P1", "P2", "P3", "CI", "LG", "NI", "QA", "AR", "SAR"])
def test_a_cue_alone_is_never_a_finding(story: Any, label: str) -> None:
    contact = story.comes("2026-03-02T10:00", "…", labels={label: 0.99})
    assert story.assessed("2026-03-02T10:00", contact).findings == ()


def test_safeguarding_comes_first_and_keeps_company_with_a_threat(story: Any) -> None:
    contact = story.comes("2026-03-02T10:00", "…", labels={"A1": 0.99, "S0": 0.5, "HZ": 0.8})
    assert story.events(contact) == ["S0", "hazard", "A1"]


def test_quoted_abuse_is_nobodys_own(story: Any) -> None:
    contact = story.comes("2026-03-02T10:00", "He called me that word.", labels={"A2": 0.6, "QA": 0.9})
    assert story.events(contact) == []
    held = [s for s in story.assessed("2026-03-02T10:00", contact).signals if s.source == "rule:voice"]
    assert [s.side for s in held] == [Side.AGAINST]


THREAT_BY_ANOTHER = "Next door's lad said he'd kneecap your caretaker. Somebody should warn the poor man."


def test_somebody_elses_threat_to_staff_is_a_card_and_the_reporter_is_not_coded(story: Any) -> None:
    contact = story.comes("2026-03-02T10:00", THREAT_BY_ANOTHER, labels={"QA": 0.6, "A1": 0.7})
    assert story.events(contact) == ["staff_safety"]


def test_a_threat_in_the_writers_own_voice_beside_a_reported_one_is_still_a_threat(story: Any) -> None:
    contact = story.comes(
        "2026-03-02T10:00", THREAT_BY_ANOTHER + "\nAnd I'll kill him too.", labels={"QA": 0.6, "A1": 0.9}
    )
    assert "A1" in story.events(contact)


def test_a_threat_to_the_writer_is_no_staff_safety_card(story: Any) -> None:
    contact = story.comes("2026-03-02T10:00", "He said he will kill us if we tell.", labels={"QA": 0.9, "S0": 0.9})
    assert story.events(contact) == ["S0"]


def test_a_visit_note_can_raise_what_staff_report(story: Any) -> None:
    note = story.we_say("2026-03-02T10:00", "Dog lunged at me.", channel=Channel.VISIT_NOTE, labels={"A5": 0.9})
    assert story.events(note) == ["A5"]


def test_our_own_replies_raise_nothing(story: Any) -> None:
    reply = story.we_say("2026-03-02T10:00", "…", labels={"A2": 0.9, "S0": 0.9})
    assert story.events(reply) == []


def test_words_of_an_uncertain_speaker_raise_no_behaviour_but_safeguarding_all_the_same(story: Any) -> None:
    turns = (Turn(speaker=Speaker.CUSTOMER, text="words", certain=False),)
    spans = {"A2": (Span(part=0, start=0, end=5, text="words"),)}
    contact = story.comes(
        "2026-03-02T10:00", turns=turns, channel=Channel.CALL, labels={"A2": 0.9, "S0": 0.9}, spans=spans
    )
    assert story.events(contact) == ["S0"]


def test_words_that_the_recogniser_doubted_ask_for_an_audio_check(story: Any) -> None:
    turns = (Turn(speaker=Speaker.CUSTOMER, text="words", confidence=0.6),)
    spans = {"A2": (Span(part=0, start=0, end=5, text="words"),)}
    contact = story.comes("2026-03-02T10:00", turns=turns, channel=Channel.CALL, labels={"A2": 0.9}, spans=spans)
    assert "rule:audio" in [s.source for s in story.assessed("2026-03-02T10:00", contact).signals]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("I am going to kill myself.", "S0"),
        ("He put his hands round my throat.", "S0"),
        ("I can smell gas in the hall.", "hazard"),
        ("No heating and the baby is five weeks old.", "hazard"),
    ],
)
def test_without_a_model_safeguarding_and_hazards_are_still_found(story: Any, words: str, code: str) -> None:
    assert story.events(story.comes("2026-03-02T10:00", words)) == [code]


def test_without_a_model_an_ordinary_contact_raises_nothing(story: Any) -> None:
    assert story.events(story.comes("2026-03-02T10:00", "When is the communal lawn mown?")) == []


def test_circumstances_are_shown_and_only_ever_lessen(story: Any) -> None:
    story.customers = {"t": Customer(ref="t", adjustments=("Tourette's",))}
    story.comes("2026-02-20T10:00", "My husband died in January and I have had a stroke.")
    contact = story.comes("2026-03-02T10:00", "…", labels={"A2": 0.9})
    assessment = story.assessed("2026-03-02T10:00", contact)
    assert "On file: Tourette's." in assessment.circumstances
    assert {"Mentions bereavement.", "Mentions illness or hospital."} <= set(assessment.circumstances)
    lessening = [s for s in assessment.signals if s.source.startswith(("circumstance", "owed"))]
    assert lessening and {s.side for s in lessening} == {Side.AGAINST}
    assert any(s.source == "owed:general_reply" for s in lessening)


def test_nothing_is_told_of_the_words_of_a_safeguarding_contact(story: Any) -> None:
    story.comes("2026-03-01T10:00", "My mum died and I want to kill myself.")
    assert story.assessed("2026-03-02T10:00").circumstances == ("With safeguarding.",)


def test_circumstances_never_lessen_a_card(story: Any) -> None:
    story.customers = {"t": Customer(ref="t", adjustments=("Tourette's",))}
    contact = story.comes("2026-03-02T10:00", "…", labels={"S0": 0.9})
    signals = story.assessed("2026-03-02T10:00", contact).signals
    assert not [s for s in signals if s.source.startswith("circumstance")]


def test_an_assessment_names_the_policy_and_its_version(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    assert story.assessed("2026-03-02T10:00").policy == f"{story.policy.id} {story.policy.version}"


def test_a_pattern_becomes_a_finding_with_its_elements_and_no_event(story: Any) -> None:
    story.comes("2026-03-02T10:00")
    story.comes("2026-03-10T09:00", "Is there any news?")
    (finding,) = story.assessed("2026-03-10T09:00").findings
    assert finding.code == "service_failure" and finding.event is None and finding.elements


def test_without_the_reasons_the_same_is_found_and_owed(story: Any) -> None:
    contact = story.comes("2026-03-02T10:00", "I am deaf. Come by noon or else.", labels={"A1": 0.9, "AR": 0.9})
    whole = story.assessed("2026-04-02T10:00", contact)
    bare = story.assessed("2026-04-02T10:00", contact, explained=False)
    assert (bare.findings, bare.owed) == (whole.findings, whole.owed)
    assert whole.signals
    assert (bare.signals, bare.circumstances) == ((), ())
