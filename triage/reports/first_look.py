"""First looks without the model's output: a sample, so that people's own reading can be compared with it (C4)."""

import hashlib
from collections.abc import Iterable

from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.policy import Admissible, Policy
from triage.domain.review import Review


def is_blind(flag: Flag, reviews: Iterable[Review], policy: Policy, person: str, share: float) -> bool:
    """Whether this person meets the flag blind: always the same answer until they have decided it.

    Only open behaviour flags that words alone raised: of a pattern the counts are the evidence itself, and a card of safety
    never waits for an experiment.
    """
    if flag.kind is not FlagKind.BEHAVIOUR or flag.state is not FlagState.OPEN:
        return False
    if any(policy.clause(code.code).admissible is not Admissible.WORDS for code in flag.codes):
        return False
    if any(review.reviewer == person for review in reviews):
        return False
    drawn = int(hashlib.sha256(f"{flag.id} {person}".encode()).hexdigest()[:8], 16)
    return drawn < share * 2**32
