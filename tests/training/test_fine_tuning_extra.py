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


def test_readers_taught_side_by_side_answer_as_each_does_alone(torch):
    from triage_training.encoder.network import ContactReader, pretrained_encoder, pretrained_tokeniser
    from triage_training.encoder.rows import padded, rows_of
    from triage_training.encoder.stack import Stack

    readers = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        readers.append(ContactReader(pretrained_encoder()).eval())
    batch = padded(rows_of(Encoder(b"", pretrained_tokeniser()).encoding, _examples()[:5]))
    for letters in (True, False):
        stack = Stack(readers, letters=letters, exact=True)
        with torch.inference_mode():
            contact, pieces = stack.answers(batch.numbers[None], batch.padding, batch.own)
            alone = [reader(batch.numbers, batch.padding, batch.own) for reader in readers]
        for number, (whole, evidence, *_) in enumerate(alone):
            assert torch.allclose(contact[number].cpu(), whole, atol=2e-3)
            kept = ~batch.padding
            assert torch.allclose(pieces[number].cpu()[kept], evidence[kept], atol=2e-3)


def test_two_contacts_in_one_window_show_what_either_shows(torch):
    from triage_training.encoder.network import pretrained_tokeniser
    from triage_training.encoder.rows import joined, rows_of

    encoding = Encoder(b"", pretrained_tokeniser()).encoding
    rude, kind = rows_of(encoding, _examples()[:2])
    for both, second in ((joined(rude, kind), kind), (joined(kind, rude), rude)):
        assert both.marks[1] == 1
        assert both.marks.sum() == 1
        assert (both.piece_marks[:, 1] == 1).sum() == (rude.piece_marks[:, 1] == 1).sum()
        assert both.own.sum() == rude.own.sum() + kind.own.sum()
        assert both.numbers[-1] == second.numbers[-1]
        assert (both.numbers == both.numbers[0]).sum() == 1


def test_a_contact_is_joined_only_by_one_of_its_group(torch):
    import random

    from triage_training.encoder.network import pretrained_tokeniser
    from triage_training.encoder.rows import Setting, rows_of

    rows = rows_of(Encoder(b"", pretrained_tokeniser()).encoding, _examples()[:8])
    groups = [0, 0, 0, 0, 1, 1, None, 2]
    setting = Setting(rows, groups, 1.0, random.Random(1))
    words = [set(row.numbers.tolist()) for row in rows]
    joins = 0
    for place in [*range(8)] * 20:
        got = setting.of(place)
        joins += len(got.numbers) > len(rows[place].numbers)
        allowed = set().union(*(words[i] for i in range(8) if groups[i] == groups[place] or i == place))
        assert set(got.numbers.tolist()) <= allowed
        if place >= 4:  # its pair is its only company, or it has none
            assert len(got.numbers) == len(rows[place].numbers)
    assert joins > 60


def test_a_few_steps_learn_the_texts_and_the_exported_file_says_what_the_network_says(torch, tmp_path):
    from triage_training.encoder.export import exported, narrowed
    from triage_training.encoder.learning import Course, teach
    from triage_training.encoder.network import ContactReader, pretrained_encoder, pretrained_tokeniser
    from triage_training.encoder.rows import padded, rows_of
    from triage_training.encoder.stack import Stack

    examples = _examples()
    encoding = Encoder(b"", pretrained_tokeniser()).encoding
    rows = rows_of(encoding, examples)
    assert all((row.piece_marks == 1).any() == (row.marks == 1).any() for row in rows)
    readers = []
    for seed in (1, 2, 3):
        torch.manual_seed(seed)
        readers.append(ContactReader(pretrained_encoder()))
    untaught = {name: value.clone() for name, value in readers[2].state_dict().items()}
    shown = np.array([[True] * len(rows)] * 2 + [[False] * len(rows)])
    stack = Stack(readers, letters=False)
    course = Course(epochs=8, size=8, rate=2e-4, hidden=0.1, joined=0.3)
    teach(stack, rows, shown, course, groups=[0] * len(rows))
    model = stack.write_back()[0]
    moved = max(float((value - untaught[name]).abs().max()) for name, value in readers[2].state_dict().items())
    assert moved < 1e-3  # weight decay alone: it was shown nothing
    wide = Encoder(exported(model), pretrained_tokeniser())
    read = wide.read([example.contact for example in examples])
    rude = [one.contact[1] for one, example in zip(read, examples, strict=True) if example.labels["A2"]]
    kind = [one.contact[1] for one, example in zip(read, examples, strict=True) if not example.labels["A2"]]
    assert min(rude) > max(kind)
    batch = padded(rows)
    with torch.inference_mode():
        contact = model(batch.numbers, batch.padding, batch.own)[0].numpy()
    assert np.abs(contact - np.stack([one.contact for one in read])).max() < 1e-3
    narrow = Encoder(narrowed(exported(model)), pretrained_tokeniser())
    assert np.abs(narrow.read([examples[0].contact])[0].contact - contact[0]).max() < 0.3
    _goes_on_from_the_file(torch, narrow, examples)
    _learns_from_its_teachers_alone(torch, model, rows)
    _asks_teachers_only_for_what_is_not_decided(torch, model, rows)


