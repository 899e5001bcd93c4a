"""What a person may know of, in SQL: the one place where teams narrow pages, lists, searches, counts, files and the API.

| thing | belongs to |
|---|---|
| issue, and what stands on it: behaviour, hazard and service-failure flags, incident records, what we owe | every team at one of whose places a contact of the issue came in or went out |
| contact | the teams of its issue; without one, those of its own places |
| staff-safety card and its evidence | everybody whose role sees the kind: a danger to staff stops at no team |
| safeguarding card | its role, whatever the team (C27) |
"""

from collections.abc import Callable, Collection, Iterable

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, delete, exists, insert, or_, select, true

from triage.domain.contact import Contact
from triage.domain.flag import Flag, FlagKind
from triage.domain.team import EVERYTHING, Sight, folded
from triage.store.quick import Quick, one_of
from triage.store.tables import contact, contact_place, flag, flag_contact

# Asked at every arrival.
_PLACES = Quick(select(contact_place.c.place).where(contact_place.c.contact_id == bindparam("contact")))
_ADD_PLACE = Quick(insert(contact_place), ["contact_id", "place"])


def keep_places(connection: Connection, item: Contact) -> None:
    """Notes where a contact came in or went out: the routes and accounts of its deliveries."""
    here = {folded(name) for delivery in item.deliveries for name in (delivery.route, delivery.account) if name.strip()}
    known = set(_PLACES.values(connection, {"contact": item.id}))
    if known - here:
        of_it = contact_place.c.contact_id == item.id
        connection.execute(delete(contact_place).where(of_it, contact_place.c.place.in_(known - here)))
    for place in sorted(here - known):
        _ADD_PLACE.change(connection, {"contact_id": item.id, "place": place})


def sees_issue(sight: Sight, issue_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether an issue is this person's to know of; ``issue_id`` is the column that names it."""
    if sight.everything:
        return true()
    around = contact.alias("around")

    def at(places: frozenset[str]) -> ColumnElement[bool]:
        here = and_(contact_place.c.contact_id == around.c.id, one_of(contact_place.c.place, sorted(places)))
        return exists().where(around.c.issue_id == issue_id, here).correlate_except(around, contact_place)

    return _rule(sight, at)


def sees_flag(sight: Sight) -> ColumnElement[bool]:
    """Whether a row of `flag` is this person's to know of. Kinds are another matter: a role sees its kinds alone."""
    if sight.everything:
        return true()
    return or_(flag.c.kind == FlagKind.STAFF_SAFETY.value, sees_issue(sight, flag.c.issue_id))


def sees_contact(sight: Sight) -> ColumnElement[bool]:
    """Whether a row of `contact` is this person's to know of."""
    if sight.everything:
        return true()

    def at(places: frozenset[str]) -> ColumnElement[bool]:
        here = and_(contact_place.c.contact_id == contact.c.id, one_of(contact_place.c.place, sorted(places)))
        return exists().where(here).correlate_except(contact_place)

    own = _rule(sight, at)
    card = flag.alias("danger")
    danger = (
        exists()
        .where(
            flag_contact.c.contact_id == contact.c.id,
            card.c.id == flag_contact.c.flag_id,
            card.c.kind == FlagKind.STAFF_SAFETY.value,
        )
        .correlate_except(flag_contact, card)
    )
    return or_(danger, case((contact.c.issue_id.is_(None), own), else_=sees_issue(sight, contact.c.issue_id)))


def _rule(sight: Sight, at: Callable[[frozenset[str]], ColumnElement[bool]]) -> ColumnElement[bool]:
    """``Sight.sees`` in SQL; ``at`` says whether a thing is at one of these places."""
    return or_(at(sight.mine), ~at(sight.owned)) if sight.mine else ~at(sight.owned)


class Sights:
    """Asks what of these a person may know of. Whoever asks has read by id already and drops what is not here."""

    def __init__(self, connection: Connection, sight: Sight = EVERYTHING) -> None:
        self._connection = connection
        self._sight = sight

    def issues(self, issue_ids: Iterable[str]) -> set[str]:
        """Those of these issues that may be known of. One without a contact belongs to no team."""
        ids = set(issue_ids)
        if self._sight.everything or not ids:
            return ids
        here = select(contact.c.issue_id, contact_place.c.place).join(
            contact_place, contact_place.c.contact_id == contact.c.id
        )
        places: dict[str, set[str]] = {issue_id: set() for issue_id in ids}
        for some in _parts(ids):
            for issue_id, place in self._connection.execute(here.where(contact.c.issue_id.in_(some)).distinct()):
                places[issue_id].add(place)
        return {issue_id for issue_id in ids if self._sight.sees(places[issue_id])}

    def issue(self, issue_id: str) -> bool:
        return bool(self.issues([issue_id]))

    def contacts(self, contact_ids: Iterable[str]) -> set[str]:
        ids = set(contact_ids)
        if self._sight.everything or not ids:
            return ids
        query = select(contact.c.id).where(sees_contact(self._sight))
        return {
            found
            for some in _parts(ids)
            for found in self._connection.execute(query.where(contact.c.id.in_(some))).scalars()
        }

    def contact(self, contact_id: str) -> bool:
        return bool(self.contacts([contact_id]))

    def flags(self, flags: Collection[Flag]) -> list[Flag]:
        """Those of these flags that may be known of, in their order."""
        seen = self.issues({flag.issue_id for flag in flags if flag.kind is not FlagKind.STAFF_SAFETY})
        return [flag for flag in flags if flag.kind is FlagKind.STAFF_SAFETY or flag.issue_id in seen]

    def flag(self, flag: Flag) -> bool:
        return bool(self.flags([flag]))


def _parts(ids: Collection[str], size: int = 500) -> Iterable[list[str]]:
    """A statement takes so many values at most."""
    ordered = sorted(ids)
    return (ordered[start : start + size] for start in range(0, len(ordered), size))
