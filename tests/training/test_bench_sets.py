"""Other people's sets and ordinary streams: what counts as positive, what is left out, and what is counted."""

import gzip
import math
from dataclasses import replace
from email import message_from_bytes, policy
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.components import require, shared_folder
from triage_models.labels import LABELS
from triage_models.scorer import ScoringInput
from triage_models.testing import KeywordScorer
from triage_training.bench.commands import app as bench
from triage_training.bench.housing import measure_housing
from triage_training.bench.other_sets import OtherSet, complaint_tweets, legal_help_posts, other_sets, table_rows
from triage_training.bench.public_sets import measure_public_sets, measure_set
from triage_training.bench.readers import ByWriter, EncoderAlone, WordsAlone, aggressive, loudest, unseen_reader
from triage_training.bench.streams import Stream, measure_streams, own_lines
from triage_training.examples import Example, read_base


def contact(key, text):
    return ScoringInput(id=key, channel="email", text=text)


def example(key, text, origin="a", **labels):
    return Example(contact=contact(key, text), labels=labels, evidence={}, origin=origin)


def rows(*texts):
    return tuple((contact(str(i), text), positive) for i, (text, positive) in enumerate(texts))


def test_a_set_is_measured_by_the_loudest_aggressive_label():
    one = OtherSet(
        name="s", meaning="m", rows=rows(("you idiot", True), ("again", False), ("", False), ("an idiot", False))
    )
    result = measure_set(KeywordScorer(), one)
    assert result.roc_auc == pytest.approx((1 + 1 + 0.5) / 3)
    assert result.f1 == pytest.approx(2 / 3) and result.false_flags == pytest.approx(1 / 3)
    assert result.not_scored == 1


def test_a_set_without_positives_has_only_false_flags():
    result = measure_set(KeywordScorer(), OtherSet(name="s", meaning="m", rows=rows(("fine", False), ("idiot", False))))
    assert math.isnan(result.roc_auc) and math.isnan(result.f1) and result.false_flags == 0.5


def test_a_reader_that_is_not_here_is_named_below_the_table():
    one = OtherSet(name="s", meaning="m", rows=rows(("you idiot", True), ("hello", False)))
    _, table = measure_public_sets({"ours": KeywordScorer(), "Detoxify": "no checkpoint here"}, [one])
    assert [row[5] for row in table.rows] == ["ours"] and "Detoxify: no checkpoint here." in table.note


def test_readers_stand_side_by_side():
    sets = [
        OtherSet(name="s", meaning="m", rows=rows(("you idiot", True), ("hello", False))),
        OtherSet(name="t", meaning="none", rows=rows(("hello", False), ("an idiot", False))),
    ]
    beside, _ = measure_public_sets({"one": KeywordScorer({"A2": "idiot"}), "other": KeywordScorer({"A2": "hello"})}, sets)  # fmt: skip
    assert beside.columns == ("set", "one", "other")
    assert beside.rows == (("s", "1.00 / 1.00 / 0.00", "0.00 / 0.00 / 1.00"), ("t", "- / - / 0.50", "- / - / 0.50"))


def test_housing_texts_are_read_by_every_reader_that_is_there():
    texts = [
        example("1", "you idiot", A2=True, A1=False, A4=False),
        replace(example("2", "an idiot's guide", A2=False, A1=False, A4=False), lookalike="A2"),
        example("3", "the lift", A2=False, A1=False, A4=False),
    ]
    table = measure_housing({"ours": KeywordScorer({"A2": "idiot"}), "Detoxify": "no checkpoint here"}, texts)
    (row,) = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    assert (row["reader"], row["F1"], row["false flags"]) == ("ours", pytest.approx(2 / 3), 0.5)
    assert row["look-alikes flagged"] == 1.0 and "Detoxify: no checkpoint here." in table.note


@pytest.mark.parametrize("command", ["streams", "public-sets", "housing"])
def test_a_converted_detoxify_is_given_by_its_folder_alone(command, tmp_path):
    texts = ["--texts", str(tmp_path / "t.jsonl"), "--base", str(tmp_path / "t.jsonl")] if command == "housing" else []
    (tmp_path / "t.jsonl").write_text("", encoding="utf-8")
    done = CliRunner().invoke(bench, [command, "--data", str(tmp_path), "--checkpoint", str(tmp_path), *texts])
    assert done.exit_code == 2 and "holds no manifest of a converted Detoxify" in done.output


