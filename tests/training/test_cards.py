"""What a model's card says: sample beside population, groups of contacts, failures out of mistakes, and what its encoder was taught."""

import json
from dataclasses import dataclass, replace
from types import MappingProxyType, SimpleNamespace

import pytest
from typer.testing import CliRunner

from triage_models.artefact import load_artefact
from triage_models.card import PRIOR, Share, card_in
from triage_models.encoder import Encoder
from triage_models.labels import LABELS
from triage_models.manifest import ENCODER_FILE, MODEL_FILE, TOKENISER_FILE, read_manifest
from triage_models.registry import load_champion, packaged_folder
from triage_models.scorer import Scores, ScoringInput, Span
from triage_models.testing import KeywordScorer
from triage_training import champion as champions
from triage_training import cli
from triage_training.cards import HISTORIES, as_they_come, card_of, sources, with_kept_heads
from triage_training.champion import put_encoder_beside, renew_card
from triage_training.encoder import taught
from triage_training.errors import BadExample
from triage_training.examples import Example
from triage_training.failures import known_failures
from triage_training.groups import batch_of, group_figures, share_of
from triage_training.out_of_fold import read_predictions, write_predictions
from triage_training.population import population_figures, precision_at


def example(number, text="The lift is out.", channel="email", origin="wa", lookalike=None, **labels):
    marks = MappingProxyType(dict.fromkeys(LABELS, False) | labels)
    contact = ScoringInput(id=str(number), channel=channel, text=text)
    return Example(contact=contact, labels=marks, evidence={}, origin=origin, lookalike=lookalike)


def answer(*flagged):
    return Scores(model="m", probabilities={label: float(label in flagged) for label in LABELS}, flagged=flagged)


def figures_of(examples, answers):
    heads = load_champion(None)._heads
    return card_of("n", "1", heads, held=examples, answers=answers, how="h", base=len(examples), decisions=0)


def test_precision_at_a_stated_share_is_what_recall_and_false_flags_make_of_it():
    assert precision_at(0.8, 0.0) == 1.0
    assert precision_at(0.8, 0.01, prior=0.01) == pytest.approx(0.008 / (0.008 + 0.0099))
    assert precision_at(0.0, 0.0) == 0.0


def test_the_sample_and_what_comes_in_stand_side_by_side():
    sample = [example(i, A1=i < 10) for i in range(20)]
    card = figures_of(sample, [answer("A1") if i < 8 else answer() for i in range(20)])
    incoming = [replace(example(i), labels={"A1": i == 0}) for i in range(101)]
    answers = [answer("A1", "D1") if i in (0, 1, 2) else answer() for i in range(101)]
    rows = population_figures(incoming, answers, card.figures, len(sample))
    assert (rows["A1"].sample, rows["A1"].shown) == (0.5, pytest.approx(1 / 101))
    assert (rows["A1"].flagged.of, rows["A1"].flagged.share) == (100, 0.02)
    assert rows["A1"].precision == pytest.approx(precision_at(0.8, 0.02)) and rows["A1"].least < rows["A1"].precision
    assert rows["D1"].shown is None is rows["D1"].precision and rows["D1"].flagged.share == pytest.approx(3 / 101)
    assert 0 < PRIOR < 0.5


def test_the_histories_beside_the_base_set_are_read_and_none_is_no_error(tmp_path):
    base = tmp_path / "messages.jsonl"
    card = figures_of([example(1)], [answer()])
    assert as_they_come(card, KeywordScorer(), base, 1) == card
    event = {"kind": "contact", "direction": "in", "channel": "email", "at": "2026-01-01T09:00:00", "text": "idiot"}
    history = {"id": "x-1", "expected": [], "not_expected": [], "events": [event]}
    (tmp_path / "timelines.jsonl").write_text(json.dumps(history) + "\n", encoding="utf-8")
    found = as_they_come(card, KeywordScorer(), base, 1)
    assert found.population["A2"].flagged == Share(of=1, share=1.0, interval=share_of([True]).interval)
    assert "1 customers' contacts" in found.how_population and "| A2 | 0.000 | 0.000 | 1.000" in found.as_markdown()


