"""The queue in order, read by index and one page at a time: no flag is unpacked that the page does not show."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)

from triage.domain.flag import Flag, FlagKind, FlagState
from triage.domain.review import Review
from triage.domain.team import EVERYTHING, Sight
from triage.store.codec import unpack_known
from triage.store.quick import Quick, listed, one_of
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


_NOW: Final[BindParameter[Any]] = bindparam("now")
_NOW_TEXT: Final[BindParameter[Any]] = bindparam("now_text")
_PERSON: Final[BindParameter[Any]] = bindparam("person")
_SINCE: Final[BindParameter[Any]] = bindparam("since")
_BODIES = Quick(select(flag.c.id, flag.c.body).where(flag.c.id.in_(listed("flags"))))
_REVIEWS = Quick(
    select(review.c.flag_id, review.c.body)
    .where(review.c.flag_id.in_(listed("flags")))
    .order_by(review.c.at, review.c.id)
)


class Listing:
    """Each statement is put together once for lists of its kind; when, and for whom, is given with the asking."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, wanted: Wanted) -> int:
        number: int = _count(_kept(wanted)).values(self._connection, _asked(wanted))[0]
        return number

    def aside(self, wanted: Wanted) -> tuple[int, int]:
        """How many of these somebody put off, and how many are folded as duplicates; a flag may be both."""
        ((snoozed, duplicates),) = _counts_aside(_kept(wanted)).rows(self._connection, _asked(wanted))
        return snoozed, duplicates

    def page(self, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Flag]:
        """Those with a clock first, by urgency and age; then the others, where each day of age makes up for one step.

        The first of each urgency are read from the index, and put together here: no walk through the whole queue.
        """
        kept, asked = _kept(wanted), {**_asked(wanted), "most": offset + limit}
        first: list[tuple[int, datetime, str]] = []
        for urgency in _urgencies(kept).values(self._connection):
            wait = timedelta() if urgency in wanted.clocked else timedelta(days=urgency * DAYS_A_STEP)
            tier = urgency if urgency in wanted.clocked else _NO_CLOCK
            rows = _first_of(kept).rows(self._connection, {**asked, "urgency": urgency})
            first += [(tier, opened + wait, flag_id) for opened, flag_id in rows]
        ids = [flag_id for _, _, flag_id in sorted(first)[offset : offset + limit]]
        found = dict(_BODIES.rows(self._connection, {"flags": ids}))
        return [unpack_known(Flag, found[flag_id]) for flag_id in ids]

    def after(self, wanted: Wanted, flag_id: str) -> Flag | None:
        """The first flag that follows this one in the list; from the top where none follows."""
        first = [found for found in self.page(wanted, limit=2) if found.id != flag_id]
        if not first:
            return None
        asked = {**_asked(wanted), "flag": flag_id}
        place = _place(_kept(wanted)).first(self._connection, asked)
        if place is None:
            return first[0]
        following = _later(_kept(wanted)).values(self._connection, {**asked, "tier": place[0], "rank": place[1]})
        bodies = _BODIES.rows(self._connection, {"flags": following})
        return unpack_known(Flag, bodies[0][1]) if bodies else first[0]

    def cards(self, sight: Sight = EVERYTHING) -> list[tuple[str, datetime]]:
        """Whose safeguarding cards are open, and since when, in the order of the queue."""
        return [(customer_ref, opened) for customer_ref, opened in _cards(sight).rows(self._connection)]

    def reviews_of(self, flag_ids: Collection[str]) -> dict[str, list[Review]]:
        """What people have said of these flags, the earliest first; a flag of which nobody has is left out."""
        found: dict[str, list[Review]] = {}
        for flag_id, body in _REVIEWS.rows(self._connection, {"flags": flag_ids}):
            found.setdefault(flag_id, []).append(unpack_known(Review, body))
        return found

    def people_of(self, states: Collection[FlagState], kinds: Collection[FlagKind]) -> set[str]:
        """The references of everybody who has such a flag: for finding one by the pseudonym that pages show."""
        return set(Quick(select(flag.c.customer_ref).distinct().where(_in(states, kinds))).values(self._connection))

    def inflow(self, since: datetime, sight: Sight = EVERYTHING) -> tuple[int, int, int]:
        """Contacts that came in since then, those of them that could not be read, and codes raised."""
        ((one, two, three),) = _inflow(sight).rows(self._connection, {"since": since})
        return one, two, three


