"""Step 5 of the one path: the issue that a contact or record is about, weighed against "a new one". Pure."""

from collections.abc import Mapping, Sequence
from math import exp

from triage.domain.contact import Contact
from triage.domain.customer import Identification, LinkEvidence
from triage.domain.issue import History, IssueLink
from triage.domain.record import Record
from triage.issues.about import model_of
from triage.issues.compare import Features, compare
from triage.issues.weights import SENTENCES, WEIGHTS, WITH_GIST


def link(
    item: Contact | Record,
    who: Identification,
    past: Sequence[History],
) -> IssueLink:
    """The issue of ``past`` that an item belongs to, or None for a new one, with its probability and the reasons.

    ``past`` holds the histories of the household's issues and of the person's; order does not matter. A contact about
    several things goes to the one that most of it is about.
    """
    if not past:
        step = LinkEvidence(kind="first", weight=0.0, sentence="There is no earlier issue of this household.")
        return IssueLink(issue_id=None, probability=1.0, evidence=(step,))
    compared, new = compare(item, who, past)
    weights = WITH_GIST if model_of(item) else WEIGHTS
    totals = [_total(features, weights) for _, features in compared]
    against = _total(new, weights)
    highest = max([against, *totals])
    everything = exp(against - highest) + sum(exp(total - highest) for total in totals)
    best = max(
        range(len(totals)), key=lambda index: (totals[index], compared[index][0].last, compared[index][0].issue_id)
    )
    is_new = against > totals[best]
    issue_id = None if is_new else compared[best][0].issue_id
    total, features = (against, new) if is_new else (totals[best], compared[best][1])
    return IssueLink(
        issue_id=issue_id,
        probability=round(exp(total - highest) / everything, 4),
        evidence=_explained(features, weights),
    )


def _total(features: Features, weights: Mapping[str, float]) -> float:
    return sum(weights[name] * value for name, value in features.items())


def _explained(features: Features, weights: Mapping[str, float]) -> tuple[LinkEvidence, ...]:
    """The features that weigh, heaviest first."""
    steps = [(name, weights[name] * value) for name, value in features.items() if abs(weights[name] * value) >= 0.05]
    steps.sort(key=lambda step: -abs(step[1]))
    return tuple(LinkEvidence(kind=name, weight=round(weight, 2), sentence=SENTENCES[name]) for name, weight in steps)
