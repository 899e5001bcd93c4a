"""What a text is about, as a direction: words that mean alike point the same way.

topics.npz holds a vector for each stem, learned so that their sum over a text points where all-MiniLM-L6-v2 points for it
(tests/bench/link_topics.py): "washer" and "plumber" lie near "tap", though no lexicon joins them, and no model is run.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
REMEMBERED = 8_192
"""Texts whose topic is kept, of 1 kB each."""


@cache
def _table() -> tuple[dict[str, int], Vector]:
    with np.load(BytesIO(files("triage.issues").joinpath("topics.npz").read_bytes()), allow_pickle=False) as kept:
        stems = kept["stems"].tobytes().decode().split("\n")
        return {stem: row for row, stem in enumerate(stems)}, kept["vectors"].astype(np.float32)


@lru_cache(maxsize=REMEMBERED)
def topic(stems: frozenset[str]) -> Vector:
    """The direction of a text's stems, of length one; all noughts where none of them is known."""
    rows, vectors = _table()
    known = sorted(rows[stem] for stem in stems if stem in rows)
    return unit(vectors[known].sum(axis=0))


def unit(vector: Vector) -> Vector:
    """Brought to length one; all noughts stay so."""
    length = float(np.sqrt(vector @ vector))
    return vector / np.float32(length) if length else vector


def together(topics: Iterable[Vector]) -> Vector:
    """What several texts are about."""
    return unit(np.sum([*topics], axis=0, dtype=np.float32))


def forget_topics() -> None:
    """Lets go of what was read, because it may have been erased."""
    topic.cache_clear()
