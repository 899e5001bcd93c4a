"""Lists what is kept too long, and erases it on a person's word: in small transactions, each with its line in the audit."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.domain.flag import Flag, FlagState
from triage.domain.policy import Policy
from triage.domain.retention import Kept, Retention, Until, last_opinion, longest_window, until
from triage.domain.review import Review
from triage.forgetting import forget_texts
from triage.store import Store, Unit

SETTLED = (FlagState.DECIDED, FlagState.LAPSED, FlagState.UNDONE)
CHUNK = 200
SUBJECT = "retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFlag:
    """A flag that may go: what it was kept as, and since when it may. ``answers`` are what people decided, by clause."""

    id: str
    kept: Kept
    since: datetime
    codes: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What would be erased now."""

    flags: tuple[DueFlag, ...]
    scores: int
    contacts: int

    @property
    def nothing(self) -> bool:
        return not (self.flags or self.scores or self.contacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased."""

    flags: int
    scores: int
    contacts: int


def due(unit: Unit, policy: Policy, retention: Retention, now: datetime) -> Due:
    """Changes nothing: what `erase` would do at this moment."""
    flags = tuple(_due_flags(unit, policy, retention, now))
    return Due(
        flags=flags,
        scores=unit.erasing.count_scores(*_scores_before(policy, retention, now)),
        contacts=unit.erasing.count_contacts(_contacts_before(retention, now)),
    )


def erase(store: Store, policy: Policy, retention: Retention, *, by: str, reason: str, now: datetime) -> Erased:
    """Erases what is due, for ever; how many of what is all that stays. The asking and its reason go on record first."""
    with store.begin() as unit:
        unit.audit.append(at=now, actor=by, action="retention.asked", subject=SUBJECT, detail={"reason": reason})
    with store.read() as unit:
        wanted = [found.id for found in _due_flags(unit, policy, retention, now)]
    flags = sum(_erase_flag(store, flag_id, policy, retention, by, now) for flag_id in wanted)
    scores = contacts = 0
    while some := _erase_some_scores(store, policy, retention, now):
        scores += some
    while some := _erase_some_contacts(store, retention, now):
        contacts += some
    with store.begin() as unit:
        detail = {"flags": str(flags), "scores": str(scores), "contacts": str(contacts)}
        unit.audit.append(at=now, actor=by, action="retention.erased", subject=SUBJECT, detail=detail)
    forget_texts()
    return Erased(flags=flags, scores=scores, contacts=contacts)


def _scores_before(policy: Policy, retention: Retention, now: datetime) -> tuple[datetime, datetime]:
    """Before which contacts' scores may go, and since when their issues must have been quiet: until then they still count."""
    return now - timedelta(days=retention.scores), now - longest_window(policy)


def _contacts_before(retention: Retention, now: datetime) -> datetime:
    return now - timedelta(days=retention.contacts)


def _due_flags(unit: Unit, policy: Policy, retention: Retention, now: datetime) -> Iterator[DueFlag]:
    for flag in unit.flags.listed(states=SETTLED):
        reviews = unit.flags.reviews(flag.id)
        found = _until(unit, flag, reviews, policy, retention)
        if found is not None and found.at <= now:
            yield DueFlag(
                id=flag.id,
                kept=found.kept,
                since=found.at,
                codes=tuple(code.code for code in flag.codes),
                answers=tuple(_answers(flag, reviews)),
            )


def _until(unit: Unit, flag: Flag, reviews: list[Review], policy: Policy, retention: Retention) -> Until | None:
    """None as well where a customer's appeal waits for its answer."""
    if any(one.waits for one in unit.outcomes.representations(flag.id)):
        return None
    return until(flag, reviews, unit.landlord.records_of_issue(flag.issue_id), policy, retention)


def _answers(flag: Flag, reviews: list[Review]) -> Iterator[tuple[str, str]]:
    last = last_opinion(flag, reviews)
    given = {one.code: one.answer.value for one in last.decisions} if last else {}
    for code in flag.codes:
        yield code.code, given.get(code.code, flag.state.value)


def _erase_flag(store: Store, flag_id: str, policy: Policy, retention: Retention, by: str, now: datetime) -> bool:
    """One flag in one transaction, looked at again under the lock: it may have been reopened meanwhile."""
    with store.begin() as unit:
        flag = unit.flags.get(flag_id)
        reviews = unit.flags.reviews(flag_id)
        found = _until(unit, flag, reviews, policy, retention) if flag else None
        if flag is None or found is None or found.at > now:
            return False
        for (code, answer), number in Counter(_answers(flag, reviews)).items():
            unit.erasing.note(now, "flag", number, code, answer)
        unit.erasing.erase_flag(flag_id)
        detail = {"kept as": found.kept.value}
        unit.audit.append(at=now, actor=by, action="flag.erased", subject=flag_id, detail=detail)
    return True


def _erase_some_scores(store: Store, policy: Policy, retention: Retention, now: datetime) -> int:
    with store.begin() as unit:
        ids = unit.erasing.some_scores(*_scores_before(policy, retention, now), limit=CHUNK)
        if ids:
            unit.erasing.erase_scores(ids)
            unit.erasing.note(now, "score", len(ids))
    return len(ids)


def _erase_some_contacts(store: Store, retention: Retention, now: datetime) -> int:
    with store.begin() as unit:
        ids = unit.erasing.some_contacts(_contacts_before(retention, now), limit=CHUNK)
        if ids:
            unit.erasing.erase_contacts(ids)
            unit.erasing.note(now, "contact", len(ids))
    return len(ids)
