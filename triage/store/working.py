"""How people work through the queue: what is put aside or assigned, who is looking, saved views, reveals and choices."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from triage.store.quick import Quick, listed, put_row
from triage.store.tables import desk_choice, desk_mark, flag_contact, presence, reveal, saved_view, session, view


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskMark:
    """What people have said of a flag's place in the queue; nothing of it is a decision, and all of it can be taken back.

    ``version`` is the flag's when it was said: a flag that has changed since is work again.
    """

    flag_id: str
    version: int
    assigned_to: str | None = None
    snoozed_until: datetime | None = None
    duplicate_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A list's address under a name, for its owner or for everybody."""

    id: str
    owner: str
    name: str
    query: str
    shared: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How much a person wants to meet: whether abusive words are veiled, which codes they leave to others, their last break."""

    person: str
    veiled: bool = False
    skip: frozenset[str] = field(default_factory=frozenset)
    break_at: datetime | None = None


_MARK = ("flag_id", "version", "assigned_to", "snoozed_until", "duplicate_of")
_MARKS = Quick(select(*(desk_mark.c[name] for name in _MARK)).where(desk_mark.c.flag_id.in_(listed("flags"))))
_DUPLICATES = Quick(
    select(desk_mark.c.flag_id, desk_mark.c.duplicate_of).where(desk_mark.c.duplicate_of.in_(listed("flags")))
)
_PUT_PRESENCE = put_row(presence, ("flag_id", "person"), ("at",))
_LOOKING = [
    Quick(
        select(table.c.flag_id, table.c.person)
        .where(table.c.flag_id.in_(listed("flags")), table.c.at > bindparam("since"))
        .order_by(table.c.person)
    )
    for table in (view, presence)
]
_PEOPLE = Quick(
    select(session.c.person).distinct().where(session.c.role.in_(listed("roles")), session.c.expires > bindparam("now"))
)
_VIEW = ("id", "owner", "name", "query", "shared", "at")
_VIEWS = Quick(
    select(*(saved_view.c[name] for name in _VIEW))
    .where(or_(saved_view.c.owner == bindparam("by"), saved_view.c.shared.is_(True)))
    .order_by(saved_view.c.name, saved_view.c.id)
)
_REVEALED = Quick(
    select(reveal.c.until)
    .where(reveal.c.subject == bindparam("of"), reveal.c.person == bindparam("by"), reveal.c.until > bindparam("now"))
    .limit(1)
)
_CHOICE = Quick(
    select(desk_choice.c.veiled, desk_choice.c.skip, desk_choice.c.break_at).where(
        desk_choice.c.person == bindparam("by")
    )
)
_HAVING = select(flag_contact.c.flag_id).where(
    flag_contact.c.flag_id == view.c.flag_id, flag_contact.c.code.in_(listed("codes"))
)
_SEEN_SINCE = Quick(
    select(view.c.at)
    .where(view.c.person == bindparam("by"), view.c.at > bindparam("since"), _HAVING.exists())
    .order_by(view.c.at)
)


class Working:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # marks

    def marks(self, flag_ids: Collection[str]) -> dict[str, DeskMark]:
        rows = _MARKS.rows(self._connection, {"flags": flag_ids})
        return {row[0]: DeskMark(**dict(zip(_MARK, row, strict=True))) for row in rows}

    def duplicates_of(self, flag_ids: Collection[str]) -> dict[str, list[str]]:
        """The flags marked as duplicates of these."""
        found: dict[str, list[str]] = {}
        for flag_id, duplicate_of in _DUPLICATES.rows(self._connection, {"flags": flag_ids}):
            found.setdefault(duplicate_of, []).append(flag_id)
        return found

    def put_mark(self, mark: DeskMark) -> None:
        values = {
            "version": mark.version,
            "assigned_to": mark.assigned_to,
            "snoozed_until": mark.snoozed_until,
            "duplicate_of": mark.duplicate_of,
        }
        key = desk_mark.c.flag_id == mark.flag_id
        if self._connection.execute(update(desk_mark).where(key).values(**values)).rowcount == 0:
            self._connection.execute(insert(desk_mark).values(flag_id=mark.flag_id, **values))

    # who is looking

    def note_presence(self, flag_id: str, person: str, at: datetime) -> None:
        _PUT_PRESENCE.change(self._connection, {"flag_id": flag_id, "person": person, "at": at})

    def looking(self, flag_ids: Collection[str], since: datetime) -> dict[str, list[str]]:
        """Who has opened each flag, or still had it open, after ``since``."""
        found: dict[str, list[str]] = {}
        for query in _LOOKING:
            for flag_id, person in query.rows(self._connection, {"flags": flag_ids, "since": since}):
                names = found.setdefault(flag_id, [])
                if person not in names:
                    names.append(person)
        return found

    def people(self, roles: Iterable[str], now: datetime) -> list[str]:
        """Who is signed in with one of these roles: those to whom work can be given."""
        return sorted(_PEOPLE.values(self._connection, {"roles": list(roles), "now": now}))

    # saved views

    def add_view(self, item: SavedView) -> None:
        values = {"owner": item.owner, "name": item.name, "query": item.query, "shared": item.shared, "at": item.at}
        self._connection.execute(insert(saved_view).values(id=item.id, **values))

    def views(self, person: str) -> list[SavedView]:
        """A person's own and the shared ones, by name."""
        rows = _VIEWS.rows(self._connection, {"by": person})
        return [SavedView(**dict(zip(_VIEW, row, strict=True))) for row in rows]

    def remove_view(self, view_id: str, owner: str) -> bool:
        """Only its owner takes a view away; False where there is none of theirs."""
        gone = delete(saved_view).where(saved_view.c.id == view_id, saved_view.c.owner == owner)
        return self._connection.execute(gone).rowcount == 1

    # reveals

    def note_reveal(self, subject: str, person: str, until: datetime) -> None:
        self._connection.execute(delete(reveal).where(reveal.c.subject == subject, reveal.c.person == person))
        self._connection.execute(insert(reveal).values(subject=subject, person=person, until=until))

    def revealed_until(self, subject: str, person: str, now: datetime) -> datetime | None:
        found = _REVEALED.first(self._connection, {"of": subject, "by": person, "now": now})
        return found[0] if found else None

    # choices and exposure

    def choice(self, person: str) -> Choice:
        found = _CHOICE.first(self._connection, {"by": person})
        if found is None:
            return Choice(person=person)
        veiled, skip, break_at = found
        return Choice(person=person, veiled=veiled, skip=frozenset(json.loads(skip)), break_at=break_at)

    def put_choice(self, item: Choice) -> None:
        values = {"veiled": item.veiled, "skip": json.dumps(sorted(item.skip)), "break_at": item.break_at}
        key = desk_choice.c.person == item.person
        if self._connection.execute(update(desk_choice).where(key).values(**values)).rowcount == 0:
            self._connection.execute(insert(desk_choice).values(person=item.person, **values))

    def seen_since(self, person: str, codes: Collection[str], since: datetime) -> list[datetime]:
        """When this person last opened each flag with one of these codes, in order, after ``since``."""
        return _SEEN_SINCE.values(self._connection, {"by": person, "since": since, "codes": codes})
