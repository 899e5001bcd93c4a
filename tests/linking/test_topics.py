"""The vectors of topics (tests/bench/link_topics.py makes them): what they hold, and that they tell one matter from another."""

import json
from itertools import combinations

import numpy as np
import pytest

from tests.components import ROOT
from triage.issues.topics import topic
from triage.issues.words import content_words

HOUSING = ROOT / "training" / "housing"


def _alike(one: str, other: str) -> float:
    return float(topic(frozenset(content_words(one))) @ topic(frozenset(content_words(other))))


def test_the_table_is_a_vector_in_eight_bits_for_each_stem():
    with np.load(ROOT / "triage" / "issues" / "topics.npz", allow_pickle=False) as kept:
        stems, vectors = kept["stems"].tobytes().decode().split("\n"), kept["vectors"]
    assert stems == sorted(set(stems))
    assert vectors.dtype == np.int8
    assert vectors.shape == (len(stems), 128)


def test_words_that_no_lexicon_joins_lie_near_each_other():
    tap = "The kitchen tap drips all night."
    assert _alike(tap, "A plumber has fitted a new washer.") > 0.2 > _alike(tap, "My rent statement is wrong.")
    assert _alike("Might I have the guest room?", "My nephew left his spectacles in the visitors' flat.") > 0.2


def test_a_text_of_unknown_words_points_nowhere():
    assert not topic(frozenset({"zzyzx", "42"})).any()
    assert _alike("Zzyzx 42", "The kitchen tap drips.") == 0.0


@pytest.mark.parametrize(
    ("name", "after", "before", "floor"),
    [
        ("timelines_blind.jsonl", "", "ud", 0.78),
        ("timelines_blind.jsonl", "ud", "v", 0.70),
        ("timelines.jsonl", "", "~", 0.62),
    ],
)
def test_two_messages_of_one_matter_lie_nearer_than_two_of_different_ones(name, after, before, floor):
    """Over the pairs of each household's messages; no timeline is among the texts that the vectors were learned from. The writers from
    ``ud`` on came after the table was chosen."""
    same, other = [], []
    scenarios = map(json.loads, (HOUSING / name).read_text(encoding="utf-8").splitlines())
    for scenario in (one for one in scenarios if after <= one["id"] < before):
        told = [event for event in scenario["events"] if event["kind"] == "contact" and event["direction"] == "in"]
        known = [(event["issue"], topic(frozenset(content_words(_said(event))))) for event in told]
        for (one, there), (two, here) in combinations(known, 2):
            (same if one == two else other).append(float(there @ here))
    below = np.searchsorted(np.sort(other), same, side="left") + np.searchsorted(np.sort(other), same, side="right")
    assert below.mean() / 2 / len(other) >= floor, below.mean() / 2 / len(other)


def _said(event: dict) -> str:
    words = event.get("text") or "\n".join(turn["text"] for turn in event.get("turns") or ())
    return f"{event.get('subject') or ''}\n{words}"
