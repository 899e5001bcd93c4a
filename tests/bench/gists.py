"""Teaches the gist reader (models/triage_models/gist, ADR 0020): what each side of a message does, and what the message is about.

python tests/bench/gists.py TOOLS LABELS TEXTS TIMELINES... [--unseen] [--write]

LABELS as for `tests/bench/acts.py`; what messages are about is learned from the issues of the timelines themselves: at each message the
right one of its scenario's earlier issues, or a new one, has to be the likeliest, beside what else tells them apart (SIGNS), so that words are
not taught what only the hour knows. TEXTS are labelled contacts (training/housing/messages.jsonl): their labels are learned beside the acts, for
more people's ways of writing, and thrown away. The first four of all-MiniLM-L6-v2's six layers go on from its published weights, four passes,
50 minutes of one core for all. ``--unseen`` teaches two readers on half of the sets each, side by side, and writes what they say of the other
half (`unseen_gists.py`), which is what all weights beside them are learned from; ``--write`` teaches one on all and writes the packaged
model. Needs torch (extra `encoder`).
"""

import argparse
import hashlib
import json
import math
import random
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from timelines_tool import history_of, set_of
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from true_issues import events_of
from unseen_gists import FILE

from triage.domain.contact import Channel, Contact, Direction
from triage.domain.gist import OURS, THEIRS
from triage.domain.subject import unmarked
from triage.history_file import open_history
from triage.issues.compare import follows_at_once
from triage.scoring import sides_of
from triage_models.gist_reader import GistReader, Side, Vocabulary, packaged_folder
from triage_models.labels import LABELS, Speaker
from triage_models.manifest import sealed
from triage_training.encoder.export import narrowed
from triage_training.encoder.network import WIDTH, pretrained_encoder, pretrained_tokeniser
from triage_training.examples import Example, read_base

MODEL = "gist/3.0.0"
ACTS = (*OURS, *THEIRS)
LAYERS, DIRECTIONS = 4, 128
PASSES, RATE, HEAD_RATE = 4, 1.5e-4, 1e-3
SIDES, TEXTS, AT_ONCE = 60, 24, 16
"""Sides of whole scenarios that make a step, labelled texts beside them, and how many of like length are read at once."""
HIDDEN, DROP, MASK = 0.12, 0.1, 103
ACTS_SHARE, TEXTS_SHARE, ISSUES_SHARE = 6.0, 3.0, 0.5
AVERAGED_FROM, AVERAGED_EVERY, AVERAGE = 0.3, 4, 0.95
"""The share of the steps after which the weights are averaged, how often, and what stays of the average each time."""
SIGNS = 7
OUR_OWN = -3.0
"""We seldom raise a matter ourselves."""
SELF_TESTS = (
    Side(ours=False, subject="Boiler", words="The boiler has stopped again, please send somebody today."),
    Side(ours=False, subject="", words="All sorted now, thank you."),
    Side(ours=True, subject="Boiler", words="Thank you for your message. I have passed it to the heating team."),
    Side(ours=True, subject="", words="Your new fob is at reception, it costs ten pounds."),
)


@dataclass(frozen=True, slots=True)
class Read:
    """Word pieces to be read, ``head`` of which are no words of it, and what is known of them (-1: not known)."""

    pieces: tuple[int, ...]
    head: int
    marks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One side of a message of a scenario; its marks are those of ACTS."""

    scenario: str
    contact: Contact
    ours: bool
    issue: str
    read: Read

    @property
    def group(self) -> str:
        return set_of(self.scenario)


def _to_read(vocabulary: Vocabulary, side: Side, marks: Sequence[float]) -> Read:
    return Read(tuple(vocabulary.pieces(side)), 1 + len(vocabulary.head(side)), tuple(marks))


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
                marks = [float(act in known) if known is not None and act in its else -1.0 for act in ACTS]
                read = _to_read(vocabulary, side, marks)
                yield Said(name.rpartition("/")[0], item, side.ours, event["issue"], read)


def texts_in(labelled: Path) -> list[Read]:
    """Customers' words in labelled contacts; their marks are those of LABELS."""
    vocabulary = Vocabulary(pretrained_tokeniser())
    found = [(_own_words(example), example) for example in read_base(labelled)]
    return [
        _to_read(
            vocabulary,
            Side(ours=False, subject=unmarked(example.contact.subject or ""), words=words),
            [float(example.labels.get(label, -1)) for label in LABELS],
        )
        for words, example in found
        if words.strip()
    ]


