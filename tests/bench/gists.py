"""Teaches the gist reader (models/triage_models/gist, ADR 0020): what each side of a message does, and what the message is about.

python tests/bench/gists.py TOOLS LABELS TIMELINES... [--unseen] [--write]

LABELS as for `tests/bench/acts.py`; what messages are about is learned from the issues of the timelines themselves: at each message the
right one of its scenario's earlier issues, or a new one, has to be the likeliest. The first four of all-MiniLM-L6-v2's six layers go on
from its published weights, four passes, 25 minutes on one core for all. ``--unseen`` teaches two readers on half of the sets
each and writes what they say of the other half (`unseen_gists.py`), which is what all weights beside them are learned from; ``--write``
teaches one on all and writes the packaged model. Needs torch (extra `encoder`).
"""

import argparse
import hashlib
import json
import math
import random
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from timelines_tool import history_of
from torch import Tensor, nn
from torch.nn import functional
from true_issues import events_of
from unseen_gists import FILE

from triage.domain.contact import Contact
from triage.domain.gist import OURS, THEIRS
from triage.history_file import open_history
from triage.scoring import sides_of
from triage_models.gist_reader import GistReader, Side, Vocabulary, packaged_folder
from triage_models.manifest import sealed
from triage_training.encoder.export import narrowed
from triage_training.encoder.network import WIDTH, pretrained_encoder, pretrained_tokeniser

MODEL = "gist/1.0.0"
ACTS = (*OURS, *THEIRS)
LAYERS, DIRECTIONS = 4, 128
PASSES, RATE, HEAD_RATE = 4, 1.5e-4, 1e-3
SIDES, AT_ONCE = 60, 24
"""Sides of whole scenarios that make a step, and sides of like length that are read at once."""
HIDDEN, DROP, MASK = 0.12, 0.1, 103
ACTS_SHARE, ISSUES_SHARE = 6.0, 0.5
SELF_TESTS = (
    Side(ours=False, subject="Boiler", words="The boiler has stopped again, please send somebody today."),
    Side(ours=False, subject="", words="All sorted now, thank you."),
    Side(ours=True, subject="Boiler", words="Thank you for your message. I have passed it to the heating team."),
    Side(ours=True, subject="", words="Your new fob is at reception, it costs ten pounds."),
)


@dataclass(frozen=True, slots=True)
class Said:
    """One side of a message: its word pieces, ``head`` of which are no words of it, and what is known of it (-1: not known)."""

    scenario: str
    contact: str
    ours: bool
    issue: str
    at: str
    pieces: tuple[int, ...]
    head: int
    marks: tuple[float, ...]

    @property
    def group(self) -> str:
        return self.scenario.partition("-")[0]


def said_in(tools: Path, timelines: Path, labels: Path) -> Iterator[Said]:
    """Each side of each message, in the order of time within a scenario."""
    vocabulary = Vocabulary(pretrained_tokeniser())
    acts = {row["id"]: row["acts"] for row in map(json.loads, labels.read_text("utf-8").splitlines())}
    events = events_of(tools, timelines)
    for item in open_history(BytesIO(history_of(tools, timelines))).items:
        if isinstance(item, Contact) and item.id in events:
            name, event = events[item.id]
            for side in sides_of(item):
                its = OURS if side.ours else THEIRS
                known = acts.get(name)
                marks = (float(act in known) if known is not None and act in its else -1.0 for act in ACTS)
                yield Said(
                    name.rpartition("/")[0], item.id, side.ours, event["issue"], item.at.isoformat(),
                    tuple(vocabulary.pieces(side)), 1 + len(vocabulary.head(side)), tuple(marks),
                )  # fmt: skip


