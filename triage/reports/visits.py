"""Planned visits beside a threat or an animal: whoever goes there has to be told in time; context, never evidence."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.domain.visit import Visit
from triage.reports.marked import seen
from triage.store import Unit

CONCERNED = frozenset({"A1", "A5", "staff_safety"})
"""The codes beside which visits are shown: those that may endanger whoever goes there."""
FEED = "visits"
FRESH_FOR = timedelta(hours=24)
AHEAD = timedelta(days=28)
UNDER_WAY = timedelta(hours=4)
"""How long a visit without an end is taken to last."""
MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitView:
    """One visit to come: when, and who goes (a role or pseudonym)."""

    at: datetime
    until: datetime | None
    staff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisits:
    """The next visits to the address; ``feed`` is "fresh", "old" or "missing", and ``heard`` when it last spoke."""

    visits: tuple[VisitView, ...]
    feed: str
    heard: datetime | None


def planned_visits(unit: Unit, codes: Collection[str], people: Collection[str], now: datetime) -> PlannedVisits | None:
    """What is planned within 28 days for these people or their addresses; None for codes that concern no visit."""
    if not CONCERNED & set(codes):
        return None
    homes = {_plain(person.address) for person in unit.landlord.customers_by_ref(people).values() if person.address}
    coming = [
        visit
        for visit in unit.landlord.visits(now - timedelta(days=1), now + AHEAD)
        if (visit.until or visit.at + UNDER_WAY) >= now and (visit.customer_ref in people or _is_at(visit, homes))
    ]
    heard = unit.landlord.feed(FEED)
    return PlannedVisits(
        visits=tuple(
            VisitView(at=visit.at, until=visit.until, staff=seen(visit.staff or "not named")) for visit in coming[:MOST]
        ),
        feed="missing" if heard is None else _state(heard, now),
        heard=heard[0] if heard else None,
    )


def _state(heard: tuple[datetime, str], now: datetime) -> str:
    at, state = heard
    return "fresh" if state == "ok" and now - at <= FRESH_FOR else "old"


def _is_at(visit: Visit, homes: Collection[str]) -> bool:
    return visit.address is not None and _plain(visit.address) in homes


def _plain(address: str) -> str:
    return "".join(letter for letter in address.casefold() if letter.isalnum())
