"""Run by itself in an interpreter with torch and transformers: how fast Detoxify's 'original' architecture reads these texts.

BERT-base with six outputs and random weights, which costs what the real weights cost; word pieces from the given tokeniser
(the same vocabulary). Reads one JSON file, prints one JSON line. Imports nothing of this project: it may not be installed there.
"""

import json
import os
import resource
import sys
import time
from typing import Any

LONGEST = 512
"""Word pieces that BERT reads."""


def _logits(torch: Any, model: Any, encoded: list[list[int]]) -> None:
    longest = max(len(ids) for ids in encoded)
    numbers = torch.tensor([ids + [0] * (longest - len(ids)) for ids in encoded])
    mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids in encoded])
    torch.sigmoid(model(input_ids=numbers, attention_mask=mask).logits)


def _rate(torch: Any, model: Any, tokeniser: Any, texts: list[str], size: int) -> float:
    started = time.perf_counter()
    encoded = sorted((tokeniser.encode(text).ids[:LONGEST] for text in texts), key=len)
    for start in range(0, len(encoded), size):
        _logits(torch, model, encoded[start : start + size])
    return len(texts) / (time.perf_counter() - started)


def main(path: str) -> None:
    """Contacts/s of each named list of texts, one at a time and in sorted batches of 16, and peak resident memory."""
    import torch
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertForSequenceClassification

    with open(path, encoding="utf-8") as stream:
        given = json.load(stream)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(0)
    tokeniser = Tokenizer.from_file(given["tokeniser"])
    tokeniser.no_padding()
    tokeniser.no_truncation()
    model = BertForSequenceClassification(BertConfig(num_labels=6)).eval()
    rates: dict[str, dict[str, float]] = {}
    with torch.inference_mode():
        for name, texts in given["texts"].items():
            _rate(torch, model, tokeniser, texts[:8], 1)
            rates[name] = {str(size): _rate(torch, model, tokeniser, texts, size) for size in (1, 16)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rates": rates, "peak_mb": peak}))  # noqa: T201 - the answer to the process that started this


if __name__ == "__main__":
    main(sys.argv[1])
