"""What people decided of contacts like this one, and what would have changed it, as the flag page shows them."""

import base64
import math
from dataclasses import replace
from datetime import timedelta

import pytest

from triage.domain.flag import Flag, FlaggedCode, FlagKind, FlagState
from triage.domain.issue import Issue
from triage.domain.review import Answer, ClauseDecision, OutOfCharacter, Review
from triage.domain.score import Scores
from triage.store.access import Duty
from triage.testing import NOW, SECRET
from triage.testing.contacts import MODEL, contact, put

WORDS = "What a shambles you lot are"
HEADING = "What people decided of contacts like this"


def vector(likeness: float) -> str:
    """A made vector with that cosine to ``vector(1.0)``."""
    numbers = [round(127 * likeness), round(127 * math.sqrt(1 - likeness**2)), *[0] * 382]
    return base64.b64encode(bytes(number % 256 for number in numbers)).decode()


def decided(
    desk, name, likeness, *, code="A2", answer=Answer.NO, model=MODEL, state=FlagState.DECIDED, reason="", days=3
):
    """A contact of another customer with a decided flag on it."""
    kind = FlagKind.SAFEGUARDING if code == "S0" else FlagKind.BEHAVIOUR
    at = NOW - timedelta(days=days + 2)
    with desk.store.begin() as unit:
        unit.issues.add(Issue(id=f"i-{name}", household_ref=f"C-{name}", opened=at, title="Gutters"))
        scores = Scores(model=model, flagged=(code,), vector=vector(likeness) if likeness is not None else None)
        put(unit, contact(f"c-{name}", at, WORDS, from_name="Zoe Marsh"), f"i-{name}", f"C-{name}", scores)
        flagged = FlaggedCode(
            code=code, raised_at=at, policy="p 1", why="Made.", contacts=(f"c-{name}",), last_evidence_at=at
        )
        flag = Flag(
            id=f"f-{name}", kind=kind, customer_ref=f"C-{name}", issue_id=f"i-{name}", state=state, opened=at,
            updated=at, urgency=3, codes=(flagged,),
        )  # fmt: skip
        unit.flags.add(flag)
        decision = ClauseDecision(
            code=code,
            answer=answer,
            reason=reason or f"Reason of {name}.\nA second line.",
            out_of_character=OutOfCharacter.UNKNOWN,
        )
        unit.flags.add_review(
            Review(
                id=f"r-{name}", flag_id=flag.id, flag_version=1, reviewer="Priya Nameless", context_viewed_at=at,
                at=NOW - timedelta(days=days), decisions=(decision,),
            )
        )  # fmt: skip


def with_vector(desk, contact_id, likeness=1.0):
    """Gives a stored contact a vector."""
    with desk.store.begin() as unit:
        scores = unit.contacts.get(contact_id).scores
        unit.contacts.put_scores(contact_id, replace(scores, vector=vector(likeness)), NOW)


@pytest.fixture
def page(desk, reviewer):
    with_vector(desk, desk.landlord.abusive_contact)
    return lambda: reviewer.get(f"/flags/{desk.landlord.behaviour}").text


def test_a_decision_on_a_like_contact_is_shown_with_its_likeness_its_role_and_the_first_line_of_its_reason(desk, page):
    decided(desk, "near", 0.9, answer=Answer.YES)
    text = page()
    assert f"{HEADING} (1)" in text
    row = text.split(HEADING)[1].split("</ul>")[0]
    assert "Very like" in row and "(0.90)" in row
    assert "Decided yes" in row and "by a reviewer on 9 Mar 2026" in row and "Reason of near." in row
    assert "A second line" not in row and 'href="/flags/f-near"' in row
    assert "It proposes no decision" in row


def test_no_name_and_no_words_of_the_other_customer_are_shown(desk, page):
    decided(desk, "near", 0.9)
    row = page().split(HEADING)[1].split("</ul>")[0]
    for hidden in (WORDS, "Zoe", "Marsh", "C-near", "Priya"):
        assert hidden not in row


def test_the_three_likest_come_first_and_what_is_less_like_is_not_shown(desk, page):
    for name, likeness in (("a", 0.72), ("b", 0.95), ("c", 0.85), ("d", 0.75), ("e", 0.6)):
        decided(desk, name, likeness)
    row = page().split(HEADING)[1].split("</ul>")[0]
    assert [name for name in "abcde" if f"f-{name}" in row] == ["b", "c", "d"]
    assert row.index("f-b") < row.index("f-c") < row.index("f-d")
    assert "Somewhat like" in row.split("f-c")[1]


