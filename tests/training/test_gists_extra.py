"""The gist reader is taught from the genuine weights and kept as it is read: skips where torch is absent (run.py test --extras)."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.components import ROOT
from triage.domain.contact import Channel, Contact, Delivery, Direction
from triage.domain.gist import OURS, THEIRS
from triage_models.labels import LABELS

pytestmark = pytest.mark.encoder
sys.path.insert(0, str(ROOT / "tests" / "bench"))
SAYINGS = (
    ("shower", "The shower runs cold.", ("needs", "first")),
    ("rent", "When does my rent statement come?", ("needs", "first")),
    ("shower", "It is stone cold again.", ("needs", "press")),
    ("rent", "The statement has come, thank you.", ("closing",)),
)


def test_what_it_was_taught_it_says_and_keeps(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed: python3 run.py test --extras")
    import gists

    from triage_models.gist_reader import Side, Vocabulary, load_gist_reader

    vocabulary = Vocabulary(gists.pretrained_tokeniser())
    told = []
    for scenario in range(8):
        for place, (issue, words, acts) in enumerate(SAYINGS):
            side = Side(ours=False, subject="", words=words)
            marks = tuple(float(act in acts) if act in THEIRS else -1.0 for act in (*OURS, *THEIRS))
            at = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(days=place)
            contact = Contact(
                id=f"{scenario}/{place}", at=at, received=at, direction=Direction.IN, channel=Channel.EMAIL,
                deliveries=(Delivery(route="homes@landlord.example", received=at),), text=words,
            )  # fmt: skip
            read = gists.Read(tuple(vocabulary.pieces(side)), 3, marks)
            told.append(gists.Said(f"s-{scenario}", contact, False, issue, read))
    texts = [gists.Read(one.read.pieces, 3, tuple(-1.0 for _ in LABELS)) for one in told]
    gists.keep_model(gists.taught(told, texts, passes=25), tmp_path, "a test")
    reader = load_gist_reader(tmp_path)
    read = reader.read([Side(ours=False, subject="", words=words) for _, words, _ in SAYINGS])
    said = [{act for act, odds in zip(THEIRS, one.says, strict=True) if odds > 0} for one in read]
    assert said == [set(acts) for _, _, acts in SAYINGS]
    assert read[0].about @ read[2].about > read[1].about @ read[2].about + 0.1
    assert np.linalg.norm(read[0].about) == pytest.approx(1.0, abs=1e-3)
