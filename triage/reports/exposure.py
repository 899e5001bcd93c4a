"""How much abuse a person has met since their last break, for that person alone: never a figure about staff (C28, C34)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.domain.policy import Policy
from triage.store import Unit
from triage.store.working import Choice

SEVERE = ("A1", "A2", "A4", "A5", "S0")
MOST_ITEMS = 25
LONGEST = timedelta(minutes=60)
"""After either, a break is offered (C34); nothing is ever locked."""
PAUSE = timedelta(minutes=15)
"""A gap this long between two severe flags counts as a break."""
_WORDS = {
    "A1": "threat",
    "A2": "verbal abuse",
    "A3": "allegations against staff",
    "A4": "sexual words",
    "A5": "dangerous animal",
    "S0": "risk to life or safety",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What one person has met without a break; ``due`` says that a break should be offered."""

    items: int
    minutes: int
    due: bool


def exposure(unit: Unit, choice: Choice, now: datetime) -> Exposure:
    """Severe flags that the person whose choice it is has opened since their last break, or pause, in the last twelve hours."""
    start = now - timedelta(hours=12)
    since = max(choice.break_at, start) if choice.break_at else start
    stretch: list[datetime] = []
    for at in unit.working.seen_since(choice.person, SEVERE, since):
        if stretch and at - stretch[-1] > PAUSE:
            stretch = []
        stretch.append(at)
    if stretch and now - stretch[-1] > PAUSE:
        stretch = []
    spent = stretch[-1] - stretch[0] if stretch else timedelta()
    return Exposure(
        items=len(stretch),
        minutes=int(spent.total_seconds() // 60),
        due=len(stretch) >= MOST_ITEMS or spent >= LONGEST,
    )


def warning_label(codes: tuple[str, ...], policy: Policy) -> str:
    """What stands in front of veiled words: the codes and how severe they are, for example "A4 sexual words, severe"."""
    named = [f"{code} {_WORDS.get(code, policy.clause(code).title.lower())}" for code in codes]
    return f"{', '.join(named)}{', severe' if any(code in SEVERE for code in codes) else ''}"