class Net(nn.Module):
    """Word pieces (B x T, nought where nothing stands) to log-odds of ACTS (B x A) and a direction (B x 128)."""

    def __init__(self) -> None:
        super().__init__()
        self.enc = pretrained_encoder()
        self.enc.layers = self.enc.layers[:LAYERS]
        self.att, self.val, self.whole = (nn.Linear(WIDTH, len(ACTS)) for _ in range(3))
        self.proj = nn.Linear(WIDTH, DIRECTIONS, bias=False)
        self.scale, self.new = nn.Parameter(torch.tensor(2.3)), nn.Parameter(torch.tensor(4.0))
        nn.init.orthogonal_(self.proj.weight)
        nn.init.constant_(self.whole.bias, -1.5)
        nn.init.normal_(self.att.weight, std=0.02)

    def forward(self, pieces: Tensor) -> tuple[Tensor, Tensor]:
        padding = pieces.eq(0)
        hidden = self.enc(pieces, padding)
        hidden = functional.dropout(hidden, DROP, self.training)
        looks = torch.softmax(self.att(hidden).masked_fill(padding[..., None], -1e4), 1)
        kept = (~padding)[..., None].to(hidden.dtype)
        mean = (hidden * kept).sum(1) / kept.sum(1)
        return (looks * self.val(hidden)).sum(1) + self.whole(mean), functional.normalize(self.proj(mean), dim=-1)


def read(net: Net, told: Sequence[Said], hidden: float = 0.0) -> tuple[Tensor, Tensor]:
    """What the network says of each, in order; while it is taught some of the words are hidden."""
    order = sorted(range(len(told)), key=lambda place: len(told[place].pieces))
    found: list[Any] = [None] * len(told)
    for start in range(0, len(order), AT_ONCE):
        places = order[start : start + AT_ONCE]
        rows = [torch.tensor(told[place].pieces) for place in places]
        for row, place in zip(rows, places, strict=True):
            hit = torch.rand(len(row)) < hidden
            hit[: told[place].head], hit[-1] = False, False
            row[hit] = MASK
        says, about = net(nn.utils.rnn.pad_sequence(rows, batch_first=True))
        for row, place in enumerate(places):
            found[place] = says[row], about[row]
    return torch.stack([says for says, _ in found]), torch.stack([about for _, about in found])


def choices(net: Net, told: Sequence[Said], about: Tensor) -> Iterator[tuple[Tensor, int]]:
    """At each message of a scenario with several issues: how near it is to each earlier issue and how likely new, and which is right."""
    scenarios: dict[str, dict[str, list[int]]] = {}
    for place, one in enumerate(told):
        scenarios.setdefault(one.scenario, {}).setdefault(one.contact, []).append(place)
    for contacts in scenarios.values():
        earlier: dict[str, Tensor] = {}
        if len({told[places[0]].issue for places in contacts.values()}) < 2:
            continue
        for places in sorted(contacts.values(), key=lambda places: told[places[0]].at):
            issue, here = told[places[0]].issue, functional.normalize(about[places].sum(0), dim=-1)
            if earlier:
                names, known = list(earlier), functional.normalize(torch.stack(list(earlier.values())), dim=-1)
                right = names.index(issue) if issue in earlier else len(names)
                yield torch.cat([net.scale.exp() * (known @ here), net.new[None]]), right
            earlier[issue] = earlier[issue] + here if issue in earlier else here


def loss_of(net: Net, told: Sequence[Said]) -> Tensor:
    says, about = read(net, told, HIDDEN)
    marks = torch.tensor([one.marks for one in told])
    known = (marks >= 0).float()
    each = functional.binary_cross_entropy_with_logits(says, marks.clamp(min=0), reduction="none")
    total = ACTS_SHARE * (each * known).sum() / known.sum().clamp(min=1)
    issues = [functional.cross_entropy(near[None], torch.tensor([right])) for near, right in choices(net, told, about)]
    return total + ISSUES_SHARE * torch.stack(issues).mean() if issues else total


def taught(told: Sequence[Said], passes: int = PASSES, seed: int = 1) -> Net:
    """A network that has learned these: AdamW, linear warm-up then a cosine to nought."""
    torch.manual_seed(seed)
    rng, net = random.Random(seed), Net()
    scenarios: dict[str, list[Said]] = {}
    for one in told:
        scenarios.setdefault(one.scenario, []).append(one)
    names = list(scenarios)

    def steps() -> Iterator[list[Said]]:
        step: list[Said] = []
        rng.shuffle(names)
        for name in names:
            step += scenarios[name]
            if len(step) >= SIDES:
                yield step
                step = []
        if step:
            yield step

    most = passes * sum(1 for _ in steps())
    inner, outer = (
        [weights for name, weights in net.named_parameters() if name.startswith("enc.") is within]
        for within in (True, False)
    )
    optimiser = torch.optim.AdamW(
        [{"params": inner, "lr": RATE}, {"params": outer, "lr": HEAD_RATE}], weight_decay=0.01
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / (0.06 * most), 0.5 * (1 + math.cos(math.pi * min(1.0, s / most))) + 0.02)
    )
    for _ in range(passes):
        for step in steps():
            net.train()
            loss = loss_of(net, step)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    return net.eval()


