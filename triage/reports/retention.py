"""How long what is kept, what may go now, and what is left of what went: no word and no person in it."""

from dataclasses import dataclass, replace
from datetime import datetime

from triage.domain.policy import Policy
from triage.domain.retention import Retention, longest_window
from triage.retention import Due, due
from triage.store import Unit
from triage.store.erasing import ErasedCount


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of thing: how long it is kept, from when, and why so."""

    what: str
    days: int
    since: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPage:
    """The rules, what they make due at ``at``, and the counts of what was erased, ever. ``elsewhere`` are due flags of other teams."""

    at: datetime
    rules: tuple[Rule, ...]
    due: Due
    elsewhere: int
    erased: tuple[ErasedCount, ...]


def retention_page(unit: Unit, policy: Policy, retention: Retention, now: datetime) -> RetentionPage:
    """A dry run: it changes nothing."""
    found = due(unit, policy, retention, now)
    known = [flag for one in found.flags if (flag := unit.flags.get(one.id)) is not None]
    told = {flag.id for flag in unit.seen.flags(known)}
    return RetentionPage(
        at=now,
        rules=_rules(policy, retention),
        due=replace(found, flags=tuple(one for one in found.flags if one.id in told)),
        elsewhere=len(found.flags) - len(told),
        erased=tuple(unit.erasing.counts()),
    )


def _rules(policy: Policy, retention: Retention) -> tuple[Rule, ...]:
    window = longest_window(policy).days
    return (
        Rule(
            what="What models said of a contact that is on no flag",
            days=retention.scores,
            since=f"the contact, and once nothing has come on its issue for {window} days",
            why=f"Until then it mostly says why a contact does not count: the policy’s longest window is {window} days.",
        ),
        Rule(
            what="A flag that was not confirmed, or that lapsed",
            days=retention.dismissed,
            since="the decision",
            why="Of a pattern or records: not before that evidence is too old to be put forward again, or it would come back.",
        ),
        Rule(
            what="A confirmed flag with its incident record",
            days=retention.confirmed,
            since="the decision",
            why="So that a second time can be told from a first.",
        ),
        Rule(
            what="The same for threats, sexual words, dangerous animals and dangers to staff",
            days=retention.serious,
            since="the decision",
            why="Whoever visits later has to be safe.",
        ),
        Rule(
            what="The same where a warning or contact agreement followed",
            days=retention.restrictions,
            since="its end (twelve months after its start at the latest)",
            why="The file of a restriction has to be there to be answered for.",
        ),
        Rule(
            what="Words, names, addresses and bytes of contacts",
            days=retention.contacts,
            since="the last contact on the issue, where no flag stands on it",
            why="A proposal of this project; the landlord’s own schedule goes before it.",
        ),
    )
