"""The safeguarding room: cards that wait, who has taken them on, and whom to turn to. No behaviour, no count of a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.domain.acknowledging import Hours, first_look_by
from triage.domain.flag import Flag, FlagKind
from triage.domain.policy import Policy
from triage.reports.marked import seen
from triage.reports.people import pseudonym
from triage.store import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomCard:
    """One open card; its clock ``starts`` at once in hours, else at the next opening; ``late`` where nobody took it on in time."""

    flag_id: str
    title: str
    who: str
    contacts: int
    raised: datetime
    starts: datetime
    by: datetime
    late: bool
    taken_by: str | None
    taken_at: datetime | None
    safe_contact: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Cards that nobody has taken on come first, the oldest first. ``opens`` is the next opening; now, in hours."""

    waiting: tuple[RoomCard, ...]
    taken: tuple[RoomCard, ...]
    open_now: bool
    opens: datetime
    minutes: int
    on_call: str
    not_told: int


def room(unit: Unit, policy: Policy, now: datetime, hours: Hours) -> Room:
    minutes = policy.clause("S0").thresholds.get("first_look_minutes", 15)
    flags = sorted(unit.flags.listed(kinds=(FlagKind.SAFEGUARDING,)), key=lambda flag: (flag.opened, flag.id))
    cards = _cards(unit, flags, policy, now, hours)
    return Room(
        waiting=tuple(card for card in cards if card.taken_by is None),
        taken=tuple(card for card in cards if card.taken_by is not None),
        open_now=hours.is_open(now),
        opens=hours.starts(now),
        minutes=int(minutes),
        on_call=policy.on_call,
        not_told=unit.notices.given_up(),
    )


def _cards(unit: Unit, flags: Sequence[Flag], policy: Policy, now: datetime, hours: Hours) -> tuple[RoomCard, ...]:
    issues = unit.issues.some({flag.issue_id for flag in flags})
    people = unit.landlord.customers_by_ref({flag.customer_ref for flag in flags})
    found = []
    for flag in flags:
        by = first_look_by("S0", flag.opened, policy, hours) or flag.opened
        issue, person = issues.get(flag.issue_id), people.get(flag.customer_ref)
        found.append(
            RoomCard(
                flag_id=flag.id,
                title=seen(issue.title) if issue and issue.title else "No subject",
                who=pseudonym(flag.customer_ref),
                contacts=len({contact for code in flag.codes for contact in code.contacts}),
                raised=flag.opened,
                starts=hours.starts(flag.opened),
                by=by,
                late=flag.acknowledged_by is None and by < now,
                taken_by=flag.acknowledged_by,
                taken_at=flag.acknowledged_at,
                safe_contact=(seen(person.safe_contact),) if person and person.safe_contact else (),
                version=flag.version,
            )
        )
    return tuple(found)
