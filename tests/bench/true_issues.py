"""Timelines replayed with everything on its true issue, so that what is learned of linking, or of reading in place, rests on no mistake of linking."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from timelines_tool import history_of, timelines_tool

import triage.links
from triage.bootstrap import replay_pipeline
from triage.domain.issue import IssueLink
from triage.domain.policy import shipped_policy
from triage.history_file import open_history
from triage.issues import link
from triage.pipeline import Pipeline
from triage.ports import Gists
from triage.replay import replay_to
from triage.scoring import open_reader

Look = Callable[[str, Any, Any, Any, int], None]
"""Told of each decision: the scenario, the item, whose it is, the earlier histories, and the place of the true one among them (their number: a new issue)."""


def events_of(tools: Path, timelines: Path) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each event of a file of timelines with its name (scenario/place), by the id that it has in a history."""
    opaque = timelines_tool(tools).opaque
    return {
        opaque(scenario["id"], place): (f"{scenario['id']}/{place}", event)
        for scenario in map(json.loads, timelines.read_text(encoding="utf-8").splitlines())
        for place, event in enumerate(scenario["events"])
    }


@contextmanager
def replayed(tools: Path, timelines: Path, look: Look | None = None, gists: Gists | None = None) -> Iterator[Pipeline]:
    """The pipeline after a replay of a file of timelines by its true issues."""
    events = events_of(tools, timelines)
    true = {key: (name.rpartition("/")[0], event["issue"]) for key, (name, event) in events.items()}

    def decide(item: Any, who: Any, past: Any) -> IssueLink:
        if not past or item.id not in true:
            return link(item, who, past)
        owns = [true.get(_first(before)) == true[item.id] for before in past]
        right = owns.index(True) if any(owns) else len(owns)
        if look is not None:
            look(true[item.id][0], item, who, past, right)
        return IssueLink(issue_id=past[right].issue.id if any(owns) else None, probability=1.0)

    with tempfile.TemporaryDirectory() as folder:
        pipeline, clock = replay_pipeline(
            Path(folder, "replay.sqlite"), open_reader(None), shipped_policy("unacceptable-behaviour"), gists
        )
        triage.links.link = decide
        try:
            told = open_history(BytesIO(history_of(tools, timelines)))
            for _ in replay_to(lambda _: None, told, pipeline, clock):
                pass
            yield pipeline
        finally:
            triage.links.link = link
            pipeline.store.close()


def _first(history: Any) -> str:
    things = [*(entry.contact for entry in history.entries), *history.records]
    return str(min(things, key=lambda thing: thing.at).id) if things else ""
