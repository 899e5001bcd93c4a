"""Learns the vectors of topics anew: a stem's vector is such that the sum over a text points where all-MiniLM-L6-v2 points for it.

python tests/bench/link_topics.py DATA [--rows 18000]

The teacher is the encoder as published, before it learned anything of behaviour (Reimers and Gurevych 2019); it reads each text once, here,
and linking then costs a sum of rows and no model. Texts are the housing messages and DATA's ordinary language (permitted sets only; no
timeline is among them). A stem begins as the teacher's own vector of its words, so that also one that no text has is known; a fifth of
each text's stems are left out at a time, so that none leans on another. Needs torch (extra `encoder`); writes triage/issues/topics.npz.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from triage.issues.words import content_words, stem
from triage_models.parts import every_part
from triage_training.encoder.network import pretrained_encoder, pretrained_tokeniser
from triage_training.examples import read_base
from triage_training.public import ordinary

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "triage" / "issues" / "topics.npz"
DIRECTIONS, FEWEST, LONGEST, AT_ONCE = 128, 2, 120, 32
PASSES, RATE, LEFT_OUT, BATCH = 6, 0.003, 0.2, 256
RAREST, CLIPPED = 8.0, 99.9

Floats = NDArray[np.float32]


class Teacher:
    """all-MiniLM-L6-v2: the mean of its word pieces, of length one."""

    def __init__(self) -> None:
        from tokenizers import Tokenizer

        self._tokeniser = Tokenizer.from_buffer(pretrained_tokeniser())
        self._tokeniser.no_padding()
        self._tokeniser.enable_truncation(LONGEST)
        self._encoder = pretrained_encoder().eval()

    def vectors(self, texts: Sequence[str]) -> Floats:
        """A row for each text (n x 384)."""
        pieces = [self._tokeniser.encode(text).ids for text in texts]
        order = sorted(range(len(texts)), key=lambda place: len(pieces[place]))
        found = np.zeros((len(texts), 384), dtype=np.float32)
        for start in range(0, len(order), AT_ONCE):
            places = order[start : start + AT_ONCE]
            rows = torch.nn.utils.rnn.pad_sequence([torch.tensor(pieces[place]) for place in places], batch_first=True)
            padding = rows == 0
            with torch.inference_mode():
                kept = (~padding)[..., None].float()
                mean = (self._encoder(rows, padding) * kept).sum(1) / kept.sum(1)
            found[places] = functional.normalize(mean, dim=1).numpy()
        return found

    def words(self) -> list[str]:
        """The whole words of its vocabulary."""
        return sorted(word for word in self._tokeniser.get_vocab() if word.isalpha() and len(word) > 2)


def stems_of(text: str) -> list[str]:
    """A text's stems, each once; numbers point nowhere."""
    return sorted({word for word in content_words(text) if not word[0].isdigit()})


def learned(texts: Sequence[str], teacher: Teacher, report: Any = print) -> tuple[list[str], NDArray[np.int8]]:
    """Stems and their vectors in eight bits."""
    torch.manual_seed(0)
    taught = teacher.vectors(texts)
    report(f"{len(texts)} texts read by the teacher")
    documents = [stems_of(text) for text in texts]
    counted = Counter(word for document in documents for word in document)
    words = teacher.words()
    alone = teacher.vectors(words)
    of_stem: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(words):
        of_stem[stem(word)].append(place)
    stems = sorted({word for word, times in counted.items() if times >= FEWEST} | of_stem.keys())
    middle = taught.mean(axis=0)
    directions = np.linalg.svd(taught - middle, full_matrices=False)[2][:DIRECTIONS].T
    rarity = np.array([min(RAREST, np.log((len(texts) + 1) / (counted[word] + 1))) for word in stems])
    first = np.zeros((len(stems), directions.shape[1]), dtype=np.float32)
    for row, word in enumerate(stems):
        if word in of_stem:
            first[row] = (alone[of_stem[word]].mean(axis=0) - alone.mean(axis=0)) @ directions * rarity[row] / 5
    table = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(first), freeze=False, mode="sum")
    wanted = functional.normalize(torch.from_numpy((taught - middle) @ directions), dim=1)
    columns = {word: column for column, word in enumerate(stems)}
    known = [torch.tensor([columns[word] for word in document if word in columns]) for document in documents]
    some = [place for place, row in enumerate(known) if len(row)]
    steps = torch.optim.Adam(table.parameters(), RATE)
    for number, batch in enumerate(_batches(some)):
        for group in steps.param_groups:
            group["lr"] = RATE * (1 - number * BATCH / (PASSES * len(some)))
        rows = [row[torch.rand(len(row)) >= LEFT_OUT] if len(row) > 3 else row for row in (known[p] for p in batch)]
        starts = torch.tensor([0, *np.cumsum([len(row) for row in rows[:-1]])])
        loss = (1 - functional.cosine_similarity(table(torch.cat(rows), starts), wanted[list(batch)])).mean()
        steps.zero_grad()
        loss.backward()
        steps.step()
    report(f"{len(stems)} stems, likeness to the teacher's in the last batch {1 - float(loss.detach()):.3f}")
    vectors = table.weight.detach().numpy()
    largest = np.percentile(np.abs(vectors), CLIPPED)
    return stems, np.round(np.clip(vectors / largest, -1, 1) * 127).astype(np.int8)


def _batches(places: Sequence[int]) -> Iterator[Sequence[int]]:
    for turn in range(PASSES):
        order = np.random.default_rng(turn).permutation(places).tolist()
        yield from (order[start : start + BATCH] for start in range(0, len(order), BATCH))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("data", type=Path)
    asked.add_argument("--rows", type=int, default=18_000)
    wanted = asked.parse_args()
    housing = read_base(ROOT / "training" / "housing" / "messages.jsonl")
    texts = [
        "\n".join(every_part(example.contact).values()).strip()
        for example in (*housing, *ordinary(wanted.data, wanted.rows))
    ]
    stems, vectors = learned([text for text in texts if text], Teacher())
    np.savez_compressed(TABLE, stems=np.frombuffer("\n".join(stems).encode(), dtype=np.uint8), vectors=vectors)
    print(f"{TABLE.name}: {vectors.shape[0]} stems, {TABLE.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