def _goes_on_from_the_file(torch, narrow, examples):
    from dataclasses import replace

    from triage_training.encoder.export import exported, narrowed, read_back
    from triage_training.encoder.learning import Course
    from triage_training.encoder.recipe import teach_further
    from triage_training.encoder.rows import padded, rows_of

    batch = padded(rows_of(narrow.encoding, examples))
    with torch.inference_mode():
        again = read_back(narrow.onnx_file)(batch.numbers, batch.padding, batch.own)[0].numpy()
    contacts = [example.contact for example in examples]
    kept = np.stack([one.contact for one in narrow.read(contacts)])
    assert np.abs(again - kept).max() < 0.3  # the network's inputs are not rounded
    assert narrowed(exported(read_back(narrow.onnx_file))) == narrow.onnx_file
    course = Course(epochs=2, size=8, rate=2e-4)
    beside = [replace(one, labels={"S0": False}, evidence={}) for one in examples[:3]]
    taught_on = teach_further(narrow, examples, {"tests"}, histories=beside, teachers=[narrow], course=course)
    taught = Encoder(taught_on, narrow.tokeniser).read(contacts)
    rude = [one.contact[1] for one, example in zip(taught, examples, strict=True) if example.labels["A2"]]
    kind = [one.contact[1] for one, example in zip(taught, examples, strict=True) if not example.labels["A2"]]
    assert min(rude) > max(kind)


def _learns_from_its_teachers_alone(torch, teacher, rows):
    from dataclasses import replace

    from triage_training.encoder.learning import Course, teach
    from triage_training.encoder.network import ContactReader, pretrained_encoder
    from triage_training.encoder.rows import padded
    from triage_training.encoder.stack import Stack

    unmarked = [
        replace(row, marks=np.full_like(row.marks, -1), piece_marks=np.full_like(row.piece_marks, -1), pair=None)
        for row in rows
    ]
    torch.manual_seed(4)
    stack = Stack([ContactReader(pretrained_encoder())], letters=False)
    course = Course(epochs=8, size=8, rate=2e-4)
    shown = np.ones((1, len(rows)), dtype=bool)
    teach(stack, unmarked, shown, course, teachers=[Stack([teacher], letters=False)])
    batch = padded(rows)
    with torch.inference_mode():
        answers, pieces, *_ = stack.write_back()[0](batch.numbers, batch.padding, batch.own)
    rude = batch.marks[:, 1] == 1
    assert answers[rude, 1].min() > answers[~rude, 1].max()
    assert pieces[batch.piece_marks[:, :, 1] == 1][:, 1].min() > pieces[~rude][:, :, 1].mean() + 0.5


def _asks_teachers_only_for_what_is_not_decided(torch, teacher, rows):
    from dataclasses import replace

    from triage_training.encoder.learning import said_by
    from triage_training.encoder.rows import padded
    from triage_training.encoder.stack import Stack

    partly = replace(rows[0], marks=np.where(np.arange(len(rows[0].marks)) == 1, 0, -1).astype(np.int8))
    contact = said_by([Stack([teacher], letters=False)], padded([partly, rows[0]])).contact[0]
    assert contact[0, 1] == 0 < contact[1, 1]  # of a contact of which all is decided they are asked as well
    assert torch.allclose(contact[0, 2:], contact[1, 2:], atol=0.02)


def test_the_whole_recipe_fills_a_folder_that_the_champion_can_be_made_of(torch, tmp_path, monkeypatch):
    from dataclasses import replace

    from triage_training.encoder import recipe
    from triage_training.encoder.work import FoldEncoders, words_digest

    examples = [replace(one, origin=f"writer {number % 3}", pair=None) for number, one in enumerate(_examples())]
    calm = [one for one in _examples() if not one.labels["A2"]][:4]
    for name, found in (("public_examples", examples[:8]), ("complaints", []), ("ordinary", calm)):
        monkeypatch.setattr(recipe, name, lambda *_, found=found, **__: found)
    brief = {"epochs": 1, "size": 8}
    monkeypatch.setattr(recipe, "FOLDS", 2)
    monkeypatch.setattr(recipe, "FIRST", replace(recipe.FIRST, **brief))
    monkeypatch.setattr(recipe, "TEACHERS", tuple(replace(one, **brief) for one in recipe.TEACHERS[:2]))
    monkeypatch.setattr(recipe, "SECOND", replace(recipe.SECOND, **brief))
    steps: list[str] = []
    recipe.make_encoders(examples, tmp_path, tmp_path, report=steps.append)
    made = FoldEncoders.of(tmp_path)
    assert made.without == (0, 1)
    assert set(made.unseen().rows) == {words_digest(one.contact) for one in examples}
    contact = examples[0].contact
    answers = [encoder.one(contact).contact for encoder in (made.everything(), made.made_without(0))]
    assert np.isfinite(answers).all() and np.abs(answers[0] - answers[1]).max() > 1e-4
    assert [line for line in steps if "teachers each" in line][-1].endswith("2 teachers each")
    recipe.make_encoders(examples, tmp_path, tmp_path, report=steps.append)
    assert steps[-1].endswith("is there already")
