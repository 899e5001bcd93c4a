"""The shipped policy: all clauses of the policy's table and the four cards, quoted, with every number in the file."""

from dataclasses import replace

import pytest

from triage.domain.errors import PolicyError
from triage.domain.flag import CARD_OF_CODE
from triage.domain.policy import Admissible, ClauseKind, Policy, read_policy, shipped_text
from triage.domain.policy_change import NumberChange, numbers_changed
from triage.domain.record import STANDARDS

BEHAVIOURS = ("A1", "A2", "A3", "A4", "A5", "D1", "D2", "D3", "D4", "P1", "P2", "P3")


def test_every_behaviour_of_the_table_and_every_card_is_there(policy: Policy) -> None:
    kinds = {code: clause.kind for code, clause in policy.clauses.items()}
    assert {code for code, kind in kinds.items() if kind is ClauseKind.BEHAVIOUR} == set(BEHAVIOURS)
    assert {code for code, kind in kinds.items() if kind is ClauseKind.CARD} == set(CARD_OF_CODE)


def test_each_behaviour_says_what_it_needs_what_defeats_it_and_what_only_looks_like_it(policy: Policy) -> None:
    for code in BEHAVIOURS:
        clause = policy.clause(code)
        assert clause.quote and clause.evidence_needed and clause.exclusions and clause.lookalikes, code


def test_safeguarding_and_dangers_go_before_every_behaviour(policy: Policy) -> None:
    first = sorted(policy.clauses, key=lambda code: policy.clause(code).urgency)
    assert first[:4] == ["S0", "staff_safety", "hazard", "A1"]


def test_words_alone_never_raise_what_needs_records_or_a_pattern(policy: Policy) -> None:
    needs = {code: policy.clause(code).admissible for code in BEHAVIOURS}
    assert {code for code, kind in needs.items() if kind is Admissible.WORDS} == {"A1", "A2", "A4", "A5"}
    assert {code for code, kind in needs.items() if kind is Admissible.PATTERN} == {"P1", "P3"}


def test_the_unit_of_every_threshold_stands_in_its_name(policy: Policy) -> None:
    units = ("_days", "_count", "_minutes", "_share")
    names = [name for clause in policy.clauses.values() for name in clause.thresholds]
    assert all(name.endswith(("_working_days", "_hours")) for name in STANDARDS)
    assert names and not [name for name in names if not name.endswith(units)]


def test_the_policy_labels_nobody(policy: Policy) -> None:
    banned = ("vexatious", "habitual", "abuser", "serial complainer")
    for clause in policy.clauses.values():
        assert not [word for word in banned if word in f"{clause.definition} {clause.title}".lower()]


def test_a_misspelt_key_is_refused_with_the_clause_and_the_key() -> None:
    text = """id = "x"
version = "1"
title = "x"
actions = []
[limbs]
[clauses.A1]
kind = "behaviour"
admisible = "words"
"""
    with pytest.raises(PolicyError, match=r"A1.*admisible"):
        read_policy(text)


def test_the_standards_are_the_policys_and_its_fingerprint_covers_them(policy: Policy) -> None:
    changed = read_policy(shipped_text().replace("stage2_working_days = 20", "stage2_working_days = 30"))
    assert changed.standards == replace(policy.standards, stage2_working_days=30)
    assert changed.fingerprint != policy.fingerprint
    assert numbers_changed(policy, changed) == (
        NumberChange(code="standards", name="stage2_working_days", before=20, after=30),
    )


@pytest.mark.parametrize(
    ("was", "becomes", "sentence"),
    [
        ('title = "Verbal', 'titel = "Verbal', "unknown keys"),
        ("urgency = 0", "", "Clause S0 lacks urgency"),
        ("urgency = 0", 'urgency = "now"', "whole number"),
        ('admissible = "words"', 'admissible = "signs"', "one of words, pattern, records"),
        ("routes_count = 3", "routes_count = -3", "from 0 to"),
        ("routes_count = 3", "routes_count = inf", "from 0 to"),
        ("routes_count = 3", "routes_count = [3]", "from 0 to"),
        ('in_hours = ["S0"', 'in_hours = ["S9"', "no clause of it"),
        ("[limbs]", "[limbs_]", "under limbs"),
        ("[clauses.P3]", "[clauses.P3", "cannot be read"),
        ("exclusions = []", "exclusions = [1]", "list of sentences"),
        ('on_call = "', "on_call = 5 #", "on_call"),
        ("[standards]", "[standards_]", r"\[standards\], with general_reply_working_days"),
        ("hazard_hours = 24", "", r"lacks hazard_hours under \[standards\]"),
        ("hazard_hours = 24", "hazard_hours = 24\nhazard_days = 1", "hazard_days under"),
        ("hazard_hours = 24", "hazard_hours = 0", "whole number from 1 to"),
        ("hazard_hours = 24", "hazard_hours = 2.5", "whole number from 1 to"),
        ("hazard_hours = 24", "hazard_hours = true", "whole number from 1 to"),
    ],
)
def test_a_policy_with_something_wrong_is_refused_in_a_sentence_that_names_it(
    was: str, becomes: str, sentence: str
) -> None:
    text = shipped_text()
    assert was in text
    with pytest.raises(PolicyError, match=sentence):
        read_policy(text.replace(was, becomes, 1))