def test_groups_are_by_voice_channel_and_batch_of_writers_and_small_ones_are_left_out():
    examples = [example(i, channel="sms" if i < 60 else "email", origin="wa" if i < 60 else "dev", A2=i % 2 == 0) for i in range(70)]  # fmt: skip
    answers = [answer("A2") if i % 4 < 2 else answer() for i in range(70)]
    rows = group_figures(examples, answers, {str(i): "formal" for i in range(60)})
    assert [(row.kind, row.name, row.contacts) for row in rows] == [
        ("voice", "formal", 60), ("channel", "sms", 60), ("writers", "w…", 60),
    ]  # fmt: skip
    assert rows[0].abuse_found.share == rows[0].false_alarms.share == 0.5
    assert rows[0].risk_found.of == 0 and str(rows[0].risk_found) == "-"
    assert [row.kind for row in group_figures(examples, answers, {})] == ["channel", "writers"]
    assert batch_of("dev") == "dev"


def test_failures_are_counted_from_the_mistakes():
    worded = [example(f"w{i}", "I will stab you at the door.", A1=True) for i in range(60)]
    sideways = [example(f"s{i}", "Lovely tyres your van has, shame about them.", A1=True) for i in range(60)]
    vain = [example(f"v{i}", "He said it.", lookalike="A1", QA=True) for i in range(60)]
    answers = [*[answer("A1")] * 60, *[answer()] * 45, *[answer("A1")] * 15, *[answer("A1")] * 60]
    told = "\n".join(known_failures([*worded, *sideways, *vain], answers))
    assert "60 contacts with A1 in which no rule for it finds a wording, 75% are missed; of the 60 others, 0%" in told
    assert "60 contacts flagged A1 in vain, 100% have QA; 100% were written to look like it" in told
    assert "60 contacts that only pass on somebody else's abuse, 100% are flagged" in told
    assert "A2 in vain" not in told


def test_failures_say_how_many_were_not_judged_and_whether_long_texts_are_read_worse():
    long, short = "word " * 120, "word " * 5
    texts = [(long, True), (long, False), (short, True), (short, False)]
    examples = [example(f"{n}-{i}", text, A2=bad) for n, (text, bad) in enumerate(texts) for i in range(50)]
    answers = [answer("A2") if one.labels["A2"] and one.contact.text == short else answer() for one in examples]
    answers[0] = replace(answers[0], abstained=LABELS)
    told = "\n".join(known_failures(examples, answers))
    assert "abuse is missed in 100% of contacts, below in 0%; flagged in vain in 0%, below in 0%" in told
    assert "Of 200 contacts, 1 are not judged" in told


def test_histories_are_claimed_only_for_an_encoder_that_was_taught_them():
    assert HISTORIES not in sources(9, 0, encoder=True) and HISTORIES not in sources(
        9, 0, encoder=False, histories=True
    )
    assert HISTORIES in sources(9, 0, encoder=True, histories=True)
    assert not taught.learned_histories({}) and not taught.learned_histories({"histories": {}})
    assert taught.learned_histories(taught.further({"histories": {"a.jsonl": "0"}}, histories=()))
    assert taught.learned_histories(taught.taught_of(packaged_folder()))


def test_what_an_encoder_was_taught_lies_beside_it_or_it_may_not_ship(tmp_path):
    histories = tmp_path / "h.jsonl"
    histories.write_text("x", encoding="utf-8")
    with pytest.raises(BadExample, match=r"e\.json is not beside e\.onnx"):
        taught.taught_beside(tmp_path / "e.onnx")
    taught.write_taught(tmp_path / "e.onnx", taught.further({}, histories=[histories], later=["za"]))
    told = taught.taught_beside(tmp_path / "e.onnx")
    assert told["histories"] == {"h.jsonl": taught.sha256(b"x")} and told["later"] == ["za"]
    (tmp_path / "course.json").write_text('{"folds": 5}', encoding="utf-8")
    assert taught.taught_beside(tmp_path / "all.onnx") == {"folds": 5}


def test_predictions_come_back_as_they_were_written(tmp_path):
    examples = [example(1), example(2)]
    spans = {"A2": (Span(part="text", start=4, end=8, text="lift"),)}
    answers = [replace(answer("A2"), spans=spans), replace(answer(), not_scored="because", abstained=("A1",))]
    write_predictions(tmp_path / "p.jsonl", examples, answers)
    one, other = read_predictions(tmp_path / "p.jsonl", examples)
    assert (one.flagged, one.spans["A2"][0].text, one.probabilities["A2"]) == (("A2",), "lift", 1.0)
    assert (other.not_scored, other.abstained) == ("because", ("A1",))
    with pytest.raises(BadExample, match="nothing of 1 of 3 contacts, 3 among them"):
        read_predictions(tmp_path / "p.jsonl", [*examples, example(3)])