def _own_words(example: Example) -> str:
    turns = example.contact.turns
    own = [turn.text for turn in turns if turn.speaker is Speaker.CUSTOMER]
    return "\n".join(own) if turns else example.contact.text or ""


class Looks(nn.Module):
    """One log-odds each, from the mean of all pieces and from where each looks among them."""

    def __init__(self, count: int, usual: float) -> None:
        super().__init__()
        self.att, self.val, self.whole = (nn.Linear(WIDTH, count) for _ in range(3))
        nn.init.constant_(self.whole.bias, usual)
        nn.init.normal_(self.att.weight, std=0.02)

    def forward(self, hidden: Tensor, padding: Tensor, mean: Tensor) -> Tensor:
        looks = torch.softmax(self.att(hidden).masked_fill(padding[..., None], -1e4), 1)
        found: Tensor = (looks * self.val(hidden)).sum(1) + self.whole(mean)
        return found


class Net(nn.Module):
    """Word pieces (B x T, nought where nothing stands) to log-odds of ACTS (B x A) and a direction (B x 128)."""

    def __init__(self) -> None:
        super().__init__()
        self.enc = pretrained_encoder()
        self.enc.layers = self.enc.layers[:LAYERS]
        self.acts, self.labels = Looks(len(ACTS), -1.5), Looks(len(LABELS), -2.5)
        self.proj = nn.Linear(WIDTH, DIRECTIONS, bias=False)
        self.scale, self.new, self.raises = (nn.Parameter(torch.tensor(value)) for value in (2.3, 4.0, 0.5))
        self.signs = nn.Parameter(torch.zeros(SIGNS))
        nn.init.orthogonal_(self.proj.weight)

    def hidden(self, pieces: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What is known of each piece, where nothing stands, and the mean."""
        padding = pieces.eq(0)
        hidden = functional.dropout(self.enc(pieces, padding), DROP, self.training).float()
        kept = (~padding)[..., None].to(hidden.dtype)
        return hidden, padding, (hidden * kept).sum(1) / kept.sum(1)

    def about(self, mean: Tensor) -> Tensor:
        return functional.normalize(self.proj(mean), dim=-1)

    def forward(self, pieces: Tensor) -> tuple[Tensor, Tensor]:
        known = self.hidden(pieces)
        return self.acts(*known), self.about(known[2])


def in_order(
    net: Net, reads: Sequence[Read], hidden: float = 0.0
) -> list[tuple[list[int], tuple[Tensor, Tensor, Tensor]]]:
    """What the network knows of each, those of like length together, with their places; while it is taught some of the words are hidden."""
    order = sorted(range(len(reads)), key=lambda place: len(reads[place].pieces))
    found = []
    # sums in sixteen bits; the kernel for attention on processors is slow at teaching
    with torch.autocast("cpu", dtype=torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
        for start in range(0, len(order), AT_ONCE):
            places = order[start : start + AT_ONCE]
            rows = [torch.tensor(reads[place].pieces) for place in places]
            for row, place in zip(rows, places, strict=True):
                hit = torch.rand(len(row)) < hidden
                hit[: reads[place].head], hit[-1] = False, False
                row[hit] = MASK
            found.append((places, net.hidden(nn.utils.rnn.pad_sequence(rows, batch_first=True))))
    return found


def _back(parts: Sequence[tuple[Sequence[int], Tensor]]) -> Tensor:
    """Rows that were read in another order, each in its place."""
    places = torch.tensor([place for found, _ in parts for place in found])
    return torch.cat([rows for _, rows in parts])[torch.argsort(places)]


def read(net: Net, told: Sequence[Said], hidden: float = 0.0) -> tuple[Tensor, Tensor]:
    """What the network says of each, in order."""
    known = in_order(net, [one.read for one in told], hidden)
    says = _back([(places, net.acts(*each)) for places, each in known])
    return says, _back([(places, net.about(each[2])) for places, each in known])


@dataclass(slots=True)
class Known:
    """One issue as far as it has come: what it is about, its last contact, its messages' ids and subjects."""

    about: Tensor
    last: Contact
    ids: set[str | None] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)

    def take(self, contact: Contact) -> None:
        self.last = contact
        self.ids.add(contact.message_id)
        self.subjects.add(_subject(contact))


