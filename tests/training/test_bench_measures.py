"""The bench's arithmetic and tables, on figures small enough to count by hand."""

import json
import math

import pytest

from triage_training.bench.measures import by_hash, f1, letters_of, per_thousand, quantile, roc_auc
from triage_training.bench.tables import Table, write_tables


def test_the_area_counts_pairs_in_the_right_order_and_ties_as_half():
    assert roc_auc([(0.9, True), (0.8, False), (0.7, True), (0.1, False)]) == pytest.approx(3 / 4)
    assert roc_auc([(0.5, True), (0.5, False)]) == pytest.approx(0.5)
    assert math.isnan(roc_auc([(0.5, True)]))


def test_f1_has_no_value_where_nothing_was_to_be_found():
    assert f1([True, True, False], [True, False, True]) == pytest.approx(0.5)
    assert math.isnan(f1([True], [False]))


def test_a_rate_per_thousand_lies_in_its_interval_even_at_nought():
    rate, low, high = per_thousand(0, 1000)
    assert (rate, low) == (0.0, 0.0) and 3.0 < high < 4.5
    rate, low, high = per_thousand(5, 1000)
    assert low < rate == 5.0 < high


def test_the_95th_percentile_leaves_a_twentieth_above():
    assert quantile([value / 100 for value in range(1, 101)], 0.95) == 0.95
    assert math.isnan(quantile([], 0.95))


def test_the_same_rows_are_chosen_in_whatever_order_they_come():
    rows = [str(number) for number in range(50)]
    assert by_hash(rows, 10, str) == by_hash(rows[::-1], 10, str)
    assert set(by_hash(rows, 10, str)) < set(by_hash(rows, 20, str))


def test_copies_cleaned_differently_are_the_same_text_and_emoji_tell_texts_apart():
    assert letters_of("It's  NOT fixed, still!") == letters_of("its not fixed still")
    assert letters_of("nice \U0001f600") != letters_of("nice \U0001f621")


def test_a_table_keeps_its_note_and_its_missing_figures(tmp_path):
    table = Table(title="T", note="Counted so.", columns=("a", "b"), rows=(("x|y", float("nan")), ("z", 0.25)))
    shown = table.markdown()
    assert "| x/y | — |" in shown and "| z | 0.25 |" in shown and "Counted so." in shown
    write_tables(tmp_path / "t.json", [table])
    assert json.loads((tmp_path / "t.json").read_text())[0]["rows"] == [{"a": "x|y", "b": None}, {"a": "z", "b": 0.25}]
