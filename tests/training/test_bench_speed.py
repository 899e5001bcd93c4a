"""Speed is asked of fresh processes on the same texts; what cannot be measured is said."""

import json
import sys
from dataclasses import asdict

import pytest

from tests.components import require, shared_folder
from triage_models.labels import ABUSE
from triage_models.testing import KeywordScorer
from triage_training.bench.reader_child import contact_of, measure
from triage_training.bench.speed import ORDINARY, _asked, _cost_table, _rates_table, of_lengths, stream_and_hard
from triage_training.errors import TrainingError
from triage_training.examples import read_base


@pytest.fixture(scope="module")
def housing(request):
    return read_base(request.config.rootpath / "training/housing/messages.jsonl")


def row(contact):
    return json.loads(json.dumps(asdict(contact)))


def test_a_contact_survives_the_way_to_another_process(housing):
    contacts = [example.contact for example in housing[:300]]
    assert any(contact.turns for contact in contacts)
    assert [contact_of(row(contact)) for contact in contacts] == contacts


def test_lengths_grow_as_they_say_and_the_call_lasts_two_hours(housing):
    lengths = of_lengths(housing)
    words = [len((contact.text or "").split()) for contact in list(lengths.values())[:3]]
    assert words == [100, 400, 1600]
    call = list(lengths.values())[3]
    assert sum(len(turn.text.split()) for turn in call.turns) == 18_000
    assert {turn.speaker for turn in call.turns} == {"agent", "customer"}


def test_too_few_texts_are_refused_in_a_sentence(housing):
    with pytest.raises(TrainingError, match="at least 100"):
        of_lengths(housing[:1])


def test_a_reader_is_timed_on_every_stream_and_length(housing):
    given = {
        "streams": {"stream": [row(e.contact) for e in housing[:5]], "hard": [row(e.contact) for e in housing[5:9]]},
        "lengths": {"short": row(housing[0].contact)},
        "rounds": 2,
    }
    answer = measure(given, KeywordScorer())
    assert len(answer["rates"]["stream"]) == 2 and min(answer["rates"]["hard"]) > 0
    assert answer["single_ms"]["hard"]["p95"] >= answer["single_ms"]["hard"]["median"] > 0
    assert answer["length_ms"]["short"] > 0


def test_a_child_that_fails_says_what_it_said_last(tmp_path):
    with pytest.raises(TrainingError, match=r"exit 3.*no torch here"):
        _asked((sys.executable, "-c", "import sys; print('no torch here', file=sys.stderr); sys.exit(3)"), {}, tmp_path)


def test_the_ratio_is_against_the_better_of_detoxifys_two_ways(housing):
    contacts = {"hard": [example.contact for example in housing[:4]]}
    ours = {"model": "m/1", "rates": {"hard": [400.0, 500.0, 300.0]}, "single_ms": {"hard": {"median": 2.0, "p95": 3.0}},
            "load_s": 0.5, "first_contact_ms": 900.0, "peak_mb": 300.0, "length_ms": {"1x": 10.0}}  # fmt: skip
    theirs = {"rates": {"hard": {"1": 8.0, "16": 10.0}}, "peak_mb": 900.0}
    table = _rates_table(contacts, ours, theirs)
    assert dict(zip(table.columns, table.rows[0], strict=True))["ratio"] == 40.0
    alone = _rates_table(contacts, ours, "no interpreter")
    assert alone.rows[0][5] is None and "Detoxify not measured: no interpreter." in alone.note
    assert ("one contact of 1x, ms", 10.0) in _cost_table(ours, "no interpreter").rows


@pytest.mark.shared
def test_the_stream_is_95_percent_ordinary(housing):
    require("shared")
    stream, hard = stream_and_hard(shared_folder() / "data", housing, 100)
    rude = {e.id for e in housing if any(e.labels[label] for label in ABUSE)}
    assert len(stream) == len(hard) == 100
    assert sum(contact.id not in rude for contact in stream) == round(100 * ORDINARY)
