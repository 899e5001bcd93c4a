"""The queue in order, read by index and one page at a time: no flag is unpacked that the page does not show."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, literal, or_, select

from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.review import Review
from triage.domain.team import EVERYTHING, Sight
from triage.store.codec import unpack, unpack_known
from triage.store.sight import sees_contact, sees_flag
from triage.store.tables import contact, desk_mark, flag, flag_contact, issue, review

DAYS_A_STEP: Final = 1.0
"""How many days a flag without a clock may be passed by newer ones for each step of urgency: age never starves.

With steps up to 16 no flag is passed by one that came more than 16 days later.
"""


class Shown(StrEnum):
    """Which of the flags of a state: those to work on, or those that somebody put aside."""

    WORK = "work"
    SNOOZED = "snoozed"
    DUPLICATES = "duplicates"
    SKIPPED = "skipped"


class Held(StrEnum):
    """Whose: claimed by or assigned to this person, nobody's at all, or another reader's turn; ``GIVE``: this person's turn as that."""

    ANY = ""
    MINE = "mine"
    FREE = "free"
    SECOND = "second"
    GIVE = "give"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one person's list holds, of what their ``sight`` lets them know of. ``clocked`` are the urgencies whose clauses have a clock; ``skip`` codes are not shown.

    ``text`` is looked for in the titles of issues that are not with safeguarding; ``people`` are references that it names.
    """

    states: Collection[FlagState]
    kinds: Collection[FlagKind]
    person: str
    now: datetime
    sight: Sight = EVERYTHING
    clocked: Collection[int] = ()
    code: str | None = None
    held: Held = Held.ANY
    shown: Shown = Shown.WORK
    overdue: bool = False
    skip: Collection[str] = ()
    text: str = ""
    people: Collection[str] = ()
    codes_named: Collection[str] = ()


class Listing:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, wanted: Wanted) -> int:
        number: int = self._connection.execute(self._chosen(select(func.count()), wanted)).scalar_one()
        return number

    def aside(self, wanted: Wanted) -> tuple[int, int]:
        """How many of these somebody put off, and how many are folded as duplicates; a flag may be both."""
        each = (replace(wanted, shown=shown) for shown in (Shown.SNOOZED, Shown.DUPLICATES))
        counts = select(*(self._chosen(select(func.count()), one).scalar_subquery() for one in each))
        snoozed, duplicates = self._connection.execute(counts).one()
        return snoozed, duplicates

    def page(self, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Flag]:
        """Those with a clock first, by urgency and age; then the others, where each day of age makes up for one step."""
        query = self._chosen(select(flag.c.id), wanted).order_by(*_order(wanted.clocked)).limit(limit).offset(offset)
        ids = list(self._connection.execute(query).scalars())  # put in order from an index; only then the bodies
        bodies = select(flag.c.id, flag.c.body).where(flag.c.id.in_(ids))
        found = dict(self._connection.execute(bodies).all())
        return [unpack_known(Flag, found[flag_id]) for flag_id in ids]

    def after(self, wanted: Wanted, flag_id: str) -> Flag | None:
        """The first flag that follows this one in the list; from the top where none follows."""
        query = self._chosen(select(flag.c.id), wanted).order_by(*_order(wanted.clocked))
        free = [found for found in self._connection.execute(query.limit(2)).scalars() if found != flag_id]
        at = select(*_order(wanted.clocked)).where(flag.c.id == flag_id)
        place = self._connection.execute(at).first()
        following = free[0] if free else None
        if place is not None and free:
            rank = tuple(_order(wanted.clocked))
            later = self._chosen(select(flag.c.id), wanted).where(flag.c.id != flag_id)
            later = later.where(
                or_(
                    rank[0] > place[0],
                    and_(rank[0] == place[0], rank[1] > place[1]),
                    and_(rank[0] == place[0], rank[1] == place[1], flag.c.id > flag_id),
                )
            )
            following = self._connection.execute(later.order_by(*rank).limit(1)).scalar() or following
        if following is None:
            return None
        body = self._connection.execute(select(flag.c.body).where(flag.c.id == following)).scalar_one()
        return unpack(Flag, body)

    def cards(self, sight: Sight = EVERYTHING) -> list[tuple[str, datetime]]:
        """Whose safeguarding cards are open, and since when, in the order of the queue."""
        query = select(flag.c.customer_ref, flag.c.opened).where(_in((FlagState.OPEN,), (FlagKind.SAFEGUARDING,)))
        query = query.where(sees_flag(sight))
        rows = self._connection.execute(query.order_by(flag.c.urgency, flag.c.opened, flag.c.id))
        return [(row.customer_ref, row.opened) for row in rows]

    def reviews_of(self, flag_ids: Collection[str]) -> dict[str, list[Review]]:
        """What people have said of these flags, the earliest first; a flag of which nobody has is left out."""
        query = select(review.c.flag_id, review.c.body).where(review.c.flag_id.in_(flag_ids))
        found: dict[str, list[Review]] = {}
        for row in self._connection.execute(query.order_by(review.c.at, review.c.id)):
            found.setdefault(row.flag_id, []).append(unpack(Review, row.body))
        return found

    def people_of(self, states: Collection[FlagState], kinds: Collection[FlagKind]) -> set[str]:
        """The references of everybody who has such a flag: for finding one by the pseudonym that pages show."""
        query = select(flag.c.customer_ref).distinct().where(_in(states, kinds))
        return set(self._connection.execute(query).scalars())

    def inflow(self, since: datetime, sight: Sight = EVERYTHING) -> tuple[int, int, int]:
        """Contacts that came in since then, those of them that could not be read, and codes raised."""
        incoming = and_(contact.c.direction == "in", contact.c.received >= since, sees_contact(sight))
        came_in = select(func.count()).select_from(contact).where(incoming)
        unread = select(func.count()).select_from(contact).where(incoming, contact.c.not_scored.is_not(None))
        raised = and_(flag.c.state == "open", flag.c.opened >= since, sees_flag(sight))
        opened = select(func.count()).select_from(flag).where(raised)
        counts = select(*(number.scalar_subquery() for number in (came_in, unread, opened)))
        one, two, three = self._connection.execute(counts).one()
        return one, two, three

    def _chosen(self, query: Select, wanted: Wanted) -> Select:  # type: ignore[type-arg]
        marked = flag.outerjoin(desk_mark, desk_mark.c.flag_id == flag.c.id)
        query = query.select_from(marked if wanted.held in (Held.MINE, Held.FREE) else flag)
        query = query.where(_in(wanted.states, wanted.kinds), *_is_shown(wanted), sees_flag(wanted.sight))
        if wanted.code:
            query = query.where(_has_code([wanted.code]))
        if wanted.shown is Shown.SKIPPED:
            query = query.where(_has_code(wanted.skip))
        elif wanted.skip:
            query = query.where(~_has_code(wanted.skip))
        if wanted.overdue:
            query = query.where(func.julianday(_field("due")) < func.julianday(wanted.now.isoformat()))
        if wanted.held is not Held.ANY:
            query = query.where(_held(wanted))
        if wanted.text:
            query = query.where(self._matches(wanted))
        return query

    def _matches(self, wanted: Wanted) -> ColumnElement[bool]:
        title = func.lower(func.json_extract(issue.c.body, "$.title"))
        titled = exists().where(issue.c.id == flag.c.issue_id, title.contains(wanted.text.lower(), autoescape=True))
        card = flag.alias("card")
        secret = exists().where(card.c.issue_id == flag.c.issue_id, card.c.kind == FlagKind.SAFEGUARDING.value)
        named = titled if FlagKind.SAFEGUARDING in wanted.kinds else and_(titled, ~secret)
        found = [named, flag.c.id == wanted.text.lower(), flag.c.customer_ref.in_(wanted.people)]
        if wanted.codes_named:
            found.append(_has_code(wanted.codes_named))
        return or_(*found)


def _in(states: Collection[FlagState], kinds: Collection[FlagKind]) -> ColumnElement[bool]:
    return and_(flag.c.state.in_([state.value for state in states]), flag.c.kind.in_([kind.value for kind in kinds]))


def _order(clocked: Collection[int]) -> Sequence[ColumnElement[object]]:
    tier = case((flag.c.urgency.in_(clocked), flag.c.urgency), else_=1000)
    wait = case((flag.c.urgency.in_(clocked), 0.0), else_=flag.c.urgency * DAYS_A_STEP)
    return (tier, func.julianday(flag.c.opened) + wait, flag.c.id)


def _has_code(codes: Collection[str]) -> ColumnElement[bool]:
    return exists().where(flag_contact.c.flag_id == flag.c.id, flag_contact.c.code.in_(codes))


def _field(name: str) -> ColumnElement[str]:
    return func.json_extract(flag.c.body, f"$.{name}")


def _is_shown(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What somebody put aside is looked up by its marks, which are few; what is to work on is all the rest."""
    snoozed, duplicate = desk_mark.c.snoozed_until > wanted.now, desk_mark.c.duplicate_of.is_not(None)
    if wanted.shown is Shown.SNOOZED:
        return [flag.c.id.in_(_marked(snoozed))]
    if wanted.shown is Shown.DUPLICATES:
        return [flag.c.id.in_(_marked(duplicate))]
    if wanted.shown is Shown.WORK and wanted.states == (FlagState.OPEN,):
        return [flag.c.id.not_in(_marked(or_(snoozed, duplicate)))]
    return []