def unseen(told: Sequence[Said]) -> dict[str, list[Any]]:
    """For each contact what a reader that was taught on the other half of the sets says: ours, theirs, about."""
    groups = sorted({one.group for one in told})
    rows: dict[str, list[Any]] = {}
    for half in (0, 1):
        out = set(groups[half::2])
        net, left = taught([one for one in told if one.group not in out]), [one for one in told if one.group in out]
        with torch.inference_mode():
            parts = [read(net, left[start : start + 240]) for start in range(0, len(left), 240)]
        says, about = (torch.cat(part).numpy() for part in zip(*parts, strict=True))
        for place, one in enumerate(left):
            row = rows.setdefault(one.contact, [np.full(len(OURS), np.nan), np.full(len(THEIRS), np.nan), 0.0])
            row[0 if one.ours else 1] = says[place, : len(OURS)] if one.ours else says[place, len(OURS) :]
            row[2] = row[2] + about[place]
    return rows


def keep_unseen(rows: dict[str, list[Any]], file: Path = FILE) -> None:
    ids = sorted(rows)
    ours, theirs, about = (np.stack([rows[id][part] for id in ids]) for part in range(3))
    about = about / np.linalg.norm(about, axis=1, keepdims=True)
    np.savez_compressed(
        file, ids=np.array(ids), ours=ours.astype(np.float16), theirs=theirs.astype(np.float16), about=np.round(127 * about).astype(np.int8)
    )  # fmt: skip


def onnx_of(net: Net) -> bytes:
    """The network with its large weights in eight bits."""
    axes = {"pieces": {0: "batch", 1: "length"}, "says": {0: "batch"}, "about": {0: "batch"}}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # dynamo=False is meant
        path = Path(folder) / "gist.onnx"
        torch.onnx.export(
            net.eval(), (torch.ones(2, 8, dtype=torch.long),), path, input_names=["pieces"], output_names=["says", "about"],
            dynamic_axes=axes, opset_version=17, dynamo=False,
        )  # fmt: skip
        return narrowed(path.read_bytes())


def keep_model(net: Net, folder: Path, learned_from: str) -> None:
    """Writes the model's folder: network, vocabulary, manifest with what it says of its own texts."""
    contents = {"encoder.onnx": onnx_of(net), "tokenizer.json": pretrained_tokeniser()}
    acts = {"ours": OURS, "theirs": THEIRS}
    reader = GistReader(contents["encoder.onnx"], contents["tokenizer.json"], model=MODEL, acts=acts)
    tests = [
        {
            "side": {"ours": side.ours, "subject": side.subject, "words": side.words},
            "says": [round(float(x), 3) for x in got.says],
        }
        for side, got in zip(SELF_TESTS, reader.read(SELF_TESTS), strict=True)
    ]
    manifest = {
        "model": MODEL, "acts": acts, "learned from": learned_from, "self_tests": tests,
        "files": {name: hashlib.sha256(held).hexdigest() for name, held in contents.items()},
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for name, held in contents.items():
        (folder / name).write_bytes(held)
    (folder / "manifest.json").write_bytes(sealed(manifest))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("tools", type=Path)
    asked.add_argument("labels", type=Path)
    asked.add_argument("timelines", type=Path, nargs="+")
    asked.add_argument("--unseen", action="store_true")
    asked.add_argument("--write", action="store_true")
    wanted = asked.parse_args()
    told = [one for path in wanted.timelines for one in said_in(wanted.tools, path, wanted.labels)]
    print(f"{len(told)} sides of messages of {len({one.scenario for one in told})} scenarios")
    if wanted.unseen:
        keep_unseen(unseen(told))
    if wanted.write:
        sets = sorted({one.group for one in told})
        keep_model(
            taught(told),
            packaged_folder(),
            f"{len(told)} sides of messages of {len(sets)} sets, {sets[0]} to {sets[-1]}",
        )


if __name__ == "__main__":
    main()