@pytest.mark.parametrize(
    "made",
    [
        {"likeness": 0.69},
        {"likeness": None},
        {"likeness": 0.95, "code": "A1"},
        {"likeness": 0.95, "model": "another 2.0"},
        {"likeness": 0.95, "state": FlagState.OPEN},
        {"likeness": 0.95, "days": -1},
    ],
    ids=["not like", "no vector", "another code", "another model", "open again", "came after the decision"],
)
def test_what_is_no_precedent_is_not_shown(desk, page, made):
    if made.get("days") == -1:
        decided(desk, "none", 0.95, days=3)
        with desk.store.begin() as unit:
            late = unit.contacts.get("c-none").contact
            unit.contacts.describe(replace(late, received=NOW))
    else:
        decided(desk, "none", **made)
    assert HEADING not in page()


def test_without_vectors_the_page_says_nothing_of_likeness(desk, reviewer):
    decided(desk, "near", 0.9)
    assert HEADING not in reviewer.get(f"/flags/{desk.landlord.behaviour}").text


def test_nothing_of_an_issue_with_a_safeguarding_card_is_a_precedent_for_others(desk, page):
    decided(desk, "grey", 0.95)
    with desk.store.begin() as unit:
        at = NOW - timedelta(days=4)
        put(unit, contact("c-cry", at, SECRET), "i-grey", "C-grey", Scores(model=MODEL))
        flagged = FlaggedCode(code="S0", raised_at=at, policy="p 1", why="Made.", contacts=("c-cry",), last_evidence_at=at)  # fmt: skip
        unit.contacts.place("c-cry", unit.contacts.get("c-cry").who, "i-grey", None)
        unit.flags.add(
            Flag(
                id="f-cry", kind=FlagKind.SAFEGUARDING, customer_ref="C-grey", issue_id="i-grey", state=FlagState.OPEN,
                opened=at, updated=at, urgency=1, codes=(flagged,),
            )
        )  # fmt: skip
    assert HEADING not in page()


def test_safeguarding_decisions_are_precedents_for_the_safeguarding_role_alone(desk, safeguarding, page):
    decided(desk, "grave", 0.95, code="S0")
    with_vector(desk, desk.landlord.safeguarded_contact)
    text = safeguarding.get(f"/flags/{desk.landlord.safeguarding}").text
    row = text.split(HEADING)[1].split("</ul>")[0]
    assert "f-grave" in row and "by the safeguarding role" in row
    for duty in (Duty.REVIEWER, Duty.MANAGER):
        visitor = desk.signed_in(duty)
        for flag in (desk.landlord.behaviour, desk.landlord.mixed):
            assert "f-grave" not in visitor.get(f"/flags/{flag}").text


def test_what_would_have_changed_it_is_said_of_the_contact_that_raised_it(desk, reviewer):
    desk.models.changes[desk.landlord.abusive_contact, "A2"] = (
        "Without the words “<b>rude</b>” it would not have been raised."
    )
    address, answer = f"/flags/{desk.landlord.behaviour}?ask=model", "it would not have been raised."
    plain = reviewer.get(f"/flags/{desk.landlord.behaviour}").text
    assert f'href="{address}#clause-A2"' in plain and answer not in plain
    assert f"Without the words “&lt;b&gt;rude&lt;/b&gt;” {answer}" in reviewer.get(address).text
    clauses = reviewer.get(f"/api/v1/flags/{desk.landlord.behaviour}?ask=model").json()["clauses"]
    assert [change["sentence"] for clause in clauses for change in clause["without"]] == [
        f"Without the words “<b>rude</b>” {answer}"
    ]


def test_where_no_model_can_say_the_page_says_nothing_of_it(desk, reviewer):
    text = reviewer.get(f"/flags/{desk.landlord.behaviour}?ask=model").text
    assert "as the model in use reads it now" not in text
    assert "The model in use does not say what would have changed this." in text


def test_a_contact_that_is_with_safeguarding_is_not_read_again_for_others(desk, reviewer):
    asked = []
    desk.models.without = lambda contact, label: asked.append(contact.id)
    reviewer.get(f"/flags/{desk.landlord.mixed}?ask=model")
    reviewer.get(f"/flags/{desk.landlord.behaviour}?ask=model")
    assert asked == [desk.landlord.abusive_contact]
