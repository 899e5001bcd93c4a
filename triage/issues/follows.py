"""Whether a contact follows on what was said last on an issue: an answer after a question, thanks after what was done, "and now?" after a promise.

A network of one small layer over what both do (their gists' acts), when and by which channel, learned from timelines
(`tests/bench/link_weights.py`, ADR 0020). It weighs no words. It is asked only of contacts that have a gist.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from io import BytesIO
from math import log1p
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.domain.contact import Channel, Contact, Direction
from triage.domain.gist import OURS, THEIRS
from triage.issues.past import Past

Floats = NDArray[np.float32]
Network = tuple[Floats, Floats, Floats]
CHANNELS: Final = tuple(Channel)
ACTS: Final = len(OURS) + len(THEIRS)
MOST: Final = 6.0
"""Log-odds of an act beyond which none speaks louder."""
NEVER: Final = 2.0
"""Stands for how long ago something was that never was."""
OF_ITEM: Final = ACTS + 2 + len(CHANNELS) + 1
OF_ISSUE: Final = 2 * (ACTS + 2) + 3 + len(CHANNELS) + 4
INPUTS: Final = OF_ITEM + OF_ISSUE + 2
"""What is known of the contact, of the issue, whether it is a new one, and among how many."""


def inputs(contact: Contact, pasts: Sequence[Past]) -> Floats:
    """A row for each earlier issue and one for a new one (N + 1 x INPUTS)."""
    rows = np.zeros((len(pasts) + 1, INPUTS), dtype=np.float32)
    rows[:, :OF_ITEM] = np.concatenate([_acts(contact), _channel(contact), [min(3.0, log1p(len(contact.said)) / 2)]])
    recent = sorted(range(len(pasts)), key=lambda place: (pasts[place].last, pasts[place].issue_id), reverse=True)
    for rank, place in enumerate(recent):
        rows[place, OF_ITEM:-2] = _of_issue(contact, pasts[place], rank)
    rows[-1, -2] = 1.0
    rows[:, -1] = len(pasts) / 4
    return rows


def _of_issue(contact: Contact, past: Past, rank: int) -> Floats:
    earlier = [other for other in past.contacts if other.at <= contact.at]
    theirs = next((one for one in reversed(earlier) if one.direction is Direction.IN), None)
    ours = next((one for one in reversed(earlier) if one.direction is Direction.OUT), None)
    last = earlier[-1] if earlier else None
    ago = [_ago(contact, one) for one in (theirs, ours, last)]
    same = last is not None and last.channel is contact.channel
    beside = [float(same), float(last is not None and last is ours), log1p(len(past.contacts)) / 3, rank / 3]
    return np.concatenate([_acts(theirs), _acts(ours), ago, _channel(last), beside]).astype(np.float32)


def _acts(contact: Contact | None) -> Floats:
    """Log-odds of every act, nought where a side says nothing; whether there is a contact, and whether it is ours."""
    found = np.zeros(ACTS + 2, dtype=np.float32)
    if contact is None:
        return found
    if contact.gist is not None:
        said = [*(contact.gist.ours or (0.0,) * len(OURS)), *(contact.gist.theirs or (0.0,) * len(THEIRS))]
        found[:ACTS] = np.clip(said, -MOST, MOST) / (MOST / 2)
    found[ACTS:] = 1.0, contact.direction is Direction.OUT
    return found


def _channel(contact: Contact | None) -> Floats:
    return np.array([contact is not None and contact.channel is channel for channel in CHANNELS], dtype=np.float32)


def _ago(contact: Contact, earlier: Contact | None) -> float:
    """Hours, on a scale that grows ever slower: 0.1 for half an hour, 0.6 for a day, 1.2 for two weeks."""
    return NEVER if earlier is None else log1p((contact.at - earlier.at).total_seconds() / 3600) / 5


def follows(contact: Contact, pasts: Sequence[Past]) -> Floats:
    """How well it follows on each earlier issue and, last, on none, as log-odds (N + 1)."""
    return says(_network(), inputs(contact, pasts))


def says(network: Network, rows: Floats) -> Floats:
    """Log-odds of each row (N) by a network: its first layer's weights (INPUTS x H) and bias (H), and its last layer's (H)."""
    first, bias, last = network
    found: Floats = np.maximum(rows @ first + bias, 0.0) @ last
    return found


@cache
def _network() -> Network:
    with np.load(BytesIO(files("triage.issues").joinpath("follows.npz").read_bytes()), allow_pickle=False) as kept:
        return kept["first"], kept["bias"], kept["last"]