def test_words_alone_learn_what_is_aggressive_and_unknown_labels_are_not():
    base = [example(str(i), f"you idiot number {i}", A2=True) for i in range(12)]
    base += [example(str(i), f"the lift is broken on floor {i}", A3=True, A1=False) for i in range(12)]
    assert aggressive(base[0]) and not aggressive(base[-1])
    reader = WordsAlone(base)
    rude, calm, empty = reader.score([contact("1", "what an idiot you are"), contact("2", "the lift is broken"), contact("3", "")])  # fmt: skip
    assert rude.flagged == ("A2",) and calm.flagged == () and loudest(rude) > loudest(calm)
    assert empty.not_scored and loudest(empty) == 0.0
    assert reader.score([]) == []


def test_the_encoder_alone_says_its_own_log_odds_of_the_aggressive_labels_only():
    odds = np.full(len(LABELS), -4.0, dtype=np.float32)
    odds[LABELS.index("A1")], odds[LABELS.index("S0")] = 2.0, 9.0
    fake = SimpleNamespace(read=lambda contacts: [SimpleNamespace(contact=odds) for _ in contacts])
    first, empty = EncoderAlone(fake).score([contact("1", "I know your car"), contact("2", " ")])
    assert first.flagged == ("A1",) and set(first.probabilities) == {"A1", "A2", "A4"}
    assert loudest(first) == pytest.approx(1 / (1 + math.exp(-2.0)), abs=1e-4)
    assert empty.not_scored


def test_each_contact_is_read_by_the_model_that_had_not_seen_its_writer():
    models = {0: KeywordScorer({"A1": "x"}), 1: KeywordScorer({"A2": "x"})}
    answers = ByWriter(models, {"a": 1, "b": 0, "c": 1}).score([contact(key, "x") for key in "abca"])
    assert [scores.flagged for scores in answers] == [("A2",), ("A1",), ("A2",), ("A2",)]
    with pytest.raises(KeyError):
        ByWriter(models, {"a": 1}).score([contact("z", "x")])


def test_unseen_models_are_made_for_every_writer(request):
    base = read_base(request.config.rootpath / "training/housing/messages.jsonl")[::40]
    reader = unseen_reader(base, 2)
    answers = reader.score([one.contact for one in base[:20]])
    assert len(answers) == 20
    assert {scores.model[:9] for scores in answers} <= {"unseen/0.", "unseen/1."}
    assert all(reader.knows(one.id) for one in base)


def test_flags_of_a_stream_are_counted_per_label_and_together():
    stream = Stream(name="s", contacts=tuple(contact(str(i), "idiot" if i == 0 else "hello") for i in range(10)))
    absent = Stream(name="t", contacts=(), problem="not measured: reading it needs pandas")
    table = measure_streams(KeywordScorer(), [stream, absent])
    assert [row[0] for row in table.rows] == ["s", "t", "all"]
    first, missing, together = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    assert first["A2"].startswith("100.0 (") and first["A1"].startswith("0.0 (")
    assert first["any of them"].startswith("100.0 (") and together["contacts"] == 10
    assert missing["any of them"] == "not measured: reading it needs pandas"


def test_a_message_is_read_without_quoted_lines_and_signature():
    raw = b"Subject: x\nContent-Type: text/plain\n\nMy words.\n> Yours.\n  >> Older.\nMore.\n-- \nSigned\n"
    assert own_lines(message_from_bytes(raw, policy=policy.default)) == "My words.\nMore."


def test_a_message_in_an_unknown_encoding_is_still_read():
    raw = b'Content-Type: text/plain; charset="nothing-known"\n\nGr\xfc\xdfe\n'
    assert own_lines(message_from_bytes(raw, policy=policy.default)).startswith("Gr")


def test_tables_are_read_packed_without_header_and_with_stray_bytes(tmp_path):
    with gzip.open(tmp_path / "t.tsv.gz", "wb") as stream:
        stream.write(b'1\tcaf\xe9 "so\n')
    assert list(table_rows(tmp_path / "t.tsv.gz", delimiter="\t", header=("id", "text"), quoting=3)) == [
        {"id": "1", "text": 'caf\ufffd "so'}
    ]


@pytest.mark.shared
def test_every_public_set_has_both_kinds_of_rows_or_is_said_to_have_none():
    require("shared")
    sets = other_sets(shared_folder() / "data", cap=150)
    assert len(sets) == 14
    for one in sets:
        positives = sum(positive for _, positive in one.rows)
        assert 0 < len(one.rows) + one.seen <= 150
        assert (positives == 0) is one.meaning.startswith("none"), one.name
    names = {one.name: one for one in sets}
    assert names["EDOS test"].seen == names["davidson_tweets"].seen == 0


@pytest.mark.shared
def test_streams_of_people_who_describe_harm_hold_each_post_once():
    require("shared")
    posts = legal_help_posts(shared_folder() / "data")
    assert len(posts) == len(set(posts)) > 1500
    assert len(complaint_tweets(shared_folder() / "data")) == 3449