# the statements, each by what of a list stays the same from one asking to the next

_NO_CLOCK: Final = 1000
_BEFORE: Final = datetime(1, 1, 1, tzinfo=UTC)


def _kept(wanted: Wanted) -> Wanted:
    """The list without when and for whom, so that it can be looked up by."""
    return replace(
        wanted,
        states=tuple(wanted.states),
        kinds=tuple(wanted.kinds),
        person="",
        now=_BEFORE,
        clocked=frozenset(wanted.clocked),
        skip=frozenset(wanted.skip),
        people=tuple(wanted.people),
        codes_named=tuple(wanted.codes_named),
    )


def _asked(wanted: Wanted) -> dict[str, Any]:
    return {"now": wanted.now, "now_text": wanted.now.isoformat(), "person": wanted.person}


@lru_cache(maxsize=64)
def _count(wanted: Wanted) -> Quick:
    return Quick(_chosen(select(func.count()), wanted))


@lru_cache(maxsize=64)
def _counts_aside(wanted: Wanted) -> Quick:
    each = (replace(wanted, shown=shown) for shown in (Shown.SNOOZED, Shown.DUPLICATES))
    return Quick(select(*(_chosen(select(func.count()), one).scalar_subquery() for one in each)))


@lru_cache(maxsize=64)
def _urgencies(wanted: Wanted) -> Quick:
    return Quick(select(flag.c.urgency).distinct().where(_has_state(wanted.states)))


@lru_cache(maxsize=64)
def _first_of(wanted: Wanted) -> Quick:
    """The oldest flags of one urgency."""
    chosen = _chosen(select(flag.c.opened, flag.c.id), wanted).where(flag.c.urgency == bindparam("urgency"))
    return Quick(chosen.order_by(flag.c.opened, flag.c.id).limit(bindparam("most")))


@lru_cache(maxsize=64)
def _place(wanted: Wanted) -> Quick:
    return Quick(select(*_order(wanted.clocked)).where(flag.c.id == bindparam("flag")))


@lru_cache(maxsize=64)
def _later(wanted: Wanted) -> Quick:
    """The first flag after a place in the list."""
    tier, rank, flag_id = _order(wanted.clocked)
    after = or_(
        tier > bindparam("tier"),
        and_(tier == bindparam("tier"), rank > bindparam("rank")),
        and_(tier == bindparam("tier"), rank == bindparam("rank"), flag_id > bindparam("flag")),
    )
    chosen = _chosen(select(flag.c.id), wanted).where(flag.c.id != bindparam("flag"), after)
    return Quick(chosen.order_by(tier, rank, flag_id).limit(1))


@lru_cache(maxsize=64)
def _cards(sight: Sight) -> Quick:
    query = select(flag.c.customer_ref, flag.c.opened).where(_in((FlagState.OPEN,), (FlagKind.SAFEGUARDING,)))
    return Quick(query.where(sees_flag(sight)).order_by(flag.c.urgency, flag.c.opened, flag.c.id))


@lru_cache(maxsize=64)
def _inflow(sight: Sight) -> Quick:
    incoming = and_(contact.c.direction == "in", contact.c.received >= _SINCE, sees_contact(sight))
    came_in = select(func.count()).select_from(contact).where(incoming)
    unread = select(func.count()).select_from(contact).where(incoming, contact.c.not_scored.is_not(None))
    raised = and_(flag.c.state == "open", flag.c.opened >= _SINCE, sees_flag(sight))
    opened = select(func.count()).select_from(flag).where(raised)
    return Quick(select(*(number.scalar_subquery() for number in (came_in, unread, opened))))


def _chosen(query: Select, wanted: Wanted) -> Select:  # type: ignore[type-arg]
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
        query = query.where(func.julianday(_field("due")) < func.julianday(_NOW_TEXT))
    if wanted.held is not Held.ANY:
        query = query.where(_held(wanted))
    if wanted.text:
        query = query.where(_matches(wanted))
    return query


