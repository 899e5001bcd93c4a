"""Detoxify's own code on a tiny random checkpoint made here: skips where torch is absent (run.py test --extras)."""

import pytest

from triage_models.errors import ModelRefused
from triage_models.testing import ScorerContract
from triage_models.toxicity import DetoxifyScorer

pytestmark = pytest.mark.detoxify
CLASSES = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    torch = pytest.importorskip("torch", reason="torch is not installed: python3 run.py test --extras")
    pytest.importorskip("detoxify", reason="detoxify is not installed: python3 run.py test --extras")
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    folder = tmp_path_factory.mktemp("tiny")
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *"abcdefghijklmnopqrstuvwxyz",
        *(f"##{char}" for char in "abcdefghijklmnopqrstuvwxyz"),
    ]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=len(CLASSES),
    )
    config.save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(3)
    model = BertForSequenceClassification(config)
    arguments = {
        "num_classes": len(CLASSES),
        "model_type": "bert-base-uncased",
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "BertTokenizer",
    }
    path = folder / "tiny.ckpt"
    torch.save(
        {
            "config": {"dataset": {"args": {"classes": CLASSES}}, "arch": {"args": arguments}},
            "state_dict": model.state_dict(),
        },
        path,
    )
    return path


class TestDetoxify(ScorerContract):
    @pytest.fixture(scope="class")
    def scorer(self, checkpoint):
        return DetoxifyScorer(checkpoint, checkpoint.parent)

    def test_its_labels_are_mapped_to_ours(self, scorer):
        assert scorer.labels == ("A1", "A2")

    def test_the_agents_words_are_never_scored(self, scorer):
        """Random weights flag at random: what counts is that the agent's words do not change the scores."""
        from dataclasses import replace

        from triage_models.testing import CONTRACT_INPUTS

        call = next(contact for contact in CONTRACT_INPUTS if contact.id == "call")
        without = replace(call, turns=call.turns[1:])
        assert scorer.score([call])[0].probabilities == pytest.approx(scorer.score([without])[0].probabilities)


@pytest.fixture(scope="module")
def converted(checkpoint, tmp_path_factory):
    pytest.importorskip("onnx", reason="onnx is not installed: python3 run.py test --extras")
    from triage_training.detoxify_onnx import convert

    return convert(checkpoint, checkpoint.parent, tmp_path_factory.mktemp("onnx") / "detoxify")


class TestDetoxifyAsOnnx(TestDetoxify):
    @pytest.fixture(scope="class")
    def scorer(self, converted):
        return DetoxifyScorer(converted)

    def test_it_gives_the_scores_of_the_checkpoint(self, scorer, checkpoint):
        from triage_models.testing import CONTRACT_INPUTS

        inputs = [contact for contact in CONTRACT_INPUTS if contact.id != "long"]
        theirs = DetoxifyScorer(checkpoint, checkpoint.parent).score(inputs)
        compared = 0
        for contact, mine, wanted in zip(inputs, scorer.score(inputs), theirs, strict=True):
            assert mine.not_scored == wanted.not_scored, contact.id
            assert mine.flagged == wanted.flagged
            assert dict(mine.probabilities) == pytest.approx(dict(wanted.probabilities), abs=1e-4)
            compared += len(wanted.probabilities)
        assert compared >= 8

    def test_it_loads_no_torch(self, converted):
        import subprocess
        import sys

        code = (
            "import sys; from pathlib import Path; from triage_models.toxicity import DetoxifyScorer;"
            f"DetoxifyScorer(Path({str(converted)!r})); assert 'torch' not in sys.modules"
        )
        subprocess.run([sys.executable, "-c", code], check=True)

    def test_a_changed_byte_refuses_it(self, converted, tmp_path):
        import shutil

        for name in ("detoxify.onnx", "tokenizer.json"):
            folder = tmp_path / name
            shutil.copytree(converted, folder)
            content = bytearray((folder / name).read_bytes())
            content[len(content) // 2] ^= 1
            (folder / name).write_bytes(bytes(content))
            with pytest.raises(ModelRefused, match="not the file that its manifest names"):
                DetoxifyScorer(folder)

    def test_a_second_conversion_does_not_write_over_the_first(self, converted, checkpoint):
        from triage_training.detoxify_onnx import convert
        from triage_training.errors import TrainingError

        with pytest.raises(TrainingError, match="there already"):
            convert(checkpoint, checkpoint.parent, converted)


def test_a_checkpoint_that_needs_unpickling_is_refused(checkpoint, tmp_path):
    import pickle

    bad = tmp_path / "bad.ckpt"
    bad.write_bytes(pickle.dumps({"config": print}))
    with pytest.raises(ModelRefused, match=r"bad\.ckpt"):
        DetoxifyScorer(bad, checkpoint.parent)