def _subject(contact: Contact) -> str:
    return unmarked(contact.subject or "").lower().strip()


def signs(contact: Contact, issue: Known, latest: datetime) -> list[float]:
    """What else than words tells which issue a contact is about, SIGNS of them."""
    last, gap = issue.last, max(timedelta(0), contact.at - issue.last.at)
    named = {contact.in_reply_to, *contact.references} - {None}
    ours = last.direction is Direction.OUT
    same_subject = _subject(contact) in issue.subjects - {""} and contact.channel is not Channel.WEBFORM
    quick, soon = follows_at_once(contact, last), gap <= timedelta(hours=1)
    known = (last.at == latest, bool(named & issue.ids), same_subject, ours, quick, soon)
    return [math.log1p(gap / timedelta(days=1)) / 3, *map(float, known)]


def choices(net: Net, told: Sequence[Said], says: Tensor, about: Tensor) -> Iterator[tuple[Tensor, int]]:
    """At each message but a scenario's first: how near it is to each earlier issue and how likely new, and which is right."""
    scenarios: dict[str, dict[str, list[int]]] = {}
    for place, one in enumerate(told):
        scenarios.setdefault(one.scenario, {}).setdefault(one.contact.id, []).append(place)
    first = ACTS.index("first")
    for contacts in scenarios.values():
        earlier: dict[str, Known] = {}
        for places in sorted(contacts.values(), key=lambda places: told[places[0]].contact.at):
            one, here = told[places[0]], functional.normalize(about[places].sum(0), dim=-1)
            if earlier:
                names, latest = list(earlier), max(known.last.at for known in earlier.values())
                alike = functional.normalize(torch.stack([known.about for known in earlier.values()]), dim=-1) @ here
                beside = torch.tensor([signs(one.contact, known, latest) for known in earlier.values()])
                theirs = [place for place in places if not told[place].ours]
                raises = net.raises * says[theirs[0], first].detach() if theirs else torch.tensor(0.0)
                own = OUR_OWN if one.contact.direction is Direction.OUT else 0.0
                near = net.scale.exp() * alike + beside @ net.signs
                right = names.index(one.issue) if one.issue in earlier else len(names)
                yield torch.cat([near, (net.new + raises + own)[None]]), right
            known = earlier.setdefault(one.issue, Known(torch.zeros(DIRECTIONS), one.contact))
            known.about = known.about + here
            known.take(one.contact)


def _missed(says: Tensor, reads: Sequence[Read]) -> Tensor:
    """Mean cross-entropy over what is known."""
    marks = torch.tensor([one.marks for one in reads])
    known = (marks >= 0).float()
    each = functional.binary_cross_entropy_with_logits(says, marks.clamp(min=0), reduction="none")
    return (each * known).sum() / known.sum().clamp(min=1)


