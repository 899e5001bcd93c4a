"""Learns again what messages do (triage/domain/acts.json), and says how often it is right on sets left out.

python tests/bench/acts.py TOOLS LABELS TIMELINES... [--write]

LABELS are lines {"id": "<scenario>/<place of the event>", "acts": [...]} by readers of the histories; a set is what stands before the "-" of a
scenario's id. Prints for each act, on sets left out, the average precision and how often the likelier answer is right: by the words, by the gist
(`unseen_gists.py`), and by both.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from timelines_tool import history_of, set_of, timelines_tool
from unseen_gists import UnseenGists

from triage.domain.acts import OURS, THEIRS, Act, features
from triage.domain.contact import Channel, Contact, Direction
from triage.history_file import open_history

Floats = NDArray[np.float64]
STRENGTH = 12.0
CONVERGED = 1e-6
RAREST = 3
"""Messages that a feature must be seen in."""
JOINED_STRENGTH = 1.0
SMALLEST = 0.3
"""A feature none of whose weights is above this is left out."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One side's words in one message, and what its reader says that they do."""

    key: str
    contact: str
    ours: bool
    words: str
    acts: frozenset[str]

    @property
    def group(self) -> str:
        """The set that it is of."""
        return set_of(self.key)


def labelled(tools: Path, timelines: Path, labels: Path) -> Iterator[Labelled]:
    """Each labelled message, once for each side that speaks in it."""
    opaque = timelines_tool(tools).opaque
    acts = {row["id"]: frozenset(row["acts"]) for row in map(json.loads, labels.read_text("utf-8").splitlines())}
    places = {opaque(*_parted(key)): key for key in acts}
    told = open_history(BytesIO(history_of(tools, timelines))).items
    contacts = [item for item in told if isinstance(item, Contact) and item.id in places]
    for contact in sorted(contacts, key=lambda contact: places[contact.id]):
        key = places[contact.id]
        if contact.landlord_words.strip() and contact.channel is not Channel.VISIT_NOTE:
            yield Labelled(key, contact.id, True, contact.landlord_words, acts[key])
        if contact.direction is Direction.IN and contact.said.strip():
            yield Labelled(key, contact.id, False, contact.said, acts[key])


def _parted(key: str) -> tuple[str, int]:
    scenario, _, place = key.rpartition("/")
    return scenario, int(place)


def _table(seen: Sequence[Labelled]) -> tuple[list[str], sparse.csr_matrix]:
    found = [features(one.words) for one in seen]
    spread = Counter(name for one in found for name in one)
    names = sorted(name for name, count in spread.items() if count >= RAREST)
    column = {name: place for place, name in enumerate(names)}
    cells = [(row, column[name]) for row, one in enumerate(found) for name in one if name in column]
    sizes = np.sqrt([len(found[row]) for row, _ in cells])
    shape = (len(seen), len(names))
    return names, sparse.csr_matrix((1 / sizes, tuple(zip(*cells, strict=True))), shape=shape)


def fitted(rows: Any, marks: Any, strength: float, tolerance: float = 1e-4) -> LogisticRegression:
    return LogisticRegression(C=strength, tol=tolerance, max_iter=2000).fit(rows, marks)


def left_out(rows: Any, marks: Any, groups: Any, strength: float) -> Floats:
    """Log-odds of each row by a model that had not seen its group."""
    odds = np.zeros(len(marks))
    for group in np.unique(groups):
        rest, here = groups != group, groups == group
        odds[here] = fitted(rows[rest], marks[rest], strength).decision_function(rows[here])
    return odds


def _both(seen: Sequence[Labelled], act: Act, odds: Floats, gists: UnseenGists) -> tuple[Floats, NDArray[np.bool_]]:
    """The log-odds of an act by the words and by the gist side by side, and whether readers say it."""
    read = [gists.says(one.contact, act) for one in seen]
    return np.stack([odds, read], axis=1), np.array([act in one.acts for one in seen])


def measured(seen: Sequence[Labelled], alone: Mapping[Act, Floats], gists: UnseenGists) -> Iterator[str]:
    """How well each act is told on sets left out, a line each: by words, by gist, by both."""
    groups = np.array([one.group for one in seen])
    for act, odds in alone.items():
        both, marks = _both(seen, act, odds, gists)
        ways = {"words": odds, "gist": both[:, 1], "both": left_out(both, marks, groups, JOINED_STRENGTH)}
        told = (
            f"{name} {average_precision_score(marks, way):.3f} ({np.sum((way > 0) != marks)} wrong)"
            for name, way in ways.items()
        )
        yield f"{act.value:8} {marks.sum():5} of {len(marks)}: average precision {', '.join(told)}"


def joined(seen: Sequence[Labelled], alone: Mapping[Act, Floats], gists: UnseenGists) -> dict[str, list[float]]:
    """For each act what the words' log-odds count, what the gist's count, and a constant."""
    found = {}
    for act, odds in alone.items():
        model = fitted(*_both(seen, act, odds, gists), JOINED_STRENGTH)
        found[act.value] = [round(float(weight), 3) for weight in (*model.coef_[0], model.intercept_[0])]
    return found


def unseen(seen: Sequence[Labelled], acts: Sequence[Act]) -> dict[Act, Floats]:
    """Log-odds of each act for each message, by models that had not seen its set."""
    _, rows = _table(seen)
    groups = np.array([one.group for one in seen])
    return {act: left_out(rows, np.array([act in one.acts for one in seen]), groups, STRENGTH) for act in acts}


def whole(seen: Sequence[Labelled], acts: Sequence[Act]) -> dict[str, Any]:
    """The weights of these acts, learned from all, until sums in another order leave them as they are."""
    names, rows = _table(seen)
    models = [fitted(rows, np.array([act.value in one.acts for one in seen]), STRENGTH, CONVERGED) for act in acts]
    table = np.stack([model.coef_[0] for model in models], axis=1)
    kept = {
        name: list(map(float, table[place]))
        for place, name in enumerate(names)
        if np.abs(table[place]).max() > SMALLEST
    }
    bias = [float(model.intercept_[0]) for model in models]
    return {"acts": [act.value for act in acts], "bias": bias, "weights": kept}


def rounded(learned: dict[str, Any]) -> dict[str, Any]:
    """As they are kept."""
    weights = {name: [round(weight, 1) for weight in row] for name, row in learned["weights"].items()}
    return {**learned, "bias": [round(bias, 2) for bias in learned["bias"]], "weights": weights}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("tools", type=Path)
    asked.add_argument("labels", type=Path)
    asked.add_argument("timelines", type=Path, nargs="+")
    asked.add_argument("--write", action="store_true")
    wanted = asked.parse_args()
    seen = [one for path in wanted.timelines for one in labelled(wanted.tools, path, wanted.labels)]
    gists, joins = UnseenGists(), {}
    sides = {
        "ours": ([one for one in seen if one.ours], OURS),
        "theirs": ([one for one in seen if not one.ours], THEIRS),
    }
    for told, acts in sides.values():
        alone = unseen(told, acts)
        print(*measured(told, alone, gists), sep="\n")
        joins |= joined(told, alone, gists)
    if wanted.write:
        learned = {side: rounded(whole(told, acts)) for side, (told, acts) in sides.items()} | {"joined": joins}
        target = Path(str(files("triage.domain").joinpath("acts.json")))
        target.write_text(json.dumps(learned, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