@pytest.fixture
def base(tmp_path):
    path = tmp_path / "messages.jsonl"
    rows = [{"id": str(i), "origin": "wa", "channel": "sms", "text": "the lift is out", "labels": []} for i in range(3)]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def test_an_encoder_is_put_beside_the_packaged_heads_without_fitting(base, tmp_path):
    packaged, lessons = packaged_folder(), {"histories": {"a.jsonl": "0"}}
    encoder = Encoder((packaged / ENCODER_FILE).read_bytes(), (packaged / TOKENISER_FILE).read_bytes())
    made = put_encoder_beside(packaged, base, tmp_path / "models", "99.0.0", encoder, lessons)
    for name in (MODEL_FILE, ENCODER_FILE, TOKENISER_FILE):
        assert (made / name).read_bytes() == (packaged / name).read_bytes()
    old, new = card_in(packaged), card_in(made)
    assert new.figures == old.figures and new.version == load_artefact(made).version == "99.0.0"
    assert read_manifest(made).training["encoder"] == lessons
    assert new.how_measured.count("these figures are those of") == 1
    plain = put_encoder_beside(packaged, base, tmp_path / "models", "99.0.1", encoder, {})
    assert HISTORIES in new.data and HISTORIES not in card_in(plain).data


def test_the_packaged_card_is_what_the_command_makes_of_its_heads(base):
    card = card_in(packaged_folder())
    made = with_kept_heads(card, card.version, "11.0.0", base=23_098, histories=True)
    assert made == card


def test_papers_are_renewed_from_predictions(base, tmp_path, monkeypatch):
    packaged = packaged_folder()
    encoder = Encoder((packaged / ENCODER_FILE).read_bytes(), (packaged / TOKENISER_FILE).read_bytes())
    made = put_encoder_beside(packaged, base, tmp_path / "models", "99.0.0", encoder, {})
    monkeypatch.setattr(champions, "read_voices", lambda path: {})
    examples = champions.read_base(base)
    write_predictions(tmp_path / "p.jsonl", examples, [answer("A2") for _ in examples])
    renew_card(made, base, load_artefact(made), tmp_path / "p.jsonl")
    card = card_in(made)
    assert card.figures["A2"].precision == 0.0 and card.overall["contacts without abuse flagged as abuse"] == 1.0
    assert load_artefact(made).version == "99.0.0"


@pytest.mark.parametrize("wrong", [[], ["--encoder", "e.onnx", "--keep-encoder"], ["--encoder", "e.onnx", "--encoders", "w"]])  # fmt: skip
def test_kept_heads_want_one_encoder_and_nothing_else(wrong, base, tmp_path):
    asked = ["champion", "--root", str(tmp_path), "--version", "9.0.0", "--base", str(base), "--keep-heads", *wrong]
    done = CliRunner().invoke(cli.app, asked)
    assert done.exit_code == 2 and "fits and measures nothing" in done.output


@dataclass(frozen=True)
class Course:
    epochs: int = 2
    rate: float = 1e-4


def test_an_encoder_is_taught_on_from_the_one_that_is_named_and_says_what_it_was_taught(base, tmp_path, monkeypatch):
    asked = {}

    def teach(start, examples, later, **given):
        asked.update(given, start=start, later=later)
        return b"taught"

    monkeypatch.setattr(cli, "_recipe", lambda: SimpleNamespace(FURTHER=Course(), teach_further=teach))
    packaged, first, made = packaged_folder(), tmp_path / "first.onnx", tmp_path / "made.onnx"
    first.write_bytes((packaged / ENCODER_FILE).read_bytes())
    taught.write_taught(first, {"histories": {"old.jsonl": "0"}})
    given = [
        "further",
        "--output",
        str(made),
        "--start",
        str(first),
        "--base",
        str(base),
        "--later",
        "za",
        "--rate",
        "0.5",
    ]
    done = CliRunner().invoke(cli.app, given)
    assert done.exit_code == 0, done.output
    assert made.read_bytes() == b"taught" and asked["later"] == {"za"} and asked["course"].rate == 0.5
    told = taught.taught_beside(made)
    assert told["start_sha256"] == taught.sha256(first.read_bytes()) == taught.sha256(asked["start"].onnx_file)
    assert told["histories"] == {"old.jsonl": "0"} and told["course"] == {"epochs": 2, "rate": 0.5}