def loss_of(net: Net, told: Sequence[Said], texts: Sequence[Read]) -> Tensor:
    says, about = read(net, told, HIDDEN)
    total = ACTS_SHARE * _missed(says, [one.read for one in told])
    if texts:
        known = in_order(net, texts, HIDDEN)
        total = total + TEXTS_SHARE * _missed(_back([(places, net.labels(*each)) for places, each in known]), texts)
    issues = [functional.cross_entropy(near[None], torch.tensor([right])) for near, right in choices(net, told, says, about)]  # fmt: skip
    return total + ISSUES_SHARE * torch.stack(issues).mean() if issues else total


def taught(told: Sequence[Said], texts: Sequence[Read], passes: int = PASSES, seed: int = 1) -> Net:
    """A network that has learned these: AdamW, linear warm-up then a cosine to nought; what remains is a moving average of the weights."""
    torch.manual_seed(seed)
    rng, net = random.Random(seed), Net().train()
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

    most, done = passes * sum(1 for _ in steps()), 0
    inner, outer = (
        [weights for name, weights in net.named_parameters() if name.startswith("enc.") is within]
        for within in (True, False)
    )
    optimiser = torch.optim.AdamW(
        [{"params": inner, "lr": RATE}, {"params": outer, "lr": HEAD_RATE}], weight_decay=0.01, fused=True
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / (0.06 * most), 0.5 * (1 + math.cos(math.pi * min(1.0, s / most))) + 0.02)
    )
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE))
    for _ in range(passes):
        for step in steps():
            loss = loss_of(net, step, rng.sample(texts, min(TEXTS, len(texts))))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            done += 1
            if done >= AVERAGED_FROM * most and done % AVERAGED_EVERY == 0:
                average.update_parameters(net)
    last: Net = average.module if average.n_averaged else net
    return last.eval()


def _by_the_others(told: Sequence[Said], texts: Sequence[Read], half: int) -> dict[str, list[Any]]:
    """For each contact of every second set what a reader that was taught on the other sets says: ours, theirs, about."""
    torch.set_num_threads(1)
    out = set(sorted({one.group for one in told})[half::2])
    net, left = taught([one for one in told if one.group not in out], texts), [one for one in told if one.group in out]
    with torch.inference_mode():
        parts = [read(net, left[start : start + 240]) for start in range(0, len(left), 240)]
    says, about = (torch.cat(part).numpy() for part in zip(*parts, strict=True))
    rows: dict[str, list[Any]] = {}
    for place, one in enumerate(left):
        row = rows.setdefault(one.contact.id, [np.full(len(OURS), np.nan), np.full(len(THEIRS), np.nan), 0.0])
        row[0 if one.ours else 1] = says[place, : len(OURS)] if one.ours else says[place, len(OURS) :]
        row[2] = row[2] + about[place]
    return rows


def unseen(told: Sequence[Said], texts: Sequence[Read]) -> dict[str, list[Any]]:
    """What readers say that were taught on the other half of the sets."""
    with ProcessPoolExecutor(2) as pool:
        one, other = pool.map(partial(_by_the_others, told, texts), (0, 1))
    return one | other


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
    asked.add_argument("texts", type=Path)
    asked.add_argument("timelines", type=Path, nargs="+")
    asked.add_argument("--unseen", action="store_true")
    asked.add_argument("--write", action="store_true")
    wanted = asked.parse_args()
    told = [one for path in wanted.timelines for one in said_in(wanted.tools, path, wanted.labels)]
    texts = texts_in(wanted.texts)
    print(
        f"{len(told)} sides of messages of {len({one.scenario for one in told})} scenarios, {len(texts)} texts beside"
    )
    if wanted.unseen:
        keep_unseen(unseen(told, texts))
    if wanted.write:
        sets = sorted({one.group for one in told})
        keep_model(
            taught(told, texts),
            packaged_folder(),
            f"{len(told)} sides of messages of {len(sets)} sets, {sets[0]} to {sets[-1]}, and {len(texts)} labelled texts",
        )


if __name__ == "__main__":
    main()
