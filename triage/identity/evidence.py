"""The evidence for one candidate, each step with its weight in log-odds; the weights are written here and nowhere else.

The sum begins at -L with L = ln(people in the directory, at least 2,000): anybody could have written. A look-up that
leaves one person is worth about L plus the trust in it, so that what remains is the trust. Weights were set by hand.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from math import exp, log

from triage.domain.customer import LinkEvidence

SMALLEST_CROWD = 2000
TRUST = {
    "email on file": 7.0,
    "mobile on file": 4.5,
    "telephone on file": 3.5,
    "handle on file": 4.0,
    "email learned": 4.5,
    "telephone learned": 3.5,
    "handle learned": 3.5,
    "display name": 4.0,
    "full name": 3.5,
    "initial and surname": 2.5,
    "first name and initial": 2.4,
    "surname": 0.5,
    "first name": -0.5,
    "name mentioned": -2.5,
    "name of another": 0.0,
    "tenancy reference": 3.0,
    "case reference": 2.0,
    "visited at home": 5.0,
    "door and street": 2.0,
    "street": -0.5,
    "thread": 2.5,
    "address like the name": 1.5,
    "number in the words": 0.0,
}
DECIDES_ALONE = frozenset({
    "email on file", "mobile on file", "telephone on file", "handle on file", "email learned", "telephone learned",
    "handle learned", "display name", "full name", "initial and surname", "first name and initial", "visited at home",
})  # fmt: skip
SENT_AS = frozenset({"display name", *(kind for kind in TRUST if kind.endswith((" on file", " learned")))})
"""What the message itself carries of its sender, beside the words."""
NAMES = frozenset(
    {"display name", "full name", "initial and surname", "first name and initial", "surname", "first name"}
)


@dataclass(slots=True)
class Case:
    """The evidence gathered for one candidate; one step of each kind, the heaviest."""

    steps: dict[str, LinkEvidence] = field(default_factory=dict)

    def add(self, kind: str, weight: float, sentence: str) -> None:
        known = self.steps.get(kind)
        if known is None or known.weight < weight:
            self.steps[kind] = LinkEvidence(kind=kind, weight=round(weight, 2), sentence=sentence)

    @property
    def total(self) -> float:
        return sum(step.weight for step in self.steps.values())

    def waterfall(self) -> tuple[LinkEvidence, ...]:
        return tuple(self.steps.values())


@lru_cache(maxsize=16)
def crowd(customers: int) -> float:
    """L: how little it says at first that the sender is one particular person."""
    return log(max(customers, SMALLEST_CROWD))


def weigh(kind: str, customers: int, sharing: int = 1) -> float:
    """The weight of a look-up that left ``sharing`` people."""
    return crowd(customers) - log(max(1, sharing)) + TRUST[kind]


def posterior(totals: dict[str, float]) -> dict[str, float]:
    """Probabilities of the candidates; the rest is somebody who is not in the directory (score 0)."""
    highest = max([0.0, *totals.values()])
    masses = {ref: exp(total - highest) for ref, total in totals.items()}
    everybody = exp(-highest) + sum(masses.values())
    return {ref: mass / everybody for ref, mass in masses.items()}
