"""The vectors of topics are learned from the genuine teacher: skips where torch is absent (run.py test --extras)."""

import numpy as np
import pytest

pytestmark = pytest.mark.encoder
OFTEN = 200
"""As often as six passes need to learn from six texts."""
TEXTS = (
    ["The kitchen tap drips on to the worktop.", "A plumber has fitted a washer to the tap.", "Water drips from the kitchen tap."] * OFTEN
    + ["My rent statement shows a charge twice.", "Rent was taken twice this month.", "The statement of my rent is wrong."] * OFTEN
)  # fmt: skip


def test_texts_that_the_teacher_finds_alike_point_the_same_way():
    pytest.importorskip("torch", reason="torch is not installed: python3 run.py test --extras")
    from tests.bench.link_topics import Teacher, learned, stems_of

    stems, vectors = learned(TEXTS, Teacher(), report=lambda _: None)
    rows = {stem: row for row, stem in enumerate(stems)}

    def points(text: str) -> np.ndarray:
        whole = vectors[[rows[stem] for stem in stems_of(text)]].astype(float).sum(axis=0)
        return whole / np.linalg.norm(whole)

    tap, plumber, rent = points(TEXTS[0]), points(TEXTS[1]), points(TEXTS[-1])
    assert tap @ plumber > tap @ rent + 0.2
    assert "boiler" in rows  # no text has it: the teacher's own vocabulary does
    assert vectors.dtype == np.int8