def _marked(how: ColumnElement[bool]) -> Select[tuple[str]]:
    """A mark holds while the flag is as it was: what has changed since is work again."""
    was = flag.alias("was")
    version = select(was.c.version).where(was.c.id == desk_mark.c.flag_id).scalar_subquery()
    return select(desk_mark.c.flag_id).where(how, desk_mark.c.version == version)


def _held(wanted: Wanted) -> ColumnElement[bool]:
    live = func.julianday(_field("claimed_until")) > func.julianday(wanted.now.isoformat())
    claimed = func.coalesce(and_(_field("claimed_by").is_not(None), live), False)
    if wanted.held is Held.SECOND:
        return or_(_opinion(), _unsure())
    if wanted.held is Held.GIVE:
        return or_(and_(_opinion(), ~_opinion(wanted.person)), and_(_unsure(), ~_unsure(wanted.person)))
    if wanted.held is Held.MINE:
        mine = func.coalesce(_field("claimed_by") == wanted.person, False)
        return or_(and_(mine, claimed.is_(True)), desk_mark.c.assigned_to == wanted.person)
    others = func.coalesce(desk_mark.c.assigned_to.not_in([wanted.person]), False)
    free = or_(claimed.is_(False), func.coalesce(_field("claimed_by") == wanted.person, False))
    return and_(free, others.is_(False), ~_opinion(wanted.person))


def _opinion(person: str | None = None) -> ColumnElement[bool]:
    """Somebody, or this person, has given an opinion on the flag that waits for another's."""
    waiting = func.json_each(flag.c.body, "$.opinions").table_valued("value")
    given = exists().where(review.c.flag_id == flag.c.id, review.c.id.in_(select(waiting.c.value)))
    return given if person is None else given.where(review.c.reviewer == person)


def _unsure(person: str | None = None) -> ColumnElement[bool]:
    """The last reader of the flag, or this person as its last reader, was unsure and has not taken it back."""
    later, decision = review.alias("later"), func.json_each(review.c.body, "$.decisions").table_valued("value")
    answers = select(func.json_extract(decision.c.value, "$.answer"))
    last = ~exists().where(later.c.flag_id == flag.c.id, later.c.at > review.c.at)
    stands = func.json_extract(review.c.body, "$.withdrawn").is_(None)
    found = exists().where(review.c.flag_id == flag.c.id, last, stands, literal("unsure").in_(answers))
    return found if person is None else found.where(review.c.reviewer == person)
