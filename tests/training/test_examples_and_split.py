"""What may be learned from, and what is held back."""

import json

import pytest

from triage_training.errors import BadExample
from triage_training.examples import fingerprint, read_base, read_decisions
from triage_training.split import frozen_split, is_frozen, writer_folds

HOUSING = "training/housing/messages.jsonl"


@pytest.fixture(scope="module")
def housing(request):
    return read_base(request.config.rootpath / HOUSING)


def test_contrast_pairs_never_straddle_the_frozen_split(housing):
    training, frozen = frozen_split(housing)
    assert not {(e.origin, e.pair) for e in training if e.pair} & {(e.origin, e.pair) for e in frozen if e.pair}
    assert 0.10 < len(frozen) / len(housing) < 0.20


def test_the_frozen_split_does_not_depend_on_what_else_there_is(housing):
    assert [e.id for e in frozen_split(housing[::7])[1]] == [e.id for e in housing[::7] if is_frozen(e)]


def test_the_frozen_split_has_not_changed(housing):
    """Writers may be added; what was frozen before stays frozen, and nothing of the older writers joins it."""
    frozen = frozen_split(housing)[1]
    older = [example for example in frozen if example.origin[0] in "dwx"]
    assert (len(older), older[0].id, older[-1].id) == FROZEN
    before = [example for example in frozen if example.origin[0] not in "vz"]
    assert (len(before), before[-1].id) == (1847, "yi-442")
    later = [example for example in frozen if example.origin[0] not in "vz" or example.origin in ("za", "zc", "zd")]
    assert (len(later), later[-1].id) == (2001, "zd-358")


FROZEN = (836, "dev-005", "xt-182")


def test_a_writer_is_never_parted_over_folds(housing):
    folds = writer_folds(housing, 7)
    by_writer = {e.origin: set() for e in housing}
    for example, fold in zip(housing, folds, strict=True):
        by_writer[example.origin].add(fold)
    assert all(len(found) == 1 for found in by_writer.values())
    assert len(set(folds)) == 7


def test_as_many_folds_as_writers_leave_out_one_at_a_time(housing):
    assert len(set(writer_folds(housing, 99))) == len({e.origin for e in housing})


def write(path, *rows):
    path.write_text(
        "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n", encoding="utf-8"
    )
    return path


DECISION = {
    "id": "c1",
    "channel": "email",
    "subject": None,
    "text": "words",
    "labels": {"A1": True},
    "customer": "p1",
    "decided_at": "2026-01-01T10:00:00+00:00",
    "reviewer": "ana",
}


def test_only_what_was_decided_is_known(tmp_path):
    (example,) = read_decisions(write(tmp_path / "d.jsonl", DECISION))
    assert dict(example.labels) == {"A1": True}


def test_the_newest_decision_on_a_label_counts(tmp_path):
    later = {**DECISION, "labels": {"A1": False}, "decided_at": "2026-01-02T10:00:00+00:00"}
    other = {**DECISION, "labels": {"A2": True}, "decided_at": "2026-01-03T10:00:00+00:00"}
    (example,) = read_decisions(write(tmp_path / "d.jsonl", later, DECISION, other))
    assert dict(example.labels) == {"A1": False, "A2": True}


def test_one_customers_decisions_stay_on_one_side_of_the_split(tmp_path):
    rows = [{**DECISION, "id": f"c{i}", "customer": f"p{i % 5}"} for i in range(50)]
    decided = read_decisions(write(tmp_path / "d.jsonl", *rows))
    sides = {}
    for example in decided:
        sides.setdefault(example.pair, set()).add(is_frozen(example))
    assert all(len(found) == 1 for found in sides.values())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 2 is not JSON"),
        ({**DECISION, "labels": {"Z": True}}, "line 2 cannot be used: no label of ours"),
        ({"id": "x"}, "line 2 cannot be used"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, why):
    with pytest.raises(BadExample, match=why):
        read_decisions(write(tmp_path / "d.jsonl", DECISION, line))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadExample, match=r"none\.jsonl cannot be read"):
        read_base(tmp_path / "none.jsonl")


def test_the_fingerprint_changes_with_one_label(tmp_path):
    one = read_decisions(write(tmp_path / "a.jsonl", DECISION))
    other = read_decisions(write(tmp_path / "b.jsonl", {**DECISION, "labels": {"A1": False}}))
    assert fingerprint(one) == fingerprint(one) != fingerprint(other)


def test_a_base_contact_without_any_words_is_refused(tmp_path):
    row = {"id": "b1", "origin": "tests", "channel": "call_transcript", "labels": ["A2"], "evidence": {}}
    with pytest.raises(BadExample, match="line 1 cannot be used: it has neither text nor turns"):
        read_base(write(tmp_path / "b.jsonl", row))
