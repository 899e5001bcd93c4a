"""What was read, what was not and why, and what was put before people."""

from collections import Counter
from dataclasses import dataclass

from triage.domain.flag import FlagState
from triage.domain.policy import Policy
from triage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Counts only: ``flagged`` rows are (code and title, times raised, flags open now)."""

    read: dict[str, int]
    flagged: list[tuple[str, int, int]]
    not_scored: dict[str, int]


def summarise(store: Store, policy: Policy) -> Summary:
    with store.read() as unit:
        counts = unit.contacts.counts()
        raised = unit.flags.raised_counts()
        still_open = Counter(code.code for flag in unit.flags.listed(states=(FlagState.OPEN,)) for code in flag.codes)
        reasons = Counter(contact.not_scored or "" for contact in unit.contacts.not_scored(limit=100_000))
        ledger = unit.contacts.deliveries_waiting()
    read = {
        "customers' contacts": counts["in"],
        "our replies": counts["out"],
        "of the contacts, not scored": counts["not_scored"],
    }
    read |= {"messages unfetchable": ledger.get("unfetchable", 0), "messages waiting": ledger.get("discovered", 0)}
    flagged = [
        (f"{code} {policy.clause(code).title}", raised.get(code, 0), still_open.get(code, 0))
        for code in policy.clauses
        if code in raised
    ]
    return Summary(read=read, flagged=flagged, not_scored=dict(reasons.most_common()))
