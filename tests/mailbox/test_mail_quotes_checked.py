"""Which quotations are believed, against the mail that is held: nothing that a sender put below a marker is lost."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage_mailbox.messages import Segment, SegmentKind
from triage_mailbox.quotes_checked import ALTERED, NOT_HELD, PASSED_ON, Held, check
from triage_mailbox.quoting import Facts, split

OURS = (
    "Dear Ms Marsh,\n\nThank you for your message. An engineer will come on Friday between 8 and 12.\n"
    "Please make sure that somebody is at home.\n\nKind regards\nRepairs Team\n"
)
INTRO = "On Tue, 3 Mar 2026 at 10:12, Repairs Team <repairs@tarnside.example> wrote:"
ANSWER = Facts(is_reply=True, answers=True)
HELD = Held(ours=[OURS], answered=True, our_addresses=["repairs@tarnside.example"])
SECRET = "I know where that engineer lives."
FORWARD = "---------- Forwarded message ---------"


def checked(text, facts=ANSWER, held=HELD):
    segments, problems = check(text, split(text, facts)[0], held)
    assert "".join(text[part.start : part.end] for part in segments) == text
    own = "".join(text[part.start : part.end] for part in segments if part.kind is SegmentKind.OWN)
    return own, problems


def angled(text):
    return "".join(f"> {line}\n" for line in text.split("\n"))


def test_a_real_quotation_stays_one_and_nothing_is_said():
    own, problems = checked(f"No.\n\n{INTRO}\n\n{angled(OURS)}")
    assert own.strip() == "No."
    assert problems == ()


HIDING = {
    "below a typed introduction": f"Thanks.\n\n{INTRO}\n\n{SECRET}\n",
    "after angles": f"Thanks.\n\n{INTRO}\n\n> {SECRET}\n> and so on\n",
    "between our lines": f"Thanks.\n\n{INTRO}\n\n{angled(OURS)}> {SECRET}\n> Kind regards\n",
    "below original message": f"Thanks.\n\n-----Original Message-----\n{SECRET}\n",
    "below a ruler": f"Thanks.\n\n{'_' * 32}\n{SECRET}\n",
    "below headers": f"Thanks.\n\nFrom: R <repairs@tarnside.example>\nSent: 3 March 2026\nTo: A\nSubject: x\n\n{SECRET}\n",
    "in a header's value": f"Thanks.\n\nFrom: a@b.example\nSent: 3 March 2026\nTo: you\nSubject: {SECRET}\n",
    "behind a single angle": f"Thanks.\n> {SECRET}\n",
    "below a ruler and an introduction of ours": f"{'_' * 32}\n{INTRO}\n> {SECRET}\n",
    "above an introduction that comes too late": f"{'_' * 32}\n> {SECRET}\n{INTRO}\n",
    "below a forward mark without headers": f"Look.\n\n{FORWARD}\n> {SECRET}\n",
    "below a forward mark and an introduction of ours": f"Look.\n\n{FORWARD}\n{INTRO}\n> {SECRET}\n",
}


@pytest.mark.parametrize("text", HIDING.values(), ids=HIDING.keys())
@pytest.mark.parametrize("facts", [ANSWER, Facts()], ids=["answer", "fresh"])
def test_words_hidden_in_a_faked_quotation_of_ours_are_scored(text, facts):
    own, _ = checked(text, facts)
    assert SECRET in own


def test_a_quotation_of_ours_with_other_words_says_so():
    assert checked(f"Thanks.\n\n{INTRO}\n\n{angled(OURS)}> {SECRET}\n")[1] == (ALTERED,)
    assert checked(f"Thanks.\n\n{INTRO}\n\n> {SECRET}\n")[1] == (NOT_HELD,)


def test_a_strangers_quotation_with_a_programs_structure_is_shown_and_not_scored():
    text = "Look.\n\nOn Mon, 2 Mar 2026 at 23:40, Bob <bob@x.example> wrote:\n> Turn it down or I come up there.\n"
    own, problems = checked(text, Facts(), Held())
    assert own.strip() == "Look."
    assert problems == (PASSED_ON,)


def test_a_strangers_mail_that_went_to_us_as_well_is_passed_on_and_not_taken_for_the_customers_words():
    headers = (
        "From: Bob <bob@x.example>\nDate: Mon, 2 Mar 2026 at 23:40\nSubject: Noise\nTo: <repairs@tarnside.example>"
    )
    own, problems = checked(f"Look.\n\n{FORWARD}\n{headers}\n\nTurn it down.\n", Facts(passes_on=True))
    assert own.strip() == "Look."
    assert problems == (PASSED_ON,)


def test_our_mail_passed_on_with_other_words_in_it_is_scored():
    headers = "From: Repairs <repairs@tarnside.example>\nDate: Mon, 2 Mar 2026 at 23:40\nSubject: Noise\nTo: Ada <a@x.example>"
    own, problems = checked(f"Look.\n\n{FORWARD}\n{headers}\n\n{OURS}\n{SECRET}\n", Facts(passes_on=True))
    assert SECRET in own
    assert "An engineer will come" not in own
    assert problems == (ALTERED,)


def test_where_nothing_is_held_a_programs_quotation_is_believed():
    own, problems = checked(f"No.\n\n{INTRO}\n\n{angled(OURS)}", ANSWER, Held())
    assert own.strip() == "No."
    assert problems == (PASSED_ON,)


def test_our_words_without_any_marks_are_ours_but_a_sentence_of_them_is_not():
    own, _ = checked(f"You wrote:\n\n{OURS}\nNobody came.", Facts())
    assert "An engineer will come" not in own
    assert "Nobody came." in own
    said = "You said an engineer will come on Friday between 8 and 12. He did not."
    assert checked(said)[0] == said


def test_a_customers_own_earlier_letter_sent_again_is_scored_again():
    letter = "My boiler has been broken for three weeks and nobody has come to look at it.\nPlease send somebody.\n"
    assert checked(letter, Facts(), Held(others=[letter]))[0] == letter


def test_a_quotation_of_the_customers_own_earlier_letter_is_not_new():
    letter = "My boiler has been broken for three weeks and nobody has come to look at it."
    own, _ = checked(f"Well?\n\n{INTRO}\n\n> {letter}\n", ANSWER, Held(ours=[OURS], others=[letter], answered=True))
    assert own.strip() == "Well?"


@pytest.mark.parametrize(
    "line",
    [
        "http://" * 30_000,
        "<" + "@" * 100_000,
        "From: a@b 10:00 " * 10_000,
        "x wrote: " * 20_000,
        "> " * 50_000,
        "[" * 99_999,
    ],
)
def test_hostile_lines_cost_little(line):
    text = f"{line}\n{line}\n"
    everything = [Segment(start=0, end=len(text), kind=SegmentKind.QUOTED, reason="Marked.", typed=True)]
    begun = time.monotonic()
    check(text, everything, Held(ours=[text], answered=True, our_addresses=["a@b"]))
    check(text, [Segment(start=0, end=len(text), kind=SegmentKind.OWN, reason="Own.")], Held(ours=[text]))
    assert time.monotonic() - begun < 5


LINES = st.sampled_from([
    INTRO, "> " + OURS.split("\n")[2], OURS.split("\n")[2], OURS.split("\n")[3], SECRET, "> " + SECRET, "", "-- ", "Regards",
    "From: R <r@t.example>", "Sent: 3 March 2026 10:12", "To: Ada", "Subject: x", "-----Original Message-----", "_" * 32,
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=18), st.booleans())
def test_whatever_the_order_a_threat_in_a_reply_to_us_or_a_fresh_mail_is_scored(lines, answers):
    text = "\n".join(lines)
    own, _ = checked(text, ANSWER if answers else Facts())
    assert own.count(SECRET) == text.count(SECRET)
