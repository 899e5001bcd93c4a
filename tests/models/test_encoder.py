"""The encoder as the packaged champion holds it: what it reads, where it stands, and that its parts add up."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from triage_models.encoding import MOST_WINDOWS, WINDOW, Piece, Window, read_windows
from triage_models.labels import LABELS
from triage_models.parts import every_part
from triage_models.registry import load_champion
from triage_models.scorer import ScoringInput, Turn

MAIL = ScoringInput(
    id="mail",
    channel="email",
    subject="The lift, again",
    text="The lift is out. Your Mr Poole is a useless lying toad and I told him so.\nRegards, R. Okafor",
)
CALL = ScoringInput(
    id="call",
    channel="call_transcript",
    turns=(
        Turn(speaker="agent", text="You are calling me an idiot, is that right?"),
        Turn(speaker="customer", text="I said the boiler is broken and my flat is cold."),
    ),
)


@pytest.fixture(scope="module")
def encoder():
    found = load_champion(None).encoder
    assert found is not None
    return found


def test_every_word_of_the_customers_stands_in_a_piece_and_every_piece_in_its_place(encoder):
    for contact in (MAIL, CALL):
        words = every_part(contact)
        covered = {part: set() for part in words}
        for window in encoder.encoding.windows(contact):
            for piece in window.pieces:
                if piece.place is not None:
                    part, start, end = piece.place
                    assert words[part][start:end].strip()
                    covered[part].update(range(start, end))
        own = [index for index, turn in enumerate(contact.turns) if turn.speaker == "customer"] or ["subject", "text"]
        for part in own:
            assert {i for i, char in enumerate(words[part]) if char.isalnum()} <= covered[part]


def test_what_the_agent_said_is_context_and_never_evidence(encoder):
    places = encoder.read([CALL])[0].places
    assert {place[0] for place in places if place is not None} == {1}
    assert any(place is None for place in places)


def test_the_pieces_parts_and_the_bias_are_the_contacts_log_odds(encoder):
    for read in encoder.read([MAIL, CALL]):
        assert np.allclose(read.parts.sum(axis=0) + read.bias, read.contact, atol=1e-4)
        assert read.evidence.shape == (len(read.places), len(LABELS))
        assert np.linalg.norm(read.vector) == pytest.approx(1.0, abs=1e-4)


def test_a_contact_reads_the_same_alone_and_beside_a_longer_one(encoder):
    long = ScoringInput(id="long", channel="email", text="The bins were collected on Monday. " * 30)
    alone, beside = encoder.read([MAIL])[0], encoder.read([MAIL, long])[0]
    assert np.array_equal(alone.outputs, beside.outputs)


def test_a_very_long_contact_is_read_in_a_bounded_number_of_windows(encoder):
    endless = ScoringInput(id="endless", channel="call_transcript", text="so i rang and rang and nobody came " * 9000)
    windows = encoder.encoding.windows(endless)
    assert len(windows) <= MOST_WINDOWS
    assert max(len(window.pieces) for window in windows) <= WINDOW
    assert len(encoder.read([endless])) == 1


def window_of(number, own):
    return Window(pieces=(Piece(number=number, place=("text", number, number + 1) if own else None),))


def test_of_too_many_windows_those_with_the_customers_words_are_read():
    theirs = [window_of(number, number % 3 == 0) for number in range(3 * MOST_WINDOWS)]
    assert read_windows(theirs) == theirs[::3]
    assert read_windows(theirs[:MOST_WINDOWS]) == theirs[:MOST_WINDOWS]


def test_of_still_too_many_the_first_the_last_and_some_between_are_read_evenly_spread():
    windows = [window_of(number, True) for number in range(5 * MOST_WINDOWS)]
    read = [window.pieces[0].number for window in read_windows(windows)]
    assert len(read) == MOST_WINDOWS and read[0] == 0 and read[-1] == len(windows) - 1
    assert {later - earlier for earlier, later in pairwise(read)} <= {5, 6}


def test_windows_that_are_passed_over_are_counted(encoder):
    crowded = ScoringInput(id="crowded", channel="email", text="?! " * 15_000 + "please ring me")
    every = encoder.encoding.every_window(crowded)
    read = encoder.one(crowded)
    assert len(every) > MOST_WINDOWS and read.passed_over == len(every) - MOST_WINDOWS
    assert encoder.one(MAIL).passed_over == 0


ORDINARY = (
    "We moved here in 2009 and the porch was already leaning then. My daughter starts her new school in September. "
    "The bins are emptied on a Tuesday as a rule. I have put the photographs of the kitchen in the envelope. "
    "There is a nice bench by the pond where I sit. The lady on the phone said the form would come by post. "
    "Our meter is in the cupboard under the stairs. "
)


def test_a_threat_in_the_middle_of_a_long_contact_is_still_heard():
    scorer = load_champion(None)
    threat = "Send your man Dave round again and I will break his legs."
    contact = ScoringInput(id="long", channel="email", text=ORDINARY * 5 + threat + " " + ORDINARY * 5)
    scores = scorer.score([contact])[0]
    assert "A1" in scores.flagged
    assert "I will break his" in " ".join(span.text for span in scores.spans["A1"])


def test_the_reasons_shown_add_up_to_the_score_and_name_what_the_encoder_read():
    scores = load_champion(None).score([MAIL])[0]
    assert "A2" in scores.flagged
    total = sum(reason.weight for reason in scores.reasons["A2"])
    chance = scores.probabilities["A2"]
    assert total == pytest.approx(np.log(chance / (1 - chance)), abs=0.02)
    read = [reason for reason in scores.reasons["A2"] if reason.kind == "sentence"]
    assert read
    assert all(reason.spans for reason in read)


def test_what_is_not_read_anyway_stops_nobody_when_the_encoder_stumbles_over_it(encoder, monkeypatch):
    champion, stumbles = load_champion(None), ScoringInput(id="dots", channel="email", text="... ?!")

    def one(contact):
        if contact.id == stumbles.id:
            raise ValueError("no word in it")
        return encoder.one(contact)

    monkeypatch.setattr(champion, "encoder", SimpleNamespace(one=one))
    dots, mail = champion.score([stumbles, MAIL])
    assert dots.not_scored is not None and mail.not_scored is None and "A2" in mail.flagged
