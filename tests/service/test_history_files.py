"""Histories and scores of any length: read from their file line by line, with the outcome of reading them at once."""

import io
import json

from triage.history import read_history
from triage.history_file import open_history
from triage.scoring_files import GivenScores

LINES = [
    {"kind": "customer", "customer_ref": "C1", "name": "Ada Ber"},
    {"kind": "contact", "id": "late", "at": "2026-05-07T10:00", "direction": "in", "channel": "sms", "text": "Wörter"},
    {"kind": "contact", "id": "in", "at": "2026-05-05T10:00", "direction": "in", "channel": "sms", "text": "Any news?"},
    {"kind": "contact", "id": "bad", "at": "2026-05-05T10:00", "direction": "in", "channel": "carrier pigeon"},
    {"kind": "feed", "source": "records", "at": "2026-05-05T10:00", "state": "ok"},
    {"kind": "record", "id": "r1", "at": "2026-05-05T10:00", "record": "acknowledged", "customer_ref": "C1"},
    {"kind": "standards", "general_reply_working_days": 5},
]


def file_of(lines):
    return io.BytesIO(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))


def test_a_history_from_its_file_is_the_history_read_at_once():
    lines = [*LINES, b"", b"{not json", b'{"kind": "contact", "id": "\xff"}']
    at_once = read_history(file_of(lines).read().decode("utf-8", "replace").splitlines())
    told = open_history(file_of(lines))
    assert len(told.items) == len(at_once.items) == 4
    assert list(told.items) == list(told.items) == at_once.items
    assert (told.customers, told.standards) == (at_once.customers, at_once.standards)
    assert told.problems == at_once.problems
    assert len(told.problems) == 3


def test_scores_from_their_file_are_the_scores_read_at_once():
    rows = [
        {"id": name, "scores": {"A1": share}, "flagged": []} for name, share in (("in", 0.1), ("x", 0.2), ("in", 0.3))
    ]
    contacts = [item for item in read_history(map(json.dumps, LINES)).items if item.__class__.__name__ == "Contact"]
    at_once = GivenScores(map(json.dumps, rows)).read(contacts)
    assert GivenScores.of_file(file_of(rows)).read(contacts) == at_once
    assert [scores.probabilities for scores in at_once] == [{"A1": 0.3}, {}]
    assert at_once[1].not_scored
