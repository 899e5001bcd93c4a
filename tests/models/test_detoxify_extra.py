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


def test_a_checkpoint_that_needs_unpickling_is_refused(checkpoint, tmp_path):
    import pickle

    bad = tmp_path / "bad.ckpt"
    bad.write_bytes(pickle.dumps({"config": print}))
    with pytest.raises(ModelRefused, match=r"bad\.ckpt"):
        DetoxifyScorer(bad, checkpoint.parent)
