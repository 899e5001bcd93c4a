"""What contacts of histories teach: only what the history's writer has decided."""

import json

import pytest

from triage_training.errors import BadExample
from triage_training.histories import read_histories


def _said(at, text, **more):
    return {"kind": "contact", "direction": "in", "channel": "sms", "at": at, "text": text, **more}


def _history(events, expected=(), not_expected=()):
    return {"id": "zz-01", "events": events, "expected": list(expected), "not_expected": list(not_expected)}


def _read(tmp_path, *histories):
    path = tmp_path / "timelines.jsonl"
    path.write_text("\n".join(map(json.dumps, histories)) + "\n", "utf-8")
    return read_histories([path])


def test_a_flag_that_is_not_due_is_absent_from_every_contact_and_what_else_they_show_is_unknown(tmp_path):
    (found,) = _read(tmp_path, _history([_said("2026-06-01T09:00", "Nobody rang.")], not_expected=["P1"]))
    assert found.labels == dict.fromkeys(("A1", "A2", "A4", "A5", "S0"), False)
    assert (found.id, found.origin) == ("zz-01/0", "zz")


def test_a_flag_that_is_due_is_shown_by_the_contact_of_that_moment_and_unknown_of_the_others(tmp_path):
    events = [_said("2026-06-01T09:00", "I cannot go on."), _said("2026-06-01T10:00", "Is anybody there?")]
    first, second = _read(tmp_path, _history(events, [{"code": "S0", "earliest": "2026-06-01T09:00"}]))
    assert first.labels["S0"] is True
    assert "S0" not in second.labels


def test_a_hazard_is_absent_only_where_the_writer_says_that_it_must_not_be_raised(tmp_path):
    events = [_said("2026-06-01T09:00", "The tap drips.")]
    told, untold = _read(tmp_path, _history(events, not_expected=["hazard"]), _history(events))
    assert told.labels["HZ"] is False
    assert "HZ" not in untold.labels


def test_our_own_words_records_and_calls_without_a_customer_teach_nothing(tmp_path):
    events = [
        {"kind": "record", "at": "2026-06-01T08:00", "record": "visit", "text": "Done."},
        _said("2026-06-01T09:00", "We are sorry.", direction="out"),
        _said("2026-06-01T10:00", None, turns=[{"speaker": "agent", "text": "Hello?"}]),
        _said("2026-06-01T11:00", None, turns=[{"speaker": "customer", "text": "Only me."}]),
    ]
    assert [one.id for one in _read(tmp_path, _history(events))] == ["zz-01/3"]


def test_a_line_that_is_no_history_is_named(tmp_path):
    with pytest.raises(BadExample, match="line 2 is no history"):
        _read(tmp_path, _history([]), {"id": "zz-02"})
    with pytest.raises(BadExample, match="cannot be read"):
        read_histories([tmp_path / "nowhere.jsonl"])


def test_the_histories_of_this_project_can_be_learned_from(request):
    found = read_histories([request.config.rootpath / "training/housing/timelines.jsonl"])
    assert len(found) > 100
    assert any(one.labels.get("S0") for one in found)
