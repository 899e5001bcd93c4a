"""A replay need not read again what only it writes: its flags and links are those of a pipeline that reads everything anew."""

import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from triage.bootstrap import replay_pipeline
from triage.domain.contact import Contact
from triage.domain.policy import shipped_policy
from triage.domain.record import RecordKind
from triage.domain.score import Scores
from triage.domain.workdays import LONDON
from triage.history import PlainHistory, read_history
from triage.replay import Replayed, replay

LABELS = ("A2", "A3", "S0", "HZ", "NI", "D1", "D2", "P2", "AR")
PEOPLE = (("C1", "Ada Moss"), ("C2", "Ben Moss"), ("C3", "Noor Hall"))
THEIRS = (
    "The boiler has stopped again. When will somebody come?",
    "I have told you this ten times and want an answer by noon tomorrow.",
    "I will only deal with Gareth. Who else has my case?",
    "The lift does not work and he took a bribe for it.",
    "Thank you, that is all.",
    "I make a formal complaint about the bins.",
    "My parking bay is taken every night.",
)
OURS = (
    "This is our final decision; you can go to the Housing Ombudsman.",
    "We will come on Friday at noon.",
    "Thank you, we have it and reply within five working days.",
    "Gareth Pell deals with your case and nobody else does.",
)


class MarkedReader:
    """Scores that hang on a contact's id alone."""

    model = "marked 1"

    def read(self, contacts: Sequence[Contact]) -> list[Scores]:
        return [self._one(contact.id) for contact in contacts]

    def _one(self, id: str) -> Scores:
        chance = random.Random(id)
        flagged = tuple(label for label in LABELS if chance.random() < 0.06)
        return Scores(model=self.model, probabilities=dict.fromkeys(flagged, 0.7), flagged=flagged)


def rows(seed: int) -> list[dict[str, Any]]:
    """Three people, two of them at one door: eighty contacts and what is recorded of them, a stale feed among it."""
    chance = random.Random(seed)
    found: list[dict[str, Any]] = [{"kind": "standards", "general_reply_working_days": 5}]
    for number, (ref, name) in enumerate(PEOPLE):
        mail = [f"{name.split()[0].lower()}@post.example"]
        address = f"{1 + number // 2} Heron Road"
        found.append({"kind": "customer", "customer_ref": ref, "name": name, "emails": mail, "address": address})
    at = datetime(2026, 3, 2, 9, tzinfo=LONDON)
    for number in range(80):
        at += timedelta(hours=chance.choice((0, 1, 5, 30, 90)))
        ref, name = chance.choice(PEOPLE)
        mail = f"{name.split()[0].lower()}@post.example"
        line: dict[str, Any] = {"at": at.isoformat(), "id": f"m{number}"}
        if chance.random() < 0.25:
            kind = chance.choice(tuple(RecordKind)).value
            due = (at + timedelta(days=3)).isoformat() if chance.random() < 0.4 else None
            found.append({**line, "kind": "record", "record": kind, "customer_ref": ref, "due": due, "text": "Seen."})
        elif chance.random() < 0.05:
            found.append({**line, "kind": "feed", "source": "records", "state": chance.choice(("stale", "ok"))})
        elif chance.random() < 0.3:
            said = {"direction": "out", "from_addr": "housing@heron.example", "to": [mail], "text": chance.choice(OURS)}
            found.append({**line, "kind": "contact", "channel": "email", "route": "housing@heron.example", **said})
        else:
            said = {"direction": "in", "from_addr": mail, "from_name": name, "text": chance.choice(THEIRS)}
            route = chance.choice(("repairs@heron.example", "rents@heron.example"))
            found.append(
                {**line, "kind": "contact", "channel": "email", "route": route, "message_id": line["id"], **said}
            )
    return found


def replayed(path: Path, history: PlainHistory, *, alone: bool) -> Replayed:
    pipeline, clock = replay_pipeline(path / f"{alone}.sqlite", MarkedReader(), shipped_policy())
    pipeline.alone = pipeline.following.alone = alone
    if not alone:
        pipeline.following.long = 1_000
    done = replay(history, pipeline, clock)
    pipeline.store.close()
    return done


@pytest.mark.parametrize("seed", [2, 3])
def test_what_is_kept_in_memory_changes_no_flag_and_no_link(tmp_path, seed):
    history = read_history(json.dumps(row) for row in rows(seed))
    assert history.problems == []
    quick, plain = (replayed(tmp_path, history, alone=alone) for alone in (True, False))
    assert quick == plain
    assert len({flag["code"] for flag in quick.flags}) >= 4
    assert len({link["issue"] for link in quick.links}) > 3
