"""Learns again what a contact adds to its issue (triage/domain/adding.json), and says how often it is right on sets left out.

python tests/bench/adding.py TOOLS LABELS TIMELINES... [--write]

LABELS are those of `tests/bench/acts.py`, which is run before. The timelines are replayed by their true issues, once with gists and once without;
what the words do alone, and the gists, are taken from models that had not seen the set, so that they weigh no more here than on a contact that
nobody has seen.
"""

import argparse
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import structlog
from acts import Labelled, fitted, labelled, left_out, unseen
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score
from true_issues import events_of, replayed
from unseen_gists import UnseenGists

from triage.domain.acts import THEIRS, Act, joined
from triage.domain.adding import NOTHING, Adding
from triage.domain.contact import Direction
from triage.domain.issue import Entry, History
from triage.ports import Gists

Floats = NDArray[np.float64]
STRENGTH = 1.0
KINDS = ("new", "reply", "needs", "closing")


@dataclass(frozen=True, slots=True)
class Seen:
    """One contact of a reader's: its set, its signs, and which of KINDS it is."""

    group: str
    signs: Mapping[str, float]
    words: Floats
    marks: tuple[bool, ...]


def histories(tools: Path, timelines: Path, gists: Gists | None) -> list[History]:
    """Every true issue as it stood at the end."""
    with replayed(tools, timelines, gists=gists) as pipeline, pipeline.store.read() as unit:
        return [unit.issues.history(issue, feed_fresh=True) for issue in unit.issues.all()]


def _seen(entry: Entry, adding: Adding, told: Labelled, spoken: Mapping[Act, float]) -> Seen:
    # a call in which staff ask was made for something else
    acts = told.acts - {Act.REPLY} if entry.contact.turns and Act.NEEDS in told.acts else told.acts
    gist = entry.contact.gist
    spoken = {act: joined(act, odds, gist) for act, odds in spoken.items()}
    words = np.array([spoken[Act(kind)] for kind in KINDS])
    return Seen(told.group, adding.signs(entry, spoken), words, tuple(kind in acts for kind in KINDS))


def read_in_place(tools: Path, labels: Path, timelines: Sequence[Path], gists: Gists | None) -> list[Seen]:
    told = [one for path in timelines for one in labelled(tools, path, labels) if not one.ours]
    alone = unseen(told, THEIRS)
    spoken = {one.key: {act: float(alone[act][place]) for act in THEIRS} for place, one in enumerate(told)}
    known = {one.key: one for one in told}
    found: list[Seen] = []
    for path in timelines:
        keys = {key: name for key, (name, _) in events_of(tools, path).items()}
        for history in histories(tools, path, gists):
            adding = Adding()
            for entry in history.entries:
                key = keys.get(entry.contact.id, "")
                if key in known and entry.contact.direction is Direction.IN and not entry.contact.auto:
                    found.append(_seen(entry, adding, known[key], spoken[key]))
                adding.take(entry, NOTHING)
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("tools", type=Path)
    asked.add_argument("labels", type=Path)
    asked.add_argument("timelines", type=Path, nargs="+")
    asked.add_argument("--write", action="store_true")
    wanted = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    learned = {}
    for how, gists in (("words", None), ("gist", UnseenGists())):
        print(f"by {how}:")
        learned[how] = _learned(read_in_place(wanted.tools, wanted.labels, wanted.timelines, gists))
    if wanted.write:
        target = Path(str(files("triage.domain").joinpath("adding.json")))
        target.write_text(json.dumps(learned, indent=1) + "\n", encoding="utf-8")


def _learned(seen: Sequence[Seen]) -> dict[str, dict[str, float]]:
    """The weights of each kind, after a line on how well it is told on sets left out."""
    names = sorted({name for one in seen for name in one.signs})
    rows = np.array([[one.signs.get(name, 0.0) for name in names] for one in seen])
    groups = np.array([one.group for one in seen])
    learned: dict[str, dict[str, float]] = {}
    for place, kind in enumerate(KINDS):
        marks, alone = np.array([one.marks[place] for one in seen]), np.array([one.words[place] for one in seen])
        for how, odds in (("alone", alone), ("in place", left_out(rows, marks, groups, STRENGTH))):
            precision = average_precision_score(marks, odds)
            print(
                f"{kind:8}{how:9}{marks.sum():5} of {len(marks)}: average precision {precision:.3f}, right {np.mean((odds > 0) == marks):.3f},"
                f" said in vain {np.sum((odds > 0) & ~marks)}, missed {np.sum((odds <= 0) & marks)}"
            )
        model = fitted(rows, marks, STRENGTH)
        learned[kind] = {
            "bias": round(float(model.intercept_[0]), 2),
            **{name: round(float(weight), 2) for name, weight in zip(names, model.coef_[0], strict=True)},
        }
    return learned


if __name__ == "__main__":
    main()
