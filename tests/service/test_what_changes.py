"""The reader's answer to "what would have changed it", with the packaged champion and with a reader that cannot say."""

from triage.domain.contact import Segment, SegmentKind
from triage.domain.score import Scores
from triage.scoring import open_reader
from triage.store.codec import pack, unpack
from triage.testing import NOW
from triage.testing.contacts import contact
from triage_models.testing import KeywordScorer

QUOTED = "> An engineer will come on Friday.\n"
OWN = "Your Mr Poole is a useless lying toad and I told him so. Please ring me about the lift."
MAIL = contact(
    "c-1",
    NOW,
    QUOTED + OWN,
    subject="Lift",
    segments=(
        Segment(start=0, end=len(QUOTED), kind=SegmentKind.QUOTED),
        Segment(start=len(QUOTED), end=len(QUOTED + OWN), kind=SegmentKind.OWN),
    ),
)


def test_the_champion_says_it_in_a_sentence_and_reads_only_once():
    reader = open_reader(None)
    said = reader.without(MAIL, "A2")
    assert said is not None and said.startswith("Without the words “Your Mr Poole")
    assert said.endswith("it would not have been raised.")
    reader._scorer.without = None  # a second reading would fail
    assert reader.without(MAIL, "A2") == said


def test_a_reader_that_cannot_say_is_not_asked():
    reader = open_reader(None)
    reader._scorer = KeywordScorer({"A2": "toad"})
    assert reader.read([MAIL])[0].has("A2")
    assert reader.without(MAIL, "A2") is None


def test_a_corrected_contact_is_read_anew():
    reader = open_reader(None)
    assert reader.without(MAIL, "A2")
    assert reader.without(contact("c-1", NOW, "Please ring me about the lift.", subject="Lift"), "A2") is None


def test_scores_of_before_vectors_are_still_read_and_a_vector_survives_the_store():
    old = '{"model": "m/1", "probabilities": {"A2": 0.5}, "flagged": []}'
    assert unpack(Scores, old).vector is None
    kept = Scores(model="m/1", vector="AQID")
    assert unpack(Scores, pack(kept)) == kept
    assert "AQID" not in repr(kept)
