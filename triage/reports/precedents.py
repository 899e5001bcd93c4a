"""Precedents: what people decided of contacts like these. They inform a decision and never propose one."""

import base64
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.domain.flag import Flag, FlaggedCode, FlagKind
from triage.domain.issue import Entry
from triage.domain.review import Answer
from triage.reports.contacts import CHANNELS
from triage.reports.marked import seen
from triage.reports.people import pseudonym
from triage.reports.veil import Veil
from triage.store import Unit
from triage.store.flags import Decided

VERY_LIKE, SOMEWHAT_LIKE = 0.80, 0.70
"""Cosines. Measured on 1,868 contacts of writers that the encoder had not seen: above 0.80 the contact of another writer was of the
same kind (a behaviour or its look-alike) in 64 to 100 of 100 cases, from 0.70 in 53 to 78, below in about as many as by chance."""
MOST_SHOWN = 3
NEWEST = 2_000
"""Decided contacts that are compared: what a page costs stays bounded."""
MOST_ASKED = 12
"""Contacts of the flag that are compared with them, the latest."""
LONGEST_REASON = 200
DECIDED_BY = {FlagKind.SAFEGUARDING: "the safeguarding role"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecedentView:
    """A decided contact that is like one of the flag's: no words of it, no name of a customer or reviewer."""

    flag_id: str
    who: str
    channel: str
    at: datetime
    likeness: float
    answer: Answer
    decided_at: datetime
    by: str
    reason: str

    @property
    def like(self) -> str:
        """The likeness in words; the bare number reads as more than it is (C3)."""
        return "very like" if self.likeness >= VERY_LIKE else "somewhat like"


def precedents(
    unit: Unit,
    flag: Flag,
    code: FlaggedCode,
    entries: Sequence[Entry],
    veil: Veil,
    *,
    kinds: Collection[FlagKind],
    safeguarding: bool,
) -> tuple[PrecedentView, ...]:
    """At most three decisions on other flags, the likest first, one a flag; none where the model gives no vectors.

    Whoever is not of the safeguarding role is shown none of an issue that has a safeguarding card: reasons may tell of it (C27).
    """
    mine = [
        entry.scores
        for entry in entries
        if entry.contact.id in code.contacts
        and not veil.hides(entry.contact.id)
        and entry.scores is not None
        and entry.scores.vector is not None
    ]
    if not mine:
        return ()
    model = mine[-1].model
    asked = [scores.vector for scores in mine if scores.model == model and scores.vector is not None][-MOST_ASKED:]
    found = unit.flags.decided(code.code, kinds=kinds, model=model, limit=NEWEST)
    known = unit.seen.issues({item.issue_id for item in found})
    found = [item for item in found if item.flag_id != flag.id and item.issue_id in known]
    if not safeguarding:
        secret = set(unit.contacts.safeguarded_in({item.issue_id for item in found}).values())
        found = [item for item in found if item.issue_id not in secret]
    views = (_view(unit, item, code.code, likeness) for item, likeness in _nearest(asked, found))
    return tuple(view for view in views if view is not None)


def _nearest(asked: Sequence[str], found: Sequence[Decided]) -> Iterator[tuple[Decided, float]]:
    if not found:
        return
    likeness = (_vectors([item.vector for item in found]) @ _vectors(asked).T).max(axis=1)
    flags: set[str] = set()
    for place in np.argsort(-likeness, kind="stable").tolist():
        if likeness[place] < SOMEWHAT_LIKE or len(flags) == MOST_SHOWN:
            return
        if found[place].flag_id not in flags:
            flags.add(found[place].flag_id)
            yield found[place], float(likeness[place])


def _vectors(encoded: Sequence[str]) -> NDArray[np.float32]:
    """One row each, of length one again: a byte a number has rounded them."""
    rows: NDArray[Any] = np.stack([np.frombuffer(base64.b64decode(one), dtype=np.int8) for one in encoded])
    lengths = np.linalg.norm(rows.astype(np.float32), axis=1, keepdims=True)
    scaled: NDArray[np.float32] = (rows / np.maximum(lengths, 1.0)).astype(np.float32)
    return scaled


def _view(unit: Unit, item: Decided, code: str, likeness: float) -> PrecedentView | None:
    placed, flag = unit.contacts.get(item.contact_id), unit.flags.get(item.flag_id)
    review = next((review for review in unit.flags.reviews(item.flag_id) if review.id == item.review_id), None)
    decision = next((one for one in review.decisions if one.code == code), None) if review is not None else None
    if placed is None or flag is None or review is None or decision is None or decision.answer is Answer.UNSURE:
        return None
    line = decision.reason.strip().partition("\n")[0]
    return PrecedentView(
        flag_id=item.flag_id,
        who=pseudonym(placed.who.customer_ref, placed.who.role),
        channel=CHANNELS[placed.contact.channel],
        at=placed.contact.at,
        likeness=likeness,
        answer=decision.answer,
        decided_at=review.at,
        by=DECIDED_BY.get(flag.kind, "a reviewer"),
        reason=seen(line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1].rstrip() + "…"),
    )
