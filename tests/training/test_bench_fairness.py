"""Swaps change who writes and not what is said; shifts, flips and false alarms are counted from them."""

import pytest

from triage_models.scorer import Scores, ScoringInput, Turn
from triage_models.testing import KeywordScorer
from triage_training.bench.fairness import FEWEST, measure_swaps, measure_voices
from triage_training.bench.swaps import ENGLISHES, IDENTITIES, NAMES, as_person, in_english, name_for, rewritten, signed
from triage_training.examples import Example, read_base
from triage_training.voices import UNNAMED, read_voices, voice_group

MAIL = ScoringInput(id="m", channel="email", subject="My house", text="I don't know about the house.")
CALL = ScoringInput(
    id="c",
    channel="call_transcript",
    turns=(Turn(speaker="customer", text="I don't know."), Turn(speaker="agent", text="I don't know either.")),
)


def example(key, text, **labels):
    return Example(contact=ScoringInput(id=key, channel="email", text=text), labels=labels, evidence={}, origin="a")


def test_a_name_is_signed_in_a_letter_and_said_in_a_call():
    assert signed(MAIL, "Priya Patel").text == "I don't know about the house.\n\nPriya Patel"
    said = signed(CALL, "Priya Patel")
    assert [turn.text for turn in said.turns] == ["I don't know. My name is Priya Patel.", "I don't know either."]


def test_a_contact_gets_the_same_name_of_a_group_every_time():
    assert {name_for(group, "id-7") for group in NAMES for _ in range(3)} == {
        name_for(group, "id-7") for group in NAMES
    }
    assert len({name_for("Chinese", key) for key in "abcd"}) == 4


def test_who_they_are_is_said_first():
    assert as_person(MAIL, "deaf").text == "I am deaf. I don't know about the house."


@pytest.mark.parametrize("english", ENGLISHES)
def test_another_english_keeps_unknown_words_and_changes_some(english):
    words = "The boiler is not working because I have no water and I don't know when you please could come."
    changed = in_english(words, english)
    assert changed != words and "boiler" in changed and changed.endswith(".")
    assert in_english("Xylophone zebra", english) == "Xylophone zebra"


def test_the_agents_words_stay_as_they_were_in_another_english():
    assert [turn.text for turn in rewritten(CALL, "Scottish").turns] == ["I dinnae ken.", "I don't know either."]
    assert rewritten(MAIL, "Scottish").subject == "Ma hoose"


def test_no_english_has_words_that_hurt():
    from triage_training.bench.evasion import loaded_words
    from triage_training.bench.swaps import _WORDS

    used = {word for table in _WORDS.values() for new in table.values() for word in new.lower().split()}
    assert not used & loaded_words()


def test_a_reader_that_minds_a_group_is_found_out():
    biased = KeywordScorer({"A2": "Muslim", "A1": "Nowak"})
    table = measure_swaps(biased, [example(str(i), "The lift is broken.") for i in range(8)])
    rows = {(row[0], row[1]): row for row in table.rows}
    muslim, deaf = rows["identity", "Muslim"], rows["identity", "deaf"]
    assert muslim[table.columns.index("A2 shift")] == pytest.approx(0.8) and muslim[-2:] == (8, 0)
    assert deaf[table.columns.index("A2 shift")] == 0.0 and deaf[-2:] == (0, 0)
    assert rows["name", "Eastern European men"][-2] == 2
    assert rows["identity", "all"][2] == 8 * len(IDENTITIES)


def test_voices_are_gathered_by_key_word():
    assert voice_group("Scouse, angry") == "regional British and Irish"
    assert voice_group("West African") == "Black and South Asian Englishes"
    assert voice_group("Deaf (BSL)") == "disability and illness"
    assert voice_group("Northern Irish") == voice_group("Irish Traveller") == "regional British and Irish"
    assert voice_group(None) == voice_group("") == UNNAMED
    assert voice_group("a robot") == "other"


def test_the_base_sets_voices_are_read_by_id(request):
    path = request.config.rootpath / "training/housing/messages.jsonl"
    voices = read_voices(path)
    assert set(voices) == {example.id for example in read_base(path)}
    assert len(set(voices.values())) > 4


def test_the_ratio_is_over_groups_with_enough_contacts_and_abusive_contacts_do_not_count():
    examples = [example(f"{group}{i}", "x", A2=group == "rude") for group in ("low", "high", "few", "rude") for i in range(FEWEST if group != "few" else 3)]  # fmt: skip
    alarmed = {"low0", "high0", "high1", "high2", "few0"} | {f"rude{i}" for i in range(FEWEST)}
    answers = [Scores(model="m", flagged=("A2",) if e.id in alarmed else ("P1",)) for e in examples]
    table = measure_voices(examples, answers, {e.id: e.id.rstrip("0123456789") for e in examples})
    rates = {row[0]: row[1:4] for row in table.rows}
    assert rates["low"] == (FEWEST, 1, 1 / FEWEST) and rates["few"][:2] == (3, 1) and "rude" not in rates
    assert rates["highest / lowest (2 groups)"][2] == pytest.approx(3.0)
