"""What a message does, by words: whether we answer or leave somebody waiting, whether they want something, press, reply or close.

One logistic regression for each act over single words and pairs of words, each message brought to length one, learned from histories whose messages readers have
labelled (training/housing/acts.jsonl; `tests/bench/acts.py` learns it again). acts.json says what speaks for an act (above nought) and
against it. Phrases written by hand had found half of the answers that are given in calls. Where the message has a `gist` both are weighed
together (ADR 0020).
"""

import json
import re
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import repeat
from math import exp, fsum, sqrt
from typing import Any

from triage.domain.gist import Gist
from triage.domain.phrases import SENTENCE
from triage.domain.remembered import remembered


class Act(StrEnum):
    """Of our side's words: ANSWER gives the substance, whatever it is, HOLD leaves them waiting, ASK wants something of them.
    Of the customer's: NEEDS wants something of us, REPLY gives what we had asked for, NEW brings something new, FIRST
    raises a matter that was not raised before, CLOSING gives thanks, accepts, or says that it is mended."""

    ANSWER = "answer"
    HOLD = "hold"
    ASK = "ask"
    NEEDS = "needs"
    REPLY = "reply"
    NEW = "new"
    FIRST = "first"
    CLOSING = "closing"


OURS = (Act.ANSWER, Act.HOLD, Act.ASK)
THEIRS = (Act.NEEDS, Act.REPLY, Act.NEW, Act.FIRST, Act.CLOSING)
EVEN = 0.5
SURE = 30.0
LENGTHS = (3, 6, 10, 20, 40, 80)
MOST_READ = 4_000
"""Characters of a message that are looked at: what it does is said by then."""
_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+|[?!£]")


def chance(act: Act, words: str, gist: Gist | None = None) -> float:
    """How likely these words of one side, of a message with this gist, perform the act; 0 where nothing is said."""
    return 1.0 / (1.0 + exp(-log_odds(act, words, gist))) if words.strip() else 0.0


def log_odds(act: Act, words: str, gist: Gist | None = None) -> float:
    """The same as log-odds, between -SURE and SURE whatever somebody writes."""
    side, ours = (OURS, True) if act in OURS else (THEIRS, False)
    return max(-SURE, min(SURE, joined(act, _log_odds(words, ours)[side.index(act)], gist)))


def joined(act: Act, alone: float, gist: Gist | None) -> float:
    """The log-odds of an act by the words ``alone`` and by the gist, weighed as is best on sets that neither had seen."""
    read = gist.says(act) if gist is not None else None
    if read is None:
        return alone
    by_words, by_gist, bias = _weights()["joined"][act]
    return float(by_words * alone + by_gist * read + bias)


def features(words: str) -> frozenset[str]:
    """What the weights are for: words, pairs of neighbours within a sentence ("^" begins and "$" ends one), and how long it is."""
    found: set[str] = set()
    sentences = [part for part in SENTENCE.split(words[:MOST_READ].lower().replace("\u2019", "'")) if part.strip()]
    count = 0
    for sentence in sentences:
        said = ["0" if token.isdigit() else token for token in _TOKEN.findall(sentence)]
        count += len(said)
        found.update(said)
        found.update(f"{one} {other}" for one, other in zip(["^", *said], [*said, "$"], strict=True))
    found.update(f"<={most}" for most in LENGTHS if count <= most)
    if len(sentences) == 1:
        found.add("one sentence")
    return frozenset(found)


@remembered
def _log_odds(words: str, ours: bool) -> tuple[float, ...]:
    known = _weights()["ours" if ours else "theirs"]
    weights, found = known["weights"], features(words)
    rows = [row for feature in found if (row := weights.get(feature)) is not None]
    size = sqrt(len(found))
    said = map(fsum, zip(*rows, strict=True)) if rows else repeat(0.0)
    return tuple(bias + sum_ / size for bias, sum_ in zip(known["bias"], said, strict=False))


@cache
def _weights() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("triage.domain").joinpath("acts.json").read_text(encoding="utf-8"))
    return found
