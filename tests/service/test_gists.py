"""Gists on the one path: every contact gets one before it is linked, it is kept, and it goes when the words go; nothing waits for it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

import triage.scoring
from triage.bootstrap import replay_pipeline
from triage.domain.contact import Contact
from triage.domain.gist import OURS, THEIRS, Gist
from triage.domain.policy import shipped_policy
from triage.history_file import open_history
from triage.pipeline import Pipeline
from triage.replay import replay
from triage.scoring import ModelGists, sides_of
from triage.scoring_files import GivenScores
from triage.store.codec import pack, unpack
from triage.store.erasing import _emptied

TEXTS = [
    ("in", "The shower runs cold. Can somebody come?"),
    ("out", "Thank you, I have passed it to the heating team."),
    ("in", "Any news? It was stone cold again this morning."),
]


def history(texts: list[tuple[str, str]]) -> BytesIO:
    rows = [
        {
            "kind": "contact", "id": f"c{place}", "at": f"2026-03-0{place + 2}T09:00", "direction": way, "channel": "email",
            "route": "homes@landlord.example", "from_addr": "ann@post.example" if way == "in" else "homes@landlord.example",
            "to": ["homes@landlord.example" if way == "in" else "ann@post.example"], "subject": "", "text": text,
        }
        for place, (way, text) in enumerate(texts)
    ]  # fmt: skip
    return BytesIO("".join(f"{json.dumps(row)}\n" for row in rows).encode())


def taken(folder: Path, gists: Any) -> tuple[Pipeline, list[Contact]]:
    pipeline, clock = replay_pipeline(
        folder / "r.sqlite", GivenScores(()), shipped_policy("unacceptable-behaviour"), gists
    )
    replay(open_history(history(TEXTS)), pipeline, clock)
    with pipeline.store.read() as unit:
        placed = [unit.contacts.get(f"c{place}") for place in range(len(TEXTS))]
    return pipeline, [one.contact for one in placed if one is not None]


def test_each_contact_is_kept_with_the_gist_of_its_side(tmp_path: Path) -> None:
    pipeline, contacts = taken(tmp_path, ModelGists())
    gists = [contact.gist for contact in contacts]
    assert all(gist is not None and gist.model == "gist/3.0.0" and gist.about for gist in gists)
    assert [(bool(gist.ours), bool(gist.theirs)) for gist in gists if gist] == [
        (False, True),
        (True, False),
        (False, True),
    ]
    pipeline.store.close()


def test_without_a_gist_reader_everything_is_taken_by_its_words(tmp_path: Path) -> None:
    pipeline, contacts = taken(tmp_path, None)
    assert len(contacts) == len(TEXTS) and all(contact.gist is None for contact in contacts)
    pipeline.store.close()


def test_a_gist_reader_that_breaks_stops_no_contact(tmp_path: Path) -> None:
    class Broken:
        def read(self, contacts: Any) -> list[Gist | None]:
            raise RuntimeError("out of memory")

    pipeline, contacts = taken(tmp_path, Broken())
    assert len(contacts) == len(TEXTS) and all(contact.gist is None for contact in contacts)
    pipeline.store.close()


@pytest.mark.usefixtures("refused_gists")
def test_a_refused_gist_reader_says_so_and_reads_nothing() -> None:
    refused = ModelGists()
    assert refused.problem and "words alone" in refused.problem
    assert refused.read([_contact("Hello")]) == [None]


def test_a_reader_of_other_acts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = triage.scoring.load_gist_reader()
    reader.acts = {"ours": OURS, "theirs": THEIRS[::-1]}
    monkeypatch.setattr(triage.scoring, "load_gist_reader", lambda: reader)
    assert "other acts" in str(ModelGists().problem)


def test_nobody_s_words_have_no_gist() -> None:
    assert sides_of(_contact("   ")) == [] and ModelGists().read([_contact("")]) == [None]


def test_a_gist_survives_the_store_and_goes_with_the_words() -> None:
    (gist,) = ModelGists().read([_contact("The gate is stuck.")])
    contact = replace(_contact("The gate is stuck."), gist=gist)
    assert unpack(Contact, pack(contact)) == contact
    assert _emptied(contact).gist is None
    assert "gist" not in repr(contact)


def _contact(text: str) -> Contact:
    (item,) = open_history(history([("in", text or " ")])).items
    assert isinstance(item, Contact)
    return replace(item, at=datetime(2026, 3, 2, tzinfo=UTC))
