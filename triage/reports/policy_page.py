"""The policy as people read it: who stands behind it, what each clause means, its numbers with their units and reasons, what is off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from triage.domain.acknowledging import Hours
from triage.domain.policy import LARGEST_NUMBER, Admissible, Clause, Policy
from triage.domain.record import ServiceStandards
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
STANDARDS = (
    ("general_reply_working_days", "A reply to whoever asks for something", "working day"),
    ("complaint_ack_working_days", "A complaint is acknowledged", "working day"),
    ("stage1_working_days", "A complaint at stage 1 is answered", "working day"),
    ("stage2_working_days", "A complaint at stage 2 is answered", "working day"),
    ("hazard_hours", "An emergency hazard is made safe", "hour"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberView:
    """A number of a clause with its unit, what it means and why it is so."""

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
    promises: tuple[tuple[str, str], ...]


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
        standards=tuple(_standards(one) for one in given or [ServiceStandards()]),
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


def _number(name: str, value: float, policy: Policy) -> NumberView:
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
        why=meaning.why if meaning else "No reason is written in the policy file.",
    )


def _standards(standards: ServiceStandards) -> StandardsView:
    promises = [(what, _counted(getattr(standards, name), unit)) for name, what, unit in STANDARDS]
    promises += [(name.replace("_", " ").capitalize(), f"{number:g}") for name, number in standards.others.items()]
    return StandardsView(applies_to=standards.applies_to, promises=tuple(promises))


def _off(
    unit: Unit, policy: Policy, now: datetime, blind_share: float, given: Sequence[ServiceStandards]
) -> Iterator[str]:
    if not freshness(unit, now).records_fresh:
        yield (
            "Demands, persistence and allegations over time: our own records are missing or older than 24 hours, so these clauses "
            "say “cannot judge” until fresh ones come."
        )
    if not given:
        yield "Service standards of our own: none are on file, so the general ones below are used."
    if not blind_share:
        yield "First looks without the suggestion: no flag is first shown without what the model said."
    for clause in policy.clauses.values():
        if LARGEST_NUMBER in clause.thresholds.values():
            yield f"{clause.title}: one of its numbers is set so high that it is never reached."
