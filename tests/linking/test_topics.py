"""The vectors of topics are what the housing messages teach, and tell one matter from another."""

import json
from collections import Counter

import numpy as np
from scipy import sparse
from sklearn.decomposition import TruncatedSVD

from tests.components import ROOT
from triage.issues.topics import topic
from triage.issues.words import content_words

TABLE = ROOT / "triage" / "issues" / "topics.npz"
DIRECTIONS, FEWEST, SEED = 200, 5, 0
LATER = frozenset({"zw", "zx", "va", "vb", "vc", "vd", "ve", "vg", "vh"})
"""Writers who came after the weights of linking were learned with this table: the two are made again together."""


def learned() -> tuple[list[str], np.ndarray]:
    """Stems and their vectors in eight bits. A message is a document; what is counted is how many messages have a stem."""
    documents = []
    for line in (ROOT / "training" / "housing" / "messages.jsonl").read_text(encoding="utf-8").splitlines():
        message = json.loads(line)
        if message["origin"] in LATER:
            continue
        words = message.get("text") or "\n".join(turn["text"] for turn in message.get("turns", []))
        documents.append(Counter(content_words(f"{message.get('subject') or ''}\n{words}")))
    seen = Counter(stem for document in documents for stem in document)
    stems = sorted(stem for stem, times in seen.items() if times >= FEWEST and not stem[0].isdigit())
    columns = {stem: column for column, stem in enumerate(stems)}
    rarity = np.log(len(documents) / np.array([seen[stem] for stem in stems]))
    cells = [
        (row, columns[stem], (1 + np.log(count)) * rarity[columns[stem]])
        for row, document in enumerate(documents)
        for stem, count in document.items()
        if stem in columns
    ]
    rows, places, values = zip(*cells, strict=True)
    matrix = sparse.csr_matrix((values, (rows, places)), shape=(len(documents), len(stems)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix = sparse.diags(1 / np.where(lengths > 0, lengths, 1.0)) @ matrix
    found = TruncatedSVD(DIRECTIONS, random_state=SEED).fit(matrix)
    vectors = found.components_.T * np.sqrt(found.singular_values_) * rarity[:, None]
    return stems, np.round(vectors / np.abs(vectors).max() * 127).astype(np.int8)


def write() -> None:
    """Where the messages or the stems change: ``python -c "from tests.linking.test_topics import write; write()"``."""
    stems, vectors = learned()
    np.savez_compressed(TABLE, stems=np.frombuffer("\n".join(stems).encode(), dtype=np.uint8), vectors=vectors)


def test_the_vectors_are_what_the_messages_teach():
    """Up to the last digit of a sum: what is compared is how near words lie to one another."""
    stems, vectors = learned()
    with np.load(TABLE, allow_pickle=False) as kept:
        assert kept["stems"].tobytes().decode().split("\n") == stems
        some = slice(None, None, 40)
        now, then = (all_of[some].astype(np.float32) for all_of in (vectors, kept["vectors"]))
    assert np.allclose(_near(now), _near(then), atol=0.02)


def _near(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = vectors / np.maximum(lengths, 1e-9)
    return units @ units.T


def _alike(one: str, other: str) -> float:
    return float(topic(frozenset(content_words(one))) @ topic(frozenset(content_words(other))))


def test_words_that_no_lexicon_joins_lie_near_each_other():
    tap = "The kitchen tap drips all night."
    assert _alike(tap, "A plumber has fitted a new washer.") > 0.2 > _alike(tap, "My rent statement is wrong.")


def test_a_text_of_unknown_words_points_nowhere():
    assert not topic(frozenset({"zzyzx", "42"})).any()
    assert _alike("Zzyzx 42", "The kitchen tap drips.") == 0.0
