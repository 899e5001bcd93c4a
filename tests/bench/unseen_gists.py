"""The gists of the timelines' messages by readers that had not seen their sets, so that what is learned of them holds on mail that nobody has seen.

Written by `tests/bench/gists.py` into training/housing/gists_unseen.npz: for each contact's id in a history, the log-odds of both sides
(not a number where a side says nothing) and what the contact is about.
"""

import base64
from collections.abc import Sequence
from math import isnan
from pathlib import Path

import numpy as np

from triage.domain.contact import Contact
from triage.domain.gist import OURS, Gist

FILE = Path(__file__).parents[2] / "training" / "housing" / "gists_unseen.npz"


class UnseenGists:
    """What a pipeline asks for gists; contacts that are not in the file have none."""

    def __init__(self, file: Path = FILE) -> None:
        with np.load(file, allow_pickle=False) as kept:
            rows = zip(kept["ids"], kept["ours"], kept["theirs"], kept["about"], strict=True)
            self._known = {str(id): _gist(ours, theirs, about) for id, ours, theirs, about in rows}

    def read(self, contacts: Sequence[Contact]) -> list[Gist | None]:
        return [self._known.get(contact.id) for contact in contacts]

    def says(self, contact: str, act: str) -> float:
        """Log-odds of an act in a contact that is known to have its side."""
        read = self._known[contact].says(act)
        assert read is not None, f"{'ours' if act in OURS else 'theirs'} of {contact} was not read"
        return read


def _gist(*read: np.ndarray) -> Gist:
    ours, theirs = (tuple(round(float(x), 2) for x in side) if not isnan(side[0]) else () for side in read[:2])
    return Gist(model="unseen", ours=ours, theirs=theirs, about=base64.b64encode(read[2].tobytes()).decode("ascii"))
