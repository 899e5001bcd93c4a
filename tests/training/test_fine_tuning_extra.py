"""Fine-tuning on the genuine weights: skips where torch is absent (run.py test --extras)."""

import numpy as np
import pytest

from triage_models.encoder import Encoder
from triage_training.examples import Example

pytestmark = pytest.mark.encoder


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="torch is not installed: python3 run.py test --extras")


def _examples() -> list[Example]:
    from types import MappingProxyType

    from triage_models.labels import LABELS
    from triage_models.scorer import ScoringInput

    made = []
    for number in range(24):
        rude = number % 2 == 0
        words = f"You are a {'toad' if rude else 'help'}, number {number}, and the lift is out."
        quote = ("a toad",) if rude else ()
        made.append(
            Example(
                contact=ScoringInput(id=str(number), channel="sms", text=words),
                labels=MappingProxyType({label: label == "A2" and rude for label in LABELS}),
                evidence=MappingProxyType({"A2": quote} if rude else {}),
                origin="tests",
                pair=str(number // 2),
            )
        )
    return made


def test_the_published_weights_give_the_published_likeness(torch):
    from tokenizers import Tokenizer

    from triage_training.encoder.network import ContactReader, pretrained_encoder, pretrained_tokeniser

    model = ContactReader(pretrained_encoder()).eval()
    tokeniser = Tokenizer.from_buffer(pretrained_tokeniser())
    tokeniser.no_padding()

    def vector(text):
        pieces = torch.tensor([tokeniser.encode(text).ids])
        nothing = torch.zeros_like(pieces, dtype=torch.bool)
        with torch.inference_mode():
            mean = model(pieces, nothing, ~nothing)[3][0]
        return mean / mean.norm()

    likeness = float(vector("My boiler is broken again") @ vector("The heating does not work"))
    assert likeness == pytest.approx(0.474, abs=0.002)


def test_a_few_steps_learn_the_texts_and_the_exported_file_says_what_the_network_says(torch, tmp_path):
    from triage_training.encoder.export import exported, narrowed
    from triage_training.encoder.learning import Course, fine_tune
    from triage_training.encoder.network import ContactReader, pretrained_encoder, pretrained_tokeniser
    from triage_training.encoder.rows import padded, rows_of

    examples = _examples()
    encoding = Encoder(b"", pretrained_tokeniser()).encoding
    rows = rows_of(encoding, examples)
    assert all((row.piece_marks == 1).any() == (row.marks == 1).any() for row in rows)
    torch.manual_seed(1)
    model = fine_tune(ContactReader(pretrained_encoder()), rows, Course(epochs=12, frozen=3, size=8, rate=2e-4))
    wide = Encoder(exported(model), pretrained_tokeniser())
    read = wide.read([example.contact for example in examples])
    rude = [one.contact[1] for one, example in zip(read, examples, strict=True) if example.labels["A2"]]
    kind = [one.contact[1] for one, example in zip(read, examples, strict=True) if not example.labels["A2"]]
    assert min(rude) > max(kind)
    batch = padded(rows)
    with torch.inference_mode():
        contact = model(batch.numbers, batch.padding, batch.own)[0].numpy()
    assert np.abs(contact - np.stack([one.contact for one in read])).max() < 1e-3
    narrow = Encoder(narrowed(exported(model)), pretrained_tokeniser()).read([examples[0].contact])[0]
    assert np.abs(narrow.contact - contact[0]).max() < 0.3
