"""The learning curve learns from a share of the other writers only, a smaller share within a larger."""

from dataclasses import replace

import numpy as np
import pytest

from triage_models.labels import LABELS
from triage_training.bench.curve import answers_at, capped, kept_at, measure_curve
from triage_training.design import build_design
from triage_training.errors import TrainingError
from triage_training.examples import read_base
from triage_training.split import writer_folds


@pytest.fixture(scope="module")
def base(request):
    return read_base(request.config.rootpath / "training/housing/messages.jsonl")[::80]


def test_pairs_stay_together_and_a_smaller_share_lies_within_a_larger(request):
    everything = read_base(request.config.rootpath / "training/housing/messages.jsonl")
    eighth, half = ({e.id for e in everything if kept_at(e, share)} for share in (0.125, 0.5))
    assert eighth < half and 0.45 < len(half) / len(everything) < 0.55
    assert all(kept_at(e, 1.0) for e in everything)
    whole = {(e.origin, e.pair) for e in everything if e.pair and e.id in half}
    assert {e.id for e in everything if (e.origin, e.pair) in whole} <= half


def test_what_a_left_out_writer_wrote_does_not_change_how_he_is_read(base):
    """The marks of one fold are given to other contacts of it: the answers for that fold come from the others and stay."""
    design, fold_of = build_design(base), np.asarray(writer_folds(base, 3))
    before = answers_at(design, base, fold_of, 1.0)
    turned = design.contact_marks.copy()
    turned[fold_of == 0] = np.roll(turned[fold_of == 0], 7, axis=0)
    after = answers_at(replace(design, contact_marks=turned), base, fold_of, 1.0)
    mine = [place for place in range(len(base)) if fold_of[place] == 0]
    others = [place for place in range(len(base)) if fold_of[place] != 0]
    assert all(before[place] == after[place] for place in mine)
    assert any(before[place] != after[place] for place in others)


def test_the_curve_has_a_row_per_share(base):
    table = measure_curve(base, folds=2, shares=(0.5, 1.0))
    assert [row[0] for row in table.rows] == [0.5, 1.0]
    assert table.rows[0][1] < table.rows[1][1]


def test_beside_an_encoder_the_curve_is_measured_twice_and_listens_to_it(base):
    marks = build_design(base).contact_marks.astype(np.float32)
    knows = np.hstack([8 * marks - 4, 8 * marks - 4]).astype(np.float32)
    rows = measure_curve(base, folds=2, shares=(1.0,), beside=knows).rows
    assert [row[2] for row in rows] == ["heads alone", "heads beside the encoder"]
    assert rows[1][3] > rows[0][3]


def test_a_text_of_which_nothing_unseen_is_kept_is_not_passed_over(base):
    unknown = np.full((len(base), 2 * len(LABELS)), np.nan, dtype=np.float32)
    with pytest.raises(TrainingError, match="taught again"):
        measure_curve(base, beside=unknown)


def test_a_cap_keeps_pairs_whole_and_lies_within_a_larger_one(request):
    everything = read_base(request.config.rootpath / "training/housing/messages.jsonl")
    few, more = capped(everything, 500), capped(everything, 2000)
    assert {e.id for e in few} < {e.id for e in more} and 495 <= len(few) <= 500
    whole = {(e.origin, e.pair) for e in few if e.pair}
    assert {e.id for e in everything if e.pair and (e.origin, e.pair) in whole} <= {e.id for e in few}
    assert capped(everything, None) == everything
