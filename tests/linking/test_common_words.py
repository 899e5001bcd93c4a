"""The table of common words is what counting the housing messages gives."""

import json
from collections import Counter

from tests.components import ROOT
from triage.issues.words import content_words, stem, weight

TABLE = ROOT / "triage" / "issues" / "common_words.json"
LEAST_SHARE = 0.0012


def counted() -> dict[str, float]:
    """The share of messages that have each stem, for stems in more than about one message of a thousand; over the writers that
    came with the project, since linking was developed and measured with that table."""
    found: Counter[str] = Counter()
    lines = (ROOT / "training" / "housing" / "messages.jsonl").read_text().splitlines()
    messages = [message for message in map(json.loads, lines) if message["origin"][0] in "dwx"]
    for message in messages:
        words = message.get("text") or "\n".join(turn["text"] for turn in message.get("turns", []))
        found.update(set(content_words(f"{message.get('subject') or ''}\n{words}")))
    shares = {word: round(number / len(messages), 4) for word, number in sorted(found.items())}
    return {word: share for word, share in shares.items() if share >= LEAST_SHARE}


def test_the_table_is_up_to_date():
    """Where the lexicon changes: write ``json.dumps(counted(), ensure_ascii=False)`` to common_words.json."""
    assert json.loads(TABLE.read_text(encoding="utf-8")) == counted()


def test_a_rare_word_tells_more_than_a_common_one():
    assert weight(stem("trampoline")) > weight(stem("parking")) > weight(stem("repair")) > 0


def test_endings_do_not_make_another_word():
    assert stem("leaks") == stem("leaking") == stem("leaked") == stem("leak")
    assert stem("batteries") == stem("battery")