def _matches(wanted: Wanted) -> ColumnElement[bool]:
    title = func.lower(func.json_extract(issue.c.body, "$.title"))
    titled = exists().where(issue.c.id == flag.c.issue_id, title.contains(wanted.text.lower(), autoescape=True))
    card = flag.alias("card")
    secret = exists().where(card.c.issue_id == flag.c.issue_id, card.c.kind == FlagKind.SAFEGUARDING.value)
    named = titled if FlagKind.SAFEGUARDING in wanted.kinds else and_(titled, ~secret)
    found = [named, flag.c.id == wanted.text.lower(), one_of(flag.c.customer_ref, wanted.people)]
    if wanted.codes_named:
        found.append(_has_code(wanted.codes_named))
    return or_(*found)


def _has_state(states: Collection[FlagState]) -> ColumnElement[bool]:
    return one_of(flag.c.state, [state.value for state in states])


def _in(states: Collection[FlagState], kinds: Collection[FlagKind]) -> ColumnElement[bool]:
    return and_(_has_state(states), one_of(flag.c.kind, [kind.value for kind in kinds]))


def _order(clocked: Collection[int]) -> Sequence[ColumnElement[Any]]:
    has_clock = one_of(flag.c.urgency, sorted(clocked))
    tier = case((has_clock, flag.c.urgency), else_=_NO_CLOCK)
    wait = case((has_clock, 0.0), else_=flag.c.urgency * DAYS_A_STEP)
    return (tier, func.julianday(flag.c.opened) + wait, flag.c.id)


def _has_code(codes: Collection[str]) -> ColumnElement[bool]:
    return exists().where(flag_contact.c.flag_id == flag.c.id, one_of(flag_contact.c.code, sorted(codes)))


def _field(name: str) -> ColumnElement[str]:
    return func.json_extract(flag.c.body, f"$.{name}")


def _is_shown(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What somebody put aside is looked up by its marks, which are few; what is to work on is all the rest."""
    snoozed, duplicate = desk_mark.c.snoozed_until > _NOW, desk_mark.c.duplicate_of.is_not(None)
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
    live = func.julianday(_field("claimed_until")) > func.julianday(_NOW_TEXT)
    claimed = func.coalesce(and_(_field("claimed_by").is_not(None), live), False)
    if wanted.held is Held.SECOND:
        return or_(_opinion(), _unsure())
    if wanted.held is Held.GIVE:
        return or_(and_(_opinion(), ~_opinion(_PERSON)), and_(_unsure(), ~_unsure(_PERSON)))
    if wanted.held is Held.MINE:
        mine = func.coalesce(_field("claimed_by") == _PERSON, False)
        return or_(and_(mine, claimed.is_(True)), desk_mark.c.assigned_to == _PERSON)
    others = func.coalesce(desk_mark.c.assigned_to != _PERSON, False)
    free = or_(claimed.is_(False), func.coalesce(_field("claimed_by") == _PERSON, False))
    return and_(free, others.is_(False), ~_opinion(_PERSON))


def _opinion(person: ColumnElement[str] | None = None) -> ColumnElement[bool]:
    """Somebody, or this person, has given an opinion on the flag that waits for another's."""
    waiting = func.json_each(flag.c.body, "$.opinions").table_valued("value")
    given = exists().where(review.c.flag_id == flag.c.id, review.c.id.in_(select(waiting.c.value)))
    return given if person is None else given.where(review.c.reviewer == person)


def _unsure(person: ColumnElement[str] | None = None) -> ColumnElement[bool]:
    """The last reader of the flag, or this person as its last reader, was unsure and has not taken it back."""
    later, decision = review.alias("later"), func.json_each(review.c.body, "$.decisions").table_valued("value")
    answers = select(func.json_extract(decision.c.value, "$.answer"))
    last = ~exists().where(later.c.flag_id == review.c.flag_id, later.c.at > review.c.at)
    stands = func.json_extract(review.c.body, "$.withdrawn").is_(None)
    found = exists().where(review.c.flag_id == flag.c.id, last, stands, literal("unsure").in_(answers))
    return found if person is None else found.where(review.c.reviewer == person)
