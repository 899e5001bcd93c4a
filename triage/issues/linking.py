"""Step 5 of the one path: the issue that a contact or record is about, weighed against "a new one". Pure."""

from collections.abc import Sequence
from math import exp

from triage.domain.contact import Contact
from triage.domain.customer import Identification, LinkEvidence
from triage.domain.issue import History, IssueLink
from triage.domain.record import Record
from triage.issues.compare import Likeness, compare, compare_new
from triage.issues.weights import SENTENCES, WEIGHTS


def link(
    item: Contact | Record,
    who: Identification,
    past: Sequence[History],
    likeness: Likeness | None = None,
) -> IssueLink:
    """The issue of ``past`` that an item belongs to, or None for a new one, with its probability and the reasons.

    ``past`` holds the histories of the household's issues and of the person's; order does not matter. A contact about
    several things goes to the one that most of it is about. ``likeness`` gives 0 to 1 for two texts.
    """
    if not past:
        step = LinkEvidence(kind="first", weight=0.0, sentence="There is no earlier issue of this household.")
        return IssueLink(issue_id=None, probability=1.0, evidence=(step,))
    read, comparisons = compare(item, who, past, likeness)
    new = compare_new(read, comparisons)
    totals = [_total(comparison.features) for comparison in comparisons]
    against = _total(new)
    highest = max([against, *totals])
    everything = exp(against - highest) + sum(exp(total - highest) for total in totals)
    best = max(
        range(len(totals)),
        key=lambda index: (totals[index], comparisons[index].last.timestamp(), comparisons[index].issue_id),
    )
    if against > totals[best]:
        return IssueLink(
            issue_id=None, probability=round(exp(against - highest) / everything, 4), evidence=_explained(new)
        )
    return IssueLink(
        issue_id=comparisons[best].issue_id,
        probability=round(exp(totals[best] - highest) / everything, 4),
        evidence=_explained(comparisons[best].features),
    )


def _total(features: dict[str, float]) -> float:
    return sum(WEIGHTS[name] * value for name, value in features.items())


def _explained(features: dict[str, float]) -> tuple[LinkEvidence, ...]:
    """The features that weigh, heaviest first."""
    steps = [(name, WEIGHTS[name] * value) for name, value in features.items() if abs(WEIGHTS[name] * value) >= 0.05]
    steps.sort(key=lambda step: -abs(step[1]))
    return tuple(LinkEvidence(kind=name, weight=round(weight, 2), sentence=SENTENCES[name]) for name, weight in steps)
