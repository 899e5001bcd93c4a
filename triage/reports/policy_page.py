"""The policy as people read it: who stands behind it, what each clause means, its numbers with their units and reasons, what is off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from triage.domain.acknowledging import Hours
from triage.domain.policy import LARGEST_NUMBER, Admissible, Clause, Policy
from triage.domain.record import STANDARDS, OwnStandards
from triage.domain.workdays import CLOSES, OPENS
from triage.policy_on_record import PolicyInUse, policies_on_record
from triage.reports.queue import freshness
from triage.store import Unit

RAISED_BY = {
    Admissible.WORDS: "The words of one contact can put it before a person.",
    Admissible.PATTERN: "Only a pattern over several contacts can put it before a person, never one contact.",
    Admissible.RECORDS: "Only contacts together with our own records can put it before a person, never words alone.",
}
UNITS = (
    ("_working_days", "working day"),
    ("_days", "day"),
    ("_minutes", "minute"),
    ("_hours", "hour"),
)
OWN = "The landlord’s own."


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberView:
    """A number of the policy with its unit, what it means and why it is so."""

    what: str
    value: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseText:
    """A clause with its numbers in words; ``in_hours`` that its clock runs in the desk's hours alone."""

    clause: Clause
    raised_by: str
    numbers: tuple[NumberView, ...]
    in_hours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardsView:
    """What we promised, for routes at these domains (none: all others)."""

    applies_to: tuple[str, ...]
    promises: tuple[NumberView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyView:
    """The whole page. ``since`` is when this very file was first in use here, None where nothing is on record."""

    title: str
    version: str
    fingerprint: str
    since: datetime | None
    earlier: tuple[PolicyInUse, ...]
    document: tuple[tuple[str, str], ...]
    limbs: tuple[str, ...]
    actions: tuple[tuple[str, bool], ...]
    clauses: tuple[ClauseText, ...]
    standards: tuple[StandardsView, ...]
    standards_given: bool
    opens: time
    closes: time
    first_opens: time
    last_closes: time
    on_call: str
    in_hours: tuple[str, ...]
    off: tuple[str, ...]


def policy_view(unit: Unit, policy: Policy, now: datetime, hours: Hours, blind_share: float) -> PolicyView:
    """The policy in use, and what of it cannot be judged now."""
    seen = policies_on_record(unit)
    given = unit.landlord.standards()
    return PolicyView(
        title=policy.title,
        version=policy.version,
        fingerprint=policy.fingerprint,
        since=next((one.since for one in seen if one.fingerprint == policy.fingerprint), None),
        earlier=tuple(one for one in seen if one.fingerprint != policy.fingerprint),
        document=tuple(policy.document.items()),
        limbs=tuple(policy.limbs.values()),
        actions=tuple((action, action in policy.second_opinion) for action in policy.actions),
        clauses=tuple(_text(clause, policy) for clause in policy.clauses.values()),
        standards=tuple(_standards(one, policy) for one in _in_force(given)),
        standards_given=bool(given),
        opens=hours.opens,
        closes=hours.closes,
        first_opens=OPENS,
        last_closes=CLOSES,
        on_call=policy.on_call,
        in_hours=tuple(policy.clause(code).title for code in policy.in_hours),
        off=tuple(_off(unit, policy, now, blind_share, given)),
    )


def in_words(name: str, number: float) -> str:
    """A number of a clause with the unit that its name ends in: "28 days", "50%", "6"."""
    if name.endswith("_share"):
        return f"{number:.0%}"
    unit = next((word for ending, word in UNITS if name.endswith(ending)), "")
    return _counted(number, unit) if unit else f"{number:g}"


def _counted(number: float, unit: str) -> str:
    return f"{number:g} {unit}{'' if number == 1 else 's'}"


def _text(clause: Clause, policy: Policy) -> ClauseText:
    return ClauseText(
        clause=clause,
        raised_by=RAISED_BY[clause.admissible],
        numbers=tuple(_number(name, value, policy) for name, value in clause.thresholds.items()),
        in_hours=clause.code in policy.in_hours,
    )


def _number(name: str, value: float, policy: Policy, why: str = "") -> NumberView:
    meaning = policy.numbers.get(name)
    bare = next(
        (
            name.removesuffix(ending)
            for ending in ("_count", "_share", *(end for end, _ in UNITS))
            if name.endswith(ending)
        ),
        name,
    )
    what = meaning.what if meaning else bare.replace("_", " ").capitalize()
    return NumberView(
        what=what,
        value=in_words(name, value),
        why=why or (meaning.why if meaning else "No reason is written in the policy file."),
    )


def _in_force(own: Sequence[OwnStandards]) -> Sequence[OwnStandards]:
    """The landlord's own, and, where none of them is for all other routes, one that leaves everything to the policy."""
    return own if any(not one.applies_to for one in own) else [*own, OwnStandards()]


def _standards(own: OwnStandards, policy: Policy) -> StandardsView:
    promised, given = own.over(policy.standards), own.given()
    promises = [_number(name, getattr(promised, name), policy, OWN if name in given else "") for name in STANDARDS]
    promises += [_number(name, number, policy, OWN) for name, number in own.others.items()]
    return StandardsView(applies_to=own.applies_to, promises=tuple(promises))


def _off(unit: Unit, policy: Policy, now: datetime, blind_share: float, given: Sequence[OwnStandards]) -> Iterator[str]:
    if not freshness(unit, now).records_fresh:
        yield (
            "Demands, persistence and allegations over time: our own records are missing or older than 24 hours, so these clauses "
            "say “cannot judge” until fresh ones come."
        )
    if not given:
        yield "Service standards of our own: none are on file, so those of the policy are used."
    if not blind_share:
        yield "First looks without the suggestion: no flag is first shown without what the model said."
    for clause in policy.clauses.values():
        if LARGEST_NUMBER in clause.thresholds.values():
            yield f"{clause.title}: one of its numbers is set so high that it is never reached."
